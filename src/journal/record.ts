/**
 * One record of the journal (docs/spec/journal.md §3), big endian:
 *
 *   kind 1 | at 8 | 1 configure of an earlier build: the journal is not read
 *                 | 2 tick       –
 *                 | 3 letter     ref 32, signer 20, random 32, length 4, text, evidence
 *                 | 4 fault      as 3; random is zero
 *                 | 5 lane       length 1, lane, epoch 8, next 8, chain 32
 *                 | 6 refused    ref 32, signer 20, length 1, name, length 4, detail, text
 *                 | 7 skip       record 8
 *                 | 8 letter with RING lines: as 3; before the length count 4, count × vetting
 *                 | 9 submission calldata
 *                 | 10 tick that ends blocks of reads: –
 *                 | 11 letter with tickets: as 3; before the length count 4, count × vetting,
 *                 |    count 1, count × (length 1, ticket)
 *                 | 12 configure text
 *                 | 13 letter of a batch that goes on: as 11; either count may be 0
 *
 * One record has one encoding. Texts are Latin-1, a character a byte, so that what was signed comes
 * back as it was. The record holds what was decided about the letter (that it opened, and whose it
 * is): replay verifies nothing again; the evidence lets anyone else do it.
 */
import { assert } from "../codec/assert.ts";
import { fromHex } from "../codec/bytes.ts";
import { digest, type Digest, fingerprint, ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, type Refused, refuse, type Verdict } from "../codec/verdict.ts";
import {
  calldataBytesMax,
  type Input,
  ticketsMax,
  type Vetting,
  vettings,
  vettingsMax,
} from "../engine/input.ts";
import { FieldReader, FieldWriter } from "./wire.ts";

/**
 * How far an inbound lane has come: everything below `next` is in the journal, this record
 * included.
 */
export type LaneRecord = {
  readonly kind: "lane";
  readonly at: Time;
  readonly lane: string;
  readonly epoch: number;
  /** The payload that is expected next; payloads count from 1. */
  readonly next: number;
  /** The chain up to payload `next` − 1 (docs/spec/airlock.md §1). */
  readonly chain: Digest;
};

/** What the engine was told, with the signature packet of a letter; empty for other inputs. */
export type InputRecord = {
  readonly kind: "input";
  readonly input: Input;
  readonly evidence: Uint8Array;
};

/**
 * From here on, and at every replay, the letter in that record is a fault (docs/spec/journal.md
 * §6).
 */
export type SkipRecord = { readonly kind: "skip"; readonly at: Time; readonly record: number };

export type JournalRecord = InputRecord | LaneRecord | SkipRecord;

/** An input that a customer caused, and that operators may therefore pass over. */
export type Letter = Extract<Input, { readonly signer: unknown }>;

/** In order of precedence. */
export const recordRefusals = [
  "record_short",
  "record_of_older_rules",
  "kind_unknown",
  "time_invalid",
  "lane_invalid",
  "skip_invalid",
  "fault_random",
  "record_long",
  "vetting_invalid",
  "submission_invalid",
  "tickets_invalid",
] as const;
export type RecordRefusal = (typeof recordRefusals)[number];

const kinds = {
  olderConfigure: 1,
  tick: 2,
  letter: 3,
  fault: 4,
  lane: 5,
  refused: 6,
  skip: 7,
  vettedLetter: 8,
  submission: 9,
  committingTick: 10,
  ticketedLetter: 11,
  configure: 12,
  letterOfMore: 13,
} as const;
/** The first bytes of records that are no inputs. */
export const markKinds: ReadonlySet<number | undefined> = new Set([kinds.lane, kinds.skip]);
const headBytes = 9;
const letterBytes = 32 + 20 + 32 + 4;
const noRandom = "0".repeat(64);
/** As much of its form as a record needs; the island made it. */
const ticketForm = /^[!-{}~]{1,200}$/;
const laneName = /^[a-z0-9-]{1,32}$/;
/** The year 9999 ends before this. */
const timeMax = 253_402_300_800_000;

