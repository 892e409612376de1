/**
 * The ring venue as a fold over the log's leaves: where it is, what is offered, which submissions
 * were authored lately and what became of their rings. The same fold for a relay and for anybody
 * else who has the leaves.
 *
 * Offers are absolute and submissions and rings have numbers, so a leaf that is applied twice
 * changes nothing the second time. Memory is bounded: offers as the engine bounds them, and the
 * newest submissions with their rings; older ones are in the log.
 */
import type { Leaf } from "../log/leaf.ts";
import type {
  OfferLeaf,
  RingLeaf,
  RingVenueLeaf,
  SubmissionLeaf,
  TokenLeaf,
  VenueLeaf,
} from "../log/ringleaf.ts";

/** Submissions kept with their rings. */
export const submissionsKept = 500;
/** Twice what the engine lets live at once: a publication may add before it takes away. */
const offersMax = 40_000;
const tokensMax = 10_000;
/** A submission has at most 8 rings; leaves that say otherwise are an exchange's mistake. */
const ringsMax = 8;

/** What became of a ring. */
export type RingOutcome =
  | { readonly state: "authored" }
  | { readonly state: "settled"; readonly transaction: string }
  | { readonly state: "failed"; readonly reason: string };

/** A ring with all that is public about it. */
export type RingView = { readonly ring: RingLeaf; readonly outcome: RingOutcome };

/** A submission and its rings, in order. */
export type SubmissionView = {
  readonly submission: SubmissionLeaf;
  readonly rings: readonly RingView[];
};

type Slot = { readonly submission: SubmissionLeaf; readonly rings: RingLeaf[] };

/** The state of the fold. */
export class RingBoard {
  #venue: VenueLeaf | undefined;
  readonly #tokens: Map<string, TokenLeaf> = new Map();
  readonly #offers: Map<number, OfferLeaf> = new Map();
  readonly #submissions: Map<number, Slot> = new Map();
  readonly #outcomes: Map<number, RingOutcome> = new Map();
  #last = 0;
  #version = 0;
  #changes = 0;

  /** Another number whenever a token or an offer changed. */
  get version(): number {
    return this.#version;
  }

  /** Another number whenever anything changed. */
  get changes(): number {
    return this.#changes;
  }

  /** `undefined`: this exchange has no ring venue, or said nothing yet. */
  get venue(): VenueLeaf | undefined {
    return this.#venue;
  }

  /** In the order of their first leaves. */
  get tokens(): readonly TokenLeaf[] {
    return [...this.#tokens.values()];
  }

  /** The live offers, oldest first. */
  get offers(): readonly OfferLeaf[] {
    return [...this.#offers.values()].sort((a, b) => a.number - b.number);
  }

  token(name: string): TokenLeaf | undefined {
    return this.#tokens.get(name);
  }

  /** The submissions that are kept, above `after`, oldest first. */
  submissions(after: number): readonly SubmissionView[] {
    return [...this.#submissions.values()]
      .filter(({ submission }) => submission.number > after)
      .map(({ submission, rings }) => ({ submission, rings: rings.map((r) => this.#view(r)) }));
  }

  /** The number of the last submission; 0: none. */
  get lastSubmission(): number {
    return this.#last;
  }

  /** The rings of the submissions that are kept, those above `after`, oldest first. */
  rings(after: number): readonly RingView[] {
    return [...this.#submissions.values()]
      .flatMap(({ rings }) => rings)
      .filter((ring) => ring.number > after)
      .map((ring) => this.#view(ring));
  }

  apply(leaf: Leaf): void {
    if (isRingLeaf(leaf)) this.#apply(leaf);
  }

  #apply(leaf: RingVenueLeaf): void {
    this.#changes += 1;
    if (leaf.kind === "token" || leaf.kind === "offer") this.#version += 1;
    switch (leaf.kind) {
      case "venue":
        this.#venue = leaf;
        return;
      case "token":
        if (this.#tokens.size < tokensMax) this.#tokens.set(leaf.name, leaf);
        return;
      case "offer":
        if (leaf.sellAmount === 0n) this.#offers.delete(leaf.number);
        else if (this.#offers.size < offersMax) this.#offers.set(leaf.number, leaf);
        return;
      case "submission":
        return this.#submit(leaf);
      case "ring": {
        const rings = this.#submissions.get(leaf.submission)?.rings;
        const isKnown = rings?.some(({ number }) => number === leaf.number) ?? true;
        if (isKnown || (rings?.length ?? 0) >= ringsMax) return;
        rings?.push(leaf);
        this.#outcomes.set(leaf.number, { state: "authored" });
        return;
      }
      case "settled":
      case "failed":
        if (this.#outcomes.has(leaf.number)) this.#outcomes.set(leaf.number, outcomeOf(leaf));
    }
  }

  #submit(submission: SubmissionLeaf): void {
    if (submission.number <= this.#last) return;
    this.#last = submission.number;
    this.#submissions.set(submission.number, { submission, rings: [] });
    const [oldest] = this.#submissions;
    if (this.#submissions.size <= submissionsKept || oldest === undefined) return;
    const [number, { rings }] = oldest;
    this.#submissions.delete(number);
    for (const ring of rings) this.#outcomes.delete(ring.number);
  }

  #view(ring: RingLeaf): RingView {
    return { ring, outcome: this.#outcomes.get(ring.number) ?? { state: "authored" } };
  }
}

function outcomeOf(leaf: Extract<Leaf, { kind: "settled" | "failed" }>): RingOutcome {
  return leaf.kind === "settled"
    ? { state: "settled", transaction: leaf.transaction }
    : { state: "failed", reason: leaf.reason };
}

const ringKinds: ReadonlySet<string> = new Set<RingVenueLeaf["kind"]>([
  "venue",
  "token",
  "offer",
  "submission",
  "ring",
  "settled",
  "failed",
]);

function isRingLeaf(leaf: Leaf): leaf is RingVenueLeaf {
  return ringKinds.has(leaf.kind);
}
