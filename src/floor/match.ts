/**
 * Matching in the continuous phase: the incoming order meets the other side, best price first,
 * oldest first, each trade at the price of who was there (docs/spec/book.md §2, §5).
 */
import { int, num } from "../codec/columns.ts";
import type { Ladder } from "../book/ladder.ts";
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { leg } from "../ledger/balances.ts";
import { feeOfPart } from "../money/fee.ts";
import { prevention, tif } from "./command.ts";
import { end, event, tradeFlag } from "./events.ts";
import { flag, type Floor } from "./floor.ts";
import { finish, forget } from "./lifecycle.ts";
import type { Market } from "./market.ts";

/** How matching came out: nothing more to meet, the step is used up, and why the rest must end. */
export const outcome = { met: 0, suspended: 1, ownOrder: 2, cap: 3, band: 4 } as const;

/** The worst key of the other side that an order takes, in the band or out of it. */
export function reachOf(market: Market, ticks: number, buying: boolean, banded: boolean): number {
  if (buying) return -(banded && market.bandHigh < ticks ? market.bandHigh : ticks);
  return banded && market.bandLow > ticks ? market.bandLow : ticks;
}

/** Whether an order would meet anything at its own limit. */
export function crosses(market: Market, ticks: number, buying: boolean): boolean {
  return buying ? market.sells.bestKey >= -ticks : market.buys.bestKey >= ticks;
}

/** Trades what can be traded; the rest stays open in the order's row. */
export function match(floor: Floor, market: Market, taker: number): number {
  const { hot, links } = floor.orders;
  const flags = int(links, (taker << 4) + linkColumn.flags);
  const buying = (flags & flag.side) === 0;
  const ladder = buying ? market.sells : market.buys;
  const ticks = num(hot, (taker << 3) + hotColumn.ticks);
  const reach = reachOf(market, ticks, buying, true);
  const account = int(links, (taker << 4) + linkColumn.account);
  const whole = ((flags >> flag.tifShift) & flag.tifMask) === tif.fok;
  let open = num(hot, (taker << 3) + hotColumn.open);
  while (open > 0 && ladder.bestKey >= reach) {
    // A FOK was proved to meet few enough.
    if (floor.budget <= 0 && !whole) return outcome.suspended;
    floor.budget -= 1;
    const maker = ladder.front(ladder.bestRow);
    if (int(links, (maker << 4) + linkColumn.account) === account) {
      const mode = (flags >> flag.preventionShift) & flag.preventionMask;
      if (mode !== prevention.newest) {
        ladder.remove(maker);
        finish(floor, market, maker, end.ownOrder);
      }
      if (mode !== prevention.oldest) return outcome.ownOrder;
      continue;
    }
    const offered = num(hot, (maker << 3) + hotColumn.open);
    let lots = open < offered ? open : offered;
    if ((flags & flag.capped) !== 0) {
      lots = payable(floor, market, taker, lots, ladder.ticksOf(ladder.bestKey));
      if (lots === 0) return outcome.cap;
    }
    open -= lots;
    hot[(taker << 3) + hotColumn.open] = open;
    trade(floor, market, ladder, taker, maker, lots);
  }
  return open > 0 && crosses(market, ticks, buying) ? outcome.band : outcome.met;
}

/** How many of `lots` at a price the order's cap still pays for, taker fee included. */
function payable(
  floor: Floor,
  market: Market,
  taker: number,
  lots: number,
  ticks: number,
): number {
  const { cold } = floor.orders;
  const cap = num(cold, (taker << 3) + coldColumn.cap);
  const taken = num(cold, (taker << 3) + coldColumn.taken);
  const price = ticks * market.unitTick;
  let most = Math.min(lots, Math.floor(cap / price));
  if (most * price + feeOfPart(taken, most * price, market.takerRate) <= cap) return most;
  let least = 0;
  while (least + 1 < most) {
    const middle = Math.floor((least + most) / 2);
    const quote = middle * price;
    if (quote + feeOfPart(taken, quote, market.takerRate) <= cap) least = middle;
    else most = middle;
  }
  return least;
}

