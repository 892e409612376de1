/** Market data over HTTP: against naive sums, against its own OpenAPI, the same at every relay. */
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { printTime, time } from "../codec/time.ts";
import { encodePublication } from "../log/publication.ts";
import { checkAtom, checkJsonFeed, checkRss, type Checked } from "../testing/feedcheck.ts";
import { openApiFaults } from "../testing/openapicheck.ts";
import { misfit } from "../testing/jsonschema.ts";
import { checkMarkup } from "../testing/markup.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { runTranscript } from "../testing/transcript.ts";

type Json = Readonly<Record<string, unknown>>;

async function json(world: RelayWorld, path: string): Promise<Json> {
  return (await (await world.get(path)).json()) as Json;
}

const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const clock = 1_795_262_370_000;
const day = 86_400_000;
/** Trades some time before the clock, oldest first. */
const agos = [45 * day, 29 * day, 8 * day, 6 * day, day + 60_000, day - 60_000, 300_000, 1000];
const lines = agos.map((ago, i) => {
  const at = printTime(time(clock - ago));
  return `TRADE|${i + 1}|GLD/BTC|${100 + i}|${4200 + i}|${at}|${i % 2 === 0 ? "buy" : "sell"}`;
});
const levels = ["LEVEL|GLD/BTC|sell|4215|800", "LEVEL|GLD/BTC|buy|4205|30"];
const letter = sealedLetter("api");
const reply = { ref: refOf(letter), sealed: sealedLetter("reply") };
const tag = "7a".repeat(32);

/** A relay with a history of some weeks. */
async function traded(): Promise<RelayWorld> {
  const world = await RelayWorld.start();
  const tick = `TICK|${printTime(time(clock))}`;
  await world.post(letter);
  for (const leaves of [[market], lines.slice(0, 5), lines.slice(5), [...levels, tick]]) {
    const publication = world.publisher.next({
      leaves,
      ...(leaves.length === 1 ? { replies: [reply], card: `${card}${certificate}` } : {}),
    });
    equal((await world.put(publication.number, encodePublication(publication))).status, 200);
  }
  return world;
}
const card = "-----BEGIN PGP SIGNED MESSAGE-----\n\nsignet-card/1\n-----END PGP SIGNATURE-----\n";
const certificate =
  "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n";

test("candles, windows and ticker are what the trades come to", async () => {
  const world = await traded();
  try {
    const sums = (days: number): readonly [number, number] => {
      const inside = agos.flatMap((ago, i) => (ago <= days * day ? [100 + i] : []));
      return [inside.length, inside.reduce((sum, lots) => sum + lots, 0) / 10];
    };
    const vwap = await json(world, "/v1/vwap?market=GLD/BTC");
    for (const [name, days] of Object.entries({ "1d": 1, "7d": 7, "30d": 30 })) {
      const { trades, quantity } = vwap[name] as { trades: number; quantity: string };
      deepEqual([trades, Number(quantity)], sums(days), name);
    }
    const all = await json(world, "/v1/candles?market=GLD/BTC&interval=1m");
    const candles = all["candles"] as readonly { from: string; trades: number }[];
    equal(candles.length, agos.length);
    const from = candles[3]?.from ?? "";
    const rest = await json(world, `/v1/candles?market=GLD/BTC&interval=1m&after=${from}`);
    deepEqual(rest["candles"], candles.slice(4));
    const quarter = 900_000;
    const begins = agos.map((ago) => Math.floor((clock - ago) / quarter) * quarter);
    const expected = [...new Set(begins)].map((begin) => new Date(begin).toISOString());
    for (const after of ["", `&after=${expected[0] ?? ""}`]) {
      const said = await json(world, `/v1/candles?market=GLD/BTC&interval=15m${after}`);
      const told = (said["candles"] as readonly { from: string }[]).map((each) => each.from);
      deepEqual(told, after === "" ? expected : expected.slice(1));
    }
    const days = await json(world, "/v1/candles?market=GLD/BTC&interval=1d");
    const { length } = days["candles"] as readonly unknown[];
    equal(length, new Set(agos.map((ago) => Math.floor((clock - ago) / day))).size);
    const { tickers } = (await json(world, "/v1/ticker")) as { tickers: readonly Json[] };
    const [ticker] = tickers;
    equal(ticker?.["last"], "0.04207");
    deepEqual(ticker["buy"], { price: "0.04205", quantity: "3" });
    deepEqual(ticker["day"], vwap["1d"]);
    deepEqual(await json(world, "/v1/counters"), {
      letters: 1,
      reports: 1,
      signed: {},
      trades: agos.length,
      leaves: { LEVEL: 2, MARKET: 1, REPORT: 1, TICK: 1, TRADE: agos.length },
      size: agos.length + 5,
      publication: 4,
    });
    const book = await json(world, "/v1/book?market=GLD/BTC&depth=0");
    equal(book["sequence"], agos.length + 5);
    equal(book["crc32"], 2_884_371_710, "the example of docs/spec/api.md, whatever the depth");
  } finally {
    await world.close();
  }
});

