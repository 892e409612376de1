/**
 * A disk in memory for the store's tests: it fails, tears and forgets on demand.
 *
 * What was written is seen at once by whoever reads, as with a page cache, but survives a power cut
 * for certain only after a sync. Of the rest each sector (64 bytes here, so that small stores have
 * many) is on the disk or not, as `choose` says. A sync that failed leaves its sectors clean in the
 * cache: a second sync does not bring them to the disk, which is what Linux does.
 */
import type { Files } from "../store/files.ts";

const sectorBytes = 64;

export type Step = "create" | "write" | "sync" | "rename" | "remove" | "syncDirectory";

/**
 * failed: no effect · persisted: took full effect, on disk too, and yet failed · torn: half of it
 * took effect, then it failed · short: half of it, and no failure (writes only) · cut: the power
 * goes
 */
export type Fault = "failed" | "persisted" | "torn" | "short" | "cut";

type Content = { bytes: Uint8Array; synced: Uint8Array; readonly dirty: Set<number> };

export class SimulatedDisk {
  /** Called before each step that changes something, with its number, from 0. */
  faultAt: (step: Step, index: number) => Fault | undefined = () => undefined;
  readonly files: Files;
  #names = new Map<string, Content>();
  #syncedNames = new Map<string, Content>();
  readonly #open = new Map<number, Content>();
  #nextFd = 3;
  #steps = 0;
  #isCut = false;
  #isLocked = false;

  constructor() {
    this.files = {
      makeDirectory: () => undefined,
      lock: () => this.#lock(),
      names: () => [...this.#names.keys()].map((path) => path.slice(path.lastIndexOf("/") + 1)),
      open: (path) => this.#openFile(path),
      close: (fd) => {
        this.#open.delete(fd);
      },
      size: (fd) => this.#content(fd).bytes.length,
      read: (fd, into, position) => {
        const bytes = this.#content(fd).bytes.subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      openToWrite: async (path, how) => {
        if (how === "create") this.#create(path);
        const fd = this.#openFile(path);
        return {
          write: async (bytes, position) => this.#write(fd, bytes, position),
          sync: async () => this.#sync(fd),
          close: async () => this.files.close(fd),
        };
      },
      rename: (from, to) => {
        this.#step("rename", () => {
          const content = this.#names.get(from);
          if (content === undefined) throw new Error(`ENOENT: ${from}`);
          this.#names.delete(from);
          this.#names.set(to, content);
        });
      },
      remove: (path) => {
        this.#step("remove", () => this.#names.delete(path));
      },
      syncDirectory: async () => {
        this.#step("syncDirectory", () => {
          this.#syncedNames = new Map(this.#names);
        });
      },
    };
  }

  get steps(): number {
    return this.#steps;
  }

  /** The bytes of a file as a reader sees them. Changing them is what a failing disk does. */
  bytesOf(path: string): Uint8Array {
    const content = this.#names.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    return content.bytes;
  }

  /** Puts a file there, on disk. */
  place(path: string, bytes: Uint8Array): void {
    const content = { bytes: bytes.slice(), synced: bytes.slice(), dirty: new Set<number>() };
    this.#names.set(path, content);
    this.#syncedNames.set(path, content);
  }

  /** The process died, the machine did not: everything written is seen by the next one. */
  killProcess(): void {
    this.#open.clear();
    this.#isLocked = false;
    this.faultAt = () => undefined;
    this.#steps = 0;
  }

  /** The power went: what was synced is there; of the rest, by sector, what `choose` says. */
  cutPower(choose: () => boolean): void {
    this.killProcess();
    this.#isCut = false;
    this.#names = new Map(choose() ? this.#names : this.#syncedNames);
    for (const content of this.#names.values()) {
      const bytes = new Uint8Array(choose() ? content.bytes.length : content.synced.length);
      bytes.set(content.synced);
      for (const sector of content.dirty) {
        const from = sector * sectorBytes;
        if (from >= bytes.length || !choose()) continue;
        bytes.set(content.bytes.subarray(from, Math.min(from + sectorBytes, bytes.length)), from);
      }
      content.bytes = bytes;
      content.synced = bytes.slice();
      content.dirty.clear();
    }
    this.#syncedNames = new Map(this.#names);
  }

  #lock(): () => void {
    if (this.#isLocked) throw new Error("couldn't lock: another process has it open");
    this.#isLocked = true;
    return () => {
      this.#isLocked = false;
    };
  }

  #create(path: string): void {
    this.#step("create", () => {
      const empty = new Uint8Array(0);
      this.#names.set(path, { bytes: empty, synced: empty, dirty: new Set() });
    });
  }

  #openFile(path: string): number {
    const content = this.#names.get(path);
    if (content === undefined) throw new Error(`ENOENT: ${path}`);
    this.#nextFd += 1;
    this.#open.set(this.#nextFd, content);
    return this.#nextFd;
  }

  #write(fd: number, bytes: Uint8Array, position: number): number {
    const content = this.#content(fd);
    let written = 0;
    const put = (part: Uint8Array): void => {
      const size = Math.max(content.bytes.length, position + part.length);
      const grown = new Uint8Array(size);
      grown.set(content.bytes);
      grown.set(part, position);
      content.bytes = grown;
      const last = Math.ceil((position + part.length) / sectorBytes);
      for (let s = Math.floor(position / sectorBytes); s < last; s += 1) content.dirty.add(s);
      written = part.length;
    };
    const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
    const persisted = (): void => {
      put(bytes);
      persist(content);
    };
    this.#step("write", () => put(bytes), { half: () => put(half), persisted });
    return written;
  }

  #sync(fd: number): void {
    const content = this.#content(fd);
    try {
      this.#step("sync", () => persist(content));
    } catch (cause) {
      content.dirty.clear();
      throw cause;
    }
  }

  #step(
    step: Step,
    work: () => void,
    partly?: { readonly half: () => void; readonly persisted: () => void },
  ): void {
    if (this.#isCut) throw new Error("EIO: the power is off");
    const fault = this.faultAt(step, this.#steps);
    this.#steps += 1;
    if (fault === "torn" || fault === "short" || fault === "cut") partly?.half();
    if (fault === "persisted") (partly?.persisted ?? work)();
    if (fault === undefined) work();
    if (fault === "short" && partly === undefined) work();
    if (fault === "cut") this.#isCut = true;
    if (fault !== undefined && fault !== "short") throw new Error(`EIO: ${step} ${fault}`);
  }

  #content(fd: number): Content {
    const content = this.#open.get(fd);
    if (content === undefined) throw new Error("EBADF");
    return content;
  }
}

function persist(content: Content): void {
  const synced = new Uint8Array(content.bytes.length);
  synced.set(content.synced);
  for (const sector of content.dirty) {
    const from = sector * sectorBytes;
    synced.set(content.bytes.subarray(from, from + sectorBytes), from);
  }
  content.synced = synced;
  content.dirty.clear();
}
