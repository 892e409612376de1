/**
 * The customer's folder. Every file in it is written durably before anything is sent (docs/guide:
 * the wallet's folder):
 *
 *   key.asc               the secret key, locked if there is a passphrase; readable by its owner
 *   only
 *   ethereum.pgp          the key that owns ring orders, sealed to the key above
 *   exchange.json         the pinned exchange: fingerprint, certificate, card, relays
 *   outbox/3-42.letter    the text of seq 42 on thread 3; .pgp the sealed bytes; .json what became
 *   of it
 *   receipts/REF.RELAY    the relays' signed receipts
 *   proofs/REF.json       that the exchange read a letter, or did not read it in time
 *   reports/000017.txt    the exchange's reports, verified, each following from the one before
 *   relays.json           relays that lied, and relays that are not wanted
 *   mailbox.json          how far each relay's copy of the mailbox was read
 *   numbers.json          sequence numbers that another copy of this wallet is known to have used
 *   ringnumbers.json      the next nonce of ring orders
 *   log/KEYID.checkpoint  the public log as it was verified last; fork-SIZE: a proof of two
 *   histories
 *
 * Losing the folder loses nothing but the outbox: 24 words and any relay bring back the rest.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { parseJson, type Json } from "./json.ts";
import { readIfPresent, writeDurablySync } from "../store/durable.ts";

/** A customer's folder. */
export type Home = { readonly dir: string };

/** Which folder the command line and the environment mean. */
export function homeAt(options: { readonly home?: string; readonly profile?: string }): Home {
  const fromEnvironment = process.env["SIGNET_HOME"];
  const base =
    options.home ??
    (fromEnvironment === undefined || fromEnvironment === ""
      ? join(homedir(), ".signet")
      : fromEnvironment);
  return { dir: options.profile === undefined ? base : join(base, options.profile) };
}

const folders = ["outbox", "receipts", "reports"] as const;

/** Makes the folder and what belongs in it; harmless if it is there. */
export function prepareHome(home: Home): void {
  mkdirSync(home.dir, { recursive: true, mode: 0o700 });
  for (const folder of folders) mkdirSync(join(home.dir, folder), { recursive: true, mode: 0o700 });
}

/** Whether an account's key lies here. */
export function hasKey(home: Home): boolean {
  return existsSync(join(home.dir, "key.asc"));
}

/** The path of a file of the home. */
export function pathIn(home: Home, ...parts: readonly string[]): string {
  return join(home.dir, ...parts);
}

/** The names in one of the home's folders. */
export function namesIn(home: Home, folder: (typeof folders)[number]): readonly string[] {
  const path = join(home.dir, folder);
  return existsSync(path) ? readdirSync(path) : [];
}

/** A text file of the home; `undefined` if it is not there. */
export function readText(home: Home, ...parts: readonly string[]): string | undefined {
  const bytes = readIfPresent(pathIn(home, ...parts));
  return bytes && new TextDecoder().decode(bytes);
}

/** A JSON file of the home; `undefined` if it is not there or no JSON. */
export function readJson(home: Home, ...parts: readonly string[]): Json | undefined {
  const bytes = readIfPresent(pathIn(home, ...parts));
  return bytes && parseJson(new TextDecoder().decode(bytes));
}

/**
 * Writes a file so that after a crash it is there whole or not at all; its owner alone may read it.
 */
export function keep(home: Home, content: string | Uint8Array, ...parts: readonly string[]): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  writeDurablySync(pathIn(home, ...parts), bytes);
}
