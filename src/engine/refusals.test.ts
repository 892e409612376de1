/**
 * Every refusal of the engine is reached, and of each two neighbours in a list the first one wins
 * when both apply: the order of the list is the precedence.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { noAddress } from "../codec/ethereum.ts";
import { Floor, fingerprintOf, opening, plainConfiguration } from "../testing/floor.ts";
import { RingFloor, ringConfigurationOf, ringMiner } from "../testing/ringfloor.ts";
import {
  cancelRefusals,
  configurationRefusals,
  creditRefusals,
  haltRefusals,
  issuerRefusals,
  replaceRefusals,
  switchRefusals,
  depositRefusals,
  lineRefusals,
  observeRefusals,
  placeRefusals,
  pushRefusals,
  registerRefusals,
  resendRefusals,
  ringRefusals,
  settleRefusals,
  skipRefusals,
  statRefusals,
  unringRefusals,
  withdrawRefusals,
} from "./refusals.ts";
import { checkConfiguration } from "./configure.ts";
import { ringVenue } from "./rings.ts";

/** The name with which the last line of a letter is refused. */
function refused(floor: Floor, name: string, ...commands: readonly string[]): string {
  const entries = floor.say(name, ...commands);
  const reject = entries.find((entry) => entry.kind === "reject" && entry.line === commands.length);
  return reject?.kind === "reject" ? reject.name : "accepted";
}

type Row = {
  readonly command: string;
  readonly expect: string;
  readonly by?: string;
  readonly after?: () => void;
};

/**
 * Rows in the order of the list: each breaks its own rule and, where the two can be broken at once,
 * that of the next name too.
 */
function table(list: readonly string[], floor: Floor, rows: readonly Row[]): void {
  assert.deepEqual(
    [...new Set(rows.map((row) => row.expect))],
    list,
    "the rows stand in the order of the list",
  );
  for (const { command, expect, by, after } of rows) {
    after?.();
    const name = by ?? "Alice";
    assert.equal(refused(floor, name, ...command.split(" & ")), expect, `${name}: ${command}`);
  }
}

function funded(): Floor {
  const floor = new Floor();
  floor.fund("Alice", "BTC", 100_000_000);
  floor.fund("Alice", "GLD", 1000);
  floor.register("Bob");
  return floor;
}

const past = opening / 1000;
const order = "BUY|GLD/BTC|10|4000";

test("orders", () => {
  const wide = plainConfiguration.replace("maximum-price 100", "maximum-price 9000000");
  const floor = new Floor(
    `${wide
      .replace("quantity 0.1 to 100000", "quantity 1 to 90000000")
      .replace("tick 0.00001", "tick 0.0001")}
limits GLD/BTC collar none orders 100% trades none reference 40
`,
  );
  const operator = "the first operator";
  floor.fund("Alice", "BTC", 100_000_000);
  floor.fund("the third customer", "GLD", 100);
  floor.say("Alice", `${order}|id=one`);
  fillUp(floor, "Bob");
  floor.say("the third customer", "SELL|GLD/BTC|10|5000");
  floor.say(operator, "HALT|GLD/BTC|news");
  table(placeRefusals, floor, [
    { command: "BUY|SLV/BTC|10|4000|id=one", expect: "id_reused" },
    { command: "BUY|SLV/BTC|10|4001", expect: "market_unknown" },
    { command: "BUY|GLD/BTC|10|4001|tif=FOK|stop=4000", expect: "phase_forbids" },
    {
      command: "BUY|GLD/BTC|10|4001|tif=FOK|stop=4001",
      expect: "kind_wrong",
      after: () => floor.say(operator, "RESUME|GLD/BTC|all is told"),
    },
    { command: "BUY|GLD/BTC|10|9000000000000001", expect: "price_not_on_tick" },
    { command: "BUY|GLD/BTC|9|9007199254740000", expect: "price_too_high" },
    { command: "BUY|GLD/BTC|9|9000000", expect: "price_outside_limits" },
    { command: `BUY|GLD/BTC|9|4000|${past}`, expect: "quantity_too_small" },
    { command: `BUY|GLD/BTC|900000001|4000|${past}`, expect: "quantity_too_large" },
    { command: `BUY|GLD/BTC|10|4000|${past}`, expect: "expiry_passed", by: "Bob" },
    { command: "SELL|GLD/BTC|10|5000", expect: "orders_open_limit", by: "Bob" },
    { command: "BUY|GLD/BTC|900000000|8000000|tif=POST_ONLY", expect: "amount_too_large" },
    { command: "BUY|GLD/BTC|200|5000|tif=POST_ONLY", expect: "would_cross" },
    { command: "BUY|GLD/BTC|20|5000|tif=FOK", expect: "funds_short", by: operator },
    { command: "BUY|GLD/BTC|20|5000|tif=FOK", expect: "fok_unfillable" },
  ]);
});

