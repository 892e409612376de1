/**
 * What the ring venue's state looks like from outside: for the miner on the island, which composes
 * submissions between inputs, and for statements. Reads only.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { viewOf } from "../pool/claims.ts";
import type { View } from "../pool/view.ts";
import type { RingOrder } from "../ring/order.ts";
import type { RingOffer } from "./ringbook.ts";
import type { RingConfiguration } from "./ringconfiguration.ts";
import type { State } from "./state.ts";

/** A ring order as the miner needs it to sign rings with it. */
export type MinersOrder = {
  readonly order: RingOrder;
  readonly signature: Uint8Array;
  /** The inner message, base64; `undefined`: the miner's own key authors it. */
  readonly sealedAuth: string | undefined;
};

/** Where the venue is, its tokens, prices and times; `undefined`: there is none. */
export function ringVenue(state: State): RingConfiguration | undefined {
  return state.configuration.ring;
}

/** The engine's time, whole Unix seconds: by it offers begin and expire. It never goes back. */
export function engineNow({ at }: Pick<State, "at">): bigint {
  return BigInt(Math.floor(at / 1000));
}

/**
 * The time as the chain may count it, for what is sent there: the engine's, or the chain's where
 * that is heard to be ahead. An island has no clock but its own.
 */
export function ringNow(state: State): bigint {
  const engine = engineNow(state);
  const chain = ringView(state).clock() ?? 0n;
  return chain > engine ? chain : engine;
}

/** The first second of the year 10000, which no clock of ours reaches. */
const secondsEnd = 253_402_300_800n;

/** When a second of the chain begins by the engine's clock; `undefined`: never. */
export function beginOf(second: bigint): Time | undefined {
  return second < secondsEnd ? time(Number(second) * 1000) : undefined;
}

/** The chain as the watchers agree on it. */
export function ringView({ rings, configuration }: State): View {
  return viewOf(rings.claims, configuration.watchersNeeded);
}

/** A live order by its hash. */
export function ringOrder({ rings }: State, hash: Hash): MinersOrder | undefined {
  const offer = rings.offers.get(hash);
  if (offer === undefined || !rings.pool.orders.has(hash)) return undefined;
  const { order, signature } = offer.pooled;
  return { order, signature, sealedAuth: offer.auth };
}

/** The live ring orders of an account, oldest first. */
export function ringOrdersOf(state: State, account: Fingerprint): readonly RingOffer[] {
  return [...(state.rings.ofAccount.get(account) ?? [])];
}

/** The name of a token that is listed. */
export function tokenNameAt(state: State, address: Address): string | undefined {
  return state.configuration.ring?.names.get(address);
}
