/**
 * Times as people write them: `90s`, `10m`, `24h`, `7d` from now, or an instant as RFC 3339 in UTC.
 */
import { parseTime, printSeconds, time, type Time } from "../codec/time.ts";
import { byAheadMax } from "../letter/limits.ts";
import { trouble, type Outcome } from "./errors.ts";
import { printable } from "./amounts.ts";

const unitMs: ReadonlyMap<string, number> = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** The time it is on this computer. */
export function now(): Time {
  return time(Date.now());
}

/** Milliseconds of a duration such as `90s`. */
export function readDuration(text: string): Outcome<number> {
  const match = /^([1-9][0-9]{0,8})([smhd])$/.exec(text);
  const unit = unitMs.get(match?.[2] ?? "");
  if (!match || unit === undefined) {
    return trouble("E108", `${printable(text)} is not a duration.`, {
      next: "Write 90s, 10m, 24h or 7d.",
    });
  }
  return { ok: true, value: Number(match[1]) * unit };
}

/** A later instant, in whole seconds: a duration from `from` on, or the instant itself. */
export function readLater(text: string, from: Time): Outcome<Time> {
  const instant = parseTime(text);
  if (instant !== undefined) return wholeSeconds(instant, from, text);
  const duration = readDuration(text);
  if (!duration.ok) return trouble("E108", `${printable(text)} is neither a duration nor a time.`);
  return wholeSeconds(from + duration.value, from, text);
}

function wholeSeconds(instant: number, from: Time, text: string): Outcome<Time> {
  if (instant <= from) return trouble("E108", `${printable(text)} is not in the future.`);
  // Up: a deadline is never earlier than what was asked for.
  return { ok: true, value: time(Math.ceil(instant / 1000) * 1000) };
}

/** A deadline for a letter: as `readLater`, and no further ahead than the exchange takes. */
export function readDeadline(text: string, from: Time): Outcome<Time> {
  const later = readLater(text, from);
  // `7d` is the very limit, and whole seconds are rounded up.
  const most = Math.floor((from + byAheadMax) / 1000) * 1000;
  if (later.ok && later.value - most === 1000) return { ok: true, value: time(most) };
  if (later.ok && later.value > most) {
    return trouble("E108", `${printSeconds(later.value)} is more than 7 days ahead.`);
  }
  return later;
}
