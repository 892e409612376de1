/**
 * The floor as bytes: a function of what is, not of how it came about. Two floors on which the same
 * orders stand in the same queues and the same balances are, print the same bytes; slots, windows,
 * pages and heaps are history and not in it.
 *
 *   head      magic version time orderNumber tradeNumber ordersOpenMax walkMax
 *   assets    count, then each supply
 *   accounts  count, then how many switches and for each: account when
 *   balances  count, then each by asset and account: asset account total
 *   markets   count, then for each its listing, phase last reference, and four queues: buys, sells,
 *             buy stops, sell stops, each: count, then the orders, best price first, then who was
 *             there first
 *   order     id number owner makerRate ticks open, then what its bits say it has:
 *             requested · taken made · expiry · cap · limit held
 *             owner is account × 2,048 + flags and bits
 *
 * All numbers are float64, little endian. What a resting order holds is computed again.
 */
import { assert } from "../codec/assert.ts";
import { sha256 } from "../codec/bytes.ts";
import type { Ladder } from "../book/ladder.ts";
import { coldColumn, hotColumn, linkColumn, originColumn } from "../book/orders.ts";
import { tif } from "./command.ts";
import { flag, Floor, type FloorOptions } from "./floor.ts";
import { enterIndexes, ladderOf, needOf } from "./lifecycle.ts";
import type { Listing, Market } from "./market.ts";
import { Reader, Writer } from "./words.ts";

const { held: hotHeld, id: hotId, open: hotOpen, ticks: hotTicks } = hotColumn;
const {
  expiry: coldExpiry,
  trigger: coldTrigger,
  taken: coldTaken,
  made: coldMade,
  cap: coldCap,
} = coldColumn;
const { number: originNumber, requested: originRequested } = originColumn;

const magic = 0x5349474e;
const version = 1;

/** Flags that are in a snapshot; the rest are the market's number and what is known by standing. */
const ownFlags = 0x1ff;
/** Beside them: it was filled or reduced, it traded. */
const changedBit = 512;
const bitsShift = 2048;
const tradedBit = 1024;

const listingFields = [
  "base",
  "quote",
  "lot",
  "unit",
  "tick",
  "priceMax",
  "quantityMin",
  "quantityMax",
  "makerRate",
  "takerRate",
  "collarRate",
  "limitRate",
  "bandRate",
] as const;

/** The bytes of a floor with nothing pending. */
export function writeSnapshot(floor: Floor): Uint8Array {
  assert(floor.tasks.length === 0, "a snapshot is between commands");
  const out = new Writer();
  const { options, accounts, balances } = floor;
  out.add(magic, version, floor.time, floor.orderNumber, floor.tradeNumber);
  out.add(options.ordersOpenMax, options.walkMax, balances.assets);
  for (let asset = 0; asset < balances.assets; asset += 1) out.add(balances.supplyOf(asset));
  const switches = Array.from({ length: accounts.count }, (_, account) => account).filter(
    (account) => accounts.switches[account] !== 0,
  );
  out.add(accounts.count, switches.length);
  for (const account of switches) out.add(account, accounts.switches[account] ?? 0);
  writeBalances(floor, out);
  out.add(floor.markets.length);
  for (const market of floor.markets) {
    out.add(...listingFields.map((name) => market.listing[name]));
    out.add(market.phase, market.last, market.reference);
    for (const ladder of [market.buys, market.sells, market.buyStops, market.sellStops]) {
      writeQueues(floor, ladder, out);
    }
  }
  return out.bytes();
}

/** SHA-256 of a snapshot: two floors that agree on it agree on everything. */
export function stateHash(floor: Floor): Uint8Array {
  return sha256(writeSnapshot(floor));
}

function writeBalances(floor: Floor, out: Writer): void {
  out.add(floor.balances.count());
  floor.balances.each((asset, account, total) => {
    out.room(3);
    out.put(asset);
    out.put(account);
    out.put(total);
  });
}

