/**
 * The tables of docs/interop.md: printed, compared with the page, or written into it.
 *
 * A table stands there between `<!-- NAME -->` and `<!-- end -->`. Its columns are tools with the
 * version that the cells are of; cells of a tool that is not installed here, or in another version,
 * are neither compared nor written.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Table = {
  readonly name: string;
  readonly head: readonly { readonly name: string; readonly version: string | undefined }[];
  readonly lines: readonly {
    readonly names: readonly string[];
    readonly cells: ReadonlyMap<string, string>;
  }[];
};

const page = join(import.meta.dirname, "..", "..", "docs", "interop.md");

/** The table as Markdown; columns of tools that are not here are taken from `kept`. */
export function printTable(
  { head, lines }: Table,
  kept: (tool: string, names: readonly string[]) => string = () => "",
  keptHead: (tool: string) => string = (tool) => tool,
): string {
  const titles = head.map(({ name, version }) => {
    return version === undefined ? keptHead(name) : `${name} ${version}`;
  });
  const rows = lines.map(({ names, cells }) => [
    ...names,
    ...head.map(({ name }) => cells.get(name) ?? kept(name, names)),
  ]);
  const all = [["key", "form", ...titles], titles.map(() => "---"), ...rows];
  all[1] = ["---", "---", ...titles.map(() => "---")];
  return `${all.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
}

/** Compares them with the page, or writes them into it with INTEROP_UPDATE=1. */
export function compareTables(tables: readonly Table[]): void {
  let text = readFileSync(page, "utf8");
  for (const table of tables) {
    const begin = `<!-- ${table.name} -->\n`;
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf("<!-- end -->", from);
    assert.ok(from >= begin.length && to >= from, `${page} has a place for ${table.name}`);
    const [titles = [], , ...rows] = text
      .slice(from, to)
      .trim()
      .split("\n")
      .map((line) =>
        line
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      );
    const columnOf = (tool: string): number => {
      return titles.findIndex((title) => title === tool || title.startsWith(`${tool} `));
    };
    const cellOf = (tool: string, names: readonly string[]): string => {
      const row = rows.find((cells) => names.every((name, i) => cells[i] === name));
      return row?.[columnOf(tool)] ?? "";
    };
    if (process.env["INTEROP_UPDATE"] === "1") {
      const title = (tool: string): string => titles[columnOf(tool)] ?? tool;
      text = `${text.slice(0, from)}${printTable(table, cellOf, title)}${text.slice(to)}`;
      continue;
    }
    const rowNames = table.lines.map(({ names }) => names.join(", "));
    assert.deepEqual(
      rows.map((cells) => cells.slice(0, 2).join(", ")),
      rowNames,
      "its rows",
    );
    for (const { name, version } of table.head) {
      if (version === undefined || !titles.includes(`${name} ${version}`)) {
        console.log(`${name} ${version ?? "is not installed"}: not compared with docs/interop.md`);
        continue;
      }
      for (const { names, cells } of table.lines) {
        const says = `${name}, ${names.join(", ")}: INTEROP_UPDATE=1 writes docs/interop.md anew`;
        assert.equal(cells.get(name), cellOf(name, names), says);
      }
    }
  }
  if (process.env["INTEROP_UPDATE"] === "1") writeFileSync(page, text);
}
