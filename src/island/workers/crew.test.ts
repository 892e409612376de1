/** Crews of real threads that die, hang, burn and hoard: nothing is lost and nobody else waits. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";

import type { BadWork } from "../../testing/badthread.ts";
import { runs } from "../../testing/runs.ts";
import { Crew, WorkLost, type CrewOptions } from "./crew.ts";

const script = new URL("../../testing/badthread.ts", import.meta.url);

/** A crew that is closed when the test ends. */
function crewOf(
  test: TestContext,
  options: Partial<CrewOptions> = {},
  limits = { cpuMsMax: 10_000, megabytesMax: 256 },
): Crew<unknown> {
  const crew = new Crew<unknown>({
    thread: { script, data: null, ...limits },
    threadsMax: 2,
    greetings: () => [],
    isSingle: false,
    waitingMax: 4,
    note: () => undefined,
    ...options,
  });
  test.after(() => crew.close());
  return crew;
}

const doing = (crew: Crew<unknown>, work: BadWork): Promise<unknown> =>
  crew.do(() => ({ work, transfer: [] }));

const deathKinds = ["exit", "throw", "reject"] as const;

test("whoever dies when, each answer belongs to its question; what kills twice is lost", async (t) => {
  const one = fc.record({
    delayMs: fc.nat(8),
    deaths: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constant(2) },
    ),
    death: fc.constantFrom(...deathKinds),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { minLength: 1, maxLength: 24 }),
      fc.boolean(),
      async (list, isSingle) => {
        const crew = crewOf(t, { isSingle });
        const shared = new SharedArrayBuffer(4 * list.length);
        const attempts = new Int32Array(shared);
        const done = await Promise.allSettled(
          list.map((work, echo) => doing(crew, { ...work, echo, attempts })),
        );
        done.forEach((outcome, i) => {
          const deaths = list[i]?.deaths ?? 0;
          if (outcome.status === "fulfilled") assert.equal(outcome.value, i);
          else assert.ok(outcome.reason instanceof WorkLost, String(outcome.reason));
          // Alone on its thread, nobody suffers from another's deaths.
          if (isSingle) assert.equal(outcome.status === "fulfilled", deaths < 2, `${deaths}`);
          assert.ok((attempts[i] ?? 0) <= 2, "done twice at most");
          if (deaths === 2) assert.equal(outcome.status, "rejected");
        });
        await crew.close();
      },
    ),
    { numRuns: runs(6) },
  );
});

test("no more is handed out than threads can hold, and no more waits than may", async (t) => {
  const crew = crewOf(t, { waitingMax: 3 });
  let held = 0;
  let heldMax = 0;
  const all = Array.from({ length: 60 }, async (_, echo) => {
    const done = await crew.do(() => {
      held += 1;
      heldMax = Math.max(heldMax, held);
      assert.ok(crew.room >= 0);
      return { work: { echo, delayMs: echo % 3 }, transfer: [] };
    });
    held -= 1;
    return done;
  });
  assert.equal(crew.room, 0);
  assert.deepEqual(
    await Promise.all(all),
    all.map((_, i) => i),
  );
  // Two at each of two threads, and the one whose answer has just come.
  assert.ok(heldMax <= 5, `${heldMax}`);
});

test("who burns, hoards or falls silent is killed, and the others go on", async (t) => {
  const cases = [
    ["burn", 200, /^took more than 200 ms$/],
    ["heap", 20_000, /^took more than 32 MB$/],
    ["buffers", 20_000, /^took more than 32 MB$/],
    ["sleep", 20, /^gave no answer$/],
  ] as const;
  const good = crewOf(t);
  const tries = cases.map(async ([misdeed, cpuMsMax, why]) => {
    const crew = crewOf(t, { isSingle: true, threadsMax: 1 }, { cpuMsMax, megabytesMax: 32 });
    const bad = doing(crew, { echo: 0, misdeed });
    const behind = doing(crew, { echo: 7 });
    assert.equal(await doing(good, { echo: 1 }), 1);
    await assert.rejects(bad, (error: Error) => {
      assert.ok(error instanceof WorkLost);
      assert.match(error.message, why);
      return true;
    });
    assert.equal(await behind, 7, "the thread was started anew");
  });
  await Promise.all(tries);
});

test("a thread that never comes up is the machine's fault: nothing is called lost", async (t) => {
  const crew = crewOf(t, {
    thread: { script, data: { broken: true }, cpuMsMax: 1000, megabytesMax: 64 },
  });
  const isWorld = (error: Error): boolean =>
    !(error instanceof WorkLost) && error.message.startsWith("couldn't start a thread");
  await assert.rejects(doing(crew, { echo: 1 }), isWorld);
  await assert.rejects(doing(crew, { echo: 2 }), isWorld);
});

test("a thread reads sources and nothing else, writes and starts nothing, knows no environment", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "signet-thread-"));
  try {
    const file = join(dir, "secret");
    writeFileSync(file, "key");
    const tried = await doing(crewOf(t), { echo: 0, tryDoors: file });
    const denied = "ERR_ACCESS_DENIED";
    assert.deepEqual(tried, [denied, denied, denied, denied, "done"]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
