/** What an operator is told of a market after a HALT or RESUME that has its signatures. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { haltedLine } from "./halted.ts";

function said(phase: string, since: string | null = null): Parameters<typeof haltedLine>[1] {
  return { name: "GLD/BTC", phase, since, delisted: false, formerly: [], last: null };
}

test("now, already, or not at all: by the phase before and after", () => {
  const halted = said("halt", "2026-11-21T12:00:00Z");
  assert.equal(haltedLine("halt", said("continuous"), halted), "halted now");
  assert.equal(haltedLine("halt", halted, halted), "was halted already");
  assert.equal(haltedLine("halt", undefined, halted), "halted");
  const later = said("halt", "2026-11-21T13:00:00Z");
  assert.equal(haltedLine("halt", halted, later), "halted now");
  assert.match(haltedLine("halt", said("closed"), said("closed")) ?? "", /its day would begin/);
  const open = said("continuous", "2026-11-21T14:00:00Z");
  assert.equal(haltedLine("resume", halted, open), "resumed now: it is continuous");
  assert.equal(haltedLine("resume", open, open), "was not halted: it is continuous");
  assert.equal(
    haltedLine("resume", said("closed"), said("closed")),
    "not halted now: it is closed",
  );
});

test("nothing is said if no relay shows that it happened", () => {
  assert.equal(haltedLine("halt", said("continuous"), said("continuous")), undefined);
  assert.equal(haltedLine("resume", said("halt"), said("halt")), undefined);
  assert.equal(haltedLine("halt", said("continuous"), undefined), undefined);
});
