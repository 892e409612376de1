/**
 * What the development chain must know to be the same after a restart: when it began, and of each
 * block that holds something its number, its time and its signed transactions. Records of JSON in a
 * store of segments: `{"chain":31337,"time":1}`, then `{"number":7,"time":9,"raw":["0x…"]}`.
 *
 * Blocks between are empty. After the last one there may have been more: the chain makes at most
 * one in `idleSeconds`, so as many are made again as that time could hold, and the number of the
 * newest block never goes back, even after kill -9.
 */
import { serializeTransaction, type TransactionSerializable } from "viem";

import { keccak, type Hash, hashOf } from "../codec/ethereum.ts";
import { openSegments, type Segments } from "../store/segments.ts";
import {
  addressIn,
  bigintIn,
  bytesIn,
  field,
  hashIn,
  type Hex,
  hexIn,
  listIn,
  numberIn,
} from "./answers.ts";

export type KeptBlock = {
  readonly number: number;
  readonly time: number;
  readonly raw: readonly Hex[];
};

export type Kept = { readonly genesis: number; readonly blocks: readonly KeptBlock[] };

/** The chain's journal; in memory nothing is kept. */
export class DevJournal {
  readonly #segments: Segments;
  readonly kept: Kept;

  constructor(segments: Segments, kept: Kept) {
    this.#segments = segments;
    this.kept = kept;
  }

  /** Returns when they are on disk. */
  async append(blocks: readonly KeptBlock[]): Promise<void> {
    await this.#segments.append(blocks.map(encode));
  }

  close(): Promise<void> {
    return this.#segments.close();
  }
}

/** Opens the journal of this chain; begins one at `now`. */
export async function openDevJournal(
  dir: string,
  { chainId, now }: { readonly chainId: number; readonly now: number },
): Promise<DevJournal> {
  const records: unknown[] = [];
  const segments = await openSegments(dir, {
    segmentBytes: 4 * 1024 * 1024,
    onRecord: ({ bytes }) => records.push(JSON.parse(Buffer.from(bytes).toString("utf8"))),
  });
  if (records.length === 0) await segments.append([encode({ chain: chainId, time: now })]);
  const [first = { chain: chainId, time: now }, ...blocks] = records;
  if (field(first, "chain") !== chainId) {
    await segments.close();
    throw new Error(`couldn't open ${dir}: it holds a chain with another number`);
  }
  return new DevJournal(segments, { genesis: wholeIn(first, "time"), blocks: blocks.map(blockIn) });
}

function encode(record: object): Uint8Array {
  return Buffer.from(JSON.stringify(record), "utf8");
}

function blockIn(record: unknown): KeptBlock {
  const raw = listIn(field(record, "raw")).map(hexIn);
  return { number: wholeIn(record, "number"), time: wholeIn(record, "time"), raw };
}

function wholeIn(record: unknown, name: string): number {
  const value = field(record, name);
  if (!Number.isSafeInteger(value)) throw new Error(`couldn't read the journal: no ${name} in it`);
  return Number(value);
}

/**
 * The signed bytes of a transaction as a node shows it; `undefined` for kinds that only come as
 * bytes anyway (`eth_sendRawTransaction`), or if no key signed it.
 */
export function rawOf(shown: unknown): Hex | undefined {
  const hash: Hash = hashIn(field(shown, "hash"));
  const type = numberIn(field(shown, "type") ?? "0x0");
  if (type > 2) return undefined;
  const number = (name: string): bigint => bigintIn(field(shown, name) ?? "0x0");
  const to = field(shown, "to");
  const v = number("v");
  const plain = {
    ...(typeof to === "string" ? { to: addressIn(to) } : {}),
    nonce: Number(number("nonce")),
    gas: number("gas"),
    value: number("value"),
    data: hexIn(field(shown, "input")),
  };
  const chainId = field(shown, "chainId");
  const chain = typeof chainId === "string" ? { chainId: numberIn(chainId) } : {};
  const fees = {
    maxFeePerGas: number("maxFeePerGas"),
    maxPriorityFeePerGas: number("maxPriorityFeePerGas"),
  };
  const gasPrice = number("gasPrice");
  const accessList = listIn(field(shown, "accessList") ?? []).map((entry) => ({
    address: addressIn(field(entry, "address")),
    storageKeys: listIn(field(entry, "storageKeys")).map(hashIn),
  }));
  const kinds: readonly TransactionSerializable[] = [
    { ...plain, ...chain, type: "legacy", gasPrice },
    { ...plain, chainId: 0, ...chain, type: "eip2930", gasPrice, accessList },
    { ...plain, chainId: 0, ...chain, ...fees, type: "eip1559", accessList },
  ];
  const kind = kinds[type];
  if (kind === undefined) return undefined;
  const signature = {
    r: hexWord(number("r")),
    s: hexWord(number("s")),
    v,
    yParity: Number(v & 1n),
  };
  const raw = serializeTransaction(
    kind,
    type === 0 ? { ...signature, yParity: undefined } : signature,
  );
  return hashOf(keccak(bytesIn(raw))) === hash ? raw : undefined;
}

function hexWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
