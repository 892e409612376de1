/**
 * Answers that are the same until the next publication: kept as they were sent, so that reading
 * the market costs little however many read it. What is kept is bounded, and forgotten with every
 * publication that is applied.
 */
import type { FastifyInstance } from "fastify";
import type { Mirror } from "./mirror.ts";

/** Paths whose answers are made of the mirror and of nothing else. */
const paths: ReadonlySet<string> = new Set([
  "/v1/markets",
  "/v1/book",
  "/v1/trades",
  "/v1/ticker",
  "/v1/events",
  "/v1/candles",
  "/v1/vwap",
]);
const urlMax = 200;
const keptMax = 8_388_608;

/** Keeps answers for the routes that are added later. */
export function keepAnswers(app: FastifyInstance, mirror: Mirror): void {
  const kept = new Map<string, string>();
  let size = 0;
  const forget = (): void => {
    kept.clear();
    size = 0;
  };
  mirror.listen(forget);
  app.addHook("onRequest", (request, reply, done) => {
    const found = request.method === "GET" ? kept.get(request.url) : undefined;
    if (found === undefined) return done();
    reply.header("content-type", "application/json; charset=utf-8").send(found);
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const { method, url, routeOptions } = request;
    const isKept = method === "GET" && reply.statusCode === 200 && url.length <= urlMax;
    if (isKept && typeof payload === "string" && paths.has(routeOptions.url ?? "")) {
      if (!kept.has(url)) size += payload.length;
      if (size > keptMax) forget();
      else kept.set(url, payload);
    }
    done();
  });
}
