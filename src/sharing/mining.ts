/**
 * The orders of a node against the chain: which of them are live, which are over; and, with a
 * miner's key, rings of them, round after round.
 *
 * A submission is on disk before anybody gets its calldata, and its orders are promised to it from
 * then on: killed in between, the next start hands out the same bytes again. It is followed until
 * it is `finality` blocks deep or can never settle; if a reorganisation takes it back it is pending
 * as before.
 */
import type { Hash } from "../codec/ethereum.ts";
import type { ChainNode, Receipt } from "../chain/node.ts";
import { simulate, submitData } from "../chain/settlement.ts";
import type { Offer } from "../finder/offer.ts";
import type { MinerKeys } from "../miner/keys.ts";
import { type FindRings, type MinedVenue, Miner, type Proposal } from "../miner/round.ts";
import {
  isEnded,
  newPool,
  offersOf,
  type Pool,
  type Pooled,
  type Standing,
  standingOf,
} from "../pool/pool.ts";
import { type Fate, fateOf, noteFate, refusalOfPool } from "../pool/submission.ts";
import { settledRings } from "../ring/settledring.ts";
import { Facts } from "./facts.ts";
import { type Held, isOffered, isPublic } from "./held.ts";
import {
  earningsOf,
  type Followed,
  keptMax,
  type Settlement,
  type SubmissionFiles,
} from "./submissions.ts";

/** Brings calldata onto the chain. It may get the same again. */
export type Broadcast = (number: number, calldata: Uint8Array) => void;

export type MiningOptions = {
  readonly node: ChainNode;
  readonly venue: MinedVenue;
  readonly finality: number;
  /** Of so many orders three quarters are held whether their owners can pay or not. */
  readonly ordersMax: number;
  readonly files: SubmissionFiles;
  /** The orders that are held. */
  readonly held: () => ReadonlyMap<Hash, Held>;
  /** An order is over: nobody fills it any more. */
  readonly onEnd: (hash: Hash, standing: Standing) => Promise<void>;
  readonly say: (sentence: string) => void;
};

/** What a node mines with. */
export type MiningKit = {
  readonly keys: MinerKeys;
  readonly find: FindRings;
  readonly broadcast: Broadcast;
};

export class Mining {
  readonly #options: MiningOptions;
  readonly #kit: MiningKit | undefined;
  readonly #miner: Miner | undefined;
  readonly #facts: Facts;
  /** Everything that is held, as the pool has it. */
  readonly #pooled = new Map<Hash, Pooled>();
  /** Of these, what we have every auth key for. */
  readonly #pool: Pool = newPool();
  /** All that are kept, ascending. */
  readonly #submissions: Followed[];
  readonly #following = new Set<Followed>();
  readonly #endedSince = new Map<Hash, number>();
  /** The block of the last round, if nothing has changed since. */
  #roundAt: Hash | undefined;

  constructor(options: MiningOptions, kit: MiningKit | undefined) {
    const { node, venue, files, say } = options;
    this.#options = options;
    this.#kit = kit;
    this.#miner = kit && new Miner(kit.keys, kit.find, say);
    this.#facts = new Facts(node, venue.domain.contract);
    this.#submissions = [...files.read()];
    for (const followed of this.#submissions) {
      if (followed.outcome.state === "failed") continue;
      this.#following.add(followed);
      if (followed.outcome.state === "authored") this.#promise(followed);
    }
  }

  get submissions(): readonly Followed[] {
    return this.#submissions;
  }

