/** The lists of refusals against the table of docs/spec/ring.md §6. */
import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { cancelRefusals, submitRefusals } from "./refusals.ts";

/** Names in the rows of §6, each where it stands first. */
function namesOnPage(): readonly string[] {
  const page = readFileSync(new URL("../../docs/spec/ring.md", import.meta.url), "utf8");
  const section = page.slice(page.indexOf("## 6."));
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return [
    ...new Set(
      rows.flatMap((row) => [...row.matchAll(/`([A-Z]\w+)`/g)].map(([, name = ""]) => name)),
    ),
  ];
}

test("the refusals are those of the page, in its order, which is the precedence", () => {
  const names = namesOnPage();
  ok(names.length > 20);
  deepEqual(names, [...submitRefusals, ...cancelRefusals]);
});
