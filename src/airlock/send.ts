/**
 * The sending half of one lane: puts what the spool holds out as bundles until the other half has
 * it on disk (docs/spec/airlock.md §2). The spool is the caller's and durable; payload n of the
 * lane is what `read(n, 1)` gives, for ever the same bytes.
 *
 * Durable here is one small file, the position below which everything is acknowledged, so that a
 * start does not hash the whole history. If we die before it is saved, we start further back, and
 * send repeats. If it is lost, everything is hashed again. Only what it says, `settled`, may be
 * removed from a spool.
 *
 * Bundles are put out unsynced and again when due: every carrier may lose them. After a start they
 * are cut anew, so the old files of the lane are taken back first.
 */
import { assert, AssertionFailed, at } from "../codec/assert.ts";
import { digest, type Digest } from "../codec/names.ts";
import { type Ack, parseAck, type Range } from "./ack.ts";
import { encodeBundle } from "./bundle.ts";
import type { Directory } from "./directory.ts";
import {
  ackBytesMax,
  bundleBytesMax,
  chainAfter,
  headBytesMax,
  isLaneName,
  laneStart,
  parseBundleName,
  payloadsMax,
  type Position,
  printAckName,
  printBundleName,
  type Sign,
  signatureBytes,
  type Verify,
  windowMax,
} from "./lane.ts";

export type SenderOptions = {
  readonly lane: string;
  readonly epoch: number;
  /** Payloads from this number on, as far as there are any; at most `max`. */
  readonly read: (from: number, max: number) => Iterable<Uint8Array>;
  /** Where bundles are put. */
  readonly bundles: Directory;
  /** Where the acknowledgement arrives. */
  readonly acks: Directory;
  /** The durable position: what `save` was given last, or `undefined` before the first. */
  readonly load: () => Uint8Array | undefined;
  readonly save: (bytes: Uint8Array) => Promise<void>;
  readonly sign: Sign;
  /** By the key of the receiving half. */
  readonly verify: Verify;
  /** Milliseconds; may jump. */
  readonly clock: () => number;
  /** The lane has stopped; somebody must look. Called once. */
  readonly onFork: (detail: string) => void;
};

const firstAgainMs = 2_000;
const againMaxMs = 30_000;
const saveEveryMs = 1_000;
/** In one kick at most: payloads hashed and their bytes, and bundles put out again. */
const catchUpMax = 16_384;
const catchUpBytes = 64 * 1024 * 1024;
const againPerKick = 16;

type Out = {
  readonly first: number;
  /** The chain before the first payload, then after each. */
  readonly chains: readonly Digest[];
  tries: number;
  dueAt: number;
};

export class Sender {
  readonly #options: SenderOptions;
  /** Oldest first, without a gap from `acked` (or before it) to `front`. */
  #out: Out[] = [];
  #acked: Position;
  #saved: Position;
  #front: Position;
  #savedAt = -Infinity;
  #lastAck = "";
  #started = false;
  #isSaving = false;
  #failed: Error | undefined;
  #fork: string | undefined;
  #trouble: string | undefined;
  #refusedAcks = 0;

  /** Throws if the durable position cannot be read or is of a later epoch. */
  constructor(options: SenderOptions) {
    assert(isLaneName(options.lane), "a lane has a name");
    this.#options = options;
    this.#saved = parseSaved(options.load(), options);
    this.#acked = this.#saved;
    this.#front = this.#saved;
  }

  /** Payloads below this number are on the other half's disk, as far as we know. */
  get acked(): number {
    return this.#acked.next;
  }

  /** Payloads below this number will never be asked of the spool again. */
  get settled(): number {
    return this.#saved.next;
  }

  /** Bundles that are out. */
  get out(): number {
    return this.#out.length;
  }

  /**
   * What the peer acknowledged that cannot be true, if it did: the lane then sends nothing more.
   */
  get fork(): string | undefined {
    return this.#fork;
  }

  /** What the carrier failed at in the last kick. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Different acknowledgements that were no good. */
  get refusedAcks(): number {
    return this.#refusedAcks;
  }

