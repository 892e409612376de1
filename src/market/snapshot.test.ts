/** Snapshots of the public fold: a law over random leaves, one text a state, hostile bytes. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
} from "fast-check";
import { fromLatin1, sha256Hex, toLatin1 } from "../codec/bytes.ts";
import { fingerprint } from "../codec/names.ts";
import { printTime, time } from "../codec/time.ts";
import { parseLeaf, type Leaf } from "../log/leaf.ts";
import { appendLeaf, emptyFrontier, type Frontier } from "../log/tree.ts";
import { runs } from "../testing/runs.ts";
import { intervalNames } from "./candle.ts";
import { PublicView, snapshotBounds, snapshotLeaves } from "./publicview.ts";
import { candlesKept } from "./shelf.ts";
import {
  indexDigest,
  parseIndex,
  restoreSnapshot,
  SnapshotPrinter,
  snapshotRefusals,
  type Snapshot,
} from "./snapshot.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const begin = Date.UTC(2026, 10, 21);
const markets = ["GLD/BTC", "SLV/BTC"] as const;
const parameters = "1|100|1|5|10000000|1|1000000|0|2000|1|8";
const hash = "ab".repeat(32);
const address = `0x${"1f".repeat(20)}`;

/** What happens, before trades and times are numbered. */
const event = oneof(
  { weight: 6, arbitrary: record({ kind: constant("trade"), market: nat(2), price: nat(9) }) },
  {
    weight: 4,
    arbitrary: record({ kind: constant("level"), market: nat(2), price: nat(9), quantity: nat(2) }),
  },
  { weight: 2, arbitrary: record({ kind: constant("tick"), later: nat(7_000_000) }) },
  { weight: 1, arbitrary: record({ kind: constant("market"), market: nat(1) }) },
  {
    weight: 3,
    arbitrary: record({
      kind: constant("plain"),
      line: constantFrom(
        `REPORT|${hash}`,
        "NOTICE|closed on Sunday",
        "PHASE|GLD/BTC|opening_call|2026-11-21T09:00:00.000Z",
        "PHASE|SLV/BTC|halt|2026-11-21T09:00:00.000Z",
        `LISTING|GLD|${exchange}|1000|${hash}`,
        "DIVIDEND|1|GLD|BTC|5|1000|2026-11-21T09:00:00.000Z",
        "RATIO|2|SLV|10|1",
        "RENAMED|SLV|GLD",
        "RENAMED|GLD|NEW",
        "RENAMED|NEW|GLD",
        "RENAMED|GLD|SLV",
        "DELISTED|SLV",
        `READ|2026-11-21T00:00:00.000Z|2026-11-21T00:00:10.000Z|0|${hash}`,
        `VENUE|1|${address}|${address}|${address}`,
        `TOKEN|WETH|${address}|18`,
        `TOKEN|DAI|${address}|18`,
        "OFFER|1|WETH|DAI|5|7",
        "OFFER|2|WETH|DAI|6|7",
        "OFFER|1|WETH|DAI|0|0",
        `SUBMISSION|1|1800000000|${hash}`,
        `SUBMISSION|2|1800000000|${hash}`,
        `RING|1|1|0x${hash}|2`,
        `RING|2|1|0x${hash}|3`,
        `SETTLED|1|0x${hash}`,
        "FAILED|2|too_late",
      ),
    }),
  },
  { weight: 1, arbitrary: record({ kind: constant("snapshot"), off: nat(1) }) },
);
type Event = typeof event extends { generate: (...words: never[]) => { value: infer V } }
  ? V
  : never;
const events = array(event, { maxLength: 80 });

