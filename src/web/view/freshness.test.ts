/**
 * Ages and clocks: what is green, what is amber, what is red, and whose clock is said to be wrong.
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { badgeOf, isDoubted } from "./seen.ts";
import { clockSentence, follow, freshness, printAge, type Trail } from "./freshness.ts";

const hour = 3_600_000;
const isOvertaken = false;
const noon = 1_795_262_400_000;

/** Ticks each second for so many seconds, seen as they are made. */
function trailOf(seconds: number): Trail {
  let trail = follow(undefined, noon, 1000);
  for (let i = 1; i <= seconds; i += 1) trail = follow(trail, noon + i * 1000, 1000 + i * 1000);
  return trail;
}

test("clocks that agree: the age is by the wall, and goes from green to amber to red", () => {
  const trail = trailOf(10);
  const at = (ms: number, isConfirmed = false): string => {
    const now = { steady: 11_000 + ms, wall: noon + 10_000 + ms, isConfirmed, isOvertaken };
    const { level, ageMs, clockMs } = freshness(trail, now);
    equal(clockMs, undefined);
    return `${level} ${ageMs}`;
  };
  deepEqual([at(1200), at(6000), at(31_000)], ["green 1200", "amber 6000", "red 31000"]);
});

test("a clock an hour behind: ages count from ticks, and it is said", () => {
  const fresh = freshness(trailOf(10), {
    steady: 11_500,
    wall: noon + 10_500 - hour,
    isConfirmed: false,
    isOvertaken,
  });
  deepEqual([fresh.level, fresh.ageMs, fresh.clockMs], ["green", 500, -hour]);
  match(clockSentence(-hour, "green"), /Your clock is 1 h behind/);
});

test("a clock an hour ahead, or a relay an hour late: green only if another relay agrees", () => {
  const now = { steady: 11_500, wall: noon + 10_500 + hour, isOvertaken };
  const alone = freshness(trailOf(10), { ...now, isConfirmed: false });
  deepEqual([alone.level, alone.ageMs, alone.clockMs], ["amber", 500, hour]);
  match(clockSentence(hour, "amber"), /one of the two is wrong/);
  equal(freshness(trailOf(10), { ...now, isConfirmed: true }).level, "green");
});

test("a relay whose ticks go on while another shows newer ones is late, and no clock is wrong", () => {
  const now = { steady: 11_500, isConfirmed: true, isOvertaken: true };
  const late = freshness(trailOf(10), { ...now, wall: noon + 10_500 + hour });
  deepEqual([late.level, late.ageMs, late.clockMs], ["amber", hour + 500, undefined]);
  const behind = freshness(trailOf(10), { ...now, wall: noon + 10_500 - hour });
  deepEqual([behind.level, behind.ageMs, behind.clockMs], ["amber", 500, undefined]);
  equal(freshness(trailOf(10), { ...now, steady: 50_000, wall: noon + 49_000 }).level, "red");
});

test("an old checkpoint and nothing after it: its whole age, amber, then red", () => {
  const trail = trailOf(0);
  const at = (ms: number): string => {
    const { level, ageMs } = freshness(trail, {
      steady: 1000 + ms,
      wall: noon + hour + ms,
      isConfirmed: false,
      isOvertaken,
    });
    return `${level} ${printAge(ageMs)}`;
  };
  deepEqual([at(0), at(31_000)], ["amber 1 h", "red 1 h"]);
});

test("an older tick changes nothing", () => {
  const trail = trailOf(3);
  equal(follow(trail, noon, 99_000), trail);
});

test("the badge and the colours go by age, whatever the reason: a gap of 30 s is red and grey", () => {
  const trail = trailOf(10);
  const checkpoint = { origin: "", size: 1, root: new Uint8Array(32) };
  const head = { note: "", checkpoint };
  const gap = { kind: "gap", sentence: "Nobody answers." } as const;
  const after = (ms: number, standing: typeof gap | { readonly kind: "live" }): unknown => {
    const now = { steady: 11_000 + ms, wall: noon + 10_000 + ms, isConfirmed: false, isOvertaken };
    const fresh = freshness(trail, now);
    const seen = { standing, head, card: "checked" } as const;
    return [badgeOf(seen, fresh).level, isDoubted(seen, fresh)];
  };
  deepEqual(after(8000, gap), ["amber", true]);
  deepEqual(after(31_000, gap), ["red", true]);
  deepEqual(after(1000, { kind: "live" }), ["green", false]);
  deepEqual(after(8000, { kind: "live" }), ["amber", false]);
  deepEqual(after(31_000, { kind: "live" }), ["red", true]);
});
