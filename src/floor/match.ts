/**
 * Matching in the continuous phase: the incoming order meets the other side, best price first,
 * oldest first, each trade at the price of who was there (docs/spec/book.md §2, §5).
 */
import type { Ladder } from "../book/ladder.ts";
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { leg } from "../ledger/balances.ts";
import { feeOfPart } from "../money/fee.ts";
import { prevention, tif } from "./command.ts";
import { end, event, tradeFlag } from "./events.ts";
import { flag, term, type Floor } from "./floor.ts";
import { finish, forget } from "./lifecycle.ts";
import type { Market } from "./market.ts";
const { held: hotHeld, id: hotId, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
} = linkColumn;
const { cap: coldCap, made: coldMade, taken: coldTaken } = coldColumn;
const {
  capped: flagCapped,
  preventionMask: flagPreventionMask,
  preventionShift: flagPreventionShift,
  side: flagSide,
  tifMask: flagTifMask,
  tifShift: flagTifShift,
  traded: flagTraded,
} = flag;
const { fok: tifFok } = tif;
const { newest: preventionNewest, oldest: preventionOldest } = prevention;
const { trade: eventTrade } = event;
const { ownOrder: endOwnOrder } = end;
const { makerDone: tradeFlagMakerDone, takerDone: tradeFlagTakerDone } = tradeFlag;
const { quote: termQuote, base: termBase, takerFee: termTakerFee, makerFee: termMakerFee } = term;
const { base: legBase, fees: legFees, got: legGot, paid: legPaid } = leg;

/** How matching came out: nothing more to meet, the step is used up, and why the rest must end. */
export const outcome = { met: 0, suspended: 1, ownOrder: 2, cap: 3, band: 4 } as const;

/** The worst key of the other side that an order takes, in the band or out of it. */
export function reachOf(market: Market, ticks: number, buying: boolean, banded: boolean): number {
  if (buying) return -(banded && market.bandHigh < ticks ? market.bandHigh : ticks);
  return banded && market.bandLow > ticks ? market.bandLow : ticks;
}

/** The best key of the other side that lies in the band. */
export function nearOf(market: Market, buying: boolean): number {
  return buying ? -market.bandLow : market.bandHigh;
}

/** Whether an order would meet anything at its own limit. */
export function crosses(market: Market, ticks: number, buying: boolean): boolean {
  return buying ? market.sells.bestKey >= -ticks : market.buys.bestKey >= ticks;
}

/** Trades what can be traded; the rest stays open in the order's row. */
export function match(floor: Floor, market: Market, taker: number): number {
  const { hot, links } = floor.orders;
  const flags = links[(taker << 4) | linkFlags] ?? 0;
  const buying = (flags & flagSide) === 0;
  const ladder = buying ? market.sells : market.buys;
  const ticks = hot[(taker << 3) | hotTicks] ?? 0;
  const reach = reachOf(market, ticks, buying, true);
  const account = links[(taker << 4) | linkAccount] ?? 0;
  const whole = ((flags >> flagTifShift) & flagTifMask) === tifFok;
  let open = hot[(taker << 3) | hotOpen] ?? 0;
  const near = nearOf(market, buying);
  while (open > 0 && ladder.bestKey >= reach && ladder.bestKey <= near) {
    // A FOK was proved to meet few enough.
    if (floor.budget <= 0 && !whole) return outcome.suspended;
    floor.budget -= 1;
    const maker = ladder.front(ladder.bestRow);
    if ((links[(maker << 4) | linkAccount] ?? 0) === account) {
      const mode = (flags >> flagPreventionShift) & flagPreventionMask;
      if (mode !== preventionNewest) {
        ladder.remove(maker);
        finish(floor, market, maker, endOwnOrder);
      }
      if (mode !== preventionOldest) return outcome.ownOrder;
      continue;
    }
    const offered = hot[(maker << 3) | hotOpen] ?? 0;
    let lots = open < offered ? open : offered;
    if ((flags & flagCapped) !== 0) {
      lots = payable(floor, market, taker, lots, ladder.ticksOf(ladder.bestKey));
      if (lots === 0) return outcome.cap;
    }
    open -= lots;
    hot[(taker << 3) | hotOpen] = open;
    trade(floor, market, ladder, taker, maker, lots);
  }
  return open > 0 && crosses(market, ticks, buying) ? outcome.band : outcome.met;
}

