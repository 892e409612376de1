/**
 * One home, several programs: whoever gives out sequence numbers holds the home's lock
 * (store/lock.ts; a dead program's lock is taken over). Others wait, because it is held for
 * milliseconds. Within one program the turns are kept by a chain of promises. The lock is a
 * courtesy: what makes a number unique is that its file can be created once (outbox.ts).
 */
import { setTimeout as sleep } from "node:timers/promises";

import { lockDirectory } from "../store/lock.ts";
import { trouble, type Outcome } from "./errors.ts";
import { pathIn, type Home } from "./home.ts";

const patienceMs = 30_000;
const retryMs = 15;

const turns = new Map<string, Promise<unknown>>();

/** Runs `work` while no other program, and no other caller in this one, holds the home's lock. */
export async function withLock<Value>(
  home: Home,
  work: () => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const before = turns.get(home.dir) ?? Promise.resolve();
  const mine = before.then(() => locked(home, work));
  const settled = mine.catch(() => undefined);
  turns.set(home.dir, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(home.dir) === settled) turns.delete(home.dir);
  }
}

async function locked<Value>(
  home: Home,
  work: () => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  const unlock = await take(home);
  if (unlock === undefined)
    return trouble("E706", `Another program holds the lock of ${home.dir}.`);
  try {
    return await work();
  } finally {
    unlock();
  }
}

async function take(home: Home): Promise<(() => void) | undefined> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return lockDirectory(pathIn(home, "outbox"));
    } catch {
      // Held, or just taken over by somebody quicker; a disk that fails would fail for 30 s and
      // then be told.
      if (Date.now() > deadline) return undefined;
      await sleep(retryMs);
    }
  }
}
