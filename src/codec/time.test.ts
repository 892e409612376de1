/**
 * Instants against the platform's `Date`, which the pure world does not have, over the whole range.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import { parseTime, printSeconds, printTime, time } from "./time.ts";

const lastMillisecond = 253_402_300_799_999;

test("times print as Date prints them and read back", () => {
  const edges = [0, 999, 951_782_400_000, 951_868_800_000, 4_107_542_400_000, lastMillisecond];
  const check = (at: number): void => {
    const iso = new Date(at).toISOString();
    assert.equal(printTime(time(at)), iso);
    assert.equal(parseTime(iso), at);
    assert.equal(printSeconds(time(at)), iso.replace(/\.\d{3}Z$/, "Z"));
    assert.equal(parseTime(printSeconds(time(at))), at - (at % 1000));
  };
  edges.forEach(check);
  fc.assert(fc.property(fc.integer({ min: 0, max: lastMillisecond }), check), {
    numRuns: runs(2000),
  });
});

test("every day from 1999 to 2105, leap years and the century included", () => {
  const day = 86_400_000;
  for (let at = Date.UTC(1999, 0, 1); at < Date.UTC(2105, 0, 1); at += day) {
    const iso = new Date(at).toISOString();
    assert.equal(printTime(time(at)), iso);
    assert.equal(parseTime(iso), at);
  }
});

test("one text for one instant: anything else is not read", () => {
  const refused = [
    "",
    "2026-11-21",
    "2026-11-21T12:00:00",
    "2026-11-21 12:00:00Z",
    "2026-11-21t12:00:00Z",
    "2026-11-21T12:00:00z",
    "2026-11-21T12:00:00+00:00",
    "2026-11-21T12:00:00.1Z",
    "2026-11-21T12:00:00.1234Z",
    "2026-11-21T12:00:00.Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T12:60:00Z",
    "2026-11-21T23:59:60Z",
    "2026-00-21T12:00:00Z",
    "2026-13-21T12:00:00Z",
    "2026-11-00T12:00:00Z",
    "2026-11-31T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2100-02-29T12:00:00Z",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "12026-11-21T12:00:00Z",
    "2026-11-21T12:00:00Z\n",
    " 2026-11-21T12:00:00Z",
  ];
  for (const text of refused) assert.equal(parseTime(text), undefined, text);
});

test("whatever is read prints as it was written", () => {
  const digits = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  fc.assert(
    fc.property(fc.oneof(digits, fc.string()), (text) => {
      const at = parseTime(text);
      if (at !== undefined && text.length === 24) assert.equal(printTime(at), text);
    }),
    { numRuns: runs(2000) },
  );
});

test("a time outside 1970 to 9999 is our mistake", () => {
  for (const bad of [-1, 0.5, Number.NaN, lastMillisecond + 1, Infinity]) {
    assert.throws(() => time(bad), { name: "AssertionFailed" });
  }
});
