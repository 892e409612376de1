/**
 * One round: the rings among the live offers. A linear program says which part of each offer is
 * worth filling at best; rings are made of those parts, short ones first (L = 2 … 10), of each
 * length the most valuable first, net of what their places cost. Then the program is asked about
 * what is left, until hardly anything comes of it. An offer that cannot pay for its place is set
 * aside for the pass, so that it blocks nobody behind it. Offers that must be filled whole, or not
 * in small pieces, and found no ring so, are then tried one by one with offers of their size.
 *
 * Decisions are made with floating point, amounts are exact integers (`amounts.ts`). The same
 * offers in any order give the same rings.
 */
import { at } from "../codec/assert.ts";
import { type Books, booksOf, dropTop, topOf } from "./books.ts";
import { passesMax, ringSizeMax } from "./limits.ts";
import type { FoundRing, Offer, Token } from "./offer.ts";
import { programOf, type Solve } from "./program.ts";
import { cyclesOf, even, profit, Walks } from "./search.ts";
import { Standing } from "./standing.ts";
import { ringOf, sellableOf } from "./stock.ts";
import { type Table, tableOf } from "./table.ts";

/** What a round is told beside the offers. */
export type RoundOptions = {
  /** What one order's place in a ring costs, in the measure of the tokens' prices. */
  readonly gasPerOrder?: number | undefined;
  /** Without it, rings are made of the best prices alone. */
  readonly solve?: Solve | undefined;
  readonly sizeMax?: number | undefined;
  /** Whether it has taken too long: asked now and then; what was found by then is the round. */
  readonly isOver?: (() => boolean) | undefined;
  /** Told after every length of every pass. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

/** How far a round has come. */
export type Progress = { readonly pass: number; readonly size: number; readonly rings: number };

type Round = {
  readonly table: Table;
  readonly rings: FoundRing[];
  readonly walks: Walks;
  readonly gas: number;
  readonly sizeMax: number;
  readonly isOver: () => boolean;
};

/** A pass: what each offer may still sell in it, and what its rings were worth, net. */
type Pass = {
  readonly isGuided: boolean;
  /** What a ring's product of rates must exceed. */
  readonly above: number;
  readonly caps: bigint[];
  readonly books: Books;
  value: number;
};

/** A pass that brings less than this part of the first one is the last. */
const worthAnotherPass = 1e-3;

/** Finds the rings of one round. */
export function findRings(
  tokens: readonly Token[],
  offers: readonly Offer[],
  options: RoundOptions = {},
): readonly FoundRing[] {
  const { solve, gasPerOrder: gas = 0, sizeMax = ringSizeMax } = options;
  const table = tableOf(tokens, offers);
  const walks = new Walks(table.tokens, sizeMax);
  const isOver = options.isOver ?? (() => false);
  const round: Round = { table, rings: [], walks, gas, sizeMax, isOver };
  let first = 0;
  for (let number = 1; number <= (solve ? passesMax : 1) && !isOver(); number++) {
    const pass = passOf(table, gas, solve);
    takeAll(round, pass, (size) =>
      options.onProgress?.({ pass: number, size, rings: round.rings.length }),
    );
    if (number === 1) first = pass.value;
    if (pass.value <= first * worthAnotherPass) break;
  }
  if (solve) takeAll(round, passOf(table, gas, undefined), () => undefined);
  // Behind everything that is worth something: orders that just meet, where places cost nothing.
  if (gas === 0) takeAll(round, passOf(table, gas, undefined, even), () => undefined);
  takeMinimums(round, tokens);
  return merged(round.rings);
}

/**
 * Rings of the same orders in the same order are one ring: sums of amounts keep every limit, and
 * one ring is cheaper than two. In the place of the first of them.
 */
function merged(rings: readonly FoundRing[]): readonly FoundRing[] {
  const whole = new Map<string, FoundRing>();
  for (const ring of rings) {
    const turned = beginningAtLeast(ring);
    const key = turned.orders.map(({ id }) => id).join(" ");
    const before = whole.get(key);
    whole.set(key, before === undefined ? turned : sumOf(before, turned));
  }
  return [...whole.values()];
}

/** The same ring told from its least id on. */
function beginningAtLeast({ orders }: FoundRing): FoundRing {
  const least = orders.reduce((min, { id }, i) => (id < at(orders, min).id ? i : min), 0);
  return { orders: [...orders.slice(least), ...orders.slice(0, least)] };
}

function sumOf(one: FoundRing, other: FoundRing): FoundRing {
  return {
    orders: one.orders.map(({ id, sold, received }, i) => {
      const more = at(other.orders, i);
      return { id, sold: sold + more.sold, received: received + more.received };
    }),
  };
}

/** Parts of an offer that the guide means as all of it, and as none. */
const whole = 1 - 1e-9;
const nothing = 1e-9;

function passOf(table: Table, gas: number, solve: Solve | undefined, above: number = profit): Pass {
  const { program, unit } = programOf(table, gas);
  const guide = solve?.(program);
  const caps = table.stocks.map((stock, offer) => {
    const left = sellableOf(stock);
    const value = Number(left) * at(table.prices, offer);
    const part = guide === undefined ? 1 : (at(guide, offer) * unit) / value;
    const cap =
      part >= whole ? left : part > nothing ? BigInt(Math.floor(part * Number(left))) : 0n;
    return cap < (stock.offer.sellMin ?? 1n) ? 0n : cap > left ? left : cap;
  });
  const values = Float64Array.from(caps, (cap, offer) => Number(cap) * at(table.prices, offer));
  const books = booksOf(table, values, gas);
  return { isGuided: guide !== undefined, above, caps, books, value: 0 };
}

function takeAll(round: Round, pass: Pass, onSize: (size: number) => void): void {
  for (let size = 2; size <= round.sizeMax; size++) {
    for (;;) {
      const cycles = cyclesOf(pass.books, round.walks, size, pass.above);
      if (cycles.length === 0 || round.isOver()) break;
      const worth = cycles.map((cycle) => ({ cycle, net: estimate(round, pass, cycle).net }));
      worth.sort((a, b) => b.net - a.net || compareLists(a.cycle, b.cycle));
      for (const { cycle } of worth) drain(round, pass, cycle);
    }
    onSize(size);
  }
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((value, i) => value !== b[i]);
  return place < 0 ? 0 : at(a, place) - at(b, place);
}

/**
 * Takes rings of the cycle's best offers for as long as they leave something over. Every step
 * passes over one offer at least: it ends.
 */
function drain(round: Round, pass: Pass, cycle: readonly number[]): void {
  const { books } = pass;
  for (;;) {
    let product = 1;
    for (const pair of cycle) product *= at(books.tops, pair);
    if (product <= pass.above) return;
    const { net, bottleneck } = estimate(round, pass, cycle);
    if (net > 0 || pass.above === even) takeOne(round, pass, { cycle, net, bottleneck });
    else dropTop(books, bottleneck);
  }
}

type Estimate = { readonly net: number; readonly bottleneck: number };

/** What a ring of the cycle's best offers is worth, and in which pair the smallest of them is. */
function estimate({ table, gas }: Round, pass: Pass, cycle: readonly number[]): Estimate {
  let weight = 1;
  let least = Infinity;
  let bottleneck = at(cycle, 0);
  for (const pair of cycle) {
    const offer = topOf(pass.books, pair);
    const scale = (Number(at(pass.caps, offer)) * at(table.prices, offer)) / weight;
    if (scale < least) [least, bottleneck] = [scale, pair];
    weight /= at(table.rates, offer);
  }
  // The first gives 1 and the last needs `weight` of it: what is between them is over.
  return { net: least * (1 - weight) - gas * cycle.length, bottleneck };
}

/** Takes one ring, or passes over the offer that is in its way. */
function takeOne(
  { table, rings }: Round,
  pass: Pass,
  { cycle, net, bottleneck }: Estimate & { readonly cycle: readonly number[] },
): void {
  const { caps, books } = pass;
  const members = cycle.map((pair) => topOf(books, pair));
  const found = ringOf(
    members.map((offer) => ({ stock: at(table.stocks, offer), cap: at(caps, offer) })),
  );
  if (found.kind === "none") {
    const { tooSmall } = found;
    dropTop(books, tooSmall === undefined ? bottleneck : at(cycle, tooSmall));
    return;
  }
  rings.push(found.ring);
  pass.value += net;
  let isDropped = false;
  for (const [i, offer] of members.entries()) {
    const stock = at(table.stocks, offer);
    // What the guide meant for this ring is spent, whether or not fairness used all of it.
    const spent = pass.isGuided ? at(found.most, i) : at(found.ring.orders, i).sold;
    const rest = at(caps, offer) - spent;
    const left = sellableOf(stock);
    const cap = rest < left ? rest : left;
    caps[offer] = cap;
    if (cap >= (stock.offer.sellMin ?? 1n)) continue;
    dropTop(books, at(cycle, i));
    isDropped = true;
  }
  if (!isDropped) dropTop(books, bottleneck);
}

/** How many offers with a minimum a round tries one by one. */
const minimumsMax = 100;

function takeMinimums(round: Round, tokens: readonly Token[]): void {
  const { table, rings, gas, sizeMax, isOver } = round;
  const waiting = [...table.stocks.entries()].flatMap(([offer, stock]) => {
    const { sellMin } = stock.offer;
    if (sellMin === undefined || sellMin > sellableOf(stock)) return [];
    return [{ id: stock.offer.id, gain: Number(sellMin) * at(table.prices, offer) }];
  });
  if (waiting.length === 0 || isOver()) return;
  const standing = new Standing(tokens, { gasPerOrder: gas, sizeMax });
  for (const { offer, sellLeft, buyLeft } of table.stocks) {
    standing.set({ ...offer, sellMax: sellLeft, buyMax: buyLeft });
  }
  waiting.sort((a, b) => b.gain - a.gain);
  for (const { id } of waiting.slice(0, minimumsMax)) {
    if (isOver()) return;
    rings.push(...standing.takeThrough(id));
  }
}
