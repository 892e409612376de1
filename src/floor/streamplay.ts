/**
 * A stream on the floor, everything on: ids looked up and repeated ones refused, accounts' lists,
 * ledger with holds, both fees, own orders prevented, collars, limits and bands around a reference,
 * events written and read. Limits and bands reach as far as the prices that the stream announces,
 * so that they are checked and refuse nothing that the stream means.
 */
import { field, kind, op, phase, tif } from "./command.ts";
import { event, type Events } from "./events.ts";
import { Floor } from "./floor.ts";
import type { Listing } from "./market.ts";
import { floorRefusals } from "./refusals.ts";
import { proceed, submit } from "./steps.ts";
import { rateOne } from "../money/fee.ts";
import { outsideAccount } from "../ledger/balances.ts";
import { marketFlag, streamOp, TradeHash, type StreamHead } from "./stream.ts";
const { continuous: phaseContinuous } = phase;
const {
  account: fieldAccount,
  id: fieldId,
  kind: fieldKind,
  market: fieldMarket,
  op: fieldOp,
  phase: fieldPhase,
  price: fieldPrice,
  quantity: fieldQuantity,
  side: fieldSide,
  tif: fieldTif,
  time: fieldTime,
} = field;
const {
  cancel: opCancel,
  enter: opEnter,
  phase: opPhase,
  reduce: opReduce,
  reference: opReference,
  replace: opReplace,
} = op;
const { rejected: eventRejected, trade: eventTrade } = event;
const { fok: tifFok, gtc: tifGtc, ioc: tifIoc } = tif;
const { limit: kindLimit, market: kindMarket } = kind;

/** What each account begins with. */
const quoteFunds = 1e15;
const baseFunds = 1e12;

/** What every market lists; a lot is a unit, so that the quantities of a stream are units. */
export const streamListing: Listing = {
  base: 0,
  quote: 0,
  lot: 1,
  unit: 1,
  tick: 1,
  priceMax: 1_000_000,
  quantityMin: 1,
  quantityMax: 0xffff_ffff,
  makerRate: 200,
  takerRate: 500,
  collarRate: rateOne,
  limitRate: rateOne,
  bandRate: rateOne,
};

/** A stream in play. */
export type Play = {
  readonly floor: Floor;
  readonly hash: TradeHash;
  rejects: number;
  /** How many of each refusal, by its number. */
  readonly refusals: Int32Array;
  /** The records at hand, eight words each, and which command the first of them is. */
  words: Int32Array;
  first: number;
};

/** A floor on which everybody of the stream is funded, and every market trades. */
export function openFloor(stream: StreamHead, words: Int32Array): Play {
  const floor = new Floor();
  // Nobody's quote runs out: nine accounts would fill a safe integer at 1e15 each.
  const quoteEach = Math.min(quoteFunds, Math.floor(9e15 / stream.accounts));
  const baseEach = Math.min(baseFunds, Math.floor(9e15 / stream.accounts));
  const quote = floor.addAsset(Number.MAX_SAFE_INTEGER);
  const firstAccount = floor.accounts.count;
  for (let i = 0; i < stream.accounts; i += 1) {
    floor.balances.transfer(quote, outsideAccount, floor.addAccount(), quoteEach);
  }
  for (let i = 0; i < stream.instruments; i += 1) {
    const base = floor.addAsset(Number.MAX_SAFE_INTEGER);
    for (let j = 0; j < stream.accounts; j += 1) {
      floor.balances.transfer(base, outsideAccount, firstAccount + j, baseEach);
    }
    const market = floor.addMarket({ ...listingOf(stream), base, quote });
    const { command } = floor;
    command[fieldMarket] = market;
    command[fieldOp] = opReference;
    command[fieldPrice] = Math.ceil((stream.minPrice + stream.maxPrice) / 2);
    submit(floor);
    command[fieldOp] = opPhase;
    command[fieldPhase] = phaseContinuous;
    submit(floor);
  }
  const hash = new TradeHash(stream.instruments);
  const refusals = new Int32Array(floorRefusals.length + 1);
  return { floor, hash, rejects: 0, refusals, words, first: 0 };
}

