/**
 * The uncross: one price for everything that was collected (docs/spec/phases.md §2).
 *
 * The best buys and sells are paired from both ends until they no longer cross. What was paired is
 * the largest volume V that any price has; the last pair's limits, low and high, are the prices
 * that have it: at a price between them, buys at or above and sells at or below are at least V.
 * What is left there of the buys lies below what is left of the sells, and the surplus falls from
 * the one to the other: so the rest of the rules looks at no more than four levels.
 */
import type { Ladder } from "../book/ladder.ts";
import { coldColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import { leg } from "../ledger/balances.ts";
import { feeOfPart } from "../money/fee.ts";
import { prevention } from "./command.ts";
import { end, event, tradeFlag } from "./events.ts";
import { flag, marketOf, type Floor } from "./floor.ts";
import { finish, forget, needOf } from "./lifecycle.ts";
import type { Market } from "./market.ts";
const { held: hotHeld, id: hotId, open: hotOpen } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
} = linkColumn;
const { made: coldMade, taken: coldTaken } = coldColumn;
const { number: originNumber } = originColumn;
const {
  preventionMask: flagPreventionMask,
  preventionShift: flagPreventionShift,
  traded: flagTraded,
} = flag;
const { both: preventionBoth, newest: preventionNewest } = prevention;
const { trade: eventTrade, uncrossed: eventUncrossed } = event;
const { ownOrder: endOwnOrder } = end;
const {
  makerDone: tradeFlagMakerDone,
  takerDone: tradeFlagTakerDone,
  uncross: tradeFlagUncross,
} = tradeFlag;
const { base: legBase, fees: legFees, got: legGot, paid: legPaid } = leg;

/** An uncross in hand. */
export type Uncrossing = {
  readonly kind: "uncross";
  readonly market: number;
  /** The round's price, 0 before it is found; and its lots so far. */
  ticks: number;
  lots: number;
};

/** One end of the pairing: the level in hand and what it has left. */
class End {
  readonly ladder: Ladder;
  row: number;
  key: number;
  left: number;

  constructor(ladder: Ladder) {
    this.ladder = ladder;
    this.row = ladder.bestRow;
    this.key = ladder.bestKey;
    this.left = this.row === -1 ? 0 : ladder.quantity(this.row);
  }

  get ticks(): number {
    return this.ladder.ticksOf(this.key);
  }

  take(lots: number): void {
    this.left -= lots;
    if (this.left > 0) return;
    this.row = this.ladder.seek(this.key);
    if (this.row === -1) return;
    this.key = this.ladder.seekKey;
    this.left = this.ladder.quantity(this.row);
  }
}

/** The price, in ticks, of a book that is crossed. */
function uncrossTicks(market: Market): number {
  const buys = new End(market.buys);
  const sells = new End(market.sells);
  let low = 0;
  let high = 0;
  while (buys.row !== -1 && sells.row !== -1 && buys.ticks >= sells.ticks) {
    high = buys.ticks;
    low = sells.ticks;
    const lots = Math.min(buys.left, sells.left);
    buys.take(lots);
    sells.take(lots);
  }
  const nearest = (from: number, to: number): number =>
    Math.min(Math.max(market.reference, from), to);
  // What is left of the buys begins at `buying`, of the sells at `selling`; outside, if nothing is.
  const buying = buys.row !== -1 && buys.ticks >= low ? buys.ticks : low - 1;
  const selling = sells.row !== -1 && sells.ticks <= high ? sells.ticks : high + 1;
  if (selling - buying > 1) return nearest(buying + 1, selling - 1);
  if (selling > high) return buying;
  if (buying < low) return selling;
  if (buys.left !== sells.left) return buys.left < sells.left ? buying : selling;
  buys.take(buys.left);
  sells.take(sells.left);
  const lowest = buys.row === -1 ? low : Math.max(low, buys.ticks + 1);
  const highest = sells.row === -1 ? high : Math.min(high, sells.ticks - 1);
  return nearest(lowest, highest);
}

/** Goes on with an uncross; says whether it is done. */
export function uncross(floor: Floor, task: Uncrossing): boolean {
  const market = marketOf(floor, task.market);
  for (;;) {
    if (task.ticks === 0) {
      if (!market.crossed) return true;
      task.ticks = uncrossTicks(market);
      task.lots = 0;
    }
    while (market.buys.bestKey >= task.ticks && market.sells.bestKey >= -task.ticks) {
      if (floor.budget <= 0) return false;
      floor.budget -= 1;
      task.lots += pair(floor, market, task.ticks);
    }
    if (task.lots > 0) endRound(floor, market, task);
    task.ticks = 0;
  }
}

function endRound(floor: Floor, market: Market, task: Uncrossing): void {
  market.last = task.ticks;
  market.setReference(task.ticks);
  const at = floor.events.next();
  floor.events.setInts(at, eventUncrossed, market.number, 0, 0);
  floor.events.setFlags(at, 0, 0);
  floor.events.setTerms(at, task.ticks * market.tick, task.lots);
}