/** The bytes of a record. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  if (record.kind === "lane") return encodeLane(record);
  if (record.kind === "skip") return head("skip", record.at, 8).u64(record.record).done();
  const { input, evidence } = record;
  if (input.kind !== "letter" && input.kind !== "fault") {
    assert(evidence.length === 0, "only letters that opened carry evidence");
    if (input.kind === "refused") return encodeRefused(input);
    if (input.kind === "submission") return encodeSubmission(input);
    if (input.kind === "configure") {
      return head(input.kind, input.at, input.text.length).latin1(input.text).done();
    }
    return head(input.commits === true ? "committingTick" : "tick", input.at, 0).done();
  }
  return encodeLetter(input, evidence);
}

type Opened = Extract<Input, { readonly kind: "letter" | "fault" }>;

/**
 * A letter that nothing was vetted of is of the first kind, as it was before there were rings, if
 * it was given no tickets either.
 */
function encodeLetter(input: Opened, evidence: Uint8Array): Uint8Array {
  const { at, text } = input;
  const letter = input.kind === "letter" ? input : noLetter;
  const { vetted, tickets = [], random } = letter;
  const kind = kindOfLetter(input);
  const isTicketed = kind === "ticketedLetter" || kind === "letterOfMore";
  const isVetted = isTicketed || kind === "vettedLetter";
  assert(vetted.length <= vettingsMax, "a letter has no more RING lines");
  assert(tickets.length <= ticketsMax, "a letter is given no more tickets");
  const vettedBytes = isVetted ? 4 + vetted.length : 0;
  const countBytes = isTicketed ? 1 : 0;
  const ticketBytes = tickets.reduce((sum, ticket) => sum + 1 + ticket.length, countBytes);
  const rest = vettedBytes + ticketBytes + text.length + evidence.length;
  const fields = head(kind, at, letterBytes + rest)
    .hex(input.ref)
    .hex(input.signer)
    .hex(random);
  if (isVetted) fields.u32(vetted.length);
  for (const vetting of vetted) fields.u8(vettings.indexOf(vetting));
  if (isTicketed) fields.u8(tickets.length);
  for (const ticket of tickets) fields.u8(ticket.length).latin1(ticket);
  return fields.u32(text.length).latin1(text).bytes(evidence).done();
}

/** What a fault has of a letter's own. */
const noLetter: Pick<Extract<Input, { kind: "letter" }>, "vetted" | "tickets" | "random"> = {
  vetted: [],
  random: noRandom,
};

function kindOfLetter(input: Opened): "fault" | LetterKind {
  if (input.kind === "fault") return "fault";
  if (input.more === true) return "letterOfMore";
  if (input.tickets !== undefined && input.tickets.length > 0) return "ticketedLetter";
  return input.vetted.length > 0 ? "vettedLetter" : "letter";
}

type LetterKind = "letter" | "vettedLetter" | "ticketedLetter" | "letterOfMore";

function encodeSubmission(input: Extract<Input, { readonly kind: "submission" }>): Uint8Array {
  const bytes = fromHex(input.calldata);
  assert(bytes !== undefined && isCalldata(bytes.length), "calldata is hex, and bounded");
  return head("submission", input.at, bytes.length).bytes(bytes).done();
}

function isCalldata(length: number): boolean {
  return length > 0 && length <= calldataBytesMax;
}

