/**
 * The fast floor and the slow one under the same commands. What they say, what everybody has and
 * which orders stand where must be the same after each; the fast one in steps as small as it is
 * told, so that where a step ends shows nowhere.
 */
import { at } from "../codec/assert.ts";
import { field } from "../floor/command.ts";
import { event } from "../floor/events.ts";
import { Floor, type FloorOptions } from "../floor/floor.ts";
import type { Listing } from "../floor/market.ts";
import { NaiveFloor, type Told } from "../floor/naive.ts";
import { tellNaive } from "../floor/naivecommands.ts";
import { proceed, submit } from "../floor/steps.ts";
import { auditFloor } from "../floor/audit.ts";
import { outsideAccount } from "../ledger/balances.ts";
import { depthOf } from "../floor/read.ts";

/** What both begin with. */
export type World = {
  readonly options: FloorOptions;
  readonly assets: number;
  readonly accounts: number;
  /** What each account has of each asset. */
  readonly funds: number;
  readonly listings: readonly Listing[];
};

/** The events of a step, each as the slow floor says it. */
export function heard(floor: Floor): number[][] {
  const { events } = floor;
  return Array.from({ length: events.count }, (_, i) => {
    const what = events.kind(i);
    const [market, account, side] = [events.market(i), events.account(i), events.side(i)];
    const [flags, id] = [events.flags(i), events.id(i)];
    const [price, quantity] = [events.price(i), events.quantity(i)];
    switch (what) {
      case event.rejected:
        return [what, side, flags, id];
      case event.trade: {
        const head = [what, market, account, events.other(i), side, flags, id, events.otherId(i)];
        return [...head, price, quantity, events.fee(i), events.otherFee(i), events.number(i)];
      }
      case event.ended:
        return [what, market, account, side, flags, id, quantity];
      case event.phase:
        return [what, market, flags, price];
      case event.uncrossed:
        return [what, market, price, quantity];
      case event.switched:
        return [what, account, events.number(i)];
      case event.fired:
        return [what, account];
      default:
        return [what, market, account, side, id, price, quantity];
    }
  });
}

const places = Object.entries(field);

/** Fills the row of the next command. */
export function tell(floor: Floor, told: Told): void {
  const row: Readonly<Record<string, number>> = told;
  for (const [name, place] of places) floor.command[place] = row[name] ?? 0;
}

/** Takes a command to its end; gives everything it said. */
export function run(floor: Floor, told: Told): number[][] {
  tell(floor, told);
  let pending = submit(floor);
  const all = heard(floor);
  while (pending) {
    pending = proceed(floor);
    all.push(...heard(floor));
  }
  return all;
}

/** A floor of that world. */
export function openWorld(world: World): Floor {
  const floor = new Floor(world.options);
  for (let i = 0; i < world.assets; i += 1) floor.addAsset(Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < world.accounts; i += 1) {
    const account = floor.addAccount();
    for (let asset = 0; asset < world.assets; asset += 1) {
      if (!floor.balances.transfer(asset, outsideAccount, account, world.funds)) {
        throw new Error("couldn't fund everybody: the supply is too small");
      }
    }
  }
  for (const listing of world.listings) floor.addMarket(listing);
  return floor;
}

/** Both floors. */
export class FloorPair {
  fast: Floor;
  readonly slow: NaiveFloor;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    this.fast = openWorld(world);
    this.slow = new NaiveFloor(world.options);
    for (const [number, listing] of world.listings.entries()) {
      this.slow.markets.push({ number, listing, phase: 0, last: 0, reference: 0 });
    }
    for (let asset = 0; asset < world.assets; asset += 1) {
      for (let i = 0; i < world.accounts; i += 1) {
        this.slow.move(asset, outsideAccount, i + 2, BigInt(world.funds));
      }
    }
  }

  /** One command on both; throws where they differ. */
  step(told: Told): number[][] {
    const slow = tellNaive(this.slow, told);
    const fast = run(this.fast, told);
    if (slow.join(" ") === fast.join(" ")) return fast;
    const [a, b] = [slow.join("\n       "), fast.join("\n       ")];
    throw new Error(`differ at ${JSON.stringify(told)}:\n  slow ${a}\n  fast ${b}`);
  }

  /** Balances, holds, queues and prices; and every invariant of the fast one. */
  compare(): void {
    const { fast, slow, world } = this;
    auditFloor(fast);
    for (let account = 0; account < world.accounts + 2; account += 1) {
      for (let asset = 0; asset < world.assets; asset += 1) {
        const { total, held } = fast.balances.read(account, asset);
        const other = [slow.total(account, asset), slow.held(account, asset)];
        same(`balance of ${account} in ${asset}`, [BigInt(total), BigInt(held)], other);
      }
    }
    for (const market of slow.markets) {
      const twin = at(fast.markets, market.number);
      const { tick } = market.listing;
      const prices = [twin.phase, twin.last * tick, twin.reference * tick];
      same(`market ${market.number}`, prices, [market.phase, market.last, market.reference]);
      for (const which of [0, 1]) {
        const queue = slow.queue(market.number, which);
        const levels = new Map<number, number>();
        for (const { price, open } of queue) levels.set(price, (levels.get(price) ?? 0) + open);
        const depth = depthOf(fast, market.number, which, Infinity);
        same(`depth of ${market.number}`, depth.flat(), [...levels].flat());
      }
    }
    same("orders", [fast.orders.count], [slow.orders.length]);
  }
}

function same(what: string, fast: readonly unknown[], slow: readonly unknown[]): void {
  if (String(fast) === String(slow)) return;
  throw new Error(`${what} differs:\n  slow ${slow.join(" ")}\n  fast ${fast.join(" ")}`);
}
