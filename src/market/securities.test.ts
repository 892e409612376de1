/** Phases, and what issuers did: names through time, candles across a split, crossed books. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { array, assert, constantFrom, property, record } from "fast-check";
import { fingerprint } from "../codec/names.ts";
import { marketPhases } from "../log/leafsecurities.ts";
import { parseLeaf, type Leaf } from "../log/leaf.ts";
import { runs } from "../testing/runs.ts";
import { marketEvents } from "./events.ts";
import { marketJson } from "./json.ts";
import { isCrossed, phaseOf, phaseWords } from "./phase.ts";
import { PublicView } from "./publicview.ts";
import { toldKept } from "./securities.ts";

const issuer = fingerprint("49979888511191774776929750563049979888ab");
const hash = "ab".repeat(32);
const parameters = "1|100|1|5|10000000|1|1000000|0|2000|1|8";
const at = "2026-11-21T11:59:30.402Z";

function leafOf(line: string): Leaf {
  const leaf = parseLeaf(line);
  if (leaf === undefined) throw new Error(`couldn't read ${line}`);
  return leaf;
}

function fold(...lines: readonly string[]): PublicView {
  const view = new PublicView();
  for (const line of [`MARKET|GLD/BTC|${parameters}`, `MARKET|SLV/GLD|${parameters}`, ...lines]) {
    view.apply(leafOf(line));
  }
  return view;
}

function trade(number: number, market = "GLD/BTC", price = 4210): string {
  return `TRADE|${number}|${market}|400|${price}|${at}|call`;
}

function marketOf({ board }: PublicView, name: string) {
  const view = board.view(name, 10);
  ok(view !== undefined, `there is ${name}`);
  return { view, json: marketJson(view, board.securities) };
}

test("a market is continuous until a phase is told, and nothing is said of it", () => {
  const quiet = marketOf(fold(), "GLD/BTC");
  deepEqual([quiet.json.phase, quiet.json.phaseSince], ["continuous", null]);
  equal(phaseWords(quiet.view), undefined);
  for (const phase of marketPhases) {
    const { view, json } = marketOf(fold(`PHASE|GLD/BTC|${phase}|${at}`), "GLD/BTC");
    deepEqual([json.phase, json.phaseSince, phaseOf(view)], [phase, at, phase]);
    ok((phaseWords(view)?.means ?? "").length > 0);
  }
});

test("a book may be crossed, and is kept as it is", () => {
  const levels = ["LEVEL|GLD/BTC|buy|4300|5", "LEVEL|GLD/BTC|sell|4300|7"];
  const { view } = marketOf(fold(...levels), "GLD/BTC");
  ok(isCrossed(view));
  deepEqual(
    [view.buys, view.sells],
    [[{ price: 4300, quantity: 5 }], [{ price: 4300, quantity: 7 }]],
  );
  ok(!isCrossed(marketOf(fold(...levels, "LEVEL|GLD/BTC|sell|4300|0"), "GLD/BTC").view));
});

test("a market that is renamed keeps its place, its book, its trades, its candles, its phase", () => {
  const lines = [trade(1), "LEVEL|GLD/BTC|buy|7|3", `PHASE|GLD/BTC|halt|${at}`];
  const view = fold(...lines, `LISTING|GLD|${issuer}|1000|${hash}`, "RENAMED|GLD|XAU", trade(2));
  deepEqual(view.board.names, ["XAU/BTC", "SLV/XAU"]);
  const { view: seen, json } = marketOf(view, "XAU/BTC");
  deepEqual(
    seen.trades.map(({ number, market }) => [number, market]),
    [[1, "XAU/BTC"]],
  );
  equal(seen.buys.length, 1);
  equal(view.candles("XAU/BTC", "1d").length, 1);
  equal(view.candles("GLD/BTC", "1d").length, 0);
  deepEqual([json.phase, json.formerly], ["halt", ["GLD/BTC"]]);
  deepEqual(json.listing, { leaf: 5, issuer, shares: "100", hash });
  const { securities } = view.board;
  equal(securities.newest("GLD/BTC"), "XAU/BTC");
  equal(securities.newest("SLV/GLD"), "SLV/XAU");
  equal(securities.newest("SLV/BTC"), "SLV/BTC");
  deepEqual(securities.names("XAU/BTC"), [
    { name: "XAU/BTC", from: 6, upTo: Infinity },
    { name: "GLD/BTC", from: 0, upTo: 6 },
  ]);
  deepEqual(
    marketEvents(view.board, "XAU/BTC").map(({ says }) => says),
    ["GLD is called XAU now", "GLD was listed: 100 GLD"],
  );
});

test("parameters that were told for the new name stay; whatever else stood there gives way", () => {
  const fine = `MARKET|XAU/BTC|2|${parameters.slice(2)}`;
  const view = fold(trade(1), fine, trade(2, "XAU/BTC"), "DELISTED|XAU", "RENAMED|GLD|XAU");
  deepEqual(view.board.names, ["XAU/BTC", "SLV/XAU"]);
  const { view: seen } = marketOf(view, "XAU/BTC");
  deepEqual([seen.market.lot, seen.trades.length, seen.isDelisted], [2, 1, false]);
  equal(view.candles("XAU/BTC", "1d")[0]?.candle.lastTrade, 1);
});

test("names through time: a trade is found by what its market was called, whatever came since", () => {
  const renamed = record({ asset: constantFrom("A", "B", "C"), to: constantFrom("A", "B", "C") });
  assert(
    property(array(renamed, { maxLength: 8 }), (changes) => {
      const view = new PublicView();
      view.apply(leafOf(`MARKET|A/BTC|${parameters}`));
      for (const { asset, to } of changes) {
        if (asset !== to) view.apply(leafOf(`RENAMED|${asset}|${to}`));
        const [market = ""] = view.board.names;
        const number = view.size;
        view.apply(leafOf(trade(number, market)));
      }
      const { names, securities } = view.board;
      equal(names.length, 1, "there is one market all the time");
      const [name = ""] = names;
      for (const { name: then, from, upTo } of securities.names(name)) {
        for (let i = from; i < Math.min(upTo, view.size); i += 1) {
          equal(securities.marketNow(then, i), name);
        }
        equal(securities.newest(then), name);
      }
      const { trades } = marketOf(view, name).view;
      equal(trades.length, changes.length, "none is lost");
    }),
    { numRuns: runs(100) },
  );
});

test("candles before a split are as they were; a delisted market is closed", () => {
  const view = fold(trade(1), "RATIO|1|GLD|10|1", "DELISTED|GLD");
  equal(view.candles("GLD/BTC", "1m")[0]?.candle.open, 4210);
  const { json } = marketOf(view, "GLD/BTC");
  deepEqual([json.phase, json.delisted], ["closed", true]);
  deepEqual([json.last?.side, json.last?.price], ["call", "0.0421"]);
  ok(marketOf(view, "SLV/GLD").json.delisted, "either of its assets");
});

test("each leaf applied twice changes nothing the second time; nothing grows for ever", () => {
  const lines = [
    `PHASE|GLD/BTC|halt|${at}`,
    `LISTING|GLD|${issuer}|1000|${hash}`,
    `DIVIDEND|1|GLD|BTC|5|1000|${at}`,
    "RATIO|2|GLD|10|1",
    "RENAMED|GLD|XAU",
    "DELISTED|XAU",
    "RENAMED|NOBODY|XAU",
    `PHASE|ABC/BTC|halt|${at}`,
  ];
  const once = fold(...lines);
  const twice = fold(...lines.flatMap((line) => [line, line]));
  const lean = ({ board }: PublicView) => [
    board.names,
    board.securities.all.map(({ leaf }) => leaf),
    board.names.map((name) => board.view(name, 9)),
  ];
  deepEqual(lean(twice), lean(once));
  equal(once.board.securities.all.length, 5);
  const many = fold(
    ...Array.from({ length: toldKept.ratio + 3 }, (_, i) => `RATIO|${i + 1}|GLD|2|1`),
  );
  equal(many.board.securities.all.length, toldKept.ratio);
  equal(many.board.securities.all[0]?.number, 5);
});
