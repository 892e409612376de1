/** Letters: printing then reading gives the same commands; garbage never throws; ids by hand. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { toBase64 } from "../codec/bytes.ts";
import { addressOf, hashOf, noAddress } from "../codec/ethereum.ts";
import { digest, fingerprint, orderId } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { amount, price, quantity } from "../money/amount.ts";
import type { Fact } from "../ring/fact.ts";
import type { RingOrder } from "../ring/order.ts";
import { runs } from "../testing/runs.ts";
import type { Command, PlaceCommand } from "./command.ts";
import { parseLine } from "./grammar.ts";
import { orderIdOf, parseKey, parseOrderName, printKey, printOrderName } from "./orderid.ts";
import { parseLetter, registrationIn } from "./parse.ts";
import { printCommand, printLetter } from "./print.ts";

/** fast-check makes records without a prototype unless told; what is parsed has one. */
function record<Value>(model: {
  readonly [Key in keyof Value]: fc.Arbitrary<Value[Key]>;
}): fc.Arbitrary<Value> {
  return fc.record<Value>(model, { noNullPrototype: true });
}

function maybe<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const by = time(1_795_262_400_000);

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const asset = fc.stringMatching(/^[A-Z][A-Z0-9.]{0,11}$/);
const market = fc.tuple(asset, asset).map((pair) => pair.join("/"));
const units = positive.map(amount);
const hex = (digits: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const remark = fc
  .stringMatching(/^[!-{}~]([ -{}~]{0,98}[!-{}~])?$/)
  .filter((text) => text !== "-" && !/^(id|tag)=/.test(text));
const ownId = fc
  .stringMatching(/^[A-Za-z0-9._:/-]{1,36}$/)
  .filter((text) => !/^[0-9a-fA-F]{20,}\.[0-9]+$/.test(text));
const expiry = fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => time(seconds * 1000));
const side = fc.constantFrom("buy", "sell");

const uint = (bits: bigint, min = 0n): fc.Arbitrary<bigint> =>
  fc.bigInt({ min, max: (1n << bits) - 1n });
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressOf);
const someone = address.filter((found) => found !== noAddress);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hashOf);
const percent = fc.bigInt({ min: 0n, max: 100n });

const ringOrder: fc.Arbitrary<RingOrder> = record({
  owner: address,
  sellToken: address,
  buyToken: address,
  sellAmount: uint(128n, 1n),
  buyAmount: uint(128n, 1n),
  validSince: uint(40n),
  validUntil: uint(40n),
  nonce: uint(96n),
  authAddress: someone,
  feeToken: address,
  feeAmount: uint(128n),
  marginSplit: percent,
  wallet: address,
  walletSplit: percent,
  allOrNone: fc.boolean(),
  buyDriven: fc.boolean(),
  minimumFill: uint(128n),
  recipient: address,
}).filter(({ sellToken, buyToken }) => sellToken !== buyToken);

const fact: fc.Arbitrary<Fact> = fc.oneof(
  record({ kind: fc.constant("counter"), owner: address, nonce: uint(96n), value: uint(256n) }),
  record({ kind: fc.constant("epoch"), owner: address, value: uint(256n) }),
  record({ kind: fc.constant("funds"), owner: address, token: address, value: uint(256n) }),
  record({ kind: fc.constant("accepts"), order: hash, value: uint(1n) }),
  record({ kind: fc.constant("clock"), value: uint(256n) }),
  record({ kind: fc.constant("settled"), ring: hash, transaction: hash }),
  record({
    kind: fc.constant("fails"),
    submission: fc.integer({ min: 1, max: 999_999_999_999_999 }),
    name: fc.oneof(fc.constant("-"), fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,39}$/)),
  }),
);

const orderName = fc.oneof(
  record({ kind: fc.constant("own"), id: ownId }),
  record({
    kind: fc.constant("line"),
    prefix: fc.integer({ min: 20, max: 64 }).chain(hex),
    line: fc.integer({ min: 1, max: 1000 }),
  }),
);

const stop = maybe(positive.map(price));
const own = fc.constantFrom("newest", "oldest", "both");
const tif = fc.constantFrom("gtc", "day", "ioc", "fok", "post_only");
const placed = { kind: fc.constant("place"), market, quantity: positive.map(quantity), own };
const never = fc.constant(undefined);

/** Limit orders, market orders, and stops without a price that expire. */
const places: readonly fc.Arbitrary<PlaceCommand>[] = [
  record({
    ...placed,
    side,
    price: positive.map(price),
    trigger: stop,
    cap: never,
    expiry: never,
    tif,
  }),
  record({
    ...placed,
    side,
    price: positive.map(price),
    trigger: stop,
    cap: never,
    expiry,
    tif: fc.constant("gtd"),
  }),
  record({
    ...placed,
    side: fc.constant("buy"),
    price: never,
    trigger: stop,
    cap: maybe(units),
    expiry: never,
    tif,
  }),
  record({
    ...placed,
    side: fc.constant("sell"),
    price: never,
    trigger: positive.map(price),
    cap: never,
    expiry,
    tif: fc.constant("gtd"),
  }),
];

