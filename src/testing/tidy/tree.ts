/**
 * The repository as the house rules see it: every text file with its path, and the size of every
 * file. What git ignores is not looked at. A tree can also be made from memory, to plant faults in.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readSource, type Source } from "./source.ts";

export type Tree = {
  /** Where the files are; what is not in `texts` is looked up below it (installed packages). */
  readonly root: string;
  /** By path from the root, with `/`. */
  readonly texts: ReadonlyMap<string, string>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly sources: readonly Source[];
};

export type Fault = {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do instead. */
  readonly says: string;
};

const skipped = new Set([".git", "node_modules", "build", "signet-data"]);
const textEnding =
  /\.(?:tsx?|sol|cjs|mjs|js|md|json|txt|conf|sh|html|css|yml|xml)$|(?:^|\/)(?:run|LICENSE)$/;
const textBytesMax = 2_000_000;

/** Reads the files below `root`. */
export function loadTree(root: string): Tree {
  const texts = new Map<string, string>();
  const sizes = new Map<string, number>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (skipped.has(entry.name) || entry.name.endsWith(".tsbuildinfo")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile()) continue;
      const { size } = statSync(join(root, path));
      sizes.set(path, size);
      if (textEnding.test(path) && size <= textBytesMax) {
        texts.set(path, readFileSync(join(root, path), "utf8"));
      }
    }
  };
  walk("");
  return { root, texts, sizes, sources: sourcesOf(texts) };
}

/** A tree that stands only in memory. */
export function plantTree(root: string, files: Readonly<Record<string, string>>): Tree {
  const texts = new Map(Object.entries(files));
  const sizes = new Map([...texts].map(([path, text]) => [path, text.length]));
  return { root, texts, sizes, sources: sourcesOf(texts) };
}

function sourcesOf(texts: ReadonlyMap<string, string>): readonly Source[] {
  return [...texts]
    .filter(([path]) => /\.tsx?$/.test(path))
    .map(([path, text]) => readSource(path, text));
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("contracts/test/");
}

/** `engine` for `src/engine/apply.ts`; `undefined` for what is not below `src/`. */
export function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** The folders that compile where no machine exists, as tsconfig.pure.json lists them. */
export function pureFolders(tree: Tree): ReadonlySet<string> {
  const text = (tree.texts.get("tsconfig.pure.json") ?? "{}").replace(/^\s*\/\/.*$/gm, "");
  const { include = [] }: { include?: readonly string[] } = JSON.parse(text);
  return new Set(include.map((path) => path.replace(/^src\//, "")));
}

/** The lines of a text that match, with their numbers. */
export function linesMatching(
  text: string,
  pattern: RegExp,
): readonly { readonly line: number; readonly found: string }[] {
  return text.split("\n").flatMap((content, i) => {
    const match = pattern.exec(content);
    return match ? [{ line: i + 1, found: match[0].trim() }] : [];
  });
}
