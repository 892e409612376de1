/** The worked example of docs/spec/ring.md is the first case of the vectors, byte for byte. */
import { equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..", "..");

test("the page's example is the first of the settled rings", () => {
  const page = readFileSync(join(root, "docs", "spec", "ring.md"), "utf8");
  const blocks = [...page.matchAll(/```\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  const [hashes = "", bytes = ""] = blocks;
  const cases: unknown = JSON.parse(
    readFileSync(join(root, "vectors", "ring", "settled.json"), "utf8"),
  );
  const text = JSON.stringify(cases);
  const fields = bytes.split("\n").map((line) => /^[0-9a-f]*/.exec(line)?.[0] ?? "");
  const first = /"bytes":"0x([0-9a-f]+)"/.exec(text)?.[1] ?? "";
  equal(fields.join(""), first);
  const log = /"topics":\["0x[0-9a-f]+","(0x[0-9a-f]+)"/.exec(text)?.[1] ?? "no ring hash";
  ok(hashes.includes(log), "the ring hash");
});
