/**
 * When time next changes a phase: the soonest change of all calendars, and the ends of the
 * volatility calls in a heap. So an input before both costs the same for however many markets.
 *
 * Both follow from the rest of the state: they are in no snapshot, and are compared by audit.ts.
 */
import { assert } from "../codec/assert.ts";
import { time, type Time } from "../codec/time.ts";
import { Expiries } from "../floor/expiries.ts";
import { nextTransition, transitions } from "./calendar.ts";
import type { Configuration } from "./configuration.ts";
import type { State, Venue } from "./state.ts";

/** What is known of the markets' hours. */
export type Hours = {
  /** The configuration of which `due` was found; of another one it is not known. */
  of: Configuration | undefined;
  /** No calendar changes a phase before this. */
  due: number;
  /** Markets in a volatility call, by when it ends, then by number. */
  readonly calls: Expiries;
};

/** Nothing is known yet, and no market is in a call; `markets` are those of the state. */
export function newHours(markets: readonly Venue[]): Hours {
  const places = new Map<number, number>();
  const timeOf = (number: number): number => markets[number]?.callUntil ?? 0;
  const calls = new Expiries({
    timeOf,
    before: (a, b) => timeOf(a) < timeOf(b) || (timeOf(a) === timeOf(b) && a < b),
    setPlace: (number, place) => places.set(number, place),
    placeOf: (number) => places.get(number) ?? 0,
  });
  return { of: undefined, due: 0, calls };
}

/** A market's volatility call ends at another time, or there is none (any more). */
export function setCall({ hours: { calls } }: State, venue: Venue, until: Time | undefined): void {
  if (venue.callUntil !== undefined) calls.remove(venue.number);
  venue.callUntil = until;
  if (until !== undefined) calls.add(venue.number);
}

/** Of the volatility calls that are over by then the one that ended first. */
export function callOver({ hours, markets }: State, upTo: Time): Venue | undefined {
  return hours.calls.due <= upTo ? markets[hours.calls.first] : undefined;
}

/** When a market enters another phase by its calendar. */
export type Hour = { readonly at: Time; readonly venue: Venue };

/** The calendars' changes since the last input that let time pass, by the markets' numbers. */
export function takeHours(state: State, upTo: Time): readonly Hour[] {
  const { configuration, hours, markets } = state;
  if (hours.of === configuration && upTo < hours.due) return [];
  // The floor's clock, not the state's: a letter that is passed over moves that one only.
  const before = time(state.floor.time);
  const taken: Hour[] = [];
  for (const venue of markets) {
    const calendar = configuration.days.get(venue.market.name);
    if (calendar === undefined) continue;
    for (const { at } of transitions(calendar, before, upTo)) taken.push({ at, venue });
  }
  hours.of = configuration;
  hours.due = nextHour(configuration, upTo);
  return taken;
}

/** The soonest change of all calendars after an instant. */
function nextHour({ days }: Configuration, after: Time): number {
  let due = Infinity;
  for (const calendar of days.values()) {
    due = Math.min(due, nextTransition(calendar, after) ?? Infinity);
  }
  return due;
}

/** Asserts that what is known of the hours is so. */
export function auditHours({ configuration, hours, markets, floor }: State): void {
  if (hours.of === configuration) {
    assert(hours.due === nextHour(configuration, time(floor.time)), "the next change is known");
  }
  const calls = markets.filter(({ callUntil }) => callUntil !== undefined);
  assert(hours.calls.size === calls.length, "every volatility call's end is known");
  const soonest = Math.min(...calls.map(({ callUntil }) => callUntil ?? Infinity));
  assert(hours.calls.due === soonest, "so is the next of them");
}