test("replacing", () => {
  const floor = new Floor(
    `${plainConfiguration
      .replace("tick 0.00001", "tick 0.0001")
      .replace("quantity 0.1 to 100000", "quantity 1 to 100000000")}
limits GLD/BTC collar none orders 100% trades none reference 40
`,
  );
  const operator = "the first operator";
  floor.fund("Alice", "BTC", 10_000_000);
  floor.fund("Bob", "GLD", 100);
  floor.say("Alice", "BUY|GLD/BTC|10|4000|id=a", "BUY|GLD/BTC|10|4000|id=d|tif=DAY");
  floor.say("Bob", "SELL|GLD/BTC|10|5000");
  floor.say(operator, "HALT|GLD/BTC|news");
  table(replaceRefusals, floor, [
    { command: "REPLACE|b|5|4001|tif=POST_ONLY", expect: "order_not_open" },
    { command: "REPLACE|d|5|4001|tif=POST_ONLY", expect: "kind_wrong" },
    { command: "REPLACE|a|-|4001|stop=5", expect: "kind_wrong" },
    { command: "REPLACE|a|10|4000", expect: "replace_nothing" },
    { command: "REPLACE|a|5|4001", expect: "phase_forbids" },
    {
      command: "REPLACE|a|5|10000001",
      expect: "price_not_on_tick",
      after: () => floor.say(operator, "RESUME|GLD/BTC|all is told"),
    },
    { command: "REPLACE|a|5|10000010", expect: "price_too_high" },
    { command: "REPLACE|a|5|9000000", expect: "price_outside_limits" },
    { command: "REPLACE|a|5|4010", expect: "quantity_too_small" },
    { command: "REPLACE|a|1000000001|4010", expect: "quantity_too_large" },
    { command: "REPLACE|a|1000000000|8000000", expect: "amount_too_large" },
    { command: "REPLACE|a|100|5000|tif=POST_ONLY", expect: "would_cross" },
    { command: "REPLACE|a|100|4000", expect: "funds_short" },
  ]);
});

test("limits are told in the units of a letter first, then as people write them", () => {
  const floor = new Floor(
    plainConfiguration.replace("tick 0.00001", "tick 0.00005").replace("0.1 to 1", "0.2 to 1"),
  );
  floor.register("Alice");
  const said = (command: string): string => {
    const reject = floor.say("Alice", command).find((entry) => entry.kind === "reject");
    return reject?.kind === "reject" ? `${reject.name}: ${reject.sentence}` : "accepted";
  };
  assert.deepEqual(
    ["10|4001", "10|10000005", "1|4000", "1000001|4000"].map((end) => said(`BUY|GLD/BTC|${end}`)),
    [
      "price_not_on_tick: Prices are multiples of 5 price units (0.00005 BTC).",
      "price_too_high: The highest price is 10000000 price units (100 BTC).",
      "quantity_too_small: The least is 2 lots (0.2 GLD).",
      "quantity_too_large: The most is 1000000 lots (100000 GLD).",
    ],
  );
});

/** As many open orders as one account may have, buys far below everything else. */
function fillUp(floor: Floor, name: string): void {
  floor.fund(name, "BTC", 100_000_000_000);
  const letter = Array.from({ length: 1000 }, () => "BUY|GLD/BTC|10|10");
  for (let i = 0; i < 4; i += 1) floor.say(name, ...letter);
}

test("a letter whose answer is full takes no further line", () => {
  const floor = funded();
  floor.fund("Alice", "BTC", 100_000_000_000);
  const letter = Array.from({ length: 1000 }, () => "BUY|GLD/BTC|10|10");
  for (let i = 0; i < 4; i += 1) floor.say("Alice", ...letter);
  table(lineRefusals, floor, [
    { command: "FREEZE & BUY|GLD/BTC|10|10", expect: "answer_full" },
    { command: "BUY|GLD/BTC|10|10", expect: "account_frozen" },
  ]);
});

