/**
 * The fields that several commands have (docs/spec/letter.md §3), each read or refused by its own
 * name.
 */
import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { amount, parseWhole, type Amount } from "../money/amount.ts";
import { isAsset, isMarket, isRemark, parseCount, parseFingerprint, quoted } from "./atoms.ts";
import type { Command, LineRefusal } from "./command.ts";
import type { Options } from "./optiongrammar.ts";

/** What reads a command, given its fields and its options. */
export type Read = (fields: readonly string[], options: Options) => Verdict<Command, LineRefusal>;

/** 9999-12-31T23:59:59Z in unix seconds. */
const secondsMax = 253_402_300_799;

const digits = "decimal digits without sign, point or leading zero, at most 9007199254740991";

/** Refuses what is no market's name. */
export function refuseMarket(text: string): Refused<LineRefusal> | undefined {
  if (isMarket(text)) return undefined;
  return refuse("market_malformed", `${quoted(text)} is not a market like GLD/BTC.`);
}

/** Refuses what is no asset's name. */
export function refuseAsset(text: string): Refused<LineRefusal> | undefined {
  if (isAsset(text)) return undefined;
  return refuse("asset_malformed", `${quoted(text)} is not an asset like BTC.`);
}

/**
 * A whole number above zero, refused by one name when it is no number and by another when it is
 * zero.
 */
export function readPositive<Name extends LineRefusal>(
  text: string,
  what: string,
  names: { readonly malformed: Name; readonly zero: Name },
): Verdict<number, Name> {
  const value = parseWhole(text);
  if (value === undefined) {
    return refuse(names.malformed, `The ${what} ${quoted(text)} is not ${digits}.`);
  }
  return value === 0 ? refuse(names.zero, `The ${what} is zero.`) : accept(value);
}

/** An amount above zero; `what` it is called. */
export function readAmount(text: string, what = "amount"): Verdict<Amount, LineRefusal> {
  const names = { malformed: "amount_malformed", zero: "amount_zero" } as const;
  const value = readPositive(text, what, names);
  return value.ok ? accept(amount(value.value)) : value;
}

/** So much of an asset. */
export function readSum(
  asset: string,
  text: string,
): Verdict<{ readonly asset: string; readonly amount: Amount }, LineRefusal> {
  const assetRefused = refuseAsset(asset);
  if (assetRefused) return assetRefused;
  const units = readAmount(text);
  return units.ok ? accept({ asset, amount: units.value }) : units;
}

/** A fingerprint in either case. */
export function readFingerprint(text: string): Verdict<Fingerprint, LineRefusal> {
  const found = parseFingerprint(text);
  if (found !== undefined) return accept(found);
  return refuse("fingerprint_malformed", "A fingerprint is 40 hex digits without blanks.");
}

/** A number from 1 of something that is counted. */
export function readNumber(text: string, what: string): Verdict<number, LineRefusal> {
  const value = parseCount(text);
  if (value !== undefined) return accept(value);
  return refuse("number_malformed", `${quoted(text)} is not the number of a ${what}.`);
}

/** Refuses what is no address or no evidence. */
export function refuseRemark(
  text: string,
  name: "address_malformed" | "evidence_malformed",
): Refused<LineRefusal> | undefined {
  if (isRemark(text)) return undefined;
  return refuse(
    name,
    "It must be 1 to 100 printable characters, no blank at either end, not '-' alone.",
  );
}

/** A time in unix seconds. */
export function readSeconds(
  text: string,
  what: string,
  name: "expiry_malformed" | "time_malformed",
): Verdict<Time, LineRefusal> {
  const seconds = parseWhole(text);
  if (seconds === undefined || seconds > secondsMax) {
    return refuse(name, `The ${what} ${quoted(text)} is not in unix seconds.`);
  }
  return accept(time(seconds * 1000));
}

/** Unix seconds, as `readSeconds` reads them. */
export function printUnix(at: Time): number {
  return Math.floor(at / 1000);
}
