/**
 * How orders are named (docs/spec/letter.md §2): SHA-256 over the account's first fingerprint, LF
 * and the signed text, then a point and the command's line. The customer knows it before sending;
 * nobody else does before the engine answers.
 */
import { concat, fromAscii, fromLatin1, sha256, toHex } from "../codec/bytes.ts";
import { isHex64, orderId, type Fingerprint, type OrderId } from "../codec/names.ts";
import { isLabel, looksLikeKey, parseCount } from "./atoms.ts";
import type { OrderKey, OrderName } from "./command.ts";
import { commandsMax, prefixMax } from "./limits.ts";

/** The order id of a letter. `text` is Latin-1, exactly the bytes that were signed. */
export function orderIdOf(account: Fingerprint, text: string): OrderId {
  return orderId(toHex(sha256(concat([fromAscii(`${account}\n`), fromLatin1(text)]))));
}

/** `<64 hex>.<line>`. */
export function printKey(key: OrderKey): string {
  return `${key.letter}.${key.line}`;
}

function parseLineNumber(text: string): number | undefined {
  const line = parseCount(text);
  return line !== undefined && line <= commandsMax ? line : undefined;
}

/** Reads what `printKey` prints; `undefined` for anything else. */
export function parseKey(text: string): OrderKey | undefined {
  const letter = text.slice(0, 64);
  const line = parseLineNumber(text.slice(65));
  if (!isHex64(letter) || text.charAt(64) !== "." || line === undefined) return undefined;
  return { letter: orderId(letter), line };
}

/** Reads what CANCEL takes: an own id, or 20 to 64 digits of an order id, a point and a line. */
export function parseOrderName(text: string): OrderName | undefined {
  if (!looksLikeKey(text)) return isLabel(text) ? { kind: "own", id: text } : undefined;
  const point = text.indexOf(".");
  const line = parseLineNumber(text.slice(point + 1));
  if (point > prefixMax || line === undefined) return undefined;
  return { kind: "line", prefix: text.slice(0, point).toLowerCase(), line };
}

/** Prints what `parseOrderName` reads. */
export function printOrderName(name: OrderName): string {
  switch (name.kind) {
    case "own":
      return name.id;
    case "line":
      return `${name.prefix}.${name.line}`;
  }
}