/** One trade with the front order of the best level. */
function trade(
  floor: Floor,
  market: Market,
  ladder: Ladder,
  taker: number,
  maker: number,
  lots: number,
): void {
  const { balances, events } = floor;
  const { hot, links, cold } = floor.orders;
  const ticks = num(hot, (maker << 3) + hotColumn.ticks);
  const makerFlags = int(links, (maker << 4) + linkColumn.flags);
  const makerAccount = int(links, (maker << 4) + linkColumn.account);
  const takerAccount = int(links, (taker << 4) + linkColumn.account);
  const left = num(hot, (maker << 3) + hotColumn.open) - lots;
  // Admission proved every product below 2^53.
  const quote = lots * ticks * market.unitTick;
  const base = lots * market.lot;
  const taken = num(cold, (taker << 3) + coldColumn.taken);
  const made = num(cold, (maker << 3) + coldColumn.made);
  const takerFee = feeOfPart(taken, quote, market.takerRate);
  const makerFee = feeOfPart(made, quote, int(links, (maker << 4) + linkColumn.makerRate));
  cold[(taker << 3) + coldColumn.taken] = taken + quote;
  cold[(maker << 3) + coldColumn.made] = made + quote;
  market.last = ticks;
  floor.tradeNumber += 1;

  const at = events.next();
  events.setInts(at, event.trade, market.number, takerAccount, makerAccount);
  const takerLeft = num(hot, (taker << 3) + hotColumn.open);
  const done = (left === 0 ? tradeFlag.makerDone : 0) | (takerLeft === 0 ? tradeFlag.takerDone : 0);
  events.setFlags(at, (makerFlags & flag.side) ^ 1, done);
  events.setIds(
    at,
    num(hot, (taker << 3) + hotColumn.id),
    num(hot, (maker << 3) + hotColumn.id),
  );
  events.setTerms(at, ticks * market.tick, lots);
  events.setFees(at, takerFee, makerFee);
  events.setNumber(at, floor.tradeNumber);

  const { legs } = balances;
  const { parties } = floor;
  const makerPlace = int(links, (maker << 4) + linkColumn.balance);
  const takerPlace = int(links, (taker << 4) + linkColumn.balance);
  let paid = base;
  if ((makerFlags & flag.side) === 1) {
    parties.buyerQuote = takerPlace;
    parties.buyerBase = balances.place(takerAccount, market.base);
    parties.sellerBase = makerPlace;
    parties.sellerQuote = balances.place(makerAccount, market.quote);
    legs[leg.paid] = quote + takerFee;
    legs[leg.got] = quote - makerFee;
    if ((int(links, (taker << 4) + linkColumn.flags) & flag.capped) !== 0) {
      const cap = (taker << 3) + coldColumn.cap;
      cold[cap] = num(cold, cap) - quote - takerFee;
    }
  } else {
    paid = quote + makerFee;
    parties.buyerQuote = makerPlace;
    parties.buyerBase = balances.place(makerAccount, market.base);
    parties.sellerBase = takerPlace;
    parties.sellerQuote = balances.place(takerAccount, market.quote);
    legs[leg.paid] = paid;
    legs[leg.got] = quote - takerFee;
  }
  legs[leg.fees] = takerFee + makerFee;
  legs[leg.base] = base;
  parties.feesQuote = market.feesPlace;
  // A trade lets go of exactly what the maker pays.
  const held = (maker << 3) + hotColumn.held;
  hot[held] = num(hot, held) - paid;
  balances.hold(makerPlace, -paid);
  balances.settle(parties);

  if (left === 0) {
    ladder.remove(maker);
    forget(floor, market, maker);
  } else {
    ladder.fillBest(lots);
    hot[(maker << 3) + hotColumn.open] = left;
  }
}
