/** What a stranger's words may do to a terminal: nothing. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";

import { harmless, reasonsOf, sayingOnce } from "./reasons.ts";

test("every cause is told, harmless and short", () => {
  const inner = new Error("\u001b]0;you are \u202Eevil\u0007\nroot#");
  equal(
    reasonsOf(new Error("couldn't do it", { cause: inner })),
    "couldn't do it: ?]0;you are ?evil??root#",
  );
  equal(reasonsOf("no error"), "something failed that should not");
  ok(reasonsOf(new Error("x".repeat(1_000_000))).length < 300);
  equal(harmless("naïve “words” ● 東京"), "naïve “words” ● 東京");
  const circle = new Error("round");
  circle.cause = circle;
  match(reasonsOf(circle), /^round(?:: round){7}$/);
});

test("the same trouble is said once, until something else happened", () => {
  const said: string[] = [];
  const say = sayingOnce((line) => said.push(line));
  for (const line of ["◌ a", "◌ b", "◌ a", "● well", "● well", "◌ a"]) say(line);
  deepEqual(said, ["◌ a", "◌ b", "● well", "● well", "◌ a"]);
});
