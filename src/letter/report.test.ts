/** Records and reports: printing and reading are strict inverses; garbage never throws. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { toBase64 } from "../codec/bytes.ts";
import { addressOf, hashOf } from "../codec/ethereum.ts";
import { digest, fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { runs } from "../testing/runs.ts";
import { numberedCauses, parseEntry, printEntry, type Entry } from "./entry.ts";
import { cancelReasons } from "./orderentry.ts";
import {
  finishAnswer,
  mailboxOf,
  noReport,
  parseReport,
  printHead,
  printReport,
  type Report,
} from "./report.ts";
import { offerStatuses } from "./ringentry.ts";

/** fast-check makes records without a prototype unless told; what is parsed has one. */
function record<Value>(model: {
  readonly [Key in keyof Value]: fc.Arbitrary<Value[Key]>;
}): fc.Arbitrary<Value> {
  return fc.record<Value>(model, { noNullPrototype: true });
}

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const constant = <const Value>(value: Value): fc.Arbitrary<Value> => fc.constant(value);
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const line = fc.integer({ min: 0, max: 1000 });
const change = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const units = whole.map(amount);
const lots = whole.map(quantity);
const at = whole.map(price);
const asset = fc.stringMatching(/^[A-Z][A-Z0-9.]{0,11}$/);
const market = fc.tuple(asset, asset).map((pair) => pair.join("/"));
const account = hex(40).map(fingerprint);
const remark = fc.stringMatching(/^[!-{}~]([ -{}~]{0,98}[!-{}~])?$/).filter((t) => t !== "-");
const evidence = fc.option(remark, { nil: undefined });
const verb = fc.stringMatching(/^[ -{}~]{0,12}$/);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,39}$/);
const sentence = fc.stringMatching(/^[!-{}~]([ -{}~]{0,60}[!-{}~])?$/);
const key = record({
  letter: hex(64).map(orderId),
  line: fc.integer({ min: 1, max: 1000 }),
});
const expiry = fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => time(seconds * 1000));
const side = fc.constantFrom("buy", "sell");
const label = fc.stringMatching(/^[A-Za-z0-9._:/-]{1,36}$/);
const labels = {
  id: fc.option(
    label.filter((text) => !/^[0-9a-fA-F]{20,}\.[0-9]+$/.test(text)),
    { nil: undefined },
  ),
  tag: fc.option(label, { nil: undefined }),
};

const own = fc.constantFrom("newest", "oldest", "both");
const tif = fc.constantFrom("gtc", "day", "ioc", "fok", "post_only");
const stop = fc.option(count.map(price), { nil: undefined });
const ordered = {
  kind: constant("order"),
  line,
  key,
  status: fc.constantFrom("resting", "partly_filled", "filled", "cancelled", "expired"),
  side,
  market,
  requested: lots,
  price: fc.option(at, { nil: undefined }),
  filled: lots,
  open: lots,
  trigger: stop,
  own,
  cap: fc.option(count.map(amount), { nil: undefined }),
  why: constant(undefined),
  ...labels,
};
const until = { expiry, tif: constant("gtd") };
const forever = { expiry: constant(undefined), tif };
const waits = { status: constant("waiting"), trigger: count.map(price) };
const ended = { status: constant("cancelled"), why: fc.constantFrom(...cancelReasons) };

const orders: fc.Arbitrary<Entry> = fc.oneof(
  record({ ...ordered, ...until }),
  record({ ...ordered, ...forever }),
  record({ ...ordered, ...forever, ...waits }),
  record({ ...ordered, ...until, ...waits }),
  record({ ...ordered, ...forever, ...ended }),
  record({
    kind: constant("switch"),
    line,
    at: fc.option(expiry, { nil: undefined }),
    ...labels,
  }),
  record({
    kind: constant("fill"),
    trade: count,
    key,
    side,
    market,
    quantity: lots,
    price: at,
    quote: units,
    fee: units,
    role: fc.constantFrom("maker", "taker"),
    ...labels,
  }),
);

const moveCause = fc.oneof(
  record({ kind: fc.constantFrom(...numberedCauses), number: count }),
  record({ kind: fc.constantFrom("push out", "push in") }),
);
const holdCause = fc.oneof(
  record({ kind: constant("order"), key }),
  record({ kind: fc.constantFrom("withdrawal", "dividend"), number: count }),
);

