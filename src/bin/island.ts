/**
 * The island's process: `island.ts ISLAND-DIR AIRLOCK-DIR`. Started by `signet start`, or by hand
 * on a machine without a network. Talks to nobody but through the airlock's two directories;
 * writes its log to standard error. SIGTERM ends it after the batch at hand.
 */
import { join } from "node:path";

import { Bell } from "../airlock/bell.ts";
import { watchDirectory } from "../airlock/watch.ts";
import { time } from "../codec/time.ts";
import { dropEnded } from "../island/operating.ts";
import { StartRefused } from "../island/refusal.ts";
import { Island } from "../island/run.ts";
import { readSettings } from "../island/settings.ts";
import { islandRefusedToStart } from "./codes.ts";

/** Without any hint: look this often. */
const lookEveryMs = 250;

const note = (sentence: string): void =>
  console.error(`${new Date().toISOString()} ${sentence.replaceAll(/[^\n -~]/g, "?")}`);

async function live(dir: string, airlock: string): Promise<void> {
  const dropped = await dropEnded(dir, time(Date.now()));
  if (dropped > 0) note(`the time of grace is over for old decryption keys: ${dropped} dropped`);
  const settings = await readSettings(dir);
  const bell = new Bell();
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      stop.abort();
      bell.ring();
    });
  }
  // An island whose keeper is gone would run on unseen: it ends, and the next start resumes.
  const keeper = process.ppid;
  const island = await Island.start({ settings, airlock, now: () => Date.now(), note });
  note(`ready: exchange ${settings.exchange}, process ${process.pid}, Node ${process.version}`);
  const watch = watchDirectory(join(airlock, "in"), () => bell.ring(), lookEveryMs);
  while (!stop.signal.aborted && process.ppid === keeper) {
    if ((await island.step()) > 0) continue;
    island.handOut();
    await bell.heard();
  }
  watch.close();
  await island.close();
  note("stopped");
}

const [dir, airlock] = process.argv.slice(2);
if (dir === undefined || airlock === undefined) {
  console.error("usage: island.ts ISLAND-DIR AIRLOCK-DIR");
  process.exit(2);
}
try {
  await live(dir, airlock);
  process.exit(0);
} catch (error) {
  if (error instanceof StartRefused) {
    console.error(error.message);
    process.exit(islandRefusedToStart);
  }
  console.error(error);
  process.exit(1);
}
