/**
 * The ring venue over HTTP (docs/spec/receipt.md §2): what is offered, which submissions anybody
 * may send, what became of them, and the book that rings imply.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { offerJson, ringJson, submissionJson, venueJson } from "../market/ringjson.ts";
import { depthJson } from "../market/ringdepth.ts";
import { now, type Context } from "./context.ts";
import { DepthBooks } from "./depthbooks.ts";
import { sendProblem } from "./problem.ts";
import { queryValue, wholeValue } from "./query.ts";
import { waitMax } from "./receive.ts";

/** Submissions in one answer, and the bytes of their calldata. */
const answerMax = { countMax: 100, bytesMax: 1_048_576 };
const ringsMax = 500;
const newSubmissions = "submissions";

/** Adds the ring venue's routes. */
export function ringRoutes(app: FastifyInstance, context: Context): void {
  const { rings } = context.mirror;
  const absent = (reply: FastifyReply): FastifyReply =>
    sendProblem(reply, "ring_not_offered", "This exchange has announced no ring venue.");
  app.get("/v1/ring/venue", (_request, reply) => {
    const { venue, tokens } = rings.board;
    return venue === undefined ? absent(reply) : reply.send(venueJson(venue, tokens));
  });
  app.get("/v1/ring/offers", () => ({ offers: rings.board.offers.map(offerJson) }));
  app.get("/v1/ring/submissions", (request, reply) => submissions(context, request, reply));
  app.get("/v1/ring/rings", (request, reply) => {
    const after = wholeValue(request.query, "after", 0);
    if (after === undefined) return sendProblem(reply, "number_malformed", "after is a number.");
    return { rings: rings.board.rings(after).slice(0, ringsMax).map(ringJson) };
  });
  const books = new DepthBooks();
  app.get("/v1/ring/depth", (request, reply) => {
    const [sell, buy] = ["sell", "buy"].map((side) =>
      rings.board.token(queryValue(request.query, side) ?? ""),
    );
    if (sell === undefined || buy === undefined || sell === buy) {
      return sendProblem(reply, "token_unknown", "Say sell=NAME and buy=NAME, two tokens.");
    }
    const asked = {
      pair: `${sell.name} ${buy.name}`,
      version: context.mirror.offersVersion,
      at: now(),
    };
    const book = books.find(asked, () => depthJson(rings.board.offers, { sell, buy }));
    if (book === undefined) return sendProblem(reply, "ring_depth_busy", "Too many pairs at once.");
    return reply.send(book);
  });
}

/** Tells those who wait that there are submissions. */
export function wakeSenders(context: Pick<Context, "senders">): void {
  context.senders.wake(newSubmissions);
}

async function submissions(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const after = wholeValue(request.query, "after", 0);
  const wait = wholeValue(request.query, "wait", 0);
  if (after === undefined || wait === undefined || wait > waitMax) {
    const detail = `after and wait are numbers, wait at most ${waitMax}.`;
    return sendProblem(reply, "number_malformed", detail);
  }
  const { rings } = context.mirror;
  if (wait > 0 && rings.board.lastSubmission <= after) {
    if (context.senders.full) return sendProblem(reply, "ring_waiters_full", "Too many wait.");
    await context.senders.wait(newSubmissions, wait * 1000, request.signal);
  }
  const found = rings.submissions(after, answerMax);
  return reply.send({
    submissions: found.map(({ view, calldata }) => submissionJson(view, calldata)),
  });
}