/** The record, or the name of what is wrong. `evidence` is a view of `bytes`. */
export function decodeRecord(bytes: Uint8Array): Verdict<JournalRecord, RecordRefusal> {
  const fields = new FieldReader(bytes);
  const kind = fields.u8();
  const at = fields.u64();
  if (bytes.length < headBytes) return refuse("record_short", "a record has a kind and a time");
  if (kind === kinds.olderConfigure) {
    return refuse(
      "record_of_older_rules",
      "an earlier build's, whose orders traded by other rules",
    );
  }
  if (kind < kinds.tick || kind > kinds.letterOfMore) {
    return refuse("kind_unknown", `there is no record of kind ${kind}`);
  }
  if (at >= timeMax) return refuse("time_invalid", "the year is past 9999");
  switch (kind) {
    case kinds.configure: {
      const text = fields.latin1(fields.left);
      return plain({ kind: "configure", at: time(at), text });
    }
    case kinds.tick:
      if (fields.left > 0) return refuse("record_long", "a tick has nothing but its time");
      return plain({ kind: "tick", at: time(at) });
    case kinds.committingTick:
      if (fields.left > 0) return refuse("record_long", "a tick has nothing but its time");
      return plain({ kind: "tick", at: time(at), commits: true });
    case kinds.lane:
      return decodeLane(fields, time(at));
    case kinds.skip:
      return decodeSkip(fields, time(at));
    case kinds.refused:
      return decodeRefused(fields, time(at));
    case kinds.vettedLetter:
    case kinds.ticketedLetter:
    case kinds.letterOfMore:
      return decodeVettedLetter(fields, time(at), kind);
    case kinds.submission: {
      const { left } = fields;
      if (!isCalldata(left)) {
        return refuse("submission_invalid", `calldata has 1 to ${calldataBytesMax} bytes`);
      }
      return plain({ kind: "submission", at: time(at), calldata: fields.hex(left) });
    }
    default:
      return decodeLetter(fields, time(at), kind === kinds.letter ? "letter" : "fault");
  }
}

/** The same letter, passed over by the operators (docs/spec/journal.md §6). */
export function asFault(input: Letter): Input {
  const { at, ref, signer, text } = input;
  return { kind: "fault", at, ref, signer, text };
}

function encodeRefused(input: Extract<Input, { readonly kind: "refused" }>): Uint8Array {
  const { at, ref, signer, name, detail, text } = input;
  return head("refused", at, 32 + 20 + 1 + name.length + 4 + detail.length + text.length)
    .hex(ref)
    .hex(signer)
    .u8(name.length)
    .latin1(name)
    .u32(detail.length)
    .latin1(detail)
    .latin1(text)
    .done();
}

function decodeRefused(fields: FieldReader, at: Time): Verdict<InputRecord, RecordRefusal> {
  const letter = { at, ref: ref(fields.hex(32)), signer: fingerprint(fields.hex(20)) };
  const name = fields.latin1(fields.u8());
  const detail = fields.latin1(fields.u32());
  if (fields.failed) return refuse("record_short", "a refused letter's record is cut short");
  return plain({ kind: "refused", ...letter, name, detail, text: fields.latin1(fields.left) });
}

function encodeLane(record: LaneRecord): Uint8Array {
  assert(laneName.test(record.lane), "a lane has a name");
  assert(record.epoch >= 1 && record.next >= 1, "epochs and payloads count from 1");
  return head("lane", record.at, 1 + record.lane.length + 8 + 8 + 32)
    .u8(record.lane.length)
    .latin1(record.lane)
    .u64(record.epoch)
    .u64(record.next)
    .hex(record.chain)
    .done();
}

function decodeLane(fields: FieldReader, at: Time): Verdict<LaneRecord, RecordRefusal> {
  const lane = fields.latin1(fields.u8());
  const epoch = fields.u64();
  const next = fields.u64();
  const chain = digest(fields.hex(32));
  if (fields.failed) return refuse("record_short", "a lane record is cut short");
  const counted = [epoch, next].every((count) => count >= 1 && Number.isSafeInteger(count));
  if (!counted || !laneName.test(lane)) {
    return refuse("lane_invalid", "a lane has a name, an epoch and a next payload, from 1");
  }
  if (fields.left > 0) return refuse("record_long", "a lane record ends with its chain");
  return accept({ kind: "lane", at, lane, epoch, next, chain });
}

