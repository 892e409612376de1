/**
 * `signet replay` as an auditor and a backtester use it: a journal with nothing beside it, one that
 * somebody has open, one that is torn, one that is damaged; a stream, and what is none.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { makeStream, mixes } from "../../bench/streammaker.ts";
import { apply } from "../engine/apply.ts";
import { stateHash } from "../engine/snapshot.ts";
import { newState } from "../engine/state.ts";
import { encodeRecord } from "../journal/record.ts";
import { openSegments } from "../store/segments.ts";
import { signetCommand } from "../testing/exchange.ts";
import { Floor, floorExchange } from "../testing/floor.ts";
import { at, endOf, listAt, type CommandEnd } from "../testing/walletcustomer.ts";

const dir = mkdtempSync(join(tmpdir(), "replay-"));
const journal = join(dir, "copy");
const stream = join(dir, "full.bin");
const floor = new Floor();

before(async () => {
  floor.fund("Alice", "BTC", 1_000_000_000);
  floor.fund("Bob", "GLD", 1000);
  floor.say("Bob", "SELL|GLD/BTC|500|4215", "SELL|GLD/BTC|100|4300");
  floor.say("Alice", "BUY|GLD/BTC|200|4215");
  floor.say("Alice", "BUY|GLD/BTC|30|4100");
  const store = await openSegments(journal, { segmentBytes: 65_536 });
  for (const input of floor.journal) {
    await store.append([encodeRecord({ kind: "input", input, evidence: new Uint8Array(0) })]);
  }
  await store.close();
  const mix = mixes["full-10"];
  assert.ok(mix !== undefined);
  writeFileSync(stream, makeStream(mix, 20_000, 1));
});

after(() => rmSync(dir, { recursive: true, force: true }));

function start(words: readonly string[]): ChildProcess {
  const [node, program] = signetCommand;
  return spawn(node, ["--disable-warning=ExperimentalWarning", program, "replay", ...words]);
}

type JsonLines = CommandEnd & { readonly data: unknown; readonly events: readonly unknown[] };

async function json(...words: readonly string[]): Promise<JsonLines> {
  return read(await endOf(start([...words, "--json"])));
}

function read(ended: CommandEnd): JsonLines {
  const lines: unknown[] = ended.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { ...ended, data: lines.at(-1), events: lines.slice(0, -1) };
}

/** The state after so many records. */
function hashAfter(records: number): string {
  const state = newState(floorExchange);
  for (const input of floor.journal.slice(0, records)) apply(state, input);
  return stateHash(state);
}

test("segments alone are enough: state, sums, the book", async () => {
  const ended = await json(journal, "--book", "GLD/BTC");
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.err, new RegExp(`most letters are written to ${floorExchange}`));
  assert.equal(at(ended.data, "stateHash"), stateHash(floor.state));
  assert.deepEqual(at(ended.data, "sums"), { BTC: 0, GLD: 0 });
  assert.deepEqual(at(ended.data, "book"), {
    market: "GLD/BTC",
    buy: [{ price: "0.041", quantity: "3" }],
    sell: [
      { price: "0.04215", quantity: "30" },
      { price: "0.043", quantity: "10" },
    ],
  });
});

test("until a record, and with a segment for the journal: the state as of then", async () => {
  const until = floor.journal.length - 2;
  const ended = await json(join(journal, "00000001.seg"), "--until", String(until));
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(
    [at(ended.data, "records"), at(ended.data, "of")],
    [until, floor.journal.length],
  );
  assert.equal(at(ended.data, "stateHash"), hashAfter(until));
});

test("every event is a line: what was told, and what was said", async () => {
  const { code, events } = await json(journal, "--events");
  assert.equal(code, 0);
  const leaves = events.filter((event) => at(event, "event") === "leaf");
  assert.deepEqual(
    leaves.map((leaf) => at(leaf, "text")),
    floor.leaves,
  );
  const asked = events.filter((event) => at(event, "event") === "line");
  assert.ok(asked.some((line) => at(line, "text") === "BUY|GLD/BTC|200|4215"));
  const fills = events.filter((event) => String(at(event, "text")).startsWith("FILL|"));
  assert.equal(fills.length, 2);
  const { out } = await endOf(start([journal, "--events", "--until", "1"]));
  assert.match(out, /^1 2026-11-21T12:00:00\.000Z configure\n1 \S+ line asset BTC decimals 8/);
});

