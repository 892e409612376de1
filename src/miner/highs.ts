/**
 * The solver of the finder's linear programs: HiGHS as WebAssembly, in this process, one thread.
 * Programs go in as arrays, not as text. Without presolve the dual simplex method starts from
 * every order at its better bound and only has to mend the tokens: a few hundred steps, however
 * many orders. The same program gives the same solution.
 */
import loadHighs, { type Highs } from "highs";

import { assert } from "../codec/assert.ts";
import type { Program, Solve } from "../finder/program.ts";

const secondsMax = 2;

/** Loads the solver once; every call solves one program. */
export async function openSolver(): Promise<Solve> {
  // The package's types describe its CommonJS half, which wraps the function once more.
  const load: unknown = loadHighs;
  assert(typeof load === "function", "the package's default export is its loader");
  const highs: Highs = await load();
  return (program) => {
    const { rows, columns } = program;
    if (columns === 0) return new Float64Array(0);
    const model = {
      numCols: columns,
      numRows: rows,
      sense: highs.constants.objectiveSense.maximize,
      colCost: program.gain,
      colLower: new Float64Array(columns),
      colUpper: program.most,
      rowLower: new Float64Array(rows),
      rowUpper: new Float64Array(rows).fill(highs.infinity),
      matrix: matrixOf(program),
    };
    return highs.withModel(model, (solver) => {
      solver.options.set({
        output_flag: false,
        presolve: "off",
        solver: "simplex",
        simplex_strategy: 1,
        time_limit: secondsMax,
      });
      try {
        solver.run();
      } catch (cause) {
        // A round without a guide is better than none.
        if (cause instanceof highs.errors.HighsError) return undefined;
        throw cause;
      }
      if (solver.getModelStatus() !== highs.constants.modelStatus.optimal) return undefined;
      return solver.getSolution().colValue;
    });
  };
}

function matrixOf({ rows, columns, sells, buys, needs }: Program) {
  const starts = Int32Array.from({ length: columns + 1 }, (_, column) => 2 * column);
  const indices = new Int32Array(2 * columns);
  const values = new Float64Array(2 * columns);
  for (let column = 0; column < columns; column++) {
    indices[2 * column] = sells[column] ?? 0;
    indices[2 * column + 1] = buys[column] ?? 0;
    values[2 * column] = 1;
    values[2 * column + 1] = -(needs[column] ?? 0);
  }
  return { format: "csc", numRows: rows, numCols: columns, starts, indices, values } as const;
}
