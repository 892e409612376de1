/** Signed snapshots at a relay: served if they are the signed ones, taken if all is signed. */
import { after, before, test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { assert, nat, property } from "fast-check";
import { at } from "../codec/assert.ts";
import { sha256, toHex, toLatin1 } from "../codec/bytes.ts";
import { decodeHandover, encodeHandover, type Handover } from "../log/handover.ts";
import { parseIndex, restoreSnapshot, type Snapshot } from "../market/snapshot.ts";
import { mailbox, Past, repliedIn } from "../testing/past.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { runs } from "../testing/runs.ts";

/** Publications 1 to 60; number 40 begins with a SNAPSHOT leaf. */
const past = new Past();
past.grow(39);
const snapshot = past.snapshot();
past.grow(21, { signs: true });
const signing = 40;
const { index, parts } = snapshot;
const honest: Handover = { index, parts, publications: [past.get(signing)] };

async function put(world: RelayWorld, path: string, body: Uint8Array): Promise<string> {
  const response = await fetch(world.relay.address + path, {
    method: "PUT",
    headers: { "signet-dock": world.signature("PUT", path) },
    body: new Uint8Array(body),
  });
  const { code } = (await response.json()) as { code?: string };
  return code ?? String(response.status);
}

function adopt(world: RelayWorld, handover: Handover): Promise<string> {
  return put(world, "/v1/dock/snapshot", encodeHandover(handover));
}

function fill(world: RelayWorld, first: number, last: number): Promise<string> {
  const publications = past.publications.slice(first - 1, last);
  return put(world, "/v1/dock/history", encodeHandover({ parts: [], publications }));
}

async function publish(world: RelayWorld, first: number, last: number): Promise<void> {
  for (let n = first; n <= last; n += 1) equal((await world.put(n, past.get(n))).status, 200);
}

async function code(world: RelayWorld, path: string): Promise<string> {
  const response = await world.get(path);
  if (response.status === 200) return "200";
  return ((await response.json()) as { code: string }).code;
}

async function facts(world: RelayWorld): Promise<Record<string, unknown>> {
  return (await (await world.get("/v1/relay")).json()) as Record<string, unknown>;
}

/** What is said of the present, and of the past. */
const present = [
  "book?market=GLD/BTC",
  "trades",
  "trades?after=1",
  "ticker",
  "checkpoint",
  "counters",
]
  .concat(["candles?market=GLD/BTC&interval=1m", "vwap?market=GLD/BTC", "markets", "snapshot"])
  .map((path) => `/v1/${path}`);
const gone = [
  "/v1/leaves",
  "/v1/proof?leaf=3",
  `/v1/mailboxes/${"00".repeat(32)}`,
  "/tile/0/000.p/9",
].concat([`/v1/letters/${repliedIn(8)}/reply`]);
const whole = [
  "/v1/leaves",
  "/v1/proof?leaf=3",
  `/v1/mailboxes/${mailbox}`,
  "/tile/0/000.p/9",
].concat(["/v1/exchange", "/v1/leaves?after=150", "/tile/entries/000.p/99"]);

/** A relay that had every publication, one by one. */
let straight: RelayWorld;
before(async () => {
  straight = await RelayWorld.start();
  await publish(straight, 1, past.last);
});
after(() => straight.close());

async function sayTheSame(world: RelayWorld, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const [here, there] = [await world.get(path), await straight.get(path)];
    equal(here.status, 200, path);
    equal(await here.text(), await there.text(), path);
  }
}

test("a relay serves the snapshot that it made itself, under its hash and for ever the same", async () => {
  const served = await (await straight.get("/v1/snapshot")).text();
  equal(served, index);
  const named = parseIndex(served);
  ok(named.ok);
  const texts: string[] = [];
  for (const { digest } of named.value.parts) {
    const response = await straight.get(`/v1/snapshot/parts/${digest}`);
    match(response.headers.get("cache-control") ?? "", /immutable/);
    const bytes = new Uint8Array(await response.arrayBuffer());
    equal(toHex(sha256(bytes)), digest);
    texts.push(toLatin1(bytes));
  }
  ok(restoreSnapshot(past.publisher.exchange, { index: served, parts: texts }).ok);
  equal(await code(straight, `/v1/snapshot/parts/${snapshot.digest}`), "200");
  equal(await code(straight, `/v1/snapshot/parts/${"00".repeat(32)}`), "snapshot_absent");
  const said = await facts(straight);
  deepEqual([said["snapshot"], said["snapshotDiffers"]], [past.view.lastSnapshot.size, null]);
  deepEqual(said["history"], { filled: past.view.size, from: 0 });
});

