/**
 * A home in memory: what a browser has, whose storage answers only later, and tests. Reading is
 * from memory and at once; `onChange` makes each file last, one after the other in the order in
 * which they were kept, so that what lies in the storage after a power cut is what lay here at some
 * moment. A file that does not last is the last one: every later `settled` throws, and nothing is
 * sent from this home any more until it is opened again from what did last.
 *
 * Whoever makes one sees to it that no other program has the same storage open: this keeps the
 * turns within its own program only.
 */
import { pathOf, type Home } from "./home.ts";
import { inTurn } from "./turns.ts";

/** Makes one file last; called for the next only when this is done. */
export type OnChange = (path: string, bytes: Uint8Array) => Promise<void>;

/** A home with these files (paths joined by `/`) to begin with. */
export function memoryHome(options: {
  /** For sentences: `this browser`. */
  readonly name: string;
  readonly files?: Iterable<readonly [path: string, bytes: Uint8Array]>;
  /** Without one, nothing outlives the program. */
  readonly onChange?: OnChange;
}): Home {
  const { name, onChange } = options;
  const files = new Map(options.files);
  let lasting = Promise.resolve();
  const put = (bytes: Uint8Array, path: string): void => {
    // The caller may wipe or reuse what it handed in.
    const own = bytes.slice();
    files.set(path, own);
    if (onChange === undefined) return;
    lasting = lasting.then(() => onChange(path, own));
    // Heard of by whoever awaits `settled`.
    lasting.catch(() => undefined);
  };
  const home: Home = {
    name,
    read: (...path) => files.get(pathOf(path))?.slice(),
    keep: (bytes, ...path) => put(bytes, pathOf(path)),
    create: (bytes, ...path) => {
      const isFree = !files.has(pathOf(path));
      if (isFree) put(bytes, pathOf(path));
      return isFree;
    },
    names: (folder) => {
      const start = `${pathOf([folder])}/`;
      return [...files.keys()].flatMap((path) => {
        const rest = path.startsWith(start) ? path.slice(start.length) : "/";
        return rest.includes("/") ? [] : [rest];
      });
    },
    exclusively: (work) => inTurn(home, work),
    settled: () => lasting,
  };
  return home;
}
