/** A journal folded by whoever looks at it: snapshots, what was passed over, until when, pauses. */
import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apply } from "../engine/apply.ts";
import { stateHash } from "../engine/snapshot.ts";
import { newState } from "../engine/state.ts";
import { asFault, encodeRecord } from "../journal/record.ts";
import { openSegments } from "../store/segments.ts";
import { Floor, floorExchange } from "../testing/floor.ts";
import { saveSnapshot } from "./recovery.ts";
import { replayJournal, type ReplayOptions } from "./replay.ts";

const dir = mkdtempSync(join(tmpdir(), "signet-replay-"));
const journal = join(dir, "journal");
const floor = new Floor();
const state = newState(floorExchange);
/** The letter that operators passed over. */
const skipped = 3;

before(async () => {
  for (const name of ["Alice", "Bob"]) floor.register(name);
  floor.say("Alice", "DEPOSIT|BTC|5");
  for (let i = 0; i < 200; i += 1) floor.tick();
  const store = await openSegments(journal, { segmentBytes: 65_536 });
  for (const [i, input] of floor.journal.entries()) {
    const isSkipped = i + 1 === skipped && input.kind === "letter";
    await store.append([encodeRecord({ kind: "input", input, evidence: new Uint8Array(0) })]);
    apply(state, isSkipped ? asFault(input) : input);
  }
  await store.append([encodeRecord({ kind: "skip", at: floor.now, record: skipped })]);
  await store.close();
});

after(() => rmSync(dir, { recursive: true, force: true }));

const options: ReplayOptions = {
  journal,
  dir,
  exchange: () => floorExchange,
  passedOver: () => Promise.resolve(false),
  fromGenesis: true,
};

test("nothing is written, and what was passed over stays so, also before a snapshot", async () => {
  const records = floor.journal.length + 1;
  const whole = await replayJournal(options);
  deepEqual([whole.from, whole.last], [0, records]);
  equal(stateHash(whole.state), stateHash(state));
  deepEqual(readdirSync(dir), ["journal"]);
  await saveSnapshot(dir, records, whole.state);
  const short = await replayJournal({ ...options, fromGenesis: false });
  deepEqual([short.from, short.last], [records, records]);
  equal(stateHash(short.state), stateHash(state));
});

test("until a record, and until somebody wants no more", async () => {
  const early = await replayJournal({ ...options, until: 2 });
  equal(early.last, 2);
  const paused: number[] = [];
  const pause = (number: number): Promise<boolean> => {
    paused.push(number);
    return Promise.resolve(paused.length < 2);
  };
  const cut = await replayJournal({ ...options, pause });
  deepEqual([cut.last, paused], [128, [64, 128]]);
});
