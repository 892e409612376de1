/**
 * Collects letters from one relay: long-polls what lies after the cursor, appends what is new to
 * the spool, moves the cursor. The dock asks; nothing ever connects to it.
 *
 *   NAME.cursor   STORE NUMBER   the relay's store and the last letter of it that is here
 *
 * A relay that was wiped, or restored from an older copy, counts other letters under numbers that
 * we had: another store, or an end below the cursor, and we begin with its first letter again.
 *
 * If we die between the spool and the cursor, the same letters are fetched again and skipped here
 * or, failing that, on the island: a letter takes effect once however often it is carried.
 */
import type { Ref } from "../codec/names.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { sealedBytesMax } from "../letter/limits.ts";
import { postageTextMax } from "../letter/postage.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import type { RelayLink } from "./link.ts";

/** What one answer may hold (docs/spec/receipt.md §4): so much goes into the spool at a turn. */
const lettersMax = 256;
const answerBytesMax: number = 524_288 + lettersMax * (13 + postageTextMax);
const waitSeconds = 20;

/** A letter that a relay handed over, and what it says was paid for it; empty: nothing. */
export type Collected = {
  readonly number: number;
  readonly letter: Uint8Array;
  readonly postage: string;
};

/** A letter that is one, by its framing. */
export type Good = { readonly letter: Uint8Array; readonly ref: Ref; readonly postage: string };

/**
 * Reads `u64 number, u8 length, postage, u32 length, letter` repeated; throws if the relay sent
 * anything else.
 */
function readLetters(bytes: Uint8Array): readonly Collected[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const letters: Collected[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const paid = offset + 9 > bytes.length ? 0 : view.getUint8(offset + 8);
    if (offset + 13 + paid > bytes.length) {
      throw new Error("couldn't read the relay's letters: cut short");
    }
    const number = Number(view.getBigUint64(offset));
    const postage = Buffer.from(bytes.subarray(offset + 9, offset + 9 + paid)).toString("latin1");
    const length = view.getUint32(offset + 9 + paid);
    offset += 13 + paid;
    if (length > sealedBytesMax || offset + length > bytes.length) {
      throw new Error("couldn't read the relay's letters: a length is wrong");
    }
    if (letters.length === lettersMax) {
      throw new Error("couldn't use the relay's letters: too many in one answer");
    }
    letters.push({ number, letter: bytes.slice(offset, offset + length), postage });
    offset += length;
  }
  return letters;
}

export type Collector = {
  readonly link: RelayLink;
  readonly cursorFile: string;
  /** Appends to the spool; returns when it is on disk. */
  take(letters: readonly Good[]): Promise<void>;
  /**
   * Resolves when the spool has room again: a slow island holds the relays, never loses a letter.
   */
  room(): Promise<void>;
  /** The least that letters shall have paid, in bits of work: the more lie here, the more. */
  price(): number;
};

/** One round: fetch, spool, move the cursor. Returns how many letters came. */
export async function collectOnce(collector: Collector): Promise<number> {
  await collector.room();
  const { cursorFile, link } = collector;
  const cursor = readCursor(cursorFile);
  const after = cursor.number;
  const path = `/v1/dock/letters?after=${after}&wait=${waitSeconds}&price=${collector.price()}`;
  const answer = await link.get(path, answerBytesMax, (waitSeconds + 10) * 1000);
  const { store, number: end } = readStore(answer.headers.get("signet-store") ?? "");
  if (after > 0 && (store !== cursor.store || end < after)) {
    await writeCursor(cursorFile, { store, number: 0 });
    throw new Error(`couldn't go on after letter ${after}: the relay's store is not what it was`);
  }
  const letters = readLetters(answer.body);
  const last = letters.at(-1);
  if (last === undefined) return 0;
  if (letters.some(({ number }) => number <= after)) {
    throw new Error("couldn't use the relay's letters: it counted backwards");
  }
  // What is no letter at all is left at the relay; the island would only throw it away.
  const good = letters.flatMap(({ letter, postage }): readonly Good[] => {
    const envelope = readEnvelope(letter);
    return envelope.ok ? [{ letter, postage, ref: envelope.value.ref }] : [];
  });
  if (good.length > 0) await collector.take(good);
  await writeCursor(cursorFile, { store, number: last.number });
  return letters.length;
}

/** A place in a relay's letters; no store: it was not noted, so that no number counts. */
type Cursor = { readonly store: string | undefined; readonly number: number };

function readStore(text: string): { readonly store: string; readonly number: number } {
  const [, store, number] = /^([0-9a-f]{32}) (0|[1-9][0-9]{0,14})$/.exec(text) ?? [];
  if (store === undefined) throw new Error("couldn't read which letters the relay has");
  return { store, number: Number(number) };
}

function readCursor(file: string): Cursor {
  const bytes = readIfPresent(file);
  if (bytes === undefined) return { store: undefined, number: 0 };
  const text = new TextDecoder().decode(bytes).trim();
  try {
    return /^[0-9]{1,15}$/.test(text)
      ? { store: undefined, number: Number(text) }
      : readStore(text);
  } catch (cause) {
    throw new Error(`couldn't read the cursor ${file}`, { cause });
  }
}

async function writeCursor(
  file: string,
  { store, number }: { readonly store: string; readonly number: number },
): Promise<void> {
  await writeDurably(file, Buffer.from(`${store} ${number}\n`));
}
