/**
 * A miner's round: what is offered → rings → submissions that would settle, signed. Nothing of the
 * outcome is kept here: whoever holds the pool takes the proposals, or not.
 *
 * Every proposal was simulated on what is known of the chain. Of a ring that would be refused the
 * orders rest that the refusal names: one odd order must not spoil every round.
 */
import { randomInt } from "node:crypto";

import { assert } from "../codec/assert.ts";
import type { Address, Hash } from "../codec/ethereum.ts";
import type { FoundRing, Offer, Token } from "../finder/offer.ts";
import { accept } from "../codec/verdict.ts";
import { offersOf, type Pool, type Pooled, spendable } from "../pool/pool.ts";
import { type Planned, simulate } from "../pool/submission.ts";
import type { View } from "../pool/view.ts";
import { encodeSubmission } from "../ring/calldata.ts";
import type { Domain } from "../ring/digest.ts";
import type { RingVerdict } from "../ring/refusals.ts";
import { authorRings } from "./author.ts";
import type { Between, Live } from "./between.ts";
import { planRings, type PlannedRing, withoutMargins } from "./compose.ts";
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

/** Finds rings among offers. */
export type FindRings = (
  offers: readonly Offer[],
  tokens: readonly Token[],
  gasPerOrder: number,
) => readonly FoundRing[];

export type Proposal = { readonly calldata: Uint8Array; readonly planned: Planned };

/** As many as a block of the chain takes, and as half a second of signing gives. */
const proposalsMax = 32;

/** How long an order is left alone because of which a ring would be refused. */
const pauseSeconds = 60n;

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

  /**
   * What the pool offers now, less what rests. An order with failures behind it, whosever fault,
   * sits out every other round by chance: so the innocent meet others than the one that spoils.
   */
  #offers({ pool, view, now }: Mined, among?: readonly Pooled[]): readonly Offer[] {
    for (const [hash, until] of this.#restsUntil) {
      if (until <= now) this.#restsUntil.delete(hash);
    }
    const out = new Set<string>(this.#restsUntil.keys());
    for (const { hash, failures } of pool.orders.values()) {
      if (failures > 0 && randomInt(2) === 0) out.add(hash);
    }
    return offersOf(pool, view, now, among).filter(({ id }) => !out.has(id));
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
    for (const ring of planRings(found, orderOf, worth)) {
      if (proposals.length === proposalsMax) break;
      const proposal = (await this.#learn(mined, ring)) ? this.#proposal(mined, ring) : undefined;
      if (proposal !== undefined) proposals.push(proposal);
    }
    return proposals;
  }

  /** The ring as a submission that would settle; if there is none, whoever spoils it rests. */
  #proposal(mined: Mined, ring: PlannedRing): Proposal | undefined {
    const whole = this.#author(mined, ring);
    if (whole.ok) return whole.value;
    const bare = this.#author(mined, withoutMargins(ring));
    if (bare.ok) return bare.value;
    this.#note(`a ring would be refused: ${bare.detail}`);
    // Of a transfer: token, from whom, to whom; of everything else the order's hash is first.
    const named = bare.args[bare.name.startsWith("Transfer") ? 1 : 0];
    const spoilers = ring.filter(({ pooled: { hash, order } }) => {
      return hash === named || order.owner === named;
    });
    for (const { pooled } of spoilers.length > 0 ? spoilers : ring) {
      this.#restsUntil.set(pooled.hash, mined.now + pauseSeconds);
    }
    return undefined;
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
      this.#restsUntil.set(hash, mined.now + pauseSeconds);
      return false;
    }
    return true;
  }

  #author(mined: Mined, ring: PlannedRing): RingVerdict<Proposal> {
    const { venue, pool, view, now } = mined;
    const lives = ring.map(({ pooled }) => pooled.order.validUntil);
    const deadline = [now + venue.deadline, ...lives].reduce((a, b) => (a < b ? a : b));
    const submission = authorRings(
      {
        domain: venue.domain,
        miner: this.#keys.address,
        minerKey: this.#keys.signing,
        feeRecipient: venue.feeRecipient,
        deadline,
        counter: (owner, nonce) => view.counter(owner, nonce) ?? 0n,
        authKey: (hash) => {
          const order = pool.orders.get(hash)?.order;
          const key = order && this.#keys.authKey(hash, order.authAddress);
          assert(key !== undefined, "auth keys were opened before");
          return key;
        },
      },
      [ring],
    );
    const calldata = encodeSubmission(submission);
    const planned = simulate(venue.domain, spendable(pool, view), now, calldata);
    return planned.ok ? accept({ calldata, planned: planned.value }) : planned;
  }
}
