/**
 * What Loopring's own tests settled, and what we do with the same orders: the files
 * vectors/ring/loopring-v1.json and vectors/ring/loopring-v2.json, which say themselves what a
 * field means. Amounts are decimal texts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { take as takes } from "../../../src/ring/calldata.ts";

/** Balances by `who.TOKEN`; what is not there is zero. */
export type Balances = Readonly<Record<string, string>>;

/** What is submitted, and either the name of the refusal or the balances afterwards. */
export type AttemptV1 = {
  readonly take: readonly number[];
  readonly refused?: string;
  readonly final?: Balances;
};

export type OrderV1 = {
  readonly sell: string;
  readonly sellAmount: string;
  readonly buy: string;
  readonly buyAmount: string;
  readonly fee: string;
  readonly buyDriven: boolean;
  readonly marginSplit: number;
};

export type ScenarioV1 = {
  readonly id: string;
  readonly title: string;
  readonly ring: string;
  readonly balances: Balances;
  readonly theirs: { readonly "1.5.1": Balances; readonly gas: number };
  readonly fills: readonly string[];
  readonly ours: readonly AttemptV1[];
  readonly differs: readonly string[];
};

/** A case of theirs that is no ring: its test is named after it. */
type CaseV1 = { readonly id: string; readonly title: string; readonly differs: readonly string[] };

type FileV1 = {
  readonly rings: Readonly<Record<string, readonly OrderV1[]>>;
  readonly scenarios: readonly ScenarioV1[];
  readonly cases: readonly CaseV1[];
};

export type OrderV2 = {
  readonly owner: number;
  readonly sell: string;
  readonly sellAmount: string;
  readonly buy: string;
  readonly buyAmount: string;
  readonly feeToken: string;
  readonly feeAmount: string;
  readonly auth: number;
  readonly wallet: number;
  readonly walletSplit: number;
  readonly allOrNone?: boolean;
  readonly validUntil?: number;
  readonly recipient?: number;
};

export type AttemptV2 = {
  /** Which of the rings; all unless given. */
  readonly use?: readonly number[];
  readonly fills: readonly (readonly string[])[];
  readonly take: readonly (readonly number[])[];
  /** What is made wrong of what was signed. */
  readonly spoil?: "owner 0" | "auth 1" | "no auth 1";
  readonly refused?: string;
};

export type RingV2 = {
  readonly fails?: boolean;
  readonly filled?: readonly number[];
  /** In the token that the order sells. */
  readonly margins?: readonly number[];
};

export type ScenarioV2 = {
  readonly id: string;
  readonly title: string;
  readonly orders: readonly OrderV2[];
  readonly balances: readonly (readonly [owner: number, token: string, amount: string])[];
  readonly rings: readonly (readonly number[])[];
  readonly theirs: readonly RingV2[];
  readonly ours: readonly AttemptV2[];
  readonly differs: readonly string[];
};

function read(name: string): unknown {
  const path = join(import.meta.dirname, "..", "..", "..", "vectors", "ring", name);
  return JSON.parse(readFileSync(path, "utf8"));
}

export const v1 = read("loopring-v1.json") as FileV1;
export const v2 = read("loopring-v2.json") as { readonly scenarios: readonly ScenarioV2[] };

/** 0 nothing, 1 fee, 2 margin, as the files write it. */
export function takeOf(number: number | undefined): bigint {
  return [takes.none, takes.fee, takes.margin][number ?? 0] ?? takes.none;
}

/** The element, or an error: the files are ours. */
export function at<T>(list: readonly T[] | undefined, index: number): T {
  const found = list?.[index];
  if (found === undefined) throw new Error(`the file has no element ${index} where it should`);
  return found;
}