const securities: readonly fc.Arbitrary<Command>[] = [
  record({ kind: fc.constant("list"), asset, shares: units, hash: hex(64).map(digest) }),
  record({
    kind: fc.constant("dividend"),
    asset,
    pay: asset,
    total: units,
    float: units,
    record: maybe(expiry),
  }),
  record({
    kind: fc.constant("ratio"),
    asset,
    numerator: positive,
    denominator: positive,
    pay: asset,
    price: safe.map(amount),
  }).filter(({ numerator, denominator }) => numerator !== denominator),
  record({ kind: fc.constant("rename"), asset, to: asset }),
  record({ kind: fc.constantFrom("delist", "holders"), asset }),
];

const command: fc.Arbitrary<Command> = fc.oneof(
  ...places,
  ...securities,
  record({
    kind: fc.constant("replace"),
    order: orderName,
    quantity: maybe(positive.map(quantity)),
    price: maybe(positive.map(price)),
    trigger: stop,
    postOnly: fc.boolean(),
  }),
  record({
    kind: fc.constant("cancelafter"),
    at: maybe(expiry.filter((at) => at > 0)),
  }),
  record({ kind: fc.constantFrom("halt", "resume"), market, evidence: remark }),
  record({
    kind: fc.constant("register"),
    certificate: fc.uint8Array({ minLength: 1, maxLength: 90 }).map(toBase64),
  }),
  record({
    kind: fc.constant("cancel"),
    order: orderName,
  }),
  record({ kind: fc.constant("cancelall"), market: maybe(market), side: maybe(side) }),
  record({ kind: fc.constantFrom("stat", "statjson", "noop") }),
  record({ kind: fc.constant("push"), asset, to: hex(40).map(fingerprint), amount: units }),
  record({ kind: fc.constant("deposit"), asset, amount: units }),
  record({ kind: fc.constant("withdraw"), asset, amount: units, address: remark }),
  fc
    .tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 99 }))
    .map(([from, more]) => ({ kind: "resend" as const, from, to: from + more })),
  record({
    kind: fc.constant("credit"),
    deposit: positive,
    account: hex(40).map(fingerprint),
    asset,
    amount: units,
    evidence: remark,
  }),
  record({
    kind: fc.constant("approve"),
    withdrawal: positive,
    asset,
    amount: units,
    address: remark,
  }),
  record({ kind: fc.constantFrom("refuse", "paid"), withdrawal: positive, evidence: remark }),
  record({ kind: fc.constant("skip"), record: positive, evidence: remark }),
  record({
    kind: fc.constant("ring"),
    order: ringOrder,
    signature: fc
      .uint8Array({ minLength: 64, maxLength: 1024 })
      .filter(({ length }) => length !== 65),
    auth: fc.option(fc.uint8Array({ minLength: 1, maxLength: 3000 }).map(toBase64), {
      nil: undefined,
    }),
  }),
  record({
    kind: fc.constant("unring"),
    order: fc.oneof(
      record({ kind: fc.constant("own"), id: ownId }),
      record({ kind: fc.constant("hash"), hash }),
    ),
  }),
  record({ kind: fc.constant("observe"), block: safe, fact }),
);

const idKinds: ReadonlySet<string> = new Set(["place", "deposit", "withdraw", "ring"]);

test("a command printed and read is the same command", () => {
  const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9._:/-]{1,36}$/), { nil: undefined });
  const id = fc.option(ownId, { nil: undefined });
  fc.assert(
    fc.property(command, id, tag, (value, anyId, aTag) => {
      const anId = idKinds.has(value.kind) ? anyId : undefined;
      const text = printCommand(value, { id: anId, tag: aTag });
      const line = parseLine(text, 7);
      assert.deepEqual(line.command, { ok: true, value });
      assert.deepEqual([line.number, line.id, line.tag], [7, anId, aTag]);
      assert.equal(line.verb, text.split("|")[0]);
    }),
    { numRuns: runs(2000) },
  );
});

test("a line changed anywhere is refused, or is printed as a line that means the same", () => {
  const change = record({
    at: fc.nat(),
    cut: fc.integer({ min: 0, max: 2 }),
    put: fc.constantFrom("", "0", "1", "-", "|", "=", "a", "A", "|-", "|tif=IOC", "|stop=5"),
  });
  fc.assert(
    fc.property(command, change, (value, { at, cut, put }) => {
      const text = printCommand(value);
      const place = at % (text.length + 1);
      const read = parseLine(text.slice(0, place) + put + text.slice(place + cut), 1);
      if (!read.command.ok) return assert.match(read.command.detail, /^[ -{}~]{1,400}$/);
      const again = parseLine(printCommand(read.command.value, read), 1);
      assert.deepEqual(again.command, read.command);
    }),
    { numRuns: runs(2000) },
  );
});

