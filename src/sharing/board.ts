/**
 * The orders that a node holds: who offers which to whom, and what comes of each note.
 *
 * Invariants:
 *   - nothing is told to anybody before it is on disk
 *   - an order is held while a member offers it, and its mark as long as a note could be replayed
 *   - an order is passed on to a room at most once, until it was withdrawn there
 *   - a note with an auth key is never passed on
 *   - one note or order is judged at a time, so that two copies never pass as the first
 */
import { type Hash } from "../codec/ethereum.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { Standing } from "../pool/pool.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { type Held, isOffered, isPublic, type Mark, markKey, type OrderFiles } from "./held.ts";
import { isInRoom, type Membership } from "./members.ts";
import {
  type Audience,
  audienceOf,
  isSignedShare,
  readShare,
  type Share,
  type Withdrawal,
} from "./message.ts";
import { Buckets, type Rate } from "./rate.ts";
import type { ShareRefusal } from "./refusals.ts";
import type { OfferedAs, Vetting, VettedOrder } from "./vetting.ts";

/** Notes as far from now, either way, are taken. Milliseconds. */
export const skewMs = 300_000;

export type BoardOptions = {
  readonly domain: Domain;
  /** Who we are. */
  readonly name: string;
  readonly membership: Membership;
  readonly vetting: Vetting;
  readonly rate: Rate;
  /** Orders in all; a member's are a quarter of these at most. */
  readonly ordersMax: number;
};

/** What came of a note: what is passed on, to which room. */
export type Taken = {
  readonly hash: Hash;
  readonly state: "new" | "known" | "withdrawn";
  readonly pass: string | undefined;
};

/** An order that the chain ended, remembered while a note about it could come. */
export type Over = { readonly standing: Standing; readonly at: Time };

export type BoardVerdict = Verdict<Taken, ShareRefusal>;

