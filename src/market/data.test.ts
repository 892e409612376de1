/** Candles, windows, checksums, books over a stream and chat lines against naive ones. */
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { array, assert, constantFrom, integer, property, record, string } from "fast-check";
import { crc32 as nodeCrc32 } from "node:zlib";
import { time } from "../codec/time.ts";
import { parseLeaf, type Leaf, type MarketLeaf, type TradeLeaf } from "../log/leaf.ts";
import { runs } from "../testing/runs.ts";
import { Board } from "./board.ts";
import { checksumOf, diffJson, snapshotJson, touchedBy } from "./bookdiff.ts";
import {
  beginOf,
  candleOf,
  cover,
  intervalNames,
  intervals,
  isInterval,
  join,
  type Candle,
} from "./candle.ts";
import { chatLine, depthLine, parseAsked, tickerLine, tradeLine, vwapLine } from "./chat.ts";
import { checksumText, crc32 } from "./checksum.ts";
import { CopyBook } from "./copybook.ts";
import { bookJson } from "./json.ts";
import { printMpexDepth, printMpexVwap, wrapMpex } from "./mpex.ts";
import { candleJson, tickerJson, vwapJson, windowBegin, windowsOf } from "./window.ts";

function leaf(line: string): Leaf {
  const parsed = parseLeaf(line);
  if (parsed === undefined) throw new Error(`couldn't read ${line}`);
  return parsed;
}

const marketLine = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const gold = leaf(marketLine) as MarketLeaf;
const clock = time(1_795_262_370_402);

function trade(number: number, at: number, price: number, quantity: number): TradeLeaf {
  const [market, taker] = ["GLD/BTC", "buy"] as const;
  return { kind: "trade", number, market, quantity, price, at: time(at), taker };
}

const tradesOf = array(
  record({
    ago: integer({ min: 0, max: 40 * 86_400_000 }),
    price: integer({ min: 1, max: 9000 }),
    quantity: integer({ min: 1, max: 9_007_199_254_740_991 }),
  }),
  { maxLength: 40 },
);

test("candles tell the same as the trades, and long ones the same as short ones", () => {
  assert(
    property(tradesOf, constantFrom(...intervalNames), (drawn, interval) => {
      const trades = drawn
        .toSorted((a, b) => b.ago - a.ago)
        .map(({ ago, price, quantity }, i) => trade(i + 1, clock - ago, price, quantity));
      const [first, last] = [trades[0], trades.at(-1)];
      let whole: Candle | undefined;
      const candles = new Map<number, Candle>();
      for (const each of trades) {
        whole = join(whole, candleOf(each));
        const begin = beginOf(interval, each.at);
        ok(begin <= each.at && each.at < begin + intervals[interval]);
        candles.set(begin, join(candles.get(begin), candleOf(each)));
      }
      let joined: Candle | undefined;
      for (const candle of candles.values()) joined = join(joined, candle);
      deepEqual(joined, whole);
      if (whole === undefined || first === undefined || last === undefined) return;
      equal(whole.open, first.price);
      equal(whole.close, last.price);
      equal(whole.high, Math.max(...trades.map(({ price }) => price)));
      equal(whole.low, Math.min(...trades.map(({ price }) => price)));
      equal(whole.trades, trades.length);
      equal(
        whole.turnover,
        trades.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n),
      );
    }),
    { numRuns: runs(100) },
  );
});

test("a stretch of time is covered by whole candles, each moment once, by few", () => {
  const at = integer({ min: 0, max: 60 * 86_400_000 });
  assert(
    property(at, at, (a, b) => {
      const [from, to] = [time(Math.min(a, b)), time(Math.max(a, b))];
      let end = beginOf("1m", from) as number;
      let few = 0;
      for (const stretch of cover(from, to)) {
        equal(stretch.from, end);
        const step = intervals[stretch.interval];
        equal(stretch.from % step, 0);
        equal((stretch.to - stretch.from) % step, 0);
        if (stretch.interval !== "1d") few += (stretch.to - stretch.from) / step;
        end = stretch.to;
      }
      equal(end, beginOf("1m", to) + 60_000);
      ok(few <= 76, `${few}`);
    }),
    { numRuns: runs(300) },
  );
});