/** The lines of the events, after `size` leaves. */
function linesOf(drawn: readonly Event[]): readonly string[] {
  let [trade, now] = [0, begin];
  const lines = [`MARKET|GLD/BTC|${parameters}`];
  for (const each of drawn) {
    const name = "market" in each ? (markets[each.market] ?? "NEW/BTC") : "";
    if (each.kind === "trade") {
      trade += 1;
      const at = printTime(time(now));
      lines.push(`TRADE|${trade}|${name}|${trade}|${4200 + each.price}|${at}|buy`);
    } else if (each.kind === "level") {
      const side = each.price < 5 ? "buy" : "sell";
      lines.push(`LEVEL|${name}|${side}|${4200 + each.price}|${each.quantity}`);
    } else if (each.kind === "tick") {
      now += each.later;
      lines.push(`TICK|${printTime(time(now))}`);
    } else if (each.kind === "market") lines.push(`MARKET|${name}|${parameters}`);
    else if (each.kind === "snapshot") lines.push(`SNAPSHOT|${lines.length + each.off}|${hash}`);
    else lines.push(each.line);
  }
  return lines;
}

function leafOf(line: string): Leaf {
  const leaf = parseLeaf(line);
  if (leaf === undefined) throw new Error(`couldn't read ${line}`);
  return leaf;
}

type Folded = { readonly view: PublicView; readonly frontier: Frontier };

function fold(lines: readonly string[], from?: Folded): Folded {
  const view = from?.view ?? new PublicView();
  let frontier = from?.frontier ?? emptyFrontier();
  for (const line of lines) {
    view.apply(leafOf(line));
    frontier = appendLeaf(frontier, line);
  }
  return { view, frontier };
}

function print({ view, frontier }: Folded): Snapshot {
  const { index, parts } = new SnapshotPrinter(view).print(exchange, frontier);
  return { index, parts };
}

function restored(snapshot: Snapshot): Folded {
  const verdict = restoreSnapshot(exchange, snapshot);
  ok(verdict.ok, verdict.ok ? "" : `${verdict.name}: ${verdict.detail}`);
  return { view: verdict.value.view, frontier: verdict.value.index.frontier };
}

test("restored and folded on is folded from the beginning, byte for byte", () => {
  assert(
    property(events, nat(100), (drawn, part) => {
      const lines = linesOf(drawn);
      const cut = Math.floor((lines.length * part) / 100);
      const whole = fold(lines);
      const before = fold(lines.slice(0, cut));
      const after = fold(lines.slice(cut), restored(print(before)));
      deepEqual(print(after), print(whole));
      equal(after.view.isSnapshotDue, whole.view.isSnapshotDue);
      const clock = whole.view.board.tick;
      for (const name of whole.view.board.names) {
        deepEqual(after.view.board.view(name, 9), whole.view.board.view(name, 9));
        const market = whole.view.board.market(name);
        if (clock === undefined || market === undefined) continue;
        deepEqual(after.view.windows(market, clock), whole.view.windows(market, clock));
      }
    }),
    { numRuns: runs(150) },
  );
});

test("the text is a function of the state: what was outdone and what comes twice leave no trace", () => {
  const trade = "TRADE|1|GLD/BTC|5|4200|2026-11-21T00:00:00.000Z|buy";
  const straight = [`MARKET|GLD/BTC|${parameters}`, "LEVEL|GLD/BTC|buy|7|3", trade, trade];
  const crooked = [`MARKET|GLD/BTC|${parameters}`, trade, trade, "LEVEL|GLD/BTC|buy|7|3"];
  const [a, b] = [fold(straight), fold(crooked)];
  deepEqual(print(a).parts, print(b).parts);
  const printer = new SnapshotPrinter(a.view);
  const first = printer.print(exchange, a.frontier);
  deepEqual(printer.print(exchange, a.frontier), first, "a part that is kept is the same");
  fold(["LEVEL|GLD/BTC|buy|7|4"], { view: a.view, frontier: a.frontier });
  const longer = fold([...straight, "LEVEL|GLD/BTC|buy|7|4"]);
  const said = printer.print(exchange, longer.frontier);
  deepEqual({ index: said.index, parts: said.parts }, print(longer), "one that changed is not");
  equal(said.digest, sha256Hex(said.index));
  equal(indexDigest(said.index), said.digest);
});