test("what fell due with the letter does not fill its answer", () => {
  const hours = "day GLD/BTC sat opening 11:00 continuous 12:30 closed 23:59";
  const floor = new Floor(`${plainConfiguration}${hours}\n`);
  floor.fund("Alice", "BTC", 100_000_000_000);
  floor.fund("Bob", "GLD", 2000);
  const buys = Array.from({ length: 1000 }, () => "BUY|GLD/BTC|1|4200");
  floor.say("Alice", ...buys);
  floor.say("Alice", ...buys);
  floor.say("Alice", "BUY|GLD/BTC|1|10|id=far");
  floor.say("Bob", "SELL|GLD/BTC|2000|4200");
  floor.pass(31 * 60_000);
  // Two thousand fills with their moves and holds; Alice's letter is the first input after them.
  const said = floor.say("Alice", "CANCEL|far");
  assert.ok(said.length >= 8000);
  assert.deepEqual(
    said.filter(({ kind }) => kind === "reject"),
    [],
  );
  assert.equal(floor.balance("Alice", "BTC").held, 0);
});

test("what a replaced order is short of is said of what would be open", () => {
  const floor = new Floor();
  floor.fund("Alice", "GLD", 10);
  floor.fund("Bob", "BTC", 100_000_000);
  floor.say("Alice", "SELL|GLD/BTC|10|4200|id=a");
  floor.say("Bob", "BUY|GLD/BTC|4|4200");
  const [reject] = floor.say("Alice", "REPLACE|a|30");
  assert.ok(reject?.kind === "reject");
  assert.equal(reject.sentence, "This needs 2.6 GLD; 0.6 GLD is free.");
});

test("cancelling", () => {
  table(cancelRefusals, funded(), [
    { command: "CANCELALL|SLV/BTC", expect: "market_unknown" },
    { command: "CANCEL|nothing", expect: "order_not_open" },
  ]);
});

test("switching", () => {
  table(switchRefusals, funded(), [{ command: `CANCELAFTER|${past}`, expect: "switch_passed" }]);
});

test("halting", () => {
  table(haltRefusals, funded(), [
    { command: "HALT|SLV/BTC|news", expect: "operators_only" },
    { command: "RESUME|SLV/BTC|news", expect: "market_unknown", by: "the first operator" },
  ]);
});

/** Alice issues S, whose market is open, D, which is delisted, and U, which is not listed. */
function issuing(): Floor {
  const alice = fingerprintOf("Alice");
  const assets = ["S", "D", "U"].map(
    (name) => `asset ${name} decimals 0 supply 1000\nissuer ${name} ${alice}\n`,
  );
  const market =
    "market S/BTC lot 1 step 0.00000001 tick 0.00000001 maximum-price 1 " +
    "quantity 1 to 1000 maker 0% taker 0%\n";
  const floor = new Floor(`${plainConfiguration}${assets.join("")}${market}rename S SS\n`);
  floor.fund("Alice", "BTC", 1000);
  floor.register("Bob");
  const hash = "0".repeat(64);
  const push = (name: string): string => `PUSH|S|${fingerprintOf(name)}|1`;
  floor.say("Alice", `LIST|D|5|${hash}`, "DELIST|D", `LIST|S|900|${hash}`);
  floor.say("Alice", push("Bob"), push("the stranger"));
  return floor;
}

