/** Words on a command line become exactly one line of a letter, or are refused before signing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { time } from "../codec/time.ts";
import { parseLine } from "../letter/grammar.ts";
import { goldCard } from "../testing/gold.ts";
import type { Line } from "./compose.ts";
import type { Outcome } from "./errors.ts";
import { dividendLine, listLine, ofAssetLine, ratioLine, renameLine } from "./issuerlines.ts";
import {
  cancelAfterLine,
  cancelAllLine,
  placeLine,
  replaceLine,
  type OrderAsked,
} from "./orderlines.ts";

const now = time(1_795_262_400_000);
const base = { side: "buy", quantity: "10", market: "GLD/BTC" } as const;

/** The line, or the code by which it is refused. */
function said(line: Outcome<Line>): string {
  return line.ok ? line.value.text : line.code;
}

const orders: readonly (readonly [asked: Partial<OrderAsked>, said: string])[] = [
  [{ price: "0.04" }, "BUY|GLD/BTC|100|4000"],
  [{ price: "0.04", tif: "GTC" }, "BUY|GLD/BTC|100|4000"],
  [{ price: "0.04", tif: "day", own: "Both" }, "BUY|GLD/BTC|100|4000|tif=DAY|own=both"],
  [{ price: "0.04", tif: "post-only" }, "BUY|GLD/BTC|100|4000|tif=POST_ONLY"],
  [{ price: "0.04", tif: "IOC", own: "oldest" }, "BUY|GLD/BTC|100|4000|tif=IOC|own=oldest"],
  [{ price: "0.04", expiry: "1h" }, "BUY|GLD/BTC|100|4000|1795266000"],
  [{}, "BUY|GLD/BTC|100"],
  [{ tif: "IOC" }, "BUY|GLD/BTC|100"],
  [{ tif: "FOK", cap: "0.5" }, "BUY|GLD/BTC|100|tif=FOK|cap=50000000"],
  [{ stop: "0.043", cap: "0.5" }, "BUY|GLD/BTC|100|stop=4300|cap=50000000"],
  [
    { stop: "0.043", cap: "0.5", expiry: "1h" },
    "BUY|GLD/BTC|100||1795266000|stop=4300|cap=50000000",
  ],
  [{ side: "sell", stop: "0.038", tif: "DAY" }, "SELL|GLD/BTC|100|tif=DAY|stop=3800"],
  [{ side: "sell", stop: "0.038", price: "0.037" }, "SELL|GLD/BTC|100|3700|stop=3800"],
  [{ price: "0.04", tif: "FOREVER" }, "E129"],
  [{ price: "0.04", own: "mine" }, "E129"],
  [{ price: "0.04", tif: "DAY", expiry: "1h" }, "E129"],
  [{ price: "0.04", cap: "1" }, "E129"],
  [{ side: "sell", cap: "1" }, "E129"],
  [{ tif: "GTC" }, "E129"],
  [{ tif: "DAY" }, "E129"],
  [{ tif: "POST_ONLY" }, "E129"],
  [{ stop: "0.043" }, "E129"],
  [{ stop: "0.043", price: "0.043", tif: "FOK" }, "E129"],
  [{ stop: "0.043", price: "0.043", tif: "POST_ONLY" }, "E129"],
  [{ stop: "0.0430001", price: "0.043" }, "E101"],
  [{ stop: "0", price: "0.043" }, "E103"],
  [{ cap: "0" }, "E104"],
  [{ expiry: "1h" }, "E108"],
];

test("every kind of order, and those that there are not", () => {
  for (const [asked, expected] of orders) {
    const order = { ...base, ...asked };
    assert.equal(said(placeLine(goldCard, order, {}, now)), expected, JSON.stringify(asked));
  }
});

test("whatever is written, the line is read as what was asked for, or nothing is written", () => {
  const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(value, { nil: undefined });
  const price = fc.integer({ min: 1, max: 9999 }).map((units) => `0.0${units}`);
  fc.assert(
    fc.property(
      fc.record({
        side: fc.constantFrom("buy" as const, "sell" as const),
        price: maybe(price),
        stop: maybe(price),
        tif: maybe(fc.constantFrom("GTC", "DAY", "IOC", "FOK", "POST_ONLY")),
        own: maybe(fc.constantFrom("newest", "oldest", "both")),
        cap: maybe(fc.constantFrom("1", "0.5")),
        expiry: maybe(fc.constantFrom("1h", "7d")),
      }),
      (asked) => {
        const line = placeLine(goldCard, { ...base, ...asked }, { id: "x" }, now);
        if (!line.ok) return;
        const { command, id } = parseLine(line.value.text, 1);
        assert.ok(command.ok && command.value.kind === "place", line.value.text);
        const { tif, trigger, own, cap, expiry } = command.value;
        assert.equal(id, "x");
        if (asked.tif !== undefined) assert.equal(tif, asked.tif.toLowerCase());
        assert.equal(trigger === undefined, asked.stop === undefined);
        assert.equal(cap === undefined, asked.cap === undefined);
        assert.equal(expiry === undefined, asked.expiry === undefined);
        assert.equal(own, asked.own ?? "newest");
      },
    ),
  );
});

