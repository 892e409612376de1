/**
 * The wallet behind the page, against an exchange in this process: what is signed is what was
 * shown, and what is shown follows from the home, whatever relays do.
 */
import assert from "node:assert/strict";
import { after, before, mock, test as plainTest } from "node:test";

import { fromLatin1 } from "../../../codec/bytes.ts";
import { time } from "../../../codec/time.ts";
import { readEnvelope } from "../../../letter/envelope.ts";
import { orderIdOf } from "../../../letter/orderid.ts";
import { TinyExchange } from "../../../testing/tinyexchange.ts";
import { makeKey, openAccount, registration, type Account } from "../../../wallet/account.ts";
import { loadArchive } from "../../../wallet/archive.ts";
import { verifyEvidence } from "../../../wallet/evidence.ts";
import { fetchVerified, pinExchange } from "../../../wallet/exchange.ts";
import { foldReports } from "../../../wallet/fold.ts";
import { memoryHome } from "../../../wallet/memoryhome.ts";
import type { Home } from "../../../wallet/home.ts";
import {
  learnNumbers,
  readOutbox,
  textOfLetter,
  writeLetter,
  type OutboxEntry,
} from "../../../wallet/outbox.ts";
import { sendEntry } from "../../../wallet/send.ts";
import { synchronise } from "../../../wallet/sync.ts";
import { now } from "../../../wallet/times.ts";
import { Letters } from "./letters.ts";
import type { LetterMet, Met } from "./met.ts";
import { proofFile } from "./proofs.ts";
import type { AccountView, OrderForm } from "./protocol.ts";
import { afterStep, afterWeather, relayOfStep } from "./steps.ts";
import { accountView } from "./view.ts";
import { wayOf } from "./ways.ts";
import { judgeClock, type Weather } from "./weather.ts";

const form: OrderForm = {
  side: "buy",
  market: "GLD/BTC",
  quantity: "10",
  price: "0.04215",
  expiry: undefined,
  by: undefined,
  id: undefined,
};
let exchange: TinyExchange;
let seeds = 0;

before(async () => {
  exchange = await TinyExchange.create(3);
});

after(() => exchange.close());

/** A hook would run before the tests of every file: all are in one process. */
function test(name: string, work: () => Promise<void> | void): void {
  void plainTest(name, async () => {
    for (const index of exchange.manners.keys()) exchange.manners[index] = {};
    await work();
  });
}

async function customer(): Promise<Account> {
  seeds += 1;
  const home = memoryHome({ name: "this browser" });
  const made = await makeKey(home, new Uint8Array(32).fill(100 + seeds), "");
  assert.ok(made.ok);
  const verified = await fetchVerified(exchange.urls, undefined);
  assert.ok(verified.ok);
  pinExchange(home, verified.value);
  const ask = (): Promise<undefined> => Promise.resolve(undefined);
  const account = await openAccount(home, { ask, relays: [] });
  assert.ok(account.ok);
  const line = registration(account.value);
  const by = time(Math.ceil((now() + 60_000) / 1000) * 1000);
  const draft = { commands: [line], by, thread: 0, ids: [] };
  const entry = await writeLetter(account.value, draft);
  assert.ok(entry.ok);
  const sent = await sendEntry(account.value, entry.value, { wait: "read" });
  assert.equal(sent.kind, "answered");
  return account.value;
}

const nothingMet: Met = {
  relays: new Map(),
  letters: new Map(),
  clockOffset: undefined,
  clockWarning: undefined,
  lastHeard: undefined,
  isSynchronising: false,
  troubles: [],
};

function viewOf(account: Account, met: Met = nothingMet, at = now()): AccountView {
  const storage = { kind: "memory" } as const;
  const registration = { kind: "asking" } as const;
  return accountView(account, { met, storage, registration, cold: false, now: at });
}

/** Sends a letter and gives what was met on its way. */
async function send(account: Account, entry: OutboxEntry): Promise<LetterMet | undefined> {
  let met: LetterMet | undefined;
  await sendEntry(account, entry, {
    wait: "read",
    until: time(Date.now() + 5000),
    onStep: (step) => (met = afterStep(met, step)),
  });
  return met;
}

test("what is signed is the text that was shown, to the byte", async () => {
  const account = await customer();
  const letters = new Letters(() => account);
  const draft = letters.compose(form);
  assert.ok(draft.ok);
  assert.match(draft.value.words, /^Buy 10 GLD for BTC at 0.04215 each or less/);
  assert.deepEqual(draft.value.cost, { amount: "0.4215", asset: "BTC" });
  const signed = await letters.sign(draft.value.draft);
  assert.ok(signed.ok && signed.value.kind === "signed");
  const { entry } = signed.value;
  assert.equal(textOfLetter(account.home, entry), draft.value.text);
  assert.equal(entry.orderId, orderIdOf(account.fingerprint, draft.value.text));
  const twice = await letters.sign(draft.value.draft);
  assert.equal(twice.ok ? "" : twice.code, "E724");
});

