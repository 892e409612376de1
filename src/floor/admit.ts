/**
 * Whether an order may come in: its terms, and what it can cost (docs/spec/book.md §9,
 * docs/spec/ledger.md §3). The order's row is written; nothing else is yet.
 */
import { int, num } from "../codec/columns.ts";
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { amountMax } from "../money/amount.ts";
import { feeOfPart } from "../money/fee.ts";
import { phase, prevention, tif } from "./command.ts";
import { flag, walkMax, type Floor } from "./floor.ts";
import { reachOf } from "./match.ts";
import type { Market } from "./market.ts";
import { refusal } from "./refusals.ts";

/** Price, limits and quantity, in the order of the list; `ticks` is a price in ticks. */
export function checkTerms(market: Market, ticks: number, quantity: number): number {
  const why = checkPrice(market, ticks);
  return why === 0 ? checkQuantity(market, quantity) : why;
}

export function checkPrice(market: Market, ticks: number): number {
  if (!(ticks > 0) || ticks !== Math.floor(ticks)) return refusal.priceNotOnTick;
  if (ticks > market.ticksMax) return refusal.priceTooHigh;
  return ticks < market.limitLow || ticks > market.limitHigh ? refusal.priceOutsideLimits : 0;
}

export function checkQuantity(market: Market, quantity: number): number {
  if (!(quantity >= market.listing.quantityMin)) return refusal.quantityTooSmall;
  if (quantity > market.listing.quantityMax) return refusal.quantityTooLarge;
  return 0;
}

/** The most fees an order of so much notional can come to, whoever came and who was there. */
function feeBound(market: Market, makerRate: number, notional: number): number {
  const { takerRate } = market;
  const rate = takerRate > makerRate ? takerRate : makerRate;
  if (rate === 0) return 0;
  return feeOfPart(0, notional, rate) + (takerRate > 0 && makerRate > 0 ? 1 : 0);
}

/**
 * Whether all amounts of the order stay safe, whatever comes: a buy never pays more than its limit,
 * a sell never gets more than the market's highest price.
 */
export function checkAmounts(market: Market, floor: Floor, slot: number): number {
  const { hot, cold, links } = floor.orders;
  const open = num(hot, (slot << 3) + hotColumn.open);
  if (open * market.lot > amountMax) return refusal.amountTooLarge;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  if ((flags & flag.capped) !== 0) return 0;
  const selling = (flags & flag.side) === 1;
  const ticks = selling ? market.ticksMax : num(hot, (slot << 3) + hotColumn.ticks);
  // One product at a time: a product above 2^53 rounds to 2^53 or more, never below.
  const lots = open * ticks;
  const notional = lots * market.unitTick;
  if (lots > amountMax || notional > amountMax) return refusal.amountTooLarge;
  const before =
    num(cold, (slot << 3) + coldColumn.taken) + num(cold, (slot << 3) + coldColumn.made);
  if (before + notional > amountMax) return refusal.amountTooLarge;
  const fees = feeBound(market, int(links, (slot << 4) + linkColumn.makerRate), notional);
  return notional + fees > amountMax ? refusal.amountTooLarge : 0;
}

/** Whether what the order can cost now is free; what it holds itself counts as free. */
export function checkFunds(floor: Floor, market: Market, slot: number): number {
  const { balances } = floor;
  const { hot, links, cold } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const own = num(hot, (slot << 3) + hotColumn.held);
  const free = balances.free(int(links, (slot << 4) + linkColumn.balance)) + own;
  const open = num(hot, (slot << 3) + hotColumn.open);
  if ((flags & flag.side) === 1) return open * market.lot > free ? refusal.fundsShort : 0;
  if ((flags & flag.capped) !== 0) {
    return num(cold, (slot << 3) + coldColumn.cap) > free ? refusal.fundsShort : 0;
  }
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  const notional = open * ticks * market.unitTick;
  const makerRate = int(links, (slot << 4) + linkColumn.makerRate);
  if (notional + feeBound(market, makerRate, notional) <= free) return 0;
  lookUpCost(floor, market, slot);
  return num(floor.cost, 0) > free ? refusal.fundsShort : 0;
}

