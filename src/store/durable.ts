/**
 * Small files that must survive a power cut, replaced as a whole:
 *
 *   write PATH.tmp → fsync it → rename over PATH → fsync the directory
 *
 * If we die before the rename, PATH is the old one and PATH.tmp is overwritten by the next write;
 * after it, PATH is the new one, whole, because its bytes were on disk first. Only when the
 * directory is synced may anyone be told. One writer per path, and one write at a time; where
 * several programs write to a path (`writeSharedSync`), each through a file of its own, and the
 * last one wins, whole.
 */
import fs from "node:fs";
import { dirname } from "node:path";

/** The names in the directory are on disk when it returns. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await fs.promises.open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces the file and returns when it is on disk. The owner alone may read it. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const handle = await fs.promises.open(temporary, "w", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    fs.renameSync(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw new Error(`couldn't write ${path}`, { cause });
  }
}

/** The same without giving way to anyone; not under Node's permission model, which forbids it. */
export function writeDurablySync(path: string, bytes: Uint8Array): void {
  replaceSync(path, `${path}.tmp`, bytes);
}

/**
 * The same for a path to which other programs write as well. One that is killed leaves its
 * PATH.PID.tmp behind, which nothing reads.
 */
export function writeSharedSync(path: string, bytes: Uint8Array): void {
  replaceSync(path, `${path}.${process.pid}.tmp`, bytes);
}

function replaceSync(path: string, temporary: string, bytes: Uint8Array): void {
  try {
    fs.writeFileSync(temporary, bytes, { mode: 0o600, flush: true });
    fs.renameSync(temporary, path);
    const fd = fs.openSync(dirname(path), "r");
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (cause) {
    throw new Error(`couldn't write ${path}`, { cause });
  }
}

/** The file's bytes, or `undefined` if there is none. */
export function readIfPresent(path: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    // ENOTDIR: what should be a folder on the way is a file.
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new Error(`couldn't read ${path}`, { cause });
  }
}
