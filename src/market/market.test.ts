/** The fold of leaves, and what is printed from it: figures, JSON, feeds, page. */
import { test } from "node:test";
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { fingerprint } from "../codec/names.ts";
import { parseLeaf, type Leaf } from "../log/leaf.ts";
import { runs } from "../testing/runs.ts";
import { checkMarkup } from "../testing/markup.ts";
import { Board, tradesKept, type MarketView } from "./board.ts";
import { printAtom, printRss, type Feed } from "./feed.ts";
import { printPriceAligned, printQuantity, printRate } from "./figures.ts";
import { bookJson, marketJson } from "./json.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { escapeMarkup } from "./markup.ts";
import { Securities } from "./securities.ts";
import { pageMarkets, printPage } from "./page.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const marketLine = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";

function leaf(line: string): Leaf {
  const parsed = parseLeaf(line);
  if (parsed === undefined) throw new Error(`couldn't read ${line}`);
  return parsed;
}

function board(...lines: readonly string[]): Board {
  const board = new Board();
  for (const line of [marketLine, ...lines]) board.apply(leaf(line));
  return board;
}

function view(board: Board, depth = 100): MarketView {
  const found = board.view("GLD/BTC", depth);
  if (found === undefined) throw new Error("couldn't find the market");
  return found;
}

const trade = (number: number, price = 4210): string =>
  `TRADE|${number}|GLD/BTC|400|${price}|2026-11-21T11:59:30.402Z|buy`;

test("levels are absolute; a level of nothing is gone; best first", () => {
  const { buys, sells } = view(
    board(
      "LEVEL|GLD/BTC|buy|4200|10",
      "LEVEL|GLD/BTC|buy|4205|20",
      "LEVEL|GLD/BTC|buy|4200|15",
      "LEVEL|GLD/BTC|sell|4215|5",
      "LEVEL|GLD/BTC|sell|4210|7",
      "LEVEL|GLD/BTC|sell|4215|0",
      "LEVEL|GLD/BTC|sell|9999|0",
    ),
  );
  deepEqual(buys, [
    { price: 4205, quantity: 20 },
    { price: 4200, quantity: 15 },
  ]);
  deepEqual(sells, [{ price: 4210, quantity: 7 }]);
});

test("a trade that comes again is not a second trade", () => {
  const twice = board(trade(1), trade(2), trade(2), trade(1));
  deepEqual(
    view(twice).trades.map(({ number }) => number),
    [1, 2],
  );
});

test("memory for trades is bounded", () => {
  const many = board(...Array.from({ length: tradesKept + 5 }, (_, i) => trade(i + 1)));
  const { trades } = view(many);
  equal(trades.length, tradesKept);
  equal(trades[0]?.number, 6);
});

test("leaves about a market that was never announced are passed over", () => {
  const other = board("LEVEL|SLV/BTC|buy|1|1", trade(1).replace("GLD", "SLV"));
  deepEqual(other.names, ["GLD/BTC"]);
  equal(other.view("SLV/BTC", 1), undefined);
});

test("the book equals a naive one, whatever levels come", () => {
  const change = record({
    side: constantFrom("buy", "sell"),
    price: integer({ min: 1, max: 6 }),
    quantity: integer({ min: 0, max: 3 }),
  });
  assert(
    property(array(change), (changes) => {
      const folded = view(
        board(...changes.map((c) => `LEVEL|GLD/BTC|${c.side}|${c.price}|${c.quantity}`)),
      );
      for (const side of ["buy", "sell"]) {
        const naive = [6, 5, 4, 3, 2, 1].flatMap((price) => {
          const last = changes.findLast((c) => c.side === side && c.price === price);
          return last === undefined || last.quantity === 0 ? [] : [last.quantity];
        });
        const ours = (side === "buy" ? folded.buys : folded.sells.toReversed()).map(
          ({ quantity }) => quantity,
        );
        deepEqual(ours, naive);
      }
    }),
    { numRuns: runs(100) },
  );
});

test("figures are exact, also beyond what a double counts", () => {
  const market = leaf(marketLine);
  const wide = leaf("MARKET|A/B|1000000007|1|1|0|9|1|9007199254740991|0|0|3|0");
  if (market.kind !== "market" || wide.kind !== "market") throw new Error("couldn't happen");
  equal(printQuantity(market, 1200), "120");
  equal(printQuantity(market, 1201), "120.1");
  equal(printQuantity(wide, 9_007_199_254_740_991), "9007199317791385783186.937");
  equal(printPriceAligned(market, 4390), "0.04390");
  equal(printPriceAligned(wide, 7), "7");
  equal(printRate(2000), "0.2%");
  equal(printRate(0), "0%");
});

