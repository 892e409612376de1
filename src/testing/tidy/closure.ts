/**
 * Everything the island's program can load, its npm packages included, contains no way to a network
 * and starts no other process. Node's own network has to be imported, or is one of a few globals.
 */
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative } from "node:path";
import { packageName } from "./imports.ts";
import { lineAt, readSource, type Source } from "./source.ts";
import { folderOf, isTest, type Fault, type Tree } from "./tree.ts";

export const islandEntry = "src/bin/island.ts";

const forbidden = new Set(
  `net http https http2 dns dns/promises tls dgram sqlite child_process worker_threads cluster
  inspector inspector/promises`.split(/\s+/),
);
const networkGlobals =
  /(?<![\w$.])(?:fetch\s*\(|(?:WebSocket|EventSource|XMLHttpRequest)\b)|\bgetBuiltinModule\b/g;

/** Walks from the island's entry and from every file of `src/island/`. */
export function checkIslandClosure(tree: Tree): readonly Fault[] {
  const own = new Map(tree.sources.map((source) => [source.path, source]));
  const queue = [...own.keys()].filter(
    (path) => path === islandEntry || (folderOf(path) === "island" && !isTest(path)),
  );
  if (!own.has(islandEntry)) {
    const says = "the island has no program here; if it moved, tell src/testing/tidy/closure.ts";
    return [{ file: islandEntry, line: 1, rule: "island closure", says }];
  }
  const seen = new Set(queue);
  const faults: Fault[] = [];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = own.get(path) ?? readInstalled(tree, path);
    faults.push(...forbiddenImports(source));
    if (own.has(path)) faults.push(...forbiddenGlobals(source));
    for (const { specifier, typeOnly } of source.imports) {
      if (typeOnly || isBuiltin(specifier)) continue;
      const target = resolveImport(tree, path, specifier);
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      queue.push(target);
    }
  }
  return faults;
}

function forbiddenImports(source: Source): readonly Fault[] {
  return source.imports
    .filter(({ specifier, typeOnly }) => {
      return !typeOnly && isBuiltin(specifier) && forbidden.has(specifier.replace(/^node:/, ""));
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

/** The path, from the root, of what `from` imports; `undefined` where there is no such file. */
function resolveImport(tree: Tree, from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) {
    const path = join(dirname(from), specifier);
    const candidates = [path, `${path}.js`, `${path}.cjs`, join(path, "index.js")];
    return candidates.find((candidate) => tree.texts.has(candidate) || isScript(tree, candidate));
  }
  const name = packageName(specifier);
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const home = join(folder, "node_modules", name);
    if (existsSync(join(tree.root, home, "package.json"))) {
      return packageFile(tree, home, `.${specifier.slice(name.length)}`);
    }
    if (folder === "." || folder === "/") return undefined;
  }
}

function isScript(tree: Tree, path: string): boolean {
  return /\.[cm]?js$/.test(path) && existsSync(join(tree.root, path));
}

type Exports = string | null | { readonly [key: string]: Exports };

/** What a package's `exports` (or `main`) says about one subpath, for an import under Node. */
function packageFile(tree: Tree, home: string, subpath: string): string | undefined {
  const text = readFileSync(join(tree.root, home, "package.json"), "utf8");
  const manifest: { exports?: Exports; main?: string } = JSON.parse(text);
  const { exports } = manifest;
  if (exports === undefined || exports === null) {
    return relative(".", join(home, subpath === "." ? (manifest.main ?? "index.js") : subpath));
  }
  const bySubpath =
    typeof exports === "object" && Object.keys(exports).some((key) => key[0] === ".");
  const chosen = bySubpath ? exports[subpath] : subpath === "." ? exports : undefined;
  const file = chosen === undefined ? undefined : underNode(chosen);
  return file === undefined ? undefined : join(home, file);
}

function underNode(exports: Exports): string | undefined {
  if (exports === null || typeof exports === "string") return exports ?? undefined;
  for (const [condition, value] of Object.entries(exports)) {
    if (!["node", "import", "default"].includes(condition)) continue;
    const file = underNode(value);
    if (file !== undefined) return file;
  }
  return undefined;
}
