/** Configurations: exact integers or a refusal that names the line; and what may change later. */
import assert from "node:assert/strict";
import test from "node:test";
import { Floor, plainConfiguration } from "../testing/floor.ts";
import { checkConfiguration } from "./configure.ts";
import { parseConfiguration } from "./configuration.ts";
import { noLimits } from "../money/market.ts";
import { newState } from "./state.ts";
import { fingerprint } from "../codec/names.ts";
import { ringConfigurationOf } from "../testing/ringfloor.ts";

function changed(from: string, to: string): string {
  const text = plainConfiguration.replace(from, to);
  assert.notEqual(text, plainConfiguration);
  const parsed = parseConfiguration(text);
  return parsed.ok ? "accepted" : `${parsed.name} ${parsed.detail}`;
}

test("the market of the page, in integers", () => {
  const parsed = parseConfiguration(plainConfiguration);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.markets.get("GLD/BTC"), {
    name: "GLD/BTC",
    base: "GLD",
    quote: "BTC",
    lot: 1,
    unit: 100,
    tick: 1,
    priceDecimals: 5,
    priceMax: 10_000_000,
    quantityMin: 1,
    quantityMax: 1_000_000,
    makerRate: 1000,
    takerRate: 2000,
    ...noLimits,
  });
});

test("comments, blank lines and blanks between words mean nothing", () => {
  assert.equal(changed("asset GLD", "\n# gold\n  asset   GLD"), "accepted");
  assert.equal(changed("supply 100000000", "supply 100000000 # all of it"), "accepted");
});

test("what is not exact is refused, and the line is named", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["decimals 8", "decimals 13", /^fact_malformed line 1:/],
    ["supply 21000000", "supply 210000000", /^fact_malformed line 1:/],
    ["asset GLD", "asset gld", /^fact_malformed line 2:/],
    ["lot 0.1", "lot 0.01", /^fact_malformed line 3: market GLD\/BTC: lot/],
    ["lot 0.1", "lot 0", /lot/],
    ["step 0.00001", "step 0.00002", /step is/],
    ["step 0.00001", "step 0.0000000001", /whole number of quote units/],
    ["tick 0.00001", "tick 0.000001", /tick/],
    ["maximum-price 100", "maximum-price 0", /maximum-price/],
    ["quantity 0.1", "quantity 0.15", /quantity/],
    ["to 100000", "to 0.05", /quantity/],
    ["maker 0.1%", "maker 0.1", /rate/],
    ["taker 0.2%", "taker 100.1%", /rate/],
    ["operators 1", "operators 3", /^operators_wrong/],
    ["operators 1", "operators 0", /^fact_malformed line 4/],
    ["operator 1aca", "operator 1ac", /^fact_malformed line 5/],
    ["GLD/BTC", "GLD/GLD", /^asset_unknown line 3/],
    ["GLD/BTC", "GLD", /^asset_unknown line 3/],
    ["GLD/BTC", "GLD/BTC/BTC", /^asset_unknown line 3/],
  ];
  for (const [from, to, expected] of cases) assert.match(changed(from, to), expected, to);
});

test("what orders were placed in must stay; the rest may change", () => {
  const floor = new Floor();
  const check = (from: string, to: string): string => {
    const checked = checkConfiguration(floor.state, plainConfiguration.replace(from, to));
    return checked.ok ? "accepted" : checked.name;
  };
  assert.equal(check("tick 0.00001", "tick 0.00002"), "must_stay");
  assert.equal(check("market", "# market"), "must_stay");
  assert.equal(check("step 0.00001 tick 0.00001", "step 0.0001 tick 0.0001"), "must_stay");
  assert.equal(check("maker 0.1%", "maker 0.5%"), "accepted");
  assert.equal(check("quantity 0.1 to", "quantity 5 to"), "accepted");
  const early = newState(fingerprint("e0".repeat(20)));
  assert.ok(checkConfiguration(early, plainConfiguration).ok);
});