export class Board {
  readonly #options: BoardOptions;
  readonly #files: OrderFiles;
  readonly #buckets: Buckets;
  readonly #held = new Map<Hash, Held>();
  readonly #countOf = new Map<string, number>();
  readonly #over = new Map<Hash, Over>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: BoardOptions, files: OrderFiles) {
    this.#options = options;
    this.#files = files;
    this.#buckets = new Buckets(options.rate);
    for (const held of files.read()) this.#hold(held);
  }

  get held(): ReadonlyMap<Hash, Held> {
    return this.#held;
  }

  /** What members offer to rooms. */
  publicHeld(): readonly Held[] {
    return [...this.#held.values()].filter(isPublic);
  }

  /** What a member said last about an order, to an audience. */
  markOf(held: Held, of: Pick<Mark, "by" | "to">): Mark | undefined {
    return held.marks.get(markKey(of));
  }

  /** How the order ended, if it did lately. */
  overAs(hash: Hash): Standing | undefined {
    return this.#over.get(hash)?.standing;
  }

  /** One after the other. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Judges a member's note and keeps what it says. */
  receive(note: string, now: Time): Promise<BoardVerdict> {
    const share = readShare(note);
    if (!share.ok) return Promise.resolve(share);
    const refused = this.#refusalOf(share.value, note, now);
    if (refused !== undefined) return Promise.resolve(refused);
    return this.#alone(() => this.#take(share.value, note, now));
  }

  /** What can be said before the order itself is looked at. */
  #refusalOf(share: Share, note: string, now: Time): BoardVerdict | undefined {
    const { membership, domain } = this.#options;
    const member = membership.members.get(share.by);
    if (member === undefined) return refuse("member_unknown", `no member is named ${share.by}`);
    const signed = isSignedShare(note, member.key, verifyEd25519);
    if (!signed.ok) return signed;
    const wait = this.#buckets.take(share.by, now);
    if (wait > 0) return refuse("share_rate", `${share.by} sends too much: again in ${wait} ms`);
    if (share.at > now + skewMs) return refuse("share_early", "the note is of the future");
    if (share.at < now - skewMs) return refuse("share_late", "the note is too old");
    const { chainId, contract } = share.domain;
    if (chainId !== domain.chainId || contract !== domain.contract) {
      return refuse("venue_differs", `here it is ${domain.contract} on chain ${domain.chainId}`);
    }
    return this.#audienceRefusal(audienceOf(share), share.by);
  }

  #audienceRefusal(to: Audience, by: string): BoardVerdict | undefined {
    const { membership, name, vetting } = this.#options;
    if (to.kind === "miner") {
      if (to.miner === vetting.miner) return undefined;
      return refuse("miner_unknown", `${to.miner} does not mine here`);
    }
    if (isInRoom(membership, to.room, by) && isInRoom(membership, to.room, name)) return undefined;
    return refuse("room_unknown", `${by} and we are not both in ${to.room}`);
  }

  async #take(share: Share, note: string, now: Time): Promise<BoardVerdict> {
    if (share.kind === "withdrawal") return this.#withdraw(share, now);
    const { domain } = this.#options;
    const hash = orderHash(domain, share.order);
    const to = audienceOf(share);
    const before = this.#held.get(hash)?.marks.get(markKey({ by: share.by, to }));
    if (before !== undefined && before.at >= share.at) return repeated;
    const auth = share.kind === "matchable" ? share.auth : undefined;
    const offered = { hash, order: share.order, signature: share.signature, auth, to };
    const vetted = await this.#vet(offered, share.by, now);
    if (!vetted.ok) return vetted;
    const mark: Mark = { by: share.by, to, at: share.at, offers: true };
    const passing = share.kind === "unmatchable" ? { note } : {};
    return accept(await this.#keep(vetted.value, [mark], passing));
  }

  /** An order that came to this node itself, offered by us to these audiences. */
  offer(offered: Omit<OfferedAs, "to">, to: readonly Audience[], at: Time): Promise<BoardVerdict> {
    return this.#alone(async () => {
      const { name, vetting } = this.#options;
      const mine = to.find((one) => one.kind === "miner" && one.miner === vetting.miner);
      // Sealed to others: this node has no key to open it with.
      const asked = mine === undefined ? { ...offered, auth: undefined } : offered;
      const vetted = await this.#vet({ ...asked, to: mine ?? anyRoom }, name, at);
      if (!vetted.ok) return vetted;
      const marks = to.map((one): Mark => ({ by: name, to: one, at, offers: true }));
      const isForOthers = to.some((one) => one.kind === "miner" && one !== mine);
      const relayed = isForOthers ? offered.auth : undefined;
      return accept(await this.#keep(vetted.value, marks, { relayed }));
    });
  }

  async #vet(
    offered: OfferedAs,
    by: string,
    now: Time,
  ): Promise<Verdict<VettedOrder, ShareRefusal>> {
    const over = this.#over.get(offered.hash);
    if (over !== undefined) return refuse("order_over", `it is ${over.standing}`);
    const vetted = await this.#options.vetting.vet(offered, now);
    if (!vetted.ok || this.#held.has(offered.hash)) return vetted;
    const { name, ordersMax } = this.#options;
    const isMembers = by !== name && (this.#countOf.get(by) ?? 0) >= ordersMax / 4;
    const isFull = isMembers || this.#held.size >= ordersMax;
    return isFull ? refuse("orders_too_many", "no more orders are held of that member") : vetted;
  }

  /** Writes the order down with these marks, and says whether a room is told of it. */
  async #keep(
    vetted: VettedOrder,
    marks: readonly Mark[],
    { note, relayed }: { readonly note?: string; readonly relayed?: string | undefined },
  ): Promise<Taken> {
    const { hash } = vetted;
    const old = this.#held.get(hash);
    const room = marks.find(({ to }) => to.kind === "room")?.to;
    // What we offer to the room ourselves it hears from us.
    const ours = room && old?.marks.get(markKey({ by: this.#options.name, to: room }));
    const isTold = room?.kind !== "room" || old?.passed.has(room.room) || ours?.offers;
    const passes = note !== undefined && room?.kind === "room" && isTold !== true;
    const passed = new Map(old?.passed);
    if (passes) passed.set(room.room, note);
    const all = new Map(old?.marks);
    for (const mark of marks) all.set(markKey(mark), mark);
    const auth = vetted.auth ?? old?.auth;
    // The first signature that holds stays; one by the owner's key is better than one by contract.
    const kept = old === undefined || (old.byWallet && !vetted.byWallet) ? vetted : old;
    const { order, signature, byWallet } = kept;
    const sealed = { auth, relayed: relayed ?? old?.relayed };
    await this.#write({ hash, order, signature, byWallet, ...sealed, marks: all, passed });
    const state = old !== undefined && isOffered(old) ? "known" : "new";
    return { hash, state, pass: passes ? room.room : undefined };
  }

  async #withdraw({ hash, by, to, at }: Withdrawal, now: Time): Promise<BoardVerdict> {
    const held = this.#held.get(hash);
    if (held === undefined) return refuse("order_unknown", "no such order is offered here");
    const before = held.marks.get(markKey({ by, to }));
    if (before !== undefined && before.at >= at) return repeated;
    if (before?.offers !== true) {
      return refuse("sharer_differs", `${by} does not offer this order: only its sharer may`);
    }
    await this.#unmark(held, { by, to, at, offers: false }, now);
    return accept({ hash, state: "withdrawn", pass: to.kind === "room" ? to.room : undefined });
  }

  async #unmark(held: Held, mark: Mark, now: Time): Promise<void> {
    const marks = new Map(held.marks);
    marks.set(markKey(mark), mark);
    const passed = new Map(held.passed);
    if (mark.to.kind === "room") passed.delete(mark.to.room);
    const isSealed = [...marks.values()].some(({ offers, to }) => offers && to.kind === "miner");
    const sealed = isSealed ? {} : { auth: undefined, relayed: undefined };
    await this.#write({ ...held, ...sealed, marks, passed });
    this.sweep(now);
  }

  /** We no longer offer it; gives the audiences that are to hear so. */
  withdrawOwn(hash: Hash, at: Time): Promise<readonly Audience[]> {
    return this.#alone(async () => {
      const { name, vetting } = this.#options;
      const heard: Audience[] = [];
      for (const mark of this.#held.get(hash)?.marks.values() ?? []) {
        const held = this.#held.get(hash);
        if (held === undefined || mark.by !== name || !mark.offers) continue;
        await this.#unmark(held, { ...mark, at, offers: false }, at);
        if (mark.to.kind === "room" || mark.to.miner !== vetting.miner) heard.push(mark.to);
      }
      return heard;
    });
  }

  /** The order is over, whoever offers it. */
  end(hash: Hash, over: Over): Promise<void> {
    return this.#alone(() => {
      this.#over.set(hash, over);
      this.#drop(hash);
      return Promise.resolve();
    });
  }

  /** Forgets what nobody offers and no note can bring back. */
  sweep(now: Time): void {
    for (const [hash, { at }] of this.#over) if (at < now - 2 * skewMs) this.#over.delete(hash);
    for (const held of this.#held.values()) {
      const { hash, marks, order } = held;
      const isOver = BigInt(Math.floor((now - skewMs) / 1000)) > order.validUntil;
      const isOld = [...marks.values()].every(({ at }) => at < now - 2 * skewMs);
      if (isOver || (isOld && !isOffered(held))) this.#drop(hash);
    }
  }

  async #write(held: Held): Promise<void> {
    await this.#files.write(held);
    this.#forget(held.hash);
    this.#hold(held);
  }

  #drop(hash: Hash): void {
    this.#forget(hash);
    this.#files.remove(hash);
  }

  #hold(held: Held): void {
    this.#held.set(held.hash, held);
    this.#count(held, 1);
  }

  #forget(hash: Hash): void {
    const held = this.#held.get(hash);
    if (held === undefined) return;
    this.#held.delete(hash);
    this.#count(held, -1);
  }

  #count({ marks }: Held, change: number): void {
    for (const by of new Set([...marks.values()].map((mark) => mark.by))) {
      this.#countOf.set(by, (this.#countOf.get(by) ?? 0) + change);
    }
  }
}

const anyRoom: Audience = { kind: "room", room: "-" };

const repeated = refuse("share_repeated", "this note, or a newer one about the order, came before");