test("what is kept is bounded: candles of a long past, and windows still whole", () => {
  const lines = [`MARKET|GLD/BTC|${parameters}`];
  for (let i = 1; i <= 3000; i += 1) {
    const at = printTime(time(begin + i * 300_000));
    lines.push(`TRADE|${i}|GLD/BTC|1|${4200 + (i % 7)}|${at}|sell`, `TICK|${at}`);
  }
  const folded = fold(lines);
  for (const interval of intervalNames) {
    const kept = folded.view.candles("GLD/BTC", interval);
    ok(kept.length <= candlesKept[interval]);
    equal(folded.view.hasOlderCandles("GLD/BTC", interval), kept.length === candlesKept[interval]);
  }
  const [market, clock] = [folded.view.board.market("GLD/BTC"), folded.view.board.tick];
  ok(market !== undefined && clock !== undefined);
  const windows = folded.view.windows(market, clock);
  equal(windows["1d"]?.trades, 289);
  equal(windows["7d"]?.trades, 2017);
  equal(windows["30d"]?.trades, 3000);
  deepEqual(windows["1d"], folded.view.lastDay(market, clock));
  equal(folded.view.board.view("GLD/BTC", 1)?.trades.length, 200);
  deepEqual(print(restored(print(folded))), print(folded));
});

test("a snapshot is due after many leaves, or after a quarter of an hour with news", () => {
  const tick = (seconds: number): string => `TICK|${printTime(time(begin + seconds * 1000))}`;
  const quiet = fold([tick(0), tick(899), tick(90_000)]);
  ok(!quiet.view.isSnapshotDue, "the clock is no news");
  const { view } = fold([tick(0), `REPORT|${hash}`, tick(899)]);
  ok(!view.isSnapshotDue);
  view.apply(leafOf(tick(900)));
  ok(view.isSnapshotDue);
  view.apply(leafOf(`SNAPSHOT|3|${hash}`));
  ok(view.isSnapshotDue, "a SNAPSHOT leaf that is not about the leaves before it says nothing");
  view.apply(leafOf(`SNAPSHOT|5|${hash}`));
  ok(!view.isSnapshotDue);
  for (let i = 0; i <= snapshotLeaves; i += 1) view.apply(leafOf(tick(900)));
  ok(view.isSnapshotDue);
});

/** Leaves after which a snapshot is due. */
const many = Array.from({ length: snapshotLeaves }, () => `REPORT|${hash}`);

test("of what would be too long for a reader no snapshot is due, until it is shorter again", () => {
  const names = Array.from({ length: snapshotBounds.markets + 1 }, (_, i) => {
    return `ABCDEFGHI${100 + i}/ABCDEFGHIJKL`;
  });
  const wide = fold(names.slice(0, -1).map((name) => `MARKET|${name}|${parameters}`));
  ok(parseIndex(print(wide).index).ok);
  fold(many, wide);
  ok(wide.view.isSnapshotDue);
  wide.view.apply(leafOf(`MARKET|${names.at(-1)}|${parameters}`));
  ok(!wide.view.isSnapshotDue && !wide.view.fitsSnapshot);

  const deep = fold([`MARKET|GLD/BTC|${parameters}`]);
  const most = Number.MAX_SAFE_INTEGER;
  const level = (price: number, quantity: number): Leaf => {
    return { kind: "level", market: "GLD/BTC", side: "sell", price, quantity };
  };
  for (let i = 0; i < snapshotBounds.levels; i += 1) deep.view.apply(level(most - i, most));
  ok(deep.view.isSnapshotDue);
  const { size } = deep.view;
  const hashes = Array.from(size.toString(2).replaceAll("0", ""), () => new Uint8Array(32));
  const { index } = print({ view: deep.view, frontier: { size, hashes } });
  ok(parseIndex(index).ok, "the longest lines there are, and room for candles");
  deep.view.apply(level(1, 1));
  ok(!deep.view.isSnapshotDue);
  deep.view.apply(level(2, 0));
  ok(!deep.view.isSnapshotDue);
  deep.view.apply(level(1, 0));
  ok(deep.view.isSnapshotDue);
});

