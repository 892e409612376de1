/**
 * Market data over HTTP beside the book and the trades (docs/spec/api.md): tickers, candles, VWAP,
 * counters, and the formats of MPEx. Everything is said of the log up to the watermark, so that two
 * relays with one watermark say the same.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { parseTime, time, type Time } from "../codec/time.ts";
import type { MarketLeaf } from "../log/leaf.ts";
import {
  fivesInQuarter,
  isTold,
  nextQuarter,
  quartersOf,
  type ToldInterval,
} from "../market/quarters.ts";
import type { CandleAt } from "../market/shelf.ts";
import {
  printMpexDepth,
  printMpexPage,
  printMpexRss,
  printMpexVwap,
  wrapMpex,
} from "../market/mpex.ts";
import {
  candleJson,
  tickerJson,
  vwapJson,
  type TickerJson,
  type Windows,
} from "../market/window.ts";
import type { Context } from "./context.ts";
import { pagePolicy } from "./feeds.ts";
import { marketEventRoutes, refuseMarket } from "./markets.ts";
import type { Mirror } from "./mirror.ts";
import { sendProblem } from "./problem.ts";
import { sendAbsent } from "./snapshotroutes.ts";
import { queryValue } from "./query.ts";

const candlesMax = 500;
const candlesDefault = 100;
/** Levels of each side in MPEx's depth. */
const mpexLevels = 200;
/** Items of MPEx's RSS. */
const mpexTrades = 50;

/** Adds the routes. */
export function apiRoutes(app: FastifyInstance, context: Context): void {
  const { mirror, letters } = context;
  app.get("/v1/ticker", (request, reply) => tickers(context, request, reply));
  app.get("/v1/candles", (request, reply) => candles(context, request, reply));
  app.get("/v1/vwap", (request, reply) => {
    const market = marketAsked(context, request, reply);
    if (market === undefined) return reply;
    return reply.send(vwapJson(market, mirror.board.tick, windowsFor(mirror, market)));
  });
  app.get("/v1/counters", () => {
    const leaves = Object.fromEntries(mirror.view.counts);
    return {
      letters: letters.last,
      reports: leaves["REPORT"] ?? 0,
      trades: leaves["TRADE"] ?? 0,
      leaves,
      signed: Object.fromEntries(mirror.view.signed),
      size: mirror.frontier.size,
      publication: mirror.watermark,
    };
  });
  marketEventRoutes(app, context);
  mpexRoutes(app, context);
}

/** The ticker of a market; `undefined`: no such market. */
export function tickerOf(mirror: Mirror, name: string): TickerJson | undefined {
  const view = mirror.board.view(name, 1);
  if (view === undefined) return undefined;
  const { tick } = mirror.board;
  const lastDay = tick === undefined ? undefined : mirror.view.lastDay(view.market, tick);
  return tickerJson(view, lastDay);
}

function windowsFor(mirror: Mirror, market: MarketLeaf): Windows | undefined {
  const { tick } = mirror.board;
  return tick === undefined ? undefined : mirror.view.windows(market, tick);
}

/** The market that the query names; otherwise the problem was sent. */
function marketAsked(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): MarketLeaf | undefined {
  const market = context.mirror.board.market(queryValue(request.query, "market") ?? "");
  if (market === undefined) refuseMarket(context.mirror.board, request, reply);
  return market;
}

function tickers(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { mirror } = context;
  const asked = queryValue(request.query, "market");
  if (asked !== undefined && marketAsked(context, request, reply) === undefined) return reply;
  const names = asked === undefined ? mirror.board.names : [asked];
  return reply.send({ tickers: names.flatMap((name) => tickerOf(mirror, name) ?? []) });
}

function candles(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const market = marketAsked(context, request, reply);
  if (market === undefined) return reply;
  const interval = queryValue(request.query, "interval") ?? "";
  if (!isTold(interval)) {
    return sendProblem(reply, "interval_unknown", "Say interval=1m, 5m, 15m, 1h or 1d.");
  }
  const said = queryValue(request.query, "after");
  const after = said === undefined ? undefined : parseTime(said);
  if (said !== undefined && after === undefined) {
    return sendProblem(reply, "time_malformed", "after is a time like 2026-11-21T12:00:00Z.");
  }
  const countMax = after === undefined ? candlesDefault : candlesMax;
  const found = candlesOf(context.mirror, { market: market.name, interval, after, countMax });
  if (found === undefined) return sendAbsent(reply, context.mirror);
  return reply.send({
    market: market.name,
    interval,
    candles: found.map(({ from, candle }) => candleJson(market, from, candle)),
  });
}

type CandlesAsked = {
  readonly market: string;
  readonly interval: ToldInterval;
  readonly after: Time | undefined;
  readonly countMax: number;
};

/**
 * Candles as they are kept; those of fifteen minutes are folded from fives, as many as make up
 * `countMax` whole ones at least.
 */
function candlesOf(mirror: Mirror, asked: CandlesAsked): readonly CandleAt[] | undefined {
  const { market, interval, after, countMax } = asked;
  if (interval !== "15m") return mirror.candles({ market, interval, after, countMax });
  const fives = mirror.candles({
    market,
    interval: "5m",
    after: after && time(nextQuarter(after) - 1),
    countMax: countMax * fivesInQuarter,
  });
  const quarters = fives && quartersOf(fives);
  return after === undefined ? quarters?.slice(-countMax) : quarters?.slice(0, countMax);
}

/** MPEx's old names, under `/mpex/` and where its programs look for them. */
function mpexRoutes(app: FastifyInstance, context: Context): void {
  const { mirror } = context;
  const markets = (): readonly MarketLeaf[] =>
    mirror.board.names.flatMap((name) => mirror.board.market(name) ?? []);
  const texts = {
    mktdepth: () =>
      printMpexDepth(
        mirror.board.names.flatMap((name) => mirror.board.view(name, mpexLevels) ?? []),
      ),
    vwap: () =>
      printMpexVwap(markets().map((market) => ({ market, windows: windowsFor(mirror, market) }))),
  };
  const rss = (): string =>
    printMpexRss({
      exchange: context.exchange,
      origin: context.origin(),
      trades: mirror
        .trades({ market: undefined, after: undefined, countMax: mpexTrades })
        .toReversed()
        .flatMap((trade) => {
          const market = mirror.board.market(trade.market);
          return market === undefined ? [] : [{ market, trade }];
        }),
    });
  app.get("/mpex/", (_request, reply) =>
    reply
      .header("content-security-policy", pagePolicy)
      .header("content-type", "text/html; charset=utf-8")
      .send(printMpexPage()),
  );
  for (const folder of ["/mpex", ""]) {
    for (const [name, print] of Object.entries(texts)) {
      app.get(`${folder}/mpex-${name}.php`, (_request, reply) =>
        reply.header("content-type", "application/json; charset=utf-8").send(print()),
      );
      app.get(`${folder}/mpex-${name}-jsonp.php`, (_request, reply) =>
        reply.header("content-type", "text/javascript; charset=utf-8").send(wrapMpex(print())),
      );
    }
    app.get(`${folder}/mpex-rss.php`, (_request, reply) =>
      reply.header("content-type", "application/rss+xml; charset=utf-8").send(rss()),
    );
  }
}
