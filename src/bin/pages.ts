/**
 * The pages for the relays of `signet start`: built if they are older than their sources, which
 * takes a second. A build goes into a folder of its own and then takes the place of the old one, so
 * that two that start at once do not spoil each other's. Without pages an exchange works all the
 * same: its relays show the plain page.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const built = join(root, "build", "web");
/** Written last, so that it is as old as the build and says that there is one. */
const list = join(built, "build.txt");
const sources = ["src", "vite.config.ts", "package-lock.json"];
const buildMs = 60_000;
const leftMs = 600_000;

/** The folder to serve; `undefined`: there are no pages, and `say` was told why. */
export async function freshPages(say: (sentence: string) => void): Promise<string | undefined> {
  const builtAt = existsSync(list) ? statSync(list).mtimeMs : 0;
  if (builtAt > newest()) return built;
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const without = builtAt > 0 ? "The pages are those of an older build" : "There is only /plain";
  if (!existsSync(vite)) {
    say(`● ${without}: vite is not installed (npm ci brings it)`);
    return builtAt > 0 ? built : undefined;
  }
  say("● building the pages");
  const fresh = `${built}-${process.pid}`;
  try {
    const words = [vite, "build", "--logLevel", "error", "--outDir", fresh];
    await promisify(execFile)(process.execPath, words, { cwd: root, timeout: buildMs });
    replace(fresh);
    return built;
  } catch (cause) {
    say(`● ${without}: they could not be built: ${cause instanceof Error ? cause.message : ""}`);
    return builtAt > 0 ? built : undefined;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    removeLeft();
  }
}

/** Whoever was killed while it built left its folder. */
function removeLeft(): void {
  const folder = join(root, "build");
  for (const name of readdirSync(folder)) {
    if (!/^web-\d+(?:-old)?$/.test(name)) continue;
    const at = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - at > leftMs) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** Puts a build in place of the one before. If another process was quicker, its build stays. */
function replace(fresh: string): void {
  const old = `${fresh}-old`;
  try {
    if (existsSync(built)) renameSync(built, old);
    renameSync(fresh, built);
  } catch (cause) {
    if (!existsSync(list)) throw cause;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

/** When the last source changed that can be in a page. */
function newest(): number {
  let last = 0;
  const look = (path: string): void => {
    const entry = statSync(path);
    if (entry.isFile()) last = Math.max(last, entry.mtimeMs);
    if (!entry.isDirectory()) return;
    for (const name of readdirSync(path)) {
      if (name.endsWith(".test.ts") || serverOnly.has(name)) continue;
      look(join(path, name));
    }
  };
  for (const source of sources) look(join(root, source));
  return last;
}

/** Folders of src/ that no page imports. */
const serverOnly: ReadonlySet<string> = new Set([
  "airlock",
  "bin",
  "chain",
  "dock",
  "hands",
  "island",
  "miner",
  "relay",
  "sharing",
  "store",
  "testing",
  "ticker",
  "watcher",
  "witness",
]);
