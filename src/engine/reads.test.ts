/** Blocks of reads: every ref that was given stands in the block of its time, and in no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toLatin1 } from "../codec/bytes.ts";
import * as fc from "fast-check";
import type { Ref } from "../codec/names.ts";
import { parseLeaf, type ReadsLeaf } from "../log/leaf.ts";
import { readsRoot } from "../log/reads.ts";
import { Floor } from "../testing/floor.ts";
import { runs } from "../testing/runs.ts";
import type { Output } from "./input.ts";
import { parseSnapshot, printSnapshot, stateHash } from "./snapshot.ts";

function blocksIn({ leaves }: Output): readonly ReadsLeaf[] {
  return leaves.flatMap((line) => {
    const leaf = parseLeaf(line);
    return leaf?.kind === "reads" ? [leaf] : [];
  });
}

/** A tick of an island that commits to what it read. */
function commit(floor: Floor): Output {
  return floor.give({ kind: "tick", at: floor.now, commits: true });
}

type Step = { readonly wait: number; readonly kind: "letter" | "refused" | "fault" | "tick" };

/** One step; the ref, if a letter came. */
function step(floor: Floor, { wait, kind }: Step): { output: Output; ref: Ref | undefined } {
  floor.pass(wait);
  if (kind === "tick") return { output: commit(floor), ref: undefined };
  const {
    random: _,
    vetted: __,
    ...letter
  } = floor.letter("Alice", floor.write("Alice", ["NOOP"]));
  const output =
    kind === "letter"
      ? floor.post("Alice", floor.write("Alice", ["NOOP"]))
      : kind === "fault"
        ? floor.give({ ...letter, kind })
        : floor.give({ ...letter, kind, name: "key_expired", detail: "Late." });
  const given = floor.journal.at(-1);
  return { output, ref: given !== undefined && "ref" in given ? given.ref : undefined };
}

const steps = fc.array(
  fc.record({
    wait: fc.constantFrom(0, 0, 1, 999, 1000, 4000, 11_000, 1_800_000),
    kind: fc.constantFrom("letter", "refused", "fault", "tick", "tick", "tick"),
  }) satisfies fc.Arbitrary<Step>,
  { maxLength: 60 },
);

test("blocks and hours are gapless, and hold what a naive list holds", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const floor = new Floor();
      const heard: { readonly at: number; readonly ref: Ref }[] = [];
      const ends = { block: 0, hour: 0 };
      for (const each of all) {
        const { output, ref } = step(floor, each);
        if (ref !== undefined) heard.push({ at: floor.now, ref });
        for (const leaf of blocksIn(output)) {
          assert.equal(leaf.from, ends[leaf.span]);
          assert.equal(leaf.to, floor.now);
          assert.ok(leaf.to - leaf.from >= (leaf.span === "hour" ? 3_600_000 : 10_000));
          ends[leaf.span] = leaf.to;
          const own = heard.filter(({ at }) => at >= leaf.from && at < leaf.to);
          const refs = [...new Set(own.map((one) => one.ref))].sort();
          assert.equal(leaf.root, readsRoot(refs));
          assert.equal(leaf.count, refs.length);
          if (leaf.span === "block") assert.deepEqual(output.reads, refs);
        }
        if (each.kind === "tick") assert.ok(floor.now - ends.block < 10_000);
        const kept = parseSnapshot(printSnapshot(floor.state));
        assert.equal(stateHash(kept), stateHash(floor.state));
      }
    }),
    { numRuns: runs(60) },
  );
});

test("a journal from before there were blocks begins one at the first tick that commits", () => {
  const floor = new Floor();
  floor.post("Alice", floor.write("Alice", ["NOOP"]));
  floor.pass(60_000);
  assert.deepEqual(blocksIn(floor.tick()), []);
  assert.equal(
    toLatin1(printSnapshot(floor.state)).includes("\nreads"),
    false,
    "the state is as it was",
  );
  floor.post("Alice", floor.write("Alice", ["NOOP"]));
  assert.equal(parseSnapshot(printSnapshot(floor.state)).reads, undefined);
  floor.pass(60_000);
  assert.deepEqual(blocksIn(commit(floor)), []);
  const begun = floor.now;
  floor.pass(9999);
  assert.deepEqual(blocksIn(commit(floor)), []);
  floor.pass(1);
  const [block, ...more] = blocksIn(commit(floor));
  assert.deepEqual([block?.from, block?.count, more], [begun, 0, []]);
});

test("a block with very many refs ends at the next tick, and so does its hour", () => {
  const floor = new Floor();
  commit(floor);
  const { reads } = floor.state;
  assert.ok(reads !== undefined);
  for (let i = 0; i < 70_000; i += 1) {
    reads.refs.add(floor.letter("Alice", "").ref);
  }
  floor.pass(1000);
  const output = commit(floor);
  assert.deepEqual(
    blocksIn(output).map(({ span, count }) => [span, count]),
    [
      ["block", 70_000],
      ["hour", 70_000],
    ],
  );
  assert.equal(output.reads.length, 70_000);
});