/** What a waiting stop holds: what it can cost at worst. */
export function stopNeed(floor: Floor, market: Market, slot: number, limit: number): number {
  const { hot, links, cold } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const open = num(hot, (slot << 3) + hotColumn.open);
  if ((flags & flag.side) === 1) return open * market.lot;
  if ((flags & flag.capped) !== 0) return num(cold, (slot << 3) + coldColumn.cap);
  const notional = open * limit * market.unitTick;
  return notional + feeBound(market, int(links, (slot << 4) + linkColumn.makerRate), notional);
}

/**
 * The cost of a limit buy exactly as matching would have it, over the first `walkMax` orders, into
 * `floor.cost`.
 */
function lookUpCost(floor: Floor, market: Market, slot: number): void {
  const { hot, links, cold } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const ticks = num(hot, (slot << 3) + hotColumn.ticks);
  const account = int(links, (slot << 4) + linkColumn.account);
  const makerRate = int(links, (slot << 4) + linkColumn.makerRate);
  const mode = (flags >> flag.preventionShift) & flag.preventionMask;
  const trading = market.phase === phase.continuous;
  const reach = trading ? reachOf(market, ticks, true, true) : Infinity;
  const ladder = market.sells;
  let left = num(hot, (slot << 3) + hotColumn.open);
  let quote = 0;
  let beyond = 0;
  let met = 0;
  let row = ladder.bestRow;
  let key = ladder.bestKey;
  while (left > 0 && row !== -1 && key >= reach) {
    for (let maker = ladder.front(row); maker !== 0 && left > 0; ) {
      met += 1;
      if (met > walkMax) {
        beyond = left;
        left = 0;
      } else if (int(links, (maker << 4) + linkColumn.account) !== account) {
        const lots = Math.min(left, num(hot, (maker << 3) + hotColumn.open));
        quote += lots * ladder.ticksOf(key) * market.unitTick;
        left -= lots;
      } else if (mode !== prevention.oldest) {
        left = 0;
      }
      maker = int(links, (maker << 4) + linkColumn.next);
    }
    row = ladder.seek(key);
    key = ladder.seekKey;
  }
  const made = num(cold, (slot << 3) + coldColumn.made);
  const taken = num(cold, (slot << 3) + coldColumn.taken);
  const force = (flags >> flag.tifShift) & flag.tifMask;
  const rests = force !== tif.ioc && force !== tif.fok;
  const rest = rests ? left * ticks * market.unitTick : 0;
  const far = beyond * ticks * market.unitTick;
  floor.cost[0] =
    quote +
    feeOfPart(taken, quote, market.takerRate) +
    (rest + feeOfPart(made, rest, makerRate)) +
    (far + feeBound(market, makerRate, far));
}

/** Whether a FOK can trade all of it now, within the band and within `walkMax` orders. */
export function fillable(floor: Floor, market: Market, slot: number): boolean {
  const { hot, links } = floor.orders;
  const flags = int(links, (slot << 4) + linkColumn.flags);
  const buying = (flags & flag.side) === 0;
  const ladder = buying ? market.sells : market.buys;
  const reach = reachOf(market, num(hot, (slot << 3) + hotColumn.ticks), buying, true);
  const account = int(links, (slot << 4) + linkColumn.account);
  const mode = (flags >> flag.preventionShift) & flag.preventionMask;
  const capped = (flags & flag.capped) !== 0;
  let left = num(hot, (slot << 3) + hotColumn.open);
  let quote = 0;
  let met = 0;
  let row = ladder.bestRow;
  let key = ladder.bestKey;
  while (row !== -1 && key >= reach) {
    for (let maker = ladder.front(row); maker !== 0; ) {
      met += 1;
      if (met > walkMax) return false;
      if (int(links, (maker << 4) + linkColumn.account) !== account) {
        const lots = Math.min(left, num(hot, (maker << 3) + hotColumn.open));
        left -= lots;
        quote += lots * Math.abs(key) * market.unitTick;
        if (left === 0) return !capped || payableWhole(floor, market, slot, quote);
      } else if (mode !== prevention.oldest) {
        return false;
      }
      maker = int(links, (maker << 4) + linkColumn.next);
    }
    row = ladder.seek(key);
    key = ladder.seekKey;
  }
  return false;
}

function payableWhole(floor: Floor, market: Market, slot: number, quote: number): boolean {
  const cap = num(floor.orders.cold, (slot << 3) + coldColumn.cap);
  return quote + feeOfPart(0, quote, market.takerRate) <= cap;
}

