/**
 * The receiving half of one lane: from a directory that promises nothing to payloads, exactly once
 * and in order (docs/spec/airlock.md §1.4).
 *
 *   poll()         what comes next; the caller makes payloads and position durable in one write
 *   acknowledge()  that has happened: the files go, and the sending half is told
 *
 * If we die before acknowledge(), the caller's durable position is the older one: files not yet
 * removed are delivered again, others are put out again by the sender. If we die after the caller's
 * write, everything below its position is a repeat. Either way each payload counts once, because
 * position and payloads are one write. A carrier that fails is a carrier that loses: it is noted
 * and tried again, never thrown.
 *
 * Invariants: acked ≤ delivered ≤ front; `history` holds the chain of the newest payloads below
 * front.
 */
import { assert, AssertionFailed } from "../codec/assert.ts";
import type { Digest } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { printAck, type Range } from "./ack.ts";
import { type Bundle, type BundleRefusal, decodeBundle } from "./bundle.ts";
import type { Directory } from "./directory.ts";
import {
  bundleBytesMax,
  chainAfter,
  isLaneName,
  parseBundleName,
  payloadsMax,
  type Position,
  printAckName,
  type Sign,
  type Verify,
  windowMax,
} from "./lane.ts";

export type ReceiverOptions = {
  readonly lane: string;
  readonly epoch: number;
  /** What the caller has on disk. */
  readonly from: Position;
  /** Where bundles arrive; they are removed from there. */
  readonly bundles: Directory;
  /** Where the acknowledgement goes. */
  readonly acks: Directory;
  /** By the key of the sending half. */
  readonly verify: Verify;
  readonly sign: Sign;
  readonly clock: () => Time;
  /** The lane has stopped; somebody must look. Called once. */
  readonly onFork: (detail: string) => void;
};

export type Delivery = {
  readonly payloads: readonly Uint8Array[];
  /** After the last of them: what the caller makes durable with them, and then acknowledges. */
  readonly position: Position;
};

export type ReceiverCounts = { [Name in BundleRefusal | "bundles" | "repeats"]: number };

/** Work done in one poll at most. */
const filesPerPoll = 256;
const bytesPerPoll = 4 * bundleBytesMax;
/**
 * Chains remembered, to tell a repeat from a fork: all that an honest sender can still have out.
 */
const historyMax = windowMax * payloadsMax;

type Queued = { readonly payload: Uint8Array; readonly after: Position };
type Extent = { readonly first: number; readonly end: number };

