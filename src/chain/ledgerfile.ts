/**
 * What a broadcaster must not forget: which submissions it knows, and which transactions it signed
 * for which nonce. One file of JSON, replaced as a whole, on disk before anything is sent: after
 * kill -9 the same transactions are sent again, never others beside them.
 *
 * A *slot* is a nonce. All transactions of a slot exclude each other, so a slot costs gas once. A
 * submission is in one slot at most, until that slot has ended.
 */
import { join } from "node:path";

import type { Address, Hash } from "../codec/ethereum.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import {
  addressIn,
  bigintIn,
  field,
  hashIn,
  type Hex,
  hexIn,
  listIn,
  quantity,
} from "./answers.ts";
import type { Fees } from "./transaction.ts";

/** A submission that was taken. */
export type Job = {
  readonly number: number;
  /** Keccak-256 of the calldata: what it is known by. */
  readonly digest: Hash;
  readonly calldata: Hex;
  /** Unix seconds, as the calldata say. */
  readonly deadline: bigint;
  /** The newest block when it came. */
  readonly since: number;
};

/** One signed transaction; `job` is what it submits, nothing if it only uses up the nonce. */
export type Attempt = {
  readonly job: Hash | undefined;
  readonly hash: Hash;
  readonly raw: Hex;
  readonly fees: Fees;
  /** The newest block when it was signed. */
  readonly since: number;
};

export type Slot = { readonly nonce: number; readonly attempts: readonly Attempt[] };

export type Ledger = {
  readonly jobs: readonly Job[];
  readonly slots: readonly Slot[];
  /** Digests of what has ended, oldest first. */
  readonly ended: readonly Hash[];
};

/** Whose file it is: with another key or contract its nonces and calldata mean nothing. */
export type LedgerOwner = {
  readonly chainId: bigint;
  readonly contract: Address;
  readonly sender: Address;
};

const fileName = "broadcaster.json";

/** What the file holds; nothing if there is none. */
export function readLedger(dir: string, owner: LedgerOwner): Ledger {
  const bytes = readIfPresent(join(dir, fileName));
  if (bytes === undefined) return { jobs: [], slots: [], ended: [] };
  const path = join(dir, fileName);
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const isOurs =
      bigintIn(field(read, "chainId")) === owner.chainId &&
      addressIn(field(read, "contract")) === owner.contract &&
      addressIn(field(read, "sender")) === owner.sender;
    if (!isOurs) throw new Error("it belongs to another chain, contract or key");
    return {
      jobs: listIn(field(read, "jobs")).map(jobIn),
      slots: listIn(field(read, "slots")).map(slotIn),
      ended: listIn(field(read, "ended")).map(hashIn),
    };
  } catch (cause) {
    throw new Error(`couldn't go on with ${path}`, { cause });
  }
}

/** Replaces the file; on disk when it returns. */
export function writeLedger(dir: string, owner: LedgerOwner, ledger: Ledger): Promise<void> {
  const all = { ...owner, ...ledger };
  const text = JSON.stringify(all, (_, value: unknown) =>
    typeof value === "bigint" ? quantity(value) : value,
  );
  return writeDurably(join(dir, fileName), Buffer.from(`${text}\n`, "utf8"));
}

function jobIn(value: unknown): Job {
  return {
    number: wholeIn(value, "number"),
    digest: hashIn(field(value, "digest")),
    calldata: hexIn(field(value, "calldata")),
    deadline: bigintIn(field(value, "deadline")),
    since: wholeIn(value, "since"),
  };
}

function slotIn(value: unknown): Slot {
  return {
    nonce: wholeIn(value, "nonce"),
    attempts: listIn(field(value, "attempts")).map((attempt) => {
      const job = field(attempt, "job");
      const fees = field(attempt, "fees");
      return {
        job: job === undefined ? undefined : hashIn(job),
        hash: hashIn(field(attempt, "hash")),
        raw: hexIn(field(attempt, "raw")),
        fees: { tip: bigintIn(field(fees, "tip")), most: bigintIn(field(fees, "most")) },
        since: wholeIn(attempt, "since"),
      };
    }),
  };
}

function wholeIn(value: unknown, name: string): number {
  const found = field(value, name);
  if (!Number.isSafeInteger(found)) throw new Error(`no ${name} in it`);
  return Number(found);
}
