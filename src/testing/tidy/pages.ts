/**
 * Pages against code: every link and every path that a page or a comment names exists, and the
 * refusals stand in docs/spec/refusals.md in the order of the code, which is their precedence.
 */
import { posix } from "node:path";
import { readSource } from "./source.ts";
import { linesMatching, type Fault, type Tree } from "./tree.ts";

export const refusalsPage = "docs/spec/refusals.md";

/** Relative links of Markdown pages, and `docs/…` paths in comments. */
export function checkLinks(tree: Tree): readonly Fault[] {
  const folders = new Set<string>();
  for (const path of tree.sizes.keys()) {
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at)) folders.add(at);
  }
  const exists = (path: string): boolean => tree.sizes.has(path) || folders.has(path);
  const faults: Fault[] = [];
  const missing = (file: string, line: number, path: string): void => {
    const says = `${path} does not exist: mend the name, or write the page`;
    faults.push({ file, line, rule: "link", says });
  };
  for (const [path, text] of tree.texts) {
    if (path.startsWith("src/testing/tidy/")) continue;
    text.split("\n").forEach((content, i) => {
      const named = content.matchAll(
        /(?<!\]\(|[\w/.])(?:docs\/[\w./-]+\.md|vectors\/[\w./-]+\.json)\b/g,
      );
      for (const [name] of named) if (!exists(name)) missing(path, i + 1, name);
      if (!path.endsWith(".md")) return;
      for (const [, link = ""] of content.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(?:[a-z]+:|#)/.test(link)) continue;
        const target = posix.join(posix.dirname(path), link.replace(/#.*$/, "")).replace(/\/$/, "");
        if (!exists(target)) missing(path, i + 1, target);
      }
    });
  }
  return faults;
}

/** The lists `…Refusals` of the code, by name. */
function refusalLists(
  tree: Tree,
): readonly { file: string; name: string; names: readonly string[] }[] {
  return tree.sources
    .filter(({ path }) => path === "src/letter/command.ts" || path === "src/engine/refusals.ts")
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^export const (\w*[rR]efusals) = \[([^\]]*)\]/gm)].map((match) => ({
        file: path,
        name: match[1] ?? "",
        names: readSource(path, match[2] ?? "").literals.map(({ value }) => value),
      })),
    );
}

/** Each list of the code is, name by name, one table of the page. */
export function checkPrecedence(tree: Tree): readonly Fault[] {
  const lists = refusalLists(tree);
  const page = tree.texts.get(refusalsPage);
  if (lists.length === 0 || page === undefined) {
    const says = `${refusalsPage} and the lists of src/letter/command.ts say the same; one is missing`;
    return [{ file: refusalsPage, line: 1, rule: "precedence", says }];
  }
  const tables = tablesOf(page);
  return lists.flatMap(({ file, name, names }) => {
    const best = tables
      .map((rows) => ({ rows, same: rows.filter((row) => names.includes(row.name)).length }))
      .toSorted((a, b) => b.same - a.same)[0];
    const rows = best?.rows ?? [];
    const at = Array.from({ length: Math.max(names.length, rows.length) }, (_, i) => i).find(
      (i) => names[i] !== rows[i]?.name,
    );
    if (at === undefined) return [];
    const says =
      `${name} in ${file} has ${names[at] ?? "nothing"} in place ${at + 1}, the page has ` +
      `${rows[at]?.name ?? "nothing"}: precedence is one order, mend the wrong one`;
    return [{ file: refusalsPage, line: rows[at]?.line ?? 1, rule: "precedence", says }];
  });
}

type PageRow = { readonly line: number; readonly name: string };

/** The tables of a page whose rows begin with a name in backquotes. */
function tablesOf(page: string): readonly (readonly PageRow[])[] {
  const tables: PageRow[][] = [];
  let last = 0;
  for (const { line, found } of linesMatching(page, /^\|[^`|]*(?:\|[^`|]*)?`[a-z_]+`/)) {
    const row = { line, name: found.replace(/^[^`]*`|`$/g, "") };
    if (line === last + 1) tables.at(-1)?.push(row);
    else tables.push([row]);
    last = line;
  }
  return tables;
}
