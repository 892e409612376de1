/**
 * The full audit: everything the floor keeps twice is compared, and everything conserved is summed.
 * What is cheap is asserted at every trade; this walks the whole state.
 */
import { assert } from "../codec/assert.ts";
import type { Ladder } from "../book/ladder.ts";
import { chainColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import { tif } from "./command.ts";
import { accountColumn, flag, type Floor } from "./floor.ts";
import { ladderOf, needOf } from "./lifecycle.ts";
import type { Market } from "./market.ts";
const { first: accountFirst, last: accountLast, opens: accountOpens } = accountColumn;

/**
 * Asserts every invariant of a floor with nothing pending. `elsewhere` says what an account holds
 * of an asset for anything but orders.
 */
export function auditFloor(
  floor: Floor,
  elsewhere: (account: number, asset: number) => number = () => 0,
): void {
  assert(floor.tasks.length === 0, "an audit is between commands");
  floor.balances.audit();
  let standing = 0;
  for (const market of floor.markets) {
    const stops = [market.buyStops, market.sellStops];
    const waiting = stops.reduce((sum, ladder) => sum + (ladder?.audit() ?? 0), 0);
    assert(waiting === market.stops, "waiting stops are counted");
    standing += market.buys.audit() + market.sells.audit() + waiting;
    auditDays(floor, market);
  }
  assert(standing === floor.orders.count, "every open order stands in one ladder");
  auditAccounts(floor, elsewhere);
}

/** Each account's list, and that what is held is the sum of what its orders need. */
function auditAccounts(floor: Floor, elsewhere: (account: number, asset: number) => number): void {
  const { accounts, balances, orders } = floor;
  const { hot, links, origins } = orders;
  const held = new Map<number, number>();
  let listed = 0;
  for (let account = 0; account < accounts.count; account += 1) {
    let before = 0;
    let number = 0;
    let count = 0;
    for (let slot = accounts.rows[(account << 2) | accountFirst] ?? 0; slot !== 0;) {
      const flags = links[(slot << 4) | linkColumn.flags] ?? 0;
      const market = floor.markets[flags >>> flag.marketShift];
      assert(market !== undefined, "an order's market stays");
      assert(links[(slot << 4) | linkColumn.account] === account, "a list has its own orders");
      assert(links[(slot << 4) | linkColumn.minePrev] === before, "links go both ways");
      const own = origins[(slot << 1) | originColumn.number] ?? 0;
      assert(own > number, "an account's orders are listed oldest first");
      number = own;
      const place = links[(slot << 4) | linkColumn.balance] ?? 0;
      const asset = (flags & flag.side) === 1 ? market.base : market.quote;
      assert(place === balances.place(account, asset), "an order knows its balance");
      const holds = hot[(slot << 3) | hotColumn.held] ?? 0;
      const waits = (flags & flag.waiting) !== 0;
      assert(waits || holds === needOf(floor, market, slot), "an order holds what it needs");
      held.set(place, (held.get(place) ?? 0) + holds);
      assert(floor.ids.find(hot[(slot << 3) | hotColumn.id] ?? 0) === slot, "ids find orders");
      before = slot;
      count += 1;
      slot = links[(slot << 4) | linkColumn.mineNext] ?? 0;
    }
    assert(
      accounts.rows[(account << 2) | accountLast] === before,
      "a list ends with its last order",
    );
    assert(accounts.rows[(account << 2) | accountOpens] === count, "open orders are counted");
    listed += count;
  }
  assert(listed === orders.count, "every open order is somebody's");
  balances.each((asset, account, _total, sum) => {
    const place = balances.place(account, asset);
    const needed = (held.get(place) ?? 0) + elsewhere(account, asset);
    assert(sum === needed, "what is held is what is needed");
  });
}

/** The DAY orders of a market, oldest first. */
function auditDays(floor: Floor, market: Market): void {
  const { chains, origins, links } = floor.orders;
  let number = 0;
  for (let slot = market.dayFirst; slot !== 0;) {
    const own = origins[(slot << 1) | originColumn.number] ?? 0;
    assert(own > number, "DAY orders are listed oldest first");
    number = own;
    const flags = links[(slot << 4) | linkColumn.flags] ?? 0;
    assert(((flags >> flag.tifShift) & flag.tifMask) === tif.day, "only DAY orders are listed");
    const ladder: Ladder = ladderOf(floor, market, flags);
    assert(ladder.levels > 0, "a DAY order stands in a ladder");
    slot = chains[(slot << 4) | chainColumn.after] ?? 0;
  }
}
