/**
 * Feeds, and the page that a relay prints for who runs no script: /plain, or / where no pages were
 * built.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { verifierKey } from "../log/note.ts";
import { feedName, printAtom, printJsonFeed, printRss, type Feed } from "../market/feed.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { pageMarkets, printPage } from "../market/page.ts";
import type { Context } from "./context.ts";
import { refuseFeed } from "./markets.ts";
import { pageRoutes } from "./pages.ts";
import { ageSeconds } from "./serve.ts";

/** Entries of a feed. */
const entriesMax = 50;
/** Levels of each side that go into the page. */
const pageLevels = 200;

/** Nothing but our own files, no inline script or style, no frame around us. */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Adds feeds and pages. */
export function feedRoutes(app: FastifyInstance, context: Context): void {
  const { pages } = context;
  app.get<{ Params: { file: string } }>("/feeds/:file", (request, reply) =>
    feed(context, request, request.params.file, reply),
  );
  for (const path of pages === undefined ? ["/", "/plain"] : ["/plain"]) {
    app.get(path, (_request, reply) =>
      reply
        .header("content-security-policy", pagePolicy)
        .header("content-type", "text/html; charset=utf-8")
        .send(marketPage(context)),
    );
  }
  const files = [
    ["/plain.css", "text/css; charset=utf-8"],
    ["/icon.svg", "image/svg+xml"],
  ] as const;
  for (const [path, type] of files) {
    const text = readFileSync(new URL(`../web${path}`, import.meta.url), "utf8");
    app.get(path, (request, reply) =>
      sendTagged(request, reply.header("content-type", type), text),
    );
  }
  if (pages !== undefined) pageRoutes(app, context, pages);
}

/** With an entity tag, so that a reader who polls is told in a few bytes that nothing is new. */
function sendTagged(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 24)}"`;
  reply.header("etag", etag).header("cache-control", "no-cache");
  return request.headers["if-none-match"] === etag ? reply.code(304).send() : reply.send(text);
}

function feed(
  context: Context,
  request: FastifyRequest,
  file: string,
  reply: FastifyReply,
): FastifyReply {
  // At the last point: the names of assets may have points too.
  const [, name, ending] = /^(.+)\.(atom|rss|json)$/.exec(file) ?? [];
  const { board } = context.mirror;
  const market = board.names.find((market) => feedName(market) === name);
  if (ending === undefined || (market === undefined && name !== feedName(undefined))) {
    return refuseFeed(board, file, reply);
  }
  const trades = context.mirror.trades({ market, after: undefined, countMax: entriesMax });
  const about: Feed = {
    exchange: context.exchange,
    market,
    origin: context.origin(),
    trades: trades.toReversed().flatMap((trade) => {
      const market = board.market(trade.market);
      return market === undefined ? [] : [{ market, trade }];
    }),
  };
  const [type, print] = formats[ending] ?? formats.atom;
  const text = print(about);
  return sendTagged(request, reply.header("content-type", `${type}; charset=utf-8`), text);
}

const formats: { readonly [ending: string]: Format; readonly atom: Format } = {
  atom: ["application/atom+xml", printAtom],
  rss: ["application/rss+xml", printRss],
  json: ["application/feed+json", printJsonFeed],
};
type Format = readonly [type: string, print: (feed: Feed) => string];

function marketPage(context: Context): string {
  const { mirror, signer, exchange } = context;
  return printPage({
    exchange,
    keyNumber: keyNumber(exchange),
    relay: {
      name: signer.name,
      key: verifierKey(signer.name, signer.publicKey),
      origin: context.origin(),
    },
    watermark: { publication: mirror.watermark, size: mirror.frontier.size },
    ageSeconds: ageSeconds(context) ?? undefined,
    markets: pageMarkets(mirror.board, pageLevels),
  });
}
