/**
 * The page docs/guide/ring-differences.md and the replayed scenarios say the same: every scenario
 * is listed, under exactly the differences that its file names.
 */
import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { v1, v2 } from "./fixtures.ts";

const page = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "docs", "guide", "ring-differences.md"),
  "utf8",
);

/** Rows of the first table: what differs, and in which scenarios. */
function rows(): ReadonlyMap<string, readonly string[]> {
  const [, table = ""] = /^\| difference \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(page) ?? [];
  return new Map(
    table
      .trim()
      .split("\n")
      .map((row) => {
        const [, name = "", ids = ""] = row.split("|").map((cell) => cell.trim());
        return [name, ids.split(", ")];
      }),
  );
}

test("every scenario stands in the table, under the differences that its file names", () => {
  const named = new Map<string, string[]>();
  for (const { id, differs } of [...v1.scenarios, ...v1.cases, ...v2.scenarios]) {
    for (const name of differs.length === 0 ? ["none"] : differs) {
      named.set(name, [...(named.get(name) ?? []), id]);
    }
  }
  deepEqual(rows(), named);
});

test("a row says theirs, ours and why", () => {
  const table = page.split("\n").filter((line) => /^\| [a-z -]+ \| [SCV]\d/.test(line));
  ok(table.length === rows().size);
  for (const row of table) {
    const cells = row.split("|").map((cell) => cell.trim());
    deepEqual(cells.length, 7, row);
    ok(
      cells.slice(1, 6).every((cell) => cell !== ""),
      row,
    );
  }
});
