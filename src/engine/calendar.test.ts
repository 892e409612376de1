/** Calendars against a walk minute by minute that takes its weekdays from the machine's own. */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { parseTime, printSeconds, time, type Time } from "../codec/time.ts";
import { runs } from "../testing/runs.ts";
import {
  calendarOf,
  nextTransition,
  phaseAt,
  transitions,
  type Calendar,
  type DayChange,
  type Transition,
} from "./calendar.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

const open: readonly DayChange[] = [
  { minute: 510, phase: "pre_open" },
  { minute: 540, phase: "opening_call" },
  { minute: 570, phase: "continuous" },
  { minute: 800, phase: "closing_call" },
  { minute: 810, phase: "closed" },
];
/** Monday to Friday, 08:30 to 13:30. */
const week = calendarOf([open, open, open, open, open, [], []]);
const never = calendarOf([[], [], [], [], [], [], []]);

function at(text: string): Time {
  const parsed = parseTime(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

function told(list: readonly Transition[]): readonly string[] {
  return list.map((transition) => `${printSeconds(transition.at)} ${transition.phase}`);
}

/** Every change after an instant up to another, by looking at every minute. */
function walk(calendar: Calendar, after: number, upTo: number): readonly Transition[] {
  const found: Transition[] = [];
  for (let now = Math.ceil(after / minuteMs) * minuteMs; now <= upTo; now += minuteMs) {
    if (now === after) continue;
    const date = new Date(now);
    const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
    const day = calendar[(date.getUTCDay() + 6) % 7] ?? [];
    const change = day.find((one) => one.minute === minute);
    if (change) found.push({ at: time(now), phase: change.phase });
  }
  return found;
}

/** What the page says of a long sleep: the day of `after`, and the last day with a change. */
function twoDays(list: readonly Transition[], after: number): readonly Transition[] {
  const day = (of: number): string => new Date(of).toISOString().slice(0, 10);
  const last = day(list.at(-1)?.at ?? after);
  return list.filter((one) => day(one.at) === day(after) || day(one.at) === last);
}

/** A day's sessions: ascending minutes, the last one closed, and closed in between as it comes. */
const anyDay: fc.Arbitrary<readonly DayChange[]> = fc
  .uniqueArray(fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 1439)), {
    maxLength: 12,
  })
  .chain((minutes) => {
    const sorted = minutes.toSorted((one, other) => one - other);
    const phases = fc.constantFrom("pre_open", "continuous", "closing_call", "closed");
    return fc.array(phases, { minLength: sorted.length, maxLength: sorted.length }).map((said) =>
      sorted.map((minute, index) => {
        const isLast = index === sorted.length - 1;
        return { minute, phase: isLast ? "closed" : (said[index] ?? "closed") } as const;
      }),
    );
  });

const anyCalendar: fc.Arbitrary<Calendar> = fc
  .array(fc.oneof(fc.constant([]), anyDay), { minLength: 7, maxLength: 7 })
  .map(calendarOf);

/** Leap days, turns of years and centuries, the beginning; on the minute and beside it. */
const anyInstant: fc.Arbitrary<Time> = fc
  .record({
    near: fc.constantFrom(
      ...["1970-01-01", "1999-12-31", "2000-02-29", "2026-12-31", "2028-02-28", "2100-02-28"].map(
        (day) => at(`${day}T00:00:00Z`),
      ),
    ),
    minutes: fc.integer({ min: 0, max: 9 * 1440 }),
    beside: fc.constantFrom(0, 0, 1, 30_000, minuteMs - 1),
  })
  .map(({ near, minutes, beside }) => time(near + minutes * minuteMs + beside));

const anyGap = fc.oneof(
  fc.integer({ min: 0, max: dayMs }),
  fc.integer({ min: 0, max: 3 * dayMs }),
  fc.integer({ min: 0, max: 20 * dayMs }),
  fc.integer({ min: 0, max: 2880 }).map((minutes) => minutes * minuteMs),
);

test("changes are those of the walk, without the days that were slept through", () => {
  fc.assert(
    fc.property(anyCalendar, anyInstant, anyGap, (calendar, after, gap) => {
      const upTo = time(after + gap);
      const expected = twoDays(walk(calendar, after, upTo), after);
      assert.deepEqual(told(transitions(calendar, after, upTo)), told(expected));
    }),
    { numRuns: runs(300) },
  );
});