  /**
   * Does whatever is due: call it when the spool has news, when an ack may have come, and every
   * second. Throws if spool or durable position fail; a carrier that fails is only noted.
   */
  kick(): void {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#fork !== undefined) return;
    this.#trouble = undefined;
    if (!this.#started) this.#started = this.#attempt(() => this.#takeBack()) ?? false;
    if (!this.#lookForAck()) return;
    const now = this.#options.clock();
    this.#putAgain(now);
    this.#putNew(now);
    if (now - this.#savedAt >= saveEveryMs || now < this.#savedAt) void this.#save(now);
  }

  #takeBack(): true {
    const { bundles, lane } = this.#options;
    for (const name of bundles.names()) {
      if (parseBundleName(name)?.lane === lane) bundles.remove(name);
    }
    return true;
  }

  /** Whether there is nothing more to do about acknowledgements before bundles are put out. */
  #lookForAck(): boolean {
    const { acks, lane, epoch, verify } = this.#options;
    const bytes = this.#attempt(() => acks.read(printAckName(lane), ackBytesMax));
    if (bytes === undefined) return true;
    const text = Buffer.from(bytes).toString("latin1");
    if (text === this.#lastAck) return true;
    const ack = parseAck(bytes, { lane, epoch, verify });
    if (!ack.ok) this.#refusedAcks += 1;
    else if (!this.#take(ack.value)) return false;
    this.#lastAck = text;
    return true;
  }

  /** Whether we are done with the acknowledgement; if not, the next kick goes on with it. */
  #take(ack: Ack): boolean {
    if (ack.next > this.#front.next && !this.#catchUp(ack.next)) return false;
    const chain = this.#chainBefore(ack.next);
    // It was overtaken on its way.
    if (ack.next < this.#acked.next || chain === undefined) return true;
    if (chain !== ack.chain) {
      this.#stop(`the acknowledgement of ${ack.next - 1} payloads tells another history`);
      return false;
    }
    this.#acked = { next: ack.next, chain };
    for (const out of this.#out) {
      if (endOf(out) <= ack.next)
        this.#attempt(() => this.#options.bundles.remove(this.#name(out)));
    }
    this.#out = this.#out.filter((out) => endOf(out) > ack.next);
    this.#reschedule(ack.have);
    return true;
  }

  /** The other half lives: what it lacks is worth another try soon. */
  #reschedule(have: readonly Range[]): void {
    const now = this.#options.clock();
    for (const out of this.#out) {
      if (have.some(({ from, to }) => from <= out.first && endOf(out) - 1 <= to)) {
        // What lies aside there may be lost with a restart: it comes again too, but late.
        out.dueAt = now + againMaxMs;
      } else {
        out.tries = 0;
        out.dueAt = Math.min(out.dueAt, now + firstAgainMs);
      }
    }
  }

  /**
   * Hashes the spool up to `next`: before we died, we had sent what is acknowledged here. Nothing
   * of it need be put out. False if it takes longer than one kick may, or if the spool ends before.
   */
  #catchUp(next: number): boolean {
    let { next: number, chain } = this.#front;
    const stop = Math.min(next, number + catchUpMax);
    let bytes = 0;
    for (const payload of this.#options.read(number, stop - number)) {
      chain = chainAfter(chain, payload);
      number += 1;
      bytes += payload.length;
      if (bytes >= catchUpBytes) break;
    }
    this.#front = { next: number, chain };
    if (number < stop && bytes < catchUpBytes) {
      this.#stop(`payload ${next - 1} is acknowledged, and the spool ends at ${number - 1}`);
    }
    return number === next;
  }

  #chainBefore(next: number): Digest | undefined {
    if (next === this.#front.next) return this.#front.chain;
    if (next === this.#acked.next) return this.#acked.chain;
    const out = this.#out.find((candidate) => next > candidate.first && next <= endOf(candidate));
    return out === undefined ? undefined : at(out.chains, next - out.first);
  }

  #putAgain(now: number): void {
    let count = 0;
    for (const out of this.#out) {
      // A clock that jumped back must not silence the lane.
      out.dueAt = Math.min(out.dueAt, now + againMaxMs);
      if (out.dueAt > now || count >= againPerKick) continue;
      out.tries += 1;
      out.dueAt = now + againMs(out.tries);
      count += 1;
      this.#put(out, [...this.#options.read(out.first, out.chains.length - 1)]);
    }
  }

  #putNew(now: number): void {
    while (this.#out.length < windowMax) {
      const { next: first, chain } = this.#front;
      const chains = [chain];
      const payloads: Uint8Array[] = [];
      let room = bundleBytesMax - headBytesMax - signatureBytes;
      for (const payload of this.#options.read(first, payloadsMax)) {
        room -= 4 + payload.length;
        if (room < 0 && payloads.length > 0) break;
        payloads.push(payload);
        chains.push(chainAfter(at(chains, chains.length - 1), payload));
      }
      if (payloads.length === 0) return;
      const out = { first, chains, tries: 0, dueAt: now + againMs(0) };
      this.#out.push(out);
      this.#front = { next: endOf(out), chain: at(chains, chains.length - 1) };
      this.#put(out, payloads);
    }
  }

  #put(out: Out, payloads: readonly Uint8Array[]): void {
    const { lane, epoch, bundles, sign } = this.#options;
    assert(payloads.length === out.chains.length - 1, "a spool keeps what is not settled");
    const previous = at(out.chains, 0);
    const bytes = encodeBundle({ lane, epoch, first: out.first, previous, payloads }, sign);
    this.#attempt(() => bundles.put(this.#name(out), bytes));
  }

