/** Facts: `vectors/ring/facts.json`, and one text for one fact whatever the text. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";

import { runs } from "../testing/runs.ts";
import { type Fact, factKey, parseFact, printFact } from "./fact.ts";

type Case = {
  readonly name: string;
  readonly fact: string;
  readonly expect: string;
  readonly about?: string;
};

const cases = JSON.parse(
  readFileSync(new URL("../../vectors/ring/facts.json", import.meta.url), "utf8"),
) as readonly Case[];

function factOf(text: string): Fact | undefined {
  const [kind = "", subject = "", value = "", ...more] = text.split("|");
  return more.length > 0 ? undefined : parseFact(kind, subject, value);
}

test("the vectors", () => {
  for (const { name, fact: text, expect, about } of cases) {
    const fact = factOf(text);
    equal(fact === undefined ? "observation_malformed" : "accepted", expect, name);
    if (fact === undefined) continue;
    equal(printFact(fact), text, name);
    equal(factKey(fact), about, name);
  }
  const refused = cases.filter(({ expect }) => expect !== "accepted").length;
  ok(refused > cases.length - refused, "refusals outnumber acceptances");
});

test("a fact changed anywhere is none, or prints as it now is", () => {
  const texts = cases.filter(({ expect }) => expect === "accepted").map(({ fact }) => fact);
  const put = fc.constantFrom("", "0", "1", "-", "/", "|", "a", "A", "x", " ", "\n", "\u00e9");
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(2), put, (text, place, cut, piece) => {
      const at = place % (text.length + 1);
      const changed = text.slice(0, at) + piece + text.slice(at + cut);
      const fact = factOf(changed);
      if (fact === undefined) return;
      equal(printFact(fact), changed);
      deepEqual(factOf(printFact(fact)), fact);
    }),
    { numRuns: runs(2000) },
  );
});
