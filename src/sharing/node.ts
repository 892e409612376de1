/**
 * A node that shares orders (docs/spec/sharing.md): a relay of orders, or with a miner's key a
 * miner that stands alone. Its folder:
 *
 *   miner.conf  members.conf    written by the operator
 *   member.key                  Ed25519, signs what we tell members
 *   miner.key  miner.key.asc    signs rings; opens auth keys; a relay of orders has neither
 *   orders/  submissions/       what is held and what was made, one file each
 */
import type { KeyObject } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { toBase64 } from "../codec/bytes.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import { time, type Time } from "../codec/time.ts";
import type { ChainNode } from "../chain/node.ts";
import type { Offer } from "../finder/offer.ts";
import { type Signer, verifierKey } from "../log/note.ts";
import type { OfferLeaf, TokenLeaf } from "../log/ringleaf.ts";
import type { MinerKeys } from "../miner/keys.ts";
import type { FindRings, MinedVenue } from "../miner/round.ts";
import { isEnded, type Standing } from "../pool/pool.ts";
import type { Domain } from "../ring/digest.ts";
import { lockDirectory } from "../store/lock.ts";
import { Api, bodyMax } from "./api.ts";
import { Board, type BoardVerdict, skewMs } from "./board.ts";
import { signerOf } from "./ed25519.ts";
import { type Held, isOffered, OrderFiles } from "./held.ts";
import { type HttpServer, reasonsOf, serveHttp } from "./http.ts";
import { Link } from "./link.ts";
import { isInRoom, type Membership } from "./members.ts";
import { type Audience, printShare, readShare } from "./message.ts";
import { type Broadcast, Mining } from "./mining.ts";
import type { NodeSettings } from "./settings.ts";
import { type Followed, SubmissionFiles } from "./submissions.ts";
import { type OfferedAs, Vetting } from "./vetting.ts";

/** What makes a node a miner. */
export type MinerParts = {
  readonly keys: MinerKeys;
  /** To which customers seal auth keys, binary. */
  readonly certificate: Uint8Array;
  readonly find: FindRings;
  /** `undefined`: whoever reads `/v1/ring/submissions` may. */
  readonly broadcast: Broadcast | undefined;
};

export type SharingOptions = {
  readonly dir: string;
  readonly settings: NodeSettings;
  readonly membership: Membership;
  readonly memberKey: KeyObject;
  readonly chain: ChainNode | undefined;
  readonly miner: MinerParts | undefined;
  readonly say: (sentence: string) => void;
};

export class SharingNode {
  readonly #options: SharingOptions;
  readonly #signer: Signer;
  readonly #board: Board;
  readonly #mining: Mining | undefined;
  readonly #links = new Map<string, Link>();
  readonly #unlock: () => void;
  readonly #stop = new AbortController();
  #server: HttpServer | undefined;
  #rounds: Promise<void> | undefined;
  #last = 0;
  readonly rooms: readonly string[];
  readonly tokens: readonly TokenLeaf[];

  constructor(options: SharingOptions, unlock: () => void) {
    const { dir, settings, membership, memberKey, chain, miner, say } = options;
    const { name, domain, rate, ordersMax } = settings;
    this.#options = options;
    this.#unlock = unlock;
    this.#signer = signerOf(name, memberKey);
    this.rooms = [...membership.rooms.keys()].filter((room) => isInRoom(membership, room, name));
    this.tokens = settings.tokens.map(({ name, address, decimals }) => {
      return { kind: "token", name, address, decimals };
    });
    const vetting = new Vetting(domain, chain, miner?.keys);
    const files = new OrderFiles(join(dir, "orders"));
    this.#board = new Board({ domain, name, membership, vetting, rate, ordersMax }, files);
    for (const member of membership.members.values()) {
      if (member.name === name || member.url === undefined) continue;
      this.#links.set(member.name, new Link(member, say));
    }
    this.#mining = chain && this.#openMining(chain);
  }

  #openMining(node: ChainNode): Mining {
    const { dir, settings, miner, say } = this.#options;
    const files = new SubmissionFiles(join(dir, "submissions"));
    const { finality, ordersMax } = settings;
    const held = (): ReadonlyMap<Hash, Held> => this.#board.held;
    const onEnd = (hash: Hash, standing: Standing): Promise<void> => this.#end(hash, standing);
    const options = { node, venue: this.#venue(), finality, ordersMax, files, held, onEnd, say };
    if (miner === undefined) return new Mining(options, undefined);
    const { keys, find, broadcast = () => undefined } = miner;
    return new Mining(options, { keys, find, broadcast });
  }

