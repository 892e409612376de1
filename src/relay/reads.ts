/** What was read when (docs/spec/receipt.md §2): blocks of reads, and proofs about one letter. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isHex64, ref } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { printReadsProof } from "../log/void.ts";
import type { Context } from "./context.ts";
import { sendProblem } from "./problem.ts";
import { queryValue } from "./query.ts";
import type { Block } from "./readstore.ts";
import { sendAbsent } from "./snapshotroutes.ts";

const blocksMax = 1000;

/** Adds the routes about reads. */
export function readsRoutes(app: FastifyInstance, context: Context): void {
  app.get("/v1/reads", (request, reply) => blocks(context, request, reply));
  app.get("/v1/reads/proof", (request, reply) => proof(context, request, reply));
}

/** A block as JSON. */
export function blockJson({ number, leaf }: Block): object {
  const { span, from, to, count, root } = leaf;
  return { leaf: number, span, from: printTime(from), to: printTime(to), count, root };
}

function timeIn(request: FastifyRequest, name: string): Time | undefined {
  return parseTime(queryValue(request.query, name) ?? "");
}

function blocks(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [from, to] = [timeIn(request, "from"), timeIn(request, "to")];
  if (from === undefined || to === undefined) {
    return sendProblem(reply, "time_malformed", "Say from=TIME and to=TIME.");
  }
  return reply.send({ blocks: context.mirror.reads.blocks(from, to, blocksMax).map(blockJson) });
}

function proof(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const name = queryValue(request.query, "ref") ?? "";
  const [from, until] = [timeIn(request, "from"), timeIn(request, "until")];
  if (!isHex64(name)) return sendProblem(reply, "ref_malformed", "Say ref=REF, 64 hex digits.");
  if (from === undefined || until === undefined) {
    return sendProblem(reply, "time_malformed", "Say from=TIME and until=TIME.");
  }
  const { mirror, exchange } = context;
  if (mirror.gap !== undefined) return sendAbsent(reply, mirror);
  const last = mirror.applied(mirror.watermark);
  const bound = last && {
    exchange,
    size: last.size,
    checkpoint: last.checkpoint,
    read: mirror.tree.reader(),
  };
  const found = bound && mirror.reads.proof({ ref: ref(name), from, until }, bound);
  if (found === undefined) {
    return sendProblem(reply, "reads_absent", `No block of reads reaches ${printTime(from)}.`);
  }
  return reply
    .header("content-type", "text/plain; charset=utf-8")
    .send(Buffer.from(printReadsProof(found)));
}
