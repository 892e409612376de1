/**
 * The smallest texts that letters and reports share: names of assets and markets, customers' own
 * ids, addresses and evidence, fingerprints and signed numbers. Each has one spelling, or is
 * refused.
 */
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { parseWhole } from "../money/amount.ts";
import { idMax, prefixMin, remarkMax } from "./limits.ts";

/** `BTC`, `S.MPOE`: a capital, then up to eleven capitals, digits or points. */
export function isAsset(text: string): boolean {
  return /^[A-Z][A-Z0-9.]{0,11}$/.test(text);
}

/** `BASE/QUOTE`, two assets. */
export function isMarket(text: string): boolean {
  return /^[A-Z][A-Z0-9.]{0,11}\/[A-Z][A-Z0-9.]{0,11}$/.test(text);
}

/** The characters and the length of an `id=` or `tag=`. */
export function isLabel(text: string): boolean {
  return text.length <= idMax && /^[A-Za-z0-9._:/-]+$/.test(text);
}

/** Whether a text would be read as an order id and line, and so cannot be a customer's own id. */
export function looksLikeKey(text: string): boolean {
  return /^[0-9A-Fa-f]+\.[0-9]+$/.test(text) && text.indexOf(".") >= prefixMin;
}

/** A customer's own `id=`. */
export function isOwnId(text: string): boolean {
  return isLabel(text) && !looksLikeKey(text);
}

/**
 * An address or a piece of evidence: 1 to 100 printable characters other than `|`, no blank at
 * either end. Not `-` alone, which stands for "none" in records.
 */
export function isRemark(text: string): boolean {
  return text !== "-" && text.length <= remarkMax && /^[!-{}~]([ -{}~]*[!-{}~])?$/.test(text);
}

/** A fingerprint as people write it, in either case; kept in lower case. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const lower = text.toLowerCase();
  return isFingerprint(lower) ? lower : undefined;
}

/** A whole number of at least 1. */
export function parseCount(text: string): number | undefined {
  return text === "0" ? undefined : parseWhole(text);
}

/** A customer's text inside a refusal's sentence: short, and unable to end the field. */
export function quoted(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return `'${shown.replaceAll("|", "!")}'`;
}
