/**
 * The public log as C2SP has it (docs/spec/receipt.md §2): the checkpoint, tiles, proofs. All of it
 * can be checked against the checkpoint's signature, so any cache may stand in between: a full
 * tile never changes.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { inclusionProof } from "../log/proof.ts";
import { parseTilePath, tileWidth } from "../log/tiles.ts";
import { printTlogProof } from "../log/tlogproof.ts";
import type { Context } from "./context.ts";
import { sendProblem } from "./problem.ts";
import { wholeValue } from "./query.ts";
import { sendNote } from "./receive.ts";
import { sendAbsent } from "./snapshotroutes.ts";

/** A partial tile is dropped by everybody once it is full; a full one is for ever. */
const caching = { full: "public, max-age=31536000, immutable", partial: "public, max-age=3600" };

/** Where a log may begin, for C2SP: at the relay itself, and where every blind proxy passes. */
const prefixes = ["", "/v1/log"] as const;

/** Adds the log's routes. */
export function tlogRoutes(app: FastifyInstance, context: Context): void {
  for (const prefix of prefixes) {
    app.get(`${prefix}/checkpoint`, (_request, reply) => checkpoint(context, reply));
    app.get<{ Params: { "*": string } }>(`${prefix}/tile/*`, (request, reply) =>
      tile(context, request.params["*"], reply),
    );
  }
  app.get("/v1/proof", (request, reply) => proof(context, request, reply));
}

/** The last checkpoint that was applied. */
export function checkpoint({ mirror }: Context, reply: FastifyReply): FastifyReply {
  const last = mirror.applied(mirror.watermark);
  if (last === undefined) return sendProblem(reply, "nothing_published", "No checkpoint yet.");
  return sendNote(reply, last.checkpoint);
}

/** The path becomes three numbers or nothing: no file is looked for under any name. */
function tile({ mirror }: Context, path: string, reply: FastifyReply): FastifyReply {
  const named = parseTilePath(`tile/${path}`);
  const bytes = named && mirror.tree.tile(named);
  if (named === undefined || bytes === undefined) {
    if (mirror.gap !== undefined) return sendAbsent(reply, mirror);
    return sendProblem(reply, "tile_unknown", `The log has ${mirror.tree.size} leaves.`);
  }
  return reply
    .header("content-type", "application/octet-stream")
    .header("cache-control", named.width === tileWidth ? caching.full : caching.partial)
    .send(Buffer.from(bytes));
}

function proof({ mirror }: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const index = wholeValue(request.query, "leaf", undefined);
  const size = wholeValue(request.query, "size", null);
  if (index === undefined || size === undefined) {
    return sendProblem(reply, "number_malformed", "Say leaf=N, and size=M or nothing.");
  }
  const found = size === null ? mirror.applied(mirror.watermark) : mirror.appliedOfSize(size);
  if (found === undefined || index >= found.size) {
    const detail = `The log has ${mirror.tree.size} leaves; proofs are of sizes that were signed.`;
    return sendProblem(reply, "leaf_unknown", detail);
  }
  if (mirror.tree.size < found.size) return sendAbsent(reply, mirror);
  const hashes = inclusionProof(index, found.size, mirror.tree.reader());
  const text = printTlogProof({ index, hashes, checkpoint: found.checkpoint });
  return reply.header("content-type", "text/plain; charset=utf-8").send(text);
}
