/** What both Hardhat configurations share: where things are, and which compiler. */
import { createRequire } from "node:module";
import { join } from "node:path";

export const contracts: string = import.meta.dirname;
export const root: string = join(contracts, "..");
/** Everything that is made. */
export const build: string = join(root, "build");

type Settings = { readonly viaIR?: boolean; readonly optimizer: object };

/** The pinned compiler, from the npm package. */
export function compiler(settings: Settings): {
  readonly version: string;
  readonly path: string;
  readonly settings: object;
} {
  return {
    version: "0.8.37",
    path: createRequire(import.meta.url).resolve("solc/soljson.js"),
    settings: { evmVersion: "prague", metadata: { bytecodeHash: "none" }, ...settings },
  };
}
