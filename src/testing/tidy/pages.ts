/**
 * Pages against code: every link and every path that a page or a comment names exists, figures are
 * those of the code, and the refusals stand in docs/spec/refusals.md in the order of the code,
 * which is their precedence.
 */
import { posix } from "node:path";
import { readSource } from "./source.ts";
import { linesMatching, type Fault, type Tree } from "./tree.ts";

const refusalsPage = "docs/spec/refusals.md";

/** Relative links of Markdown pages, `docs/…` paths in comments, programs in package.json. */
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
      if (path === "package.json") {
        for (const [name] of content.matchAll(
          /(?<=[ "./])(?:src|sim|bench|contracts)\/[\w./-]+\.\w+/g,
        )) {
          if (!exists(name)) missing(path, i + 1, name);
        }
      }
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

/**
 * Figures in ARCHITECTURE.md that name a constant, such as "1,000 (`commandsMax`)", are its value.
 */
export function checkFigures(tree: Tree): readonly Fault[] {
  const file = "ARCHITECTURE.md";
  const lines = (tree.texts.get(file) ?? "").split("\n");
  return lines.flatMap((content, i) =>
    [...content.matchAll(/([\d,]+)(?: [a-z]+)* \(`(\w+)`\)/g)].flatMap(
      ([, figure = "", name = ""]) => {
        const value = constantOf(tree, name);
        if (value === Number(figure.replaceAll(",", ""))) return [];
        const says = `${name} is ${value ?? "nowhere"} in the code, ${figure} here`;
        return [{ file, line: i + 1, rule: "figure", says }];
      },
    ),
  );
}

/** The value of `export const name = 65_536;` or a product of such numbers. */
function constantOf(tree: Tree, name: string): number | undefined {
  const pattern = new RegExp(`^export const ${name}(?:: number)? = ([\\d_ *]+);`, "m");
  const found = tree.sources.map(({ text }) => pattern.exec(text)?.[1]).find((text) => text);
  return found
    ?.replaceAll("_", "")
    .split("*")
    .reduce((product, factor) => product * Number(factor), 1);
}

type RefusalList = {
  readonly file: string;
  readonly name: string;
  readonly names: readonly string[];
};

/** The lists `…Refusals` of the code. */
function refusalLists(tree: Tree): readonly RefusalList[] {
  return tree.sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^export const (\w*[rR]efusals) = \[([^\]]*)\]/gm)].map((match) => ({
      file: path,
      name: match[1] ?? "",
      names: readSource(path, match[2] ?? "").literals.map(({ value }) => value),
    })),
  );
}

/**
 * The lists of letter/command.ts and engine/refusals.ts stand, each in its order, in some table of
 * the page; and the page names nothing that no list of the code has.
 */
export function checkPrecedence(tree: Tree): readonly Fault[] {
  const lists = refusalLists(tree);
  const ordered = lists.filter(({ file }) =>
    /\/(?:letter\/command|engine\/refusals)\.ts$/.test(file),
  );
  const page = tree.texts.get(refusalsPage);
  const fault = (line: number, says: string): Fault => {
    return { file: refusalsPage, line, rule: "precedence", says };
  };
  if (ordered.length === 0 || page === undefined) {
    return [
      fault(1, `the page and the lists of src/letter/command.ts say the same; one is missing`),
    ];
  }
  const tables = tablesOf(page);
  const known = new Set(lists.flatMap(({ names }) => names));
  const unknown = tables.flat().filter((row) => !known.has(row.name));
  return [
    ...ordered
      .flatMap((list) => orderFault(list, tables))
      .map(({ line, says }) => fault(line, says)),
    ...unknown.map(({ line, name }) => fault(line, `no list of the code has ${name}`)),
  ];
}

function orderFault(
  { file, name, names }: RefusalList,
  tables: readonly (readonly PageRow[])[],
): readonly { readonly line: number; readonly says: string }[] {
  const candidates = tables.map((rows) => rows.filter((row) => names.includes(row.name)));
  const same = (rows: readonly PageRow[]): number => {
    const at = names.findIndex((wanted, i) => rows[i]?.name !== wanted);
    return at === -1 ? names.length : at;
  };
  const best = candidates.toSorted((a, b) => same(b) - same(a) || b.length - a.length)[0] ?? [];
  const at = same(best);
  if (at === names.length) return [];
  const says =
    `${name} in ${file} has ${names[at]} in place ${at + 1}, the page ` +
    `${best[at]?.name ?? "nothing"}: precedence is one order, mend the wrong one`;
  return [{ line: best[at]?.line ?? 1, says }];
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