  /** How the order stands; `undefined` before the chain was looked at. */
  standingOf(hash: Hash): Standing | undefined {
    const pooled = this.#pooled.get(hash);
    if (pooled === undefined || this.#facts.head === undefined) return undefined;
    return standingOf(pooled, this.#facts.view, this.#now());
  }

  /** What members offer to rooms, as far as it is live. */
  publicOffers(): readonly Offer[] {
    const pool = newPool();
    for (const held of this.#options.held().values()) {
      const pooled = this.#pooled.get(held.hash);
      if (pooled !== undefined && isPublic(held)) pool.orders.set(held.hash, pooled);
    }
    return offersOf(pool, this.#facts.view, this.#now());
  }

  /** Looks at the chain and does what is to do; throws if the node doesn't answer. */
  async step(): Promise<void> {
    this.#takeOver();
    await this.#leaveFinal();
    await this.#facts.refresh([...this.#pooled.values()], [...this.#following]);
    for (const followed of this.#following) await this.#follow(followed);
    await this.#endOrders();
    await this.#mine();
  }

  /** Once: what is deep in the chain since before we started is not looked for again. */
  async #leaveFinal(): Promise<void> {
    if (this.#facts.head !== undefined || this.#following.size === 0) return;
    const { number } = await this.#options.node.head();
    for (const followed of this.#following) {
      const { outcome } = followed;
      if (outcome.state !== "settled") continue;
      if (outcome.settlement.block + this.#options.finality < number)
        this.#following.delete(followed);
    }
  }

  /** Unix seconds: the block's, or ours if we are ahead, which the next block will be as well. */
  #now(): bigint {
    const ours = BigInt(Math.floor(Date.now() / 1000));
    const theirs = this.#facts.head?.time ?? 0n;
    return ours > theirs ? ours : theirs;
  }

  /** Makes the pool be what the node holds. */
  #takeOver(): void {
    const held = this.#options.held();
    for (const one of held.values()) {
      const { hash, order, signature, byWallet } = one;
      const known = this.#pooled.get(hash);
      const pooled =
        known?.byWallet === byWallet
          ? known
          : { hash, order, signature, byWallet, failures: 0, restsUntil: 0n };
      this.#pooled.set(hash, pooled);
      const isMatchable = this.#isMatchable(one);
      if (isMatchable && this.#pool.orders.get(hash) !== pooled) this.#roundAt = undefined;
      if (isMatchable) this.#pool.orders.set(hash, pooled);
      else this.#pool.orders.delete(hash);
    }
    for (const hash of this.#pooled.keys()) {
      if (held.has(hash)) continue;
      this.#pooled.delete(hash);
      this.#pool.orders.delete(hash);
      this.#endedSince.delete(hash);
    }
  }

  #isMatchable(held: Held): boolean {
    if (this.#kit === undefined || !isOffered(held)) return false;
    return held.auth !== undefined || held.order.authAddress === this.#kit.keys.address;
  }

  // ── what became of submissions ─────────────────────────────────────────────────────────────────

  #promise(followed: Followed): void {
    this.#pool.submissions.set(followed.submitted.number, followed.submitted);
  }

  async #follow(followed: Followed): Promise<void> {
    const { submitted, outcome } = followed;
    const { view, head } = this.#facts;
    const fate = fateOf(submitted, view);
    if (outcome.state !== "settled") {
      if (fate !== undefined) await this.#end(followed, fate);
      return;
    }
    const { transaction, block } = outcome.settlement;
    const blockNow = this.#facts.blockOf(submitted.rings[0]?.hash ?? transaction);
    if (fate?.kind === "settled" && fate.transaction === transaction && blockNow === block) {
      const depth = (head?.number ?? 0) - block;
      if (depth >= this.#options.finality) this.#following.delete(followed);
      return;
    }
    // In another block, or by another transaction: gas and depth are other ones.
    if (fate?.kind === "settled") return this.#end(followed, fate);
    this.#options.say(`submission ${submitted.number} was taken back by a reorganisation`);
    followed.outcome = { state: "authored" };
    this.#promise(followed);
    await this.#options.files.write(followed);
    this.#kit?.broadcast(submitted.number, followed.calldata);
  }

  async #end(followed: Followed, fate: Fate): Promise<void> {
    const { submitted } = followed;
    if (fate.kind === "settled") {
      const settlement = await this.#settlementOf(followed, fate.transaction);
      if (settlement === undefined) return;
      followed.outcome = { state: "settled", settlement };
    } else {
      followed.outcome = { state: "failed", reason: fate.reason };
      this.#following.delete(followed);
    }
    noteFate(this.#pool, submitted, { fate, view: this.#facts.view, now: this.#now() });
    // Counters and logs were read at one block: what settled has moved its counters.
    this.#pool.submissions.delete(submitted.number);
    this.#roundAt = undefined;
    await this.#options.files.write(followed);
    const end =
      fate.kind === "settled" ? `settled in ${fate.transaction}` : `failed: ${fate.reason}`;
    this.#options.say(`submission ${submitted.number} ${end}`);
  }

  async #settlementOf(followed: Followed, transaction: Hash): Promise<Settlement | undefined> {
    const { node, venue } = this.#options;
    const receipt = await node.receipt(transaction);
    if (receipt === undefined) return undefined;
    const rings = this.#earningsOf(followed, receipt);
    const { block, gasUsed, gasPrice } = receipt;
    if (rings === undefined) {
      throw new Error(`couldn't settle accounts: ${venue.domain.contract} told what was not asked`);
    }
    return { transaction, block, gasUsed, gasPrice, rings };
  }

  /** Out of our own calldata, so that it does not matter who wrapped them in what. */
  #earningsOf(
    { submitted, calldata }: Followed,
    receipt: Receipt,
  ): Settlement["rings"] | undefined {
    const { domain } = this.#options.venue;
    const ours = new Set<string>(submitted.rings.map(({ hash }) => hash));
    const logs = receipt.logs.filter(({ address, topics }) => {
      return address === domain.contract && ours.has(topics[1] ?? "");
    });
    const call = { from: noSender, to: domain.contract, input: submitData(calldata), logs };
    const settled = settledRings(domain, [call]);
    return settled.ok ? settled.value.map(earningsOf) : undefined;
  }

  // ── orders that are over ───────────────────────────────────────────────────────────────────────

  async #endOrders(): Promise<void> {
    const { finality, onEnd, ordersMax } = this.#options;
    const { head } = this.#facts;
    if (head === undefined) return;
    // Signing orders costs nothing, and who cannot pay for them shall keep nobody out.
    const isCrowded = this.#pooled.size > (3 * ordersMax) / 4;
    for (const pooled of this.#pooled.values()) {
      const { hash } = pooled;
      const standing = standingOf(pooled, this.#facts.view, this.#now());
      if (isCrowded && standing === "unfunded") {
        await onEnd(hash, standing);
        continue;
      }
      if (!isEnded(standing)) {
        this.#endedSince.delete(hash);
        continue;
      }
      const since = this.#endedSince.get(hash) ?? head.number;
      this.#endedSince.set(hash, since);
      // A reorganisation may bring it back until then.
      if (head.number >= since + finality) await onEnd(hash, standing);
    }
  }

  // ── rings ──────────────────────────────────────────────────────────────────────────────────────

  async #mine(): Promise<void> {
    const { venue, held, say } = this.#options;
    const { head } = this.#facts;
    if (this.#miner === undefined || head === undefined || head.hash === this.#roundAt) return;
    this.#roundAt = head.hash;
    const proposals = await this.#miner.propose({
      venue,
      pool: this.#pool,
      view: this.#facts.view,
      now: this.#now(),
      sealedAuth: (order) => held().get(order)?.auth,
    });
    for (const proposal of proposals) {
      const refused = refusalOfPool(this.#pool, proposal.planned);
      if (refused === undefined) await this.#submit(proposal);
      else say(`a ring is left out: ${refused}`);
    }
  }

