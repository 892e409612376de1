/** A bad day of the office: its threads are terminated from outside, and letters are bombs. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { Worker } from "node:worker_threads";

import { concat, fromAscii } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";
import { printLetter } from "../../letter/print.ts";
import { content, sealFor } from "../../seal/attacks/forge.ts";
import { tags, writePacket } from "../../seal/packets.ts";
import { runs } from "../../testing/runs.ts";
import { correspondent, islandNow, sealedBy, testIsland } from "../../testing/island.ts";
import { randomFrom, seedOf } from "../../testing/seed.ts";
import { officeLimits, WorkerOffice } from "./office.ts";

const seed = seedOf("STORM_SEED");
const random = randomFrom(seed);

async function stage() {
  const island = await testIsland("nowhere");
  const alice = await correspondent(1);
  const limits = { ...officeLimits(), threads: 2 };
  const note = (): void => undefined;
  const office = await WorkerOffice.start(island.settings.operating, island.certificate, {
    limits,
    note,
  });
  const { fingerprint: account, certificate } = alice;
  await office.learn([{ account, certificate: certificate.binary, signs: true }]);
  const { exchange } = island.settings;
  const textOf = (seq: number): string =>
    printLetter({ exchange, seq: seq + 1, by: time(islandNow + 60_000), commands: ["NOOP"] });
  return { island, alice, office, textOf };
}

test("threads that are terminated in the middle lose nothing, and the order is kept", async () => {
  console.log(`# reproduce: STORM_SEED=${seed} node --test src/island/workers/storm.test.ts`);
  const threads: Worker[] = [];
  const onThread = (message: unknown): void => {
    const { worker }: { worker?: unknown } = Object(message);
    if (worker instanceof Worker) threads.push(worker);
  };
  subscribe("worker_threads", onThread);
  const { island, alice, office, textOf } = await stage();
  try {
    const letters = await Promise.all(
      Array.from({ length: 130 }, (_, i) => sealedBy(alice, island, textOf(i))),
    );
    // Digested by now, or it would all be done slowly.
    await office.open(letters.slice(0, 2), islandNow, []);
    let kills = 0;
    for (let round = 0; round < runs(5); round += 1) {
      // All of these have answered something: none is still coming up.
      const ready = threads.filter(({ threadId }) => threadId > 0);
      const opened = office.open(letters, islandNow, []);
      const sealed = office.seal(
        letters.map((_, i) => ({ to: alice.fingerprint, text: `${i}\n` })),
        islandNow,
      );
      await new Promise((resolve) => setTimeout(resolve, random(40)));
      // One thread, so that no post dies twice.
      const victim = ready[random(ready.length)];
      if (victim !== undefined && round > 0) {
        kills += 1;
        await victim.terminate();
      }
      (await opened).forEach((one, i) => {
        assert.ok(one.kind === "opened", JSON.stringify(one));
        assert.equal(one.text, textOf(i));
      });
      assert.ok((await sealed).every((bytes) => bytes !== undefined && bytes.length > 0));
    }
    console.log(`# ${kills} threads terminated`);
  } finally {
    unsubscribe("worker_threads", onThread);
    await office.close();
  }
});

test("bombs end at their bound, on the fast way and the slow one, and letters go on", async () => {
  const { island, alice, office, textOf } = await stage();
  try {
    const big = content({ by: alice.key, over: "a".repeat(8 * 1_048_576) });
    const inside = concat([fromAscii("\u0002"), deflateSync(big)]);
    const bomb = writePacket(tags.compressed, inside);
    const letters = [
      await sealedBy(alice, island, textOf(0)),
      await sealFor(bomb, [island.certificate.key]),
      // No recipient is named: this form is left to the slow opener.
      await sealFor(bomb, [island.certificate.key], true),
      await sealedBy(alice, island, textOf(1)),
    ];
    await office.open(letters, islandNow, []);
    for (let round = 0; round < 3; round += 1) {
      const opened = await office.open(letters, islandNow, []);
      assert.deepEqual(
        opened.map((one) => (one.kind === "unopenable" ? one.why.split(":")[0] : one.kind)),
        ["opened", "content_malformed", "content_malformed", "opened"],
      );
    }
  } finally {
    await office.close();
  }
});
