/**
 * The first operator of an exchange founded on this machine: an ordinary wallet in `hands/`, so
 * that the play exchange can credit a deposit at once. For real money the operators' wallets are
 * made on machines of their own and named in signet.conf (docs/spec/hands.md).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { makeKey, openAccount, registration } from "../wallet/account.ts";
import { fetchVerified, pinExchange } from "../wallet/exchange.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { hasKey } from "../wallet/home.ts";
import { readOutbox, writeLetter } from "../wallet/outbox.ts";
import { sendEntry } from "../wallet/send.ts";
import { wordsOf } from "../wallet/words.ts";

/** Makes the operator's wallet in `dir`, with its words in a file beside the key. */
export async function makeOperator(dir: string, seed: Uint8Array): Promise<Fingerprint> {
  const made = await makeKey(diskHome(dir), seed, "");
  if (!made.ok) throw new Error(`couldn't make the operator's key: ${made.what}`);
  writeFileSync(join(dir, "words.txt"), `${wordsOf(seed)}\n`, { mode: 0o600 });
  return made.value;
}

/** Whether the wallet in `dir` has been registered, or is not there because it lives elsewhere. */
export function isRegistered(dir: string): boolean {
  const home = diskHome(dir);
  return !hasKey(home) || readOutbox(home).some((entry) => entry.report !== undefined);
}

/** Pins the exchange in the operator's wallet and registers it, like any customer. */
export async function registerOperator(
  dir: string,
  relay: string,
  exchange: Fingerprint,
): Promise<void> {
  const home = diskHome(dir);
  const verified = await fetchVerified([relay], exchange);
  if (!verified.ok) throw new Error(`couldn't pin the exchange for the operator: ${verified.what}`);
  pinExchange(home, verified.value);
  const nobody = (): Promise<undefined> => Promise.resolve(undefined);
  const account = await openAccount(home, { ask: nobody, relays: [relay] });
  if (!account.ok) throw new Error(`couldn't open the operator's wallet: ${account.what}`);
  const entry = await writeLetter(account.value, {
    commands: [registration(account.value)],
    by: time(Date.now() + 120_000),
    thread: 0,
    ids: [],
  });
  if (!entry.ok) throw new Error(`couldn't write the operator's letter: ${entry.what}`);
  const sent = await sendEntry(account.value, entry.value, { wait: "read" });
  if (sent.kind !== "answered") throw new Error("couldn't register the operator");
}
