/** What is known of the next hour changes nothing but the work, whatever comes and goes. */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { Floor, plainConfiguration } from "../testing/floor.ts";
import { runs } from "../testing/runs.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import type { Calendar } from "./calendar.ts";
import { parseSnapshot, printSnapshot, stateHash } from "./snapshot.ts";

const markets = ["GLD/BTC", "ACME/BTC", "SLV/BTC"] as const;
const terms = "lot 0.1 step 0.00001 tick 0.00001 maximum-price 100 quantity 0.1 to 100000";
const assets = [
  ...["ACME", "SLV"].map((asset) => `asset ${asset} decimals 1 supply 100000000`),
  ...["ACME", "SLV"].map((asset) => `market ${asset}/BTC ${terms} maker 0% taker 0.1%`),
  ...markets.map((name) => `limits ${name} collar none orders none trades 2% reference 0.042`),
  "volatility GLD/BTC 7m",
  "volatility SLV/BTC 7m",
];
const days = [
  [],
  ["day GLD/BTC sat-sun opening 10:00 continuous 12:00 closing 12:30 closed 12:40"],
  [
    "day GLD/BTC sat continuous 11:00 closed 12:05",
    "day SLV/BTC mon-sun continuous 00:00 closed 23:59",
  ],
  [
    "day ACME/BTC mon-sun continuous 10:00 closed 12:10",
    "day ACME/BTC sat continuous 12:15 closed 14:00",
  ],
] as const;

function configurationOf(which: number): string {
  return `${plainConfiguration}${[...assets, ...(days[which] ?? [])].join("\n")}\n`;
}

const anyStep = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ pass: fc.constantFrom(1000, 61_000, 420_000, 3_600_000, 9e7) }),
  },
  { weight: 1, arbitrary: fc.record({ configure: fc.nat({ max: days.length - 1 }) }) },
  { weight: 1, arbitrary: fc.constant("restore" as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      by: fc.constantFrom("Alice", "Bob"),
      market: fc.constantFrom(...markets),
      side: fc.constantFrom("BUY", "SELL"),
      price: fc.constantFrom(4100, 4200, 4250, 4300, 4400),
    }),
  },
);

test("who forgets the next hour before every input says the same", () => {
  let calls = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const floor = new Floor(configurationOf(0));
      for (const name of ["Alice", "Bob"]) {
        for (const asset of ["BTC", "GLD", "ACME", "SLV"]) floor.fund(name, asset, 10_000_000);
      }
      let other = parseSnapshot(printSnapshot(floor.state));
      for (const step of steps) {
        const heard = floor.journal.length;
        if (step === "restore") other = parseSnapshot(printSnapshot(other));
        else if ("configure" in step) {
          const text = configurationOf(step.configure);
          floor.give({ kind: "configure", at: floor.now, text });
        } else if ("pass" in step) {
          floor.pass(step.pass);
          floor.tick();
        } else {
          floor.say(step.by, `${step.side}|${step.market}|5|${step.price}`);
        }
        for (const [i, input] of floor.journal.slice(heard).entries()) {
          other.hours.of = undefined;
          assert.deepEqual(apply(other, input), floor.outputs[heard + i]);
        }
        sums(floor.state);
        assert.equal(stateHash(other), stateHash(floor.state));
      }
      calls += floor.leaves.filter((leaf) => leaf.includes("|volatility_call|")).length;
    }),
    { numRuns: runs(60) },
  );
  assert.ok(calls > 0);
});

/** Counts how often a calendar was asked for. */
class Counted extends Map<string, Calendar> {
  asked = 0;

  override get(name: string): Calendar | undefined {
    this.asked += 1;
    return super.get(name);
  }
}

test("an input before the next change looks at no calendar", () => {
  const floor = new Floor(configurationOf(1));
  const counted = new Counted(floor.state.configuration.days);
  floor.state.configuration = { ...floor.state.configuration, days: counted };
  floor.tick();
  counted.asked = 0;
  floor.pass(29 * 60_000);
  for (let i = 0; i < 9; i += 1) floor.tick();
  assert.equal(counted.asked, 0);
  floor.pass(60_000);
  floor.tick();
  assert.notEqual(counted.asked, 0);
  assert.match(floor.leaves.at(-2) ?? "", /GLD\/BTC\|closing_call/);
});
