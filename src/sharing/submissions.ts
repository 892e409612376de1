/**
 * Submissions that this miner made, each a file in `submissions/` before anybody gets its calldata,
 * and the account of each of its rings: what it cost in gas, what it brought as fees and margins.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { fromAscii, fromHex, toHex, toLatin1 } from "../codec/bytes.ts";
import { type Address, type Hash, parseAddress, parseHash } from "../codec/ethereum.ts";
import type { Submitted, SubmittedPart } from "../pool/pool.ts";
import type { SettledRing } from "../ring/settledring.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import { isObject, printJson, textIn } from "./json.ts";

/** What a settled submission cost, and what its rings brought. */
export type Settlement = {
  readonly transaction: Hash;
  readonly block: number;
  readonly gasUsed: bigint;
  readonly gasPrice: bigint;
  readonly rings: readonly RingEarnings[];
};

/** Amounts by token: what the fee recipient got, what the miner paid for margins. */
export type RingEarnings = {
  readonly fees: ByToken;
  readonly margins: ByToken;
  readonly rewards: ByToken;
};

export type ByToken = Readonly<Record<string, string>>;

export type Outcome =
  | { readonly state: "authored" }
  | { readonly state: "settled"; readonly settlement: Settlement }
  | { readonly state: "failed"; readonly reason: string };

/** A submission from its making to its end. */
export type Followed = {
  readonly submitted: Submitted;
  readonly calldata: Uint8Array;
  /** The block after which it can settle. */
  readonly since: number;
  outcome: Outcome;
};

/** What the ring's fee recipient got and its miner paid. */
export function earningsOf({ fills }: SettledRing): RingEarnings {
  const sums = (
    pick: (fill: SettledRing["fills"][number]) => readonly [Address, bigint][],
  ): ByToken => {
    const sum = new Map<Address, bigint>();
    for (const [token, amount] of fills.flatMap(pick)) {
      if (amount > 0n) sum.set(token, (sum.get(token) ?? 0n) + amount);
    }
    return Object.fromEntries([...sum].map(([token, amount]) => [token, amount.toString()]));
  };
  const paid = (kind: "fee" | "margin"): ByToken =>
    sums((fill) => (fill.paid?.kind === kind ? [[fill.paid.token, fill.paid.toFeeRecipient]] : []));
  return {
    fees: paid("fee"),
    margins: paid("margin"),
    rewards: sums(({ reward }) => (reward === undefined ? [] : [[reward.token, reward.amount]])),
  };
}

/** How many are kept and shown; `signet ring accounts` reads older rings from the chain. */
export const keptMax = 500;

/** The submissions' folder. */
export class SubmissionFiles {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All that are there, ascending. */
  read(): readonly Followed[] {
    const numbers = readdirSync(this.#dir)
      .filter((name) => /^[1-9]\d{0,14}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
    return numbers.map((number) => {
      const text = toLatin1(readIfPresent(this.#pathOf(number)) ?? new Uint8Array(0));
      const followed = readFollowed(text);
      if (followed?.submitted.number === number) return followed;
      throw new Error(`couldn't read the submission ${number}: damaged`);
    });
  }

  #pathOf(number: number): string {
    return join(this.#dir, String(number));
  }

  /** On disk when it returns. */
  async write(followed: Followed): Promise<void> {
    const { number } = followed.submitted;
    await writeDurably(this.#pathOf(number), fromAscii(printFollowed(followed)));
    rmSync(this.#pathOf(number - keptMax), { force: true });
  }
}

function printFollowed({ submitted, calldata, since, outcome }: Followed): string {
  const { number, deadline, rings, before, takes, settled } = submitted;
  const lists = { rings, before, takes };
  return printJson({
    number: `${number}`,
    deadline,
    settled: String(settled),
    since: `${since}`,
    calldata: toHex(calldata),
    lists: JSON.stringify(lists, (_, one: unknown) => (typeof one === "bigint" ? `${one}` : one)),
    outcome: JSON.stringify(outcome, (_, one: unknown) =>
      typeof one === "bigint" ? `${one}` : one,
    ),
  });
}

/** Our own file; whatever in it is not ours makes it damaged. */
function readFollowed(text: string): Followed | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return undefined;
  const calldata = fromHex(textIn(value, "calldata") ?? "-");
  const lists: unknown = JSON.parse(textIn(value, "lists") ?? "0");
  const outcome = readOutcome(JSON.parse(textIn(value, "outcome") ?? "0"));
  if (!isObject(lists) || calldata === undefined || outcome === undefined) return undefined;
  const submitted: Submitted = {
    number: Number(textIn(value, "number")),
    deadline: BigInt(textIn(value, "deadline") ?? "-"),
    settled: textIn(value, "settled") === "true",
    rings: objectsIn(lists, "rings").map((ring) => ({
      number: Number(ring["number"]),
      hash: hash(ring, "hash"),
      parts: objectsIn(ring, "parts").map((part): SubmittedPart => ({
        order: hash(part, "order"),
        owner: address(part, "owner"),
        nonce: amount(part, "nonce"),
        sold: amount(part, "sold"),
        received: amount(part, "received"),
      })),
    })),
    before: objectsIn(lists, "before").map((one) => ({
      owner: address(one, "owner"),
      nonce: amount(one, "nonce"),
      value: amount(one, "value"),
      after: amount(one, "after"),
    })),
    takes: objectsIn(lists, "takes").map((one) => ({
      owner: address(one, "owner"),
      token: address(one, "token"),
      amount: amount(one, "amount"),
    })),
  };
  return { submitted, calldata, since: Number(textIn(value, "since")), outcome };
}

function readOutcome(value: unknown): Outcome | undefined {
  if (!isObject(value)) return undefined;
  const settlement = value["settlement"];
  switch (value["state"]) {
    case "authored":
      return { state: "authored" };
    case "failed":
      return { state: "failed", reason: textIn(value, "reason") ?? "-" };
    case "settled":
      if (!isObject(settlement)) return undefined;
      return {
        state: "settled",
        settlement: {
          transaction: hash(settlement, "transaction"),
          block: Number(settlement["block"]),
          gasUsed: amount(settlement, "gasUsed"),
          gasPrice: amount(settlement, "gasPrice"),
          rings: objectsIn(settlement, "rings").map((ring) => ({
            fees: byToken(ring, "fees"),
            margins: byToken(ring, "margins"),
            rewards: byToken(ring, "rewards"),
          })),
        },
      };
    default:
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectsIn(of: Fields, name: string): readonly Fields[] {
  const list = of[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function byToken(of: Fields, name: string): ByToken {
  const value = of[name];
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([token, sum]) => [token, String(sum)]));
}

function amount(of: Fields, name: string): bigint {
  return BigInt(textIn(of, name) ?? "-");
}

function hash(of: Fields, name: string): Hash {
  const found = parseHash(textIn(of, name) ?? "");
  if (found === undefined) throw new Error(`couldn't read ${name} of a submission: damaged`);
  return found;
}

function address(of: Fields, name: string): Address {
  const found = parseAddress(textIn(of, name) ?? "");
  if (found === undefined) throw new Error(`couldn't read ${name} of a submission: damaged`);
  return found;
}
