/**
 * A thread's own end: it hears pieces of work and what it is told, in the order in which they were
 * posted, and answers each piece. A fault in here ends the thread; who posted it knows what to do.
 */
import { parentPort } from "node:worker_threads";

import { assert } from "../../codec/assert.ts";
import type { FromThread } from "./thread.ts";

/** What was done, and the buffers of it that move. */
export type Made<Done> = { readonly done: Done; readonly transfer: readonly ArrayBuffer[] };

type ToThread<Work, Told> = { readonly id: number; readonly work: Work } | { readonly told: Told };

/** Works from now on. One piece after the other, also where a piece takes its time. */
export function serve<Work, Told, Done>(
  work: (given: Work) => Made<Done> | Promise<Made<Done>>,
  hear: (told: Told) => void,
): void {
  const port = parentPort;
  assert(port !== null, "this is a thread's script");
  const say = (message: FromThread<Done>, transfer: readonly ArrayBuffer[]): void =>
    port.postMessage(message, [...transfer]);
  const answer = (id: number, { done, transfer }: Made<Done>): void => say({ id, done }, transfer);
  port.on("message", (message: ToThread<Work, Told>) => {
    if ("told" in message) {
      hear(message.told);
      return;
    }
    const done = work(message.work);
    if (done instanceof Promise) void done.then((later) => answer(message.id, later));
    else answer(message.id, done);
  });
  say({ ready: true }, []);
}
