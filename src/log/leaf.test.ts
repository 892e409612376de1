/** Leaves: each kind's line is read back to the same leaf, and everything else is no leaf. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { assert, constantFrom, nat, oneof, property, string, tuple } from "fast-check";
import { runs } from "../testing/runs.ts";
import { parseLeaf, printLeaf } from "./leaf.ts";

const hash = "ab".repeat(32);

const lines = [
  "TICK|2026-11-21T11:59:30.402Z",
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8",
  "TRADE|311|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "LEVEL|GLD/BTC|sell|4215|800",
  "LEVEL|GLD/BTC|buy|4205|0",
  `REPORT|${hash}`,
  "NOTICE|The market GLD/BTC closes at noon.",
];

const noLeaves = [
  "",
  "TICK",
  "TICK|2026-11-21T11:59:30Z",
  "TICK|2026-11-21T11:59:30.402Z|",
  "TICK|2026-02-30T11:59:30.402Z",
  "tick|2026-11-21T11:59:30.402Z",
  "TRADE|0|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|01|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD/BTC|0|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|BUY",
  "LEVEL|GLD/BTC|sell|0|800",
  "LEVEL|GLD/BTC|sell|4215|-1",
  "LEVEL|GLD/BTC|sell|4215|9007199254740992",
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1",
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|1000001|1|8",
  `REPORT|${hash.toUpperCase()}`,
  `REPORT|${hash}00`,
  "NOTICE|",
  "NOTICE|two|fields",
  "NOTICE|caf\u00e9",
  "NOTICE|a\nb",
  `NOTICE|${"a".repeat(994)}`,
  "BUST|311",
];

test("a leaf's line is read and printed again byte for byte", () => {
  for (const line of lines) {
    const leaf = parseLeaf(line);
    equal(leaf === undefined ? undefined : printLeaf(leaf), line);
  }
});

test("what is not the one text of a leaf is no leaf", () => {
  for (const line of noLeaves) equal(parseLeaf(line), undefined, line);
});

test("garbage is no leaf, or a leaf that prints as it was read", () => {
  const bent = tuple(constantFrom(...lines), nat(60), string({ maxLength: 3 })).map(
    ([line, at, extra]) => line.slice(0, at) + extra + line.slice(at + 1),
  );
  assert(
    property(oneof(bent, string()), (line) => {
      const leaf = parseLeaf(line);
      if (leaf === undefined) return;
      equal(printLeaf(leaf), line);
      deepEqual(parseLeaf(printLeaf(leaf)), leaf);
    }),
    { numRuns: runs(500) },
  );
});