/** How many of `lots` at a price the order's cap still pays for, taker fee included. */
function payable(floor: Floor, market: Market, taker: number, lots: number, ticks: number): number {
  const { cold, links } = floor.orders;
  const cap = cold[(taker << 3) | coldCap] ?? 0;
  const traded = ((links[(taker << 4) | linkFlags] ?? 0) & flagTraded) !== 0;
  const taken = traded ? (cold[(taker << 3) | coldTaken] ?? 0) : 0;
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
  const { events } = floor;
  const { hot, links, cold } = floor.orders;
  const ticks = hot[(maker << 3) | hotTicks] ?? 0;
  const makerFlags = links[(maker << 4) | linkFlags] ?? 0;
  const makerAccount = links[(maker << 4) | linkAccount] ?? 0;
  const takerAccount = links[(taker << 4) | linkAccount] ?? 0;
  const left = (hot[(maker << 3) | hotOpen] ?? 0) - lots;
  const takerLeft = hot[(taker << 3) | hotOpen] ?? 0;
  // Admission proved every product below 2^53.
  const quote = lots * ticks * market.unitTick;
  const base = lots * market.lot;
  const takerFlags = links[(taker << 4) | linkFlags] ?? 0;
  const takerTraded = (takerFlags & flagTraded) !== 0;
  const makerTraded = (makerFlags & flagTraded) !== 0;
  const taken = takerTraded ? (cold[(taker << 3) | coldTaken] ?? 0) : 0;
  const made = makerTraded ? (cold[(maker << 3) | coldMade] ?? 0) : 0;
  const takerFee = feeOfPart(taken, quote, market.takerRate);
  const makerFee = feeOfPart(made, quote, links[(maker << 4) | linkMakerRate] ?? 0);
  // Nobody asks an order that is done for its sums.
  if (takerLeft !== 0) {
    cold[(taker << 3) | coldTaken] = taken + quote;
    if (!takerTraded) cold[(taker << 3) | coldMade] = 0;
    links[(taker << 4) | linkFlags] = takerFlags | flagTraded;
  }
  if (left !== 0) {
    cold[(maker << 3) | coldMade] = made + quote;
    if (!makerTraded) cold[(maker << 3) | coldTaken] = 0;
    links[(maker << 4) | linkFlags] = makerFlags | flagTraded;
  }
  market.last = ticks;
  floor.tradeNumber += 1;

  const at = events.next();
  events.setInts(at, eventTrade, market.number, takerAccount, makerAccount);
  const done = (left === 0 ? tradeFlagMakerDone : 0) | (takerLeft === 0 ? tradeFlagTakerDone : 0);
  events.setFlags(at, (makerFlags & flagSide) ^ 1, done);
  events.setIds(at, hot[(taker << 3) | hotId] ?? 0, hot[(maker << 3) | hotId] ?? 0);
  events.setTerms(at, ticks * market.tick, lots);
  events.setFees(at, takerFee, makerFee);
  events.setNumber(at, floor.tradeNumber);

  const { terms } = floor;
  terms[termQuote] = quote;
  terms[termBase] = base;
  terms[termTakerFee] = takerFee;
  terms[termMakerFee] = makerFee;
  pay(floor, market, taker, maker);
  if (left === 0) {
    ladder.remove(maker);
    forget(floor, market, maker);
  } else {
    ladder.fillBest(lots);
    hot[(maker << 3) | hotOpen] = left;
  }
}

/** Settles the trade whose amounts `floor.terms` are; the maker lets go of exactly what it pays. */
function pay(floor: Floor, market: Market, taker: number, maker: number): void {
  const { balances, parties, terms } = floor;
  const { hot, links, cold } = floor.orders;
  const { legs } = balances;
  const quote = terms[termQuote] ?? 0;
  const base = terms[termBase] ?? 0;
  const takerFee = terms[termTakerFee] ?? 0;
  const makerFee = terms[termMakerFee] ?? 0;
  const makerFlags = links[(maker << 4) | linkFlags] ?? 0;
  const makerAccount = links[(maker << 4) | linkAccount] ?? 0;
  const takerAccount = links[(taker << 4) | linkAccount] ?? 0;
  const makerPlace = links[(maker << 4) | linkBalance] ?? 0;
  const takerPlace = links[(taker << 4) | linkBalance] ?? 0;
  let paid = base;
  if ((makerFlags & flagSide) === 1) {
    parties.buyerQuote = takerPlace;
    parties.buyerBase = balances.place(takerAccount, market.base);
    parties.sellerBase = makerPlace;
    parties.sellerQuote = balances.place(makerAccount, market.quote);
    legs[legPaid] = quote + takerFee;
    legs[legGot] = quote - makerFee;
    if (((links[(taker << 4) | linkFlags] ?? 0) & flagCapped) !== 0) {
      const cap = (taker << 3) | coldCap;
      cold[cap] = (cold[cap] ?? 0) - quote - takerFee;
    }
  } else {
    paid = quote + makerFee;
    parties.buyerQuote = makerPlace;
    parties.buyerBase = balances.place(makerAccount, market.base);
    parties.sellerBase = takerPlace;
    parties.sellerQuote = balances.place(takerAccount, market.quote);
    legs[legPaid] = paid;
    legs[legGot] = quote - takerFee;
  }
  legs[legFees] = takerFee + makerFee;
  legs[legBase] = base;
  parties.feesQuote = market.feesPlace;
  const held = (maker << 3) | hotHeld;
  hot[held] = (hot[held] ?? 0) - paid;
  balances.hold(makerPlace, -paid);
  balances.settle(parties);
}
