/** Proofs of what was read: against a naive set, and against everybody who would bend one. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { array, assert, nat, property, record, string } from "fast-check";
import { ref, type Ref } from "../codec/names.ts";
import { parseTime, time } from "../codec/time.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { placed, ReadsLog, refWith } from "../testing/readslog.ts";
import { runs } from "../testing/runs.ts";
import { appendLeaf, emptyFrontier, leafHash, rootHash } from "./tree.ts";
import { checkInclusion, inclusionProof } from "./proof.ts";
import { readsHashes } from "./reads.ts";
import {
  judgeReads,
  parseReadsProof,
  printReadsProof,
  readsRefusals,
  type ReadsProof,
  type ReadsQuestion,
} from "./void.ts";

const home = new ReadsLog(0).publisher;

function question(name: Ref, from: number, by: number): ReadsQuestion {
  const { exchange, log } = home;
  return { exchange, ref: name, from: time(from), by: time(by), log, verify: verifyEd25519 };
}

/** What is found, by way of the text, as one word. */
function judged(proofs: readonly ReadsProof[], asked: ReadsQuestion): string {
  const read: ReadsProof[] = [];
  for (const proof of proofs) {
    const parsed = parseReadsProof(printReadsProof(proof));
    if (!parsed.ok) return parsed.name;
    deepEqual(parsed.value, proof, "a proof's text says all of it");
    read.push(parsed.value);
  }
  const verdict = judgeReads(read, asked);
  return verdict.ok ? verdict.value.kind : verdict.name;
}

/** Blocks of 10 from 0, each with a few of 40 refs. */
function logOf(blocks: readonly (readonly number[])[], key = 1): ReadsLog {
  const log = new ReadsLog(0, key);
  for (const [i, refs] of blocks.entries()) log.block((i + 1) * 10, refs.map(small));
  return log;
}

function small(number: number): Ref {
  return refWith(String(number).padStart(2, "0"));
}

test("inclusion in trees of every size up to 40", () => {
  for (let size = 1; size <= 40; size += 1) {
    const refs = Array.from({ length: size }, (_, i) => small(i));
    const tree = refs.reduce(appendLeaf, emptyFrontier());
    const root = { size, root: rootHash(tree) };
    for (const [index, name] of refs.entries()) {
      const proof = inclusionProof(index, size, readsHashes(refs));
      const leaf = { index, hash: leafHash(name) };
      equal(checkInclusion(leaf, root, proof).ok, true);
      equal(checkInclusion({ ...leaf, index: index + 1 }, root, proof).ok, false);
      equal(checkInclusion(leaf, root, [...proof, leaf.hash]).ok, false);
    }
  }
});

test("a proof finds what a naive set finds", () => {
  const cases = record({
    blocks: array(array(nat(39), { maxLength: 12 }), { minLength: 1, maxLength: 12 }),
    name: nat(39),
    from: nat(60),
    by: nat(130),
  });
  assert(
    property(cases, ({ blocks, name, from, by }) => {
      const log = logOf(blocks);
      const isRead = blocks.some((refs) => refs.includes(name));
      const wanted = isRead ? "read" : by < blocks.length * 10 ? "void" : "open";
      equal(judged([log.prove(small(name))], question(small(name), from, by)), wanted);
    }),
    { numRuns: runs(200) },
  );
});

test("a long way in several proofs, each under a checkpoint of its own", () => {
  const log = logOf([[1], [2], [3], []]);
  const name = small(9);
  const whole = log.prove(name);
  const { exchange, ref: asked, checkpoint } = whole;
  const parts = whole.blocks.map((block) => ({
    exchange,
    ref: asked,
    checkpoint,
    blocks: [block],
  }));
  equal(judged(parts, question(name, 0, 39)), "void");
  equal(judged(parts.slice(1), question(name, 10, 39)), "void");
  equal(judged(parts.slice(1), question(name, 9, 39)), "open", "the beginning is missing");
  equal(judged(parts.slice(0, 3), question(name, 0, 30)), "open", "the end is missing");
  equal(judged([...parts.slice(0, 1), ...parts.slice(2)], question(name, 0, 39)), "reads_gap");
  equal(judged([], question(name, 0, 39)), "open");
});

