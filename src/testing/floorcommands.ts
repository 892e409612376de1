/**
 * Random commands for the floor, from a seed: every kind of order, change and phase, a few accounts
 * that meet each other and themselves, prices close together; or amounts at the edge of what a safe
 * integer holds.
 */
import { at } from "../codec/assert.ts";
import { op, phase } from "../floor/command.ts";
import type { Listing } from "../floor/market.ts";
import type { Told } from "../floor/naive.ts";
import type { World } from "./floorpair.ts";
import { randomFrom } from "./seed.ts";

const plainListing: Listing = {
  base: 1,
  quote: 0,
  lot: 1,
  unit: 1,
  tick: 1,
  priceMax: 200,
  quantityMin: 1,
  quantityMax: 60,
  makerRate: 1000,
  takerRate: 25_000,
  collarRate: 50_000,
  limitRate: 0,
  bandRate: 0,
};

/** A world of small numbers: every rule is met often. */
export function smallWorld(seed: number): World {
  const random = randomFrom(seed);
  const any = <T>(...values: readonly T[]): T => at(values, random(values.length));
  const listing = (base: number): Listing => ({
    ...plainListing,
    base,
    lot: any(1, 3),
    unit: any(1, 7),
    tick: any(1, 1, 5),
    makerRate: any(0, 1000, 500_000),
    takerRate: any(0, 25_000, 1_000_000),
    collarRate: any(0, 20_000, 50_000),
    limitRate: any(0, 0, 100_000),
    bandRate: any(0, 0, 30_000),
  });
  return {
    options: {
      stepMax: any(1, 2, 3, 2000),
      ordersOpenMax: any(6, 12),
      walkMax: any(2, 4, 2000),
    },
    assets: 3,
    accounts: 5,
    funds: any(2000, 20_000, 10_000_000),
    listings: [listing(1), listing(2)],
  };
}

/** A world in which amounts pass 2^53 unless they are refused. */
export function largeWorld(seed: number): World {
  const random = randomFrom(seed);
  const any = <T>(...values: readonly T[]): T => at(values, random(values.length));
  const listing = (base: number): Listing => ({
    ...plainListing,
    base,
    lot: any(1, 1024),
    unit: any(1, 1_000_000),
    tick: any(1, 2 ** 20),
    priceMax: any(2 ** 31, 2 ** 45, 2 ** 52),
    quantityMax: Number.MAX_SAFE_INTEGER,
    makerRate: any(0, 1, 999_999),
    takerRate: any(0, 3, 1_000_000),
  });
  return { ...smallWorld(seed), funds: 2 ** 50, listings: [listing(1), listing(2)] };
}

const nothing: Told = {
  op: op.tick,
  time: 0,
  account: 2,
  market: 0,
  id: 0,
  side: 0,
  tif: 0,
  kind: 0,
  prevention: 0,
  price: 0,
  quantity: 0,
  trigger: 0,
  expiry: 0,
  cap: 0,
  phase: 0,
};

/** Commands one after the other. */
export class Commands {
  private readonly random: (below: number) => number;
  private readonly world: World;
  private readonly large: boolean;
  private time = 1;
  private id = 0;

  constructor(world: World, seed: number, large: boolean) {
    this.random = randomFrom(seed);
    this.world = world;
    this.large = large;
  }

  /** A market's opening, so that something trades. */
  opening(): readonly Told[] {
    return this.world.listings.flatMap((listing, market) => {
      const price = 100 * (this.large ? 2 ** 20 : 1);
      const tick = price - (price % listing.tick);
      return [
        { ...nothing, op: op.reference, market, price: Math.min(tick, listing.priceMax) },
        { ...nothing, op: op.phase, market, phase: phase.continuous },
      ];
    });
  }

  next(): Told {
    const { random } = this;
    if (random(3) === 0) this.time += random(4);
    const told = {
      ...nothing,
      time: this.time,
      account: 2 + random(this.world.accounts),
      market: random(50) === 0 ? 2 : random(2),
    };
    const die = random(100);
    if (die < 52) return this.enter(told);
    if (die < 64) return { ...told, op: op.cancel, id: this.known() };
    if (die < 82) return this.replace(told);
    if (die < 88) return { ...told, op: op.reduce, id: this.known(), quantity: this.lots() };
    if (die < 90) {
      const of = random(3) - 1;
      return { ...told, op: op.cancelAll, market: random(4) - 1, side: of };
    }
    if (die < 92) return { ...told, op: op.cancelAfter, expiry: this.later(random(3)) };
    if (die < 96) return { ...told, op: op.phase, phase: this.phase() };
    if (die < 97) return { ...told, op: op.reference, price: this.price(told.market) };
    return told;
  }

  private enter(told: Told): Told {
    const { random } = this;
    this.id += 1;
    const force = random(10) < 5 ? 0 : random(6);
    const stop = random(7) === 0;
    const market = random(8) === 0;
    return {
      ...told,
      op: op.enter,
      id: random(40) === 0 ? this.known() : this.id,
      side: random(2),
      tif: market && random(4) > 0 ? 1 + random(2) : force,
      kind: market ? 1 : 0,
      prevention: random(3),
      price: this.price(told.market),
      quantity: this.lots(),
      trigger: stop ? this.price(told.market) : 0,
      expiry: this.later(random(12)),
      cap: random(2) === 0 ? 0 : this.cap(),
    };
  }

  private replace(told: Told): Told {
    const { random } = this;
    return {
      ...told,
      op: op.replace,
      id: this.known(),
      tif: random(4) === 0 ? 3 : 0,
      price: random(3) === 0 ? 0 : this.price(told.market),
      quantity: random(2) === 0 ? 0 : this.lots(),
      trigger: random(2) === 0 ? 0 : this.price(told.market),
    };
  }

  /** One of the newest ids: it may be gone, or another account's. */
  private known(): number {
    return Math.max(1, this.id - this.random(25));
  }

  private later(by: number): number {
    return by === 0 ? 0 : this.time + by - 1;
  }

  /** Most of the time, trade. */
  private phase(): number {
    return this.random(3) > 0 ? phase.continuous : this.random(7);
  }

  private price(market: number): number {
    const { random } = this;
    const tick = this.world.listings[market]?.tick ?? 1;
    if (!this.large) {
      const near = random(10) === 0 ? 60 + random(80) : 90 + random(21);
      return random(12) === 0 ? near : near - (near % tick);
    }
    const near = 2 ** random(53) + random(3) - 1;
    const middle = 100 * 2 ** 20 + random(5) * tick;
    const price = random(3) === 0 ? near : middle;
    return random(12) === 0 ? price : price - (price % tick);
  }

  private lots(): number {
    const { random } = this;
    if (!this.large) return random(30) === 0 ? 61 : 1 + random(20);
    return random(2) === 0 ? 1 + random(2 ** 20) : 2 ** random(53) + random(2);
  }

  private cap(): number {
    return this.large ? 2 ** this.random(53) : 1 + this.random(3000);
  }
}