test("the log is told of new and changed markets only", () => {
  const floor = new Floor();
  const leaf = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|1000|2000|1|8";
  assert.deepEqual(floor.leaves, [leaf]);
  const give = (text: string): readonly string[] => {
    return floor.give({ kind: "configure", at: floor.now, text }).leaves;
  };
  assert.deepEqual(give(`# no change\n${plainConfiguration}`), []);
  const dearer = plainConfiguration.replace("taker 0.2%", "taker 0.3%");
  assert.deepEqual(give(dearer), [leaf.replace("|2000|", "|3000|")]);
});

const venue = ringConfigurationOf(2, ["the first watcher", "the second watcher"]);

test("the ring venue's lines, one by one", () => {
  const parsed = parseConfiguration(venue);
  assert.ok(parsed.ok && parsed.value.ring);
  assert.equal(parsed.value.watchersNeeded, 2);
  assert.deepEqual([...parsed.value.ring.tokens.keys()], ["GOLD", "SILVER", "TIN"]);
  const cases: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    ["chain", "chain 31337", "chain 0", /^fact_malformed line 7: ring .*chain/],
    ["large chain", "chain 31337", "chain 9007199254740992", /^fact_malformed line 7/],
    ["contract", /contract 0x../, "contract 0x", /^fact_malformed line 7: .*an address/],
    ["no contract", /contract 0x\w+/, `contract 0x${"00".repeat(20)}`, /^fact_malformed line 7/],
    ["gas", "gas-per-order 0.2", "gas-per-order -1", /^fact_malformed line 7: .*gas-per-order/],
    ["deadline", "deadline 300", "deadline 86401", /^fact_malformed line 7: .*deadline/],
    ["round", "round 1", "round 0.0", /^fact_malformed line 7: .*round/],
    ["word", "round 1", "turn 1", /^fact_malformed line 7: .*words/],
    ["two", "watchers 2", "watchers 2\nwatchers 2", /^fact_repeated line 12: watchers/],
    ["none", "watchers 2", "watchers 0", /^fact_malformed line 11/],
    ["three", "watchers 2", "watchers 3", /^watchers_wrong/],
    ["watcher", "watcher ", "watcher x", /^fact_malformed line 12/],
    ["token", "token TIN", "token tin", /^fact_malformed line 10: .*NAME/],
    ["token again", "token TIN", "token GOLD", /^fact_repeated line 10: token GOLD/],
    ["decimals", "decimals 18", "decimals 78", /^fact_malformed line 8: .*D is/],
    ["price", "price 1.0", "price 0", /^fact_malformed line 8: .*P is/],
    ["no ring", "ring chain", "# ring chain", /^ring_missing/],
  ];
  for (const [name, from, to, expected] of cases) {
    const text = venue.replace(from, to);
    assert.notEqual(text, venue, name);
    const read = parseConfiguration(text);
    assert.match(read.ok ? "accepted" : `${read.name} ${read.detail}`, expected, name);
  }
});

test("chain, contract and tokens must stay; who mines, prices and watchers may change", () => {
  const floor = new Floor(venue);
  const check = (from: string | RegExp, to: string): string => {
    const text = venue.replace(from, to);
    assert.notEqual(text, venue);
    const checked = checkConfiguration(floor.state, text);
    return checked.ok ? "accepted" : `${checked.name} ${checked.detail}`;
  };
  const other = `0x${"77".repeat(20)}`;
  assert.match(check("chain 31337", "chain 1"), /^must_stay ring chain 31337/);
  assert.match(check(/contract 0x\w+/, `contract ${other}`), /^must_stay ring/);
  assert.match(check(/address 0x\w+/, `address ${other}`), /^must_stay token GOLD/);
  assert.match(check("decimals 18 price", "decimals 17 price"), /^must_stay token GOLD/);
  assert.match(check("token TIN", "# token TIN"), /^must_stay token TIN/);
  assert.match(check(/^(?:ring|token|watcher).*$/gm, ""), /^must_stay ring/);
  assert.equal(check(/ miner 0x\w+/, ` miner ${other}`), "accepted");
  assert.equal(check(/fee-recipient 0x\w+/, `fee-recipient ${other}`), "accepted");
  assert.equal(check("price 1.0", "price 2"), "accepted");
  assert.equal(check("watchers 2", "watchers 1"), "accepted");
});
