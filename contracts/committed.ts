/**
 * What of the compiled contracts the programs outside need, as text of src/chain/contracts.json:
 * creation bytecode by contract. The text is committed, so that nobody needs a compiler to run;
 * a test holds it equal to what the compiler gives.
 */
import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import config from "./hardhat.config.ts";

const committed = ["RingSettlement", "RingReads", "TestToken"];

/** Where the text belongs. */
export const committedPath: URL = new URL("../src/chain/contracts.json", import.meta.url);

/** A compiled contract, as the compiler's artifact has it. */
export type Compiled = { readonly name: string; readonly abi: readonly unknown[] };

/** Compiles what has changed, and makes the text anew. */
export async function compileCommitted(): Promise<{
  readonly text: string;
  readonly contracts: readonly Compiled[];
}> {
  const hre = await createHardhatRuntimeEnvironment(config, {}, import.meta.dirname);
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const artifacts = await Promise.all(committed.map((name) => hre.artifacts.readArtifact(name)));
  const entries = artifacts.map(({ contractName, bytecode }) => [contractName, bytecode]);
  return {
    text: `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`,
    contracts: artifacts.map(({ contractName, abi }) => ({ name: contractName, abi })),
  };
}
