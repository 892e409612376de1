/**
 * A real EVM in this process (Hardhat's), with our contracts on it, for tests and benchmarks:
 * transactions are mined one a block, and gas is what the receipt says.
 */
import { globSync } from "node:fs";
import { join } from "node:path";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { type Abi, decodeErrorResult, encodeDeployData, encodeFunctionData, type Hex } from "viem";

import { type Address, parseAddress } from "../../src/codec/ethereum.ts";
import config from "../hardhat.config.ts";

const contracts = join(import.meta.dirname, "..");

export type Log = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

export type Receipt = { readonly gasUsed: number; readonly logs: readonly Log[] };

/** A contract on the machine. */
export type Deployed = { readonly address: Address; readonly abi: Abi };

export type Call = {
  readonly to: Deployed;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly from?: Address;
};

/** The name of the refusal, and its arguments. */
export class Refused extends Error {
  override readonly name: string;
  readonly args: readonly unknown[];
  constructor(name: string, args: readonly unknown[]) {
    super(`${name}(${args.join(", ")})`);
    this.name = name;
    this.args = args;
  }
}

type Artifact = { readonly abi: Abi; readonly bytecode: string };

/** One chain. */
export class Evm {
  readonly chainId: bigint;
  /** Accounts with ether and no key to care about. */
  readonly accounts: readonly Address[];
  readonly #request: (method: string, params: readonly unknown[]) => Promise<unknown>;
  readonly #artifact: (name: string) => Promise<Artifact>;

  constructor(
    chainId: bigint,
    accounts: readonly Address[],
    request: (method: string, params: readonly unknown[]) => Promise<unknown>,
    artifact: (name: string) => Promise<Artifact>,
  ) {
    this.chainId = chainId;
    this.accounts = accounts;
    this.#request = request;
    this.#artifact = artifact;
  }

  request(method: string, params: readonly unknown[] = []): Promise<unknown> {
    return this.#request(method, params);
  }

  #sender(from: Address | undefined): Address {
    const sender = from ?? this.accounts[0];
    if (sender === undefined) throw new Error("the chain has no account");
    return sender;
  }

  async deploy(name: string, args: readonly unknown[] = []): Promise<Deployed> {
    const { abi, bytecode } = await this.#artifact(name);
    const data = encodeDeployData({ abi, bytecode: bytecode as Hex, args: [...args] });
    const hash = await this.request("eth_sendTransaction", [
      { from: this.#sender(undefined), data, gas: "0x1000000" },
    ]);
    const receipt = (await this.request("eth_getTransactionReceipt", [hash])) as {
      contractAddress: string;
    };
    const address = parseAddress(receipt.contractAddress);
    if (address === undefined) throw new Error(`couldn't deploy ${name}`);
    return { address, abi };
  }

  /** Sends a transaction; throws `Refused` if it reverts. */
  async send(call: Call): Promise<Receipt> {
    const { to, name, args } = call;
    const data = encodeFunctionData({ abi: to.abi, functionName: name, args: [...args] });
    return this.sendData(to, data, call.from);
  }

  async sendData(to: Deployed, data: Hex, from?: Address): Promise<Receipt> {
    const transaction = { from: this.#sender(from), to: to.address, data, gas: "0x1000000" };
    const hash = await this.#orRefused(to.abi, "eth_sendTransaction", [transaction]);
    const receipt = (await this.request("eth_getTransactionReceipt", [hash])) as {
      gasUsed: Hex;
      logs: readonly Log[];
    };
    return { gasUsed: Number(receipt.gasUsed), logs: receipt.logs };
  }

  /** What a call would return, or throws `Refused`. */
  async call(call: Call): Promise<Hex> {
    const { to, name, args, from } = call;
    const data = encodeFunctionData({ abi: to.abi, functionName: name, args: [...args] });
    const transaction = { from: this.#sender(from), to: to.address, data, gas: "0x1000000" };
    return (await this.#orRefused(to.abi, "eth_call", [transaction, "latest"])) as Hex;
  }

  async #orRefused(abi: Abi, method: string, params: readonly unknown[]): Promise<unknown> {
    try {
      return await this.request(method, params);
    } catch (error) {
      const data = revertData(error);
      if (data === undefined) throw error;
      if (data === "0x") throw new Refused("without reason", []);
      const { errorName, args } = decodeErrorResult({ abi, data });
      throw new Refused(errorName, args ?? []);
    }
  }
}

function revertData(error: unknown): Hex | undefined {
  for (let at: unknown = error; typeof at === "object" && at !== null;) {
    const { data, cause } = at as { data?: unknown; cause?: unknown };
    if (typeof data === "string") return data as Hex;
    const inner = (data as { data?: unknown } | undefined)?.data;
    if (typeof inner === "string") return inner as Hex;
    at = cause;
  }
  return undefined;
}

/** The contracts, and those of the tests that are deployed; not what Solidity tests stand on. */
function sources(): string[] {
  return globSync("{src,test}/**/*.sol", { cwd: contracts })
    .filter((path) => !/(?:\.t|Test|Vm|Deploy)\.sol$|\/invariant\//.test(path))
    .map((path) => join(contracts, path));
}

let environment: ReturnType<typeof compile> | undefined;

/** Compiles what has changed, once a process. */
async function compile() {
  const hre = await createHardhatRuntimeEnvironment(config, {}, import.meta.dirname);
  await hre.tasks.getTask("build").run({ quiet: true, files: sources() });
  return hre;
}

/** Compiles what has changed and starts a fresh chain. */
export async function startEvm(): Promise<Evm> {
  environment ??= compile();
  const hre = await environment;
  const { provider } = await hre.network.connect();
  const request = (method: string, params: readonly unknown[]): Promise<unknown> =>
    provider.request({ method, params: [...params] });
  const chainId = BigInt((await request("eth_chainId", [])) as string);
  const texts = (await request("eth_accounts", [])) as readonly string[];
  const accounts = texts.flatMap((text) => parseAddress(text) ?? []);
  return new Evm(chainId, accounts, request, async (name) => {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    return { abi: abi as Abi, bytecode };
  });
}