export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #counts: ReceiverCounts = {
    bundles: 0,
    repeats: 0,
    size_invalid: 0,
    head_invalid: 0,
    lane_other: 0,
    epoch_other: 0,
    signature_invalid: 0,
    count_invalid: 0,
  };
  readonly #history = new Map<number, Digest>();
  readonly #queue: Queued[] = [];
  /** Files beyond a gap, left where they are. */
  readonly #aside = new Map<string, Extent>();
  /** Files whose payloads are queued or delivered, but not acknowledged. */
  readonly #taken = new Map<string, Extent>();
  #acked: Position;
  #delivered: Position;
  #front: Position;
  /** At first too: the sending half may have lost our last word. */
  #owesAck = true;
  #fork: string | undefined;
  #trouble: string | undefined;

  constructor(options: ReceiverOptions) {
    assert(isLaneName(options.lane), "a lane has a name");
    this.#options = options;
    this.#acked = options.from;
    this.#delivered = options.from;
    this.#front = options.from;
    this.#remember(options.from);
  }

  /** What the peer wrote that cannot be true, if it did: the lane then delivers nothing more. */
  get fork(): string | undefined {
    return this.#fork;
  }

  /** What the carrier failed at in the last poll. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Bundles taken, repeats dropped, and those removed as bad, by name. */
  get counts(): Readonly<ReceiverCounts> {
    return this.#counts;
  }

  /** Looks into the directory, within bounds, and returns what comes next; often nothing. */
  poll(max: number = payloadsMax): Delivery {
    this.#trouble = undefined;
    this.#look(max);
    const some = this.#queue.splice(0, max);
    this.#delivered = some.at(-1)?.after ?? this.#delivered;
    if (this.#owesAck) this.#sendAck();
    return { payloads: some.map(({ payload }) => payload), position: this.#delivered };
  }

  /** Everything below `position.next` is on disk. */
  acknowledge(position: Position): void {
    const { next, chain } = position;
    assert(next >= this.#acked.next && next <= this.#delivered.next, "only what was delivered");
    const known = this.#history.get(next - 1);
    assert(known === undefined || known === chain, "the chain is that of what was delivered");
    this.#acked = position;
    for (const [name, { end }] of this.#taken) {
      if (end > next) continue;
      this.#taken.delete(name);
      this.#remove(name);
    }
    this.#sendAck();
  }

  #look(max: number): void {
    const { lane, epoch, bundles, verify } = this.#options;
    let files = 0;
    let bytes = 0;
    for (const name of this.#candidates()) {
      if (this.#fork !== undefined || this.#queue.length >= max) return;
      if (files >= filesPerPoll || bytes >= bytesPerPoll) return;
      // What lies aside was good when it came; it is read again when its turn comes.
      if ((this.#aside.get(name)?.first ?? 0) > this.#front.next) continue;
      this.#aside.delete(name);
      files += 1;
      // One file that cannot be read must not hide the others.
      const content = this.#attempt(() => bundles.read(name, bundleBytesMax));
      if (content === undefined) continue;
      bytes += content.length;
      const bundle = decodeBundle(content, { lane, epoch, verify });
      if (bundle.ok) {
        this.#counts.bundles += 1;
        this.#place(name, bundle.value);
      } else {
        this.#counts[bundle.name] += 1;
        this.#remove(name);
      }
    }
  }

  /** Names of this lane's files to look at, by the number that they say is their first. */
  #candidates(): readonly string[] {
    const found = new Map<string, number>();
    const names = this.#attempt(() => this.#options.bundles.names());
    if (names === undefined) return [];
    for (const name of names) {
      const parsed = parseBundleName(name);
      if (parsed?.lane === this.#options.lane) found.set(name, parsed.first);
    }
    for (const name of this.#aside.keys()) if (!found.has(name)) this.#aside.delete(name);
    for (const name of this.#taken.keys()) found.delete(name);
    return [...found].sort(([, a], [, b]) => a - b).map(([name]) => name);
  }

  #place(name: string, bundle: Bundle): void {
    const { first, payloads } = bundle;
    const extent = { first, end: first + payloads.length };
    if (first > this.#front.next) {
      this.#keepAside(name, extent);
      return;
    }
    let chain = bundle.previous;
    let forkAt = this.#differs(first - 1, chain) ? first : undefined;
    const fresh: Queued[] = [];
    for (const [i, payload] of payloads.entries()) {
      const number = first + i;
      chain = chainAfter(chain, payload);
      if (number >= this.#front.next) fresh.push({ payload, after: { next: number + 1, chain } });
      else if (this.#differs(number, chain)) forkAt ??= number;
    }
    if (forkAt !== undefined) {
      // The file stays where it is: it is signed, and so it is the evidence.
      this.#fork = `${name} tells another history of the lane at payload ${forkAt}`;
      this.#options.onFork(this.#fork);
      return;
    }
    if (fresh.length === 0) {
      this.#counts.repeats += 1;
      this.#owesAck = true;
      this.#remove(name);
      return;
    }
    this.#taken.set(name, extent);
    for (const queued of fresh) {
      this.#queue.push(queued);
      this.#remember(queued.after);
      this.#front = queued.after;
    }
  }

  #keepAside(name: string, extent: Extent): void {
    this.#aside.set(name, extent);
    this.#owesAck = true;
    if (this.#aside.size <= windowMax) return;
    const [farthest] = [...this.#aside].reduce((a, b) => (b[1].first > a[1].first ? b : a));
    this.#aside.delete(farthest);
    this.#remove(farthest);
  }

  #differs(number: number, chain: Digest): boolean {
    const known = this.#history.get(number);
    return known !== undefined && known !== chain;
  }

  #remember({ next, chain }: Position): void {
    this.#history.set(next - 1, chain);
    this.#history.delete(next - 1 - historyMax);
  }

  #sendAck(): void {
    const { lane, epoch, acks, sign, clock } = this.#options;
    const have = rangesOf([...this.#aside.values()]);
    const ack = printAck({ lane, epoch, ...this.#acked, have, at: clock() }, sign);
    this.#owesAck = true;
    this.#attempt(() => {
      acks.put(printAckName(lane), Buffer.from(ack, "latin1"));
      this.#owesAck = false;
    });
  }

  #remove(name: string): void {
    this.#attempt(() => this.#options.bundles.remove(name));
  }

  #attempt<Value>(work: () => Value): Value | undefined {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof AssertionFailed || !(cause instanceof Error)) throw cause;
      this.#trouble = cause.message;
      return undefined;
    }
  }
}

/** Joined where they touch, in ascending order. */
function rangesOf(extents: readonly Extent[]): readonly Range[] {
  const ranges: { from: number; to: number }[] = [];
  for (const { first, end } of extents.toSorted((a, b) => a.first - b.first)) {
    const last = ranges.at(-1);
    if (last !== undefined && first <= last.to + 1) last.to = Math.max(last.to, end - 1);
    else ranges.push({ from: first, to: end - 1 });
  }
  return ranges;
}
