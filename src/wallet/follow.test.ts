/**
 * Letters on their way through relays that forge, withhold and swap: what is believed, kept and
 * told.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test as plainTest } from "node:test";

import { equalBytes } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import type { Entry } from "../letter/entry.ts";
import { amount } from "../money/amount.ts";
import { Front, type Asked } from "../testing/front.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { makeKey, openAccount, registration, type Account } from "./account.ts";
import { loadArchive } from "./archive.ts";
import { diskHome } from "./diskhome.ts";
import { fetchVerified, pinExchange } from "./exchange.ts";
import { isAnothersFault, type Step } from "./follow.ts";
import { findEntry, readOutbox, sealedOf, writeLetter, type OutboxEntry } from "./outbox.ts";
import { addRelay, forgive, keepLie, liesIn, removeRelay } from "./relays.ts";
import { restoreAccount } from "./restore.ts";
import { sendEntry, type Sent } from "./send.ts";
import { readRows, submitRows } from "./submit.ts";
import { statementHere, synchronise } from "./sync.ts";

let exchange: TinyExchange;
let base: string;
let seeds = 0;

before(async () => {
  base = mkdtempSync(join(tmpdir(), "signet-wallet-"));
  exchange = await TinyExchange.create(3);
});

after(async () => {
  await exchange.close();
  rmSync(base, { recursive: true });
});

/** A hook would run before the tests of every file: all are in one process. */
function test(name: string, work: () => Promise<void> | void): void {
  void plainTest(name, async () => {
    for (const index of exchange.manners.keys()) exchange.manners[index] = {};
    await work();
  });
}

const nobody = (): Promise<undefined> => Promise.resolve(undefined);

async function accountIn(dir: string, seed: Uint8Array): Promise<Account> {
  const home = diskHome(dir);
  const made = await makeKey(home, seed, "");
  assert.ok(made.ok);
  const verified = await fetchVerified(exchange.urls, undefined);
  assert.ok(verified.ok);
  pinExchange(home, verified.value);
  const account = await openAccount(home, { ask: nobody, relays: [] });
  assert.ok(account.ok);
  return account.value;
}

/** A fresh account, registered. */
async function customer(): Promise<{ account: Account; seed: Uint8Array }> {
  seeds += 1;
  const seed = new Uint8Array(32).fill(seeds);
  const account = await accountIn(join(base, `home-${seeds}`), seed);
  const entry = await write(account, registration(account));
  const sent = await sendEntry(account, entry, { wait: "read" });
  assert.equal(sent.kind, "answered");
  return { account, seed };
}

async function write(account: Account, command: string, ids: string[] = []): Promise<OutboxEntry> {
  const by = time(Math.ceil((Date.now() + 60_000) / 1000) * 1000);
  const entry = await writeLetter(account, { commands: [command], by, thread: 0, ids });
  assert.ok(entry.ok);
  return entry.value;
}

async function send(
  account: Account,
  entry: OutboxEntry,
  forMs = 20_000,
): Promise<{ sent: Sent; steps: Step[] }> {
  const steps: Step[] = [];
  const until = time(Date.now() + forMs);
  const sent = await sendEntry(account, entry, {
    wait: "read",
    until,
    onStep: (step) => steps.push(step),
  });
  return { sent, steps };
}

function code(sent: Sent): string {
  return sent.kind === "trouble" ? sent.trouble.code : sent.kind;
}

test("a letter is written, carried, answered, and every step is on disk", async () => {
  const { account } = await customer();
  const entry = await write(account, "NOOP", ["one"]);
  const { sent, steps } = await send(account, entry);
  assert.equal(code(sent), "answered");
  assert.deepEqual(steps.flatMap((step) => (step.kind === "carried" ? [step.relay] : [])).sort(), [
    "relay0",
    "relay1",
    "relay2",
  ]);
  const { name: dir } = account.home;
  const receipts = readdirSync(join(dir, "receipts")).filter((name) => name.startsWith(entry.ref));
  assert.equal(receipts.length, 3);
  assert.match(readFileSync(join(dir, "reports/000002.txt"), "latin1"), /\nDONE\|1\|NOOP\n/);
  assert.equal(findEntry(account.home, "one")?.state, "answered");
  assert.equal(findEntry(account.home, entry.ref.slice(0, 20))?.report, 2);
});

