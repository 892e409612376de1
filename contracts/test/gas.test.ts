/**
 * No figure of gas grows by more than half a percent without somebody seeing it, and the promises
 * are kept. The snapshot is renewed on purpose, and its difference read before it is committed:
 *
 *     SNAPSHOT=renew node --test contracts/test/gas.test.ts
 */
import { deepEqual } from "node:assert/strict";
import { before, test } from "node:test";

import { type Figures, measureGas } from "./gas.ts";
import { missed, readLimits, readSnapshot, regressions, writeSnapshot } from "./gaslimits.ts";

let figures: Figures = {};

before(async () => {
  figures = await measureGas();
  if (process.env["SNAPSHOT"] === "renew") writeSnapshot(figures);
});

test("gas: nothing costs more than in the snapshot", (t) => {
  const snapshot = readSnapshot();
  deepEqual(regressions(figures, snapshot), []);
  const better = regressions(snapshot, figures);
  if (better.length > 0) t.diagnostic(`cheaper than the snapshot, renew it: ${better.join("; ")}`);
});

test("gas: the promises are kept", () => {
  deepEqual(missed(figures, readLimits().must), []);
});

test("gas: the same code costs the same", async () => {
  deepEqual(await measureGas(), figures);
});

test("gas: what is worse is seen", () => {
  const snapshot: Figures = { cancel: 1000, "second-ring": 1000 };
  deepEqual(regressions({ cancel: 1005, "second-ring": 995 }, snapshot), []);
  deepEqual(regressions({ cancel: 1006, "second-ring": 994 }, snapshot), [
    "cancel was 1000 and is 1006",
    "second-ring was 1000 and is 994",
  ]);
  deepEqual(
    regressions({ cancel: 1, other: 1 }, snapshot),
    [
      "other is not in the snapshot",
      "second-ring is in the snapshot and was not measured",
    ].toSorted((a, b) => (a < b ? -1 : 1)),
  );
  deepEqual(missed({ cancel: 1001, "second-ring": 999 }, snapshot), [
    "cancel is 1001; at most 1000",
    "second-ring is 999; at least 1000",
  ]);
  deepEqual(missed({}, { cancel: 1000 }), ["cancel is NaN; at most 1000"]);
});
