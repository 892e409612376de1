/**
 * The only carrier that the halves know: a directory that somebody else fills or empties. Whoever
 * writes there is not trusted, not even to write files: a link, a pipe or a folder with a bundle's
 * name is left alone, and nothing is read beyond a bound.
 *
 * Nothing here is synced. If we die after a write, the file may be there, empty or gone; the other
 * half checks every bundle, and the sender puts it out again until it is acknowledged.
 */
import fs from "node:fs";
import { join } from "node:path";

export type Directory = {
  /** Names of the plain files in it, those beginning with `.` left out, in no order. */
  readonly names: () => readonly string[];
  /** The file's first bytes, one more than `bytesMax` at most; `undefined` if it is gone. */
  readonly read: (name: string, bytesMax: number) => Uint8Array | undefined;
  /** Puts the file there whole or not at all, in place of one with that name. */
  readonly put: (name: string, bytes: Uint8Array) => void;
  readonly remove: (name: string) => void;
};

/** A flood of names must not exhaust memory; those beyond are seen when these are gone. */
const namesMax = 65_536;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** The directory at this path, which must exist. */
export function openDirectory(dir: string): Directory {
  return {
    names() {
      const names: string[] = [];
      const entries = fs.opendirSync(dir);
      try {
        for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
          if (entry.isFile() && !entry.name.startsWith(".")) names.push(entry.name);
          if (names.length === namesMax) break;
        }
      } finally {
        entries.closeSync();
      }
      return names;
    },
    read: (name, bytesMax) => readBounded(join(dir, name), bytesMax),
    put(name, bytes) {
      const hidden = join(dir, `.${name}.tmp`);
      // A link planted under the hidden name would be written through: it goes first.
      fs.rmSync(hidden, { force: true });
      fs.writeFileSync(hidden, bytes, { flag: "wx" });
      fs.renameSync(hidden, join(dir, name));
    },
    remove(name) {
      fs.rmSync(join(dir, name), { force: true });
    },
  };
}

function readBounded(path: string, bytesMax: number): Uint8Array | undefined {
  let fd: number;
  try {
    // Not through a link, and without waiting for whoever should write into a pipe.
    fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Error(`couldn't read ${path}`, { cause });
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new Error(`couldn't read ${path}: it is no plain file`);
    const bytes = Buffer.alloc(Math.min(stat.size, bytesMax + 1));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}
