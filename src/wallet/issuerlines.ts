/**
 * What an asset's issuer says, from words as people write them to a line of a letter: LIST,
 * DIVIDEND, RATIO, RENAME, DELIST and HOLDERS (docs/spec/letter.md §5). Whether somebody is the
 * issuer is for the exchange to say.
 */
import { digest, isHex64 } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { isAsset } from "../letter/atoms.ts";
import type { Card } from "../letter/card.ts";
import { amount, parseWhole, type Amount } from "../money/amount.ts";
import { parseDecimal } from "../money/decimal.ts";
import type { Asset } from "../money/market.ts";
import { assetOf, printable, readAmount } from "./amounts.ts";
import { lineOf, type Line, type Names } from "./compose.ts";
import { trouble, type Outcome } from "./errors.ts";
import { readLater } from "./times.ts";

/** LIST: so many shares, by a contract of this SHA-256. */
export function listLine(
  card: Card,
  asked: { readonly asset: string; readonly shares: string; readonly hash: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const shares = readAmount(asset.value, asked.shares);
  if (!shares.ok) return shares;
  const hash = asked.hash.toLowerCase();
  if (!isHex64(hash)) return trouble("E115", "The contract's SHA-256 is 64 hex digits.");
  const what = { asset: asset.value.name, shares: shares.value, hash: digest(hash) };
  return lineOf({ kind: "list", ...what }, names);
}

/** DIVIDEND: TOTAL of an asset over FLOAT shares, to whoever holds at the record date. */
export function dividendLine(
  card: Card,
  asked: {
    readonly asset: string;
    readonly total: string;
    readonly pay: string;
    readonly float: string;
    readonly record?: string | undefined;
  },
  names: Names,
  now: Time,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const pay = assetOf(card, asked.pay);
  if (!pay.ok) return pay;
  const total = readAmount(pay.value, asked.total);
  if (!total.ok) return total;
  const float = readAmount(asset.value, asked.float);
  if (!float.ok) return float;
  const record: Outcome<Time | undefined> =
    asked.record === undefined ? { ok: true, value: undefined } : readLater(asked.record, now);
  if (!record.ok) return record;
  const sums = { total: total.value, float: float.value, record: record.value };
  const { name } = asset.value;
  return lineOf({ kind: "dividend", asset: name, pay: pay.value.name, ...sums }, names);
}

/** RATIO: NEW shares for OLD; the price of one, for what is left over, may be 0. */
export function ratioLine(
  card: Card,
  asked: {
    readonly asset: string;
    readonly numerator: string;
    readonly denominator: string;
    readonly price: string;
    readonly pay: string;
  },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const pay = assetOf(card, asked.pay);
  if (!pay.ok) return pay;
  const [numerator, denominator] = [parseWhole(asked.numerator), parseWhole(asked.denominator)];
  if (!numerator || !denominator || numerator === denominator) {
    const next = "signet issue ratio ASSET 1 for 10 at PRICE PAYASSET";
    return trouble("E100", "A ratio is two different whole numbers from 1.", { next });
  }
  const price = readPriceOrNothing(pay.value, asked.price);
  if (!price.ok) return price;
  const what = { numerator, denominator, pay: pay.value.name, price: price.value };
  return lineOf({ kind: "ratio", asset: asset.value.name, ...what }, names);
}

/** What a share is worth may be nothing; anything else that is sent is not. */
function readPriceOrNothing(pay: Asset, text: string): Outcome<Amount> {
  return parseDecimal(text, pay.decimals) === 0
    ? { ok: true, value: amount(0) }
    : readAmount(pay, text);
}

/** RENAME: the new name is not on the card yet. */
export function renameLine(
  card: Card,
  asked: { readonly asset: string; readonly to: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const to = asked.to.toUpperCase();
  if (isAsset(to)) return lineOf({ kind: "rename", asset: asset.value.name, to }, names);
  return trouble("E107", `${printable(asked.to)} cannot be an asset's name.`);
}

/** DELIST and HOLDERS. */
export function ofAssetLine(
  card: Card,
  kind: "delist" | "holders",
  name: string,
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, name);
  return asset.ok ? lineOf({ kind, asset: asset.value.name }, names) : asset;
}