test("a market that is not there is said, and the fold is whole", async () => {
  const ended = await json(journal, "--book", "GLD/EUR");
  assert.deepEqual([ended.code, at(ended.data, "exit")], [2, 2]);
  assert.match(ended.err, /No market is called GLD\/EUR by then; there are: GLD\/BTC\..*E106/s);
  assert.equal(at(ended.data, "stateHash"), stateHash(floor.state));
});

test("a journal that somebody has open is folded as it stands, and that is said", async () => {
  const store = await openSegments(journal, { segmentBytes: 65_536 });
  const ended = await json(journal);
  await store.close();
  assert.equal(ended.code, 0, ended.err);
  assert.equal(at(ended.data, "openIn"), process.pid);
  assert.match(ended.err, new RegExp(`open in process ${process.pid}`));
});

test("a torn write is passed over, damage is refused by name; nothing is changed", async () => {
  const copy = join(dir, "torn");
  cpSync(journal, copy, { recursive: true });
  const path = join(copy, "00000001.seg");
  const bytes = readFileSync(path);
  let end = bytes.length;
  while (bytes[end - 1] === 0) end -= 1;
  const behind = Math.ceil(end / 8) * 8;
  bytes.write("torn", behind + 8);
  writeFileSync(path, bytes);
  const torn = await json(copy);
  assert.equal(torn.code, 0, torn.err);
  assert.match(torn.err, /The last \d+ bytes are a torn write that a crash left/);
  assert.equal(at(torn.data, "stateHash"), stateHash(floor.state));
  assert.deepEqual(readFileSync(path), bytes);
  bytes[100] = 255 - (bytes[100] ?? 0);
  writeFileSync(path, bytes);
  const damaged = await json(copy);
  assert.deepEqual([damaged.code, at(damaged.data, "code")], [3, "E115"]);
  assert.match(String(at(damaged.data, "what")), /journal_damaged/);
});

test("what is no journal and no stream is refused by name", async () => {
  const wrong = join(dir, "wrong.bin");
  const other = join(dir, "said");
  writeFileSync(wrong, "BSO0 and so on");
  const store = await openSegments(other, { segmentBytes: 65_536 });
  await store.append([new Uint8Array(40)]);
  await store.close();
  const cut = join(dir, "cut.bin");
  writeFileSync(cut, readFileSync(stream).subarray(0, -5));
  const cases: readonly (readonly [string, RegExp, readonly string[]])[] = [
    ["E115", /stream_magic/, [wrong]],
    ["E115", /stream_length/, [cut]],
    ["E115", /kind_unknown/, [other]],
    ["E115", /no plain file/, ["/dev/null"]],
    ["E115", /no file or folder/, [join(dir, "nowhere")]],
    ["E115", /no segment/, [dir]],
    ["E100", /--until/, [stream, "--until", "0"]],
    ["E100", /0 to 9/, [stream, "--book", "10"]],
    ["E100", /once/, [stream, "--data", dir]],
  ];
  for (const [code, what, words] of cases) {
    const ended = await json(...words);
    assert.deepEqual([at(ended.data, "ok"), at(ended.data, "code")], [false, code], ended.out);
    assert.match(String(at(ended.data, "what")), what);
  }
});

test("a stream: the trades on which others agree, the book, the sums", async () => {
  const ended = await json(stream, "--book", "3");
  assert.equal(ended.code, 0, ended.err);
  const { data } = ended;
  const said = ["tradeHash", "trades", "rejects"].map((name) => at(data, name));
  assert.deepEqual(said, ["79ca029faff0d9a0", 3861, 372]);
  assert.ok(listAt(data, "book", "buy").length > 10);
  assert.equal(at(data, "sums", "base9"), 0);
  const part = await json(stream, "--until", "6000", "--events");
  const trades = part.events.filter((event) => at(event, "event") === "trade");
  assert.equal(at(part.data, "trades"), trades.length);
  assert.equal(at(part.events.at(-1), "command"), 6000);
});

test("Ctrl-C: what was folded by then, whole lines, exit 130", async () => {
  const child = start([stream, "--events", "--json"]);
  assert.ok(child.stdout);
  // Nobody reads on, so that it waits: the pipe holds less than the events of the first piece.
  await once(child.stdout, "readable");
  child.kill("SIGINT");
  const ended = read(await endOf(child));
  assert.deepEqual([ended.code, at(ended.data, "interrupted")], [130, true]);
  assert.equal(at(ended.events.at(-1), "command"), at(ended.data, "commands"));
});
