/** Letters out of relays that were wiped, restored or that flood: none is left behind. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";

import { assert } from "../codec/assert.ts";
import { verifierKey } from "../log/note.ts";
import { openSegments } from "../store/segments.ts";
import { rawPublicKey, testKey } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { collectOnce, type Collector } from "./collect.ts";
import { startDock } from "./dock.ts";
import { RelayLink } from "./link.ts";
import { Room } from "./room.ts";

const base = mkdtempSync(join(tmpdir(), "signet-dock-"));
after(() => rmSync(base, { recursive: true }));

const stop = new AbortController();
let files = 0;

/** Collects from `url` into `spool`. */
function collectorOf(url: string, spool: Uint8Array[], cursorFile?: string): Collector {
  return {
    link: new RelayLink({ name: "alder", url }, testKey(9), stop.signal),
    cursorFile: cursorFile ?? join(base, `${(files += 1)}.cursor`),
    take: (letters) => Promise.resolve(void spool.push(...letters.map(({ letter }) => letter))),
    room: () => Promise.resolve(),
    price: () => 0,
  };
}

function letters(word: string, count: number, length = 100): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => sealedLetter(`${word} ${i}`, length));
}

async function post(world: RelayWorld, many: readonly Uint8Array[]): Promise<void> {
  const posted = await Promise.all(many.map((letter) => world.post(letter)));
  for (const response of posted) {
    equal(response.status, 202);
    await response.arrayBuffer();
  }
}

/** In an order of their own: they are posted at once. */
function sorted(many: readonly Uint8Array[]): readonly string[] {
  return many.map((letter) => Buffer.from(letter).toString("hex")).toSorted();
}

