/** The commands that hints name are ones that work where they are read. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { allExplanations } from "../wallet/errors.ts";
import { calledBy, hint } from "./called.ts";

test("what npx runs is called by npx again; a program on the path by its name", () => {
  assert.equal(calledBy("/cache/_npx/5eec080bf95e7d97/node_modules/.bin/signet"), "npx signet");
  assert.equal(calledBy("/signet/node_modules/.bin/signet"), "npx signet");
  assert.equal(calledBy("/bin/signet"), "signet");
  assert.equal(calledBy("/signet/src/bin/signet.ts"), "signet");
  assert.equal(calledBy(undefined), "signet");
});

test("every command in a hint gets it, and nothing else", () => {
  const nexts = [...allExplanations().values()].map(({ next }) => next);
  const named = nexts.filter((next) => next.includes("signet "));
  assert.ok(named.length > 30);
  for (const next of named) {
    const words = hint(next, "npx signet");
    assert.equal(words.split("npx signet ").length, next.split("signet ").length, next);
    assert.equal(hint(next, "signet"), next);
  }
  const other = "npx signet start; a signet-letter; /opt/signet is signet.";
  assert.equal(hint(other, "signet"), other);
});