test("windows are sums over their trades", () => {
  assert(
    property(tradesOf, (drawn) => {
      const trades = drawn
        .toSorted((a, b) => b.ago - a.ago)
        .map(({ ago, price, quantity }, i) => trade(i + 1, clock - ago, price, quantity));
      const windows = windowsOf(clock, ({ interval, from, to }) => {
        const candles = new Map<number, Candle>();
        for (const each of trades) {
          const begin = beginOf(interval, each.at);
          if (begin < from || begin >= to) continue;
          candles.set(begin, join(candles.get(begin), candleOf(each)));
        }
        return candles.values();
      });
      for (const name of ["1d", "7d", "30d"] as const) {
        const inside = trades.filter(({ at }) => at >= windowBegin(name, clock));
        let naive: Candle | undefined;
        for (const each of inside) naive = join(naive, candleOf(each));
        deepEqual(windows[name], naive);
      }
    }),
    { numRuns: runs(50) },
  );
});

test("what a window says is cut off, never rounded up, and exact where it is a sum", () => {
  const candle = join(candleOf(trade(1, clock, 4210, 400)), candleOf(trade(2, clock, 4211, 200)));
  const said = vwapJson(gold, clock, { "1d": candle, "7d": candle, "30d": undefined });
  deepEqual(said["1d"], {
    vwap: "0.042103333",
    high: "0.04211",
    low: "0.0421",
    quantity: "60",
    turnover: "2.5262",
    trades: 2,
  });
  equal(said["30d"], null);
  deepEqual(vwapJson(gold, undefined, undefined)["1d"], null);
  equal(candleJson(gold, clock, candle).from, "2026-11-21T11:59:30.402Z");
  ok(isInterval("5m") && !isInterval("constructor") && !isInterval("2m"));
});

test("the checksum is the one everybody has", () => {
  equal(crc32("123456789"), 0xcbf4_3926);
  assert(
    property(string({ unit: constantFrom(..."0123456789") }), (text) => {
      equal(crc32(text), nodeCrc32(text));
    }),
    { numRuns: runs(50) },
  );
  const levels = Array.from({ length: 12 }, (_, i) => ({ price: 100 + i, quantity: i + 1 }));
  const text = checksumText({ lot: 10 }, { buys: [{ price: 99, quantity: 7 }], sells: levels });
  equal(text, "1001010120102301034010450105601067010780108901091009970");
});

const change = record({
  side: constantFrom("buy", "sell"),
  price: integer({ min: 1, max: 40 }),
  quantity: integer({ min: 0, max: 3 }),
});
const decimals = { priceDecimals: 5, baseDecimals: 1 };

test("a copy kept from a snapshot and diffs is the book; what is lost or bent is noticed", () => {
  const batches = array(array(change, { maxLength: 6 }), { minLength: 1, maxLength: 12 });
  assert(
    property(batches, integer({ min: 0, max: 11 }), (drawn, begin) => {
      const board = new Board();
      board.apply(gold);
      let size = 1;
      let last = 1;
      const view = () => board.view("GLD/BTC", 2000) ?? fail();
      let copy = new CopyBook(snapshotJson(view(), size), decimals);
      let skipped = false;
      for (const [i, changes] of drawn.entries()) {
        const leaves = changes.map((c) => leaf(`LEVEL|GLD/BTC|${c.side}|${c.price}|${c.quantity}`));
        for (const each of leaves) board.apply(each);
        size += leaves.length;
        const touched = touchedBy(leaves).get("GLD/BTC");
        if (i === begin) copy = new CopyBook(snapshotJson(view(), size), decimals);
        if (touched === undefined) continue;
        const covers = { firstSequence: last + 1, lastSequence: size };
        last = size;
        const diff = diffJson(view(), touched, covers);
        equal(copy.apply(diff), i === begin ? "known" : "applied");
        equal(copy.apply(diff), "known");
        equal(copy.checksum(), checksumOf(view()));
        equal(copy.levels, view().buys.length + view().sells.length);
        if (skipped || i === begin) continue;
        skipped = true;
        const old = new CopyBook({ ...snapshotJson(view(), size), sequence: 0 }, decimals);
        equal(old.apply({ ...diff, firstSequence: 2 }), "gap");
        equal(old.apply({ ...diff, firstSequence: 1, crc32: diff.crc32 ^ 1 }), "checksum_wrong");
      }
    }),
    { numRuns: runs(60) },
  );
});

