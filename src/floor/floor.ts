/**
 * The state of the trading floor: all markets, all accounts' balances and open orders, and the
 * buffers through which it speaks. Numbers only: accounts, assets and markets by index, orders by
 * the caller's ids. The functions beside this file change it; `submit` and `proceed` (steps.ts) are
 * the way in.
 *
 * State is a fold over the commands: nothing here reads a clock, chance or the order of a map.
 */
import { assert } from "../codec/assert.ts";
import { Orders, chainColumn, coldColumn, linkColumn, originColumn } from "../book/orders.ts";
import { Balances, feesAccount, type Parties } from "../ledger/balances.ts";
import { fieldsMax } from "./command.ts";
import { Events } from "./events.ts";
import { Expiries } from "./expiries.ts";
import { OrderIds } from "./ids.ts";
import { Market, type Listing } from "./market.ts";
import type { Task } from "./steps.ts";
const { flags: linkFlags } = linkColumn;
const { expiry: coldExpiry } = coldColumn;
const { number: originNumber } = originColumn;
const { after: chainAfter } = chainColumn;

export type FloorOptions = {
  /** Units of work in one step (docs/spec/book.md §1.4). */
  readonly stepMax: number;
  /** Open orders of one account. */
  readonly ordersOpenMax: number;
  /** Orders over which a buy's cost is looked up exactly, and that a FOK may meet. */
  readonly walkMax: number;
};

const defaults: FloorOptions = { stepMax: 2000, ordersOpenMax: 4000, walkMax: 2000 };

/** The columns of an account's row: `rows[(account << 2) | accountColumn.opens]`. */
export const accountColumn = { first: 0, last: 1, opens: 2, switchPlace: 3 } as const;

/** What is kept of an account beside its balances. */
export class Accounts {
  count = 2;
  /**
   * Four for each account: first and last open order, in order of number, how many, and the place
   * of its switch among the switches.
   */
  rows: Int32Array = new Int32Array(4 * 64);
  /** When its switch fires; 0: off. */
  switches: Float64Array = new Float64Array(64);

  add(): number {
    if (this.count === this.switches.length) this.grow();
    this.count += 1;
    return this.count - 1;
  }

  private grow(): void {
    const rows = new Int32Array(this.rows.length * 2);
    rows.set(this.rows);
    this.rows = rows;
    const switches = new Float64Array(this.switches.length * 2);
    switches.set(this.switches);
    this.switches = switches;
  }
}

/** Everything. */
export class Floor {
  declare readonly options: FloorOptions;
  readonly orders: Orders = new Orders();
  readonly ids: OrderIds = new OrderIds(this.orders);
  readonly balances: Balances = new Balances();
  readonly accounts: Accounts = new Accounts();
  readonly markets: Market[] = [];
  readonly events: Events = new Events();
  /** The next command: the caller fills it, `submit` reads it (command.ts). */
  readonly command: Float64Array = new Float64Array(fieldsMax);
  /** Open orders that expire at a time. */
  declare readonly expiries: Expiries;
  /** Accounts with a switch, by when it fires. */
  declare readonly switches: Expiries;
  /** The time of the last command. */
  time = 0;
  /** Nothing is due before this; it may be too early, never too late. */
  due: number = Infinity;
  /** The last number given to an order, to a trade. */
  orderNumber = 0;
  tradeNumber = 0;
  /** What is left of the step. */
  budget = 0;
  /** What is still to do, the last one first. */
  readonly tasks: Task[] = [];
  /** The parties of the trade in hand. */
  readonly parties: Parties = {
    buyerQuote: 0,
    sellerQuote: 0,
    feesQuote: 0,
    sellerBase: 0,
    buyerBase: 0,
  };
  /** The cost that was looked up last, or the need. */
  readonly cost: Float64Array = new Float64Array(1);
  /** The amounts of the trade in hand (`term`). */
  readonly terms: Float64Array = new Float64Array(4);
  /** What admission found: the order will rest without meeting anything, and `cost` is its need. */
  passive = false;

  constructor(options: Partial<FloorOptions> = {}) {
    this.options = { ...defaults, ...options };
    const { orders, accounts } = this;
    this.expiries = new Expiries({
      timeOf: (slot) => orders.cold[(slot << 3) | coldExpiry] ?? 0,
      before: (a, b) => {
        const [x, y] = [
          orders.cold[(a << 3) | coldExpiry] ?? 0,
          orders.cold[(b << 3) | coldExpiry] ?? 0,
        ];
        return x < y || (x === y && numberOf(orders, a) < numberOf(orders, b));
      },
      setPlace: (slot, place) => {
        orders.chains[(slot << 4) | chainAfter] = place;
      },
      placeOf: (slot) => orders.chains[(slot << 4) | chainAfter] ?? 0,
    });
    this.switches = new Expiries({
      timeOf: (account) => accounts.switches[account] ?? 0,
      before: (a, b) => {
        const [x, y] = [accounts.switches[a] ?? 0, accounts.switches[b] ?? 0];
        return x < y || (x === y && a < b);
      },
      setPlace: (account, place) => {
        accounts.rows[(account << 2) | accountColumn.switchPlace] = place;
      },
      placeOf: (account) => accounts.rows[(account << 2) | accountColumn.switchPlace] ?? 0,
    });
  }

  /** A new asset, by its number. */
  addAsset(supplyMax: number): number {
    return this.balances.addAsset(supplyMax);
  }

  /** A new account, by its number; the first one is 2. */
  addAccount(): number {
    return this.accounts.add();
  }

  /** A new market, by its number; it is closed. */
  addMarket(listing: Listing): number {
    const number = this.markets.length;
    assert(number < 1 << 16, "there are at most 65,536 markets");
    const market = new Market(number, listing, this.orders);
    assert(listing.base < this.balances.assets, "a market's assets exist");
    market.feesPlace = this.balances.place(feesAccount, listing.quote);
    this.markets.push(market);
    return number;
  }

  /** Other fees and limits for a market; open orders keep their maker rate. */
  relist(market: number, listing: Listing): void {
    marketOf(this, market).list(listing);
  }
}

function numberOf(orders: Orders, slot: number): number {
  return orders.origins[(slot << 1) | originNumber] ?? 0;
}

/** A market that is there. */
export function marketOf(floor: Floor, number: number): Market {
  const market = floor.markets[number];
  if (market === undefined) assert(false, "a market stays");
  return market;
}

/** The columns of `terms`. */
export const term = { quote: 0, base: 1, takerFee: 2, makerFee: 3 } as const;

/** The bits of an order's flags; its market is in those from 16 on. */
export const flag = {
  side: 1,
  tifShift: 1,
  tifMask: 7,
  preventionShift: 4,
  preventionMask: 3,
  /** It has no price of its own. */
  market: 64,
  /** A stop that waits: it stands in a waiting room. */
  waiting: 128,
  /** It has a cap. */
  capped: 256,
  /** It is known by its id and to its account. */
  entered: 512,
  /** It has traded: its sums in the cold row are not zero. */
  traded: 1024,
  marketShift: 16,
} as const;

/** An order's flags. */
export function flagsOf(floor: Floor, slot: number): number {
  return floor.orders.links[(slot << 4) | linkFlags] ?? 0;
}
