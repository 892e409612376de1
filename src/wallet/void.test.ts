/**
 * A letter that nobody answers, through relays that prove what was read, lie about it, drip or hand
 * out somebody else's mail: what becomes of it, what is kept, and who is named.
 */
import assert from "node:assert/strict";
import { after, before, test as plainTest } from "node:test";

import { time, type Time } from "../codec/time.ts";
import type { Ref } from "../codec/names.ts";
import { printReadsProof } from "../log/void.ts";
import { amount } from "../money/amount.ts";
import { ReadsLog } from "../testing/readslog.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { makeKey, openAccount, registration, type Account } from "./account.ts";
import { exportEvidence, verifyEvidence } from "./evidence.ts";
import { fetchVerified, pinExchange } from "./exchange.ts";
import type { Step } from "./follow.ts";
import { memoryHome } from "./memoryhome.ts";
import { findEntry, writeLetter, type OutboxEntry } from "./outbox.ts";
import { proofsOf } from "./reads.ts";
import { forgive, liesIn } from "./relays.ts";
import { sendEntry, type Sent } from "./send.ts";
import { synchronise } from "./sync.ts";

let exchange: TinyExchange;
let seeds = 100;

before(async () => {
  exchange = await TinyExchange.create(2);
});
after(() => exchange.close());
/** A hook would run before the tests of every file: all are in one process. */
function test(name: string, work: () => Promise<void> | void): void {
  void plainTest(name, async () => {
    exchange.manners.splice(0, 2, {}, {});
    exchange.decide = () => undefined;
    await work();
  });
}

async function customer(): Promise<Account> {
  seeds += 1;
  const home = memoryHome({ name: "a test's" });
  assert.ok((await makeKey(home, new Uint8Array(32).fill(seeds), "")).ok);
  const verified = await fetchVerified(exchange.urls, undefined);
  assert.ok(verified.ok);
  pinExchange(home, verified.value);
  const account = await openAccount(home, { ask: () => Promise.resolve(undefined), relays: [] });
  assert.ok(account.ok);
  const { decide } = exchange;
  exchange.decide = () => [];
  const entry = await write(account.value, registration(account.value), 60);
  assert.equal((await sendEntry(account.value, entry, { wait: "read" })).kind, "answered");
  exchange.decide = decide;
  return account.value;
}

async function write(account: Account, command: string, seconds: number): Promise<OutboxEntry> {
  // A whole second, and not one that is nearly over.
  const by = time(Math.ceil((Date.now() + 250) / 1000 + seconds) * 1000);
  const entry = await writeLetter(account, { commands: [command], by, thread: 0, ids: [] });
  assert.ok(entry.ok);
  return entry.value;
}

type Ended = { readonly sent: Sent; readonly steps: readonly Step[] };

/** Follows until the deadline and a little. */
async function send(account: Account, entry: OutboxEntry, graceMs = 2500): Promise<Ended> {
  const steps: Step[] = [];
  const until = time(entry.by + graceMs);
  const onStep = (step: Step): unknown => steps.push(step);
  return { sent: await sendEntry(account, entry, { wait: "read", until, onStep }), steps };
}

function code({ sent }: Ended): string {
  return sent.kind === "trouble" ? sent.trouble.code : sent.kind;
}

/** Blocks of reads from an hour and more before the letter up to these times. */
function logOf(account: Account, entry: OutboxEntry, ends: readonly Time[], key = 1): ReadsLog {
  const log = new ReadsLog(entry.at - 4_000_000, key, account.exchange.fingerprint);
  for (const end of ends) log.block(end, []);
  return log;
}

function later(entry: OutboxEntry, ms: number): Time {
  return time(entry.by + ms);
}

const proved = (log: ReadsLog) => (ref: Ref) => printReadsProof(log.prove(ref));

test("absent past its deadline: void, and the proof is kept for anybody", async () => {
  const account = await customer();
  const entry = await write(account, "NOOP", 0);
  const log = logOf(account, entry, [later(entry, -500), later(entry, 500)]);
  exchange.manners[1] = { proof: proved(log) };
  const ended = await send(account, entry);
  assert.equal(code(ended), "void");
  assert.equal(findEntry(account.home, entry.ref.slice(0, 20))?.state, "void");
  assert.equal(proofsOf(account.home, entry.ref).length, 1);
  const evidence = await verifyEvidence(exportEvidence(account, entry));
  assert.ok(evidence.ok);
  assert.equal(evidence.value.finding?.kind, "void");
  assert.deepEqual(evidence.value.broken, [], "nobody promised for so early");
  assert.deepEqual(evidence.value.receipts.map(({ relay }) => relay).toSorted(), [
    "relay0",
    "relay1",
  ]);
});

