/**
 * The script of the thread that opens what the fast path leaves and judges registrations, by
 * OpenPGP.js. It is slow, has little memory, and is killed when it takes too long. It was given the
 * decryption keys and nothing that signs.
 *
 * Registered certificates are kept as bytes and parsed when a letter asks for them.
 */
import { setPriority } from "node:os";
import { workerData } from "node:worker_threads";

import type { Fingerprint } from "../../codec/names.ts";
import type { Time } from "../../codec/time.ts";
import { registrationIn } from "../../letter/parse.ts";
import { readRegisteredCertificate, type Certificate } from "../../seal/certificate.ts";
import { openLetter } from "../../seal/open.ts";
import { readOpeningPart, type OpeningPart } from "../../seal/separate.ts";
import type { Opening } from "./opening.ts";
import { serve, type Made } from "./post.ts";

/** A registered certificate, and the key ids by which it is found. */
export type Registered = {
  readonly account: Fingerprint;
  readonly keyIds: readonly string[];
  readonly binary: Uint8Array;
};

/** A letter; `brought` are certificates that came in the same batch and were found good. */
export type ToOpenSlowly = {
  readonly letter: Uint8Array;
  readonly at: Time;
  readonly brought: readonly Guest[];
};

/** A certificate that is not registered yet, and the key ids by which it is found. */
export type Guest = { readonly keyIds: readonly string[]; readonly binary: Uint8Array };

const niceness = 10;
/** Parsed certificates that are kept. */
const parsedMax = 1000;

const data: OpeningPart = workerData;
const keys = readOpeningPart(data);
const accounts = new Map<Fingerprint, Registered>();
const byKeyId = new Map<string, Registered>();
const parsed = new Map<Registered, Certificate>();

function hear(told: Registered): void {
  const before = accounts.get(told.account);
  for (const keyId of before?.keyIds ?? []) byKeyId.delete(keyId);
  if (before !== undefined) parsed.delete(before);
  accounts.set(told.account, told);
  for (const keyId of told.keyIds) byKeyId.set(keyId, told);
}

async function parse(registered: Registered): Promise<void> {
  parsed.set(registered, await readRegisteredCertificate(registered.binary));
  if (parsed.size <= parsedMax) return;
  for (const oldest of parsed.keys()) {
    parsed.delete(oldest);
    break;
  }
}

async function open({ letter, at, brought }: ToOpenSlowly): Promise<Opening> {
  const guests = new Map<Guest, Certificate>();
  for (;;) {
    const missing: Registered[] = [];
    const unread: Guest[] = [];
    const guestOf = (keyId: string): Certificate | undefined => {
      // Only the one that is asked for is read: there may be as many as letters.
      const guest = brought.find(({ keyIds }) => keyIds.includes(keyId));
      if (guest === undefined) return undefined;
      const certificate = guests.get(guest);
      if (certificate === undefined) unread.push(guest);
      return certificate;
    };
    const certificateOf = (keyId: string): Certificate | undefined => {
      const registered = byKeyId.get(keyId);
      if (registered === undefined) return guestOf(keyId);
      const certificate = parsed.get(registered);
      if (certificate === undefined) missing.push(registered);
      return certificate;
    };
    const options = { keys: await keys, at, certificateOf, registrationIn };
    const opened = await openLetter(letter, options);
    if (missing.length === 0 && unread.length === 0) return crossing(opened);
    // Looked up for the first time: once more with what it says.
    for (const registered of missing) await parse(registered);
    for (const guest of unread) guests.set(guest, await readRegisteredCertificate(guest.binary));
  }
}

/** Without what cannot cross: a certificate's parsed form. */
function crossing(opened: Awaited<ReturnType<typeof openLetter>>): Opening {
  if (opened.kind !== "opened" || opened.registers === undefined) return opened;
  const { keyIds, binary } = opened.registers;
  return { ...opened, registers: { keyIds, binary: Uint8Array.from(binary) } };
}

// On Linux the priority is the calling thread's own.
setPriority(0, niceness);
serve(
  async (given: ToOpenSlowly): Promise<Made<Opening>> => ({
    done: await open(given),
    transfer: [],
  }),
  hear,
);