test("one whose snapshot is not the signed one says so, and serves none until one is", async () => {
  const [world, other] = [await RelayWorld.start(), new Past()];
  try {
    equal(await code(world, "/v1/snapshot"), "snapshot_absent");
    other.grow(5);
    other.grow(1, { signs: true });
    const { size } = other.view;
    const wrong = `SNAPSHOT|${size}|${"ab".repeat(32)}`;
    other.publish({ leaves: [wrong] });
    other.grow(2);
    for (const [i, bytes] of other.publications.entries()) await world.put(i + 1, bytes);
    for (const path of ["/v1/snapshot", `/v1/snapshot/parts/${snapshot.digest}`]) {
      equal(await code(world, path), "snapshot_differs");
    }
    equal((await facts(world))["snapshotDiffers"], size);
    await world.restart();
    equal(await code(world, "/v1/snapshot"), "snapshot_differs", "also after a restart");
    other.grow(1, { signs: true });
    await world.put(other.last, other.get(other.last));
    equal(await code(world, "/v1/snapshot"), "200");
  } finally {
    await world.close();
  }
});

test("one that is too long for its readers is passed over, said so, and the log goes on", async () => {
  const [world, other] = [await RelayWorld.start(), new Past()];
  try {
    other.grow(2);
    other.grow(1, { signs: true });
    const { size: before } = other.view.lastSnapshot;
    const parameters = "1|100|1|5|10000000|1|1000000|0|2000|1|8";
    const names = Array.from({ length: 700 }, (_, i) => `ABCDEFGHI${100 + i}/ABCDEFGHIJKL`);
    other.publish({ leaves: names.map((name) => `MARKET|${name}|${parameters}`) });
    const { size } = other.view;
    // An exchange that signs what it should not.
    other.publish({ leaves: [other.snapshotLeaf()] });
    other.grow(1);
    for (const [i, bytes] of other.publications.entries()) {
      deepEqual(await world.put(i + 1, bytes), { status: 200, code: "" });
    }
    for (const when of ["at once", "after a restart"]) {
      const said = await facts(world);
      const told = [said["snapshot"], said["snapshotPassed"], said["snapshotDiffers"]];
      deepEqual(told, [before, size, null], when);
      equal(await code(world, "/v1/snapshot"), "200", "the one before it is there still");
      await world.restart();
    }
  } finally {
    await world.close();
  }
});

test("what is not all signed is refused by name, and nothing of it is shown", async () => {
  const world = await RelayWorld.start();
  try {
    const elsewhere = new Past();
    elsewhere.grow(39, { leaves: 4 });
    const lie: Snapshot = elsewhere.snapshot();
    elsewhere.grow(1, { signs: true });
    const bent = past.get(signing).map((byte, i, all) => (i === all.length - 9 ? byte ^ 1 : byte));
    const cases: readonly (readonly [string, Handover])[] = [
      ["handover_malformed", { ...honest, publications: [] }],
      ["handover_malformed", { ...honest, index: undefined }],
      ["publication_malformed", { ...honest, publications: [new Uint8Array(3)] }],
      ["snapshot_behind", { ...honest, publications: [past.get(1)] }],
      ["index_malformed", { ...honest, index: index.slice(1) }],
      ["part_missing", { ...honest, parts: parts.slice(1) }],
      ["part_wrong", { ...honest, parts: parts.toReversed() }],
      ["snapshot_unsigned", { ...honest, publications: [past.get(signing + 1)] }],
      ["snapshot_unsigned", { ...honest, ...lie }],
      ["checkpoint_signature_wrong", { ...honest, publications: [bent] }],
    ];
    for (const [name, handover] of cases) equal(await adopt(world, handover), name);
    // All of it in order, but of a log that the exchange never signed.
    const [own] = elsewhere.publications.slice(-1);
    ok(own !== undefined);
    equal(await adopt(world, { ...lie, publications: [own] }), "200", "its key is the same here");
  } finally {
    await world.close();
  }
  const strict = await RelayWorld.start();
  try {
    equal(strict.relay.watermark(), 0);
    const path = "/v1/dock/snapshot";
    const body = new Uint8Array(encodeHandover(honest));
    const stranger = await fetch(strict.relay.address + path, { method: "PUT", body });
    equal(stranger.status, 403);
    await publish(strict, 1, signing);
    equal(await adopt(strict, honest), "snapshot_behind");
    equal(await fill(strict, 1, 3), "history_unwanted");
  } finally {
    await strict.close();
  }
});

