/**
 * The miner's rounds on the island: when the next one is due, and what it is given. A round finds
 * rings among everything that is offered (miner/round.ts); between two of them only those through
 * orders that have just come. What is proposed is journaled as an input, and the engine takes it or
 * not.
 *
 * A round runs where letters are opened, and may use a fifth of the time: after one that took long,
 * the next waits four times as long (decision 13).
 */
import { toHex } from "../codec/bytes.ts";
import type { Input } from "../engine/input.ts";
import { ringNow, ringOrder, ringVenue, ringView } from "../engine/rings.ts";
import type { State } from "../engine/state.ts";
import type { Time } from "../codec/time.ts";
import { Between, type Live } from "../miner/between.ts";
import type { Mined, MinedVenue, Miner, Proposal } from "../miner/round.ts";
import type { RingConfiguration } from "../engine/ringconfiguration.ts";

const restShare = 4;
/** After a round that broke. */
const brokenMs = 60_000;
/** A round looks no further after this: what it has found by then goes. */
export const roundMs = 1500;

export class Rounds {
  readonly #miner: Miner | undefined;
  readonly #clock: () => number;
  readonly #note: (sentence: string) => void;
  #dueAt = 0;
  /** The books between rounds, made anew with the venue's configuration. */
  #between: { readonly venue: RingConfiguration; readonly books: Between } | undefined;

  /** Without a miner no round is ever due. `clock`: milliseconds that only go on. */
  constructor(
    miner: Miner | undefined,
    { clock, note }: { readonly clock: () => number; readonly note: (sentence: string) => void },
  ) {
    this.#miner = miner;
    this.#clock = clock;
    this.#note = note;
  }

  /** The submissions of a round, or of what came since; to be journaled in this order. */
  async due(state: State, at: Time): Promise<readonly Input[]> {
    const venue = ringVenue(state);
    if (this.#miner === undefined || venue === undefined) return [];
    const mined: Mined = {
      venue: minedVenue(venue),
      pool: state.rings.pool,
      view: ringView(state),
      now: ringNow(state),
      sealedAuth: (hash) => ringOrder(state, hash)?.sealedAuth,
    };
    const proposals = await this.#proposals(this.#miner, mined, {
      venue,
      live: liveOf(state),
    }).catch((error: unknown) => {
      // Finding rings is worth nothing if letters are not read for it.
      this.#dueAt = this.#clock() + brokenMs;
      this.#note(`ALARM: a round failed: ${error instanceof Error ? error.message : "?"}`);
      return [];
    });
    return proposals.map(({ calldata }) => {
      return { kind: "submission", at, calldata: toHex(calldata) };
    });
  }

  async #proposals(
    miner: Miner,
    mined: Mined,
    { venue, live }: { readonly venue: RingConfiguration; readonly live: readonly Live[] },
  ): Promise<readonly Proposal[]> {
    const began = this.#clock();
    if (this.#between?.venue !== venue) {
      const { tokens, gasPerOrder } = mined.venue;
      this.#between = { venue, books: new Between(tokens, gasPerOrder) };
    }
    if (began < this.#dueAt) return miner.proposeBetween(mined, this.#between.books, live);
    const proposals = await miner.propose(mined);
    const ended = this.#clock();
    this.#dueAt = ended + Math.max(Number(venue.round) * 1000, (ended - began) * restShare);
    return proposals;
  }
}

/** What could go into a ring this moment: as the public sees it, and in no submission. */
function liveOf({ rings }: State): readonly Live[] {
  const live: Live[] = [];
  for (const { pooled, shown, submission } of rings.offers.values()) {
    if (shown.sell > 0n && submission === undefined) {
      live.push({ hash: pooled.hash, sells: shown.sell });
    }
  }
  return live;
}

function minedVenue(venue: RingConfiguration): MinedVenue {
  const { domain, feeRecipient, deadline, gasPerOrder, tokens } = venue;
  return {
    domain,
    feeRecipient,
    deadline: BigInt(deadline),
    gasPerOrder: Number(gasPerOrder),
    tokens: [...tokens.values()].map(({ address, decimals, price }) => {
      return { id: address, price: Number(price) / 10 ** decimals };
    }),
  };
}
