/**
 * The fast floor says, holds and keeps what the slow one does, over random commands of every kind
 * in every phase, cut into steps anywhere; also where amounts come near 2^53; and a snapshot in
 * between changes nothing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Commands, largeWorld, smallWorld } from "../testing/floorcommands.ts";
import { FloorPair } from "../testing/floorpair.ts";
import { runs } from "../testing/runs.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";

/** Commands to a world, and how often everything is compared and begun anew from a snapshot. */
const commandsMax = 2000;
const compareEach = 100;
const snapshotEach = 500;

function search(seed: number, large: boolean): void {
  const world = large ? largeWorld(seed) : smallWorld(seed);
  const pair = new FloorPair(world);
  const commands = new Commands(world, seed, large);
  for (const told of commands.opening()) pair.step(told);
  for (let i = 1; i <= commandsMax; i += 1) {
    pair.step(commands.next());
    if (i % compareEach === 0) pair.compare();
    if (i % snapshotEach === 0) begun(pair);
  }
}

/** The fast floor goes on from its own snapshot, which prints as it was read. */
function begun(pair: FloorPair): void {
  const bytes = writeSnapshot(pair.fast);
  pair.fast = readSnapshot(bytes, pair.fast.options);
  assert.deepEqual(writeSnapshot(pair.fast), bytes);
  pair.compare();
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

test("both floors agree, over random commands", () => {
  fc.assert(
    fc.property(seeds, (seed) => search(seed, false)),
    { numRuns: runs(375) },
  );
});

test("both floors agree where amounts are as large as they can be", () => {
  fc.assert(
    fc.property(seeds, (seed) => search(seed, true)),
    { numRuns: runs(125) },
  );
});