test("changes, and what takes orders back", () => {
  const change = { order: "desk-1", market: "GLD/BTC" };
  const cases: readonly (readonly [Outcome<Line>, string])[] = [
    [replaceLine(goldCard, { ...change, quantity: "5" }, {}), "REPLACE|desk-1|50"],
    [
      replaceLine(goldCard, { ...change, price: "0.041", stop: "0.04" }, { tag: "t" }),
      "REPLACE|desk-1|-|4100|stop=4000|tag=t",
    ],
    [
      replaceLine(goldCard, { ...change, quantity: "5", postOnly: true }, {}),
      "REPLACE|desk-1|50|tif=POST_ONLY",
    ],
    [replaceLine(goldCard, change, {}), "E130"],
    [replaceLine(goldCard, { ...change, quantity: "0.05" }, {}), "E102"],
    [replaceLine(goldCard, { ...change, order: "no name", quantity: "5" }, {}), "E109"],
    [cancelAllLine(goldCard, {}, {}), "CANCELALL"],
    [cancelAllLine(goldCard, { market: "gld/btc" }, {}), "CANCELALL|GLD/BTC"],
    [cancelAllLine(goldCard, { side: "sell" }, {}), "CANCELALL|-|sell"],
    [cancelAfterLine("10m", {}, now), "CANCELAFTER|1795263000"],
    [cancelAfterLine("2026-11-22T00:00:00Z", {}, now), "CANCELAFTER|1795305600"],
    [cancelAfterLine("OFF", {}, now), "CANCELAFTER|0"],
    [cancelAfterLine("2026-11-20T00:00:00Z", {}, now), "E108"],
    [cancelAfterLine("soon", {}, now), "E108"],
  ];
  for (const [line, expected] of cases) assert.equal(said(line), expected);
});

test("what an issuer says", () => {
  const hash = "AB".repeat(32);
  const pays = { asset: "GLD", total: "5", pay: "BTC", float: "1000" };
  const ratio = { asset: "GLD", numerator: "1", denominator: "10", price: "0.42", pay: "BTC" };
  const cases: readonly (readonly [Outcome<Line>, string])[] = [
    [
      listLine(goldCard, { asset: "gld", shares: "1000", hash }, {}),
      `LIST|GLD|10000|${hash.toLowerCase()}`,
    ],
    [listLine(goldCard, { asset: "GLD", shares: "1000", hash: "ab" }, {}), "E115"],
    [listLine(goldCard, { asset: "XAU", shares: "1000", hash }, {}), "E107"],
    [dividendLine(goldCard, pays, {}, now), "DIVIDEND|GLD|BTC|500000000|10000"],
    [
      dividendLine(goldCard, { ...pays, record: "24h" }, { tag: "t" }, now),
      "DIVIDEND|GLD|BTC|500000000|10000|1795348800|tag=t",
    ],
    [dividendLine(goldCard, { ...pays, float: "0" }, {}, now), "E104"],
    [dividendLine(goldCard, { ...pays, record: "yesterday" }, {}, now), "E108"],
    [ratioLine(goldCard, ratio, {}), "RATIO|GLD|1|10|BTC|42000000"],
    [ratioLine(goldCard, { ...ratio, price: "0" }, {}), "RATIO|GLD|1|10|BTC|0"],
    [ratioLine(goldCard, { ...ratio, numerator: "10" }, {}), "E100"],
    [ratioLine(goldCard, { ...ratio, price: "-1" }, {}), "E104"],
    [renameLine(goldCard, { asset: "GLD", to: "gold.n" }, {}), "RENAME|GLD|GOLD.N"],
    [renameLine(goldCard, { asset: "GLD", to: "1old" }, {}), "E107"],
    [ofAssetLine(goldCard, "delist", "GLD", {}), "DELIST|GLD"],
    [ofAssetLine(goldCard, "holders", "GLD", {}), "HOLDERS|GLD"],
  ];
  for (const [line, expected] of cases) assert.equal(said(line), expected);
});
