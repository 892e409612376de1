/** Phases, calls and renamed markets over HTTP and the stream: one history under today's name. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { encodePublication } from "../log/publication.ts";
import { checkAtom, checkJsonFeed, checkRss } from "../testing/feedcheck.ts";
import { openApiFaults } from "../testing/openapicheck.ts";
import { misfit } from "../testing/jsonschema.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { described } from "./described.ts";

type Json = Readonly<Record<string, unknown>>;

const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const hash = "ab".repeat(32);
const issuer = "49979888511191774776929750563049979888ab";
const moment = "2026-11-21T09:30:00.000Z";

function trade(number: number, name = "GLD/BTC"): string {
  return `TRADE|${number}|${name}|400|${4200 + number}|${moment}|call`;
}

async function publish(world: RelayWorld, ...leaves: readonly string[]): Promise<void> {
  const publication = world.publisher.next({ leaves });
  equal((await world.put(publication.number, encodePublication(publication))).status, 200);
}

async function json(world: RelayWorld, path: string): Promise<Json> {
  return (await (await world.get(path)).json()) as Json;
}

/** A day with a call, a listing, a new name, and what came before and after it. */
async function day(): Promise<RelayWorld> {
  const world = await RelayWorld.start();
  await publish(world, market, `LISTING|GLD|${issuer}|1000|${hash}`);
  await publish(world, `PHASE|GLD/BTC|opening_call|${moment}`, "LEVEL|GLD/BTC|buy|4300|5");
  await publish(world, "LEVEL|GLD/BTC|sell|4200|5", `TICK|${moment}`);
  await publish(world, trade(1), trade(2), "RENAMED|GLD|XAU", trade(3, "XAU/BTC"));
  await publish(world, `PHASE|XAU/BTC|continuous|${moment}`, trade(4, "XAU/BTC"));
  return world;
}

const reads = [
  "/v1/markets",
  "/v1/ticker",
  "/v1/book?market=XAU/BTC",
  "/v1/trades?market=XAU/BTC",
  "/v1/trades",
  "/v1/candles?market=XAU/BTC&interval=1d",
  "/v1/vwap?market=XAU/BTC",
  "/v1/events?market=XAU/BTC",
];

test("a renamed market has one history, before and after a restart, by its schemas", async () => {
  const world = await day();
  try {
    const [found] = (await json(world, "/v1/markets"))["markets"] as readonly Json[];
    deepEqual([found?.["name"], found?.["phase"]], ["XAU/BTC", "continuous"]);
    deepEqual(found?.["formerly"], ["GLD/BTC"]);
    deepEqual(found?.["listing"], { leaf: 1, issuer, shares: "100", hash });
    for (const path of ["/v1/trades", "/v1/trades?market=XAU/BTC", "/v1/trades?after=0"]) {
      const { trades } = (await json(world, path)) as { trades: readonly Json[] };
      deepEqual(
        trades.map(({ number, market, side }) => [number, market, side]),
        [1, 2, 3, 4].map((number) => [number, "XAU/BTC", "call"]),
      );
    }
    const { candles } = (await json(world, reads[5] ?? "")) as { candles: readonly Json[] };
    deepEqual(
      candles.map(({ trades, open, close }) => [trades, open, close]),
      [[4, "0.04201", "0.04204"]],
    );
    const texts = (): Promise<string[]> =>
      Promise.all(reads.map(async (path) => (await world.get(path)).text()));
    const before = await texts();
    await world.restart();
    deepEqual(await texts(), before);
    for (const [index, path] of reads.entries()) {
      const schema = described[`GET ${path.replace(/\?.*/, "")}`]?.answers["200"]?.schema ?? {};
      equal(misfit(JSON.parse(before[index] ?? ""), schema), undefined, path);
    }
    deepEqual(openApiFaults(await json(world, "/v1/openapi.json")), []);
  } finally {
    await world.close();
  }
});

test("who asks by the old name is sent to the new one, and told so", async () => {
  const world = await day();
  try {
    for (const path of ["book", "trades", "vwap", "ticker", "events", "candles"]) {
      const asked = `/v1/${path}?interval=1d&market=GLD%2FBTC`;
      const answer = await fetch(world.relay.address + asked, { redirect: "manual" });
      equal(answer.status, 308);
      const { code, detail } = (await answer.json()) as Json;
      deepEqual([code, detail], ["market_renamed", "It is XAU/BTC now."]);
      equal(answer.headers.get("location"), `/v1/${path}?interval=1d&market=XAU%2FBTC`);
      equal((await world.get(asked)).status, 200);
    }
    equal((await world.get("/v1/book?market=SLV/BTC")).status, 404);
    const feeds = { atom: checkAtom, rss: checkRss, json: checkJsonFeed };
    for (const [ending, check] of Object.entries(feeds)) {
      const text = await (await world.get(`/feeds/GLD-BTC.${ending}`)).text();
      equal(check(text).fault, undefined);
      ok(text.includes("traded in a call"));
    }
    equal((await world.get("/feeds/SLV-BTC.atom")).status, 404);
    equal((await world.get("/mpex-mktdepth.php")).status, 200);
  } finally {
    await world.close();
  }
});

test("the stream says phases in the ticker, and another name to who subscribed before", async () => {
  const world = await RelayWorld.start();
  const heard: Json[] = [];
  try {
    await publish(world, market);
    const socket = new WebSocket(`${world.relay.address.replace("http", "ws")}/v1/stream`);
    socket.on("message", (data) => heard.push(JSON.parse(String(data)) as Json));
    await once(socket, "open");
    for (const subscribe of ["book", "trades", "ticker"]) {
      socket.send(JSON.stringify({ subscribe, market: "GLD/BTC" }));
    }
    while (heard.length < 6) await once(socket, "message");
    heard.length = 0;
    await publish(world, `PHASE|GLD/BTC|halt|${moment}`);
    while (heard.length < 1) await once(socket, "message");
    deepEqual([heard[0]?.["channel"], heard[0]?.["phase"]], ["ticker", "halt"]);
    heard.length = 0;
    await publish(world, trade(1), "LEVEL|GLD/BTC|buy|4300|5", "RENAMED|GLD|XAU");
    while (heard.length < 3) await once(socket, "message");
    for (const { type, market: name, to } of heard) {
      deepEqual([type, name, to], ["renamed", "GLD/BTC", "XAU/BTC"]);
    }
    socket.terminate();
  } finally {
    await world.close();
  }
});
