/** Relays that agree, are behind, lie or show a fork: told apart, and the fork proved. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { openFork } from "../log/fork.ts";
import { BentRelay, type Bend } from "../testing/bentrelay.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { compareRelays, type Claim, type Comparison } from "./compare.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { LogSource } from "./source.ts";

const tick = "TICK|2026-11-21T11:59:30.402Z";

function lines(from: number, count: number, word = "sentence"): readonly string[] {
  return Array.from({ length: count }, (_, n) => `NOTICE|${word} ${from + n}`);
}

/** A relay that took these batches. */
async function worldOf(...batches: readonly (readonly string[])[]): Promise<RelayWorld> {
  const world = await RelayWorld.start();
  for (const [index, leaves] of batches.entries()) {
    equal((await world.put(index + 1, world.publisher.publish({ leaves }))).status, 200);
  }
  return world;
}

function kinds(compared: Comparison): readonly string[] {
  return [...compared.relays.values()].map((finding) =>
    finding.kind === "told" ? String(finding.head.checkpoint.size) : finding.name,
  );
}

/** What this relay's checkpoint says, as somebody would have kept it. */
async function claimOf(world: RelayWorld): Promise<Claim> {
  const head = await new LogSource(world.relay.address, world.publisher.log).head();
  if (!head.ok) throw new Error(`couldn't read a head: ${head.detail}`);
  return { from: "kept", note: head.value.note, checkpoint: head.value.checkpoint };
}

test("a relay that is behind tells the beginning of the same history; time is the log's", async () => {
  const first = [...lines(0, 300), tick];
  const [ahead, behind] = [await worldOf(first, lines(301, 500)), await worldOf(first)];
  try {
    const { log } = ahead.publisher;
    const urls = [behind.relay.address, ahead.relay.address, "http://127.0.0.1:9"];
    const kept = await claimOf(behind);
    const compared = await compareRelays(urls, log, [kept]);
    deepEqual(kinds(compared), ["301", "801", "relay_silent"]);
    deepEqual([compared.forks, compared.ahead], [[], []]);
    equal(compared.newest?.head.url, ahead.relay.address);
    for (const finding of compared.relays.values()) {
      if (finding.kind === "told") equal(finding.at, 1_795_262_370_402);
    }
    // Nobody shows as much as was seen before: nothing is proved, and it is said.
    const rolledBack = await compareRelays([behind.relay.address], log, [await claimOf(ahead)]);
    deepEqual(
      rolledBack.ahead.map(({ checkpoint }) => checkpoint.size),
      [801],
    );
  } finally {
    await Promise.all([ahead.close(), behind.close()]);
  }
});

test("two histories, of one size and of two, are proved to anybody", async () => {
  const first = lines(0, 200);
  const one = await worldOf(first, lines(200, 100));
  const other = await worldOf(first, lines(200, 100, "other"));
  const longer = await worldOf(first, lines(200, 400, "other"));
  try {
    const { log } = one.publisher;
    for (const [a, b, sizes] of [
      [one, other, [300, 300]],
      [one, longer, [300, 600]],
    ] as const) {
      for (const known of [[], [await claimOf(a)]]) {
        const urls = known.length === 0 ? [a, b].map(({ relay }) => relay.address) : [];
        const asked = known.length === 0 ? urls : [b.relay.address];
        const compared = await compareRelays(asked, log, known);
        const [fork] = compared.forks;
        const opened = openFork(fork?.text ?? "", log, verifyEd25519);
        deepEqual(opened.ok && opened.value.map(({ size }) => size), sizes);
        ok(fork?.between.includes(b.relay.address));
      }
    }
    const agreed = await compareRelays([other, longer].map(urlOf), log, []);
    deepEqual(agreed.forks, [], "these two tell the same: one is merely longer");
  } finally {
    await Promise.all([one.close(), other.close(), longer.close()]);
  }
});

