/**
 * A stream on the floor, everything on: ids looked up and repeated ones refused, accounts' lists,
 * ledger with holds, both fees, own orders prevented, collars, limits and bands around a reference,
 * events written and read.
 */
import { field, kind, op, phase, tif } from "../src/floor/command.ts";
import { event } from "../src/floor/events.ts";
import { Floor } from "../src/floor/floor.ts";
import type { Listing } from "../src/floor/market.ts";
import { proceed, submit } from "../src/floor/steps.ts";
import { outsideAccount } from "../src/ledger/balances.ts";
import { marketFlag, streamOp, TradeHash, type Stream } from "./streams.ts";
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
const { gtc: tifGtc } = tif;
const { limit: kindLimit, market: kindMarket } = kind;

/** What each account begins with. */
const quoteFunds = 1e15;
const baseFunds = 1e12;

const listing: Listing = {
  base: 0,
  quote: 0,
  lot: 1,
  unit: 1,
  tick: 1,
  priceMax: 1_000_000,
  quantityMin: 1,
  quantityMax: 1_000_000,
  makerRate: 200,
  takerRate: 500,
  collarRate: 500_000,
  limitRate: 500_000,
  bandRate: 400_000,
};

/** A stream in play. */
export type Play = {
  readonly floor: Floor;
  readonly stream: Stream;
  readonly hash: TradeHash;
  rejects: number;
};

/** A floor on which everybody of the stream is funded, and every market trades. */
export function openFloor(stream: Stream): Play {
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
    const market = floor.addMarket({ ...listing, base, quote });
    const { command } = floor;
    command[fieldMarket] = market;
    command[fieldOp] = opReference;
    command[fieldPrice] = Math.round((stream.minPrice + stream.maxPrice) / 2);
    submit(floor);
    command[fieldOp] = opPhase;
    command[fieldPhase] = phaseContinuous;
    submit(floor);
  }
  return { floor, stream, hash: new TradeHash(stream.instruments), rejects: 0 };
}

/** A floor with resting orders at many prices, and a balance of each account in each asset. */
export function filledFloor(size: {
  readonly markets: number;
  readonly accounts: number;
  readonly orders: number;
}): Floor {
  const floor = new Floor({ ordersOpenMax: size.orders });
  const quote = floor.addAsset(Number.MAX_SAFE_INTEGER);
  const funds = Math.floor(9e15 / size.accounts);
  for (let i = 0; i < size.accounts; i += 1) {
    floor.balances.transfer(quote, outsideAccount, floor.addAccount(), funds);
  }
  const { command } = floor;
  for (let i = 0; i < size.markets; i += 1) {
    const base = floor.addAsset(Number.MAX_SAFE_INTEGER);
    for (let j = 0; j < size.accounts; j += 1) {
      floor.balances.transfer(base, outsideAccount, 2 + j, funds);
    }
    command[fieldMarket] = floor.addMarket({ ...listing, base, quote, limitRate: 0, bandRate: 0 });
    command[fieldOp] = opPhase;
    command[fieldPhase] = phaseContinuous;
    submit(floor);
  }
  command[fieldOp] = opEnter;
  for (let i = 0; i < size.orders; i += 1) {
    command[fieldId] = i + 1;
    command[fieldMarket] = i % size.markets;
    command[fieldAccount] = accountShift + ((Math.imul(i, 7919) >>> 0) % size.accounts);
    command[fieldSide] = (i >> 7) & 1;
    const away = (Math.imul(i, 2_654_435) >>> 8) % 5000;
    command[fieldPrice] = command[fieldSide] === 0 ? 100_000 - away : 100_001 + away;
    command[fieldQuantity] = 1 + (i % 100);
    submit(floor);
  }
  return floor;
}

/** Plays the records from `from` up to `to`. */
export function play(state: Play, from: number, to: number): void {
  for (let i = from; i < to; i += 1) playOne(state, i);
}

/** One record, and all that comes of it. */
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

/** Account numbers begin at 2 on the floor. */
const accountShift = 2;

function fill({ floor, stream }: Play, index: number): void {
  const { command } = floor;
  const { words } = stream;
  const first = index << 3;
  const codes = words[first] ?? 0;
  const what = codes & 0xff;
  command[fieldTime] = index;
  command[fieldId] = (words[first | 2] ?? 0) >>> 0;
  command[fieldAccount] = (words[first | 3] ?? 0) + accountShift;
  if (what === streamOp.cancel) {
    command[fieldOp] = opCancel;
    return;
  }
  command[fieldPrice] = words[first | 4] ?? 0;
  command[fieldQuantity] = words[first | 5] ?? 0;
  if (what === streamOp.enter) {
    command[fieldOp] = opEnter;
    command[fieldMarket] = words[first | 1] ?? 0;
    command[fieldSide] = (codes >> 8) & 0xff;
    command[fieldTif] = (codes >> 16) & 0xff;
    command[fieldKind] = codes >>> 24 === marketFlag ? kindMarket : kindLimit;
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
      state.rejects += 1;
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
