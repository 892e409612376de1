/**
 * The customer's home: files with names, each kept whole, on a disk (diskhome.ts) or in memory with
 * somebody who makes it last (memoryhome.ts: a browser). Everything is in it before it is sent
 * (docs/guide: the wallet's folder):
 *
 *   key.asc               the secret key, locked if there is a passphrase; readable by its owner
 *   only
 *   keys/KEY.asc          secret keys that the account was rotated to, locked the same way
 *   keys.json             which of them is in force, as the exchange said last (keyring.ts)
 *   ethereum.pgp          the key that owns ring orders, sealed to key.asc
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
 * Losing the home loses nothing but the outbox: the 24 words of the key in force and any
 * relay bring back the rest.
 */
import type { Outcome } from "./errors.ts";
import { parseJson, type Json } from "./json.ts";

/**
 * A home. Paths are given name by name (`"outbox", "0-42.pgp"`); folders come with their files.
 * What the world fails at (a full disk, a browser that gives no room) is thrown.
 */
export type Home = {
  /** For sentences: a folder's path, or where else it is. */
  readonly name: string;
  /** A file's bytes; `undefined` if there is none. */
  readonly read: (...path: readonly string[]) => Uint8Array | undefined;
  /**
   * Keeps a file whole, in place of the one of that name: read back at once, and after a power cut
   * either this or the one before. It lasts when `settled` says so; never before a file that was
   * kept earlier.
   */
  readonly keep: (bytes: Uint8Array, ...path: readonly string[]) => void;
  /** Keeps a file under a name that nobody has taken; `false` if somebody has. */
  readonly create: (bytes: Uint8Array, ...path: readonly string[]) => boolean;
  /** The names of the files in a folder, in no order; none if it is not there. */
  readonly names: (folder: string) => readonly string[];
  /**
   * Runs `work` while nobody else, in this program or another, runs any on this home; E706 if
   * somebody does for too long. `work` must not ask for it again.
   */
  readonly exclusively: <Value>(work: () => Promise<Outcome<Value>>) => Promise<Outcome<Value>>;
  /**
   * Everything that was kept so far lasts. Awaited before anything is sent, and before anybody is
   * told that it is kept; throws if it does not last, and then so does every later one.
   */
  readonly settled: () => Promise<void>;
};

/**
 * The path of a file below its home, its names joined by `/`. Some names are a peer's words: none
 * leads elsewhere.
 */
export function pathOf(names: readonly string[]): string {
  const bad = names.find((name) => name === "" || /^\.{1,2}$|[/\\\0]/.test(name));
  if (bad !== undefined || names.length === 0) {
    throw new Error(`couldn't name a file ${JSON.stringify(bad ?? "")}`);
  }
  return names.join("/");
}

/** Whether an account's key lies here. */
export function hasKey(home: Home): boolean {
  return home.read("key.asc") !== undefined;
}

/** The names of the files in one of the home's folders. */
export function namesIn(home: Home, folder: string): readonly string[] {
  return home.names(folder);
}

/** A text file of the home; `undefined` if it is not there. */
export function readText(home: Home, ...path: readonly string[]): string | undefined {
  const bytes = home.read(...path);
  return bytes && new TextDecoder().decode(bytes);
}

/** A JSON file of the home; `undefined` if it is not there or no JSON. */
export function readJson(home: Home, ...path: readonly string[]): Json | undefined {
  const text = readText(home, ...path);
  return text === undefined ? undefined : parseJson(text);
}

/** Keeps a text or bytes, as `Home.keep` does. */
export function keep(home: Home, content: string | Uint8Array, ...path: readonly string[]): void {
  home.keep(typeof content === "string" ? new TextEncoder().encode(content) : content, ...path);
}
