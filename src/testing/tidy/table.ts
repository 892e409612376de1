/**
 * The two tables of ARCHITECTURE.md that are executed: who may import whom, and why each npm
 * package is here. A table is found by its first heading cell, `folder` or `package`.
 */
import type { Tree } from "./tree.ts";

export type Row = {
  readonly imports: ReadonlySet<string> | "anything";
  /**
   * The packages this folder owns; or `anything`: it may use those of the others, and owns none.
   */
  readonly npm: ReadonlySet<string> | "anything";
  readonly line: number;
};

type TableRow = { readonly line: number; readonly cells: readonly string[] };

/** The rows of the first Markdown table whose heading begins with `heading`. */
function tableRows(text: string, heading: string): readonly TableRow[] {
  const lines = text.split("\n").map((content, i) => ({
    line: i + 1,
    cells: content
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  }));
  const first = lines.findIndex(({ cells }) => cells[0] === heading);
  if (first === -1) return [];
  const after = lines.slice(first + 2);
  const end = after.findIndex(({ cells }) => cells.length === 0);
  return end === -1 ? after : after.slice(0, end);
}

/**
 * Folder by folder, what may be imported. The row `tests` adds to the row of the folder a test lies
 * in.
 */
export function importTable(tree: Tree): ReadonlyMap<string, Row> {
  const table = new Map<string, Row>();
  for (const { line, cells } of tableRows(tree.texts.get("ARCHITECTURE.md") ?? "", "folder")) {
    const [folder = "", imports = "", npm = ""] = cells;
    table.set(folder, { imports: words(imports), npm: words(npm), line });
  }
  return table;
}

/** Package by package, the reason it is here. */
export function packageReasons(tree: Tree): ReadonlyMap<string, string> {
  const rows = tableRows(tree.texts.get("ARCHITECTURE.md") ?? "", "package");
  return new Map(rows.map(({ cells }) => [cells[0] ?? "", cells.at(-1) ?? ""]));
}

/** The packages that a row owns. */
export function owned({ npm }: Row): ReadonlySet<string> {
  return npm === "anything" ? new Set() : npm;
}

function words(cell: string): ReadonlySet<string> | "anything" {
  if (cell === "anything") return "anything";
  return new Set(cell.split(/\s+/).filter((word) => word !== "" && word !== "–"));
}