test("issuing", () => {
  const floor = issuing();
  const [operator, hash] = ["the first operator", "0".repeat(64)];
  const declared = "DIVIDEND|S|BTC|1|1000";
  const far = past + 101 * 86_400;
  const wait = (): void => {
    for (let i = 0; i < 100; i += 50) {
      floor.say("Alice", ...Array.from({ length: 50 }, () => `${declared}|${past + 9}`));
    }
  };
  const withdrawn = (): void => {
    floor.say("Alice", `PUSH|S|${fingerprintOf("Bob")}|1`);
    floor.say("Bob", "WITHDRAW|S|1|paper");
    floor.say(operator, floor.approveLine(1), "HALT|S/BTC|a ratio");
  };
  const most = 9_007_199_254_740_991;
  table(issuerRefusals, floor, [
    { command: "HOLDERS|X & HOLDERS|X", expect: "action_repeated" },
    { command: "RATIO|S|2|1|X|0 & RATIO|S|2|1|X|0", expect: "action_repeated" },
    { command: "DIVIDEND|X|BTC|1|1 & DIVIDEND|X|BTC|1|1", expect: "action_repeated" },
    { command: `DIVIDEND|X|BTC|1|1|${past} & DIVIDEND|X|BTC|1|1`, expect: "asset_unknown" },
    { command: "HOLDERS|X", expect: "asset_unknown" },
    { command: "DIVIDEND|GLD|X|1|1", expect: "asset_unknown", by: "Bob" },
    { command: "RATIO|S|2|1|S|0", expect: "asset_unknown", by: "Bob" },
    { command: "HOLDERS|GLD", expect: "asset_not_issued" },
    { command: `LIST|D|5|${hash}`, expect: "not_the_issuer", by: "Bob" },
    { command: `LIST|D|5|${hash}`, expect: "already_delisted" },
    { command: `LIST|S|5000|${hash}`, expect: "already_listed" },
    { command: `DIVIDEND|U|BTC|9999|1|${past}`, expect: "asset_not_listed" },
    { command: `LIST|U|1001|${hash}`, expect: "shares_over_supply" },
    { command: "RATIO|S|2|1|BTC|0", expect: "shares_over_supply" },
    { command: `DIVIDEND|S|BTC|9999|899|${past}`, expect: "float_too_small" },
    { command: `DIVIDEND|S|BTC|9999|900|${past}`, expect: "record_passed" },
    { command: `DIVIDEND|S|BTC|9999|900|${far}`, expect: "record_too_far", after: wait },
    { command: "DIVIDEND|S|BTC|9999|900", expect: "actions_limit" },
    { command: "RENAME|S|SSS", expect: "name_not_reserved" },
    { command: "RATIO|S|1|2|BTC|0", expect: "market_not_stopped" },
    { command: "RATIO|S|1|2|BTC|0", expect: "dividend_pending", after: withdrawn },
    {
      command: `RATIO|S|2|3|BTC|${most}`,
      expect: "withdrawals_unpaid",
      after: () => floor.pass(9000),
    },
    {
      command: `RATIO|S|2|3|BTC|${most}`,
      expect: "amount_too_large",
      after: () => floor.say(operator, "PAID|1|paper"),
    },
    { command: `RATIO|S|2|3|BTC|${most - 3}`, expect: "amount_too_large" },
    { command: "RATIO|S|2|3|BTC|1000000", expect: "funds_short" },
    { command: "DIVIDEND|S|BTC|1001|900000", expect: "funds_short" },
    { command: "DIVIDEND|S|BTC|1|900", expect: "dividend_pays_nobody" },
  ]);
});

test("pushes", () => {
  table(pushRefusals, funded(), [
    { command: `PUSH|SLV|${fingerprintOf("Alice")}|5`, expect: "asset_unknown" },
    { command: `PUSH|BTC|${fingerprintOf("Alice")}|100000001`, expect: "push_to_self" },
    { command: `PUSH|BTC|${fingerprintOf("Bob")}|100000001`, expect: "funds_short" },
  ]);
});

test("deposits", () => {
  const floor = funded();
  floor.say("Alice", ...Array.from({ length: 100 }, (_, i) => `DEPOSIT|BTC|5|id=d${i}`));
  table(depositRefusals, floor, [
    { command: "DEPOSIT|SLV|5|id=d7", expect: "id_reused" },
    { command: "DEPOSIT|SLV|5", expect: "asset_unknown" },
    { command: "DEPOSIT|BTC|5", expect: "deposits_awaited_limit" },
  ]);
});

test("withdrawals", () => {
  const floor = funded();
  floor.say("Alice", ...Array.from({ length: 100 }, (_, i) => `WITHDRAW|BTC|5|bc1q|id=w${i}`));
  table(withdrawRefusals, floor, [
    { command: "WITHDRAW|SLV|5|bc1q|id=w7", expect: "id_reused" },
    { command: "WITHDRAW|SLV|5|bc1q", expect: "asset_unknown" },
    { command: "WITHDRAW|BTC|100000001|bc1q", expect: "withdrawals_waiting_limit" },
    { command: "WITHDRAW|BTC|5|bc1q", expect: "funds_short", by: "Bob" },
  ]);
});

