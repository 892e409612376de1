/**
 * The log grows through a disk that fails at each step in turn (docs/spec/log.md §13): whatever the
 * step, the next start says the same leaves, blocks of reads with their refs among them, and of one
 * size there is one root, in all that ever could have been handed out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { sha256Hex, toHex } from "../codec/bytes.ts";
import { digest, ref, type Ref } from "../codec/names.ts";
import { printTime, time } from "../codec/time.ts";
import { decodeSaid } from "../journal/said.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import { parseLeaf, printLeaf } from "../log/leaf.ts";
import { decodePublication } from "../log/publication.ts";
import { readsRoot } from "../log/reads.ts";
import { emptyFrontier } from "../log/tree.ts";
import { PublicView } from "../market/publicview.ts";
import { openSegments, type Segments } from "../store/segments.ts";
import { type Fault, SimulatedDisk } from "../testing/disk.ts";
import { islandNow, testIsland, type TestIsland } from "../testing/island.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";
import { runs } from "../testing/runs.ts";
import { Archive } from "./archive.ts";
import { Certificates } from "./certificates.ts";
import { ReferenceOffice } from "./office.ts";
import type { Decided } from "./recovery.ts";
import { Publisher, type Batch } from "./publish.ts";

const seed = seedOf("APPEND_SEED");
const random = randomFrom(seed);
const batchesMax = 5;

/** Each input a tick; every second one ends a block of reads, one of them without any. */
function inputs(): readonly Decided[] {
  return Array.from({ length: batchesMax * 2 }, (_, i): Decided => {
    const at = (n: number): string => printTime(time(islandNow + n * 10_000));
    const tick = `TICK|${at(i + 1)}`;
    const count = i % 4 === 3 ? 0 : 3 * i;
    const reads = Array.from({ length: count }, (_, k) => ref(sha256Hex(`ref ${i} ${k}`))).sort();
    const leaf = printLeaf({
      kind: "reads",
      span: "block",
      from: time(islandNow + i * 10_000),
      to: time(islandNow + (i + 1) * 10_000),
      count,
      root: digest(readsRoot(reads)),
    });
    const isBlock = i % 2 === 1;
    const leaves = isBlock ? [tick, leaf] : [tick, `LEVEL|GLD/BTC|buy|${i + 1}|5`];
    const output = { leaves, documents: [], archive: [], submissions: [] };
    return { number: i + 1, output: { ...output, reads: isBlock ? reads : [] } };
  });
}

type Log = {
  readonly leaves: readonly string[];
  readonly reads: readonly (readonly Ref[])[];
  readonly publisher: Publisher;
  readonly answered: number;
};

class Scene {
  readonly disk: SimulatedDisk = new SimulatedDisk();
  readonly #island: TestIsland;
  /** Every root that the store ever held, by size: from there on it may have been handed out. */
  readonly #roots = new Map<number, string>();
  said: Segments | undefined;

  constructor(island: TestIsland) {
    this.#island = island;
  }

  /** A start: what is on the disk, and a publisher that goes on from there. */
  async open(): Promise<Log> {
    const said = await openSegments("/said", { files: this.disk.files, segmentBytes: 131_072 });
    this.said = said;
    const view = new PublicView();
    const leaves: string[] = [];
    const reads: (readonly Ref[])[] = [];
    let [answered, leavesAnswered, frontier] = [0, 0, emptyFrontier()];
    for (const { bytes } of said.read(1)) {
      const record = decodeSaid(bytes);
      assert.ok(record.ok);
      const publication = decodePublication(record.value.publication);
      assert.ok(publication.ok);
      this.#note(publication.value.checkpoint);
      for (const line of publication.value.leaves) {
        const leaf = parseLeaf(line);
        assert.ok(leaf);
        view.apply(leaf);
        leaves.push(line);
      }
      const { reads: block = [] } = publication.value;
      if (block.length > 0) reads.push(block);
      frontier = record.value.frontier;
      if (record.value.upTo === 0) continue;
      answered = record.value.upTo;
      leavesAnswered = view.engineLeaves;
    }
    const already = view.engineLeaves - leavesAnswered;
    const { settings, certificate } = this.#island;
    const certificates = new Certificates(certificate, () => undefined);
    const office = new ReferenceOffice(settings.operating, certificates);
    const note = (): void => undefined;
    const parts = { settings, said, archive: new Archive(said), office, note };
    const publisher = new Publisher(parts, { frontier, view, already });
    return { leaves, reads, publisher, answered };
  }

