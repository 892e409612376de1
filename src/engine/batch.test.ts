/**
 * Whom the letters of one batch concern that did not write them is told once, with its last input;
 * what is told is the same as if each had told it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Entry } from "../letter/entry.ts";
import { Floor, fingerprintOf } from "../testing/floor.ts";
import { runs } from "../testing/runs.ts";
import type { Input, Output } from "./input.ts";
import { stateHash } from "./snapshot.ts";

type Said = { readonly who: string; readonly commands: readonly string[] };

/** Alice, who buys, and two who sell. */
function opened(): Floor {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 100_000_000);
  for (const seller of ["Bob", "another"]) floor.fund(seller, "GLD", 100_000);
  return floor;
}

/** Letters of one batch; `more`: as the island marks them. */
function batch(floor: Floor, letters: readonly Said[], more: boolean): readonly Output[] {
  return letters.map(({ who, commands }, i) => {
    const input = floor.letter(who, floor.write(who, commands));
    const isLast = i === letters.length - 1;
    const marked: Input = more && !isLast ? { ...input, more: true } : input;
    return floor.give(marked);
  });
}

function mailTo(outputs: readonly Output[], name: string): readonly string[] {
  return outputs
    .flatMap(({ documents }) => documents)
    .filter(({ to, delivery }) => to === fingerprintOf(name) && delivery.kind === "mail")
    .map(({ text }) => text);
}

test("ten letters that meet one order give its owner one report, and ten replies", () => {
  const floor = opened();
  floor.say("Bob", "SELL|GLD/BTC|100|4000|id=s");
  const letters = Array.from({ length: 10 }, () => ({
    who: "Alice",
    commands: ["BUY|GLD/BTC|3|4000"],
  }));
  const outputs = batch(floor, letters, true);
  const mail = mailTo(outputs, "Bob");
  assert.equal(mail.length, 1);
  const said = floor.read(mail[0] ?? "");
  const fills = said.records.filter(({ kind }) => kind === "fill");
  assert.equal(fills.length, 10);
  assert.deepEqual(
    outputs.map(({ documents }) => documents.filter((one) => one.delivery.kind === "reply").length),
    letters.map(() => 1),
  );
  const { untold } = floor.state;
  assert.equal(untold.customers.size, 0);
});

test("who writes in the batch is told first, apart, what others did to him in it", () => {
  const floor = opened();
  floor.say("Bob", "SELL|GLD/BTC|100|4000|id=s");
  const outputs = batch(
    floor,
    [
      { who: "Alice", commands: ["BUY|GLD/BTC|3|4000"] },
      { who: "Bob", commands: ["CANCEL|s"] },
      { who: "Alice", commands: ["NOOP"] },
    ],
    true,
  );
  assert.deepEqual(
    outputs.map((output) => mailTo([output], "Bob").length),
    [0, 1, 0],
  );
});

test("who only reads is told first what happened, in the batch or not: LAST covers it", () => {
  for (const more of [true, false]) {
    const floor = opened();
    const soon = Math.floor(floor.now / 1000) + 5;
    floor.say("Alice", `BUY|GLD/BTC|10|4000|${soon}`);
    floor.pass(10_000);
    const input = floor.letter("Alice", floor.write("Alice", ["STAT"]));
    const { documents } = floor.give(more ? { ...input, more } : input);
    const [before, answer] = documents.map(({ text }) => floor.read(text));
    const ended = before?.records.find(({ kind }) => kind === "order");
    assert.ok(ended?.kind === "order" && ended.status === "expired");
    const last = answer?.records.find(({ kind }) => kind === "last");
    assert.ok(last?.kind === "last" && last.report === documents[0]?.report);
    assert.equal(floor.tick().documents.length, 0);
  }
});

const sides = fc.constantFrom("Alice", "Bob", "another");
const said: fc.Arbitrary<Said> = fc
  .tuple(sides, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 3995, max: 4005 }))
  .map(([who, lots, price]) => {
    const side = who === "Alice" ? "BUY" : "SELL";
    return { who, commands: [`${side}|GLD/BTC|${lots}|${price}`] };
  });

/** What everybody was told of fills and of their orders, in order, and the balances at the end. */
function toldOf(floor: Floor): readonly unknown[] {
  return ["Alice", "Bob", "another"].map((name) => {
    const reports = floor.told.get(fingerprintOf(name)) ?? [];
    const records = reports.flatMap((report): readonly Entry[] => report.records);
    const of = (kind: string): readonly Entry[] => records.filter((entry) => entry.kind === kind);
    return [of("fill"), floor.balance(name, "BTC"), floor.balance(name, "GLD")];
  });
}

test("in batches or one by one, everybody is told the same, and no report is more", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(said, { minLength: 1, maxLength: 8 }), { maxLength: 6 }),
      (all) => {
        const [together, apart] = [opened(), opened()];
        for (const letters of all) {
          const [few, many] = [batch(together, letters, true), batch(apart, letters, false)];
          for (const name of ["Alice", "Bob", "another"]) {
            assert.ok(mailTo(few, name).length <= mailTo(many, name).length);
          }
        }
        assert.deepEqual(toldOf(together), toldOf(apart));
        const again = new Floor();
        for (const input of together.journal.slice(1)) again.give(input);
        assert.equal(stateHash(again.state), stateHash(together.state));
      },
    ),
    { numRuns: runs(60) },
  );
});