/** A snapshot with everything in it. */
function rich(): Snapshot {
  const at = printTime(time(begin));
  return print(
    fold([
      `MARKET|GLD/BTC|${parameters}`,
      `MARKET|SLV/BTC|${parameters}`,
      "LEVEL|GLD/BTC|buy|4205|30",
      "LEVEL|GLD/BTC|buy|4204|3",
      "LEVEL|GLD/BTC|sell|4215|800",
      `TICK|${at}`,
      `TRADE|1|GLD/BTC|400|4210|${at}|buy`,
      `TRADE|2|GLD/BTC|4|4211|${at}|sell`,
      `VENUE|1|${address}|${address}|${address}`,
      `TOKEN|WETH|${address}|18`,
      "OFFER|1|WETH|DAI|5|7",
      `SUBMISSION|1|1800000000|${hash}`,
      `RING|1|1|0x${hash}|2`,
      `SETTLED|1|0x${hash}`,
      "PHASE|GLD/BTC|closing_call|2026-11-21T13:20:00.000Z",
      `LISTING|GLD|${exchange}|1000|${hash}`,
      "RENAMED|SLV|S.SLV",
      "DELISTED|S.SLV",
    ]),
  );
}

/** The snapshot with another part, whose hash and length its index then has: only its words lie. */
function bent({ index, parts }: Snapshot, place: number, part: string): Snapshot {
  const lines = index.split("\n");
  const words = (lines[4 + place] ?? "").split(" ");
  const head = words.slice(0, -2).join(" ");
  lines[4 + place] = `${head} ${sha256Hex(part)} ${part.length}`;
  return { index: lines.join("\n"), parts: parts.with(place, part) };
}

function judge(snapshot: Snapshot): string {
  const verdict = restoreSnapshot(exchange, snapshot);
  return verdict.ok ? "ok" : verdict.name;
}

test("each refusal has its case, in order", () => {
  const good = rich();
  const { index, parts } = good;
  equal(judge(good), "ok");
  const swap = (from: string, to: string): string =>
    judge({ index: index.replace(from, to), parts });
  const inMarket = (from: string, to: string): string =>
    judge(bent(good, 1, (parts[1] ?? "").replace(from, to)));
  const inExchange = (from: string, to: string): string =>
    judge(bent(good, 0, (parts[0] ?? "").replace(from, to)));
  const cases: readonly (readonly [string, string])[] = [
    [judge({ index: `${index}${"x".repeat(65_536)}`, parts }), "index_too_long"],
    [judge({ index: index.slice(0, -1), parts }), "index_malformed"],
    [swap("size 18", "size 19"), "index_malformed"],
    [swap("size 18", "size 018"), "index_malformed"],
    [swap("frontier ", "frontier  "), "index_malformed"],
    [swap("tick 2026", "tick 2O26"), "index_malformed"],
    [swap("part ring", "part king"), "index_malformed"],
    [swap(exchange, exchange.replace("4", "5")), "index_of_another"],
    [judge({ index, parts: parts.slice(1) }), "part_missing"],
    [judge({ index, parts: parts.with(1, `${parts[1] ?? ""} `) }), "part_wrong"],
    [judge({ index, parts: parts.with(0, (parts[0] ?? "").replace("2", "3")) }), "part_wrong"],
    [judge({ index, parts: parts.with(1, (parts[1] ?? "").replace("u", "\u00fc")) }), "part_wrong"],
    [inMarket("buy 4205 30", "buy 4205 030"), "part_malformed"],
    [inMarket("buy 4205 30", "buy 4205 0"), "part_malformed"],
    [inMarket("buy 4205 30", "bid 4205 30"), "part_malformed"],
    [inMarket("TRADE|2|", "TRADE|1|"), "part_malformed"],
    [inMarket("1d ", "1w "), "part_malformed"],
    [inMarket("MARKET|GLD", "MARKET|SLV"), "part_malformed"],
    [judge(bent(good, 0, "exchange\ntrade 2\n")), "part_malformed"],
    [inMarket("PHASE|GLD", "PHASE|SLV"), "part_malformed"],
    [inExchange("told 15", "told 18"), "part_malformed"],
    [inExchange("told 16", "told 15"), "part_malformed"],
    [inExchange("told 16", "told 016"), "part_malformed"],
    [inExchange("RENAMED|SLV|S.SLV", "SETTLED|9|-"), "part_malformed"],
    [judge(bent(good, 3, "ring\nOFFER|1\n")), "part_malformed"],
    [inMarket("buy 4205 30\nbuy 4204 3", "buy 4204 3\nbuy 4205 30"), "snapshot_not_canonical"],
    [inMarket("buy 4205 30\n", "buy 4205 30\nbuy 4205 30\n"), "snapshot_not_canonical"],
    [
      inExchange("DELISTED|S.SLV\n", `DELISTED|S.SLV\ntold 17 - DELISTED|S.SLV\n`),
      "part_malformed",
    ],
    [judge(bent(good, 3, "ring\nTICK|2026-11-21T00:00:00.000Z\n")), "snapshot_not_canonical"],
  ];
  for (const [place, [was, wanted]] of cases.entries()) equal(was, wanted, `case ${place}`);
  const named = new Set(cases.map(([, name]) => name));
  deepEqual([...named], [...snapshotRefusals]);
});

