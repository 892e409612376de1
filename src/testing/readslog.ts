/**
 * A log of blocks of reads for tests, and a prover that does what it is told: it can be made to
 * lie, which the proofs' readers must notice.
 */
import { digest, ref, type Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { inclusionProof } from "../log/proof.ts";
import { printLeaf } from "../log/leaf.ts";
import { readsHashes, readsRoot } from "../log/reads.ts";
import { appendLeaf, emptyFrontier, type Frontier } from "../log/tree.ts";
import type { BlockProof, Placed, ReadsProof } from "../log/void.ts";
import { logHashes } from "./loghashes.ts";
import { Publisher, testKey } from "./publisher.ts";

/** A ref that begins with `digits`. */
export function refWith(digits: string): Ref {
  return ref(digits.padEnd(64, "0"));
}

/** One block, as the prover knows it. */
export type KnownBlock = { readonly leaf: number; readonly refs: readonly Ref[] };

export class ReadsLog {
  readonly publisher: Publisher;
  readonly lines: string[] = [];
  readonly blocks: KnownBlock[] = [];
  #frontier: Frontier = emptyFrontier();
  #to: Time;

  constructor(from: number, key = 1, exchange = "49979888511191774776929750563049979888ab") {
    this.publisher = new Publisher(exchange, testKey(key));
    this.#to = time(from);
  }

  #append(line: string): void {
    this.lines.push(line);
    this.#frontier = appendLeaf(this.#frontier, line);
  }

  /** A tick, and the block from the last one's end to `to` over these refs. */
  block(to: number, refs: readonly Ref[], span: "block" | "hour" = "block"): void {
    const sorted = [...new Set(refs)].sort();
    const [from, at] = [this.#to, time(to)];
    this.#append(printLeaf({ kind: "tick", at }));
    const leaf = { kind: "reads", span, from, to: at, count: sorted.length } as const;
    this.blocks.push({ leaf: this.lines.length, refs: sorted });
    this.#append(printLeaf({ ...leaf, root: digest(readsRoot(sorted)) }));
    this.#to = at;
  }

  get checkpoint(): string {
    return this.publisher.checkpoint(this.#frontier);
  }

  /** The proof about a ref through all blocks up to its own, or to the end. */
  prove(name: Ref): ReadsProof {
    const blocks: BlockProof[] = [];
    const read = logHashes((from, count) => this.lines.slice(from, from + count));
    for (const { leaf, refs } of this.blocks) {
      const place = refs.filter((other) => other < name).length;
      const shown = refs[place] === name ? [place] : [place - 1, place];
      const line = this.lines[leaf] ?? "";
      const leafProof = inclusionProof(leaf, this.lines.length, read);
      blocks.push({ leaf, line, leafProof, refs: shown.flatMap((at) => placed(refs, at)) });
      if (shown.length === 1) break;
    }
    return { exchange: this.publisher.exchange, ref: name, blocks, checkpoint: this.checkpoint };
  }
}

/** A ref with its way to the block's root; nothing outside of the block. */
export function placed(refs: readonly Ref[], index: number): readonly Placed[] {
  const name = refs[index];
  if (name === undefined) return [];
  return [{ ref: name, index, path: inclusionProof(index, refs.length, readsHashes(refs)) }];
}