function writeQueues(floor: Floor, ladder: Ladder | undefined, out: Writer): void {
  const { links } = floor.orders;
  out.add(ladder?.count() ?? 0);
  if (ladder === undefined) return;
  for (let row = ladder.seek(Infinity); row !== -1; row = ladder.seek(ladder.seekKey)) {
    for (let slot = ladder.front(row); slot !== 0;) {
      writeOrder(floor, slot, out);
      slot = links[(slot << 4) | linkColumn.next] ?? 0;
    }
  }
}

function writeOrder({ orders }: Floor, slot: number, out: Writer): void {
  const { hot, links, cold, origins } = orders;
  const first = slot << 3;
  const known = links[(slot << 4) | linkColumn.flags] ?? 0;
  const flags = known & ownFlags;
  const open = hot[first | hotOpen] ?? 0;
  const requested = origins[(slot << 1) | originRequested] ?? 0;
  const traded = (known & flag.traded) !== 0;
  const taken = traded ? (cold[first | coldTaken] ?? 0) : 0;
  const made = traded ? (cold[first | coldMade] ?? 0) : 0;
  let bits = flags;
  if (requested !== open) bits |= changedBit;
  if (taken + made !== 0) bits |= tradedBit;
  out.room(16);
  out.put(hot[first | hotId] ?? 0);
  out.put(origins[(slot << 1) | originNumber] ?? 0);
  out.put((links[(slot << 4) | linkColumn.account] ?? 0) * bitsShift + bits);
  out.put(links[(slot << 4) | linkColumn.makerRate] ?? 0);
  out.put(hot[first | hotTicks] ?? 0);
  out.put(open);
  if (requested !== open) out.put(requested);
  if (taken + made !== 0) {
    out.put(taken);
    out.put(made);
  }
  if (((flags >> flag.tifShift) & flag.tifMask) === tif.gtd) out.put(cold[first | coldExpiry] ?? 0);
  if ((flags & flag.capped) !== 0) out.put(cold[first | coldCap] ?? 0);
  if ((flags & flag.waiting) !== 0) {
    out.put(cold[first | coldTrigger] ?? 0);
    out.put(hot[first | hotHeld] ?? 0);
  }
}

/** The floor of a snapshot, which is our own: what is wrong in it stops the process. */
export function readSnapshot(bytes: Uint8Array, options: Partial<FloorOptions> = {}): Floor {
  const from = new Reader(bytes);
  assert(from.next() === magic && from.next() === version, "a snapshot begins with its magic");
  const [time, orderNumber, tradeNumber] = [from.next(), from.next(), from.next()];
  const [ordersOpenMax, walkMax] = [from.next(), from.next()];
  const floor = new Floor({ ...options, ordersOpenMax, walkMax });
  floor.time = time;
  floor.orderNumber = orderNumber;
  floor.tradeNumber = tradeNumber;
  for (let left = from.next(); left > 0; left -= 1) floor.addAsset(from.next());
  const accounts = from.next();
  while (floor.accounts.count < accounts) floor.addAccount();
  for (let left = from.next(); left > 0; left -= 1) {
    const account = from.next();
    floor.accounts.switches[account] = from.next();
    floor.switches.add(account);
  }
  for (let left = from.next(); left > 0; left -= 1) {
    const asset = from.next();
    const account = from.next();
    floor.balances.restore(account, asset, from.next());
  }
  const markets = from.next();
  for (let number = 0; number < markets; number += 1) readMarket(floor, from);
  assert(from.done, "a snapshot ends after its last market");
  linkByNumber(floor);
  floor.due = Math.min(floor.expiries.due, floor.switches.due);
  return floor;
}

