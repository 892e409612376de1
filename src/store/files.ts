/**
 * The few file calls that a store stands on. Production passes node:fs (`nodeFiles`); tests put a
 * disk there that fails, tears and forgets on demand (src/testing/disk.ts). Nothing here retries or
 * hides a failure; a `write` may be short, as write(2) may.
 *
 * Syncing goes through file handles: Node's permission model, under which the island runs, forbids
 * fsync and fdatasync of descriptors.
 */
import fs from "node:fs";
import { syncDirectory } from "./durable.ts";
import { lockDirectory } from "./lock.ts";

export type WritableFile = {
  readonly write: (bytes: Uint8Array, position: number) => Promise<number>;
  /** Content and size are on disk when it returns (fdatasync). */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Files = {
  /** Makes the directory, and those above it, if it is not there. */
  readonly makeDirectory: (dir: string) => void;
  /** Keeps other processes from writing there; returns what gives the directory free again. */
  readonly lock: (dir: string) => () => void;
  readonly names: (dir: string) => readonly string[];
  /** For reading. */
  readonly open: (path: string) => number;
  readonly close: (fd: number) => void;
  readonly size: (fd: number) => number;
  readonly read: (fd: number, into: Uint8Array, position: number) => number;
  /** `create` empties a file that is there. */
  readonly openToWrite: (path: string, how: "change" | "create") => Promise<WritableFile>;
  readonly rename: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
  /** The names in the directory are on disk when it returns. */
  readonly syncDirectory: (dir: string) => Promise<void>;
};

/** The machine's own disk. */
export const nodeFiles: Files = {
  makeDirectory(dir) {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  },
  lock: lockDirectory,
  names: (dir) => fs.readdirSync(dir),
  open: (path) => fs.openSync(path, "r"),
  close(fd) {
    fs.closeSync(fd);
  },
  size: (fd) => fs.fstatSync(fd).size,
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  async openToWrite(path, how) {
    const handle = await fs.promises.open(path, how === "create" ? "w" : "r+", 0o600);
    return {
      write: async (bytes, position) =>
        (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  rename(from, to) {
    fs.renameSync(from, to);
  },
  remove(path) {
    fs.rmSync(path, { force: true });
  },
  syncDirectory,
};

/** Reads until `into` is full or the file ends; says how many bytes that were. */
export function readFully(files: Files, fd: number, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const got = files.read(fd, into.subarray(done), position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

/** Writes all of `bytes` or throws; what is on disk after a throw is not known. */
export async function writeFully(
  file: WritableFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const got = await file.write(bytes.subarray(done), position + done);
    if (got === 0) throw new Error("couldn't write: the disk takes no more bytes");
    done += got;
  }
}
