/** Times as the trading screens show them: UTC like everything signed, as short as is clear. */
import { parseTime, printSeconds, time, type Time } from "../../codec/time.ts";

/** `12:00:00` of today, `20 Nov 12:00` of another day; what is no time is shown as it is. */
export function clockWords(text: string, now: Time): string {
  const at = parseTime(text);
  if (at === undefined) return text;
  const [day = "", clock = ""] = printSeconds(at).slice(0, 19).split("T");
  if (day === printSeconds(now).slice(0, 10)) return clock;
  const [year = "", month = "", date = ""] = day.split("-");
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const named = `${Number(date)} ${months[Number(month) - 1] ?? month}`;
  const years = printSeconds(now).startsWith(year) ? "" : ` ${year}`;
  return `${named}${years} ${clock.slice(0, 5)}`;
}

/** `+0.18 s`, `+3 min`: how long after the first. */
export function sinceWords(from: string, to: string): string | undefined {
  const [start, end] = [parseTime(from), parseTime(to)];
  if (start === undefined || end === undefined || end < start) return undefined;
  const ms = end - start;
  if (ms < 10_000)
    return `+${Math.floor(ms / 1000)}.${String(Math.floor(ms / 10) % 100).padStart(2, "0")} s`;
  return `+${lastsWords(ms)}`;
}

/** `34 s`, `12 min`, `3 h`, `2 days`. */
export function lastsWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** How much of a span is over, 0 to 1, and what is left of it; `undefined` if that is no span. */
export function spanLeft(
  from: string,
  to: string,
  now: Time,
): { readonly part: number; readonly leftMs: number } | undefined {
  const [start, end] = [parseTime(from), parseTime(to)];
  if (start === undefined || end === undefined || end <= start) return undefined;
  const passed = Math.min(Math.max(now - start, 0), end - start);
  return { part: passed / (end - start), leftMs: Math.max(0, end - now) };
}

/** The time it is on this device. */
export function nowHere(): Time {
  return time(Date.now());
}
