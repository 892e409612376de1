/**
 * Collects letters from one relay: long-polls what lies after the cursor, appends what is new to
 * the spool, moves the cursor. The dock asks; nothing ever connects to it.
 *
 * If we die between the spool and the cursor, the same letters are fetched again and skipped here
 * or, failing that, on the island: a letter takes effect once however often it is carried.
 */
import { readEnvelope } from "../letter/envelope.ts";
import { sealedBytesMax } from "../letter/limits.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import type { RelayLink } from "./link.ts";

/** Letters taken from a relay in one answer, bytes: the relay's own bound, checked again. */
const answerBytesMax = 8_388_608;
const waitSeconds = 20;

export type Collected = { readonly number: number; readonly letter: Uint8Array };

/** Reads `u64 number, u32 length, letter` repeated; throws if the relay sent anything else. */
function readLetters(bytes: Uint8Array): readonly Collected[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const letters: Collected[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 12 > bytes.length) throw new Error("couldn't read the relay's letters: cut short");
    const number = Number(view.getBigUint64(offset));
    const length = view.getUint32(offset + 8);
    offset += 12;
    if (length > sealedBytesMax || offset + length > bytes.length) {
      throw new Error("couldn't read the relay's letters: a length is wrong");
    }
    letters.push({ number, letter: bytes.slice(offset, offset + length) });
    offset += length;
  }
  return letters;
}

export type Collector = {
  readonly link: RelayLink;
  readonly cursorFile: string;
  /** Appends to the spool; returns when it is on disk. */
  take(letters: readonly Uint8Array[]): Promise<void>;
  /**
   * Resolves when the spool has room again: a slow island holds the relays, never loses a letter.
   */
  room(): Promise<void>;
};

/** One round: fetch, spool, move the cursor. Returns how many letters came. */
export async function collectOnce(collector: Collector): Promise<number> {
  await collector.room();
  const after = readCursor(collector.cursorFile);
  const path = `/v1/dock/letters?after=${after}&wait=${waitSeconds}`;
  const answer = await collector.link.get(path, answerBytesMax, (waitSeconds + 10) * 1000);
  const letters = readLetters(answer);
  const last = letters.at(-1);
  if (last === undefined) return 0;
  if (letters.some(({ number }) => number <= after)) {
    throw new Error("couldn't use the relay's letters: it counted backwards");
  }
  // What is no letter at all is left at the relay; the island would only throw it away.
  const good = letters.filter(({ letter }) => readEnvelope(letter).ok);
  if (good.length > 0) await collector.take(good.map(({ letter }) => letter));
  await writeDurably(collector.cursorFile, Buffer.from(`${last.number}\n`));
  return letters.length;
}

function readCursor(file: string): number {
  const text = readIfPresent(file);
  const cursor = Number(text === undefined ? "0" : new TextDecoder().decode(text).trim());
  if (!Number.isSafeInteger(cursor) || cursor < 0)
    throw new Error(`couldn't read the cursor ${file}`);
  return cursor;
}