function urlOf({ relay }: RelayWorld): string {
  return relay.address;
}

const lies: readonly (readonly [what: string, name: string, bend: Bend])[] = [
  ["another checkpoint", "checkpoint_wrong", swap("/checkpoint", Buffer.from("nonsense"))],
  [
    "the size altered",
    "checkpoint_wrong",
    (path, body) =>
      path === "/checkpoint" ? Buffer.from(body.toString().replace("\n801\n", "\n802\n")) : body,
  ],
  ["a truncated tile", "tile_wrong", (path, body) => (isTile(path) ? body.subarray(1) : body)],
  ["a bent tile", "tile_wrong", (path, body) => (isTile(path) ? bent(body) : body)],
  ["no tiles", "tile_missing", (path, body) => (isTile(path) ? undefined : body)],
  ["an endless tile", "relay_silent", (path, body) => (isTile(path) ? Buffer.alloc(99_999) : body)],
  [
    "a time that the log never told",
    "entries_wrong",
    (path, body) =>
      path.startsWith("/tile/entries")
        ? Buffer.from(body.toString("latin1").replace("|2026-11-21T11", "|2026-11-21T12"), "latin1")
        : body,
  ],
  [
    "a truncated bundle",
    "entries_wrong",
    (path, body) => (isBundle(path) ? body.subarray(2) : body),
  ],
  [
    // It is not at the edge: only the way from an older checkpoint leads over it.
    "a bent tile in the middle",
    "tile_wrong",
    (path, body) => (path === "/tile/0/000" ? bent(body) : body),
  ],
];

function swap(at: string, by: Buffer): Bend {
  return (path, body) => (path === at ? by : body);
}

function isTile(path: string): boolean {
  return /^\/tile\/[0-9]/.test(path);
}

function isBundle(path: string): boolean {
  return path.startsWith("/tile/entries");
}

function bent(body: Buffer): Buffer {
  return Buffer.from(body.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
}

test("a relay that lies is named, and what the others tell stands", async () => {
  const first = lines(0, 100);
  const honest = await worldOf(first, [...lines(100, 700), tick]);
  const early = await worldOf(first);
  try {
    const known = [await claimOf(early)];
    for (const [what, name, bend] of lies) {
      const liar = await BentRelay.before(honest.relay.address, bend);
      const urls = [liar.url, honest.relay.address];
      const compared = await compareRelays(urls, honest.publisher.log, known);
      deepEqual(kinds(compared), [name, "801"], what);
      deepEqual([compared.forks, compared.ahead], [[], []], what);
      await liar.close();
    }
  } finally {
    await Promise.all([honest.close(), early.close()]);
  }
});

test("a host that dropped its partial tiles is read from the full ones", async () => {
  const [world, old] = [await worldOf(lines(0, 300)), await worldOf(lines(0, 200))];
  const { note } = await claimOf(old);
  const before: Bend = (path, body) => {
    if (path === "/checkpoint") return Buffer.from(note);
    return path.includes("/000.p/") ? undefined : body;
  };
  const [grown, cut] = [
    await BentRelay.before(world.relay.address, before),
    await BentRelay.before(old.relay.address, before),
  ];
  try {
    const compared = await compareRelays([grown.url, cut.url], world.publisher.log, []);
    deepEqual(kinds(compared), ["200", "tile_missing"]);
  } finally {
    await Promise.all([world, old, grown, cut].map((one) => one.close()));
  }
});

test("a blind proxy that passes /v1/ alone is enough", async () => {
  const world = await worldOf([...lines(0, 300), tick]);
  const proxy = await BentRelay.before(world.relay.address, (path, body) =>
    path.startsWith("/v1/") ? body : undefined,
  );
  try {
    const compared = await compareRelays([proxy.url], world.publisher.log, []);
    deepEqual(kinds(compared), ["301"]);
  } finally {
    await Promise.all([world.close(), proxy.close()]);
  }
});
