/**
 * Whether an order may come in: its terms, and what it can cost (docs/spec/book.md §9,
 * docs/spec/ledger.md §3). The order's row is written; nothing else is yet.
 */
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { feeOfPart } from "../money/fee.ts";
import { phase, prevention, tif } from "./command.ts";
import { flag, type Floor } from "./floor.ts";
import { nearOf, reachOf } from "./match.ts";
import type { Market } from "./market.ts";
import { refusal } from "./refusals.ts";
const { held: hotHeld, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
  next: linkNext,
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
const { fok: tifFok, ioc: tifIoc } = tif;
const { continuous: phaseContinuous } = phase;
const { oldest: preventionOldest } = prevention;
const {
  amountTooLarge: refusalAmountTooLarge,
  fundsShort: refusalFundsShort,
  priceNotOnTick: refusalPriceNotOnTick,
  priceOutsideLimits: refusalPriceOutsideLimits,
  priceTooHigh: refusalPriceTooHigh,
  quantityTooLarge: refusalQuantityTooLarge,
  quantityTooSmall: refusalQuantityTooSmall,
} = refusal;

/** Price, limits and quantity, in the order of the list; `ticks` is a price in ticks. */
export function checkTerms(market: Market, ticks: number, quantity: number): number {
  const why = checkPrice(market, ticks);
  return why === 0 ? checkQuantity(market, quantity) : why;
}

/** Whether a price in ticks is one: a whole number of them, above zero. */
export function isOnTick(ticks: number): boolean {
  return ticks > 0 && ticks === Math.floor(ticks);
}

export function checkPrice(market: Market, ticks: number): number {
  if (!isOnTick(ticks)) return refusalPriceNotOnTick;
  if (ticks > market.ticksMax) return refusalPriceTooHigh;
  return ticks < market.limitLow || ticks > market.limitHigh ? refusalPriceOutsideLimits : 0;
}

export function checkQuantity(market: Market, quantity: number): number {
  if (!(quantity >= market.quantityMin)) return refusalQuantityTooSmall;
  if (quantity > market.quantityMax) return refusalQuantityTooLarge;
  return 0;
}

/** The most fees an order of so much notional can come to, whoever came and who was there. */
function feeBound(market: Market, makerRate: number, notional: number): number {
  const { takerRate } = market;
  const rate = takerRate > makerRate ? takerRate : makerRate;
  if (rate === 0) return 0;
  return feeOfPart(0, notional, rate) + (takerRate > 0 && makerRate > 0 ? 1 : 0);
}

const amountMax = Number.MAX_SAFE_INTEGER;
/** Twice this, and one, is a safe integer. */
export const safeHalf: number = 2 ** 52 - 1;

/**
 * Whether all amounts of the order stay safe, whatever comes: a buy never pays more than its limit,
 * a sell never gets more than the market's highest price.
 */
export function checkAmounts(market: Market, floor: Floor, slot: number): number {
  const { hot, cold, links } = floor.orders;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  if (open * market.lot > amountMax) return refusalAmountTooLarge;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  if ((flags & flagCapped) !== 0) return 0;
  const selling = (flags & flagSide) === 1;
  const ticks = selling ? market.ticksMax : (hot[(slot << 3) | hotTicks] ?? 0);
  // One product at a time: a product above 2^53 rounds to 2^53 or more, never below.
  const lots = open * ticks;
  const notional = lots * market.unitTick;
  if (lots > amountMax || notional > amountMax) return refusalAmountTooLarge;
  const before =
    (flags & flagTraded) === 0
      ? 0
      : (cold[(slot << 3) | coldTaken] ?? 0) + (cold[(slot << 3) | coldMade] ?? 0);
  // A fee is never more than its notional.
  if (before + notional <= safeHalf) return 0;
  if (before + notional > amountMax) return refusalAmountTooLarge;
  const fees = feeBound(market, links[(slot << 4) | linkMakerRate] ?? 0, notional);
  return notional + fees > amountMax ? refusalAmountTooLarge : 0;
}

/** Whether what the order can cost now is free; what it holds itself counts as free. */
export function checkFunds(floor: Floor, market: Market, slot: number): number {
  const { balances } = floor;
  const { hot, links, cold } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const own = hot[(slot << 3) | hotHeld] ?? 0;
  const free = balances.free(links[(slot << 4) | linkBalance] ?? 0) + own;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  if ((flags & flagSide) === 1) return open * market.lot > free ? refusalFundsShort : 0;
  if ((flags & flagCapped) !== 0) {
    return (cold[(slot << 3) | coldCap] ?? 0) > free ? refusalFundsShort : 0;
  }
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  const notional = open * ticks * market.unitTick;
  const makerRate = links[(slot << 4) | linkMakerRate] ?? 0;
  // A fee is never more than its notional: the first test needs no division.
  if (notional * 2 < free) return 0;
  if (notional + feeBound(market, makerRate, notional) <= free) return 0;
  lookUpCost(floor, market, slot);
  return (floor.cost[0] ?? 0) > free ? refusalFundsShort : 0;
}

/**
 * Amounts, need and funds of an order that will meet nothing, in one go: `checkAmounts`, and what
 * it needs, which `floor.cost` then is, must be free.
 */
export function checkPassive(floor: Floor, market: Market, slot: number): number {
  const { hot, links, cold } = floor.orders;
  const first = slot << 3;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const open = hot[first | hotOpen] ?? 0;
  const selling = (flags & flagSide) === 1;
  const ticks = selling ? market.ticksMax : (hot[first | hotTicks] ?? 0);
  const notional = open * ticks * market.unitTick;
  let need = open * market.lot;
  if (need > safeHalf || notional > safeHalf || (flags & flagTraded) !== 0) {
    const why = checkAmounts(market, floor, slot);
    if (why !== 0) return why;
  }
  if (!selling) {
    const made = (flags & flagTraded) === 0 ? 0 : (cold[first | coldMade] ?? 0);
    need = notional + feeOfPart(made, notional, links[(slot << 4) | linkMakerRate] ?? 0);
  }
  floor.cost[0] = need;
  const free = floor.balances.free(links[(slot << 4) | linkBalance] ?? 0);
  return need > free + (hot[first | hotHeld] ?? 0) ? refusalFundsShort : 0;
}

/** What a waiting stop holds: what it can cost at worst. */
export function stopNeed(floor: Floor, market: Market, slot: number, limit: number): number {
  const { hot, links, cold } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  if ((flags & flagSide) === 1) return open * market.lot;
  if ((flags & flagCapped) !== 0) return cold[(slot << 3) | coldCap] ?? 0;
  const notional = open * limit * market.unitTick;
  return notional + feeBound(market, links[(slot << 4) | linkMakerRate] ?? 0, notional);
}

/**
 * The cost of a limit buy exactly as matching would have it, over the first `walkMax` orders, into
 * `floor.cost`.
 */
function lookUpCost(floor: Floor, market: Market, slot: number): void {
  const { hot, links, cold } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const ticks = hot[(slot << 3) | hotTicks] ?? 0;
  const account = links[(slot << 4) | linkAccount] ?? 0;
  const makerRate = links[(slot << 4) | linkMakerRate] ?? 0;
  const mode = (flags >> flagPreventionShift) & flagPreventionMask;
  const trading = market.phase === phaseContinuous;
  const reach = trading ? reachOf(market, ticks, true, true) : Infinity;
  const ladder = market.sells;
  let left = hot[(slot << 3) | hotOpen] ?? 0;
  let quote = 0;
  let beyond = 0;
  let met = 0;
  let row = ladder.bestRow;
  let key = ladder.bestKey;
  const near = nearOf(market, true);
  while (left > 0 && row !== -1 && key >= reach && key <= near) {
    for (let maker = ladder.front(row); maker !== 0 && left > 0;) {
      met += 1;
      if (met > floor.options.walkMax) {
        beyond = left;
        left = 0;
      } else if ((links[(maker << 4) | linkAccount] ?? 0) !== account) {
        const lots = Math.min(left, hot[(maker << 3) | hotOpen] ?? 0);
        quote += lots * ladder.ticksOf(key) * market.unitTick;
        left -= lots;
      } else if (mode !== preventionOldest) {
        left = 0;
      }
      maker = links[(maker << 4) | linkNext] ?? 0;
    }
    row = ladder.seek(key);
    key = ladder.seekKey;
  }
  const traded = (flags & flagTraded) !== 0;
  const made = traded ? (cold[(slot << 3) | coldMade] ?? 0) : 0;
  const taken = traded ? (cold[(slot << 3) | coldTaken] ?? 0) : 0;
  const force = (flags >> flagTifShift) & flagTifMask;
  const rests = force !== tifIoc && force !== tifFok;
  const rest = rests ? left * ticks * market.unitTick : 0;
  const far = beyond * ticks * market.unitTick;
  floor.cost[0] =
    quote +
    feeOfPart(taken, quote, market.takerRate) +
    (rest + feeOfPart(made, rest, makerRate)) +
    (far === 0 ? 0 : far + feeBound(market, makerRate, far));
}

/** Whether a FOK can trade all of it now, within the band and within `walkMax` orders. */
export function fillable(floor: Floor, market: Market, slot: number): boolean {
  const { hot, links } = floor.orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const buying = (flags & flagSide) === 0;
  const ladder = buying ? market.sells : market.buys;
  const reach = reachOf(market, hot[(slot << 3) | hotTicks] ?? 0, buying, true);
  const account = links[(slot << 4) | linkAccount] ?? 0;
  const mode = (flags >> flagPreventionShift) & flagPreventionMask;
  const capped = (flags & flagCapped) !== 0;
  let left = hot[(slot << 3) | hotOpen] ?? 0;
  let quote = 0;
  let met = 0;
  let row = ladder.bestRow;
  let key = ladder.bestKey;
  const near = nearOf(market, buying);
  while (row !== -1 && key >= reach && key <= near) {
    for (let maker = ladder.front(row); maker !== 0;) {
      met += 1;
      if (met > floor.options.walkMax) return false;
      if ((links[(maker << 4) | linkAccount] ?? 0) !== account) {
        const lots = Math.min(left, hot[(maker << 3) | hotOpen] ?? 0);
        left -= lots;
        quote += lots * Math.abs(key) * market.unitTick;
        if (left === 0) return !capped || payableWhole(floor, market, slot, quote);
      } else if (mode !== preventionOldest) {
        return false;
      }
      maker = links[(maker << 4) | linkNext] ?? 0;
    }
    row = ladder.seek(key);
    key = ladder.seekKey;
  }
  return false;
}

function payableWhole(floor: Floor, market: Market, slot: number, quote: number): boolean {
  const cap = floor.orders.cold[(slot << 3) | coldCap] ?? 0;
  return quote + feeOfPart(0, quote, market.takerRate) <= cap;
}
