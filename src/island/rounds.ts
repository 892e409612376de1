/**
 * The miner's rounds on the island: when the next one is due, and what it is given. A round finds
 * rings among everything that is offered (miner/round.ts); what it proposes is journaled as an
 * input, and the engine takes it or not.
 *
 * A round runs where letters are opened, and may use a fifth of the time: after one that took long,
 * the next waits four times as long (decision 13).
 */
import { toHex } from "../codec/bytes.ts";
import type { Input } from "../engine/input.ts";
import { ringNow, ringOrder, ringVenue, ringView } from "../engine/rings.ts";
import type { State } from "../engine/state.ts";
import type { Time } from "../codec/time.ts";
import type { MinedVenue, Miner } from "../miner/round.ts";
import type { RingConfiguration } from "../engine/ringconfiguration.ts";

const restShare = 4;

export class Rounds {
  readonly #miner: Miner | undefined;
  readonly #clock: () => number;
  #dueAt = 0;

  /** Without a miner no round is ever due. */
  constructor(miner: Miner | undefined, clock: () => number) {
    this.#miner = miner;
    this.#clock = clock;
  }

  /** The submissions of a round, if one is due; to be journaled in this order. */
  async due(state: State, at: Time): Promise<readonly Input[]> {
    const venue = ringVenue(state);
    const began = this.#clock();
    if (this.#miner === undefined || venue === undefined || began < this.#dueAt) return [];
    const proposals = await this.#miner.propose({
      venue: minedVenue(venue),
      pool: state.rings.pool,
      view: ringView(state),
      now: ringNow({ at }),
      sealedAuth: (hash) => ringOrder(state, hash)?.sealedAuth,
    });
    const ended = this.#clock();
    this.#dueAt = ended + Math.max(Number(venue.round) * 1000, (ended - began) * restShare);
    return proposals.map(({ calldata }) => {
      return { kind: "submission", at, calldata: toHex(calldata) };
    });
  }
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