test("every copy that is ever sent has the same bytes", async () => {
  const { account } = await customer();
  const entry = await write(account, "NOOP");
  await send(account, entry);
  await send(account, entry);
  const copies = exchange.posted.filter((posted) => posted.ref === entry.ref);
  assert.ok(copies.length >= 6);
  assert.ok(copies.every(({ bytes }) => equalBytes(bytes, sealedOf(account.home, entry))));
  assert.equal(loadArchive(account.home).reports.length, 2);
});

test("a forged receipt counts for nothing, and the relay is named", async () => {
  const { account } = await customer();
  exchange.manners[1] = { receipt: "forged" };
  const { sent, steps } = await send(account, await write(account, "NOOP"));
  assert.equal(code(sent), "answered");
  const dropped = steps.flatMap((step) => (step.kind === "dropped" ? [step] : []));
  assert.deepEqual(
    dropped.map((step) => [step.relay, step.trouble.code]),
    [["relay1", "E602"]],
  );
});

test("replies that are garbage, by a stranger or to another letter are thrown away", async () => {
  const { account } = await customer();
  const lies = [
    ["garbage", "E601"],
    ["by a stranger", "E601"],
    ["to another letter", "E604"],
  ] as const;
  for (const [reply, expected] of lies) {
    exchange.manners[0] = { reply };
    exchange.manners[1] = { reply };
    exchange.manners[2] = { receipt: "silent" };
    const entry = await write(account, "NOOP");
    const { sent, steps } = await send(account, entry, 300);
    assert.equal(code(sent), expected, reply);
    assert.equal(steps.filter((step) => step.kind === "dropped").length, 2, reply);
    assert.equal(findEntry(account.home, entry.name)?.state, "written");
    exchange.manners[2] = {};
    assert.equal(code((await send(account, entry)).sent), "answered", reply);
    for (const url of exchange.urls.slice(0, 2)) assert.ok(forgive(account.home, url), reply);
  }
});

test("a relay that lied is not asked again until it is forgiven, by whatever command", async () => {
  const { account } = await customer();
  const [liar = "", second = "", third = ""] = exchange.urls;
  exchange.manners[0] = { receipt: "forged" };
  await send(account, await write(account, "NOOP"));
  exchange.manners[0] = {};
  const lie = liesIn(account.home).get(liar);
  assert.equal(lie?.code, "E602");
  const asked = async (): Promise<readonly number[]> => {
    const entry = await write(account, "NOOP");
    assert.equal(code((await send(account, entry)).sent), "answered");
    const posted = exchange.posted.filter(({ ref }) => ref === entry.ref);
    return [...new Set(posted.map(({ relay }) => relay))].sort();
  };
  assert.deepEqual(await asked(), [1, 2]);
  const again = await openAccount(account.home, { ask: nobody, relays: [liar] });
  assert.ok(again.ok);
  assert.deepEqual(again.value.exchange.urls, [second, third], "nor when it is named");
  for (const url of [second, third]) removeRelay(account.home, url);
  const nobodyLeft = await send(account, await write(account, "NOOP"));
  assert.equal(code(nobodyLeft.sent), "E821");
  for (const url of [second, third]) addRelay(account.home, url);
  assert.deepEqual([forgive(account.home, liar), forgive(account.home, liar)], [true, false]);
  assert.deepEqual(await asked(), [0, 1, 2]);
});

