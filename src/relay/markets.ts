/**
 * Markets by name, in what anybody asks: a market that was renamed is found under its new name
 * (docs/spec/api.md §1), and what issuers did is told of each.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Board } from "../market/board.ts";
import { marketEvents } from "../market/events.ts";
import { feedName } from "../market/feed.ts";
import type { Context } from "./context.ts";
import { sendProblem } from "./problem.ts";
import { queryValue } from "./query.ts";

/** Adds the route. */
export function marketEventRoutes(app: FastifyInstance, context: Context): void {
  app.get("/v1/events", (request, reply) => {
    const { board } = context.mirror;
    const name = queryValue(request.query, "market") ?? "";
    if (board.market(name) === undefined) return refuseMarket(board, request, reply);
    return reply.send({ market: name, events: marketEvents(board, name) });
  });
}

/** What a market is called now that was called so; `undefined`: there never was one. */
function renamedMarket(board: Board, name: string): string | undefined {
  const now = board.securities.newest(name);
  return board.market(name) === undefined && board.market(now) !== undefined ? now : undefined;
}

/** Sends who asks for a market that is not there to its new name, or says that there is none. */
export function refuseMarket(
  board: Board,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const now = renamedMarket(board, queryValue(request.query, "market") ?? "");
  if (now === undefined) return sendProblem(reply, "market_unknown", "Say market=BASE/QUOTE.");
  const asked = new URLSearchParams(request.url.split("?")[1]);
  asked.set("market", now);
  return sendRenamed(reply, now, `${request.routeOptions.url ?? "/"}?${asked.toString()}`);
}

/** Sends who asks for a feed of a market that was renamed to the new one, if there is one. */
export function refuseFeed(board: Board, file: string, reply: FastifyReply): FastifyReply {
  const [, name = "", ending = ""] = /^(.+)\.(atom|rss|json)$/.exec(file) ?? [];
  // An asset's name has no dash.
  const now = renamedMarket(board, name.replace("-", "/"));
  if (now === undefined) return sendProblem(reply, "path_unknown", "There is no such feed.");
  return sendRenamed(reply, now, `/feeds/${feedName(now)}.${ending}`);
}

function sendRenamed(reply: FastifyReply, now: string, location: string): FastifyReply {
  // A name may be given away again: nobody is to remember this for ever.
  reply.header("location", location).header("cache-control", "no-cache");
  return sendProblem(reply, "market_renamed", `It is ${now} now.`);
}
