/**
 * Postage (docs/spec/postage.md): what is paid for a letter's way while relays are loaded. A stamp
 * is work: SHA-256 over the letter's ref and a number, with leading zero bits. A ticket is the
 * exchange's word for one letter; it names nobody.
 *
 *   stamp DAY-NUMBER                     stamp 2026-11-21-48213
 *   ticket DAY.NONCE.SIGNATURE           base64url of 12 and of 64 bytes
 *
 * Nothing here knows a clock or a key: both are handed in.
 */
import { assert } from "../codec/assert.ts";
import { fromAscii, fromBase64, sha256, sha256Behind, toBase64 } from "../codec/bytes.ts";
import type { Fingerprint, Ref } from "../codec/names.ts";
import { parseTime, printSeconds, time, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";

/** Why postage is not taken, in order of precedence. */
export const postageRefusals = [
  "postage_malformed",
  "stamp_day_wrong",
  "stamp_weak",
  "ticket_expired",
  "ticket_spent",
  "ticket_forged",
  "postage_needed",
] as const;
/** One of `postageRefusals`. */
export type PostageRefusal = (typeof postageRefusals)[number];

/** A stamp; `text` is what is hashed behind the ref. */
export type Stamp = { readonly kind: "stamp"; readonly day: number; readonly text: string };
/** A ticket; `text` is all of it. `expires` is the last day, since 1970, on which it is good. */
export type Ticket = {
  readonly kind: "ticket";
  readonly expires: number;
  readonly nonce: string;
  readonly signature: Uint8Array;
  readonly text: string;
};
/** What came with a letter. */
export type Postage = Stamp | Ticket;

const dayMs = 86_400_000;
/** Days from the making of a ticket until it expires. */
const ticketDays = 14;
/** Bytes of a ticket's nonce. */
export const ticketNonceBytes = 12;
/** The longest text of postage. */
export const postageTextMax = 200;

/** The day of a time, counted from 1970. */
function dayOf(at: Time): number {
  return Math.floor(at / dayMs);
}

function printDay(day: number): string {
  return printSeconds(time(day * dayMs)).slice(0, 10);
}

function parseDay(text: string): number | undefined {
  const at = parseTime(`${text}T00:00:00Z`);
  return at === undefined ? undefined : dayOf(at);
}

/** Reads the header or form field `postage`. */
export function parsePostage(text: string): Verdict<Postage, "postage_malformed"> {
  const malformed = refuse(
    "postage_malformed",
    "Postage is `stamp DAY-NUMBER` or `ticket TEXT`, and there is one.",
  );
  const stamp = /^stamp (([0-9]{4}-[0-9]{2}-[0-9]{2})-[0-9]{1,15})$/.exec(text);
  if (stamp?.[1] !== undefined) {
    const day = parseDay(stamp[2] ?? "");
    return day === undefined ? malformed : accept({ kind: "stamp", day, text: stamp[1] });
  }
  const ticket = parseTicket(text.startsWith("ticket ") ? text.slice("ticket ".length) : "");
  return ticket === undefined ? malformed : accept(ticket);
}

/** Reads a ticket's text; `undefined` for anything but its one form. */
export function parseTicket(text: string): Ticket | undefined {
  const form = /^([0-9]{4}-[0-9]{2}-[0-9]{2})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{86})$/;
  const [, date, nonce, signed] = form.exec(text) ?? [];
  const expires = parseDay(date ?? "");
  if (expires === undefined || nonce === undefined || signed === undefined) return undefined;
  const signature = decode(signed);
  if (signature === undefined) return undefined;
  return { kind: "ticket", expires, nonce, signature, text };
}

/** Base64 for URLs and headers (RFC 4648 §5), not padded. */
function encode(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of 86 such letters; another text for the same bytes is none. */
function decode(text: string): Uint8Array | undefined {
  return fromBase64(`${text.replaceAll("-", "+").replaceAll("_", "/")}==`);
}

/** The header's text again. */
export function printPostage(postage: Postage): string {
  return `${postage.kind} ${postage.text}`;
}

/** The work in a stamp for this letter: leading zero bits. One hash. */
export function stampWork(ref: Ref, { text }: Pick<Stamp, "text">): number {
  return zeroBits(sha256(fromAscii(`signet-stamp/1 ${ref} ${text}`)));
}

function zeroBits(hash: Uint8Array): number {
  const byte = hash.findIndex((value) => value !== 0);
  if (byte < 0) return hash.length * 8;
  return byte * 8 + Math.clz32(hash[byte] ?? 0) - 24;
}

/**
 * A stamp is good on its day, the day before and the day after, so that clocks may differ and
 * nobody makes stamps for a month in advance.
 */
export function checkStamp(
  stamp: Stamp,
  letter: { readonly ref: Ref; readonly bits: number; readonly at: Time },
): Verdict<number, "stamp_day_wrong" | "stamp_weak"> {
  const today = dayOf(letter.at);
  if (Math.abs(stamp.day - today) > 1) {
    const detail = `The stamp is of another day; here it is ${printDay(today)}.`;
    return refuse("stamp_day_wrong", detail);
  }
  const work = stampWork(letter.ref, stamp);
  if (work >= letter.bits) return accept(work);
  const { ref, bits } = letter;
  return refuse("stamp_weak", `The stamp has ${work} bits for ${ref.slice(0, 20)}, not ${bits}.`);
}

/** Tries `count` numbers from `from` on: the stamp, or `undefined`, and the caller goes on. */
export function findStamp(
  letter: { readonly ref: Ref; readonly at: Time; readonly bits: number },
  from: number,
  count: number,
): string | undefined {
  const date = printDay(dayOf(letter.at));
  const hashed = sha256Behind(fromAscii(`signet-stamp/1 ${letter.ref} ${date}-`));
  for (let number = from; number < from + count; number += 1) {
    if (zeroBits(hashed(fromAscii(String(number)))) >= letter.bits)
      return `stamp ${date}-${number}`;
  }
  return undefined;
}

/** What the log key signs for a ticket: nothing else that it signs begins like this. */
function ticketMessage(exchange: Fingerprint, expires: number, nonce: string): Uint8Array {
  return fromAscii(`signet-ticket/1 ${exchange}\n${printDay(expires)} ${nonce}\n`);
}

/** A ticket made at `at`; all of one day expire together, so that none tells whose it is. */
export function makeTicket(
  exchange: Fingerprint,
  made: { readonly at: Time; readonly nonce: Uint8Array },
  sign: (message: Uint8Array) => Uint8Array,
): string {
  assert(made.nonce.length === ticketNonceBytes, "a ticket's nonce has 12 bytes");
  const expires = dayOf(made.at) + ticketDays;
  const nonce = encode(made.nonce);
  const signature = sign(ticketMessage(exchange, expires, nonce));
  return `${printDay(expires)}.${nonce}.${encode(signature)}`;
}

/** Whether a ticket's last day is over. */
export function isExpired({ expires }: Ticket, at: Time): boolean {
  return dayOf(at) > expires;
}

/** The last instant at which somebody may have to know that the ticket was spent. */
export function forgetTicketAt({ expires }: Ticket): Time {
  return time((expires + 1) * dayMs);
}

/** Whether the exchange made the ticket. The dear part: ask what is cheaper before. */
export function isOfExchange(
  ticket: Ticket,
  exchange: Fingerprint,
  verify: (message: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  return verify(ticketMessage(exchange, ticket.expires, ticket.nonce), ticket.signature);
}