const securities: fc.Arbitrary<Entry> = fc.oneof(
  record({
    kind: constant("action"),
    line,
    number: count,
    action: fc.constantFrom("list", "dividend", "ratio", "rename", "delist"),
    asset,
    state: fc.constantFrom("scheduled", "done"),
    ...labels,
  }),
  record({
    kind: constant("entitled"),
    number: count,
    asset,
    shares: units,
    pay: asset,
    amount: units,
  }),
  record({ kind: constant("holder"), asset, account, shares: units }),
  record({ kind: constant("issue"), asset, shares: units, hash: hex(64).map(digest) }),
  record({ kind: constant("closing"), asset, shares: units }),
);

const money: fc.Arbitrary<Entry> = fc.oneof(
  record({ kind: constant("move"), asset, change, total: units, cause: moveCause }),
  record({ kind: constant("hold"), asset, change, held: units, cause: holdCause }),
  record({ kind: constant("balance"), asset, total: units, free: units, held: units }),
  record({ kind: constant("push"), line, asset, to: account, amount: units, ...labels }),
  record({
    kind: constant("deposit"),
    number: count,
    asset,
    announced: units,
    state: fc.constantFrom("awaited", "credited"),
    credited: units,
    evidence,
    ...labels,
  }),
  record({
    kind: constant("withdrawal"),
    number: count,
    asset,
    amount: units,
    address: remark,
    state: fc.constantFrom("waiting", "approved", "paid", "refused"),
    evidence,
    ...labels,
  }),
);

const words: fc.Arbitrary<Entry> = fc.oneof(
  record({ kind: constant("reject"), line, verb, name, sentence, ...labels }),
  record({ kind: constant("done"), line, verb, ...labels }),
  record({ kind: constant("refused"), name, sentence }),
  record({ kind: constant("mailbox"), secret: hex(64), next: whole }),
  record({ kind: constant("seq"), thread: whole, highest: whole }),
  record({ kind: constant("last"), report: whole, hash: hex(64).map(digest) }),
  record({
    kind: constant("json"),
    text: fc.dictionary(name, sentence).map((value) => JSON.stringify(value)),
  }),
  record({
    kind: constant("resent"),
    report: count,
    text: fc.uint8Array({ minLength: 1, maxLength: 90 }).map(toBase64),
  }),
);

const asked = { kind: constant("request"), number: count, asset, amount: units, account };
const hands: fc.Arbitrary<Entry> = fc.oneof(
  record({ ...asked, subject: constant("deposit") }),
  record({ ...asked, subject: constant("withdrawal"), address: remark }),
  record({
    kind: constant("approval"),
    line,
    verb,
    number: fc.oneof(count, market),
    have: count,
    need: count,
  }),
  record({
    kind: constant("settled"),
    subject: fc.constantFrom("deposit", "withdrawal"),
    number: count,
    asset,
    amount: units,
    outcome: fc.constantFrom("credited", "approved", "paid", "refused"),
    evidence,
  }),
);

const uint = (bits: bigint, min = 0n): fc.Arbitrary<bigint> =>
  fc.bigInt({ min, max: (1n << bits) - 1n });
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressOf);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hashOf);
const reason = fc.option(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,39}$/), { nil: undefined });

const rings: fc.Arbitrary<Entry> = fc.oneof(
  record({
    kind: constant("offer"),
    line,
    hash,
    status: fc.constantFrom(...offerStatuses),
    sellToken: asset,
    sellAmount: uint(128n, 1n),
    buyToken: asset,
    buyAmount: uint(128n, 1n),
    sold: uint(256n),
    received: uint(256n),
    until: uint(40n),
    ...labels,
  }),
  record({
    kind: constant("ringed"),
    ring: count,
    ringHash: hash,
    hash,
    state: fc.constantFrom("authored", "settled", "failed"),
    sold: uint(256n),
    received: uint(256n),
    transaction: fc.option(hash, { nil: undefined }),
    reason,
    ...labels,
  }),
  record({
    kind: constant("watch"),
    subject: constant("order"),
    hash,
    owner: address,
    nonce: uint(96n),
    sellToken: address,
    feeToken: fc.option(address, { nil: undefined }),
    signature: fc.option(fc.uint8Array({ minLength: 64, maxLength: 1024 }), { nil: undefined }),
  }),
  record({
    kind: constant("watch"),
    subject: constant("ring"),
    hash,
    submission: count,
    deadline: uint(40n),
  }),
  record({ kind: constant("unwatch"), subject: fc.constantFrom("order", "ring"), hash }),
);

const entry = fc.oneof(orders, securities, money, words, hands, rings);

