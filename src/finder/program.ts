/**
 * The linear program of a round: how much of each offer would be filled if rings could be of any
 * length and amounts of any fraction. It is the upper bound of every set of rings, and their guide.
 *
 *   maximise   Σ xᵢ · gainᵢ                    0 ≤ xᵢ ≤ mostᵢ
 *   subject to, for each token,
 *              Σ xᵢ over those that sell it  ≥  Σ xᵢ · needsᵢ over those that buy it
 *
 * xᵢ is what offer i sells, in value at the tokens' prices, measured so that a large offer is
 * 10,000: a solver's tolerances are absolute. Each column has the coefficients 1 and −needsᵢ. No
 * single offer, however large or mispriced, can spoil the program for the others.
 */
import { at } from "../codec/assert.ts";
import { sellableOf } from "./stock.ts";
import type { Table } from "./table.ts";

/** Columns are offers, rows tokens; each column stands in two rows. */
export type Program = {
  readonly rows: number;
  readonly columns: number;
  /** For each column, the row of what it sells and the row of what it buys. */
  readonly sells: Int32Array;
  readonly buys: Int32Array;
  readonly most: Float64Array;
  readonly needs: Float64Array;
  readonly gain: Float64Array;
};

/** How much of each column is best; `undefined` if that was not found: the round does without. */
export type Solve = (program: Program) => Float64Array | undefined;

/**
 * Each ring uses up one offer and parts of others, so that an offer stands in about two rings: so
 * often it pays for its place.
 */
const placesOfAnOffer = 2;

/** Nine tenths of the offers are at most this. */
const large = 10_000;

/** What is larger counts as this. */
const largest = 1e9;

/** Who asks so many times what is fair, or so small a part of it, has no part in the program. */
const needsMax = 1e4;

/** The program of what is left. `unit` is the value that 1 stands for. */
export function programOf(
  table: Table,
  gasPerOrder: number,
): { readonly program: Program; readonly unit: number } {
  const columns = table.stocks.length;
  const most = Float64Array.from(
    table.stocks,
    (stock, offer) => Number(sellableOf(stock)) * at(table.prices, offer),
  );
  const sorted = most.filter((value) => value > 0).sort();
  const unit = (sorted[Math.floor(sorted.length * 0.9)] ?? large) / large;
  const needs = new Float64Array(columns);
  const gain = new Float64Array(columns);
  for (let offer = 0; offer < columns; offer++) {
    const value = at(most, offer);
    const need = 1 / at(table.rates, offer);
    const pays = value > placesOfAnOffer * gasPerOrder;
    const isSound = pays && need < needsMax && need > 1 / needsMax;
    most[offer] = isSound ? Math.min(value / unit, largest) : 0;
    needs[offer] = isSound ? need : 1;
    gain[offer] = isSound ? 1 - need - (placesOfAnOffer * gasPerOrder) / value : 0;
  }
  const { tokens: rows, sells, buys } = table;
  return { program: { rows, columns, sells, buys, most, needs, gain }, unit };
}

/** What no set of rings can exceed, in value; `undefined` if the program was not solved. */
export function boundOf(table: Table, solve: Solve): number | undefined {
  const { program, unit } = programOf(table, 0);
  return solve(program)?.reduce((sum, x, offer) => sum + x * at(program.gain, offer) * unit, 0);
}
