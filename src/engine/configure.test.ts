/** What may follow a configuration, and what stays as it was (docs/spec/exchange.md §3). */
import assert from "node:assert/strict";
import test from "node:test";
import { Floor, plainConfiguration } from "../testing/floor.ts";
import { checkConfiguration } from "./configure.ts";
import { levelsOf } from "./marketread.ts";
import { sums } from "./audit.ts";

const plain = plainConfiguration;
const reference = (floor: Floor): number => floor.state.floor.markets[0]?.reference ?? 0;

function marketAt(most: number): string {
  const steps = `lot 1 step 1 tick 1 maximum-price ${most}`;
  return `market A/B ${steps} quantity 1 to 1 maker 0% taker 0%`;
}

function refusal(floor: Floor, text: string): string {
  const checked = checkConfiguration(floor.state, text);
  return checked.ok ? "accepted" : `${checked.name}: ${checked.detail}`;
}

test("a market that could not be listed is refused before it is journaled", () => {
  const floor = new Floor();
  const market = (terms: string): string =>
    `${plain}\nasset A decimals 0 supply 1000\nasset Q decimals 12 supply 9007\n` +
    `market A/Q lot 1 step 1 ${terms} quantity 1 to 100 maker 0% taker 0%\n`;
  assert.match(refusal(floor, market("tick 10000 maximum-price 10000")), /lowest price is at most/);
  assert.match(
    refusal(
      floor,
      `${plain}\nasset A decimals 0 supply 1000\nasset B decimals 0 supply 1000\n` +
        marketAt(9_007_199_254_740_991),
    ),
    /maximum-price is at most 4503599627370496 ticks/,
  );
  assert.equal(refusal(floor, market("tick 1 maximum-price 9000")), "accepted");
});

test("at the highest price that there is, orders stand and leave as anywhere", () => {
  const floor = new Floor(
    `${plain}\nasset A decimals 0 supply 1000\nasset B decimals 0 supply 9007199254740991\n` +
      marketAt(4_503_599_627_370_496),
  );
  floor.fund("Alice", "A", 2);
  const top = 4_503_599_627_370_496;
  floor.say("Alice", `SELL|A/B|1|${top}|id=a`, `SELL|A/B|1|${top - 1}`);
  assert.deepEqual(levelsOf(floor.state, "A/B", "sell"), [
    { price: top - 1, quantity: 1 },
    { price: top, quantity: 1 },
  ]);
  floor.say("Alice", "CANCEL|a");
  assert.deepEqual(levelsOf(floor.state, "A/B", "sell"), [{ price: top - 1, quantity: 1 }]);
  sums(floor.state);
});

test("a maximum price passes over no open order", () => {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 100_000_000_000);
  floor.fund("Bob", "GLD", 1_000_000);
  floor.say("Alice", "BUY|GLD/BTC|10|5000000");
  floor.say("Bob", "SELL|GLD/BTC|1000000|6000000");
  const other = (most: string): string =>
    plain.replace("maximum-price 100", `maximum-price ${most}`);
  assert.match(refusal(floor, other("49")), /must_stay: .*above the new maximum price/);
  assert.match(refusal(floor, other("100000")), /must_stay: .*come to too much/);
  assert.equal(refusal(floor, other("99")), "accepted");
  floor.say("Bob", "CANCELALL");
  assert.equal(refusal(floor, other("100000")), "accepted");
});

test("a reference price that the market found is not forgotten with the line that began it", () => {
  const limits = "limits GLD/BTC collar none orders none trades none";
  const floor = new Floor(`${plain}\n${limits} reference 0.042\n`);
  assert.equal(reference(floor), 4200);
  const configure = (text: string): void => {
    floor.give({ kind: "configure", at: floor.now, text: `${plain}\n${text}\n` });
  };
  configure(limits);
  assert.equal(reference(floor), 4200);
  configure("");
  assert.equal(reference(floor), 4200);
  configure(`${limits} reference 0.05`);
  assert.equal(reference(floor), 5000);
});

test("an issuer may be mended while nothing of the asset is there", () => {
  const issuer = (digit: string): string => `${plain}\nissuer SLV ${digit.repeat(40)}\n`;
  const withSilver = (text: string): string =>
    text.includes("asset SLV") ? text : `asset SLV decimals 0 supply 1000\n${text}`;
  const floor = new Floor(withSilver(issuer("a")));
  assert.equal(refusal(floor, withSilver(issuer("b"))), "accepted");
  assert.equal(refusal(floor, withSilver(plain)), "accepted");
  assert.match(refusal(floor, withSilver(`${plain}\nissuer BTC ${"a".repeat(40)}\n`)), /accepted/);
  floor.fund("Alice", "BTC", 1);
  assert.match(
    refusal(floor, withSilver(`${plain}\nissuer BTC ${"a".repeat(40)}\n`)),
    /must_stay: the issuer of BTC/,
  );
});

test("a replacement that only changes POST_ONLY is known to the floor, and tells no level", () => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 100);
  floor.say("Alice", "SELL|GLD/BTC|10|4215|id=a");
  const leaves = (line: string): readonly string[] =>
    floor.post("Alice", floor.write("Alice", [line])).leaves;
  assert.deepEqual(leaves("REPLACE|a|-|-|tif=POST_ONLY"), []);
  sums(floor.state);
  assert.deepEqual(leaves("REPLACE|a|4|-"), ["LEVEL|GLD/BTC|sell|4215|4"]);
  sums(floor.state);
});
