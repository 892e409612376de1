/**
 * A miner's round: what is offered → rings → submissions that would settle, signed. Nothing of the
 * outcome is kept here: whoever holds the pool takes the proposals, or not.
 *
 * Every proposal was simulated on what is known of the chain. Rings that would be refused are left
 * out, and their orders rest for a minute, so that one odd order cannot spoil every round.
 */
import { assert } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { FoundRing, Offer, Token } from "../finder/offer.ts";
import { offersOf, type Pool, type Pooled } from "../pool/pool.ts";
import { type Planned, simulate } from "../pool/submission.ts";
import type { View } from "../pool/view.ts";
import { encodeSubmission } from "../ring/calldata.ts";
import type { Domain } from "../ring/digest.ts";
import { authorRings } from "./author.ts";
import type { Between, Live } from "./between.ts";
import { groupRings, type PlannedRing } from "./compose.ts";
import type { MinerKeys } from "./keys.ts";

/** The venue as its miner sees it. */
export type MinedVenue = {
  readonly domain: Domain;
  readonly feeRecipient: Address;
  /** How long a submission may take, seconds. */
  readonly deadline: bigint;
  /** In the measure of the tokens' prices. */
  readonly gasPerOrder: number;
  /** By address; what one smallest unit is worth. */
  readonly tokens: readonly Token[];
};

export type Mined = {
  readonly venue: MinedVenue;
  readonly pool: Pool;
  readonly view: View;
  /** Unix seconds. */
  readonly now: bigint;
  /** The order's auth key as it came: base64 of the inner message. */
  readonly sealedAuth: (order: Hash) => string | undefined;
};

/** Finds rings among offers, the most valuable first. */
export type FindRings = (
  offers: readonly Offer[],
  tokens: readonly Token[],
  gasPerOrder: number,
) => readonly FoundRing[];

export type Proposal = { readonly calldata: Uint8Array; readonly planned: Planned };

/** How long orders of a ring that would be refused are left alone. */
const restSeconds = 60n;

export class Miner {
  readonly #keys: MinerKeys;
  readonly #find: FindRings;
  readonly #note: (sentence: string) => void;
  readonly #restsUntil = new Map<Hash, bigint>();

  constructor(keys: MinerKeys, find: FindRings, note: (sentence: string) => void) {
    this.#keys = keys;
    this.#find = find;
    this.#note = note;
  }

  /** One round over everything that the pool offers. */
  async propose(mined: Mined): Promise<readonly Proposal[]> {
    const { pool, venue } = mined;
    this.#keys.retain((hash) => pool.orders.has(hash));
    const found = this.#find(this.#offers(mined), venue.tokens, venue.gasPerOrder);
    return this.#proposeRings(mined, found);
  }

  /** Between two rounds: the rings through orders that have just come, or sell more. */
  async proposeBetween(
    mined: Mined,
    between: Between,
    live: readonly Live[],
  ): Promise<readonly Proposal[]> {
    const changed = between.changes(live).flatMap((hash) => mined.pool.orders.get(hash) ?? []);
    if (changed.length === 0) return [];
    return this.#proposeRings(mined, between.through(this.#offers(mined, changed), live));
  }

  #offers({ pool, view, now }: Mined, among?: readonly Pooled[]): readonly Offer[] {
    for (const [hash, until] of this.#restsUntil) {
      if (until <= now) this.#restsUntil.delete(hash);
    }
    const resting = new Set<string>(this.#restsUntil.keys());
    return offersOf(pool, view, now, among).filter(({ id }) => !resting.has(id));
  }

  async #proposeRings(mined: Mined, found: readonly FoundRing[]): Promise<readonly Proposal[]> {
    if (found.length === 0) return [];
    const { pool, venue } = mined;
    const prices = new Map(venue.tokens.map(({ id, price }) => [id, price] as const));
    const worth = {
      priceOf: (token: Address): number => prices.get(token) ?? 0,
      gasPerOrder: venue.gasPerOrder,
    };
    const byId = new Map<string, Pooled>(pool.orders);
    const orderOf = (id: string): Pooled => {
      const pooled = byId.get(id);
      assert(pooled !== undefined, "a ring is made of the orders that were offered");
      return pooled;
    };
    const proposals: Proposal[] = [];
    for (const group of groupRings(found, orderOf, worth)) {
      const proposal = await this.#proposeGroup(mined, group);
      if (proposal !== undefined) proposals.push(proposal);
    }
    return proposals;
  }

  /** All of the group if it would settle as it is; else as many of its rings as would. */
  async #proposeGroup(mined: Mined, group: readonly PlannedRing[]): Promise<Proposal | undefined> {
    const able: PlannedRing[] = [];
    for (const ring of group) if (await this.#learn(mined, ring)) able.push(ring);
    if (able.length === 0) return undefined;
    const whole = this.#author(mined, able);
    if (whole !== undefined) return whole;
    let best: Proposal | undefined;
    const taken: PlannedRing[] = [];
    for (const ring of able) {
      const proposal = this.#author(mined, [...taken, ring]);
      if (proposal === undefined) {
        if (this.#author(mined, [ring]) === undefined) this.#rest(mined, ring);
        continue;
      }
      taken.push(ring);
      best = proposal;
    }
    return best;
  }

  /** Makes sure of the ring's auth keys; after a restart they are opened again. */
  async #learn(mined: Mined, ring: PlannedRing): Promise<boolean> {
    for (const { pooled } of ring) {
      const { hash, order } = pooled;
      const source = { hash, authAddress: order.authAddress };
      if (this.#keys.knows(source)) continue;
      const refused = await this.#keys.learn({ ...source, sealed: mined.sealedAuth(hash) });
      if (refused === undefined) continue;
      this.#note(`order ${hash} has no auth key (${refused})`);
      this.#restsUntil.set(hash, mined.now + restSeconds);
      return false;
    }
    return true;
  }

  /** The rings as one submission, if it would settle. */
  #author(mined: Mined, rings: readonly PlannedRing[]): Proposal | undefined {
    const { venue, view, now } = mined;
    const submission = authorRings(
      {
        domain: venue.domain,
        miner: this.#keys.address,
        minerKey: this.#keys.signing,
        feeRecipient: venue.feeRecipient,
        deadline: now + venue.deadline,
        counter: (owner, nonce) => view.counter(owner, nonce) ?? 0n,
        authKey: (hash) => {
          const order = mined.pool.orders.get(hash)?.order;
          const key = order && this.#keys.authKey(hash, order.authAddress);
          assert(key !== undefined, "auth keys were opened before");
          return key;
        },
      },
      rings,
    );
    const calldata = encodeSubmission(submission);
    const planned = simulate(venue.domain, view, now, calldata);
    if (planned.ok) return { calldata, planned: planned.value };
    if (rings.length === 1) this.#note(`a ring would be refused: ${planned.detail}`);
    return undefined;
  }

  #rest({ now }: Mined, ring: PlannedRing): void {
    for (const { pooled } of ring) this.#restsUntil.set(pooled.hash, now + restSeconds);
  }
}
