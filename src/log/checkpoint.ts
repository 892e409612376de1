/**
 * Checkpoints: the three lines inside the signed note by which the exchange commits to its whole
 * history so far (docs/spec/log.md; C2SP tlog-checkpoint without extension lines).
 *
 *   signet.log/FINGERPRINT
 *   SIZE
 *   BASE64(root hash)
 */
import { assert } from "../codec/assert.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { openNote, type NoteRefusal, type Verifier, type Verify } from "./note.ts";

export type Checkpoint = {
  /** Which log: also the name of the key that signs. */
  readonly origin: string;
  /** How many leaves. */
  readonly size: number;
  /** The root hash over them, 32 bytes. */
  readonly root: Uint8Array;
};

/** Origin and key name of an exchange's log. */
export function logOrigin(exchange: Fingerprint): string {
  return `signet.log/${exchange}`;
}

/** The checkpoint's text, to be signed. */
export function printCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint;
  assert(Number.isSafeInteger(size) && size >= 0, "a log's size is a whole number");
  assert(root.length === 32, "a root hash is 32 bytes");
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's text; `undefined` for anything but the one text of a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const match = /^([!-~]{1,200})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  const origin = match?.[1];
  const size = Number(match?.[2]);
  const root = fromBase64(match?.[3] ?? "");
  if (origin === undefined || !Number.isSafeInteger(size) || root?.length !== 32) return undefined;
  return { origin, size, root };
}

/** Why a note is no checkpoint of a log: its signature first. */
export type CheckpointRefusal = NoteRefusal | "checkpoint_malformed";

/** The checkpoint in a note that the log's key signed; the key's name is the origin. */
export function openCheckpoint(
  note: string,
  log: Verifier,
  verify: Verify,
): Verdict<Checkpoint, CheckpointRefusal> {
  const text = openNote(note, log, verify);
  if (!text.ok) return text;
  const checkpoint = parseCheckpoint(text.value);
  return checkpoint?.origin === log.name
    ? accept(checkpoint)
    : refuse("checkpoint_malformed", `not a checkpoint of ${log.name}`);
}