/** A front before the second relay that says this, late: when the true answer has come already. */
async function lateLie(isLate: (asked: Asked) => boolean, said: string): Promise<string> {
  const { account } = await customer();
  const fronts = await Promise.all(exchange.urls.slice(0, 2).map((url) => Front.start(url)));
  const [honest, liar] = fronts;
  assert.ok(honest !== undefined && liar !== undefined);
  const wasAsked = Promise.withResolvers<undefined>();
  const wasAnswered = Promise.withResolvers<undefined>();
  honest.meddle = async (asked, forward) => {
    await wasAsked.promise;
    return forward(asked);
  };
  liar.meddle = async (asked, forward) => {
    if (!isLate(asked)) return forward(asked);
    wasAsked.resolve(undefined);
    await wasAnswered.promise;
    return { status: 200, type: "application/octet-stream", body: Buffer.from(said) };
  };
  const dropped = Promise.withResolvers<string>();
  const travelling = {
    ...account,
    exchange: { ...account.exchange, urls: [liar.url, honest.url] },
  };
  const sent = await sendEntry(travelling, await write(account, "NOOP"), {
    wait: "read",
    lingerMs: 20_000,
    onStep: (step) => step.kind === "dropped" && dropped.resolve(step.trouble.code),
  });
  assert.equal(code(sent), "answered");
  assert.equal(liesIn(account.home).size, 0);
  wasAnswered.resolve(undefined);
  const found = await dropped.promise;
  assert.equal(liesIn(account.home).get(liar.url)?.code, found);
  await Promise.all(fronts.map((front) => front.close()));
  return found;
}

test("a lie that comes when the letter is answered already is a lie", async () => {
  assert.equal(await lateLie(({ method }) => method === "POST", "no receipt"), "E602");
  assert.equal(await lateLie(({ path }) => path.endsWith("/reply"), "no reply"), "E601");
});

test("mail that does not check is a lie; a clock or a newer exchange is none", () => {
  const home = diskHome(mkdtempSync(join(base, "lies-")));
  const kept = ["E601", "E602", "E604", "E607", "E605", "E622", "E801"].filter((name) =>
    keepLie(home, "http://relay", { ok: false, code: name, what: "It did." }),
  );
  assert.deepEqual(kept, ["E601", "E602", "E604", "E607"]);
  const faults = [
    "signature_from_future",
    "key_expired",
    "signature_for_another",
    "signer_unknown",
  ];
  assert.deepEqual(faults.map(isAnothersFault), [true, true, false, false]);
});

test("nobody reachable, nobody answering: not known, and the letter stays", async () => {
  const { account } = await customer();
  const entry = await write(account, "NOOP");
  for (const index of exchange.manners.keys()) exchange.manners[index] = { receipt: "silent" };
  assert.equal(code((await send(account, entry)).sent), "E801");
  for (const index of exchange.manners.keys()) exchange.manners[index] = { reply: "never" };
  assert.equal(code((await send(account, entry, 300)).sent), "E501");
  assert.equal(readOutbox(account.home).filter(({ state }) => state === "written").length, 1);
  beforeEachAgain();
  assert.equal(code((await send(account, entry)).sent), "answered");
});

function beforeEachAgain(): void {
  for (const index of exchange.manners.keys()) exchange.manners[index] = {};
}

test("an id belongs to one letter", async () => {
  const { account } = await customer();
  await write(account, "NOOP", ["mine"]);
  const by = time(Math.ceil((Date.now() + 60_000) / 1000) * 1000);
  const second = await writeLetter(account, { commands: ["NOOP"], by, thread: 3, ids: ["mine"] });
  assert.equal(second.ok ? "written" : second.code, "E112");
});

const balance = (total: number): Entry => ({
  kind: "balance",
  asset: "BTC",
  total: amount(total),
  free: amount(total),
  held: amount(0),
});

test("mail is folded; what one relay withholds another gives", async () => {
  const { account } = await customer();
  await exchange.mail(account.fingerprint, [balance(5)]);
  await exchange.mail(account.fingerprint, [balance(7)]);
  exchange.manners[0] = { mail: "garbage" };
  exchange.manners[1] = { mail: "none" };
  const synced = await synchronise(account);
  assert.equal(synced.fresh, 2);
  assert.deepEqual(
    synced.troubles.map((found) => found.code),
    ["E607"],
  );
  assert.equal(synced.statement.balances.get("BTC")?.total, 7);
  assert.equal((await synchronise(account)).fresh, 0);
});

test("mail that comes in many answers is read to its end", async () => {
  const { account } = await customer();
  for (let total = 1; total <= 5; total += 1) {
    await exchange.mail(account.fingerprint, [balance(total)]);
  }
  const synced = await synchronise(account);
  assert.deepEqual(synced.troubles, []);
  assert.equal(synced.fresh, 5);
  assert.equal(synced.statement.balances.get("BTC")?.total, 5);
  assert.deepEqual(synced.statement.missing, []);
});