test("a record printed and read is the same record", () => {
  fc.assert(
    fc.property(entry, (value) => {
      assert.deepEqual(parseEntry(printEntry(value)), { ok: true, value });
    }),
    { numRuns: runs(3000) },
  );
});

test("a record changed anywhere is refused or reads and prints as it now is", () => {
  const change = record({
    at: fc.nat(),
    cut: fc.integer({ min: 0, max: 2 }),
    put: fc.constantFrom(
      "",
      "0",
      "-",
      "+",
      "|",
      " ",
      "a",
      "A",
      "\n",
      "\u00e9",
      "tag=x",
      "|tag=x",
      "|why=cap",
      "|tif=DAY",
    ),
  });
  fc.assert(
    fc.property(entry, change, (value, { at, cut, put }) => {
      const text = printEntry(value);
      const place = at % (text.length + 1);
      const changed = text.slice(0, place) + put + text.slice(place + cut);
      const read = parseEntry(changed);
      if (read.ok) assert.equal(printEntry(read.value), changed);
    }),
    { numRuns: runs(3000) },
  );
});

const common = {
  exchange: account,
  to: account,
  log: whole,
  at: fc.integer({ min: 0, max: 253_402_300_799_999 }).map(time),
  records: fc.array(entry, { maxLength: 20 }),
};
const answers = record({
  orderId: hex(64).map(orderId),
  ref: hex(64).map(ref),
  seq: fc.option(
    record({
      number: fc.integer({ min: 1, max: 281_474_976_710_655 }),
      thread: fc.integer({ min: 0, max: 255 }),
    }),
    { nil: undefined },
  ),
});
const report: fc.Arbitrary<Report> = fc.oneof(
  record({
    ...common,
    kind: constant("report"),
    report: count,
    previous: hex(64).map(digest),
    answers: fc.option(answers, { nil: undefined }),
  }),
  record({ ...common, kind: constant("answer"), answers }),
);

test("a report printed and read is the same report, padded to 1,024", () => {
  fc.assert(
    fc.property(report, (value) => {
      const text = printReport(value);
      assert.equal(text.length % 1024, 0);
      assert.equal(text, finishAnswer(printHead(value), value.records.map(printEntry)));
      const read = parseReport(text);
      assert.ok(read.ok);
      assert.deepEqual(read.value, value);
      assert.equal(printReport(read.value), text);
    }),
    { numRuns: runs(300) },
  );
});

test("garbage is refused, and never throws", () => {
  const piece = fc.oneof(
    fc.constantFrom("signet-report/1 ", "signet-answer/1 ", "4".repeat(40), "0".repeat(64), "\n"),
    fc.constantFrom("to ", "report 1", "previous ", "answers ", "nothing", " ref ", " seq 1", "|"),
    fc.constantFrom(
      "ORDER|",
      "FILL|",
      "MOVE|",
      "OFFER|1|0x",
      "WATCH|ring|",
      "JSON|{",
      "RESENT|1|",
      "pad ",
      "pad\n",
      "...",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const garbage = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(garbage, (text) => {
      parseReport(text);
      parseEntry(text);
      const padded = finishAnswer(text, []);
      const read = parseReport(padded);
      if (read.ok) assert.equal(printReport(read.value), padded);
    }),
    { numRuns: runs(2000) },
  );
});

test("a report changed anywhere is refused or reads and prints as it now is", () => {
  const change = record({ at: fc.nat(), put: fc.stringMatching(/^[\n -~]$/) });
  fc.assert(
    fc.property(report, change, (value, { at, put }) => {
      const text = printReport(value);
      const place = at % text.length;
      const changed = text.slice(0, place) + put + text.slice(place + 1);
      const read = parseReport(changed);
      if (read.ok) assert.equal(printReport(read.value), changed);
    }),
    { numRuns: runs(500) },
  );
});

test("a mailbox address is the hash of the secret, LF and the box", () => {
  const secret = "5b1e0f".padEnd(64, "7");
  for (const entry of [0, 1, 255, 256, 70_000]) {
    const box = Math.floor(entry / 256);
    // printf '%s\n%s' SECRET BOX | sha256sum
    const tag = createHash("sha256").update(`${secret}\n${box}`).digest("hex");
    assert.deepEqual(mailboxOf(secret, entry), { tag, index: entry % 256 });
  }
  assert.throws(() => mailboxOf("x", 0), { name: "AssertionFailed" });
  assert.throws(() => mailboxOf(secret, -1), { name: "AssertionFailed" });
});

test("the first report's previous is zeros", () => {
  assert.equal(noReport, "0".repeat(64));
});