test("JSON says decimals as people see them", () => {
  const seen = view(board(trade(1), "LEVEL|GLD/BTC|sell|4215|800"));
  deepEqual(bookJson(seen), {
    market: "GLD/BTC",
    buys: [],
    sells: [{ price: "0.04215", quantity: "80" }],
  });
  const { last, takerFee, maximumQuantity } = marketJson(seen, new Securities());
  deepEqual(
    [last?.price, last?.quantity, takerFee, maximumQuantity],
    ["0.0421", "40", "0.2%", "100000"],
  );
});

test("the key number is what a shell computes", () => {
  // printf '%s' 'signet-key-number/1 4997…' | sha256sum, then six groups modulo 100000
  equal(keyNumber(exchange), "98517 38943 98452 98774 99176 45900");
});

function feedOf(trades: readonly string[], market: string | undefined): Feed {
  const seen = view(board(...trades));
  return {
    exchange,
    market,
    origin: 'http://a.example/?a=1&b="<2>"',
    trades: seen.trades.toReversed().map((trade) => ({ market: seen.market, trade })),
  };
}

test("feeds are well-formed, and an entry's id is the trade's number and nothing else", () => {
  for (const print of [printAtom, printRss]) {
    for (const market of [undefined, "GLD/BTC"]) {
      equal(checkMarkup(print(feedOf([], market))), undefined);
      const text = print(feedOf([trade(311), trade(312, 4300)], market));
      equal(checkMarkup(text), undefined);
      const ids = text.match(/tag:signet\.invalid,2026:[0-9a-f]{40}\/trades\/\d+/g) ?? [];
      deepEqual(
        ids.map((id) => id.split("/").at(-1)),
        ["312", "311"],
      );
    }
  }
  match(printRss(feedOf([trade(1)], undefined)), /<pubDate>Sat, 21 Nov 2026 11:59:30 GMT</);
});

test("text is never markup", () => {
  equal(escapeMarkup(`<a href='x'>&"`), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
  equal(escapeMarkup("a\u0000b\u00e9"), "a?b?");
});

const crossedCall = [
  "PHASE|GLD/BTC|opening_call|2026-11-21T09:00:00.000Z",
  "LEVEL|GLD/BTC|buy|4300|9",
  "LEVEL|GLD/BTC|buy|4250|9",
  "LEVEL|GLD/BTC|sell|4200|8",
  "LEVEL|GLD/BTC|sell|4300|8",
];
const issued = [
  `LISTING|GLD|${exchange}|1000000|${"ab".repeat(32)}`,
  "DIVIDEND|1|GLD|BTC|250000000|1000000|2026-11-21T09:30:00.000Z",
  "DIVIDEND|2|GLD|XYZ|7|1000000|2026-11-21T09:30:00.000Z",
  "RATIO|3|GLD|10|1",
];

test("the page says a market's phase, a crossed book, the contract and what issuers did", () => {
  const text = (each: Board): string =>
    printPage({
      exchange,
      keyNumber: keyNumber(exchange),
      relay: { name: "alder", key: "alder+00+AQ==", origin: "http://a.example/" },
      watermark: { publication: 1, size: 2 },
      ageSeconds: 1,
      markets: pageMarkets(each, 50),
    });
  const call = text(board(...crossedCall, ...issued));
  match(call, /<b>opening call<\/b>/);
  match(call, /Depth, collecting, the book is crossed/);
  match(call, /class="spread"><td colspan="3">collecting, the book is crossed</);
  match(call, /sha256sum CONTRACT/);
  match(call, /dividend 1: 2.5 BTC for 100000 GLD, to who holds them on 2026-11-21 09:30 UTC/);
  match(call, /dividend 2: 7 units of XYZ for/);
  match(call, /ratio 1:10: 10 new GLD for 1 old/);
  match(text(board("DELISTED|GLD")), /<b>delisted<\/b>/);
  match(text(board("PHASE|GLD/BTC|halt|2026-11-21T09:00:00.000Z")), /<b>halted<\/b>/);
  doesNotMatch(text(board()), /continuous/);
});

test("the page is well-formed and has no inline script or style", () => {
  const boards = [
    new Board(),
    board(),
    board(trade(1)),
    board("LEVEL|GLD/BTC|buy|1|1"),
    board(trade(1), trade(2, 4000), "LEVEL|GLD/BTC|sell|4215|800", "LEVEL|GLD/BTC|buy|4200|9"),
    board(trade(1).replace("|buy", "|call"), ...crossedCall, ...issued),
  ];
  for (const each of boards) {
    const text = printPage({
      exchange,
      keyNumber: keyNumber(exchange),
      relay: { name: "alder", key: "alder+00+AQ==", origin: "http://a.example/<b>" },
      watermark: { publication: 1, size: 2 },
      ageSeconds: undefined,
      markets: pageMarkets(each, 50),
    });
    equal(checkMarkup(text), undefined);
    doesNotMatch(text, /<script(?! src=)|<style|\sstyle=|\son[a-z]+=|javascript:/);
    doesNotMatch(text, /NaN|undefined|Infinity/);
  }
});