test("a database from before there were candles is read once", async () => {
  const world = await traded();
  try {
    const paths = ["/v1/vwap?market=GLD/BTC", "/v1/counters", "/v1/ticker", "/mpex-vwap.php"];
    const read = (): Promise<string[]> =>
      Promise.all(paths.map(async (path) => (await world.get(path)).text()));
    const before = await read();
    await world.restart(() => {
      const database = new DatabaseSync(join(world.dir, "relay.sqlite"));
      database.exec("DROP TABLE candles");
      database.exec("DELETE FROM facts WHERE name LIKE 'history%'");
      database.close();
    });
    deepEqual(await read(), before);
    await world.restart();
    deepEqual(await read(), before);
  } finally {
    await world.close();
  }
});

const refused: readonly (readonly [path: string, status: number, code: string])[] = [
  ["/v1/candles?market=GLD/BTC", 400, "interval_unknown"],
  ["/v1/candles?market=GLD/BTC&interval=2m", 400, "interval_unknown"],
  ["/v1/candles?market=GLD/BTC&interval=constructor", 400, "interval_unknown"],
  ["/v1/candles?market=GLD/BTC&interval=1m&after=yesterday", 400, "time_malformed"],
  ["/v1/candles?market=GLD/BTC&interval=1m&interval=1h", 400, "interval_unknown"],
  ["/v1/candles?interval=1m", 404, "market_unknown"],
  ["/v1/vwap", 404, "market_unknown"],
  ["/v1/vwap?market=GLD/XYZ", 404, "market_unknown"],
  ["/v1/ticker?market=__proto__", 404, "market_unknown"],
  ["/v1/book?market=GLD/BTC&depth=-1", 400, "number_malformed"],
  ["/v1/book?market=GLD/BTC&depth=1&depth=2", 400, "number_malformed"],
  [`/v1/book?market=${"G".repeat(5000)}`, 404, "market_unknown"],
  ["/v1/trades?after=1e3", 400, "number_malformed"],
  ["/v1/leaves?after[]=1", 200, ""],
  ["/v1/stream", 426, "upgrade_required"],
  ["/mpex-vwap.php/..%2f..%2fetc/passwd", 404, "path_unknown"],
];

test("what does not fit is refused by name, and says so as the page about it promises", async () => {
  const world = await traded();
  try {
    for (const [path, status, code] of refused) {
      const answer = await world.get(path);
      equal(answer.status, status, path);
      if (status === 200) continue;
      equal(answer.headers.get("content-type"), "application/problem+json", path);
      const said = (await answer.json()) as Json;
      equal(said["code"], code, path);
      const page = (await json(world, "/v1/openapi.json")) as { components: { schemas: Json } };
      equal(misfit(said, page.components.schemas["Problem"]), undefined);
    }
  } finally {
    await world.close();
  }
});

test("the served page is OpenAPI 3.1, and tells of every route but the pages' own files", async () => {
  const world = await traded();
  try {
    const page = await json(world, "/v1/openapi.json");
    deepEqual(openApiFaults(page), []);
    const { paths } = page as unknown as Page;
    // That none is missing is asserted when a route is added; these are the ones of every kind.
    const some = ["/tile/{path}", "/v1/log/tile/{path}", "/checkpoint", "/v1/proof", "/v1/stream"];
    const more = ["/v1/reads/proof", "/v1/dock/publications/{number}", "/feeds/{file}", "/"];
    for (const path of [...some, ...more]) ok(paths[path] !== undefined, path);
    const bent: readonly ((page: Json) => unknown)[] = [
      (page) => ({ ...page, openapi: "3.0.3" }),
      (page) => ({ ...page, strange: 1 }),
      (page) => ({ ...page, paths: { ...(page["paths"] as Json), "/x/{y}": { get: {} } } }),
      (page) => ({ ...page, components: {} }),
    ];
    for (const bend of bent) ok(openApiFaults(bend(page)).length > 0);
  } finally {
    await world.close();
  }
});

type Operation = {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { schema?: object }>; description: string }>
  >;
};
type Page = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const values: Readonly<Record<string, string>> = {
  market: "GLD/BTC",
  interval: "1h",
  ref: reply.ref,
  tag,
  file: "trades.json",
  path: "0/000.p/1",
  leaf: "0",
  sha256: "ab".repeat(32),
};
/** Of these an empty exchange has nothing, or they are not for everybody. */
const refusing = /ring|stream|reads|snapshot|dock\/letters/;

