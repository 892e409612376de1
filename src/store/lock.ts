/**
 * The advisory lock that keeps a second process from writing to a store: a file `lock` with `PID
 * START LIFE`, where START is the process's start in ticks since boot (`-` where /proc cannot be
 * read) and LIFE a random word of this process.
 *
 * A lock whose process is dead is taken over: a power cut leaves one behind every time. A number
 * alone does not name a process, since after a reboot (or in a container, always) another one has
 * it; so START must agree where it is known, and for our own number LIFE. One that has ended and
 * that nobody has waited for (a zombie, usual in containers) still has its number and START, and is
 * dead all the same. If we die between removing a dead lock and writing ours, there is no lock,
 * which is what a closed store looks like.
 *
 * BUG: two processes that start in the same instant over the same dead lock can both get it; Node
 * has no flock(2). It guards against an operator's second start, not against a race.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { toLatin1 } from "../codec/bytes.ts";
import { readIfPresent } from "./durable.ts";

const life = randomBytes(8).toString("hex");

/** Locks the directory for this process and returns what unlocks it; throws if another has it. */
export function lockDirectory(dir: string): () => void {
  const path = join(dir, "lock");
  const mine = `${process.pid} ${startOf(process.pid)} ${life}\n`;
  if (!create(path, mine)) {
    const holder = fs.readFileSync(path, "latin1");
    if (isAlive(holder)) {
      throw new Error(
        `couldn't lock ${dir}: process ${holder.split(" ")[0] ?? ""} has it open;` +
          ` if no such process uses it, remove ${path}`,
      );
    }
    fs.rmSync(path, { force: true });
    if (!create(path, mine)) throw new Error(`couldn't lock ${dir}: another process was quicker`);
  }
  return () => {
    // Gone, or another's: two took over the same dead lock (see above).
    const bytes = readIfPresent(path);
    if (bytes !== undefined && toLatin1(bytes) === mine) fs.rmSync(path, { force: true });
  };
}

/**
 * Removes the lock of a process that is dead. For whoever starts the owner of a store: under Node's
 * permission model the owner cannot look into /proc, and would take a reused number for the living.
 */
export function releaseDead(dir: string): void {
  const path = join(dir, "lock");
  if (fs.existsSync(path) && !isAlive(fs.readFileSync(path, "latin1"))) {
    fs.rmSync(path, { force: true });
  }
}

/** The living process that has locked the directory, if one has. */
export function holderOf(dir: string): number | undefined {
  const bytes = readIfPresent(join(dir, "lock"));
  if (bytes === undefined) return undefined;
  const holder = toLatin1(bytes);
  return isAlive(holder) ? Number(holder.split(" ")[0]) : undefined;
}

function create(path: string, content: string): boolean {
  try {
    fs.writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw new Error(`couldn't write ${path}`, { cause });
  }
}

function isAlive(holder: string): boolean {
  const match = /^([1-9][0-9]{0,9}) (-|[0-9]+) ([0-9a-f]{16})\n$/.exec(holder);
  // We died while writing it: whoever that was had not opened the store yet.
  if (match === null) return false;
  const pid = Number(match[1]);
  if (pid === process.pid) return match[3] === life;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ESRCH") return false;
  }
  const [state = "-", start] = statOf(pid);
  if (state === "Z" || state === "X") return false;
  return start === undefined || match[2] === "-" || start === match[2];
}

function startOf(pid: number): string {
  return statOf(pid)[1] ?? "-";
}

/**
 * State and start, fields 3 and 22 of /proc/PID/stat; the name in field 2 may hold blanks and
 * brackets, so count from its last one. Nothing, where /proc cannot be read.
 */
function statOf(pid: number): readonly (string | undefined)[] {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [fields[0], fields[19]];
  } catch {
    return [];
  }
}
