/** Lines about markets, days and issuers; and the configuration once assets are renamed. */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { sha256Hex } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import { parseConfiguration, renamedConfiguration, type Configuration } from "./configuration.ts";
import { configurationRefusals } from "./refusals.ts";

const alice = sha256Hex("Alice").slice(0, 40);
const terms = "quantity 0.1 to 100000 maker 0.1% taker 0.2%";
const plain = [
  "asset BTC decimals 8 supply 21000000",
  "asset GLD decimals 1 supply 100000000",
  "asset ACME decimals 0 supply 1000000",
  `market GLD/BTC lot 0.1 step 0.00001 tick 0.00005 maximum-price 100 ${terms}`,
  `market ACME/BTC lot 1 step 0.001 tick 0.001 maximum-price 100 quantity 1 to 9 maker 0% taker 0%`,
  "operators 1",
  `operator ${alice}`,
];

function read(...lines: readonly string[]): Configuration {
  const parsed = parseConfiguration([...plain, ...lines, ""].join("\n"));
  assert.ok(parsed.ok, parsed.ok ? "" : `${parsed.name} ${parsed.detail}`);
  return parsed.value;
}

/** Which refusal, and what it says. */
function refusal(...lines: readonly string[]): string {
  const parsed = parseConfiguration([...plain, ...lines, ""].join("\n"));
  return parsed.ok ? "accepted" : `${parsed.name} ${parsed.detail}`;
}

const dayLine =
  "day GLD/BTC mon-fri pre-open 08:30 opening 09:00 continuous 09:30 closing 13:20 closed 13:30";

test("without these lines: no limits, no days, five minutes, nobody, nothing reserved", () => {
  const { markets, days, volatilityMs, issuers, reserved, statementsOnClose } = read();
  const { collarRate, limitRate, bandRate, reference } = markets.get("GLD/BTC") ?? {};
  assert.deepEqual([collarRate, limitRate, bandRate, reference], [0, 0, 0, 0]);
  assert.equal(days.size + issuers.size + reserved.size, 0);
  assert.deepEqual(
    [...volatilityMs],
    [
      ["GLD/BTC", 300_000],
      ["ACME/BTC", 300_000],
    ],
  );
  assert.equal(statementsOnClose, false);
});

test("limits are parts per million, and the reference is a price", () => {
  const line = "limits GLD/BTC collar 5% orders none trades 0.0001% reference 0.042";
  const { markets } = read(line);
  const { name, collarRate, limitRate, bandRate, reference } = markets.get("GLD/BTC") ?? {};
  assert.deepEqual(
    [name, collarRate, limitRate, bandRate, reference],
    ["GLD/BTC", 50_000, 0, 1, 4200],
  );
  assert.deepEqual([...markets.keys()], ["GLD/BTC", "ACME/BTC"]);
});

test("a day of the page, and two sessions on one weekday in either order", () => {
  const changes = (lines: readonly string[]): readonly string[] =>
    (read(...lines).days.get("GLD/BTC") ?? []).map((day) =>
      day.map(({ minute, phase }) => `${minute} ${phase}`).join(", "),
    );
  const whole = "510 pre_open, 540 opening_call, 570 continuous, 800 closing_call, 810 closed";
  assert.deepEqual(changes([dayLine]), [whole, whole, whole, whole, whole, "", ""]);
  const evening = "day GLD/BTC fri-mon continuous 18:00 closed 23:59";
  const late = "1080 continuous, 1439 closed";
  const both = `${whole}, ${late}`;
  const expected = [both, whole, whole, whole, both, late, late];
  assert.deepEqual(changes([dayLine, evening]), expected);
  assert.deepEqual(changes([evening, dayLine]), expected);
  assert.equal(read(dayLine).days.get("ACME/BTC"), undefined);
});

test("volatility, issuers, reserved names, statements", () => {
  const { volatilityMs, issuers, reserved, statementsOnClose } = read(
    "volatility GLD/BTC 30s",
    "volatility ACME/BTC 24h",
    `issuer ACME ${alice.toUpperCase()}`,
    "rename ACME ACME.N",
    "statements on-close",
  );
  assert.deepEqual([...volatilityMs.values()], [30_000, 86_400_000]);
  assert.deepEqual([...issuers], [["ACME", alice]]);
  assert.deepEqual([...reserved], [["ACME", "ACME.N"]]);
  assert.equal(statementsOnClose, true);
});