function decodeSkip(fields: FieldReader, at: Time): Verdict<SkipRecord, RecordRefusal> {
  const record = fields.u64();
  if (fields.failed) return refuse("record_short", "a skip names a record");
  if (record < 1) return refuse("skip_invalid", "records count from 1");
  if (fields.left > 0) return refuse("record_long", "a skip ends with the record's number");
  return accept({ kind: "skip", at, record });
}

function decodeLetter(
  fields: FieldReader,
  at: Time,
  kind: "letter" | "fault",
): Verdict<InputRecord, RecordRefusal> {
  const letter = { at, ref: ref(fields.hex(32)), signer: fingerprint(fields.hex(20)) };
  const random = fields.hex(32);
  const text = fields.latin1(fields.u32());
  if (fields.failed) return refuse("record_short", "a letter's record is cut short");
  const evidence = fields.bytes(fields.left);
  if (kind === "letter") {
    const input: Input = { kind, ...letter, text, random, vetted: [] };
    return accept({ kind: "input", input, evidence });
  }
  if (random !== noRandom) return refuse("fault_random", "a fault has no use for randomness");
  return accept({ kind: "input", input: { kind, ...letter, text }, evidence });
}

function decodeVettedLetter(
  fields: FieldReader,
  at: Time,
  kind: number,
): Verdict<InputRecord, RecordRefusal> {
  const [isTicketed, isOfMore] = [kind !== kinds.vettedLetter, kind === kinds.letterOfMore];
  const letter = { at, ref: ref(fields.hex(32)), signer: fingerprint(fields.hex(20)) };
  const random = fields.hex(32);
  const count = fields.u32();
  const codes = count <= vettingsMax ? fields.bytes(count) : new Uint8Array(0);
  const vetted = [...codes].flatMap((code): readonly Vetting[] => {
    const vetting = vettings[code];
    return vetting === undefined ? [] : [vetting];
  });
  const tickets = isTicketed ? decodeTickets(fields, isOfMore ? 0 : 1) : [];
  const text = fields.latin1(fields.u32());
  if (fields.failed) return refuse("record_short", "a letter's record is cut short");
  if ((count === 0 && !isTicketed) || vetted.length !== count) {
    return refuse("vetting_invalid", `1 to ${vettingsMax} vettings of a known kind`);
  }
  if (tickets === undefined) {
    return refuse("tickets_invalid", `1 to ${ticketsMax} tickets of the one form`);
  }
  const evidence = fields.bytes(fields.left);
  const given = tickets.length > 0 ? { tickets } : {};
  const more = isOfMore ? ({ more: true } as const) : {};
  const input: Input = { kind: "letter", ...letter, text, random, vetted, ...given, ...more };
  return accept({ kind: "input", input, evidence });
}

function decodeTickets(fields: FieldReader, least: number): readonly string[] | undefined {
  const count = fields.u8();
  const tickets = Array.from({ length: count }, () => fields.latin1(fields.u8()));
  if (count < least || count > ticketsMax) return undefined;
  return tickets.every((ticket) => ticketForm.test(ticket)) ? tickets : undefined;
}

function plain(input: Input): Verdict<InputRecord, never> {
  return accept({ kind: "input", input, evidence: new Uint8Array(0) });
}

function head(kind: keyof typeof kinds, at: Time, rest: number): FieldWriter {
  return new FieldWriter(headBytes + rest).u8(kinds[kind]).u64(at);
}

/**
 * The disk gave back what was written (CRC and chain hold), yet it is no record: another version's,
 * or of another store.
 */
export class RecordUnreadable extends Error {
  override readonly name = "RecordUnreadable";
}

/** The record of that number is none. */
export function unreadable(number: number, refused: Refused<string>): RecordUnreadable {
  return new RecordUnreadable(`couldn't read record ${number}: ${refused.name}, ${refused.detail}`);
}