  #venue(): MinedVenue {
    const { settings, miner } = this.#options;
    const { domain, deadline, gasPerOrder, tokens } = settings;
    const feeRecipient = settings.feeRecipient ?? miner?.keys.address ?? domain.contract;
    const priced = tokens.map(({ address, decimals, price }) => {
      return { id: address, price: price / 10 ** decimals };
    });
    return { domain, feeRecipient, deadline, gasPerOrder, tokens: priced };
  }

  /** Serves, tells members what they have not heard, and makes rounds. */
  async start(): Promise<void> {
    const { host, port, round } = this.#options.settings;
    const { say } = this.#options;
    const api = new Api(this);
    this.#server = await serveHttp(api.route, { host, port, bodyMax, say });
    this.#tellAgain();
    this.#mining?.resume();
    this.#rounds = this.#makeRounds(round * 1000);
  }

  get isClosing(): boolean {
    return this.#stop.signal.aborted;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  // ── what the routes ask ────────────────────────────────────────────────────────────────────────

  get domain(): Domain {
    return this.#options.settings.domain;
  }

  get miner(): Address | undefined {
    return this.#options.miner?.keys.address;
  }

  /** Other members' addresses to which an order can be sent for mining. */
  get minersKnown(): ReadonlyMap<Address, string> {
    return this.#options.membership.miners;
  }

  get held(): ReadonlyMap<Hash, Held> {
    return this.#board.held;
  }

  get submissions(): readonly Followed[] {
    return this.#mining?.submissions ?? [];
  }

  /** Our clock; it never says the same twice, so that of two words of ours one is the newer. */
  now(): Time {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return time(this.#last);
  }

  /** Who this is. */
  card(): object {
    const { settings, miner, membership } = this.#options;
    const { name, domain, tokens } = settings;
    return {
      name,
      key: verifierKey(name, this.#signer.publicKey),
      chainId: domain.chainId,
      contract: domain.contract,
      miner: this.miner ?? null,
      feeRecipient: miner === undefined ? null : this.#venue().feeRecipient,
      certificate: miner === undefined ? null : toBase64(miner.certificate),
      tokens: tokens.map(({ name, address, decimals }) => ({ name, address, decimals })),
      rooms: this.rooms,
      members: [...membership.members.keys()],
      miners: Object.fromEntries(membership.miners),
    };
  }

  /** What is known of an order. */
  statusOf(hash: Hash): { readonly status: string; readonly matchable: boolean } | undefined {
    const over = this.#board.overAs(hash);
    if (over !== undefined) return { status: over, matchable: false };
    const held = this.#board.held.get(hash);
    if (held === undefined) return undefined;
    if (!isOffered(held)) return { status: "withdrawn", matchable: false };
    const standing = this.#mining?.standingOf(hash) ?? "held";
    const ours = held.auth !== undefined || held.order.authAddress === this.miner;
    return { status: standing, matchable: ours && this.miner !== undefined && !isOver(standing) };
  }

  /** What is live of what was told to rooms; without a chain, what nobody has denied. */
  publicOffers(): readonly OfferLeaf[] {
    const names = new Map<string, string>(
      this.tokens.map(({ name, address }) => [address, name] as const),
    );
    const offers: OfferLeaf[] = [];
    const add = (sell: string, buy: string, sellAmount: bigint, buyAmount: bigint): void => {
      const [from, to] = [names.get(sell), names.get(buy)];
      if (from === undefined || to === undefined) return;
      const number = offers.length + 1;
      offers.push({ kind: "offer", number, sell: from, buy: to, sellAmount, buyAmount });
    };
    if (this.#mining === undefined) {
      for (const { order } of this.#board.publicHeld()) {
        add(order.sellToken, order.buyToken, order.sellAmount, order.buyAmount);
      }
      return offers;
    }
    for (const offer of this.#mining.publicOffers()) {
      const { sell, buy, sellMax } = offer;
      add(sell, buy, sellMax, leastFor(offer));
    }
    return offers;
  }

  // ── what comes in ──────────────────────────────────────────────────────────────────────────────

  /** A member's note. */
  async receive(note: string, at: Time): Promise<BoardVerdict> {
    const taken = await this.#board.receive(note, at);
    if (taken.ok && taken.value.pass !== undefined) this.#pass(note, taken.value.pass);
    const share = taken.ok && taken.value.state === "withdrawn" ? readShare(note) : undefined;
    if (share?.ok === true && share.value.kind === "withdrawal") {
      this.#offerStill(share.value.hash, share.value.to);
    }
    return taken;
  }

  /** An order from its owner, offered by us from now on. */
  async offer(
    offered: Omit<OfferedAs, "to">,
    to: readonly Audience[],
    at: Time,
  ): Promise<BoardVerdict> {
    const taken = await this.#board.offer(offered, to, at);
    if (!taken.ok) return taken;
    for (const one of to) this.#tell(offered.hash, one, offered.auth);
    return taken;
  }

  // ── what goes out ──────────────────────────────────────────────────────────────────────────────

  /** Tells the audience that we offer the order, in a note of the moment in which it goes out. */
  #tell(hash: Hash, to: Audience, auth: string | undefined): void {
    const { settings } = this.#options;
    const { name: by, domain } = settings;
    for (const link of this.#linksTo(to)) {
      link.tell(() => {
        const held = this.#board.held.get(hash);
        const mark = held && this.#board.markOf(held, { by, to });
        if (held === undefined || mark?.offers !== true) return undefined;
        const { order, signature } = held;
        const told = { domain, by, at: this.now(), order, signature };
        return printShare(
          to.kind === "room"
            ? { ...told, kind: "unmatchable", room: to.room }
            : { ...told, kind: "matchable", miner: to.miner, auth },
          this.#signer,
        );
      });
    }
  }

  #linksTo(to: Audience): readonly Link[] {
    const { membership, settings } = this.#options;
    const names =
      to.kind === "room"
        ? [...(membership.rooms.get(to.room) ?? [])]
        : [membership.miners.get(to.miner) ?? ""];
    return names.flatMap((name) => (name === settings.name ? [] : (this.#links.get(name) ?? [])));
  }

  /** Passes another member's note on to the room, as it came. */
  #pass(note: string, room: string): void {
    const share = readShare(note);
    if (!share.ok) return;
    const { by, at } = share.value;
    const ofSharer = this.#links.get(by);
    for (const link of this.#linksTo({ kind: "room", room })) {
      if (link === ofSharer) continue;
      link.tell(() => (Date.now() > at + skewMs ? undefined : note));
    }
  }

  #withdraw(hash: Hash, to: Audience): void {
    const { name: by, domain } = this.#options.settings;
    for (const link of this.#linksTo(to)) {
      link.tell(() =>
        printShare({ kind: "withdrawal", domain, by, at: this.now(), to, hash }, this.#signer),
      );
    }
  }

  /** Another one withdrew it: who heard it from him only is to hear that we still offer it. */
  #offerStill(hash: Hash, to: Audience): void {
    if (to.kind === "room") this.#tell(hash, to, undefined);
  }

  /** After a restart: what was not told when we died is told again, twice being harmless. */
  #tellAgain(): void {
    const { settings, miner } = this.#options;
    for (const held of this.#board.held.values()) {
      for (const { by, to, offers } of held.marks.values()) {
        const isToUs = to.kind === "miner" && to.miner === miner?.keys.address;
        if (by !== settings.name || isToUs) continue;
        if (offers) this.#tell(held.hash, to, held.relayed);
        else this.#withdraw(held.hash, to);
      }
      for (const [room, note] of held.passed) this.#pass(note, room);
    }
  }

  /** The operator no longer offers the order. */
  async withdraw(hash: Hash): Promise<void> {
    for (const to of await this.#board.withdrawOwn(hash, this.now())) this.#withdraw(hash, to);
  }

  async #end(hash: Hash, standing: Standing): Promise<void> {
    // Of its time everybody has a clock of his own.
    if (standing !== "expired") await this.withdraw(hash);
    await this.#board.end(hash, { standing, at: this.now() });
  }

  // ── rounds ─────────────────────────────────────────────────────────────────────────────────────

  async #makeRounds(pauseMs: number): Promise<void> {
    const { signal } = this.#stop;
    let isFailing = false;
    while (!signal.aborted) {
      try {
        this.#board.sweep(this.now());
        await this.#mining?.step();
        isFailing = false;
      } catch (cause) {
        if (!isFailing) this.#options.say(reasonsOf(cause));
        isFailing = true;
      }
      await pause(pauseMs, signal);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#server?.close();
    await this.#rounds;
    for (const link of this.#links.values()) await link.close();
    this.#unlock();
  }
}

function isOver(standing: Standing | "held"): boolean {
  return standing !== "held" && isEnded(standing);
}

/** The least it wants for all it can sell now. */
function leastFor({ sellAmount, buyAmount, sellMax }: Offer): bigint {
  return (sellMax * buyAmount + sellAmount - 1n) / sellAmount;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Starts a node, or goes on with the one in the folder. */
export async function startSharing(options: SharingOptions): Promise<SharingNode> {
  for (const folder of ["orders", "submissions"]) {
    mkdirSync(join(options.dir, folder), { recursive: true, mode: 0o700 });
  }
  const unlock = lockDirectory(options.dir);
  try {
    const node = new SharingNode(options, unlock);
    await node.start();
    return node;
  } catch (cause) {
    unlock();
    throw cause;
  }
}