test("what is not exact is refused by name, and the line is named", () => {
  const limits = "limits GLD/BTC collar 5% orders 20% trades 10%";
  const issuer = `issuer ACME ${alice}`;
  const cases: readonly (readonly [RegExp, ...string[]])[] = [
    [/^fact_malformed line 8: .*words/, "limits GLD/BTC collar 5% orders 20%"],
    [/^fact_malformed line 8: .*words/, limits.replace("collar", "band")],
    [/^fact_malformed line 8: .*words/, `${limits} reference`],
    [/^fact_malformed line 8: .*words/, `${limits} price 1`],
    [/^fact_malformed line 8: .*0%/, limits.replace("20%", "0%")],
    [/^fact_malformed line 8: .*0%/, limits.replace("20%", "100.1%")],
    [/^fact_malformed line 8: .*0%/, limits.replace("20%", "0.2")],
    [/^fact_malformed line 8: .*PRICE/, `${limits} reference 0`],
    [/^fact_malformed line 8: .*PRICE/, `${limits} reference 0.00006`],
    [/^fact_malformed line 8: .*PRICE/, `${limits} reference 100.00005`],
    [/^fact_repeated line 9: limits GLD/, limits, limits],
    [/^market_unknown line 8: limits BTC\/GLD/, limits.replace("GLD/BTC", "BTC/GLD")],
    [/^fact_malformed line 8: day/, "day GLD/BTC mon-fri"],
    [/^fact_malformed line 8: day/, "day GLD/BTC mon-fri closed 13:30"],
    [/^fact_malformed line 8: day/, "day GLD/BTC mon-fri continuous 09:00"],
    [/^fact_malformed line 8: day/, dayLine.replace("closing", "ending")],
    [/^fact_malformed line 8: day/, dayLine.replace("09:30", "9:30")],
    [/^fact_malformed line 8: day/, dayLine.replace("13:30", "24:00")],
    [/^fact_malformed line 8: day/, `${dayLine} closed 14:00`],
    [/^fact_malformed line 8: day/, dayLine.replace("mon-fri", "mon-")],
    [/^fact_malformed line 8: day/, dayLine.replace("mon-fri", "mon-mon")],
    [/^fact_malformed line 8: day/, dayLine.replace("mon-fri", "mon-tue-wed")],
    [/^fact_malformed line 8: day/, dayLine.replace("mon-fri", "Monday")],
    [/^market_unknown line 8: day GLD\/ACME/, dayLine.replace("GLD/BTC", "GLD/ACME")],
    [/^day_over_midnight line 8: day GLD/, "day GLD/BTC sun continuous 22:00 closed 02:00"],
    [/^day_over_midnight line 8: day GLD/, dayLine.replace("13:20", "13:30")],
    [/^day_over_midnight line 8: day GLD/, dayLine.replace("08:30", "23:00")],
    [/^days_overlap line 9: .* on mon/, dayLine, dayLine],
    [/^days_overlap line 9: .* on wed/, dayLine, "day GLD/BTC wed continuous 13:30 closed 14:00"],
    [
      /^days_overlap line 9: .* on sat/,
      ...eachDay("sat", "10:00", "12:00"),
      ...eachDay("fri-sat", "11:00", "11:30"),
    ],
    [/^fact_malformed line 16: .*sessions a day/, ...nineSessions()],
    [/^fact_malformed line 8: volatility/, "volatility GLD/BTC 5"],
    [/^fact_malformed line 8: volatility/, "volatility GLD/BTC 0s"],
    [/^fact_malformed line 8: volatility/, "volatility GLD/BTC 25h"],
    [/^fact_malformed line 8: volatility/, "volatility GLD/BTC 1.5m"],
    [/^market_unknown line 8: volatility GLD/, "volatility GLD 5m"],
    [/^fact_repeated line 9: volatility/, "volatility GLD/BTC 5m", "volatility GLD/BTC 5m"],
    [/^fact_malformed line 8: issuer/, "issuer ACME 1234"],
    [/^asset_unknown line 8: issuer AMCE/, issuer.replace("ACME", "AMCE")],
    [/^fact_repeated line 9: issuer ACME/, issuer, issuer],
    [/^fact_malformed line 8: rename/, "rename ACME acme"],
    [/^asset_unknown line 8: rename AMCE/, "rename AMCE NEW"],
    [/^fact_repeated line 9: rename ACME/, "rename ACME NEW", "rename ACME NEWER"],
    [/^name_taken line 8: GLD/, "rename ACME GLD"],
    [/^name_taken line 8: ACME/, "rename ACME ACME"],
    [/^name_taken line 9: NEW/, "rename ACME NEW", "rename GLD NEW"],
    [/^name_taken line 9: NEW/, "rename ACME NEW", "asset NEW decimals 0 supply 1"],
    [/^fact_malformed line 8: statements/, "statements"],
    [/^fact_malformed line 8: statements/, "statements monthly"],
    [/^fact_repeated line 9: statements/, "statements on-close", "statements on-close"],
  ];
  for (const [expected, ...lines] of cases) assert.match(refusal(...lines), expected);
});

