/**
 * The checkpoints that were verified on this page, by size: what another relay shows is compared
 * with them. Relays apply the same publications, so an honest relay's checkpoint is one of these,
 * or newer, or older than the page.
 */
import { equalBytes } from "../../codec/bytes.ts";
import type { Checkpoint } from "../../log/checkpoint.ts";
import type { SignedHead } from "./verify.ts";

const headsMax = 2000;

type Known = { readonly head: SignedHead; readonly seenAt: number };

/** How another checkpoint stands to ours. */
export type Compared =
  | { readonly kind: "same" }
  /**
   * Older, and ours, which has been newer for so long; `undefined`: since before this page was
   * opened. Whether it is ours is not known if the page never was at that size.
   */
  | { readonly kind: "behind"; readonly ms: number | undefined; readonly isOurs: boolean }
  | { readonly kind: "ahead" }
  /** One size, two histories: ours and theirs, both signed. */
  | { readonly kind: "forked"; readonly ours: SignedHead };

export class Heads {
  readonly #known: Map<number, Known> = new Map();
  /** Roots of sizes at which the page never was, which were proved to lie on its way. */
  readonly #proved: Map<number, Uint8Array> = new Map();
  #newest: Known | undefined;

  get newest(): SignedHead | undefined {
    return this.#newest?.head;
  }

  /** Keeps a verified one; they come by ascending size. */
  add(head: SignedHead, steady: number): void {
    const known = { head, seenAt: steady };
    this.#known.set(head.checkpoint.size, known);
    this.#newest = known;
    dropOldest(this.#known);
  }

  /** Keeps one that was proved to be the beginning of a verified one. */
  prove({ size, root }: Checkpoint): void {
    this.#proved.set(size, root);
    dropOldest(this.#proved);
  }

  compare({ size, root }: Checkpoint, steady: number): Compared {
    const newest = this.#newest?.head.checkpoint;
    if (newest === undefined || size > newest.size) return { kind: "ahead" };
    const known = this.#known.get(size);
    if (known !== undefined && !equalBytes(known.head.checkpoint.root, root)) {
      return { kind: "forked", ours: known.head };
    }
    if (size === newest.size) return { kind: "same" };
    const next = [...this.#known.values()].find(({ head }) => head.checkpoint.size > size);
    if (known !== undefined && next !== undefined) {
      return { kind: "behind", ms: steady - next.seenAt, isOurs: true };
    }
    const proved = this.#proved.get(size);
    const isOurs = proved !== undefined && equalBytes(proved, root);
    return { kind: "behind", ms: undefined, isOurs };
  }
}

function dropOldest(kept: Map<number, unknown>): void {
  const [oldest] = kept.keys();
  if (kept.size > headsMax && oldest !== undefined) kept.delete(oldest);
}
