/** Looking at the floor without changing it: levels of a book, an order, an account's orders. */
import { coldColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import { tif } from "./command.ts";
import { accountColumn, flag, marketOf, type Floor } from "./floor.ts";
const { first: accountFirst } = accountColumn;

/** Price and quantity of the best levels of one side, best first. */
export function depthOf(
  floor: Floor,
  number: number,
  side: number,
  levelsMax: number,
): [price: number, quantity: number][] {
  const market = marketOf(floor, number);
  const ladder = side === 0 ? market.buys : market.sells;
  const levels: [number, number][] = [];
  for (let row = ladder.seek(Infinity); row !== -1; row = ladder.seek(ladder.seekKey)) {
    if (levels.length >= levelsMax) break;
    levels.push([ladder.ticksOf(ladder.seekKey) * market.tick, ladder.quantity(row)]);
  }
  return levels;
}

/** An open order, for whoever is not in a hurry. */
export type OpenOrder = {
  readonly id: number;
  readonly number: number;
  readonly account: number;
  readonly market: number;
  readonly side: number;
  readonly tif: number;
  /** 0 of a stop without one. */
  readonly price: number;
  readonly open: number;
  readonly requested: number;
  readonly held: number;
  /** Of a waiting stop; else 0. */
  readonly trigger: number;
  /** Of a GTD order; else 0. */
  readonly expiry: number;
};

/** The open order of that id. */
export function openOrder(floor: Floor, id: number): OpenOrder | undefined {
  const slot = floor.ids.find(id);
  return slot === 0 ? undefined : orderAt(floor, slot);
}

/** What the open order of that id holds; 0 if there is none. */
export function heldBy(floor: Floor, id: number): number {
  const slot = floor.ids.find(id);
  return slot === 0 ? 0 : (floor.orders.hot[(slot << 3) | hotColumn.held] ?? 0);
}

/** An account's open orders, the oldest number first. */
export function ordersOf(floor: Floor, account: number): readonly OpenOrder[] {
  const orders: OpenOrder[] = [];
  for (let slot = floor.accounts.rows[(account << 2) | accountFirst] ?? 0; slot !== 0;) {
    orders.push(orderAt(floor, slot));
    slot = floor.orders.links[(slot << 4) | linkColumn.mineNext] ?? 0;
  }
  return orders;
}

function orderAt({ orders, markets }: Floor, slot: number): OpenOrder {
  const { hot, links, cold, origins } = orders;
  const flags = links[(slot << 4) | linkColumn.flags] ?? 0;
  const market = flags >>> flag.marketShift;
  const tick = markets[market]?.tick ?? 1;
  const force = (flags >> flag.tifShift) & flag.tifMask;
  const waits = (flags & flag.waiting) !== 0;
  const at = (hot[(slot << 3) | hotColumn.ticks] ?? 0) * tick;
  const limit = waits ? (cold[(slot << 3) | coldColumn.trigger] ?? 0) * tick : 0;
  return {
    id: hot[(slot << 3) | hotColumn.id] ?? 0,
    number: origins[(slot << 1) | originColumn.number] ?? 0,
    account: links[(slot << 4) | linkColumn.account] ?? 0,
    market,
    side: flags & flag.side,
    tif: force,
    price: waits ? ((flags & flag.market) !== 0 ? 0 : limit) : at,
    open: hot[(slot << 3) | hotColumn.open] ?? 0,
    requested: origins[(slot << 1) | originColumn.requested] ?? 0,
    held: hot[(slot << 3) | hotColumn.held] ?? 0,
    trigger: waits ? at : 0,
    expiry: force === tif.gtd ? (cold[(slot << 3) | coldColumn.expiry] ?? 0) : 0,
  };
}
