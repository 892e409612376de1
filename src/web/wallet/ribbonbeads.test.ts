/** However long the history, every missing report is a bead and no report is lost between beads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ReportView } from "./core/protocol.ts";
import { beadsOf, gapSentence } from "./ribbonbeads.ts";

function reports(missing: readonly boolean[]): readonly ReportView[] {
  return missing.map((isMissing, index) => {
    return { number: index + 1, at: "", missing: isMissing, what: "" };
  });
}

test("beads cover every report once, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 80 }), fc.nat(20), (missing, newest) => {
      const all = reports(missing);
      const numbers = beadsOf(all, newest).flatMap((bead) => {
        if (bead.kind === "report") return [bead.report.number];
        if (bead.kind === "missing") return [bead.number];
        return Array.from({ length: bead.to - bead.from + 1 }, (_, i) => bead.from + i);
      });
      assert.deepEqual(
        numbers,
        all.map(({ number }) => number),
      );
      const holes = beadsOf(all, newest).filter(({ kind }) => kind === "missing");
      assert.equal(holes.length, missing.filter(Boolean).length);
    }),
  );
});

test("what is missing is said", () => {
  assert.equal(gapSentence(reports([false])), undefined);
  assert.equal(gapSentence(reports([false, true])), "Report 2 is missing.");
  const many = reports(Array.from({ length: 9 }, () => true));
  assert.equal(gapSentence(many), "Reports 1, 2, 3, 4, 5, 6 and 3 more are missing.");
});