  async #submit({ calldata, planned }: Proposal): Promise<void> {
    const { node, venue, files, say } = this.#options;
    const last = this.#submissions.at(-1)?.submitted;
    const number = (last?.number ?? 0) + 1;
    const firstRing = (last?.rings.at(-1)?.number ?? 0) + 1;
    const rings = planned.rings.map((ring, i) => ({ ...ring, number: firstRing + i }));
    const submitted = { ...planned, number, rings, settled: false };
    const why = await simulate(node, { contract: venue.domain.contract, calldata });
    if (why !== undefined) {
      // A token that does not do what tokens do: its orders rest after the third time.
      const fate = { kind: "failed", reason: why } as const;
      noteFate(this.#pool, submitted, { fate, view: this.#facts.view, now: this.#now() });
      say(`a ring would be refused by the chain: ${why}`);
      return;
    }
    const since = this.#facts.head?.number ?? 0;
    const followed: Followed = { submitted, calldata, since, outcome: { state: "authored" } };
    await files.write(followed);
    this.#submissions.push(followed);
    if (this.#submissions.length > keptMax) this.#submissions.shift();
    this.#following.add(followed);
    this.#promise(followed);
    // What did not fit into it may fit into another.
    this.#roundAt = undefined;
    const size = rings.reduce((sum, { parts }) => sum + parts.length, 0);
    say(`submission ${number}: ${rings.length} ring(s) of ${size} orders`);
    this.#kit?.broadcast(number, calldata);
  }

  /** Hands out again what was pending when we died. */
  resume(): void {
    for (const { submitted, calldata, outcome } of this.#following) {
      if (outcome.state === "authored") this.#kit?.broadcast(submitted.number, calldata);
    }
  }
}

/** Who is no miner: the miner's signature stands in every submission. */
const noSender = `0x${"0".repeat(40)}`;