test("a missing report is seen, and asked for again", async () => {
  const { account } = await customer();
  await exchange.mail(account.fingerprint, [balance(5)], true);
  await exchange.mail(account.fingerprint, [balance(6)], true);
  await exchange.mail(account.fingerprint, [balance(7)]);
  const synced = await synchronise(account);
  assert.deepEqual(synced.statement.missing, []);
  assert.equal(synced.statement.asOf?.report, 4);
  rmSync(join(account.home.name, "reports/000003.txt"));
  assert.deepEqual(statementHere(account.home).missing, [3]);
});

test("two stories under one number are both kept, and told", async () => {
  const { account } = await customer();
  await exchange.mail(account.fingerprint, [balance(5)]);
  await synchronise(account);
  exchange.rewrite(account.fingerprint);
  await exchange.mail(account.fingerprint, [balance(6)]);
  const synced = await synchronise(account);
  assert.equal(synced.troubles[0]?.code, "E605");
  assert.equal(synced.statement.balances.get("BTC")?.total, 5);
  const names = readdirSync(join(account.home.name, "reports"));
  assert.equal(names.filter((name) => name.startsWith("000002.txt")).length, 2);
});

test("words and a relay bring everything back", async () => {
  const { account, seed } = await customer();
  await exchange.mail(account.fingerprint, [balance(5)]);
  await send(account, await write(account, "NOOP"));
  const again = await accountIn(join(base, "restored"), seed);
  assert.equal(again.fingerprint, account.fingerprint);
  const restored = await restoreAccount(again);
  assert.ok(restored.ok);
  assert.equal(restored.value.asOf?.report, 3);
  assert.equal(restored.value.balances.get("BTC")?.total, 5);
  await exchange.mail(account.fingerprint, [balance(9)]);
  assert.equal((await synchronise(again)).statement.balances.get("BTC")?.total, 9);
  // The exchange said that 7 was the highest number.
  assert.equal((await write(again, "NOOP")).name, "0-8");
});

test("words that the exchange does not know restore nothing", async () => {
  const stranger = await accountIn(join(base, "stranger"), new Uint8Array(32).fill(200));
  for (const index of exchange.manners.keys()) exchange.manners[index] = { receipt: "silent" };
  const restored = await restoreAccount(stranger);
  assert.equal(restored.ok ? "restored" : restored.code, "E801");
});

test("a file of rows is sent once, however often it is submitted", async () => {
  const { account } = await customer();
  const text = "NOOP|tag=a\n# a remark\nCANCEL|x|tag=b\nNOOP|tag=c\n";
  const rows = readRows(account, text);
  assert.ok(rows.ok);
  assert.equal(rows.value.length, 3);
  const how = { threads: 2, byMs: 60_000 };
  exchange.manners[0] = { reply: "never" };
  const first = await submitRows(account, rows.value.slice(0, 1), how);
  assert.ok(first.ok);
  const all = await submitRows(account, rows.value, how);
  assert.ok(all.ok);
  assert.deepEqual(
    all.value.map((fate) => fate.kind),
    ["accepted", "accepted", "accepted"],
  );
  assert.equal(readOutbox(account.home).length, 4);
  const changed = readRows(account, "NOOP|tag=a\nNOOP|tag=b\n");
  assert.ok(changed.ok);
  const refused = await submitRows(account, changed.value, how);
  assert.equal(refused.ok ? "sent" : refused.code, "E112");
});

test("a bad row refuses the whole file before anything is sent", async () => {
  const { account } = await customer();
  const bad = ["NOOP", "NOOP|tag=a\nNOOP|tag=a", "JUMP|tag=a", "BUY|GLD/BTC|x|1|id=a", "é|tag=a"];
  for (const text of bad) {
    const rows = readRows(account, text);
    assert.equal(rows.ok ? "read" : rows.code, "E113", text);
  }
  assert.ok(!existsSync(join(account.home.name, "outbox/0-2.json")));
});
