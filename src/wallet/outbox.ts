/**
 * Letters as they were sealed, kept before anything is sent, for ever the same bytes.
 *
 *   0-42.letter   the text of seq 42 on thread 0: created once, and so the number is taken
 *   0-42.pgp      the sealed bytes
 *   0-42.json     the letter exists from here on; later, what became of it
 *   ids/HASH      which letter has this id=
 *
 * Written in that order, each durably. If we die before the .json is there, nothing was sent: the
 * number is lost (the exchange allows gaps of 1,024), the letter is not. If we die after it, the
 * letter is sent by the next `outbox retry`, and the same bytes never take effect twice.
 */
import { fromLatin1, sha256Hex } from "../codec/bytes.ts";
import { isHex64, orderId, ref, type OrderId, type Ref } from "../codec/names.ts";
import { parseTime, printSeconds, printTime, type Time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { printLetter } from "../letter/print.ts";
import { sealLetter } from "../seal/customer.ts";
import type { CustomerKey } from "../seal/keys.ts";
import { assert } from "../codec/assert.ts";
import type { Account } from "./account.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import { keep, namesIn, readJson, readText, type Home } from "./home.ts";
import { numberOf, objectOf, textOf, textsOf } from "./json.ts";
import { signingKey } from "./keyring.ts";
import { exchangeToSealTo } from "./sealed.ts";
import { now } from "./times.ts";

/** A letter's text is padded to a multiple of this, so that its size does not tell what it says. */
export const padStep = 512;

/** What the outbox knows of a letter. */
export type OutboxEntry = {
  /** `THREAD-SEQ`. */
  readonly name: string;
  readonly seq: { readonly number: number; readonly thread: number };
  readonly by: Time;
  readonly at: Time;
  readonly ref: Ref;
  readonly orderId: OrderId;
  readonly bytes: number;
  /** The ids that its commands give. */
  readonly ids: readonly string[];
  /** Void: not read by its deadline, which is proved. */
  readonly state: "written" | "answered" | "dropped" | "void";
  /** Report number, if the answer was a report. */
  readonly report: number | undefined;
  /** The refusal's name, if the letter was refused as a whole. */
  readonly refused: string | undefined;
  /** Whether anything of it took effect; `undefined` before the answer. */
  readonly effect: boolean | undefined;
  /** The letter that says the same again, if this one had no effect and was written anew. */
  readonly next: string | undefined;
};

/** What is to be said. */
export type Draft = {
  readonly commands: readonly string[];
  readonly by: Time;
  readonly thread: number;
  readonly ids: readonly string[];
  /** The letter without effect that this one says again. */
  readonly again?: OutboxEntry;
  /** The text that a person read: if it would be another, nothing is written (E724). */
  readonly shown?: string;
};

/**
 * Seals a letter and keeps it. When this returns, the letter survives a power cut; nothing was
 * sent.
 */
export async function writeLetter(account: Account, draft: Draft): Promise<Outcome<OutboxEntry>> {
  const { home } = account;
  return home.exclusively(async () => {
    const { again } = draft;
    const next = again && readEntry(home, again.name)?.next;
    const written = next === undefined ? undefined : readEntry(home, next);
    // Said again before: once is enough.
    if (written) return { ok: true, value: written };
    for (const id of draft.ids) {
      const taken = idTaken(home, id);
      if (taken !== undefined) return taken;
    }
    const key = signingKey(account, now());
    if (!key.ok) return key;
    const entry = await writeNext(account, key.value, draft);
    if (entry === undefined) return trouble("E724");
    await home.settled();
    return { ok: true, value: entry };
  });
}

/** Whether nothing will ever come of a letter that was not answered. */
export function isGone({ state }: OutboxEntry): boolean {
  return state === "dropped" || state === "void";
}

/** Marks a letter that is proved void; the proof is kept already. */
export function settleVoid(home: Home, entry: OutboxEntry): OutboxEntry {
  const settled = { ...entry, state: "void" } as const;
  keepEntry(home, settled);
  return settled;
}

/** What is wrong with giving this id to a new letter, if anything. */
export function idTaken(home: Home, id: string): Trouble | undefined {
  const other = entryOfId(home, id);
  // A letter that was refused or rejected used up no id.
  return other && !isGone(other) && other.effect !== false
    ? trouble("E112", `The id ${id} belongs to letter ${other.name} in your outbox.`)
    : undefined;
}

/** `undefined`: it would not be the letter that was shown. */
async function writeNext(
  account: Account,
  key: CustomerKey,
  draft: Draft,
): Promise<OutboxEntry | undefined> {
  const { home, exchange, fingerprint } = account;
  const { commands, by, thread, ids } = draft;
  let number = nextNumber(home, thread) - 1;
  const recipient = exchange.fingerprint;
  const parts = { exchange: recipient, thread, by, commands, pad: padStep };
  let text: string;
  do {
    number += 1;
    text = printLetter({ ...parts, seq: number });
    if (draft.shown !== undefined && draft.shown !== text) return undefined;
  } while (!home.create(fromLatin1(text), "outbox", `${thread}-${number}.letter`));
  const at = now();
  const { certificate } = await exchangeToSealTo(account);
  const sealed = await sealLetter(text, { key, exchange: certificate, at });
  const envelope = readEnvelope(sealed);
  assert(envelope.ok, "what we seal is a letter");
  const name = `${thread}-${number}`;
  keep(home, sealed, "outbox", `${name}.pgp`);
  for (const id of ids) keepId(home, id, name);
  const entry: OutboxEntry = {
    name,
    seq: { number, thread },
    by,
    at,
    ref: envelope.value.ref,
    orderId: orderIdOf(fingerprint, text),
    bytes: sealed.length,
    ids,
    state: "written",
    report: undefined,
    refused: undefined,
    effect: undefined,
    next: undefined,
  };
  // If we die between the two, the old letter names one that was never finished.
  if (draft.again) keepEntry(home, { ...draft.again, next: name });
  keepEntry(home, entry);
  return entry;
}

/** Keeps what became of a letter. */
export function keepEntry(home: Home, entry: OutboxEntry): void {
  const { name, seq, ref, orderId, bytes, ids, state, report, refused, effect, next } = entry;
  const times = { at: printTime(entry.at), by: printSeconds(entry.by) };
  const names = { ref, orderId, bytes, ids };
  const fields = { name, ...seq, ...times, ...names, state, report, refused, effect, next };
  keep(home, `${JSON.stringify(fields, undefined, 2)}\n`, "outbox", `${name}.json`);
}

/** One letter by its name; `undefined` if it was never finished. */
function readEntry(home: Home, name: string): OutboxEntry | undefined {
  const fields = objectOf(readJson(home, "outbox", `${name}.json`));
  const match = /^(\d{1,3})-(\d{1,15})$/.exec(name);
  const at = parseTime(textOf(fields["at"]) ?? "");
  const by = parseTime(textOf(fields["by"]) ?? "");
  const refText = textOf(fields["ref"]) ?? "";
  const idText = textOf(fields["orderId"]) ?? "";
  const state = textOf(fields["state"]);
  if (!match || at === undefined || by === undefined) return undefined;
  if (!isHex64(refText) || !isHex64(idText)) return undefined;
  if (!isState(state)) return undefined;
  return {
    name,
    seq: { thread: Number(match[1]), number: Number(match[2]) },
    at,
    by,
    ref: ref(refText),
    orderId: orderId(idText),
    bytes: numberOf(fields["bytes"]) ?? 0,
    ids: textsOf(fields["ids"]),
    state,
    report: numberOf(fields["report"]),
    refused: textOf(fields["refused"]),
    effect: state === "answered" ? fields["effect"] !== false : undefined,
    next: textOf(fields["next"]),
  };
}

function isState(text: string | undefined): text is OutboxEntry["state"] {
  return text === "written" || text === "answered" || text === "dropped" || text === "void";
}

/** Every letter, in the order of writing. */
export function readOutbox(home: Home): readonly OutboxEntry[] {
  return namesIn(home, "outbox")
    .flatMap((name) => (name.endsWith(".json") ? (readEntry(home, name.slice(0, -5)) ?? []) : []))
    .sort((a, b) => a.at - b.at || a.seq.thread - b.seq.thread || a.seq.number - b.seq.number);
}

/** The sealed bytes of a letter: always the same. */
export function sealedOf(home: Home, entry: OutboxEntry): Uint8Array {
  const sealed = home.read("outbox", `${entry.name}.pgp`);
  if (!sealed) throw new Error(`couldn't find the sealed bytes of letter ${entry.name}`);
  return sealed;
}

/** The signed text of a letter. */
export function textOfLetter(home: Home, entry: OutboxEntry): string {
  return readText(home, "outbox", `${entry.name}.letter`) ?? "";
}

/** The commands of a letter, without its head and its pad lines. */
export function commandsOf(home: Home, entry: OutboxEntry): readonly string[] {
  const lines = textOfLetter(home, entry).split("\n");
  return lines.filter((line) => line !== "" && !/^(?:signet\/1|seq|by|pad)(?: |$)/.test(line));
}

function idFile(id: string): string {
  return sha256Hex(id).slice(0, 40);
}

function keepId(home: Home, id: string, name: string): void {
  keep(home, `${name}\n`, "outbox", "ids", idFile(id));
}

/** The letter that gives this id, if one was finished. */
export function entryOfId(home: Home, id: string): OutboxEntry | undefined {
  const name = readText(home, "outbox", "ids", idFile(id))?.trim();
  return name === undefined ? undefined : readEntry(home, name);
}

/**
 * The letter that a person means: an id, a ref or order id (20 or more digits), or `THREAD-SEQ`.
 */
export function findEntry(home: Home, text: string): OutboxEntry | undefined {
  const byId = entryOfId(home, text);
  if (byId) return byId;
  const named = /^\d+-\d+$/.test(text) ? readEntry(home, text) : undefined;
  if (named) return named;
  const digits = text
    .replaceAll("-", "")
    .replace(/\.\d+$/, "")
    .toLowerCase();
  if (!/^[0-9a-f]{20,64}$/.test(digits)) return undefined;
  return readOutbox(home).find(
    (entry) => entry.ref.startsWith(digits) || entry.orderId.startsWith(digits),
  );
}

/** The next sequence number of a thread that nothing here has used. */
export function nextNumber(home: Home, thread: number): number {
  let highest = highestNumber(home, thread);
  for (const name of namesIn(home, "outbox")) {
    if (!name.startsWith(`${thread}-`)) continue;
    highest = Math.max(highest, Number(/^\d+-(\d+)\./.exec(name)?.[1] ?? 0));
  }
  return highest + 1;
}

/** Highest sequence number that reports are known to speak of, on a thread. */
function highestNumber(home: Home, thread: number): number {
  return numberOf(objectOf(readJson(home, "numbers.json"))[String(thread)]) ?? 0;
}

/** Learns numbers that were used elsewhere: by another copy of this wallet, or before a restore. */
export function learnNumbers(home: Home, threads: ReadonlyMap<number, number>): void {
  const known = objectOf(readJson(home, "numbers.json"));
  const raised = [...threads].filter(
    ([thread, number]) => number > (numberOf(known[String(thread)]) ?? 0),
  );
  if (raised.length === 0) return;
  const merged = { ...known, ...Object.fromEntries(raised) };
  keep(home, `${JSON.stringify(merged)}\n`, "numbers.json");
}
