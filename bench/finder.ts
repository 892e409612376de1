/**
 * The ring finder on synthetic books of five sizes, two seeds each: how much of the linear
 * program's optimum its rings are worth, before gas and net of it, beside the same rounds with
 * pairs only, which is all that Loopring's own miner ever matched, and with rings of at most three;
 * seconds a round beside the program alone; and microseconds for one new order between rounds.
 * Every result passes the independent checker first.
 */
import { at } from "../src/codec/assert.ts";
import { checkRings, surplusOf } from "../src/finder/checker.ts";
import type { FoundRing, Offer } from "../src/finder/offer.ts";
import { boundOf, type Solve } from "../src/finder/program.ts";
import { findRings, type RoundOptions } from "../src/finder/round.ts";
import { Standing } from "../src/finder/standing.ts";
import { tableOf } from "../src/finder/table.ts";
import { openSolver } from "../src/miner/highs.ts";
import { ringMarket, type RingMarket } from "../src/testing/ringorders.ts";
import type { Stage } from "./figure.ts";
import { quantile, secondsSince } from "./gauge.ts";

const bench = "finder";
const seeds = [1, 2];
const sizes = [
  { tokens: 10, orders: 1000 },
  { tokens: 50, orders: 1000 },
  { tokens: 50, orders: 10_000 },
  { tokens: 200, orders: 10_000 },
  { tokens: 200, orders: 50_000 },
];
/** A timing is the middle one of so many. */
const timings = 3;
/** Orders that come between two rounds; each one's time is the less disturbed of so many runs. */
const arrivals = 5000;
const runs = 2;
const gases = [0.2, 1];

type Size = (typeof sizes)[number];
type Outcome = { readonly rings: readonly FoundRing[]; readonly surplus: number };

export async function finder(stage: Stage): Promise<void> {
  const solve = await openSolver();
  for (const size of sizes) {
    if (stage.over.aborted) return;
    rounds(stage, solve, size);
  }
  for (const size of sizes.filter(({ tokens }) => tokens === 200)) {
    for (const gas of [0, at(gases, 0)]) {
      if (stage.over.aborted) return;
      between(stage, solve, { size, gas });
    }
  }
}

/** Rings of one round, checked. */
function outcome({ tokens, offers }: RingMarket, options: RoundOptions): Outcome {
  const rings = findRings(tokens, offers, options);
  const checked = checkRings(offers, rings);
  if (!checked.ok) throw new Error(`the checker refuses: ${checked.name}, ${checked.detail}`);
  return { rings, surplus: surplusOf(tokens, offers, rings) };
}

function placesOf(rings: readonly FoundRing[]): number {
  return rings.reduce((sum, { orders }) => sum + orders.length, 0);
}

function rounds(stage: Stage, solve: Solve, size: Size): void {
  const name = `${size.tokens}/${size.orders}`;
  const markets = seeds.map((seed) => ringMarket({ ...size, seed }));
  const bounds = markets.map(({ tokens, offers }) => {
    const bound = boundOf(tableOf(tokens, offers), solve);
    if (bound === undefined) throw new Error("couldn't solve the program");
    return bound;
  });
  /** Percent of the optimum, a mean over the seeds, with what a place costs taken off. */
  const share = (options: RoundOptions, gas = 0): { percent: number; all: readonly Outcome[] } => {
    const all = markets.map((market) => outcome(market, { ...options, gasPerOrder: gas }));
    const parts = all.map(
      ({ rings, surplus }, i) => (surplus - gas * placesOf(rings)) / at(bounds, i),
    );
    return { percent: (100 * parts.reduce((a, b) => a + b, 0)) / parts.length, all };
  };
  stage.say(`${name}: rounds`);
  const tell = (figure: string, ours: number, options: RoundOptions, gas = 0): void => {
    for (const [against, sizeMax] of [
      ["pairs only", 2],
      ["rings of 3", 3],
    ] as const) {
      const theirs = share({ ...options, solve: undefined, sizeMax }, gas).percent;
      const ratio = ours / theirs;
      stage.tell({ bench, figure: `${name} ${figure}`, value: ours, unit: "%", against, ratio });
    }
  };
  const free = share({ solve });
  tell("of the LP's optimum", free.percent, {});
  for (const gas of gases) {
    tell(`of it, net of ${gas} a place`, share({ solve }, gas).percent, {}, gas);
  }
  seconds(stage, name, { markets, solve });
  for (let length = 2; length <= 10; length++) {
    const count = free.all.reduce(
      (sum, { rings }) => sum + rings.filter(({ orders }) => orders.length === length).length,
      0,
    );
    stage.tell({ bench, figure: `${name} rings of ${length}`, value: count, unit: "rings" });
  }
}

