/** Leaves: each kind's line is read back to the same leaf, and everything else is no leaf. */
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";
import { assert, constantFrom, nat, oneof, property, string, tuple } from "fast-check";
import { runs } from "../testing/runs.ts";
import { marketPhases } from "./leafsecurities.ts";
import { parseLeaf, printLeaf } from "./leaf.ts";

const hash = "ab".repeat(32);

const issuer = "49ab".repeat(10);

const address = (digit: string): string => `0x${digit.repeat(40)}`;

const lines = [
  "TICK|2026-11-21T11:59:30.402Z",
  `READ|1970-01-01T00:00:00.000Z|2026-11-21T11:59:30.402Z|0|${hash}`,
  `READS|2026-11-21T11:59:30.402Z|2026-11-21T12:59:30.402Z|42|${hash}`,
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8",
  "TRADE|311|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|312|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|call",
  "LEVEL|GLD/BTC|sell|4215|800",
  "LEVEL|GLD/BTC|buy|4205|0",
  `REPORT|${hash}`,
  `SNAPSHOT|88000|${hash}`,
  "NOTICE|The market GLD/BTC closes at noon.",
  ...marketPhases.map((phase) => `PHASE|S.MPOE/BTC|${phase}|2026-11-21T09:30:00.000Z`),
  `LISTING|S.MPOE|${issuer}|1000000000|${hash}`,
  "DIVIDEND|1|S.MPOE|BTC|23900000000|1000000000|2026-11-21T09:30:00.000Z",
  "RATIO|2|S.MPOE|10|1",
  "RATIO|3|S.MPOE|1|9007199254740991",
  "RENAMED|S.MPOE|S.NSA",
  "DELISTED|S.NSA",
  `VENUE|31337|${address("a")}|${address("b")}|${address("c")}`,
  `TOKEN|GOLD|${address("d")}|18`,
  `TOKEN|S.MPOE|${address("d")}|0`,
  "OFFER|12|GOLD|SILVER|1000|500",
  `OFFER|12|GOLD|SILVER|${2n ** 128n - 1n}|1`,
  "OFFER|12|GOLD|SILVER|0|0",
  `SUBMISSION|7|1800000300|${hash}`,
  `SUBMISSION|7|${2n ** 40n - 1n}|${hash}`,
  `RING|9|7|0x${hash}|3`,
  `SETTLED|9|0x${hash}`,
  "FAILED|9|TransferFailed",
  "FAILED|9|deadline",
];

