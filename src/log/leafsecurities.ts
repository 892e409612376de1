/**
 * The leaves of a market's day and of securities (docs/spec/log.md §3): which phase a market is in,
 * and what an issuer did: listed, pays, divided or joined shares, renamed, delisted. Amounts are
 * whole numbers of the asset's smallest unit.
 */
import { assert } from "../codec/assert.ts";
import { digest, isFingerprint, isHex64, type Digest, type Fingerprint } from "../codec/names.ts";
import { printTime, type Time } from "../codec/time.ts";
import { assetName, exactTime, marketName } from "./leaffields.ts";
import { positive } from "./numbers.ts";

/** The phases of a market's day (docs/spec/phases.md), as they stand in the log. */
export const marketPhases = [
  "closed",
  "pre_open",
  "opening_call",
  "continuous",
  "halt",
  "volatility_call",
  "closing_call",
] as const;
/** One of them. */
export type MarketPhase = (typeof marketPhases)[number];

/** PHASE: the market is in this phase from `at` on. */
export type PhaseLeaf = {
  readonly kind: "phase";
  readonly market: string;
  readonly phase: MarketPhase;
  readonly at: Time;
};

/** LISTING: so many shares came into being, under the contract with this hash. */
export type ListingLeaf = {
  readonly kind: "listing";
  readonly asset: string;
  readonly issuer: Fingerprint;
  readonly shares: number;
  /** SHA-256 of the contract that the issuer signed. */
  readonly hash: Digest;
};

/** DIVIDEND: holders at `record` are paid floor(`total` × shares ÷ `float`) each. */
export type DividendLeaf = {
  readonly kind: "dividend";
  /** The corporate action's. */
  readonly number: number;
  readonly asset: string;
  readonly pay: string;
  readonly total: number;
  readonly float: number;
  readonly record: Time;
};

/** RATIO: `numerator` shares for each `denominator` (1:10 means 10 new ones for an old one). */
export type RatioLeaf = {
  readonly kind: "ratio";
  /** The corporate action's. */
  readonly number: number;
  readonly asset: string;
  /** New shares … */
  readonly numerator: number;
  /** … for so many old ones. */
  readonly denominator: number;
};

/** RENAMED: what was `asset` is `to` from here on. */
export type RenamedLeaf = {
  readonly kind: "renamed";
  readonly asset: string;
  readonly to: string;
};

/** DELISTED: its markets are closed for ever. */
export type DelistedLeaf = { readonly kind: "delisted"; readonly asset: string };

/** What concerns one asset and not one market. */
export type SecurityLeaf = ListingLeaf | DividendLeaf | RatioLeaf | RenamedLeaf | DelistedLeaf;

/** The leaf's line, without LF. */
export function printSecurityLeaf(leaf: SecurityLeaf | PhaseLeaf): string {
  const line = print(leaf);
  assert(parseSecurityLeaf(line.split("|")) !== undefined, "a security's leaf is well-formed");
  return line;
}

function print(leaf: SecurityLeaf | PhaseLeaf): string {
  switch (leaf.kind) {
    case "phase":
      return `PHASE|${leaf.market}|${leaf.phase}|${printTime(leaf.at)}`;
    case "listing":
      return `LISTING|${leaf.asset}|${leaf.issuer}|${leaf.shares}|${leaf.hash}`;
    case "dividend": {
      const { number, asset, pay, total, float, record } = leaf;
      return `DIVIDEND|${number}|${asset}|${pay}|${total}|${float}|${printTime(record)}`;
    }
    case "ratio":
      return `RATIO|${leaf.number}|${leaf.asset}|${leaf.numerator}|${leaf.denominator}`;
    case "renamed":
      return `RENAMED|${leaf.asset}|${leaf.to}`;
    case "delisted":
      return `DELISTED|${leaf.asset}`;
  }
}

/** The leaf that these fields say, the name first; `undefined` for anything else. */
export function parseSecurityLeaf(fields: readonly string[]): SecurityLeaf | PhaseLeaf | undefined {
  const [name] = fields;
  if (fields.length !== fieldCounts.get(name ?? "")) return undefined;
  switch (name) {
    case "PHASE":
      return parsePhase(fields);
    case "LISTING":
      return parseListing(fields);
    case "DIVIDEND":
      return parseDividend(fields);
    case "RATIO":
      return parseRatio(fields);
    default:
      return parseName(fields);
  }
}

/** Whether the leaf is about a security. */
export function isSecurityLeaf(leaf: { readonly kind: string }): leaf is SecurityLeaf {
  return leaf.kind !== "phase" && fieldCounts.has(leaf.kind.toUpperCase());
}

/** Fields of each leaf, its name included. */
const fieldCounts: ReadonlyMap<string, number> = new Map([
  ["PHASE", 4],
  ["LISTING", 5],
  ["DIVIDEND", 7],
  ["RATIO", 5],
  ["RENAMED", 3],
  ["DELISTED", 2],
]);

function parsePhase(fields: readonly string[]): PhaseLeaf | undefined {
  const market = marketName(fields[1]);
  const phase = marketPhases.find((each) => each === fields[2]);
  const at = exactTime(fields[3]);
  if (market === undefined || phase === undefined || at === undefined) return undefined;
  return { kind: "phase", market, phase, at };
}

function parseListing(fields: readonly string[]): ListingLeaf | undefined {
  const [, , issuer = "", , hash = ""] = fields;
  const asset = assetName(fields[1]);
  const shares = positive(fields[3]);
  if (asset === undefined || shares === undefined) return undefined;
  if (!isFingerprint(issuer) || !isHex64(hash)) return undefined;
  return { kind: "listing", asset, issuer, shares, hash: digest(hash) };
}

function parseDividend(fields: readonly string[]): DividendLeaf | undefined {
  const number = positive(fields[1]);
  const asset = assetName(fields[2]);
  const pay = assetName(fields[3]);
  const total = positive(fields[4]);
  const float = positive(fields[5]);
  const record = exactTime(fields[6]);
  if (number === undefined || asset === undefined || pay === undefined) return undefined;
  if (total === undefined || float === undefined || record === undefined) return undefined;
  return { kind: "dividend", number, asset, pay, total, float, record };
}

function parseRatio(fields: readonly string[]): RatioLeaf | undefined {
  const number = positive(fields[1]);
  const asset = assetName(fields[2]);
  const numerator = positive(fields[3]);
  const denominator = positive(fields[4]);
  if (number === undefined || asset === undefined) return undefined;
  if (numerator === undefined || denominator === undefined) return undefined;
  return { kind: "ratio", number, asset, numerator, denominator };
}

function parseName(fields: readonly string[]): RenamedLeaf | DelistedLeaf | undefined {
  const asset = assetName(fields[1]);
  if (asset === undefined) return undefined;
  if (fields[0] === "DELISTED") return { kind: "delisted", asset };
  const to = assetName(fields[2]);
  return to === undefined || to === asset ? undefined : { kind: "renamed", asset, to };
}