test("every documented GET answers as its schema says", async () => {
  const world = await traded();
  try {
    const page = (await json(world, "/v1/openapi.json")) as unknown as Page & Json;
    match(String(page["openapi"]), /^3\.1\.\d$/);
    let asked = 0;
    for (const [path, methods] of Object.entries(page.paths)) {
      match(path, /^\/[\w./{}-]*$/);
      const operation = methods["get"];
      if (operation === undefined) continue;
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
      deepEqual(
        operation.parameters.filter((each) => each.in === "path").map(({ name }) => name),
        inPath,
      );
      const query = operation.parameters
        .filter((each) => each.in === "query" && values[each.name] !== undefined)
        .map(({ name }) => `${name}=${values[name]}`);
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
      const answer = await world.get(`${url}?${query.join("&")}`);
      const documented = operation.responses[String(answer.status)];
      ok(documented !== undefined, `${path}: ${answer.status}`);
      ok(answer.status < 400 || refusing.test(path), `${path}: ${answer.status}`);
      const type = (answer.headers.get("content-type") ?? "").replace(/;.*/, "");
      const content = documented.content?.[type] ?? documented.content?.["*/*"];
      ok(content !== undefined, `${path}: ${type}`);
      const text = await answer.text();
      if (type === "application/json" && content.schema !== undefined) {
        equal(misfit(JSON.parse(text), content.schema), undefined, path);
      }
      asked += 1;
    }
    ok(asked > 35, `${asked}`);
  } finally {
    await world.close();
  }
});

test("feeds keep to their specifications, and say the same ids at every relay", async () => {
  const [one, two] = [await traded(), await traded()];
  const checks: readonly (readonly [ending: string, check: (text: string) => Checked])[] = [
    ["atom", checkAtom],
    ["rss", checkRss],
    ["json", checkJsonFeed],
  ];
  try {
    const expected = agos.map(
      (_, i) => `tag:signet.invalid,2026:${one.publisher.exchange}/trades/${agos.length - i}`,
    );
    for (const name of ["trades", "GLD-BTC"]) {
      for (const [ending, check] of checks) {
        for (const world of [one, two]) {
          const answer = await world.get(`/feeds/${name}.${ending}`);
          match(answer.headers.get("content-type") ?? "", /^application\/(?:feed|atom|rss)\+/);
          const { ids, fault } = check(await answer.text());
          equal(fault, undefined, `${name}.${ending}`);
          deepEqual(ids, expected);
        }
      }
    }
    const mpex = await (await one.get("/mpex/mpex-rss.php")).text();
    const { ids, fault } = checkRss(mpex);
    equal(fault, undefined);
    deepEqual(ids, expected);
    match(mpex, /<title>10\.7 GLD\/BTC @0\.04207<\/title>/);
    equal(checkMarkup(await (await one.get("/mpex/")).text()), undefined);
    const wrapped = await (await one.get("/mpex-mktdepth-jsonp.php")).text();
    equal(wrapped, 'JurovP({"GLD/BTC":{"B":[[4205000,3]],"S":[[4215000,80]]}})');
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});

test("a checker that lets nothing pass", () => {
  ok(checkAtom("<feed></feed>").fault !== undefined);
  ok(checkRss('<rss version="2.0"><channel></channel></rss>').fault !== undefined);
  ok(checkJsonFeed('{"version":"https://jsonfeed.org/version/1"}').fault !== undefined);
  const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
  for (const [value, wrong] of [
    [{ a: 1 }, false],
    [{}, true],
    [{ a: "1" }, true],
    [{ a: 1.5 }, true],
    [[], true],
    [null, true],
  ] as const) {
    equal(misfit(value, schema) !== undefined, wrong, JSON.stringify(value));
  }
  ok(misfit({ a: 1, b: 2 }, { ...schema, additionalProperties: false }) !== undefined);
});

test("an answer is the newest, also where it was given before", async () => {
  const world = await traded();
  try {
    const read = async (path: string): Promise<string> => (await world.get(path)).text();
    const paths = ["/v1/book?market=GLD/BTC", "/v1/ticker", "/v1/trades?after=7"];
    for (const path of paths) equal(await read(path), await read(path));
    const before = await Promise.all(paths.map(read));
    const leaves = [
      `TRADE|9|GLD/BTC|5|4300|${printTime(time(clock))}|buy`,
      "LEVEL|GLD/BTC|buy|4205|0",
    ];
    await world.put(5, world.publisher.publish({ leaves }));
    const after = await Promise.all(paths.map(read));
    for (const [i, text] of after.entries()) ok(text !== before[i], paths[i]);
    match(after[2] ?? "", /"number":9/);
    // A parameter that does not fit is refused, whatever was asked before.
    equal((await world.get("/v1/book?market=GLD/BTC&depth=x")).status, 400);
  } finally {
    await world.close();
  }
});

test("empty relays answer too", async () => {
  const world = await RelayWorld.start();
  try {
    deepEqual(await json(world, "/v1/ticker"), { tickers: [] });
    equal(await (await world.get("/mpex-vwap.php")).text(), "{}");
    const transcript = readFileSync(new URL("relay.http.txt", import.meta.url), "utf8");
    await runTranscript(transcript, world.stage());
    const { tickers } = (await json(world, "/v1/ticker")) as { tickers: readonly Json[] };
    equal(tickers[0]?.["last"], "0.0421");
  } finally {
    await world.close();
  }
});
