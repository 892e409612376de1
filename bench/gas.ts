/**
 * Gas of the ring venue beside its peers', as receipts of real transactions on an EVM in this
 * process say it. Not a measurement in time: the same code gives the same figures, to the last
 * unit.
 *
 * The peers were measured in the same setting (plain ERC-20s, no zero balances, infinite approvals,
 * cold state, prague, every leg 1000e18 at 1:1), none of them with dual authoring but Loopring: CoW
 * GPv2 `settle` fill-or-kill (later: a partial order's second fill), Seaport 1.6
 * `matchAdvancedOrders` (later: PARTIAL), 1inch LOP v4 nested `takerInteraction` (later: a bit
 * invalidator's used word), Loopring 1.5.1 without fees, first and later fill. `floor` is what the
 * EVM itself takes for the same ring with all signatures: calldata, storage, logs and precompiles,
 * without a single opcode.
 */
import { type Figures, measureGas } from "../contracts/test/gas.ts";
import { isSaving, keeps, readLimits } from "../contracts/test/gaslimits.ts";
import type { Figure, Stage } from "./figure.ts";

const bench = "gas";

const peers: Readonly<Record<string, Figures>> = {
  "1inch": {
    "ring-2-first": 149_927,
    "ring-3-first": 213_754,
    "ring-2-later": 115_544,
    "ring-3-later": 162_173,
    cancel: 45_700,
    "cancel-reused-word": 29_000,
    "cancel-all": 45_900,
  },
  CoW: {
    "ring-2-first": 169_294,
    "ring-3-first": 232_203,
    "ring-5-first": 358_109,
    "ring-10-first": 672_845,
    "ring-2-later": 135_506,
    "ring-3-later": 181_521,
    cancel: 47_600,
  },
  Seaport: {
    "ring-2-first": 173_617,
    "ring-3-first": 246_821,
    "ring-5-first": 393_292,
    "ring-10-first": 760_095,
    "ring-2-later": 132_665,
    "ring-3-later": 185_423,
    cancel: 53_500,
    "cancel-all": 45_100,
  },
  "Loopring 1.5.1": {
    "ring-2-first": 253_455,
    "ring-3-first": 352_634,
    "ring-5-first": 551_569,
    "ring-10-first": 1_052_069,
    "ring-2-later": 189_854,
    "ring-3-later": 254_833,
    "ring-5-later": 385_368,
    "ring-10-later": 714_868,
  },
  floor: {
    "ring-2-first": 123_333,
    "ring-3-first": 171_581,
    "ring-5-first": 267_885,
    "ring-10-first": 508_861,
    "ring-2-later": 89_133,
    "ring-3-later": 120_281,
    "ring-10-later": 337_861,
  },
};

/** The same transfer with their token: whether the settings can be compared. */
const calibration: Readonly<Record<string, Figures>> = {
  "the peers' setting": { "transfer-from": 36_900 },
};

export async function gas(stage: Stage): Promise<void> {
  stage.say("compiles what has changed; then each figure from its own fresh chain");
  const figures = await measureGas();
  if (stage.print === undefined) for (const figure of toldFigures(figures)) stage.tell(figure);
  else stage.print([...table(figures), "", ...verdicts(figures)].join("\n"));
}

/** Each figure once, then once more for each it is compared with. */
function toldFigures(figures: Figures): readonly Figure[] {
  const { must, goal } = readLimits();
  return Object.entries(figures).flatMap(([name, value]) => {
    const figure = {
      bench,
      figure: name,
      value,
      unit: name === "code-size" ? "bytes of code" : "gas",
    };
    const others = Object.entries({ must, goal, ...peers, ...calibration }).flatMap(
      ([against, theirs]): Figure[] => {
        const other = theirs[name];
        return other === undefined ? [] : [{ ...figure, against, ratio: value / other }];
      },
    );
    return others.length === 0 ? [figure] : others;
  });
}

const width = 15;

/**
 * A line a figure, a column for each it is compared with: their figure, and ours as a part of it.
 */
function table(figures: Figures): readonly string[] {
  const { must, goal } = readLimits();
  const columns = Object.entries({ must, goal, ...peers });
  const heads = [
    "figure".padEnd(26),
    "ours".padStart(10),
    ...columns.map(([name]) => name.padStart(width + 1)),
  ];
  const lines = Object.entries(figures).map(([name, value]) => {
    const cells = columns.map(([, theirs]) => {
      const other = theirs[name];
      const cell = other === undefined ? "" : `${grouped(other)}  ${(value / other).toFixed(2)}`;
      return cell.padStart(width + 1);
    });
    return [name.padEnd(26), grouped(value).padStart(10), ...cells].join("").trimEnd();
  });
  return [heads.join(""), ...lines];
}

/** One line a limit: met, or by how much not. */
function verdicts(figures: Figures): readonly string[] {
  const { must, goal } = readLimits();
  return Object.entries({ must, goal }).flatMap(([kind, limits]) =>
    Object.entries(limits).map(([name, limit]) => {
      const value = figures[name] ?? Number.NaN;
      const by = isSaving(name) ? value - limit : limit - value;
      const verdict = keeps(name, value, limit)
        ? `met, ${grouped(by)} to spare`
        : `MISSED by ${grouped(-by)}`;
      return `${kind}  ${name.padEnd(16)}${grouped(limit).padStart(8)}  ${verdict}`;
    }),
  );
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