test("read: it is said with its time, and nothing is void", async () => {
  const account = await customer();
  const entry = await write(account, "NOOP", 0);
  const log = logOf(account, entry, []);
  log.block(later(entry, -100), [entry.ref]);
  log.block(later(entry, 900), []);
  exchange.manners[0] = { proof: proved(log) };
  const ended = await send(account, entry);
  assert.equal(code(ended), "E502");
  const read = ended.steps.flatMap((step) => (step.kind === "read" ? [step.relay] : []));
  assert.deepEqual(read, ["relay0"]);
  assert.notEqual(findEntry(account.home, entry.ref.slice(0, 20))?.state, "void");
});

test("proofs that are bent, another's or too short make nothing void; liars are named", async () => {
  const account = await customer();
  const lies: readonly (readonly [what: string, proof: (entry: OutboxEntry) => string])[] = [
    [
      "another exchange's log",
      (entry) => proved(logOf(account, entry, [later(entry, 500)], 2))(entry.ref),
    ],
    [
      "another letter's proof",
      (entry) => {
        const other = entry.ref.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
        const text = proved(logOf(account, entry, [later(entry, 500)]))(entry.ref);
        return text.replace(entry.ref, other);
      },
    ],
    [
      "a gap",
      (entry) => {
        const log = logOf(account, entry, [
          later(entry, -900),
          later(entry, 10),
          later(entry, 500),
        ]);
        const proof = log.prove(entry.ref);
        return printReadsProof({ ...proof, blocks: proof.blocks.filter((_, i) => i !== 1) });
      },
    ],
    ["nonsense", () => "signet-reads/1 x"],
  ];
  for (const [what, proof] of lies) {
    const entry = await write(account, "NOOP", 0);
    const honest = logOf(account, entry, [later(entry, 500)]);
    const lie = (): string => {
      // The honest one has its proof only now.
      exchange.manners[1] = { proof: proved(honest) };
      return proof(entry);
    };
    exchange.manners.splice(0, 2, { proof: lie }, {});
    const ended = await send(account, entry);
    assert.equal(code(ended), "void", what);
    const dropped = ended.steps.flatMap((step) => (step.kind === "dropped" ? [step] : []));
    const named = dropped.map(({ relay, trouble }) => [relay, trouble.code]);
    assert.deepEqual(named, [["relay0", "E611"]], what);
    for (const url of liesIn(account.home).keys()) forgive(account.home, url);
  }
  const entry = await write(account, "NOOP", 0);
  const short = logOf(account, entry, [later(entry, -1)]);
  exchange.manners.splice(0, 2, { proof: proved(short) }, { proof: proved(short) });
  assert.equal(code(await send(account, entry, 1500)), "E502");
});

test("a reply that comes drop by drop holds nobody up", async () => {
  const account = await customer();
  exchange.decide = ({ lines }) =>
    lines.map(({ number, verb, id, tag }) => ({ kind: "done", line: number, verb, id, tag }));
  exchange.manners[0] = { reply: "drop by drop" };
  assert.equal(code(await send(account, await write(account, "NOOP", 60))), "answered");
  exchange.manners[1] = { reply: "drop by drop" };
  const entry = await write(account, "NOOP", 0);
  assert.equal(code(await send(account, entry, 500)), "E502");
});

test("somebody else's mail is a lie of the relay that hands it out, and is not believed", async () => {
  const [account, other] = [await customer(), await customer()];
  const total = amount(5);
  const entry = { kind: "balance", asset: "BTC", total, free: total, held: amount(0) } as const;
  await exchange.mail(other.fingerprint, [{ ...entry, total: amount(9), free: amount(9) }]);
  exchange.manners[0] = { mail: "somebody else's" };
  const before = await synchronise(account);
  assert.deepEqual(
    before.troubles.map(({ code: name }) => name),
    ["E607"],
  );
  assert.equal(before.statement.balances.get("BTC"), undefined);
  await exchange.mail(account.fingerprint, [entry]);
  const synced = await synchronise(account);
  assert.equal(synced.statement.balances.get("BTC")?.total, 5);
});
