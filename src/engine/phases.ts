/**
 * The clock of the trading day (docs/spec/phases.md, exchange.md §3): what is due by the time of an
 * input happens before the input, soonest first: calendars change phases, volatility calls end,
 * orders expire, switches fire, dividends' days come (last of their time: who holds is who holds
 * when all else is done).
 *
 * A market's phase is what the first of these says: an asset of it has ended, or is not listed yet
 * (closed); operators have halted it (halt, and closed once its calendar has closed it); its
 * volatility call (until it ends, or its calendar says something else); its calendar; continuous.
 */
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import { field, op } from "../floor/command.ts";
import { phaseAt, type Phase } from "./calendar.ts";
import { fixOnRecord, recordDates } from "./dividends.ts";
import { execute, phaseOf, phases } from "./execution.ts";
import { callOver, setCall, takeHours, type Hour } from "./hours.ts";
import type { Dividend, State, Venue } from "./state.ts";
import { queueStatements } from "./statements.ts";
import type { Turn } from "./turn.ts";

/** Whether an asset of the market has ended, or is not there yet. */
function isShut(state: State, { market }: Venue): boolean {
  return [market.base, market.quote].some((asset) => {
    if (!state.configuration.issuers.has(asset)) return false;
    const issue = state.issues.get(asset);
    return issue === undefined || issue.delisted;
  });
}

/** What a market's phase is to be, if no volatility call is on. */
function duePhase(state: State, venue: Venue, at: Time): Phase {
  if (isShut(state, venue)) return "closed";
  const calendar = state.configuration.days.get(venue.market.name);
  const phase = calendar === undefined ? "continuous" : phaseAt(calendar, at);
  return venue.halted && phase !== "closed" ? "halt" : phase;
}

/** Puts a market into the phase that is due, if it is in another one; a call of its own goes on. */
export function refreshPhase(turn: Turn, venue: Venue): void {
  const due = duePhase(turn.state, venue, turn.at);
  if (due === "continuous" && venue.callUntil !== undefined) return;
  setPhase(turn, venue, due, turn.at);
}

function setPhase(turn: Turn, venue: Venue, phase: Phase, at: Time): void {
  if (phaseOf(turn.state, venue) === phase) return;
  const number = phases.indexOf(phase);
  const fields = [
    [field.op, op.phase],
    [field.market, venue.number],
    [field.phase, number],
  ] as const;
  const refusal = execute(turn, fields, { at });
  assert(refusal === 0, "any phase may follow any");
  if (phase === "closed") queueStatements(turn.state, venue);
}

/** A market's hour, or a dividend's day. */
type Change = Hour | { readonly at: Time; readonly dividend: Dividend };

/** Does everything that was due after the last input that let time pass, up to this one. */
export function passTime(turn: Turn): void {
  const { state, at } = turn;
  // Of one time what trades goes first, in order of the markets' numbers: the sort is stable.
  const changes: Change[] = [...takeHours(state, at), ...recordDates(state, at)];
  changes.sort((a, b) => a.at - b.at);
  for (const change of changes) {
    endCalls(turn, change.at);
    if ("dividend" in change) {
      execute(turn, [[field.op, op.tick]], { at: change.at });
      fixOnRecord(turn, change.dividend);
      continue;
    }
    setPhase(turn, change.venue, duePhase(state, change.venue, change.at), change.at);
  }
  endCalls(turn, at);
  execute(turn, [[field.op, op.tick]]);
}

/** Ends the volatility calls that are over by then, soonest first. */
function endCalls(turn: Turn, upTo: Time): void {
  const { state } = turn;
  for (;;) {
    const venue = callOver(state, upTo);
    if (venue?.callUntil === undefined) return;
    const at = venue.callUntil;
    setCall(state, venue, undefined);
    setPhase(turn, venue, duePhase(state, venue, at), at);
  }
}
