/** Two browsers with the same words at one exchange: neither stands in the other's way. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { TestExchange } from "../../../testing/exchange.ts";
import { makeKey, openAccount, registration, type Account } from "../../../wallet/account.ts";
import { loadArchive } from "../../../wallet/archive.ts";
import { askForNewer, isNumberTaken, otherCopyAt } from "../../../wallet/copies.ts";
import { fetchVerified, pinExchange } from "../../../wallet/exchange.ts";
import { memoryHome } from "../../../wallet/memoryhome.ts";
import { findEntry, type OutboxEntry } from "../../../wallet/outbox.ts";
import { restoreAccount } from "../../../wallet/restore.ts";
import { statementHere, synchronise } from "../../../wallet/sync.ts";
import { Follower } from "./follower.ts";
import { Letters } from "./letters.ts";
import { chooseThread, keepPageSettings, pageSettings } from "./pagesettings.ts";
import type { JourneyView } from "./protocol.ts";
import { journeyOf } from "./journeys.ts";
import { wayOf } from "./ways.ts";
import { now } from "../../../wallet/times.ts";

let exchange: TestExchange;
let seeds = 0;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
});

after(() => exchange.stop());

/** A browser with this seed's wallet; `thread`: of a wallet of old, which chose none. */
async function browser(seed: number, thread?: number): Promise<Account> {
  const home = memoryHome({ name: "this browser" });
  const made = await makeKey(home, new Uint8Array(32).fill(seed), "");
  assert.ok(made.ok);
  const verified = await fetchVerified([exchange.url], undefined);
  assert.ok(verified.ok, verified.ok ? "" : verified.what);
  pinExchange(home, verified.value);
  const ask = (): Promise<undefined> => Promise.resolve(undefined);
  const account = await openAccount(home, { ask, relays: [] });
  assert.ok(account.ok);
  const restored = await restoreAccount(account.value);
  assert.ok(restored.ok || restored.code === "E503");
  const settings = { compared: true, cold: false };
  keepPageSettings(home, { ...settings, thread: thread ?? chooseThread(home) });
  return account.value;
}

async function pair(thread?: number): Promise<readonly [Account, Account]> {
  seeds += 1;
  const seed = 60 + seeds;
  const first = await browser(seed, thread);
  const letters = new Letters(() => first);
  const line = { text: registration(first), ids: [] };
  const registered = await letters.write(line, 60_000);
  assert.ok(registered.ok);
  await followed(first, registered.value);
  return [first, await browser(seed, thread)];
}

async function followed(account: Account, { name }: OutboxEntry): Promise<OutboxEntry> {
  const entry = findEntry(account.home, name);
  assert.ok(entry);
  const follower = new Follower(account, () => {});
  await follower.follow(entry);
  follower.stop();
  const after = findEntry(account.home, name);
  assert.equal(after?.state, "answered");
  return after;
}

async function order(account: Account, price: string): Promise<OutboxEntry> {
  const letters = new Letters(() => account);
  const draft = letters.compose({
    side: "buy",
    market: "GLD/BTC",
    quantity: "10",
    price,
    expiry: undefined,
    by: undefined,
    id: undefined,
  });
  assert.ok(draft.ok);
  const signed = await letters.sign(draft.value.draft);
  assert.ok(signed.ok && signed.value.kind === "signed");
  return followed(account, signed.value.entry);
}

function numbersOf({ home }: Account): readonly number[] {
  return loadArchive(home).reports.map(({ number }) => number);
}

function journey(account: Account, entry: OutboxEntry): JourneyView {
  const statement = statementHere(account.home);
  return journeyOf(wayOf(account, entry, { statement, met: undefined, now: now() }));
}

test("two browsers that order in turn are both read, and each learns what the other did", async () => {
  const [one, two] = await pair();
  assert.notEqual(pageSettings(one.home).thread, pageSettings(two.home).thread);
  const turns = [one, two, one, two, two];
  for (const [index, account] of turns.entries()) {
    const entry = await order(account, `0.0400${index + 1}`);
    assert.equal(entry.refused, undefined);
  }
  // Nothing shows the first that there are more.
  const synchronised = await synchronise(one);
  assert.deepEqual(synchronised.statement.missing, []);
  assert.deepEqual(numbersOf(one), [1, 2, 3, 4]);
  assert.deepEqual(await askForNewer(one), { ok: true, value: 2 });
  assert.deepEqual(await askForNewer(one), { ok: true, value: 0 });
  // The answers to the second's own letters show the gaps between them.
  await synchronise(two);
  assert.deepEqual(await askForNewer(two), { ok: true, value: 0 });
  assert.deepEqual(numbersOf(one), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(numbersOf(two), numbersOf(one));
  assert.ok(otherCopyAt(one.home) !== undefined && otherCopyAt(two.home) !== undefined);
});

test("a wallet whose number another copy took learns it, and writes anew on another thread", async () => {
  const [one, two] = await pair(0);
  const stands = await order(two, "0.04001");
  assert.equal(stands.refused, undefined);
  const refused = await order(one, "0.04002");
  assert.ok(isNumberTaken(refused));
  assert.notEqual(pageSettings(one.home).thread, 0);
  const shown = journey(one, refused);
  assert.deepEqual([shown.fate.code, shown.again], ["E417", "anew"]);
  assert.match(shown.fate.sentence, /nothing of it took effect.*send the letter again, anew/);
  const letters = new Letters(() => one);
  const anew = letters.anew(refused.name);
  assert.ok(anew.ok);
  const again = await letters.sign(anew.value.draft);
  assert.ok(again.ok && again.value.kind === "signed");
  const answered = await followed(one, again.value.entry);
  assert.equal(answered.refused, undefined);
  const replaced = findEntry(one.home, refused.name);
  assert.ok(replaced);
  const told = journey(one, replaced);
  assert.equal(told.again, undefined);
  assert.ok(told.fate.sentence.endsWith(`as letter ${answered.name}.`));
  await askForNewer(two);
  assert.deepEqual(numbersOf(two), numbersOf(one));
});
