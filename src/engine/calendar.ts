/**
 * A market's week: at which minute of which weekday which phase begins (docs/spec/exchange.md §3).
 *
 *   mon  [510 pre_open] [540 opening_call] [570 continuous] [800 closing_call] [810 closed]
 *   …                                                              minutes since 00:00 UTC
 *   sun  nothing: closed all day
 *
 * Each day stands for itself: it begins closed, and the last change of a day is to closed. Instants
 * are milliseconds since 1970-01-01, a Thursday, leap seconds ignored; so a weekday is days modulo
 * seven, and neither months nor leap years matter.
 */
import { assert } from "../codec/assert.ts";
import { time, type Time } from "../codec/time.ts";

/** What a market is in (docs/spec/phases.md). A calendar says neither halt nor volatility call. */
export type Phase =
  | "closed"
  | "pre_open"
  | "opening_call"
  | "continuous"
  | "halt"
  | "volatility_call"
  | "closing_call";

/** From a minute of the day on, UTC, the phase. */
export type DayChange = { readonly minute: number; readonly phase: Phase };

/** The seven days from Monday, each a list of changes in ascending order. */
export type Calendar = readonly (readonly DayChange[])[];

/** A phase that begins. */
export type Transition = { readonly at: Time; readonly phase: Phase };

const minuteMs = 60_000;
const dayMs = 86_400_000;
const minutesADay = 1440;
/** 1970-01-01 was a Thursday, and weeks begin on Monday. */
const firstWeekday = 3;

/** A calendar, once it is seen to be one. */
export function calendarOf(days: Calendar): Calendar {
  assert(days.length === 7, "a week has seven days");
  for (const day of days) {
    let before = -1;
    for (const { minute } of day) {
      assert(Number.isSafeInteger(minute) && minute > before, "changes of a day ascend");
      before = minute;
    }
    assert(before < minutesADay, "a day's changes are within it");
    assert((day.at(-1)?.phase ?? "closed") === "closed", "a day ends closed");
  }
  return days;
}

/** The phase that the calendar says for an instant. */
export function phaseAt(calendar: Calendar, at: Time): Phase {
  const day = dayOf(at);
  const past = changesOf(calendar, day).filter(({ minute }) => instant(day, minute) <= at);
  return past.at(-1)?.phase ?? "closed";
}

/**
 * The changes after an instant, up to and including another, in order: all of them on the day of
 * `after` and on the last day that had any. Of the days between none: the exchange slept through
 * them whole, so no order could come, and each would have ended closed with the book it began with.
 * So what was collected is still uncrossed and DAY orders still end when their own day closes, the
 * market enters its present phase through that day's own phases, and waking up after a month costs
 * two days' changes and not sixty sessions.
 */
export function transitions(calendar: Calendar, after: Time, upTo: Time): readonly Transition[] {
  const first = dayOf(after);
  const isBetween = ({ at }: Transition): boolean => after < at && at <= upTo;
  // A week back from the end every weekday was seen once, and the end's own day in part.
  for (let day = dayOf(upTo); day > first && day >= dayOf(upTo) - 7; day -= 1) {
    const last = transitionsOn(calendar, day).filter(isBetween);
    if (last.length > 0) return [...transitionsOn(calendar, first).filter(isBetween), ...last];
  }
  return transitionsOn(calendar, first).filter(isBetween);
}

/** When the phase changes next after an instant; never, if no day has a session. */
export function nextTransition(calendar: Calendar, after: Time): Time | undefined {
  const first = dayOf(after);
  for (let day = first; day <= first + 7; day += 1) {
    const next = transitionsOn(calendar, day).find(({ at }) => at > after);
    if (next) return next.at;
  }
  return undefined;
}

function dayOf(at: Time): number {
  return Math.floor(at / dayMs);
}

function instant(day: number, minute: number): Time {
  return time(day * dayMs + minute * minuteMs);
}

function changesOf(calendar: Calendar, day: number): readonly DayChange[] {
  return calendar[(day + firstWeekday) % 7] ?? [];
}

function transitionsOn(calendar: Calendar, day: number): readonly Transition[] {
  return changesOf(calendar, day).map(({ minute, phase }) => ({ at: instant(day, minute), phase }));
}
