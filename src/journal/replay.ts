/**
 * Replay: the state is a fold over the journal (P9). Start-up, `signet replay` and an auditor's
 * check are this one function; it knows neither files nor the engine, both are handed in.
 *
 * A letter that trips an assertion would do so again at every replay. Fold then stops and names the
 * record; with that number among `skips` the letter is told to the engine as a fault
 * (docs/spec/journal.md §6). The state is then half changed and of no use: whoever catches
 * RecordFaulted starts anew.
 */
import { assert, AssertionFailed } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import type { Input } from "../engine/input.ts";
import {
  asFault,
  decodeRecord,
  type InputRecord,
  type LaneRecord,
  markKinds,
  unreadable,
} from "./record.ts";

export type Numbered = { readonly number: number; readonly bytes: Uint8Array };

/** We are wrong, and this record shows it. */
export class RecordFaulted extends Error {
  override readonly name = "RecordFaulted";
  readonly number: number;
  /** Whether operators may pass it over: a letter, and nothing else. */
  readonly isLetter: boolean;

  constructor(number: number, isLetter: boolean, cause: AssertionFailed) {
    super(`record ${number} trips an assertion: ${cause.message}`, { cause });
    this.number = number;
    this.isLetter = isLetter;
  }
}

export type Folding<State, Output> = {
  /** Without a gap, from the first that `state` does not hold. */
  readonly records: Iterable<Numbered>;
  readonly state: State;
  readonly apply: (state: State, input: Input) => Output;
  /** Letters that the operators passed over, by record number. */
  readonly skips: ReadonlySet<number>;
  readonly onOutput?: (output: Output, number: number, input: Input) => void;
};

export type Folded = {
  /** The last record, lane records included; 0 if there was none. */
  readonly last: number;
  /** Inputs that were applied. */
  readonly applied: number;
  /** The newest record of each lane. */
  readonly lanes: ReadonlyMap<string, LaneRecord>;
};

/** A fold in hand, one record after the other: whoever folds may pause in between. */
export class Fold<State, Output> {
  readonly #folding: Omit<Folding<State, Output>, "records">;
  readonly #lanes = new Map<string, LaneRecord>();
  #last = 0;
  #applied = 0;
  #at: Time | undefined;

  constructor(folding: Omit<Folding<State, Output>, "records">) {
    this.#folding = folding;
  }

  /** The next record. */
  step({ number, bytes }: Numbered): void {
    const { state, apply, skips, onOutput } = this.#folding;
    assert(this.#last === 0 || number === this.#last + 1, "records are folded without a gap");
    this.#last = number;
    const record = decodeRecord(bytes);
    if (!record.ok) throw unreadable(number, record);
    const stamp = record.value.kind === "input" ? record.value.input.at : record.value.at;
    assert(this.#at === undefined || stamp >= this.#at, "time in the journal never decreases");
    this.#at = stamp;
    if (record.value.kind === "lane") this.#lanes.set(record.value.lane, record.value);
    if (record.value.kind !== "input") return;
    const input = inputOf(record.value, skips.has(number), number);
    const output = tell(state, apply, input, number);
    this.#applied += 1;
    onOutput?.(output, number, input);
  }

  /** What was folded. */
  end(): Folded {
    for (const skip of this.#folding.skips) {
      // A letter still to come would be applied live and passed over at the next replay.
      if (skip <= this.#last) continue;
      throw new Error(`couldn't skip record ${skip}: the journal ends at ${this.#last}`);
    }
    return { last: this.#last, applied: this.#applied, lanes: this.#lanes };
  }
}

/** Applies every input among the records to the state, in order. */
export function fold<State, Output>(folding: Folding<State, Output>): Folded {
  const folded = new Fold(folding);
  for (const record of folding.records) folded.step(record);
  return folded.end();
}

/** What a journal says beside its inputs. */
export type Marks = {
  /** The newest record of each lane. */
  readonly lanes: ReadonlyMap<string, LaneRecord>;
  /** Letters that the operators passed over. */
  readonly skips: ReadonlySet<number>;
};

/** The marks of a journal whose records are shown to `see`, all of them and in order. */
export class MarksSeen implements Marks {
  readonly lanes: Map<string, LaneRecord> = new Map();
  readonly skips: Set<number> = new Set();

  /** Looks at nothing but the marks, so that it is quick. Keeps nothing of `bytes`. */
  see({ number, bytes }: Numbered): void {
    if (!markKinds.has(bytes[0])) return;
    const record = decodeRecord(bytes);
    if (!record.ok) throw unreadable(number, record);
    if (record.value.kind === "lane") this.lanes.set(record.value.lane, record.value);
    if (record.value.kind === "skip") this.skips.add(record.value.record);
  }
}

function inputOf(record: InputRecord, skipped: boolean, number: number): Input {
  const { input } = record;
  if (!skipped) return input;
  if ("signer" in input) return asFault(input);
  throw new Error(`couldn't skip record ${number}: it is no letter but a ${input.kind}`);
}

function tell<State, Output>(
  state: State,
  apply: (state: State, input: Input) => Output,
  input: Input,
  number: number,
): Output {
  try {
    return apply(state, input);
  } catch (cause) {
    if (!(cause instanceof AssertionFailed)) throw cause;
    throw new RecordFaulted(number, "signer" in input, cause);
  }
}