  #name(out: Out): string {
    const { lane, epoch } = this.#options;
    return printBundleName({ lane, epoch, first: out.first, count: out.chains.length - 1 });
  }

  /** In the background; nothing waits for it but `settled`. */
  async #save(now: number): Promise<void> {
    this.#savedAt = now;
    const acked = this.#acked;
    if (acked.next === this.#saved.next || this.#isSaving) return;
    const { lane, epoch, save } = this.#options;
    const { next, chain } = acked;
    const text = `signet-sent/1\nlane ${lane}\nepoch ${epoch}\nnext ${next}\nchain ${chain}\n`;
    this.#isSaving = true;
    try {
      await save(Buffer.from(text, "latin1"));
      this.#saved = acked;
    } catch (cause) {
      this.#failed = new Error(`couldn't save the position of lane ${lane}`, { cause });
    } finally {
      this.#isSaving = false;
    }
  }

  #stop(detail: string): void {
    this.#fork = detail;
    this.#options.onFork(detail);
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

function endOf(out: Out): number {
  return out.first + out.chains.length - 1;
}

function againMs(tries: number): number {
  return Math.min(againMaxMs, firstAgainMs * 2 ** Math.min(tries, 10));
}

const savedPattern = new RegExp(
  "^signet-sent/1\nlane ([a-z0-9-]{1,32})\nepoch ([1-9]\\d{0,14})\nnext ([1-9]\\d{0,14})\n" +
    "chain ([0-9a-f]{64})\n$",
);

function parseSaved(
  bytes: Uint8Array | undefined,
  expected: { readonly lane: string; readonly epoch: number },
): Position {
  if (bytes === undefined) return laneStart;
  const match = savedPattern.exec(Buffer.from(bytes).toString("latin1"));
  const [lane, epoch, next, chain = ""] = match?.slice(1) ?? [];
  if (match === null || lane !== expected.lane || Number(epoch) > expected.epoch) {
    throw new Error(
      `couldn't read the position of lane ${expected.lane}: it is damaged, or of another lane or a` +
        " later epoch; if the spool is whole, remove it, and everything is hashed again",
    );
  }
  // A new epoch counts from 1 again.
  return Number(epoch) < expected.epoch ? laneStart : { next: Number(next), chain: digest(chain) };
}