test("what would not be the text that was shown is neither written nor signed", async () => {
  const account = await customer();
  // Another copy's numbers become known in the very moment of signing.
  const exclusively: Home["exclusively"] = (work) => {
    learnNumbers(account.home, new Map([[0, 50]]));
    return account.home.exclusively(work);
  };
  const letters = new Letters(() => ({ ...account, home: { ...account.home, exclusively } }));
  const draft = letters.compose(form);
  assert.ok(draft.ok);
  const before = account.home.names("outbox");
  const signed = await letters.sign(draft.value.draft);
  assert.ok(signed.ok && signed.value.kind === "changed");
  assert.match(signed.value.draft.text, /^seq 51$/m);
  assert.deepEqual(account.home.names("outbox"), before);
});

test("if the number was taken meanwhile nothing is signed, and the new text is shown", async () => {
  const account = await customer();
  const letters = new Letters(() => account);
  const [one, two] = [letters.compose(form), letters.compose({ ...form, quantity: "20" })];
  assert.ok(one.ok && two.ok);
  assert.notEqual(one.value.text, two.value.text);
  // Both at once: whoever comes second finds the number taken.
  const ends = await Promise.all([
    letters.sign(one.value.draft),
    letters.sign(two.value.draft),
    letters.write({ text: "NOOP", ids: [] }, 60_000),
  ]);
  const before = readOutbox(account.home).length;
  const [first, second] = ends;
  assert.ok(first.ok && first.value.kind === "signed");
  assert.ok(second.ok && second.value.kind === "changed");
  const { draft } = second.value;
  assert.match(draft.words, /Buy 20 GLD/);
  // The third came after it, and took that number too.
  assert.match(draft.text, /^seq 3$/m);
  const third = await letters.sign(draft.draft);
  assert.ok(third.ok && third.value.kind === "changed");
  const { draft: newest } = third.value;
  const again = await letters.sign(newest.draft);
  assert.ok(again.ok && again.value.kind === "signed");
  assert.equal(textOfLetter(account.home, again.value.entry), newest.text);
  assert.equal(readOutbox(account.home).length, before + 1);
});

test("a draft that was looked at for too long is shown anew, with another deadline", async () => {
  const account = await customer();
  const letters = new Letters(() => account);
  const draft = letters.compose(form);
  assert.ok(draft.ok);
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 100_000 });
  try {
    const signed = await letters.sign(draft.value.draft);
    assert.ok(signed.ok && signed.value.kind === "changed");
    assert.ok(signed.value.draft.by > draft.value.by);
    assert.equal(readOutbox(account.home).length, 1);
  } finally {
    mock.timers.reset();
  }
});

test("what the exchange would refuse for certain is not composed", async () => {
  const account = await customer();
  const letters = new Letters(() => account);
  const codes = [
    letters.compose({ ...form, price: "0.042155" }),
    letters.compose({ ...form, quantity: "0.01" }),
    letters.compose({ ...form, market: "NO/BTC" }),
    letters.compose({ ...form, by: "9d" }),
    letters.deposit({ asset: "NO", amount: "1" }),
    letters.withdraw({ asset: "BTC", amount: "-1", to: "x" }),
  ].map((composed) => (composed.ok ? "composed" : composed.code));
  assert.deepEqual(codes, ["E101", "E102", "E106", "E108", "E107", "E104"]);
});

test("a letter's dots are done one by one, and each has its file", async () => {
  const account = await customer();
  const letters = new Letters(() => account);
  const draft = letters.compose(form);
  assert.ok(draft.ok);
  const signed = await letters.sign(draft.value.draft);
  assert.ok(signed.ok && signed.value.kind === "signed");
  const { entry } = signed.value;
  const [written] = viewOf(account).journeys;
  assert.deepEqual(
    written?.dots.map(({ state }) => state),
    ["done", "now", "todo", "todo", "todo"],
  );
  assert.equal(written?.fate.kind, "travelling");
  assert.equal(written?.again, "same");
  const late = viewOf(account, nothingMet, time(entry.by + 60_000)).journeys[0];
  assert.deepEqual([late?.fate.kind, late?.fate.code, late?.again], ["unknown", "E502", undefined]);
  const met = await send(account, entry);
  const letterMet = met === undefined ? new Map() : new Map([[entry.name, met]]);
  const [journey] = viewOf(account, { ...nothingMet, letters: letterMet }).journeys;
  assert.deepEqual(
    journey?.dots.slice(0, 3).map(({ state }) => state),
    ["done", "done", "done"],
  );
  assert.match(journey?.dots[1]?.label ?? "", /^carried by 3 of 3 relays$/);
  assert.match(journey?.dots[1]?.detail ?? "", /relay0 \d+ ms/);
  const statement = foldReports(loadArchive(account.home));
  const known = { statement, met, now: now() };
  const [kept] = readOutbox(account.home).toReversed();
  assert.ok(kept);
  for (const dot of journey?.dots ?? []) {
    if (dot.proof === undefined) continue;
    const file = proofFile(wayOf(account, kept, known), dot.key);
    assert.ok(file.ok, dot.key);
    assert.equal(file.value.name, dot.proof);
    assert.ok(file.value.text.length > 50);
  }
  const way = wayOf(account, kept, known);
  const [sealed, text, evidence] = [
    proofFile(way, "written"),
    proofFile(way, "written", "beside"),
    proofFile(way, "carried", "beside"),
  ];
  assert.ok(sealed.ok && text.ok && evidence.ok);
  assert.match(sealed.value.name, /^letter-.*\.asc$/);
  const envelope = readEnvelope(fromLatin1(sealed.value.text));
  assert.equal(envelope.ok && envelope.value.ref, kept.ref);
  assert.equal(text.value.text, textOfLetter(account.home, kept));
  const verified = await verifyEvidence(evidence.value.text);
  assert.ok(verified.ok, "the signet command takes it");
  assert.equal(verified.value.receipts.length, 3);
});