function readMarket(floor: Floor, from: Reader): void {
  const listing: Listing = {
    base: from.next(),
    quote: from.next(),
    lot: from.next(),
    unit: from.next(),
    tick: from.next(),
    priceMax: from.next(),
    quantityMin: from.next(),
    quantityMax: from.next(),
    makerRate: from.next(),
    takerRate: from.next(),
    collarRate: from.next(),
    limitRate: from.next(),
    bandRate: from.next(),
  };
  const market = floor.markets[floor.addMarket(listing)];
  assert(market !== undefined, "a market stays");
  market.phase = from.next();
  market.last = from.next();
  market.setReference(from.next());
  for (let queue = 0; queue < 4; queue += 1) {
    const count = from.next();
    floor.orders.reserve(floor.orders.count + count);
    floor.ids.reserve(floor.orders.count + count);
    for (let left = count; left > 0; left -= 1) readOrder(floor, market, from);
  }
}

function readOrder(floor: Floor, market: Market, from: Reader): void {
  const { orders, balances } = floor;
  const slot = orders.take();
  const { hot, links, cold, origins } = orders;
  const first = slot << 3;
  hot[first | hotId] = from.next();
  origins[(slot << 1) | originNumber] = from.next();
  const owner = from.next();
  const account = Math.floor(owner / bitsShift);
  const bits = owner - account * bitsShift;
  const flags = bits & ownFlags;
  const selling = (flags & flag.side) === 1;
  links[(slot << 4) | linkColumn.account] = account;
  const place = balances.place(account, selling ? market.base : market.quote);
  links[(slot << 4) | linkColumn.balance] = place;
  links[(slot << 4) | linkColumn.makerRate] = from.next();
  hot[first | hotTicks] = from.next();
  const open = from.next();
  hot[first | hotOpen] = open;
  origins[(slot << 1) | originRequested] = (bits & changedBit) === 0 ? open : from.next();
  const traded = (bits & tradedBit) !== 0;
  const known = (market.number << flag.marketShift) | (traded ? flag.traded : 0);
  links[(slot << 4) | linkColumn.flags] = flags | known;
  cold[first | coldTaken] = traded ? from.next() : 0;
  cold[first | coldMade] = traded ? from.next() : 0;
  const dated = ((flags >> flag.tifShift) & flag.tifMask) === tif.gtd;
  cold[first | coldExpiry] = dated ? from.next() : 0;
  cold[first | coldCap] = (flags & flag.capped) === 0 ? 0 : from.next();
  const waits = (flags & flag.waiting) !== 0;
  cold[first | coldTrigger] = waits ? from.next() : 0;
  const need = waits ? from.next() : needOf(floor, market, slot);
  hot[first | hotHeld] = need;
  balances.hold(place, need);
  ladderOf(floor, market, flags).push(slot);
  if (waits) market.stops += 1;
}

/** Ids, accounts' lists, DAY orders and expiries, entered in order of number. */
function linkByNumber(floor: Floor): void {
  const { orders, markets } = floor;
  const { links } = orders;
  const slots = sortedByNumber(floor);
  for (const slot of slots) {
    const flags = links[(slot << 4) | linkColumn.flags] ?? 0;
    const market = markets[flags >>> flag.marketShift];
    assert(market !== undefined, "an order's market stays");
    enterIndexes(floor, market, slot, flags);
  }
}

/** All slots, the lowest number first: many are sorted by two bytes at a time. */
function sortedByNumber({ orders, orderNumber }: Floor): Int32Array {
  const { origins, count } = orders;
  const numberOf = (slot: number): number => origins[(slot << 1) | originNumber] ?? 0;
  let slots = Int32Array.from({ length: count }, (_, i) => i + 1);
  if (count < 65_536) return slots.sort((a, b) => numberOf(a) - numberOf(b));
  let other = new Int32Array(count);
  for (let unit = 1; unit <= orderNumber; unit *= 65_536) {
    const starts = new Int32Array(65_537);
    const digit = (slot: number): number => Math.floor(numberOf(slot) / unit) % 65_536;
    for (const slot of slots) {
      const next = digit(slot) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    for (const slot of slots) {
      const place = starts[digit(slot)] ?? 0;
      other[place] = slot;
      starts[digit(slot)] = place + 1;
    }
    [slots, other] = [other, slots];
  }
  return slots;
}