test("a letter printed and read is the same letter, padded or not", () => {
  const parts = record({
    seq: fc.integer({ min: 1, max: 281_474_976_710_655 }),
    thread: fc.integer({ min: 0, max: 255 }),
    commands: fc.array(command, { minLength: 1, maxLength: 8 }),
    pad: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(parts, ({ seq, thread, commands, pad }) => {
      const texts = commands.map((value) => printCommand(value));
      const text = printLetter({ exchange, seq, thread, by, commands: texts, pad });
      if (pad !== undefined) assert.equal(text.length % pad, 0);
      const letter = parseLetter(text, exchange);
      assert.ok(letter.ok);
      assert.deepEqual(letter.value.seq, { number: seq, thread });
      assert.equal(letter.value.by, by);
      assert.deepEqual(
        letter.value.lines.map((line) => line.command.ok && line.command.value),
        commands,
      );
    }),
    { numRuns: runs(500) },
  );
});

test("a letter that only asks may go without seq; a full one is not padded beyond its size", () => {
  const text = printLetter({ exchange, by, commands: ["STAT"] });
  assert.equal(text, `signet/1 ${exchange}\nby 2026-11-21T12:00:00Z\nSTAT\n`);
  assert.ok(parseLetter(text, exchange).ok);
  const long = Array.from({ length: 1000 }, () => `NOOP|tag=${"x".repeat(36)}`);
  const parts = { exchange, seq: 1, by, commands: long };
  assert.equal(printLetter({ ...parts, pad: 70_000 }), printLetter(parts));
});

/** Pieces that a parser stumbles over sooner than over random characters. */
const piece = fc.oneof(
  fc.constantFrom("signet/1 ", `signet/1 ${exchange}\n`, "seq ", "seq 42", " thread 3", "\nby "),
  fc.constantFrom("by 2026-11-21T12:00:00Z\n", "pad", "pad ...\n", "|", "\n", "=", "id=", "tag="),
  fc.constantFrom("BUY", "REGISTER|", "CANCEL", "STAT", "GLD/BTC", "0", "1", "-", "\r", "\t", " "),
  fc.constantFrom("tif=", "stop=", "own=", "cap=", "IOC", "POST_ONLY", "newest", "REPLACE|", "buy"),
  fc.constantFrom(
    "CANCELALL|",
    "CANCELAFTER|",
    "HALT|",
    "RATIO|",
    "DIVIDEND|GLD|BTC|",
    "LIST|GLD|",
  ),
  fc.string({ unit: "binary-ascii", maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => String.fromCharCode(...bytes)),
);
const garbage = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));

test("garbage is refused or read, and never throws", () => {
  const head = `signet/1 ${exchange}\nseq 42\nby 2026-11-21T12:00:00Z\n`;
  fc.assert(
    fc.property(garbage, (text) => {
      for (const whole of [text, head + text]) {
        const letter = parseLetter(whole, exchange);
        if (!letter.ok) assert.match(letter.detail, /^[ -{}~]{1,400}$/);
        else {
          for (const { command } of letter.value.lines) {
            if (!command.ok) assert.match(command.detail, /^[ -{}~]{1,400}$/);
          }
        }
        registrationIn(whole);
      }
      parseOrderName(text);
      parseKey(text);
    }),
    { numRuns: runs(3000) },
  );
});

test("the certificate of a REGISTER that comes first, and of no other", () => {
  const head = `signet/1 ${exchange}\nseq 1\nby 2026-11-21T12:00:00Z\n`;
  const bytes = Uint8Array.of(0x98, 1, 2);
  const line = `REGISTER|${toBase64(bytes)}\n`;
  assert.deepEqual(registrationIn(`${head}${line}`), bytes);
  assert.deepEqual(registrationIn(`${head}pad ..\n${line}NOOP\n`), bytes);
  // The engine refuses a letter to another exchange, but must know whom to tell.
  assert.deepEqual(registrationIn(`${head.replace("4997", "0000")}${line}`), bytes);
  assert.equal(registrationIn(`${head}NOOP\n${line}`), undefined);
  assert.equal(registrationIn(`${head}REGISTER|x\n`), undefined);
  assert.equal(registrationIn(`${head}${line}\u00e9`), undefined);
  assert.equal(registrationIn(line), undefined);
  assert.equal(registrationIn(""), undefined);
});

test("an order id is SHA-256 of the fingerprint, LF and the text, whatever its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const hash = createHash("sha256").update(`${exchange}\n`).update(bytes).digest("hex");
      assert.equal(orderIdOf(exchange, Buffer.from(bytes).toString("latin1")), hash);
    }),
    { numRuns: runs(200) },
  );
});

test("order names and keys read as they print", () => {
  const key = { letter: orderId("5c1e77d012ab90fe3310".padEnd(64, "0")), line: 12 };
  assert.deepEqual(parseKey(printKey(key)), key);
  for (const bad of ["", printKey(key).toUpperCase().replace("5C", "5c"), `${printKey(key)}x`]) {
    if (bad !== printKey(key)) assert.equal(parseKey(bad), undefined, bad);
  }
  fc.assert(
    fc.property(fc.oneof(ownId, safe.map(String), garbage), (text) => {
      const name = parseOrderName(text);
      if (name !== undefined) assert.equal(printOrderName(name), text);
    }),
    { numRuns: runs(500) },
  );
});
