/**
 * Where an import leads, as Node or a bundler finds it: relative paths, npm packages by their
 * `exports`, and the names of package.json's `imports`, which mean one file here and another there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, dirname, relative } from "node:path";
import type { Tree } from "./tree.ts";

/** Conditions of `imports` and `exports`, as they hold on a machine. */
export type Machine = "node" | "browser";

type Exports = string | null | { readonly [key: string]: Exports };

/** The path, from the root, of what `from` imports; `undefined` where there is no such file. */
export function resolveImport(
  tree: Tree,
  from: string,
  specifier: string,
  machine: Machine,
): string | undefined {
  if (specifier.startsWith(".")) {
    const path = join(dirname(from), specifier);
    const candidates = [path, `${path}.js`, `${path}.cjs`, join(path, "index.js")];
    return candidates.find((candidate) => tree.texts.has(candidate) || isScript(tree, candidate));
  }
  if (specifier.startsWith("#")) return machineFile(tree, specifier, machine);
  const name = packageName(specifier);
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const home = join(folder, "node_modules", name);
    if (existsSync(join(tree.root, home, "package.json"))) {
      return packageFile(tree, home, `.${specifier.slice(name.length)}`, machine);
    }
    if (folder === "." || folder === "/") return undefined;
  }
}

/** The file that our own package.json's `imports` has for a name on a machine. */
export function machineFile(tree: Tree, name: string, machine: Machine): string | undefined {
  const manifest: { imports?: Readonly<Record<string, Exports>> } = JSON.parse(
    tree.texts.get("package.json") ?? "{}",
  );
  const file = on(machine, manifest.imports?.[name] ?? null);
  return file === undefined ? undefined : join(".", file);
}

function isScript(tree: Tree, path: string): boolean {
  return /\.[cm]?js$/.test(path) && existsSync(join(tree.root, path));
}

/** What a package's `exports` (or `main`) says about one subpath, for an import. */
function packageFile(
  tree: Tree,
  home: string,
  subpath: string,
  machine: Machine,
): string | undefined {
  const text = readFileSync(join(tree.root, home, "package.json"), "utf8");
  const manifest: { exports?: Exports; main?: string } = JSON.parse(text);
  const { exports } = manifest;
  if (exports === undefined || exports === null) {
    return relative(".", join(home, subpath === "." ? (manifest.main ?? "index.js") : subpath));
  }
  const bySubpath =
    typeof exports === "object" && Object.keys(exports).some((key) => key[0] === ".");
  const chosen = bySubpath ? exports[subpath] : subpath === "." ? exports : undefined;
  const file = chosen === undefined ? undefined : on(machine, chosen);
  return file === undefined ? undefined : join(home, file);
}

function on(machine: Machine, exports: Exports): string | undefined {
  if (exports === null || typeof exports === "string") return exports ?? undefined;
  for (const [condition, value] of Object.entries(exports)) {
    if (![machine, "import", "default"].includes(condition)) continue;
    const file = on(machine, value);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** `@noble/hashes` for `@noble/hashes/sha2.js`. */
export function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