test("from a signed snapshot on it is as if every publication had come; the past follows", async () => {
  const world = await RelayWorld.start();
  try {
    equal(await adopt(world, honest), "200");
    equal(world.relay.watermark(), signing);
    await publish(world, signing + 1, past.last);
    await sayTheSame(world, present);
    for (const path of gone) equal(await code(world, path), "history_absent", path);
    const base = past.view.lastSnapshot.size;
    deepEqual((await facts(world))["history"], { filled: 0, from: base });
    await world.restart();
    await sayTheSame(world, present);
    equal(await fill(world, 2, 9), "number_wrong");
    equal(await fill(world, 1, 9), "200");
    equal(await fill(world, 1, 9), "number_wrong");
    equal(await code(world, `/v1/letters/${repliedIn(8)}/reply`), "200");
    equal(await code(world, "/v1/leaves?after=0"), "200");
    equal(await code(world, "/v1/leaves?after=100"), "history_absent");
    await world.restart();
    equal(await fill(world, 10, signing), "number_wrong", "that one is here");
    equal(await fill(world, 10, signing - 1), "200");
    await sayTheSame(world, [...present, ...whole.slice(0, 1)]);
    while ((await code(world, "/v1/proof?leaf=3")) !== "200");
    const card = (await (await world.get("/v1/exchange")).json()) as Record<string, string>;
    match(at(Object.values(card), 0), /signet-card/);
    await sayTheSame(world, [...present, ...whole]);
    equal(await fill(world, 1, 2), "history_unwanted");
    await world.restart();
    await sayTheSame(world, [...present, ...whole]);
  } finally {
    await world.close();
  }
});

test("one that had a beginning keeps it; killed before the past was put into its tree, it goes on", async () => {
  const world = await RelayWorld.start();
  try {
    await publish(world, 1, 20);
    equal(await adopt(world, honest), "200");
    equal(await code(world, "/v1/leaves"), "200");
    equal(await code(world, "/v1/proof?leaf=3"), "history_absent");
    equal(await fill(world, 21, signing - 1), "200");
    await world.restart();
    await publish(world, signing + 1, past.last);
    await sayTheSame(world, [...present, ...whole]);
  } finally {
    await world.close();
  }
});

test("a past that does not lead to the snapshot is refused", async () => {
  const world = await RelayWorld.start();
  try {
    const other = new Past();
    other.grow(20, { leaves: 5 });
    for (const [i, bytes] of other.publications.entries()) await world.put(i + 1, bytes);
    // A dock that numbers them otherwise: its exchange has the same key.
    equal(await adopt(world, honest), "200");
    other.grow(19, { leaves: 1 });
    const publications = other.publications.slice(20);
    const body = encodeHandover({ parts: [], publications });
    equal(await put(world, "/v1/dock/history", body), "history_differs");
  } finally {
    await world.close();
  }
});

test("a handover's bytes are read strictly", () => {
  const bytes = encodeHandover({ ...honest, card: "card\n" });
  const read = decodeHandover(bytes);
  ok(read.ok);
  deepEqual(encodeHandover(read.value), bytes);
  assert(
    property(nat(bytes.length - 1), nat(255), (where, byte) => {
      const verdict = decodeHandover(bytes.with(where, byte));
      if (verdict.ok) deepEqual(encodeHandover(verdict.value), bytes.with(where, byte));
      else equal(verdict.name, "handover_malformed");
    }),
    { numRuns: runs(200) },
  );
});