function fail(): never {
  throw new Error("couldn't find the market");
}

const board = new Board();
for (const line of [
  marketLine,
  "TRADE|311|GLD/BTC|400|4210|2026-11-21T11:59:30.402Z|buy",
  "LEVEL|GLD/BTC|buy|4205|30",
  "LEVEL|GLD/BTC|sell|4215|800",
]) {
  board.apply(leaf(line));
}
const seen = board.view("GLD/BTC", 100) ?? fail();
const day = candleOf(seen.trades[0] ?? fail());

test("MPEx's formats", () => {
  equal(printMpexDepth([seen]), '{"GLD/BTC":{"B":[[4205000,3]],"S":[[4215000,80]]}}');
  const windows = { "1d": day, "7d": day, "30d": undefined };
  equal(
    printMpexVwap([{ market: gold, windows }]),
    '{"GLD/BTC":{"1d":{"avg":4210000,"min":4210000,"max":4210000,"vsh":40,"vsa":168400000,"cnt":1},' +
      '"7d":{"avg":4210000,"min":4210000,"max":4210000,"vsh":40,"vsa":168400000,"cnt":1},' +
      '"30d":{"avg":0,"min":0,"max":0,"vsh":0,"vsa":0,"cnt":0}}}',
  );
  equal(wrapMpex("{}"), "JurovP({})");
  const fine = { ...gold, priceDecimals: 10 };
  match(printMpexDepth([{ ...seen, market: fine }]), /\[42\.05,3\]/);
});

test("chat lines, and what is asked for", () => {
  equal(
    tradeLine(gold, seen.trades[0] ?? fail()),
    "[Signet] [GLD/BTC] 40 @ 0.0421 = 1.684 BTC [buy] {311}",
  );
  equal(depthLine(bookJson(seen)), "[GLD/BTC] buys 3 @ 0.04205 | sells 80 @ 0.04215");
  equal(
    vwapLine(vwapJson(gold, clock, { "1d": day, "7d": day, "30d": undefined })),
    "[GLD/BTC] VWAP 1d 0.0421 (0.0421 to 0.0421), 40 in 1 trade | " +
      "7d 0.0421 (0.0421 to 0.0421), 40 in 1 trade | 30d no trade",
  );
  equal(
    tickerLine(tickerJson(seen, day)),
    "[GLD/BTC] last 0.0421 {311}, buy 0.04205, sell 0.04215, 1d 40 from 0.0421 to 0.0421",
  );
  deepEqual(parseAsked("$depth gld/btc "), { kind: "depth", market: "GLD/BTC" });
  deepEqual(parseAsked("$ticker"), { kind: "ticker", market: undefined });
  for (const other of ["depth GLD/BTC", "$depth", "$depth A B", "$vwap \r\n", "$buy GLD/BTC", ""]) {
    equal(parseAsked(other), undefined, other);
  }
  assert(
    property(string({ maxLength: 1000 }), (text) => {
      match(chatLine(text), /^[\x20-\x7e]{0,400}$/);
      parseAsked(text);
    }),
    { numRuns: runs(50) },
  );
});