/** Seconds of a round, and how many times the program alone. */
function seconds(
  stage: Stage,
  name: string,
  { markets, solve }: { readonly markets: readonly RingMarket[]; readonly solve: Solve },
): void {
  const timed = (act: (market: RingMarket) => void): number => {
    const all = markets.flatMap((market) =>
      Array.from({ length: timings }, () => {
        const started = performance.now();
        act(market);
        return secondsSince(started);
      }),
    );
    return quantile(all, 0.5);
  };
  const alone = timed(({ tokens, offers }) => boundOf(tableOf(tokens, offers), solve));
  const round = timed(({ tokens, offers }) => findRings(tokens, offers, { solve }));
  const against = "the LP once";
  const ratio = round / alone;
  stage.tell({ bench, figure: `${name} a round`, value: round, unit: "s", against, ratio });
}

/** New orders, one by one, into the books that a round has left. */
function between(
  stage: Stage,
  solve: Solve,
  { size, gas }: { readonly size: Size; readonly gas: number },
): void {
  const name = `${size.tokens}/${size.orders}, ${gas} a place`;
  stage.say(`${name}: orders between rounds`);
  const times: number[] = [];
  for (const seed of seeds) {
    const market = ringMarket({ ...size, orders: size.orders + arrivals, seed });
    const all = Array.from({ length: runs }, () => arrive(market, { solve, size, gas }));
    for (const order of at(all, 0).keys())
      times.push(Math.min(...all.map((one) => at(one, order))));
  }
  for (const [figure, q] of [
    ["p50", 0.5],
    ["p99", 0.99],
    ["most", 1],
  ] as const) {
    const value = quantile(times, q);
    stage.tell({ bench, figure: `${name}: a new order, ${figure}`, value, unit: "µs" });
  }
}

/** Microseconds of each arrival. */
function arrive(
  { tokens, offers }: RingMarket,
  { solve, size, gas }: { readonly solve: Solve; readonly size: Size; readonly gas: number },
): readonly number[] {
  const before = offers.slice(0, size.orders);
  const rings = [...findRings(tokens, before, { solve, gasPerOrder: gas })];
  const standing = new Standing(tokens, { gasPerOrder: gas });
  for (const offer of rest(before, rings)) standing.set(offer);
  const times = offers.slice(size.orders).map((offer) => {
    const started = performance.now();
    standing.set(offer);
    rings.push(...standing.takeThrough(offer.id));
    return (performance.now() - started) * 1000;
  });
  const checked = checkRings(offers, rings);
  if (!checked.ok) throw new Error(`the checker refuses: ${checked.name}, ${checked.detail}`);
  return times;
}

function rest(offers: readonly Offer[], rings: readonly FoundRing[]): readonly Offer[] {
  const sold = new Map<string, bigint>();
  for (const { orders } of rings) {
    for (const placed of orders) {
      sold.set(placed.id, (sold.get(placed.id) ?? 0n) + placed.sold);
    }
  }
  return offers.map((offer) => ({
    ...offer,
    sellMax: offer.sellMax - (sold.get(offer.id) ?? 0n),
  }));
}