test("credits", () => {
  const floor = funded();
  floor.say("Alice", "DEPOSIT|BTC|5");
  const operator = "the first operator";
  const [alice, bob] = [fingerprintOf("Alice"), fingerprintOf("Bob")];
  const tooMuch = "BTC|9007199254740991|here";
  table(creditRefusals, floor, [
    { command: `CREDIT|9|${bob}|BTC|5|here`, expect: "operators_only" },
    { command: `CREDIT|9|${bob}|${tooMuch}`, expect: "deposit_unknown", by: operator },
    { command: `CREDIT|1|${bob}|${tooMuch}`, expect: "deposit_settled", by: operator },
    { command: `CREDIT|3|${bob}|${tooMuch}`, expect: "request_differs", by: operator },
    { command: `CREDIT|3|${alice}|GLD|5|here`, expect: "request_differs", by: operator },
    { command: `CREDIT|3|${alice}|${tooMuch}`, expect: "supply_exceeded", by: operator },
  ]);
});

test("settling withdrawals", () => {
  const floor = funded();
  const operator = "the first operator";
  floor.say("Alice", ...Array.from({ length: 3 }, () => "WITHDRAW|BTC|5|bc1q"));
  floor.say(operator, "REFUSE|1|not today", "APPROVE|2|BTC|5|bc1q");
  table(settleRefusals, floor, [
    { command: "APPROVE|9|BTC|5|bc1q", expect: "operators_only" },
    { command: "APPROVE|9|BTC|5|bc1q", expect: "withdrawal_unknown", by: operator },
    { command: "PAID|1|here", expect: "withdrawal_settled", by: operator },
    { command: "APPROVE|1|BTC|6|bc1q", expect: "withdrawal_settled", by: operator },
    { command: "APPROVE|2|BTC|6|bc1q", expect: "withdrawal_not_waiting", by: operator },
    { command: "REFUSE|2|here", expect: "withdrawal_not_waiting", by: operator },
    { command: "PAID|3|here", expect: "withdrawal_not_approved", by: operator },
    { command: "APPROVE|3|BTC|6|bc1q", expect: "request_differs", by: operator },
    { command: "APPROVE|3|GLD|5|bc1q", expect: "request_differs", by: operator },
    { command: "APPROVE|3|BTC|5|bc1p", expect: "request_differs", by: operator },
  ]);
});

test("registering, reading and skipping", () => {
  const floor = funded();
  table(registerRefusals, floor, [{ command: "REGISTER|AAAA", expect: "already_registered" }]);
  table(statRefusals, floor, [{ command: "STAT & STAT", expect: "stat_repeated" }]);
  table(resendRefusals, floor, [
    { command: "STAT & RESEND|98|99", expect: "resend_not_alone" },
    { command: "RESEND|98|99", expect: "report_unknown" },
  ]);
  table(skipRefusals, floor, [{ command: "SKIP|1|here", expect: "skip_not_by_letter" }]);
});

/** RING with a signature and a key that nobody looks at, where nobody here has keys. */
function ringLine(
  rings: RingFloor,
  fields: object,
  options: { auth?: string; id?: string },
): string {
  const terms = { sell: [5n, "GOLD"], buy: [5n, "TIN"], ...fields } as const;
  const signature = new Uint8Array(64).fill(1);
  const label = options.id === undefined ? "" : `|id=${options.id}`;
  return rings.ringLine({ ...rings.offer("Alice", terms), signature }, label, options.auth);
}