const noLeaves = [
  "",
  "TICK",
  "TICK|2026-11-21T11:59:30Z",
  "TICK|2026-11-21T11:59:30.402Z|",
  "TICK|2026-02-30T11:59:30.402Z",
  "tick|2026-11-21T11:59:30.402Z",
  `READ|2026-11-21T11:59:30.402Z|2026-11-21T11:59:30.402Z|0|${hash}`,
  `READ|2026-11-21T11:59:30.402Z|2026-11-21T11:59:31Z|0|${hash}`,
  `READ|2026-11-21T11:59:30.402Z|2026-11-21T11:59:31.000Z|00|${hash}`,
  "READ|2026-11-21T11:59:30.402Z|2026-11-21T11:59:31.000Z|0",
  `READS|2026-11-21T11:59:30.402Z|2026-11-21T11:59:31.000Z|-1|${hash}`,
  "TRADE|0|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|01|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD|400|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD/BTC|0|4210|2026-11-21T11:59:30.402Z|buy",
  "TRADE|1|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|BUY",
  "TRADE|1|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|halt",
  "LEVEL|GLD/BTC|call|4215|800",
  "LEVEL|GLD/BTC|sell|0|800",
  "LEVEL|GLD/BTC|sell|4215|-1",
  "LEVEL|GLD/BTC|sell|4215|9007199254740992",
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1",
  "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|1000001|1|8",
  `REPORT|${hash.toUpperCase()}`,
  `REPORT|${hash}00`,
  `SNAPSHOT|0|${hash}`,
  `SNAPSHOT|088|${hash}`,
  `SNAPSHOT|88000|${hash}00`,
  "SNAPSHOT|88000",
  "NOTICE|",
  "NOTICE|two|fields",
  "NOTICE|caf\u00e9",
  "NOTICE|a\nb",
  `NOTICE|${"a".repeat(994)}`,
  "BUST|311",
  "PHASE|S.MPOE/BTC|pre-open|2026-11-21T09:30:00.000Z",
  "PHASE|S.MPOE/BTC|opening call|2026-11-21T09:30:00.000Z",
  "PHASE|S.MPOE/BTC|halt|2026-11-21T09:30:00Z",
  "PHASE|S.MPOE|halt|2026-11-21T09:30:00.000Z",
  "PHASE|S.MPOE/BTC/USD|halt|2026-11-21T09:30:00.000Z",
  "PHASE|S.MPOE/BTC|halt|2026-11-21T09:30:00.000Z|",
  "PHASE|S.MPOE/BTC|halt",
  `LISTING|S.MPOE|${issuer}|0|${hash}`,
  `LISTING|S.MPOE|${issuer}|1.5|${hash}`,
  `LISTING|S.MPOE|${issuer.toUpperCase()}|1|${hash}`,
  `LISTING|S.MPOE|${issuer}0|1|${hash}`,
  `LISTING|S.MPOE|${issuer}|1|${hash.slice(2)}`,
  `LISTING|S.MPOE/BTC|${issuer}|1|${hash}`,
  "DIVIDEND|0|S.MPOE|BTC|1|1|2026-11-21T09:30:00.000Z",
  "DIVIDEND|1|S.MPOE|BTC|0|1|2026-11-21T09:30:00.000Z",
  "DIVIDEND|1|S.MPOE|BTC|1|0|2026-11-21T09:30:00.000Z",
  "DIVIDEND|1|S.MPOE|BTC|1|1|1795262370",
  "DIVIDEND|1|S.MPOE|BTC|1|1",
  "RATIO|1|S.MPOE|0|1",
  "RATIO|1|S.MPOE|1|0",
  "RATIO|1|S.MPOE|10:1",
  "RENAMED|S.MPOE|S.MPOE",
  "RENAMED|S.MPOE|s.nsa",
  "RENAMED|S.MPOE",
  "DELISTED|",
  "DELISTED|S.MPOE/BTC",
  `VENUE|0|${address("a")}|${address("b")}|${address("c")}`,
  `VENUE|9007199254740992|${address("a")}|${address("b")}|${address("c")}`,
  `VENUE|31337|${address("a")}|${address("b")}`,
  `VENUE|31337|${address("A")}|${address("b")}|${address("c")}`,
  "VENUE|31337|0xBf0b5A4099F0bf6c8bC4252eBeC548Bae95602Ea|-|-",
  `TOKEN|gold|${address("d")}|18`,
  `TOKEN|GOLD|${address("d")}|78`,
  `TOKEN|GOLD|${address("d")}`,
  "OFFER|0|GOLD|SILVER|1000|500",
  "OFFER|12|GOLD|GOLD|1000|500",
  "OFFER|12|GOLD|SILVER|1000|0",
  "OFFER|12|GOLD|SILVER|0|500",
  "OFFER|12|GOLD|SILVER|01000|500",
  `OFFER|12|GOLD|SILVER|${2n ** 128n}|500`,
  "OFFER|12|GOLD|SILVER|1000|500|",
  `SUBMISSION|7|1800000300|0x${hash}`,
  `SUBMISSION|7|${2n ** 40n}|${hash}`,
  `SUBMISSION|0|1800000300|${hash}`,
  `RING|9|7|${hash}|3`,
  `RING|9|7|0x${hash}|1`,
  `RING|9|7|0x${hash}|11`,
  `RING|9|0|0x${hash}|3`,
  `SETTLED|0|0x${hash}`,
  `SETTLED|9|${hash}`,
  "SETTLED|9|-",
  "FAILED|9|",
  "FAILED|9|two words",
  `FAILED|9|${"a".repeat(41)}`,
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