/** The two orders in front trade, or one or both end; gives the lots. */
function pair(floor: Floor, market: Market, ticks: number): number {
  const { hot, links, origins } = floor.orders;
  const buy = market.buys.front(market.buys.bestRow);
  const sell = market.sells.front(market.sells.bestRow);
  const account = links[(buy << 4) | linkAccount] ?? 0;
  if (account === (links[(sell << 4) | linkAccount] ?? 0)) {
    const buyIsNewer =
      (origins[(buy << 1) | originNumber] ?? 0) > (origins[(sell << 1) | originNumber] ?? 0);
    const flags = links[((buyIsNewer ? buy : sell) << 4) | linkFlags] ?? 0;
    const mode = (flags >> flagPreventionShift) & flagPreventionMask;
    const both = mode === preventionBoth;
    if (both || buyIsNewer === (mode === preventionNewest)) {
      market.buys.remove(buy);
      finish(floor, market, buy, endOwnOrder);
    }
    if (both || buyIsNewer !== (mode === preventionNewest)) {
      market.sells.remove(sell);
      finish(floor, market, sell, endOwnOrder);
    }
    return 0;
  }
  const lots = Math.min(hot[(buy << 3) | hotOpen] ?? 0, hot[(sell << 3) | hotOpen] ?? 0);
  exchange(floor, market, { buy, sell, ticks, lots });
  return lots;
}

type Exchange = {
  readonly buy: number;
  readonly sell: number;
  readonly ticks: number;
  readonly lots: number;
};

/** One trade of an uncross: both were there. */
function exchange(floor: Floor, market: Market, { buy, sell, ticks, lots }: Exchange): void {
  const { balances, events, parties } = floor;
  const { hot, links } = floor.orders;
  const quote = lots * ticks * market.unitTick;
  const base = lots * market.lot;
  const buyFee = made(floor, buy, quote);
  const sellFee = made(floor, sell, quote);
  const buyer = links[(buy << 4) | linkAccount] ?? 0;
  const seller = links[(sell << 4) | linkAccount] ?? 0;
  floor.tradeNumber += 1;
  const buyLeft = (hot[(buy << 3) | hotOpen] ?? 0) - lots;
  const sellLeft = (hot[(sell << 3) | hotOpen] ?? 0) - lots;
  const at = events.next();
  events.setInts(at, eventTrade, market.number, buyer, seller);
  const done = (sellLeft === 0 ? tradeFlagMakerDone : 0) | (buyLeft === 0 ? tradeFlagTakerDone : 0);
  events.setFlags(at, 0, done | tradeFlagUncross);
  events.setIds(at, hot[(buy << 3) | hotId] ?? 0, hot[(sell << 3) | hotId] ?? 0);
  events.setTerms(at, ticks * market.tick, lots);
  events.setFees(at, buyFee, sellFee);
  events.setNumber(at, floor.tradeNumber);

  lessOpen(floor, market, market.buys, buy, lots);
  lessOpen(floor, market, market.sells, sell, lots);
  parties.buyerQuote = links[(buy << 4) | linkBalance] ?? 0;
  parties.sellerBase = links[(sell << 4) | linkBalance] ?? 0;
  parties.buyerBase = balances.place(buyer, market.base);
  parties.sellerQuote = balances.place(seller, market.quote);
  parties.feesQuote = market.feesPlace;
  balances.legs[legPaid] = quote + buyFee;
  balances.legs[legGot] = quote - sellFee;
  balances.legs[legFees] = buyFee + sellFee;
  balances.legs[legBase] = base;
  balances.settle(parties);
  if (buyLeft === 0) forget(floor, market, buy);
  if (sellLeft === 0) forget(floor, market, sell);
}

/** Counts a trade in an order's maker role; gives its fee. */
function made(floor: Floor, slot: number, quote: number): number {
  const { cold, links } = floor.orders;
  const at = (slot << 3) | coldMade;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const first = (flags & flagTraded) === 0;
  const before = first ? 0 : (cold[at] ?? 0);
  cold[at] = before + quote;
  if (first) cold[(slot << 3) | coldTaken] = 0;
  links[(slot << 4) | linkFlags] = flags | flagTraded;
  return feeOfPart(before, quote, links[(slot << 4) | linkMakerRate] ?? 0);
}

/**
 * An order in front has less open, and holds what the rest needs. At a price better than its limit
 * it lets go of more than it pays.
 */
function lessOpen(floor: Floor, market: Market, ladder: Ladder, slot: number, lots: number): void {
  const { hot, links } = floor.orders;
  const open = (hot[(slot << 3) | hotOpen] ?? 0) - lots;
  if (open === 0) ladder.remove(slot);
  else ladder.fillBest(lots);
  hot[(slot << 3) | hotOpen] = open;
  const need = open === 0 ? 0 : needOf(floor, market, slot);
  const held = (slot << 3) | hotHeld;
  floor.balances.hold(links[(slot << 4) | linkBalance] ?? 0, need - (hot[held] ?? 0));
  hot[held] = need;
}
