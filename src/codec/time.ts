/**
 * Instants: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored (POSIX), written as
 * RFC 3339 in UTC. The pure world has no clock and no `Date`; calendar arithmetic is here, after
 * the days-from-civil method (eras of 400 years counted from 1 March).
 */
import { assert } from "./assert.ts";

declare const brand: unique symbol;
/** Milliseconds since the epoch. */
export type Time = number & { readonly [brand]: "Time" };

/** The year 9999 ends before this. */
const timeMax = 253_402_300_800_000;

export function time(milliseconds: number): Time {
  assert(
    Number.isSafeInteger(milliseconds) && milliseconds >= 0 && milliseconds < timeMax,
    "a time is a whole number of milliseconds between 1970 and 9999",
  );
  return milliseconds as Time;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** `2026-11-21T12:00:00.123Z`. */
export function printTime(at: Time): string {
  return `${printSeconds(at).slice(0, -1)}.${pad(at % 1000, 3)}Z`;
}

/** `2026-11-21T12:00:00Z`: whole seconds, as in a letter's `by`. */
export function printSeconds(at: Time): string {
  const seconds = Math.floor(at / 1000);
  const { year, month, day } = civilFromDays(Math.floor(seconds / 86_400));
  const rest = seconds % 86_400;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${clock.map((n) => pad(n, 2)).join(":")}Z`;
}

/**
 * Reads `YYYY-MM-DDTHH:MM:SSZ`, with or without exactly three decimals; `undefined` for anything
 * else.
 */
export function parseTime(text: string): Time | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second, ms] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  assert(
    year !== undefined && month !== undefined && day !== undefined && hour !== undefined,
    "the pattern has seven groups",
  );
  assert(
    minute !== undefined && second !== undefined && ms !== undefined,
    "the pattern has seven groups",
  );
  if (year < 1970 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const days = daysFromCivil(year, month, day);
  const back = civilFromDays(days);
  // A day that the month does not have comes back as another date.
  if (day < 1 || back.month !== month || back.day !== day) return undefined;
  return time(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms);
}
