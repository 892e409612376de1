/** What anybody may read (docs/spec/receipt.md §1, §2): states, mail, card, markets, log. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toBase64 } from "../codec/bytes.ts";
import { isHex64, tag, type Ref } from "../codec/names.ts";
import { printTime } from "../codec/time.ts";
import { armoredBytesMax, sealedBytesMax } from "../letter/limits.ts";
import { verifierKey } from "../log/note.ts";
import { checksumOf } from "../market/bookdiff.ts";
import { checksumLevels } from "../market/checksum.ts";
import { bookJson, marketJson, tradeJson } from "../market/json.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { now, type Context } from "./context.ts";
import { sourceOf } from "./fair.ts";
import { refuseMarket } from "./markets.ts";
import { sendProblem } from "./problem.ts";
import { queryValue, wholeValue } from "./query.ts";
import { answerTo, deliverMs, receiptOf, sendAnswer, waitMax } from "./receive.ts";
import { checkpoint } from "./tlog.ts";
import { blockJson } from "./reads.ts";
import { replicaFacts, sendAbsent } from "./snapshotroutes.ts";

const depthDefault = 20;
const depthMax = 1000;
const tradesMax = 500;
const tradesDefault = 100;
const leavesMax = 1000;
/** Sealed bytes of one answer with mail, unless a single entry has more. */
const mailBytesMax = 2_097_152;

/** Adds the routes that only read. */
export function serveRoutes(app: FastifyInstance, context: Context): void {
  app.get("/v1/relay", (request) => relayFacts(context, sourceOf(request.ip)));
  app.get<{ Params: { ref: string } }>("/v1/letters/:ref", (request, reply) =>
    letterState(context, request.params.ref, reply),
  );
  app.get<{ Params: { ref: string } }>("/v1/letters/:ref/reply", (request, reply) =>
    letterReply(context, request.params.ref, request, reply),
  );
  app.get<{ Params: { tag: string } }>("/v1/mailboxes/:tag", (request, reply) =>
    mailbox(context, request.params.tag, request, reply),
  );
  cardRoutes(app, context);
  app.get("/v1/markets", () => ({
    markets: context.mirror.board.names.flatMap((name) => {
      const view = context.mirror.board.view(name, 0);
      return view === undefined ? [] : [marketJson(view, context.mirror.board.securities)];
    }),
  }));
  app.get("/v1/book", (request, reply) => book(context, request, reply));
  app.get("/v1/trades", (request, reply) => trades(context, request, reply));
  app.get("/v1/checkpoint", (_request, reply) => checkpoint(context, reply));
  app.get("/v1/leaves", (request, reply) => {
    const after = wholeValue(request.query, "after", -1);
    if (after === undefined) return sendProblem(reply, "number_malformed", "after is a number.");
    const { size } = context.mirror.frontier;
    if (context.mirror.lacksLeaf(after + 1)) return sendAbsent(reply, context.mirror);
    return { first: after + 1, leaves: context.mirror.leaves(after + 1, leavesMax), size };
  });
}

/** Seconds since the last publication, to a tenth; `null`: none came yet. */
export function ageSeconds({ mirror }: Context): number | null {
  if (mirror.heardAt === undefined) return null;
  return Math.round(Math.max(now() - mirror.heardAt, 0) / 100) / 10;
}

function relayFacts(context: Context, source: string): object {
  const { mirror, signer, exchange, toll } = context;
  const { bits, until } = toll.announced(source, now());
  const { tick } = mirror.board;
  return {
    name: signer.name,
    key: verifierKey(signer.name, signer.publicKey),
    exchange,
    keyNumber: keyNumber(exchange),
    limits: {
      letterBytes: sealedBytesMax,
      armoredBytes: armoredBytesMax,
      waitSeconds: waitMax,
      deliverSeconds: deliverMs / 1000,
    },
    postage: { bits, until: until === undefined ? null : printTime(until), tickets: true },
    watermark: { publication: mirror.watermark, size: mirror.frontier.size },
    ...replicaFacts(context),
    ageSeconds: ageSeconds(context),
    tick: tick === undefined ? null : printTime(tick),
    at: printTime(now()),
  };
}

/** The one ref that begins like this; otherwise the problem was sent. */
function refNamed(context: Context, text: string, reply: FastifyReply): Ref | undefined {
  const digits = text.replaceAll("-", "").toLowerCase();
  if (!/^[0-9a-f]{20,64}$/.test(digits)) {
    sendProblem(reply, "ref_malformed", "A ref is 20 to 64 hex digits.");
    return undefined;
  }
  const [found, second] = context.letters.refsWith(digits);
  if (found === undefined && context.mirror.lacks) sendAbsent(reply, context.mirror);
  else if (found === undefined) {
    sendProblem(reply, "letter_unknown", `Nothing is known of ${digits}.`);
  }
  if (found === undefined || second === undefined) return found;
  sendProblem(reply, "ref_ambiguous", `Several refs begin with ${digits}.`);
  return undefined;
}

