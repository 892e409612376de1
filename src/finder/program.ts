/**
 * The linear program of a round: which part of each offer would be filled if rings could be of any
 * length and amounts of any fraction. It is the upper bound of every set of rings, and their guide.
 *
 *   maximise   Σ xᵢ · gainᵢ                    0 ≤ xᵢ ≤ 1
 *   subject to, for each token,
 *              Σ xᵢ · givesᵢ over those that sell it  ≥  Σ xᵢ · needsᵢ over those that buy it
 *
 * All in value at the tokens' prices; gain = gives − needs, less what an order's place costs.
 */

/** Columns are offers, rows tokens; each column stands in two rows. */
export type Program = {
  readonly rows: number;
  readonly columns: number;
  /** For each column: what all of it adds. */
  readonly gain: Float64Array;
  /** For each column, the row of what it sells and the row of what it buys. */
  readonly sells: Int32Array;
  readonly buys: Int32Array;
  readonly gives: Float64Array;
  readonly needs: Float64Array;
};

/** The best part of each column; `undefined` if none was found: the round then does without. */
export type Solve = (program: Program) => Float64Array | undefined;