test("a bent proof is refused by name", () => {
  const log = logOf([[1, 3, 5, 7, 9, 11, 13], [2, 4, 8], []]);
  const name = small(6);
  const asked = question(name, 0, 25);
  const honest = log.prove(name);
  const [first, second, third] = honest.blocks;
  const refs = log.blocks[0]?.refs ?? [];
  if (first === undefined || second === undefined || third === undefined) throw new Error("blocks");
  const said = new Set<string>();
  const refused = (name: string, bent: ReadsProof, other = asked): void => {
    said.add(name);
    equal(judged([bent], other), name);
  };
  const shown = (...at: number[]): ReadsProof => ({
    ...honest,
    blocks: [{ ...first, refs: at.flatMap((index) => placed(refs, index)) }, second, third],
  });
  equal(judged([honest], asked), "void");
  refused("neighbours_wrong", shown(3, 2));
  refused("neighbours_wrong", shown(1, 2));
  refused("neighbours_wrong", shown(1, 4));
  refused("neighbours_wrong", shown(6));
  refused("neighbours_wrong", shown(0));
  refused("neighbours_wrong", shown());
  refused("reads_gap", { ...honest, blocks: [first, third] });
  refused("reads_gap", { ...honest, blocks: [second, first, third] });
  refused("reads_gap", { ...honest, blocks: [first, first, second, third] });
  const bentBlock = { ...first, refs: placed(refs.slice(1), 1) };
  refused("ref_not_in_block", { ...honest, blocks: [bentBlock, second, third] });
  const shifted = first.refs.map((each) => ({ ...each, index: each.index + 1 }));
  refused("ref_not_in_block", { ...honest, blocks: [{ ...first, refs: shifted }, second, third] });
  const empty = first.line.replace(/\|7\|/, "|0|");
  const hidden = { ...first, line: empty, refs: [] };
  refused("leaf_not_in_log", { ...honest, blocks: [hidden, second, third] });
  refused("leaf_not_in_log", { ...honest, blocks: [{ ...first, leaf: 0 }, second, third] });
  const tick = { ...first, line: log.lines[0] ?? "", refs: [] };
  refused("reads_leaf_wrong", { ...honest, blocks: [tick, second, third] });
  const other = logOf([[1, 3, 5, 7, 9, 11, 13], [2, 4, 8], []], 2);
  refused("checkpoint_signature_wrong", other.prove(name));
  refused("checkpoint_signature_wrong", { ...honest, checkpoint: honest.checkpoint.slice(0, -9) });
  const longer = logOf([[1, 3, 5, 7, 9, 11, 13], [2, 4, 8], [], []]);
  refused("leaf_not_in_log", { ...honest, checkpoint: longer.checkpoint });
  refused("reads_of_another", log.prove(small(10)));
  refused("reads_malformed", { ...honest, blocks: [] });
  for (const refusal of readsRefusals) {
    if (refusal !== "checkpoint_malformed") equal(said.has(refusal), true, refusal);
  }
});

test("a ref that was read cannot be shown absent by any choice of neighbours", () => {
  const log = logOf([[1, 3, 5, 7]]);
  const refs = log.blocks[0]?.refs ?? [];
  const honest = log.prove(small(5));
  const [block] = honest.blocks;
  if (block === undefined) throw new Error("a block");
  for (let left = -1; left < 4; left += 1) {
    for (let right = -1; right < 4; right += 1) {
      const shown = [left, right].flatMap((index) => placed(refs, index));
      const bent = { ...honest, blocks: [{ ...block, refs: shown }] };
      const found = judged([bent], question(small(5), 0, 9));
      equal(found === "read" || found === "neighbours_wrong", true, `${left} ${right} ${found}`);
    }
  }
});

test("one byte changed proves nothing else, and garbage is malformed", () => {
  const log = logOf([[1, 3], [2]]);
  const text = printReadsProof(log.prove(small(4)));
  const bent = record({ at: nat(text.length - 1), by: string({ minLength: 1, maxLength: 2 }) });
  assert(
    property(bent, ({ at, by }) => {
      const parsed = parseReadsProof(text.slice(0, at) + by + text.slice(at + 1));
      if (!parsed.ok) return;
      const found = judgeReads([parsed.value], question(small(4), 0, 15));
      if (!found.ok) return;
      // A signature by somebody else may be bent: it is ignored, like its name.
      equal(found.value.kind, "void");
      const blocks = parsed.value.blocks.map((block) => block.line);
      deepEqual(
        blocks,
        log.prove(small(4)).blocks.map((block) => block.line),
      );
    }),
    { numRuns: runs(300) },
  );
  assert(
    property(string({ maxLength: 300 }), (garbage) => {
      equal(parseReadsProof(garbage).ok, false);
    }),
    { numRuns: runs(200) },
  );
});

type Case = { about: string; ref: string; from: string; by: string; proofs: string[] } & {
  finding?: string;
  refused?: string;
};

test("vectors", () => {
  const file = new URL("../../vectors/log.json", import.meta.url);
  const { reads } = JSON.parse(readFileSync(file, "utf8")) as { reads: Case[] };
  for (const { about, proofs, finding, refused, ...asked } of reads) {
    const at = (text: string): number => parseTime(text) ?? Number.NaN;
    const read = proofs.map((proof) => parseReadsProof(proof));
    const bad = read.find((proof) => !proof.ok);
    const whole = read.flatMap((proof) => (proof.ok ? [proof.value] : []));
    const { exchange, log } = home;
    const verdict = judgeReads(whole, {
      exchange,
      log,
      verify: verifyEd25519,
      ref: ref(asked.ref),
      from: time(at(asked.from)),
      by: time(at(asked.by)),
    });
    const said = bad?.ok === false ? bad.name : verdict.ok ? verdict.value.kind : verdict.name;
    equal(said, finding ?? refused, about);
  }
  const named = new Set(reads.flatMap(({ refused }) => refused ?? []));
  deepEqual([...named].toSorted(), [...readsRefusals].toSorted());
});