test("a relay that lied is named with its code; one that is silent is not called a liar", async () => {
  const account = await customer();
  exchange.manners[1] = { receipt: "forged" };
  exchange.manners[2] = { receipt: "silent" };
  const letters = new Letters(() => account);
  const cancel = letters.cancelAll(undefined);
  assert.ok(cancel.ok);
  assert.match(cancel.value.text, /^CANCELALL$/m);
  const signed = await letters.sign(cancel.value.draft);
  assert.ok(signed.ok && signed.value.kind === "signed");
  const met = await send(account, signed.value.entry);
  assert.match([...(met?.refused ?? [])].join(" "), /relay1,dropped, E602/);
  const relays = viewOf(account).relays.map(({ name, state, code }) => [name, state, code]);
  assert.deepEqual(relays, [
    ["relay0", "unasked", undefined],
    ["relay1", "lied", "E602"],
    ["relay2", "unasked", undefined],
  ]);
  assert.equal(relayOfStep({ kind: "silent", relay: "relay2", why: "x" })?.state, "silent");
});

test("the view is a function of the home: another wallet with the same reports shows the same", async () => {
  const account = await customer();
  await synchronise(account);
  const [one, two] = [viewOf(account), viewOf(account)];
  assert.deepEqual(two, one);
  assert.equal(one.registered, true);
  assert.deepEqual(
    one.reports.map(({ number }) => number),
    [1],
  );
});

const hour = 3_600_000;

function at(offset: number | undefined, url = "http://birch"): Weather {
  return { url, ms: 1, why: undefined, offset };
}

function judged(offsets: readonly (number | undefined)[], signed?: number): readonly unknown[] {
  const reported = signed === undefined ? undefined : time(1e12 + signed);
  const weather = offsets.map((offset) => at(offset));
  const { offset, trouble, warning } = judgeClock(weather, reported, time(1e12));
  return [offset, trouble?.what ?? "", warning?.what ?? ""];
}

test("more than half of the relays stop a wallet whose clock is wrong; half of them warn", () => {
  assert.deepEqual(judged([]), [undefined, "", ""]);
  assert.deepEqual(judged([undefined]), [undefined, "", ""]);
  assert.deepEqual(judged([30_000]), [30_000, "", ""]);
  const behind = "This device's clock is 31 s behind the exchange's.";
  assert.deepEqual(judged([-31_000]), [-31_000, behind, ""]);
  const ahead = "This device's clock is 60 minutes ahead of the exchange's.";
  assert.deepEqual(judged([20, hour, hour, undefined]), [hour, ahead, ""]);
  const one = "http://birch says that this device's clock is 60 minutes behind the exchange's.";
  assert.deepEqual(judged([-hour, 20]), [20, "", one]);
  assert.deepEqual(judged([-hour, 20, undefined]), [20, "", one]);
  assert.deepEqual(judged([-hour, 20, -30]), [-30, "", one]);
  // Two who say that it is wrong, and not how.
  assert.deepEqual(judged([-hour, hour, 5])[1], "");
});

test("what the exchange signed tells the time, whatever relays say", () => {
  assert.deepEqual(judged([hour, hour, 5], -2000), [5, "", ""], "its clock is not that far back");
  assert.deepEqual(judged([hour, hour], -2000), [undefined, "", ""]);
  assert.match(String(judged([hour], -hour)[1]), /60 minutes ahead/, "it may well be");
  assert.match(String(judged([0, 0], 60_000)[1]), /60 s behind the exchange's/);
});

test("what is said of the clock and not believed is a note, and stops nobody", async () => {
  const account = await customer();
  const { warning } = judgeClock([at(-hour), at(0)], undefined, now());
  assert.ok(warning);
  const [note] = viewOf(account, { ...nothingMet, clockOffset: 0, clockWarning: warning }).troubles;
  assert.equal(note?.code, "E105");
  assert.match(`${note?.meaning} ${note?.next}`, /sent all the same.*do without that relay/);
});

test("a relay is good when it is heard, and silent when it is not", () => {
  const heard = afterWeather(nothingMet, at(20));
  assert.equal(heard.relays.get("http://birch")?.state, "good");
  const silent = afterWeather(heard, { ...at(undefined), why: "no answer in 10 s" });
  assert.equal(silent.relays.get("http://birch")?.state, "silent");
  assert.equal(silent.lastHeard, heard.lastHeard);
});