test("ring orders", () => {
  const rings = new RingFloor();
  const floor = new Floor();
  floor.register("Alice");
  const expired = { validUntil: BigInt(past) };
  const unknown = { sellToken: noAddress };
  const vet = (vetting: ReturnType<Floor["vet"]>) => (): void => {
    floor.vet = () => vetting;
  };
  const contract = ringVenue(rings.floor.state)?.domain.contract;
  const text = ringConfigurationOf(1, rings.watchers);
  const configure = (): void => void floor.give({ kind: "configure", at: floor.now, text });
  const begin = (): void => {
    vet("good")();
    floor.say("Alice", ringLine(rings, {}, { id: "one" }));
    vet("ring_auth_unreadable")();
  };
  const fill = (): void => {
    for (let i = 1; i < 50; i += 7) {
      const nonces = Array.from({ length: 7 }, (_, k) => BigInt(i + k));
      floor.say("Alice", ...nonces.map((nonce) => ringLine(rings, { nonce }, {})));
    }
  };
  const both = { ...unknown, ...expired };
  const line = (fields: object, options: { auth?: string; id?: string } = {}): string =>
    ringLine(rings, fields, options);
  table(ringRefusals, floor, [
    { command: line(both), expect: "ring_not_offered" },
    { command: line(both), expect: "ring_order_expired", after: configure },
    {
      command: line(unknown, { auth: "-" }),
      expect: "ring_token_unknown",
      after: vet("ring_auth_unreadable"),
    },
    { command: line({ feeToken: ringMiner.address }), expect: "ring_token_unknown" },
    { command: line({ owner: noAddress, ...unknown }), expect: "ring_token_unknown" },
    { command: line({ owner: noAddress }, { auth: "-" }), expect: "ring_order_impossible" },
    { command: line({ owner: contract }), expect: "ring_order_impossible" },
    { command: line({ wallet: contract }), expect: "ring_order_impossible" },
    { command: line({ recipient: contract }), expect: "ring_order_impossible" },
    { command: line({}, { auth: "-" }), expect: "ring_auth_missing" },
    { command: line({}, { id: "one" }), expect: "ring_auth_unreadable", after: begin },
    { command: line({}, { id: "one" }), expect: "ring_auth_wrong", after: vet("ring_auth_wrong") },
    { command: line({}, { id: "one" }), expect: "ring_order_repeated", after: vet("good") },
    { command: line({ nonce: 5000n }, { id: "one" }), expect: "id_reused", after: fill },
    { command: line({ nonce: 5000n }), expect: "ring_orders_too_many" },
  ]);
  table(unringRefusals, floor, [{ command: "UNRING|two", expect: "ring_order_unknown" }]);
  table(observeRefusals, floor, [
    { command: `OBSERVE|1|epoch|${noAddress}|5`, expect: "not_a_watcher" },
    {
      command: `OBSERVE|1|epoch|${noAddress}|5`,
      expect: "observation_not_wanted",
      by: "the watcher",
      after: () => floor.register("the watcher"),
    },
  ]);
});

test("configurations", () => {
  const floor = new Floor();
  const asset = "asset BTC decimals 8 supply 21000000\n";
  const token = `token A address 0x${"11".repeat(20)} decimals 1 price 1\n`;
  const ring =
    `ring chain 1 contract 0x${"22".repeat(20)} miner 0x${"33".repeat(20)} ` +
    `fee-recipient 0x${"33".repeat(20)} gas-per-order 0 deadline 300 round 1\n`;
  const other = "rename BTC BTC\n";
  const listed = plainConfiguration;
  const day = "day GLD/BTC fri continuous 09:00 closed 17:00\n";
  const withoutMarket = plainConfiguration.replace("market", "# market");
  const rows = [
    ["configuration_not_ascii", "asset BTC\tdecimals 8\nnonsense\n"],
    ["fact_unknown", `nonsense\n${asset}${asset}asset LTC\n`],
    ["fact_malformed", `asset LTC\n${asset}${asset}`],
    ["fact_repeated", `${asset}${asset}`],
    ["asset_unknown", plainConfiguration.replace("asset GLD", "asset SLV")],
    ["market_unknown", `${asset}limits A/BTC collar none orders none trades none\n${other}`],
    ["name_taken", `${asset}${other}`],
    ["day_over_midnight", `${listed}day GLD/BTC fri continuous 22:00 closed 02:00\n`],
    ["days_overlap", `${listed}${day}${day}`],
    ["operators_wrong", `${asset}${token}operators 1\n`],
    ["ring_missing", `${plainConfiguration}${token}watchers 2\n`],
    ["watchers_wrong", `${withoutMarket}${ring}${token}watchers 1\n`],
    ["must_stay", plainConfiguration.replace("asset GLD decimals 1", "asset GLD decimals 2")],
  ] as const;
  assert.deepEqual(
    rows.map(([name]) => name),
    configurationRefusals,
  );
  for (const [name, text] of rows) {
    const checked = checkConfiguration(floor.state, text);
    assert.equal(checked.ok ? "accepted" : checked.name, name, text);
  }
});
