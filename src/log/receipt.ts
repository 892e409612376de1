/**
 * A relay's receipt and its refusal (docs/spec/receipt.md): the texts inside the signed notes by
 * which a relay says that it holds a letter, or why it does not.
 *
 *   signet-receipt/1 EXCHANGE          signet-refusal/1 EXCHANGE
 *   ref REF                            ref REF           or `ref -`: no letter could be read
 *   bytes N                            bytes N
 *   number N                           reason NAME
 *   at TIME                            bits N            the postage asked, if that is why
 *   deliver-by TIME                    at TIME
 */
import { isFingerprint, isHex64, ref, type Fingerprint, type Ref } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openNote, printNote, type NoteRefusal } from "./note.ts";
import type { Signer, Verifier, Verify } from "./note.ts";

export type Receipt = {
  readonly exchange: Fingerprint;
  readonly ref: Ref;
  /** Of the binary letter that the relay holds. */
  readonly bytes: number;
  /** The relay's own counter: the dock can have the letter under this number. */
  readonly number: number;
  readonly at: Time;
  /** The relay promises the letter to the dock by then. */
  readonly deliverBy: Time;
};

export type RelayRefusal = {
  readonly exchange: Fingerprint;
  /** `undefined`: what came could not be read as a letter. */
  readonly ref: Ref | undefined;
  /** Of what came, as far as the relay read or was told. */
  readonly bytes: number;
  readonly reason: string;
  /** The work that a stamp must have here; `undefined`: another thing is wrong. */
  readonly bits?: number | undefined;
  readonly at: Time;
};

/** Why a text is no receipt: it is malformed, or its signature is. */
export type ReceiptRefusal = NoteRefusal | "receipt_malformed";

/** The signed receipt. */
export function printReceipt(receipt: Receipt, signer: Signer): string {
  const lines = [
    `signet-receipt/1 ${receipt.exchange}`,
    `ref ${receipt.ref}`,
    `bytes ${receipt.bytes}`,
    `number ${receipt.number}`,
    `at ${printTime(receipt.at)}`,
    `deliver-by ${printTime(receipt.deliverBy)}`,
  ];
  return printNote(`${lines.join("\n")}\n`, signer);
}

/** The signed refusal. */
export function printRefusal(refusal: RelayRefusal, signer: Signer): string {
  const lines = [
    `signet-refusal/1 ${refusal.exchange}`,
    `ref ${refusal.ref ?? "-"}`,
    `bytes ${refusal.bytes}`,
    `reason ${refusal.reason}`,
    ...(refusal.bits === undefined ? [] : [`bits ${refusal.bits}`]),
    `at ${printTime(refusal.at)}`,
  ];
  return printNote(`${lines.join("\n")}\n`, signer);
}

/** Reads a receipt signed by `relay`. */
export function openReceipt(
  note: string,
  relay: Verifier,
  verify: Verify,
): Verdict<Receipt, ReceiptRefusal> {
  const text = openNote(note, relay, verify);
  if (!text.ok) return text;
  const fields = fieldsOf(text.value, ["ref", "bytes", "number", "at", "deliver-by"]);
  const exchange = fields?.get("signet-receipt/1") ?? "";
  const name = fields?.get("ref") ?? "";
  const bytes = whole(fields?.get("bytes"));
  const number = whole(fields?.get("number"));
  const at = exactTime(fields?.get("at"));
  const deliverBy = exactTime(fields?.get("deliver-by"));
  if (!isFingerprint(exchange) || !isHex64(name) || bytes === undefined) return malformed;
  if (number === undefined || at === undefined || deliverBy === undefined) return malformed;
  return accept({ exchange, ref: ref(name), bytes, number, at, deliverBy });
}

/** Reads a refusal signed by `relay`. */
export function openRefusal(
  note: string,
  relay: Verifier,
  verify: Verify,
): Verdict<RelayRefusal, ReceiptRefusal> {
  const text = openNote(note, relay, verify);
  if (!text.ok) return text;
  const fields =
    fieldsOf(text.value, ["ref", "bytes", "reason", "at"]) ??
    fieldsOf(text.value, ["ref", "bytes", "reason", "bits", "at"]);
  const exchange = fields?.get("signet-refusal/1") ?? "";
  const name = fields?.get("ref") ?? "";
  const bytes = whole(fields?.get("bytes"));
  const reason = fields?.get("reason") ?? "";
  const at = exactTime(fields?.get("at"));
  const asked = fields?.get("bits");
  const bits = whole(asked);
  if (!isFingerprint(exchange) || bytes === undefined || at === undefined) return malformed;
  if (asked !== undefined && bits === undefined) return malformed;
  if ((name !== "-" && !isHex64(name)) || !/^[a-z_]{1,60}$/.test(reason)) return malformed;
  return accept({ exchange, ref: name === "-" ? undefined : ref(name), bytes, reason, bits, at });
}

const malformed = refuse("receipt_malformed", "the signed text is not one of a relay");

/** The fields by name: the first line's under its own, then exactly `names`, in this order. */
function fieldsOf(text: string, names: readonly string[]): Map<string, string> | undefined {
  const lines = text.slice(0, -1).split("\n");
  if (lines.length !== names.length + 1) return undefined;
  const fields = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const blank = line.indexOf(" ");
    const name = line.slice(0, blank);
    if (blank < 1 || (index > 0 && name !== names[index - 1])) return undefined;
    fields.set(name, line.slice(blank + 1));
  }
  return fields;
}

function whole(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function exactTime(text: string | undefined): Time | undefined {
  const at = parseTime(text ?? "");
  return at !== undefined && printTime(at) === text ? at : undefined;
}