type Bend = readonly [place: number, where: number, byte: number, cut: number];

/** The snapshot with a byte put in, and up to three taken out; place 4 is the index. */
function bentByte(snapshot: Snapshot, [place, where, byte, cut]: Bend): Snapshot {
  const { index, parts } = snapshot;
  const bytes = [...fromLatin1(place === 4 ? index : (parts[place] ?? ""))];
  bytes.splice(where % (bytes.length + 1), cut, byte);
  const text = toLatin1(Uint8Array.from(bytes));
  if (place === 4) return { index: text, parts };
  const isAscii = /^[\x20-\x7e\n]*$/.test(text);
  return isAscii ? bent(snapshot, place, text) : { index, parts: parts.with(place, text) };
}

test("hostile bytes are refused by name, or are the one text of what they say", () => {
  const good = rich();
  const bend = tuple(nat(4), nat(5000), integer({ min: 0, max: 255 }), nat(3));
  assert(
    property(array(bend, { minLength: 1, maxLength: 4 }), (bends) => {
      const snapshot = bends.reduce(bentByte, good);
      const verdict = restoreSnapshot(exchange, snapshot);
      if (!verdict.ok) return ok(snapshotRefusals.includes(verdict.name));
      const { view, index } = verdict.value;
      deepEqual(print({ view, frontier: index.frontier }), snapshot);
    }),
    { numRuns: runs(100) },
  );
  assert(
    property(string({ unit: "binary", maxLength: 300 }), (text) => {
      ok(!parseIndex(text).ok);
      ok(!parseIndex(`signet-snapshot/1 ${exchange}\n${text}`).ok);
    }),
    { numRuns: runs(100) },
  );
});

type Case = {
  readonly about: string;
  readonly index: string | { readonly text: string; readonly pad: number };
  readonly parts: readonly string[];
};
type Vectors = {
  readonly exchange: string;
  readonly accepted: readonly (Case & { readonly leaves: readonly string[] })[];
  readonly refused: readonly (Case & { readonly refused: string })[];
};

function caseOf({ index, parts }: Case): Snapshot {
  if (typeof index === "string") return { index, parts };
  return { index: index.text.padEnd(index.pad, "x"), parts };
}

test("vectors/snapshot.json: leaves and what they come to, and what is refused by name", () => {
  const file = new URL("../../vectors/snapshot.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
  equal(vectors.exchange, exchange);
  for (const each of vectors.accepted) {
    deepEqual(print(fold(each.leaves)), caseOf(each), each.about);
    equal(judge(caseOf(each)), "ok", each.about);
  }
  for (const each of vectors.refused) equal(judge(caseOf(each)), each.refused, each.about);
  const named = new Set(vectors.refused.map(({ refused }) => refused));
  deepEqual([...named].toSorted(), [...snapshotRefusals].toSorted());
});