function eachDay(days: string, from: string, to: string): readonly string[] {
  return [`day GLD/BTC ${days} continuous ${from} closed ${to}`];
}

function nineSessions(): readonly string[] {
  const hours = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  return hours.flatMap((hour) => eachDay("tue", `0${hour}:00`, `0${hour}:30`));
}

test("any words are read or refused by name", () => {
  const words =
    "limits day volatility issuer rename statements GLD/BTC ACME BTC mon-fri sat- - pre-open " +
    "opening continuous closing closed 08:30 13:30 24:00 5% none 0% collar orders trades " +
    "reference 0.1 5m m 1e3s 9007199254740993h NEW on-close __proto__ #";
  const word = fc.constantFrom(alice, ...words.split(" "));
  const line = fc.array(word, { maxLength: 12 }).map((said) => said.join(" "));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const parsed = parseConfiguration([...plain, ...lines].join("\n"));
      if (!parsed.ok) assert.ok(configurationRefusals.includes(parsed.name));
    }),
    { numRuns: runs(1500) },
  );
});

test("renamed: assets, markets and what is said of them go by the new names", () => {
  const before = read(
    dayLine,
    "limits ACME/BTC collar 5% orders 20% trades 10% reference 1",
    "day ACME/BTC sat continuous 10:00 closed 11:00",
    "volatility ACME/BTC 1m",
    `issuer ACME ${alice}`,
    "rename ACME ACME.N",
    "rename BTC XBT",
  );
  const after = renamedConfiguration(before, new Set(["ACME"]));
  assert.deepEqual([...after.assets.keys()], ["BTC", "GLD", "ACME.N"]);
  assert.equal(after.assets.get("ACME.N")?.name, "ACME.N");
  assert.deepEqual([...after.markets.keys()], ["GLD/BTC", "ACME.N/BTC"]);
  const market = before.markets.get("ACME/BTC");
  assert.ok(market);
  const expected = { ...market, name: "ACME.N/BTC", base: "ACME.N", quote: "BTC" };
  assert.deepEqual(after.markets.get("ACME.N/BTC"), expected);
  assert.deepEqual([...after.days.keys()], ["GLD/BTC", "ACME.N/BTC"]);
  assert.equal(after.days.get("ACME.N/BTC"), before.days.get("ACME/BTC"));
  assert.equal(after.volatilityMs.get("ACME.N/BTC"), 60_000);
  assert.deepEqual([...after.issuers], [["ACME.N", alice]]);
  assert.deepEqual([after.text, after.reserved], [before.text, before.reserved]);
  assert.equal(after.operators, before.operators);
  assert.deepEqual(renamedConfiguration(after, new Set(["ACME"])), after);
  const both = renamedConfiguration(before, new Set(["ACME", "BTC"]));
  assert.deepEqual([...both.markets.keys()], ["GLD/XBT", "ACME.N/XBT"]);
  assert.equal(both.markets.get("GLD/XBT")?.quote, "XBT");
  assert.deepEqual(renamedConfiguration(after, new Set(["ACME", "BTC"])), both);
});

test("nothing renamed, or nothing reserved: as it was", () => {
  const before = read(dayLine, "rename ACME ACME.N");
  assert.deepEqual(renamedConfiguration(before, new Set()), before);
  assert.deepEqual(renamedConfiguration(before, new Set(["GLD", "LTC"])), before);
});
