/**
 * RingSettlement on a node: what it has counted, what owners have for it, what a submission would
 * do, and the names of its refusals. Many reads are one call: the node runs RingReads.sol, which is
 * on no chain (contracts/src/reads/), so that ten thousand orders are some sixty calls.
 */
import {
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
} from "viem";

import { assert } from "../codec/assert.ts";
import { type Address, type Hash, noAddress } from "../codec/ethereum.ts";
import { logQuery } from "../ring/eventlog.ts";
import { settlementAbi, readsAbi, walletAbi } from "./abi.ts";
import { type Hex, hexOf } from "./answers.ts";
import { bytecodeOf } from "./contracts.ts";
import type { BlockName, ChainNode } from "./node.ts";

export type CounterOf = { readonly owner: Address; readonly nonce: bigint };
export type FundsOf = { readonly owner: Address; readonly token: Address };

/** What is to be read at one block. */
export type Questions = {
  readonly counters: readonly CounterOf[];
  readonly epochs: readonly Address[];
  readonly funds: readonly FundsOf[];
};

/** One answer a question, in their order. */
export type Answers = {
  readonly counters: readonly bigint[];
  readonly epochs: readonly bigint[];
  /** The smaller of balance and of what the settlement may take. */
  readonly funds: readonly bigint[];
};

/** Creation code may be 48 KiB and what it leaves 24 KiB: half of either, and little gas. */
const questionsMax = 300;
const callsAtOnce = 4;
const readsGas = 16_000_000n;

/** Reads all of it at one block. */
export async function readMany(
  node: ChainNode,
  {
    contract,
    at,
    questions,
  }: {
    readonly contract: Address;
    readonly at: BlockName;
    readonly questions: Questions;
  },
): Promise<Answers> {
  const { counters, epochs, funds } = questions;
  const all: Questions[] = [];
  const cut = <T>(list: readonly T[], wrap: (part: readonly T[]) => Partial<Questions>): void => {
    for (let i = 0; i < list.length; i += questionsMax) {
      const part = wrap(list.slice(i, i + questionsMax));
      all.push({ counters: [], epochs: [], funds: [], ...part });
    }
  };
  cut(counters, (part) => ({ counters: part }));
  cut(epochs, (part) => ({ epochs: part }));
  cut(funds, (part) => ({ funds: part }));
  const words: (readonly bigint[])[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next; i < all.length; i = next) {
      next += 1;
      const one = all[i];
      assert(one !== undefined, "inside the list");
      words[i] = await readSome(node, contract, at, one);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
  const flat = words.flat();
  const end = counters.length + epochs.length;
  return {
    counters: flat.slice(0, counters.length),
    epochs: flat.slice(counters.length, end),
    funds: flat.slice(end),
  };
}

async function readSome(
  node: ChainNode,
  contract: Address,
  at: BlockName,
  questions: Questions,
): Promise<readonly bigint[]> {
  const { counters, epochs, funds } = questions;
  const count = counters.length + epochs.length + funds.length;
  const data = encodeDeployData({
    abi: readsAbi,
    bytecode: bytecodeOf("RingReads"),
    args: [contract, [...counters], [...epochs], [...funds]],
  });
  const result = await node.call({ data, gas: readsGas }, at);
  if (result.ok && result.data.length === 2 + 64 * (count + 1)) {
    return Array.from({ length: count }, (_, i) =>
      BigInt(`0x${result.data.slice(66 + 64 * i, 130 + 64 * i)}`),
    );
  }
  if (count === 1) {
    const what = funds[0] === undefined ? "a counter" : `token ${funds[0].token}`;
    throw new Error(`couldn't read ${what} from the settlement ${contract} at ${node.host}`);
  }
  // A token that burns all its gas: the others shall not suffer for it.
  const halves = [0, 1].map((half) => {
    const part = <T>(list: readonly T[]): readonly T[] => {
      const middle = Math.ceil(list.length / 2);
      return half === 0 ? list.slice(0, middle) : list.slice(middle);
    };
    return { counters: part(counters), epochs: part(epochs), funds: part(funds) };
  });
  const words: bigint[] = [];
  for (const half of halves) words.push(...(await readSome(node, contract, at, half)));
  return words;
}

/** The transaction's data that submits these bytes. */
export function submitData(calldata: Uint8Array): Hex {
  return encodeFunctionData({
    abi: settlementAbi,
    functionName: "submit",
    args: [hexOf(calldata)],
  });
}

/** What a submission would do: `undefined` if it would go through, else the name of the refusal. */
export async function simulate(
  node: ChainNode,
  {
    contract,
    calldata,
    from = noAddress,
    at = "latest",
  }: {
    readonly contract: Address;
    readonly calldata: Uint8Array;
    readonly from?: Address;
    readonly at?: BlockName;
  },
): Promise<string | undefined> {
  const result = await node.call({ from, to: contract, data: submitData(calldata) }, at);
  return result.ok ? undefined : refusalName(result.data);
}

/** The transaction of these blocks that settled exactly these bytes, whoever sent it. */
export async function settlingTransaction(
  node: ChainNode,
  {
    contract,
    calldata,
    from,
    to,
  }: {
    readonly contract: Address;
    readonly calldata: Uint8Array;
    readonly from: number;
    readonly to: number;
  },
): Promise<Hash | undefined> {
  const { topics } = logQuery(contract, { fromBlock: 0n, toBlock: 0n });
  const logs = await node.logs({ address: contract, from, to, topics });
  const input = submitData(calldata);
  for (const hash of new Set(logs.map(({ transaction }) => transaction))) {
    if ((await node.transaction(hash))?.input === input) return hash;
  }
  return undefined;
}

/** The name of RingSettlement's error in a revert's data; `Unnamed` if it is none of them. */
export function refusalName(data: Hex): string {
  try {
    return decodeErrorResult({ abi: settlementAbi, data }).errorName;
  } catch {
    return "Unnamed";
  }
}

/** Whether the owner is a contract that takes these bytes as its signature of the order. */
export async function acceptsSignature(
  node: ChainNode,
  {
    owner,
    digest,
    signature,
    at = "latest",
  }: {
    readonly owner: Address;
    readonly digest: Hash;
    readonly signature: Uint8Array;
    readonly at?: BlockName;
  },
): Promise<boolean> {
  const data = encodeFunctionData({
    abi: walletAbi,
    functionName: "isValidSignature",
    args: [digest, hexOf(signature)],
  });
  const result = await node.call({ to: owner, data }, at);
  // As the settlement has it: one whole word, the magic value and then zeros.
  return result.ok && result.data.slice(0, 66) === `0x1626ba7e${"0".repeat(56)}`;
}

/** Whether that contract is RingSettlement of this chain: asks for a counter. */
export async function isSettlement(node: ChainNode, contract: Address): Promise<boolean> {
  const data = encodeFunctionData({
    abi: settlementAbi,
    functionName: "epochOf",
    args: [noAddress],
  });
  const result = await node.call({ to: contract, data });
  if (!result.ok || result.data.length !== 66) return false;
  return (
    decodeFunctionResult({ abi: settlementAbi, functionName: "epochOf", data: result.data }) === 0n
  );
}
