/**
 * What programs can load, their npm packages included. The island's contains no way to a network
 * and starts no other process: Node's own network has to be imported, or is one of a few globals.
 * The browser's contains nothing of Node's.
 *
 * The island has threads (docs/decisions/0022-workers.md). A thread is as large a way out as the
 * script it runs and the permissions it is given: so only `src/island/workers/` may name threads,
 * only its `thread.ts`, which takes permissions away, makes one, and every script that is named
 * there is walked like the island's own program.
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { resolveImport, type Machine } from "./resolve.ts";
import { lineAt, readSource, type Source } from "./source.ts";
import { folderOf, isTest, type Fault, type Tree } from "./tree.ts";

export const islandEntry = "src/bin/island.ts";

const forbidden = new Set(
  `net http https http2 dns dns/promises tls dgram sqlite child_process worker_threads cluster
  inspector inspector/promises`.split(/\s+/),
);
/** Where threads may be named, and the one file that makes them. */
const threadFolder = "src/island/workers/";
const threadFile = `${threadFolder}thread.ts`;
const networkGlobals =
  /(?<![\w$.])(?:fetch\s*\(|(?:WebSocket|EventSource|XMLHttpRequest)\b)|\bgetBuiltinModule\b/g;

/** Walks from the island's entry and from every file of `src/island/`. */
export function checkIslandClosure(tree: Tree): readonly Fault[] {
  const paths = tree.sources.map(({ path }) => path);
  if (!paths.includes(islandEntry)) {
    const says = "the island has no program here; if it moved, tell src/testing/tidy/closure.ts";
    return [{ file: islandEntry, line: 1, rule: "island closure", says }];
  }
  const entries = paths.filter(
    (path) => path === islandEntry || (folderOf(path) === "island" && !isTest(path)),
  );
  const scripts = tree.sources.filter(({ path }) => isThreads(path)).flatMap(threadScripts);
  return closureOf(tree, [...new Set([...entries, ...scripts])], "node").flatMap(
    ({ source, isOwn }) => {
      const imports = forbiddenImports(source);
      return isOwn ? imports.concat(forbiddenGlobals(source), madeThreads(source)) : imports;
    },
  );
}

/**
 * Walks from every file that tsconfig.web.json includes: the pages, and the customer's wallet but
 * for what belongs to a disk. Node's globals are the compiler's business.
 */
export function checkBrowserClosure(tree: Tree): readonly Fault[] {
  const text = (tree.texts.get("tsconfig.web.json") ?? "{}").replace(/^\s*\/\/.*$/gm, "");
  const settings: { include?: readonly string[]; exclude?: readonly string[] } = JSON.parse(text);
  const { include = [], exclude = [] } = settings;
  const entries = tree.sources.flatMap(({ path }) => {
    const isMeant = include.some((folder) => path.startsWith(`${folder}/`));
    return isMeant && !isTest(path) && !exclude.includes(path) ? [path] : [];
  });
  return closureOf(tree, entries, "browser").flatMap(({ source }) =>
    source.imports
      // Packages for both may ask for Node's modules where there is a `require`.
      .filter((one) => !one.typeOnly && !one.isRequire && isBuiltin(one.specifier))
      .map(({ specifier, line }) => ({
        file: source.path,
        line,
        rule: "browser closure",
        says:
          `a browser loads this and has no ${specifier}: take it from "#primitives", ` +
          "from the caller, or move it to a file that only Node loads (tsconfig.web.json)",
      })),
  );
}

type Loaded = { readonly source: Source; readonly isOwn: boolean };

function closureOf(tree: Tree, entries: readonly string[], machine: Machine): readonly Loaded[] {
  const own = new Map(tree.sources.map((source) => [source.path, source]));
  const queue = [...entries];
  const seen = new Set(queue);
  const loaded: Loaded[] = [];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = own.get(path) ?? readInstalled(tree, path);
    loaded.push({ source, isOwn: own.has(path) });
    for (const { specifier, typeOnly } of source.imports) {
      if (typeOnly || isBuiltin(specifier)) continue;
      const target = resolveImport(tree, path, specifier, machine);
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      queue.push(target);
    }
  }
  return loaded;
}

function isThreads(path: string): boolean {
  return path.startsWith(threadFolder) && !isTest(path);
}

/** The files that are named there as modules: scripts of threads among them. */
function threadScripts({ path, literals }: Source): readonly string[] {
  return literals
    .filter(({ value }) => /^\..*\.[cm]?[jt]s$/.test(value))
    .map(({ value }) => posix.join(posix.dirname(path), value));
}

/** Threads that others make, or that run a text. */
function madeThreads(source: Source): readonly Fault[] {
  const pattern = source.path === threadFile ? /\beval\b/g : /\bnew Worker\b/g;
  return [...source.code.matchAll(pattern)].map((match) => ({
    file: source.path,
    line: lineAt(source.code, match.index),
    rule: "island closure",
    says: `only ${threadFile} makes threads, of scripts that are files: they have its limits`,
  }));
}

function forbiddenImports(source: Source): readonly Fault[] {
  return source.imports
    .filter(({ specifier, typeOnly }) => {
      const name = specifier.replace(/^node:/, "");
      if (name === "worker_threads" && isThreads(source.path)) return false;
      return !typeOnly && isBuiltin(specifier) && forbidden.has(name);
    })
    .map(({ specifier, line }) => ({
      file: source.path,
      line,
      rule: "island closure",
      says: `the island can reach ${specifier}: its program knows files and nothing else`,
    }));
}

function forbiddenGlobals(source: Source): readonly Fault[] {
  return [...source.code.matchAll(networkGlobals)].map((match) => ({
    file: source.path,
    line: lineAt(source.code, match.index),
    rule: "island closure",
    says: `the island can reach ${match[0].trim()}: its program knows files and nothing else`,
  }));
}

function readInstalled(tree: Tree, path: string): Source {
  return readSource(path, readFileSync(join(tree.root, path), "utf8"));
}