  #note(checkpoint: string): void {
    const opened = openCheckpoint(checkpoint, this.#island.settings.log, verifyEd25519);
    assert.ok(opened.ok);
    const { size, root } = opened.value;
    const seen = this.#roots.get(size) ?? toHex(root);
    assert.equal(toHex(root), seen, `two checkpoints of size ${size}`);
    this.#roots.set(size, seen);
  }
}

/** Says what is not said yet, two inputs a batch. */
async function sayRest(log: Log): Promise<void> {
  const rest = inputs().filter(({ number }) => number > log.answered);
  for (let i = 0; i < rest.length; i += 2) {
    const decided = rest.slice(i, i + 2);
    const upTo = decided.at(-1)?.number ?? 0;
    const batch: Batch = { decided, upTo, unopenable: [], card: undefined, at: islandNow };
    await log.publisher.publish(batch);
  }
}

const faults: readonly Fault[] = ["failed", "persisted", "torn", "cut"];

test("whatever step of an append fails, the same is said once, and of one size one root", async () => {
  console.log(`# reproduce: APPEND_SEED=${seed} node --test src/island/append.test.ts`);
  const island = await testIsland("/");
  const straight = new Scene(island);
  await sayRest(await straight.open());
  const { steps } = straight.disk;
  await straight.said?.close();
  straight.disk.killProcess();
  const whole = await straight.open();
  assert.equal(whole.leaves.length, batchesMax * 4);
  assert.equal(whole.reads.length, 3, "blocks with refs");
  assert.ok(steps > batchesMax * 2, `${steps} steps`);
  const [tried, survived] = [new Set<string>(), new Set<number>()];
  for (const fault of faults) {
    for (let step = 0; step < steps; step += 1) {
      for (let run = 0; run < runs(2); run += 1) {
        const scene = new Scene(island);
        const first = await scene.open();
        scene.disk.faultAt = (name, index) => {
          if (index !== step) return undefined;
          tried.add(`${name} ${fault}`);
          return fault;
        };
        await sayRest(first).catch(() => undefined);
        // A process that died, or the power: what was not synced may be there or not.
        if (run % 2 === 1) scene.disk.cutPower(() => random(2) === 0);
        else if (fault === "cut") scene.disk.cutPower(() => true);
        else scene.disk.killProcess();
        const second = await scene.open();
        survived.add(second.leaves.length);
        await sayRest(second);
        await scene.said?.close();
        scene.disk.killProcess();
        const { leaves, reads } = await scene.open();
        assert.deepEqual(leaves, whole.leaves, `${fault} at step ${step}`);
        assert.deepEqual(reads, whole.reads, `${fault} at step ${step}`);
      }
    }
  }
  for (const name of ["create", "write", "sync"]) assert.ok(tried.has(`${name} cut`), name);
  assert.ok(survived.size > batchesMax, "crashes fell between all batches");
});

test("a block of reads that a crash cut off from its input comes with its refs, once", async () => {
  const scene = new Scene(await testIsland("/"));
  const refs = Array.from({ length: 2048 }, (_, k) => ref(sha256Hex(`ref ${k}`))).sort();
  const block = (n: number): Decided => ({
    number: n,
    output: {
      leaves: [
        `TICK|${printTime(time(islandNow + n * 10_000))}`,
        printLeaf({
          kind: "reads",
          span: "block",
          from: time(islandNow + n * 10_000 - 10_000),
          to: time(islandNow + n * 10_000),
          count: refs.length,
          root: digest(readsRoot(refs)),
        }),
      ],
      documents: [],
      archive: [],
      submissions: [],
      reads: refs,
    },
  });
  const log = await scene.open();
  const batch = { upTo: 1, unopenable: [], card: undefined, at: islandNow };
  // The power goes while the frame is being written: nobody was told of it.
  scene.disk.faultAt = (name) => (name === "write" ? "torn" : undefined);
  await assert.rejects(log.publisher.publish({ ...batch, decided: [block(1)] }));
  scene.disk.cutPower(() => true);
  const again = await scene.open();
  assert.deepEqual(again.leaves, [], "half a frame is none");
  await again.publisher.publish({ ...batch, decided: [block(1)] });
  await scene.said?.close();
  scene.disk.killProcess();
  const { leaves, reads } = await scene.open();
  assert.deepEqual(leaves, block(1).output.leaves);
  assert.deepEqual(reads, [refs]);
});
