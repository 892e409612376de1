/**
 * What a benchmark says: figures to standard output, one a line, as a table or (`--json`) as one
 * object each; talk and progress to standard error. A figure with a peer names it and carries the
 * ratio of the two, measured in the same run: absolute numbers change with the machine, ratios much
 * less.
 */
export type Figure = {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The peer, and value ÷ the peer's value. */
  readonly against?: string;
  readonly ratio?: number;
};

/** What every benchmark is given. */
export type Stage = {
  /** How long the time-based ones run; each has its own default. */
  readonly seconds: number | undefined;
  /** How many records `restart` makes. */
  readonly records: number | undefined;
  /** Somebody wants it to end: what was measured so far is told. */
  readonly over: AbortSignal;
  readonly say: (sentence: string) => void;
  readonly tell: (figure: Figure) => void;
  /** For people: not with --json. A benchmark that has it prints a table instead of figures. */
  readonly print: ((text: string) => void) | undefined;
};

/** Three digits that count: more would claim what one machine on one day does not know. */
export function rounded(value: number): number {
  return Number(value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3));
}

/** Units that are counted, not measured: every digit holds on every machine. */
const countedUnits = new Set(["gas", "bytes of code"]);

export function printFigure(figure: Figure, json: boolean): string {
  const value = countedUnits.has(figure.unit) ? figure.value : rounded(figure.value);
  const ratio = figure.ratio === undefined ? undefined : rounded(figure.ratio);
  if (json) return JSON.stringify({ ...figure, value, ...(ratio === undefined ? {} : { ratio }) });
  const name = figure.bench.padEnd(9) + figure.figure.padEnd(58);
  const line = `${name}${String(value).padStart(9)} ${figure.unit}`;
  if (ratio === undefined) return line;
  return `${line.padEnd(96)} ${ratio} × ${figure.against ?? ""}`;
}