function letterState(context: Context, text: string, reply: FastifyReply): FastifyReply {
  const ref = refNamed(context, text, reply);
  if (ref === undefined) return reply;
  const answer = answerTo(context, ref, 0);
  const taken = context.letters.find(ref);
  const read = context.mirror.reads.blockOf(ref);
  const state = { reply: "answered", unopenable: "unopenable" } as const;
  const open = read === undefined ? "carried" : "read";
  // A copy that did not open says nothing about one that was read.
  const isRead = read !== undefined && answer?.kind === "unopenable";
  return reply.send({
    ref,
    state: answer === undefined || isRead ? open : state[answer.kind],
    receipt: taken === undefined ? null : receiptOf(context, taken),
    read: read === undefined ? null : blockJson(read),
  });
}

function letterReply(
  context: Context,
  text: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const ref = refNamed(context, text, reply);
  if (ref === undefined) return reply;
  const answer = answerTo(context, ref, 0);
  if (answer !== undefined) return sendAnswer(request, reply, answer);
  if (context.mirror.lacks) return sendAbsent(reply, context.mirror);
  return sendProblem(reply, "reply_absent", `The exchange has not answered ${ref} yet.`);
}

function mailbox(
  context: Context,
  address: string,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const after = wholeValue(request.query, "after", -1);
  if (!isHex64(address)) return sendProblem(reply, "tag_malformed", "An address is 64 hex digits.");
  if (after === undefined) return sendProblem(reply, "number_malformed", "after is a number.");
  const { entries, more } = context.mirror.mail(tag(address), after, mailBytesMax);
  if (entries.length === 0 && context.mirror.lacks) return sendAbsent(reply, context.mirror);
  return reply.send({
    tag: address,
    entries: entries.map(({ index, sealed }) => ({ index, sealed: toBase64(sealed) })),
    more,
  });
}

/** The signed card, and the certificate that was published after it. */
function cardParts(context: Context): { readonly card: string; readonly certificate: string } {
  const text = context.mirror.card() ?? "";
  const split = text.indexOf("-----BEGIN PGP PUBLIC KEY BLOCK-----");
  if (split < 0) return { card: text, certificate: "" };
  return { card: text.slice(0, split), certificate: text.slice(split) };
}

function cardRoutes(app: FastifyInstance, context: Context): void {
  const absent = (reply: FastifyReply): FastifyReply =>
    sendProblem(reply, "nothing_published", "The exchange's card has not come yet.");
  app.get("/v1/exchange", (_request, reply) => {
    const parts = cardParts(context);
    return parts.card === "" ? absent(reply) : reply.send(parts);
  });
  for (const part of ["card", "certificate"] as const) {
    app.get(`/v1/exchange/${part}`, (_request, reply) => {
      const text = cardParts(context)[part];
      if (text === "") return absent(reply);
      return reply.header("content-type", "text/plain; charset=utf-8").send(text);
    });
  }
}

function book(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const depth = wholeValue(request.query, "depth", depthDefault);
  if (depth === undefined) return sendProblem(reply, "number_malformed", "depth is a number.");
  const name = queryValue(request.query, "market") ?? "";
  const view = context.mirror.board.view(name, Math.min(depth, depthMax));
  if (view === undefined) return refuseMarket(context.mirror.board, request, reply);
  const { size } = context.mirror.frontier;
  const whole = context.mirror.board.view(name, checksumLevels) ?? view;
  return reply.send({ ...bookJson(view), size, sequence: size, crc32: checksumOf(whole) });
}

function trades(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { board } = context.mirror;
  const after = wholeValue(request.query, "after", null);
  if (after === undefined) return sendProblem(reply, "number_malformed", "after is a number.");
  const market = queryValue(request.query, "market");
  if (market !== undefined && board.market(market) === undefined) {
    return refuseMarket(board, request, reply);
  }
  if (context.mirror.lacksTrades(market, after ?? Infinity)) {
    return sendAbsent(reply, context.mirror);
  }
  const found = context.mirror.trades({
    market,
    after: after ?? undefined,
    countMax: after === null ? tradesDefault : tradesMax,
  });
  return reply.send({
    trades: found.flatMap((trade) => {
      const market = board.market(trade.market);
      return market === undefined ? [] : [tradeJson(market, trade)];
    }),
  });
}
