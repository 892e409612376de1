/** Every refusal that can reach a customer has a code of its own, a text and a next step. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { letterRefusals, lineRefusals } from "../letter/command.ts";
import { signatureRefusals } from "../seal/judge.ts";
import { allExplanations, exitOf, explain, rejected, trouble, troubleLines } from "./errors.ts";
import { rejections } from "./rejections.ts";

/** The engine's names, read from its source: the wallet may not import the engine. */
function engineRefusals(): readonly string[] {
  const source = readFileSync(new URL("../engine/refusals.ts", import.meta.url), "utf8");
  const offered = source.slice(0, source.indexOf("configurationRefusals"));
  const names = [...offered.matchAll(/"([a-z]+(?:_[a-z]+)+)"/g)].map((match) => match[1] ?? "");
  return [...names, "engine_fault"];
}

test("every refusal of a letter, a signature, a line or the engine has a code", () => {
  const names = new Set([
    ...letterRefusals,
    ...lineRefusals,
    ...signatureRefusals,
    ...engineRefusals(),
  ]);
  assert.ok(names.size > 60);
  const missing = [...names].filter((name) => !rejections.has(name));
  assert.deepEqual(missing, []);
});

test("codes are unique, and every code says four things", () => {
  const codes = [...rejections.values()].map((rejection) => rejection.code);
  assert.equal(new Set(codes).size, codes.length);
  for (const [code, { title, meaning, next }] of allExplanations()) {
    assert.match(code, /^E[1-9]\d\d$/);
    assert.match(title, /[.)?]$/, code);
    assert.ok(meaning.length > 10 && next.length > 3, code);
  }
});

test("a trouble ends the program with its code's exit", () => {
  assert.equal(exitOf(trouble("E101")), 3);
  assert.equal(exitOf(trouble("E501")), 5);
  assert.equal(exitOf(trouble("E601")), 6);
  assert.equal(exitOf(trouble("E701")), 7);
  assert.equal(exitOf(trouble("E801")), 8);
  assert.equal(exitOf(rejected("funds_short", "5.02 BTC needed, 4.1 free")), 4);
  assert.equal(exitOf(rejected("something_new", "a sentence")), 4);
});

test("explain takes a code in either case, or a refusal's name", () => {
  assert.equal(explain("e464")?.code, "E464");
  assert.equal(explain("funds_short")?.code, "E464");
  assert.equal(explain("E999"), undefined);
});

test("the facts come first, then the money, then what to do", () => {
  const lines = troubleLines(
    trouble("E101", "Price 0.042155 is no multiple.", { next: "Nearest" }),
  );
  assert.deepEqual(lines, [
    "Price 0.042155 is no multiple.",
    "Nothing was signed or sent.",
    "Nearest",
  ]);
});
