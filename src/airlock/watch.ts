/**
 * Says when it is worth looking into a directory. The kernel's word (fs.watch) is a hint that may
 * be late, repeated or missing: network disks and exhausted inotify limits have none. So there is a
 * look every so often in any case, and correctness never depends on a hint.
 */
import fs from "node:fs";

/** Hints that come within this time are one hint. */
const gatherMs = 5;

/** Calls `onHint` soon after something happened in `dir`, and every `everyMs` anyway. */
export function watchDirectory(
  dir: string,
  onHint: () => void,
  everyMs: number = 1000,
): { readonly close: () => void } {
  let gathering: NodeJS.Timeout | undefined;
  const hint = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      onHint();
    }, gatherMs);
  };
  const timer = setInterval(hint, everyMs);
  let watcher: fs.FSWatcher | undefined;
  try {
    watcher = fs.watch(dir, hint);
    // The directory was taken away, or the kernel gave up: looking every so often remains.
    watcher.on("error", () => watcher?.close());
  } catch {
    watcher = undefined;
  }
  hint();
  return {
    close() {
      clearInterval(timer);
      clearTimeout(gathering);
      watcher?.close();
    },
  };
}
