/**
 * A home that is a folder of this computer, readable by its owner only. Files are on disk when
 * `keep` returns (store/durable.ts).
 *
 * One home, several programs: whoever gives out sequence numbers holds the lock of its outbox
 * (store/lock.ts; a dead program's lock is taken over). Others wait, because it is held for
 * milliseconds. Within one program the turns are kept by turns.ts. The lock is a courtesy: what
 * makes a number unique is that its file can be created once.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { readIfPresent, writeSharedSync } from "../store/durable.ts";
import { lockDirectory } from "../store/lock.ts";
import { trouble } from "./errors.ts";
import { pathOf, type Home } from "./home.ts";
import { pause } from "./pause.ts";
import { inTurn } from "./turns.ts";

/** A home that is a folder. */
export type DiskHome = Home & { readonly dir: string };

/** Which folder the command line and the environment mean. */
export function homeAt(options: { readonly home?: string; readonly profile?: string }): DiskHome {
  const fromEnvironment = process.env["SIGNET_HOME"];
  const base =
    options.home ??
    (fromEnvironment === undefined || fromEnvironment === ""
      ? join(homedir(), ".signet")
      : fromEnvironment);
  return diskHome(options.profile === undefined ? base : join(base, options.profile));
}

/** The home in a folder, which need not be there before something is kept in it. */
export function diskHome(dir: string): DiskHome {
  const at = (names: readonly string[]): string => join(dir, pathOf(names));
  return {
    dir,
    name: dir,
    read: (...path) => readIfPresent(at(path)),
    keep: (bytes, ...path) => {
      makeFolder(dirname(at(path)));
      writeSharedSync(at(path), bytes);
    },
    create: (bytes, ...path) => {
      makeFolder(dirname(at(path)));
      return createOnce(at(path), bytes);
    },
    names: (folder) => {
      const path = at([folder]);
      return existsSync(path) ? readdirSync(path) : [];
    },
    exclusively: (work) =>
      inTurn(dir, async () => {
        const unlock = await lock(at(["outbox"]));
        if (unlock === undefined) {
          return trouble("E706", `Another program holds the lock of ${dir}.`);
        }
        try {
          return await work();
        } finally {
          unlock();
        }
      }),
    settled: () => Promise.resolve(),
  };
}

function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Creates a file that must not exist yet, on disk when this returns; `false` if it does. */
function createOnce(path: string, bytes: Uint8Array): boolean {
  try {
    const fd = openSync(path, "wx", 0o600);
    try {
      writeFileSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw new Error(`couldn't write ${path}`, { cause });
  }
}

const patienceMs = 30_000;
const retryMs = 15;

async function lock(folder: string): Promise<(() => void) | undefined> {
  makeFolder(folder);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return lockDirectory(folder);
    } catch {
      // Held, or just taken over by somebody quicker; a disk that fails would fail for 30 s and
      // then be told.
      if (Date.now() > deadline) return undefined;
      await pause(retryMs);
    }
  }
}
