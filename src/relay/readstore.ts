/**
 * Blocks of reads as the relay keeps them (docs/spec/log.md §11), and proofs made of them: which
 * refs the engine read when. Stored in the transaction of the publication that brought them.
 */
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../codec/assert.ts";
import { ref, type Fingerprint, type Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { inclusionProof, type ReadHash } from "../log/proof.ts";
import { parseLeaf, type Leaf, type ReadsLeaf } from "../log/leaf.ts";
import { readsHashes } from "../log/reads.ts";
import type { BlockProof, Placed, ReadsProof } from "../log/void.ts";
import { numberIn, textIn, type Row } from "./database.ts";

/** One answer covers so many blocks, or about so many refs, whichever is less: ask again. */
const blocksMax = 200;
const refsMax = 150_000;

/** A READ or READS leaf and its number in the log. */
export type Block = { readonly number: number; readonly leaf: ReadsLeaf; readonly line: string };

/** What a proof is bound to. */
type Bound = {
  readonly exchange: Fingerprint;
  readonly size: number;
  readonly checkpoint: string;
  /** Hashes of the log's perfect subtrees. */
  readonly read: ReadHash;
};

export class ReadStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Part of the transaction that is open; the publication was checked. */
  store(leaves: readonly Leaf[], reads: readonly Ref[], first: number): void {
    const block = this.#database.prepare("INSERT OR IGNORE INTO read_blocks VALUES (?, ?, ?, ?)");
    const row = this.#database.prepare("INSERT OR IGNORE INTO reads VALUES (?, ?)");
    let at = 0;
    for (const [offset, leaf] of leaves.entries()) {
      if (leaf.kind !== "reads") continue;
      const number = first + offset;
      block.run(number, leaf.span, leaf.from, leaf.to);
      if (leaf.span === "hour") continue;
      for (const name of reads.slice(at, at + leaf.count)) row.run(number, name);
      at += leaf.count;
    }
  }

  /** The first block in which a ref stands. */
  blockOf(name: Ref): Block | undefined {
    const sql = `SELECT b.leaf, l.line FROM reads r JOIN read_blocks b ON b.leaf = r.leaf
      JOIN leaves l ON l.number = b.leaf WHERE r.ref = ? ORDER BY r.leaf LIMIT 1`;
    const row = this.#database.prepare(sql).get(name);
    return row && blockIn(row);
  }

  /** Blocks and hours that touch a span of time, in the log's order. */
  blocks(from: Time, to: Time, countMax: number): readonly Block[] {
    const sql = `SELECT b.leaf, l.line FROM read_blocks b JOIN leaves l ON l.number = b.leaf
      WHERE b.until > ? AND b.since < ? ORDER BY b.leaf LIMIT ?`;
    return this.#database.prepare(sql).all(from, to, countMax).map(blockIn);
  }

  /**
   * Where a ref was read from `from` on, or that it was not, as far as blocks go; `undefined` if
   * there is no block there.
   */
  proof(
    asked: { readonly ref: Ref; readonly from: Time; readonly until: Time },
    bound: Bound,
  ): ReadsProof | undefined {
    const blocks: BlockProof[] = [];
    let refs = 0;
    let next: Time | undefined;
    while (blocks.length < blocksMax && refs < refsMax) {
      const step = this.#step(next ?? asked.from, next === undefined, asked.ref);
      if (step === undefined) break;
      blocks.push({
        leaf: step.block.number,
        line: step.block.line,
        leafProof: inclusionProof(step.block.number, bound.size, bound.read),
        refs: step.placed,
      });
      refs += step.block.leaf.count;
      next = step.block.leaf.to;
      if (step.placed[0]?.ref === asked.ref || next > asked.until) break;
    }
    if (blocks.length === 0) return undefined;
    const { exchange, checkpoint } = bound;
    return { exchange, ref: asked.ref, blocks, checkpoint };
  }

  /** An hour if it fits and has not the ref; else a block. */
  #step(
    at: Time,
    isFirst: boolean,
    name: Ref,
  ): { readonly block: Block; readonly placed: readonly Placed[] } | undefined {
    for (const span of ["hour", "block"] as const) {
      const block = this.#blockAt(span, at, isFirst);
      if (block === undefined) continue;
      const refs = this.#refsOf(block);
      const isHere = refs.includes(name);
      if (span === "hour" && (isHere || refs.length !== block.leaf.count)) continue;
      return { block, placed: placedIn(refs, name) };
    }
    return undefined;
  }

  #blockAt(span: ReadsLeaf["span"], at: Time, isFirst: boolean): Block | undefined {
    const where = isFirst ? "b.since <= ?2 AND b.until > ?2" : "b.since = ?2";
    const sql = `SELECT b.leaf, l.line FROM read_blocks b JOIN leaves l ON l.number = b.leaf
      WHERE b.span = ?1 AND ${where} ORDER BY b.leaf LIMIT 1`;
    const row = this.#database.prepare(sql).get(span, at);
    return row && blockIn(row);
  }

  /** The refs of a block, or of the blocks of an hour, ascending. */
  #refsOf({ number, leaf }: Block): readonly Ref[] {
    const sql =
      leaf.span === "block"
        ? "SELECT ref FROM reads WHERE leaf = ? ORDER BY ref"
        : `SELECT DISTINCT r.ref FROM read_blocks b JOIN reads r ON r.leaf = b.leaf
           WHERE b.span = 'block' AND b.since >= ? AND b.since < ? ORDER BY r.ref`;
    const values = leaf.span === "block" ? [number] : [leaf.from, leaf.to];
    return this.#database
      .prepare(sql)
      .all(...values)
      .map((row) => ref(textIn(row, "ref")));
  }
}

function blockIn(row: Row): Block {
  const line = textIn(row, "line");
  const leaf = parseLeaf(line);
  assert(leaf?.kind === "reads", "a stored block has its leaf");
  return { number: numberIn(row, "leaf"), leaf, line };
}

/** The ref in the tree of `refs`, or its neighbours. */
function placedIn(refs: readonly Ref[], name: Ref): readonly Placed[] {
  const after = refs.findIndex((other) => other >= name);
  const place = after < 0 ? refs.length : after;
  const indices = refs[place] === name ? [place] : [place - 1, place];
  const read = readsHashes(refs);
  return indices.flatMap((index): readonly Placed[] => {
    const placed = refs[index];
    if (placed === undefined) return [];
    return [{ ref: placed, index, path: inclusionProof(index, refs.length, read) }];
  });
}