/** A collar follows the last trade: where prices lie far from each other it would bind. */
function listingOf({ minPrice, maxPrice }: StreamHead): Listing {
  const priceMax = Math.max(streamListing.priceMax, maxPrice);
  const collarRate = maxPrice > 2 * minPrice ? 0 : streamListing.collarRate;
  return { ...streamListing, priceMax, collarRate };
}

/** Plays the commands from `from` up to `to`, all of which are at hand. */
export function play(state: Play, from: number, to: number): void {
  for (let i = from; i < to; i += 1) playOne(state, i);
}

/** One command, and all that comes of it. */
export function playOne(state: Play, index: number): void {
  const { floor } = state;
  fill(state, index);
  let pending = submit(floor);
  hear(state);
  while (pending) {
    pending = proceed(floor);
    hear(state);
  }
}

/** The same, with every event shown to `tell` while it is there: for whoever is not in a hurry. */
export function playTelling(
  state: Play,
  index: number,
  tell: (events: Events, event: number) => void,
): void {
  const { floor } = state;
  const tellAll = (): void => {
    for (let i = 0; i < floor.events.count; i += 1) tell(floor.events, i);
  };
  fill(state, index);
  let pending = submit(floor);
  hear(state);
  tellAll();
  while (pending) {
    pending = proceed(floor);
    hear(state);
    tellAll();
  }
}

/** The stream's accounts count from 0, the floor's customers from here. */
export const accountShift = 2;

function fill({ floor, words, first: begins }: Play, index: number): void {
  const { command } = floor;
  const first = (index - begins) << 3;
  const codes = words[first] ?? 0;
  const what = codes & 0xff;
  command[fieldTime] = index;
  command[fieldId] = (words[first | 2] ?? 0) >>> 0;
  command[fieldAccount] = (words[first | 3] ?? 0) + accountShift;
  if (what === streamOp.cancel) {
    command[fieldOp] = opCancel;
    return;
  }
  command[fieldPrice] = (words[first | 4] ?? 0) >>> 0;
  command[fieldQuantity] = (words[first | 5] ?? 0) >>> 0;
  if (what === streamOp.enter) {
    command[fieldOp] = opEnter;
    command[fieldMarket] = words[first | 1] ?? 0;
    command[fieldSide] = (codes >> 8) & 0xff;
    const tifSaid = (codes >> 16) & 0xff;
    const isMarket = codes >>> 24 === marketFlag;
    // A market order never rests, whatever it says.
    command[fieldTif] = isMarket && tifSaid !== tifFok ? tifIoc : tifSaid;
    command[fieldKind] = isMarket ? kindMarket : kindLimit;
  } else if (what === streamOp.move) {
    command[fieldOp] = opReplace;
    command[fieldQuantity] = 0;
    command[fieldTif] = tifGtc;
  } else {
    command[fieldOp] = opReduce;
  }
}

function hear(state: Play): void {
  const { hash } = state;
  const { events } = state.floor;
  for (let i = 0; i < events.count; i += 1) {
    const what = events.kind(i);
    if (what === eventTrade) {
      hash.trade(
        events.market(i),
        events.id(i),
        events.otherId(i),
        events.price(i),
        events.quantity(i),
      );
    } else if (what === eventRejected) {
      const why = events.flags(i);
      state.rejects += 1;
      state.refusals[why] = (state.refusals[why] ?? 0) + 1;
    }
  }
}

/** What the floor must hold at the end of a stream. */
export function auditPlay({ floor }: Play): void {
  floor.balances.audit();
  for (const market of floor.markets) {
    market.buys.audit();
    market.sells.audit();
  }
}
