/**
 * One market on the floor: what is listed, its two ladders and two waiting rooms, its phase and the
 * prices that it remembers. Inside, prices are counted in ticks.
 */
import { assert } from "../codec/assert.ts";
import { Ladder } from "../book/ladder.ts";
import type { Orders } from "../book/orders.ts";
import { amountMax } from "../money/amount.ts";
import { rateOne, shareOf } from "../money/fee.ts";
import { phase } from "./command.ts";
const {
  closed: phaseClosed,
  closingCall: phaseClosingCall,
  openingCall: phaseOpeningCall,
  volatilityCall: phaseVolatilityCall,
} = phase;

/** The most ticks of a price: a ladder's window reaches beyond it and is exact all the same. */
export const ticksMax: number = 2 ** 52;

/** What a market trades, and within which limits. Rates are in parts per million. */
export type Listing = {
  readonly base: number;
  readonly quote: number;
  /** Base units in one lot. */
  readonly lot: number;
  /** Quote units for one lot at price 1. */
  readonly unit: number;
  readonly tick: number;
  readonly priceMax: number;
  readonly quantityMin: number;
  readonly quantityMax: number;
  readonly makerRate: number;
  readonly takerRate: number;
  /** How far from the last trade a market order goes; 0: any price. */
  readonly collarRate: number;
  /** How far from the reference price orders may be; 0: any price. */
  readonly limitRate: number;
  /** How far from it trades may be; 0: any price. */
  readonly bandRate: number;
};

function checkListing(listing: Listing): void {
  for (const value of Object.values(listing)) {
    assert(Number.isSafeInteger(value) && value >= 0, "a listing is of whole numbers");
  }
  const { lot, unit, tick, priceMax, quantityMin, quantityMax } = listing;
  assert(lot > 0 && unit > 0 && tick > 0 && priceMax >= tick, "lot, unit, tick are above zero");
  assert(quantityMin > 0 && quantityMin <= quantityMax, "an order has at least one lot");
  assert(priceMax / tick <= ticksMax, "a price is of so many ticks");
  assert(unit * tick <= amountMax, "one lot at the lowest price has a safe notional");
  assert(listing.base !== listing.quote, "a market trades two assets");
  for (const rate of ["makerRate", "takerRate", "collarRate", "limitRate", "bandRate"] as const) {
    assert(listing[rate] <= rateOne, "a rate is 0 to 1,000,000");
  }
}

/** A market and its book. */
export class Market {
  declare readonly number: number;
  declare listing: Listing;
  declare readonly buys: Ladder;
  declare readonly sells: Ladder;
  /** Waiting stops; made with the first one. */
  buyStops: Ladder | undefined = undefined;
  sellStops: Ladder | undefined = undefined;
  /** How many stops wait. */
  stops = 0;
  phase: number = phaseClosed;
  /** The last trade's price in ticks; 0 before the first one. */
  last = 0;
  /** In ticks; 0: none. */
  reference = 0;
  /** The first and last of its DAY orders, oldest first. */
  dayFirst = 0;
  dayLast = 0;
  // What is listed, where every command reads it.
  base = 0;
  quote = 0;
  lot = 1;
  tick = 1;
  /** Quote units for one lot at one tick. */
  unitTick = 1;
  /** `priceMax` in ticks. */
  ticksMax = 1;
  quantityMin = 1;
  quantityMax = 1;
  makerRate = 0;
  takerRate = 0;
  /** What trades must lie between, in ticks. */
  bandLow = 1;
  bandHigh = 1;
  /** What orders must lie between, in ticks. */
  limitLow = 1;
  limitHigh = 1;
  /** Where the fees' balance in its quote asset is. */
  feesPlace = 0;

  constructor(number: number, listing: Listing, orders: Orders) {
    this.number = number;
    this.listing = listing;
    this.buys = new Ladder(orders, 1);
    this.sells = new Ladder(orders, -1);
    this.list(listing);
  }

  /**
   * Takes other fees and limits; what open orders rely on must stay. Another `priceMax` is for the
   * caller to think about: no open order may be above it, and no open sell may come to more than is
   * counted exactly if it fills at it.
   */
  list(listing: Listing): void {
    checkListing(listing);
    for (const fixed of ["base", "quote", "lot", "unit", "tick"] as const) {
      assert(listing[fixed] === this.listing[fixed], "assets, lot, unit and tick stay");
    }
    this.listing = listing;
    this.base = listing.base;
    this.quote = listing.quote;
    this.lot = listing.lot;
    this.tick = listing.tick;
    this.unitTick = listing.unit * listing.tick;
    this.ticksMax = Math.floor(listing.priceMax / listing.tick);
    this.quantityMin = listing.quantityMin;
    this.quantityMax = listing.quantityMax;
    this.makerRate = listing.makerRate;
    this.takerRate = listing.takerRate;
    this.setReference(this.reference);
  }

  /** Sets the reference price, and what lies around it. */
  setReference(ticks: number): void {
    this.reference = ticks;
    const { bandRate, limitRate } = this.listing;
    const band = ticks === 0 || bandRate === 0 ? Infinity : shareOf(ticks, bandRate);
    this.bandLow = Math.max(1, ticks - band);
    this.bandHigh = Math.min(Number.MAX_SAFE_INTEGER, ticks + band);
    const limit = ticks === 0 || limitRate === 0 ? Infinity : shareOf(ticks, limitRate);
    this.limitLow = Math.max(1, ticks - limit);
    this.limitHigh = Math.min(Number.MAX_SAFE_INTEGER, ticks + limit);
  }

  /** How far a market order of a side goes, in ticks. */
  collar(buying: boolean): number {
    const { collarRate } = this.listing;
    const middle = this.last === 0 ? this.reference : this.last;
    if (collarRate === 0 || middle === 0) return buying ? this.ticksMax : 1;
    const reach = shareOf(middle, collarRate);
    return buying ? Math.min(this.ticksMax, middle + reach) : Math.max(1, middle - reach);
  }

  /** Whether the buys' best price is at or above the sells' best. */
  get crossed(): boolean {
    return this.buys.bestKey >= -this.sells.bestKey;
  }
}

/** Whether orders are collected in a phase, to be uncrossed at its end. */
export function isCall(of: number): boolean {
  return of === phaseOpeningCall || of === phaseVolatilityCall || of === phaseClosingCall;
}