async function withWorld(work: (world: RelayWorld) => Promise<void>): Promise<void> {
  const world = await RelayWorld.start();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

test("a relay that was wiped is collected from its first letter", async () => {
  await withWorld(async (world) => {
    const spool: Uint8Array[] = [];
    const first = collectorOf(world.relay.address, spool);
    await post(world, letters("before", 3));
    equal(await collectOnce(first), 3);
    match(readFileSync(first.cursorFile, "latin1"), /^[0-9a-f]{32} 3\n$/);
    await world.restart(() => {
      rmSync(world.dir, { recursive: true });
    });
    // As many as before: only the store's name tells that these are others.
    const others = letters("after", 4);
    await post(world, others);
    spool.length = 0;
    const again = collectorOf(world.relay.address, spool, first.cursorFile);
    await rejects(collectOnce(again), /couldn't go on after letter 3/);
    equal(await collectOnce(again), 4);
    deepEqual(sorted(spool), sorted(others));
  });
});

test("a relay that was restored from an older copy is collected again, at once", async () => {
  await withWorld(async (world) => {
    const spool: Uint8Array[] = [];
    const copy = join(base, "copy");
    await post(world, letters("kept", 1));
    await world.restart(() => cpSync(world.dir, copy, { recursive: true }));
    await post(world, letters("lost", 4));
    const first = collectorOf(world.relay.address, spool);
    equal(await collectOnce(first), 5);
    await world.restart(() => {
      rmSync(world.dir, { recursive: true });
      cpSync(copy, world.dir, { recursive: true });
    });
    const again = collectorOf(world.relay.address, spool, first.cursorFile);
    // Nothing new is there; a relay that waited for it would hide what happened.
    await rejects(collectOnce(again), /couldn't go on after letter 5/);
    await post(world, letters("new", 2));
    spool.length = 0;
    equal(await collectOnce(again), 3);
    deepEqual(sorted(spool), sorted([...letters("kept", 1), ...letters("new", 2)]));
  });
});

test("a cursor that names no store counts for nothing; one that is damaged stops", async () => {
  await withWorld(async (world) => {
    const spool: Uint8Array[] = [];
    const collector = collectorOf(world.relay.address, spool);
    await post(world, letters("one", 2));
    writeFileSync(collector.cursorFile, "1\n");
    await rejects(collectOnce(collector), /couldn't go on after letter 1/);
    equal(await collectOnce(collector), 2);
    writeFileSync(collector.cursorFile, "what?\n");
    await rejects(collectOnce(collector), /couldn't read the cursor/);
  });
});

test("one answer holds 256 letters or 512 KiB; nothing is left out", async () => {
  await withWorld(async (world) => {
    const spool: Uint8Array[] = [];
    const collector = collectorOf(world.relay.address, spool);
    const [many, long] = [letters("small", 300), letters("long", 7, 97_000)];
    await post(world, many);
    await post(world, long);
    const rounds: number[] = [];
    while (spool.length < 307) rounds.push(await collectOnce(collector));
    equal(rounds[0], 256);
    ok(rounds.length >= 3, "the long ones do not fit into one answer");
    deepEqual(sorted(spool), sorted([...many, ...long]));
  });
});

/** The answer of a relay to the dock. */
function answerOf(first: number, many: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    many.flatMap((letter, i) => {
      const head = Buffer.alloc(13);
      head.writeBigUInt64BE(BigInt(first + i));
      head.writeUInt32BE(letter.length, 9);
      return [head, letter];
    }),
  );
}

/** A relay that has `perAnswer` new letters whenever it is asked. */
async function flood(perAnswer: number): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://relay");
    const first = Number(url.searchParams.get("after")) + 1;
    if (url.pathname !== "/v1/dock/letters") return void response.end('{"publication":0}');
    response.setHeader("signet-store", `${"ab".repeat(16)} ${first + perAnswer}`);
    response.end(answerOf(first, letters(`junk ${first}`, perAnswer)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(typeof address === "object" && address !== null, "it listens");
  return { server, url: `http://127.0.0.1:${address.port}` };
}

test("more than one answer may hold is not taken", async () => {
  const { server, url } = await flood(257);
  const spool: Uint8Array[] = [];
  await rejects(collectOnce(collectorOf(url, spool)), /too many in one answer/);
  equal(spool.length, 0);
  server.closeAllConnections();
  server.close();
});

test("a relay that floods fills its own room; the others' letters still get in", async () => {
  const { server, url } = await flood(250);
  await withWorld(async (world) => {
    const dir = join(base, "dock");
    const lines: string[] = [];
    const dock = await startDock({
      dir,
      airlock: join(base, "airlock"),
      lane: "birch",
      laneKey: testKey(20),
      islandKey: rawPublicKey(testKey(21)),
      exchange: world.publisher.exchange,
      logKey: verifierKey(world.publisher.log.name, world.publisher.log.publicKey),
      relaysKey: testKey(9),
      relays: [
        { name: "junk", url },
        { name: "alder", url: world.relay.address },
      ],
      say: (line) => void lines.push(line),
    });
    const store = (): Promise<Awaited<ReturnType<typeof openSegments>>> =>
      openSegments(join(dir, "spool"), { readOnly: true });
    try {
      // Nobody is at the other end of the airlock: what is in stays in.
      let [last, before] = [0, -1];
      while (last < 5000 || last !== before) {
        before = last;
        await new Promise((resolve) => setTimeout(resolve, 300));
        last = (await store()).last;
      }
      ok(last <= 5250, `${last} letters of the one that floods`);
      const letter = sealedLetter("honest");
      await world.post(letter);
      while ((await store()).last === last) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      deepEqual((await store()).get(last + 1).subarray(1), Buffer.from(letter));
    } finally {
      await dock.close();
      server.closeAllConnections();
      server.close();
    }
    deepEqual(lines, []);
  });
});

test("room is for letters that the island does not have", () => {
  const room = new Room(10);
  room.add({ last: 4, count: 4 });
  room.add({ last: 30, count: 6 });
  equal(room.isFull(1), true);
  equal(room.isFull(4), true, "letter 4 is not there yet");
  equal(room.isFull(5), false);
  room.add({ last: 40, count: 4 });
  equal(room.isFull(5), true);
  equal(room.isFull(41), false);
});
