/**
 * How old what the page shows is, and what to think of it.
 *
 * Two clocks tell: the exchange's, in the TICK leaves, and this machine's. A relay that shows an
 * old log shows old ticks; but so does an honest one to a machine whose clock is wrong. What no
 * relay can fake is how fast ticks come, on the machine's steady clock, and a tick from the future.
 *
 *   another relay is further on  the relay is late, by both clocks, and no clock is blamed
 *   the clocks agree             age = now − tick
 *   they do not, ticks go on     age = since the last tick came, and the difference is said;
 *                                green only if another relay shows the same ticks, or if ours is
 *                                behind: nobody can show what was not signed yet
 *   they do not, nothing comes   age = the larger of both: nothing speaks for the relay
 */

/** The newest tick, and how ticks came. Times of the page on its steady clock, milliseconds. */
export type Trail = {
  /** The exchange's time in the newest TICK leaf. */
  readonly tick: number;
  /** When that was first seen. */
  readonly seenAt: number;
  /** The first tick that was seen, and when: what came before is history. */
  readonly firstTick: number;
  readonly firstSeenAt: number;
};

/** The trail after one more tick; an older one changes nothing. */
export function follow(trail: Trail | undefined, tick: number, steady: number): Trail {
  if (trail === undefined) {
    return { tick, seenAt: steady, firstTick: tick, firstSeenAt: steady };
  }
  return tick > trail.tick ? { ...trail, tick, seenAt: steady } : trail;
}

export type Level = "green" | "amber" | "red";

export type Freshness = {
  readonly ageMs: number;
  readonly level: Level;
  /** This machine's clock minus the exchange's, if they differ by more than what is usual. */
  readonly clockMs: number | undefined;
};

const lateMs = 5000;
const silentMs = 30_000;
/** Letters travel; clocks that differ by less agree. */
const agreeMs = 10_000;

export type Now = {
  readonly steady: number;
  readonly wall: number;
  /** Whether another relay shows a checkpoint as new as ours, and not a newer one. */
  readonly isConfirmed: boolean;
  /** Whether another relay shows signed checkpoints that ours has not come to. */
  readonly isOvertaken: boolean;
};

export function freshness(trail: Trail, now: Now): Freshness {
  const { steady, wall, isConfirmed, isOvertaken } = now;
  const sinceSeen = Math.max(0, steady - trail.seenAt);
  // What the clocks differ by, as far as the tick came at once when it was made.
  const apart = wall - sinceSeen - trail.tick;
  if (isOvertaken) {
    const ageMs = Math.max(0, wall - trail.tick, sinceSeen);
    return { ageMs, level: sinceSeen > silentMs ? "red" : "amber", clockMs: undefined };
  }
  if (Math.abs(apart) <= agreeMs) {
    const ageMs = Math.max(0, wall - trail.tick, sinceSeen);
    return { ageMs, level: levelOf(ageMs), clockMs: undefined };
  }
  const clockMs = apart;
  if (apart < 0) return { ageMs: sinceSeen, level: levelOf(sinceSeen), clockMs };
  const moved = trail.tick - trail.firstTick;
  const passed = trail.seenAt - trail.firstSeenAt;
  const isMoving = moved > 0 && passed > 0 && sinceSeen <= silentMs;
  if (!isMoving && !isConfirmed) {
    return { ageMs: wall - trail.tick, level: sinceSeen > silentMs ? "red" : "amber", clockMs };
  }
  const level = levelOf(sinceSeen);
  return { ageMs: sinceSeen, level: level === "green" && !isConfirmed ? "amber" : level, clockMs };
}

function levelOf(ageMs: number): Level {
  if (ageMs > silentMs) return "red";
  return ageMs > lateMs ? "amber" : "green";
}

/** `1.2 s`, `4 min`, `2 h`, `3 days`. */
export function printAge(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** What to say of clocks that differ. */
export function clockSentence(clockMs: number, level: Level): string {
  const minutes = Math.round(Math.abs(clockMs) / 60_000);
  const how = printAge(minutes === 0 ? Math.abs(clockMs) : minutes * 60_000);
  if (clockMs < 0) {
    return `Your clock is ${how} behind the exchange's. Ages are counted from its ticks.`;
  }
  return level === "green"
    ? `Your clock is ${how} ahead of the exchange's. Ages are counted from its ticks.`
    : `Your clock is ${how} ahead of this relay's newest tick: one of the two is wrong.`;
}
