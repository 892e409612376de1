/**
 * Four of five commands on a busy market: an order that rests gets another price, at which it meets
 * nothing. What `requeue` (change.ts) does step by step for any order is done here in one go, with
 * every field read once. Whatever is out of the ordinary, a refusal too, is left to it untouched.
 */
import { coldColumn, hotColumn, linkColumn } from "../book/orders.ts";
import { feeOfPart } from "../money/fee.ts";
import { checkPrice, safeHalf } from "./admit.ts";
import { field, phase, tif } from "./command.ts";
import { event } from "./events.ts";
import { flag, type Floor } from "./floor.ts";
import type { Market } from "./market.ts";
const { held: hotHeld, id: hotId, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  account: linkAccount,
  balance: linkBalance,
  flags: linkFlags,
  makerRate: linkMakerRate,
} = linkColumn;
const { made: coldMade, taken: coldTaken } = coldColumn;
const {
  marketShift: flagMarketShift,
  side: flagSide,
  tifMask: flagTifMask,
  tifShift: flagTifShift,
  traded: flagTraded,
  waiting: flagWaiting,
} = flag;
const { gtc: tifGtc, postOnly: tifPostOnly } = tif;
const { continuous: phaseContinuous } = phase;
const { price: fieldPrice, quantity: fieldQuantity, tif: fieldTif } = field;
const { rested: eventRested } = event;

/** Moves the order if the command asks for no more than that; whether it did. */
export function move(floor: Floor, slot: number): boolean {
  const { command, orders } = floor;
  const { hot, links } = orders;
  const flags = links[(slot << 4) | linkFlags] ?? 0;
  const market = floor.markets[flags >>> flagMarketShift];
  if (market === undefined || market.phase !== phaseContinuous) return false;
  if ((flags & flagWaiting) !== 0 || (command[fieldQuantity] ?? 0) !== 0) return false;
  const price = command[fieldPrice] ?? 0;
  const ticks = market.tick === 1 ? price : price / market.tick;
  if (checkPrice(market, ticks) !== 0 || ticks === (hot[(slot << 3) | hotTicks] ?? 0)) return false;
  const selling = (flags & flagSide) === 1;
  const ladder = selling ? market.sells : market.buys;
  const facing = selling ? market.buys : market.sells;
  const key = ladder.keyOf(ticks);
  if (facing.bestKey >= -key) return false;
  if (!rehold(floor, market, slot, flags, ticks)) return false;
  ladder.requeue(slot, ticks);
  const force = (flags >> flagTifShift) & flagTifMask;
  if (force === tifGtc || force === tifPostOnly) {
    const next = (command[fieldTif] ?? 0) === tifPostOnly ? tifPostOnly : tifGtc;
    links[(slot << 4) | linkFlags] =
      (flags & ~(flagTifMask << flagTifShift)) | (next << flagTifShift);
  }
  floor.events.add(
    eventRested,
    market.number,
    links[(slot << 4) | linkAccount] ?? 0,
    flags & flagSide,
    hot[(slot << 3) | hotId] ?? 0,
    ticks * market.tick,
    hot[(slot << 3) | hotOpen] ?? 0,
  );
  return true;
}

/** Holds what the order needs at other ticks, if its amounts are safe and so much is free. */
function rehold(floor: Floor, market: Market, slot: number, flags: number, ticks: number): boolean {
  const { hot, links, cold } = floor.orders;
  const selling = (flags & flagSide) === 1;
  const traded = (flags & flagTraded) !== 0;
  const open = hot[(slot << 3) | hotOpen] ?? 0;
  const made = traded ? (cold[(slot << 3) | coldMade] ?? 0) : 0;
  const taken = traded ? (cold[(slot << 3) | coldTaken] ?? 0) : 0;
  const notional = open * (selling ? market.ticksMax : ticks) * market.unitTick;
  if (!(taken + made + notional <= safeHalf && open * market.lot <= safeHalf)) return false;
  // What a sell holds is its quantity, at any price.
  if (selling) return true;
  const need = notional + feeOfPart(made, notional, links[(slot << 4) | linkMakerRate] ?? 0);
  const held = hot[(slot << 3) | hotHeld] ?? 0;
  const place = links[(slot << 4) | linkBalance] ?? 0;
  if (!floor.balances.holdFree(place, need - held)) return false;
  hot[(slot << 3) | hotHeld] = need;
  return true;
}
