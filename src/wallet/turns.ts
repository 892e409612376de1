/** Turns within one program: who comes second waits, whatever becomes of the first. */

const last = new Map<unknown, Promise<unknown>>();

/** Runs `work` when all that was begun before about the same thing has ended. */
export async function inTurn<Value>(about: unknown, work: () => Promise<Value>): Promise<Value> {
  const before = last.get(about) ?? Promise.resolve();
  const mine = before.then(work);
  const ended = mine.catch(() => undefined);
  last.set(about, ended);
  try {
    return await mine;
  } finally {
    if (last.get(about) === ended) last.delete(about);
  }
}
