/** Ring orders in words for people and as data for scripts. */
import { checksummed } from "../codec/ethereum.ts";
import { printSeconds, time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import type { OfferEntry, OfferStatus, RingedEntry } from "../letter/ringentry.ts";
import type { RingOrder } from "../ring/order.ts";
import { printUnits, showUnits } from "../wallet/ringamounts.ts";
import type { OfferTerms, Unsigned } from "../wallet/ringorder.ts";
import type { Data } from "./context.ts";

const signs: Readonly<Record<OfferStatus, string>> = {
  waiting: "◌",
  live: "○",
  unfunded: "◐",
  filled: "●",
  taken_back: "–",
  cancelled: "–",
  expired: "–",
  refused: "✕",
  set_aside: "◐",
  crowded_out: "✕",
};

/** What a state means where its word alone does not say it. */
const meanings: Readonly<Partial<Record<OfferStatus, string>>> = {
  waiting: "until the chain was looked at",
  taken_back: "no further ring uses it",
  cancelled: "on the chain",
  refused: "the owner's contract does not accept the signature",
  crowded_out: "all places were taken and it had never been live; nothing moved: offer it again",
  set_aside: "rings with it failed; it is tried again within the hour",
};

function unfunded(sellToken: string): string {
  return `the owner has or allows too little ${sellToken} now, or too little of the fee's token`;
}

/** The name by which a person may give a ring order back. */
export function offerName({ id, hash }: OfferEntry): string {
  return id ?? hash;
}

/** A ring order in one line; `isDone`: that it is over is what was asked for. */
export function offerLine(
  card: Card,
  offer: OfferEntry,
  { isDone = false }: { readonly isDone?: boolean } = {},
): string {
  const { status, sellToken, sellAmount, buyToken, buyAmount, sold, received } = offer;
  const sell = `${showUnits(card, sellToken, sellAmount)} ${sellToken}`;
  const buy = `${showUnits(card, buyToken, buyAmount)} ${buyToken}`;
  const done =
    sold === 0n && received === 0n
      ? ""
      : `   sold ${showUnits(card, sellToken, sold)}, got ${showUnits(card, buyToken, received)}`;
  const meaning = status === "unfunded" ? unfunded(sellToken) : meanings[status];
  const why = meaning === undefined ? "" : `   (${meaning})`;
  const state = `${isDone ? "●" : signs[status]} ${status.replace("_", " ").padEnd(10)}`;
  return `${state} ${sell} for ${buy}${done}${why}`;
}

/** What a ring did to an order, in one line. */
export function ringedLine(card: Card, offer: OfferEntry, ringed: RingedEntry): string {
  const { ring, state, transaction, reason } = ringed;
  const sold = `${showUnits(card, offer.sellToken, ringed.sold)} ${offer.sellToken}`;
  const received = `${showUnits(card, offer.buyToken, ringed.received)} ${offer.buyToken}`;
  switch (state) {
    case "authored":
      return `  ◌ ring ${ring}: ${sold} for ${received}   signed by the miner, on its way to the chain`;
    case "settled":
      return `  ● ring ${ring}: ${sold} for ${received}   transaction ${transaction ?? "unknown"}`;
    case "failed":
      return `  – ring ${ring} failed: ${reason ?? "no reason given"}   nothing moved`;
  }
}

/** A ring order as data: decimals are texts. */
export function offerData(
  card: Card,
  offer: OfferEntry,
  rings: readonly RingedEntry[],
): { readonly [key: string]: Data } {
  const { sellToken, buyToken } = offer;
  return {
    order: offer.hash,
    id: offer.id,
    tag: offer.tag,
    status: offer.status,
    sellToken,
    sellAmount: showUnits(card, sellToken, offer.sellAmount),
    buyToken,
    buyAmount: showUnits(card, buyToken, offer.buyAmount),
    sold: showUnits(card, sellToken, offer.sold),
    received: showUnits(card, buyToken, offer.received),
    until: printUntil(offer.until),
    rings: rings.map((ringed) => ({
      ring: ringed.ring,
      hash: ringed.ringHash,
      state: ringed.state,
      sold: showUnits(card, sellToken, ringed.sold),
      received: showUnits(card, buyToken, ringed.received),
      transaction: ringed.transaction ?? null,
      reason: ringed.reason ?? null,
    })),
  };
}

/** The order's last second; beyond the year 9999 as seconds. */
export function printUntil(seconds: bigint): string {
  return seconds < 253_402_300_800n ? printSeconds(time(Number(seconds) * 1000)) : `${seconds}`;
}

/** What the owner signs, in words. */
export function termsLines(terms: OfferTerms, { order, hash }: Unsigned): readonly string[] {
  const { sell, buy, ring } = terms;
  const sells = `${printUnits(terms.sellAmount, sell.decimals)} ${sell.name}`;
  const buys = `${printUnits(terms.buyAmount, buy.decimals)} ${buy.name}`;
  const whole = terms.allOrNone ? "all of it in one ring, or nothing" : "in parts, if need be";
  const { fee } = terms;
  const feeShown =
    fee === undefined
      ? "no fee"
      : `fee at most ${printUnits(fee.amount, fee.token.decimals)} ${fee.token.name}`;
  const instead = fee === undefined ? "" : " instead of the fee";
  return [
    `● you sign   sell at most ${sells} for at least ${buys} in this proportion, ${whole}`,
    `             until ${printUntil(terms.until)}   owner ${checksummed(order.owner)}`,
    `             ${feeShown}; of what a ring gives you beyond that, the miner may keep ` +
      `${terms.margin} %${instead}`,
    `             chain ${ring.chainId}   contract ${checksummed(ring.contract)}`,
    `● order      ${hash}`,
  ];
}

/** The same for scripts. */
export function unsignedData({ order, hash, data }: Unsigned): { readonly [key: string]: Data } {
  return { order: hash, typedData: JSON.stringify(data), terms: orderFields(order) };
}

function orderFields(order: RingOrder): Data {
  return Object.fromEntries(
    Object.entries(order).map(([name, value]) => [
      name,
      typeof value === "boolean" ? value : value.toString(),
    ]),
  );
}
