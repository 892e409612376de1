/** What operators are shown of lost keys: signatures that are collected, replacements that wait. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { RekeyState } from "../letter/keyentry.ts";
import { foldReports, type Statement } from "../wallet/fold.ts";
import { haltsOf } from "./halts.ts";
import { rekeyLines } from "./rekeys.ts";

const account = fingerprint("12".repeat(20));
const other = fingerprint("34".repeat(20));
const key = fingerprint("56".repeat(20));
const at = time(Date.parse("2027-02-19T12:00:00Z"));

/** The statement of an operator whose reports said that. */
function told(
  approvals: readonly (readonly [verb: string, number: string, have: number])[],
  rekeys: readonly (readonly [Fingerprint, RekeyState])[],
): Statement {
  return {
    ...foldReports({ reports: [], missing: [] }),
    approvals: approvals.map(([verb, number, have]) => {
      return { kind: "approval", line: 1, verb, number, have, need: 2, report: 2, at };
    }),
    rekeys: new Map(
      rekeys.map(([of, state]) => [of, { kind: "rekey", account: of, key, state, at }] as const),
    ),
  };
}

test("what is collected stands until the signatures suffice, and is no market's halt", () => {
  const one = told([["REKEY", account, 1]], []);
  assert.deepEqual(haltsOf(one), []);
  assert.match(rekeyLines(one).join("\n"), new RegExp(`^○ REKEY ${account}   signed by 1 of 2\n`));
  const halted = told(
    [
      ["HALT", "GLD/BTC", 1],
      ["REKEY", account, 1],
      ["REKEY", account, 2],
    ],
    [],
  );
  assert.equal(haltsOf(halted).length, 1);
  assert.deepEqual(rekeyLines(halted), []);
});

test("a replacement is told with its day, and how it ended", () => {
  const lines = rekeyLines(
    told(
      [],
      [
        [account, "begun"],
        [other, "vetoed"],
      ],
    ),
  );
  assert.deepEqual(lines, [
    `◐ REKEY ${account}   to ${key}   takes effect 2027-02-19T12:00:00Z unless its owner vetoes it`,
    `✕ REKEY ${other}   to ${key}   vetoed 2027-02-19T12:00:00Z`,
  ]);
});