test("the phase is that of the last change, and who performs the changes arrives at it", () => {
  fc.assert(
    fc.property(anyCalendar, anyInstant, anyGap, (calendar, after, gap) => {
      const begun = Math.floor(after / dayMs) * dayMs;
      const changes = walk(calendar, begun - 1, after);
      assert.equal(phaseAt(calendar, after), changes.at(-1)?.phase ?? "closed");
      const upTo = time(after + gap);
      const came = transitions(calendar, after, upTo).at(-1)?.phase ?? phaseAt(calendar, after);
      assert.equal(came, phaseAt(calendar, upTo));
    }),
    { numRuns: runs(300) },
  );
});

test("from one change to the next nothing is left out, and at each there is one change", () => {
  fc.assert(
    fc.property(anyCalendar, anyInstant, (calendar, start) => {
      const end = start + 8 * dayMs;
      const steps: Transition[] = [];
      let now = start;
      for (;;) {
        const next = nextTransition(calendar, now);
        if (next === undefined || next > end) break;
        steps.push(...transitions(calendar, now, next));
        now = next;
      }
      assert.deepEqual(told(steps), told(walk(calendar, start, end)));
    }),
    { numRuns: runs(60) },
  );
});

test("a day, instant by instant", () => {
  const day = (clock: string): Time => at(`2026-11-20T${clock}Z`);
  const said = (clock: string): string => phaseAt(week, day(clock));
  assert.equal(said("00:00:00"), "closed");
  assert.equal(said("08:29:59"), "closed");
  assert.equal(said("08:30:00"), "pre_open");
  assert.equal(said("13:19:59"), "continuous");
  assert.equal(said("13:30:00"), "closed");
  assert.deepEqual(transitions(week, day("09:30:00"), day("13:19:59")), []);
  assert.deepEqual(told(transitions(week, day("09:29:59"), day("09:30:00"))), [
    "2026-11-20T09:30:00Z continuous",
  ]);
  assert.equal(nextTransition(week, day("13:20:00")), day("13:30:00"));
  assert.equal(nextTransition(week, day("13:30:00")), at("2026-11-23T08:30:00Z"));
});

test("an exchange that slept a month performs the end of one day and the beginning of another", () => {
  const list = transitions(week, at("2026-11-20T10:00:00Z"), at("2026-12-22T09:45:00Z"));
  assert.deepEqual(told(list), [
    "2026-11-20T13:20:00Z closing_call",
    "2026-11-20T13:30:00Z closed",
    "2026-12-22T08:30:00Z pre_open",
    "2026-12-22T09:00:00Z opening_call",
    "2026-12-22T09:30:00Z continuous",
  ]);
});

test("waking up on a Sunday it performs the Friday, whole", () => {
  const list = transitions(week, at("2026-11-04T20:00:00Z"), at("2026-11-22T12:00:00Z"));
  assert.equal(list.length, open.length);
  assert.equal(list[0]?.at, at("2026-11-20T08:30:00Z"));
  assert.equal(list.at(-1)?.phase, "closed");
});

test("a year without sleep and a year asleep: two days' changes at most", () => {
  const [start, end] = [at("2027-12-31T10:00:00Z"), at("2028-12-29T10:00:00Z")];
  assert.ok(transitions(week, start, end).length <= 2 * open.length);
  assert.equal(walk(week, start, end).length, 260 * open.length);
});

test("without sessions nothing ever changes", () => {
  assert.equal(nextTransition(never, at("2026-11-20T10:00:00Z")), undefined);
  assert.equal(phaseAt(never, at("2026-11-20T10:00:00Z")), "closed");
  assert.deepEqual(transitions(never, at("2026-11-20T10:00:00Z"), at("2027-11-20T10:00:00Z")), []);
});

test("what is not a calendar is our mistake", () => {
  const days = (day: readonly DayChange[]): Calendar => [day, [], [], [], [], [], []];
  const continuous = { minute: 570, phase: "continuous" } as const;
  assert.throws(() => calendarOf([]), /seven days/);
  assert.throws(() => calendarOf(days([continuous])), /ends closed/);
  assert.throws(() => calendarOf(days([...open, continuous])), /ascend/);
  assert.throws(() => calendarOf(days([...open, { minute: 1440, phase: "closed" }])), /within/);
});
