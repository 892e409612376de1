/** Fields that several kinds of leaves have (docs/spec/log.md §1, §3), read strictly. */
import { parseTime, printTime, type Time } from "../codec/time.ts";

/** The longer form of a time only: with exactly three decimals. */
export function exactTime(text: string | undefined): Time | undefined {
  const at = text === undefined ? undefined : parseTime(text);
  return at !== undefined && printTime(at) === text ? at : undefined;
}

/** An asset's name. */
export function assetName(text: string | undefined): string | undefined {
  return /^[A-Z][A-Z0-9.]{0,11}$/.test(text ?? "") ? text : undefined;
}

/** `BASE/QUOTE`. */
export function marketName(text: string | undefined): string | undefined {
  return /^[A-Z][A-Z0-9.]{0,11}\/[A-Z][A-Z0-9.]{0,11}$/.test(text ?? "") ? text : undefined;
}
