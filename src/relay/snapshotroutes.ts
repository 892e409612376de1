/**
 * Snapshots over HTTP (docs/spec/log.md §12): the index of the newest, its parts by their hashes,
 * what a relay says of its own state, and the answer to who asks for what is not here yet.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { isHex64 } from "../codec/names.ts";
import { markShared } from "./connections.ts";
import type { Context } from "./context.ts";
import type { Mirror } from "./mirror.ts";
import { sendProblem } from "./problem.ts";

const immutable = "public, max-age=31536000, immutable";

/** Adds the routes. */
export function snapshotRoutes(app: FastifyInstance, context: Context): void {
  const { snapshots } = context.mirror;
  app.get("/v1/snapshot", (_request, reply) => {
    if (snapshots.differsAt !== undefined) return sendDiffers(reply, snapshots.differsAt);
    const newest = snapshots.newest();
    const index = newest && snapshots.text(newest.digest);
    if (newest === undefined || index === undefined) {
      return sendProblem(
        reply,
        "snapshot_absent",
        "The exchange has signed none yet, as seen here.",
      );
    }
    return sendText(reply, newest.digest, index);
  });
  app.get<{ Params: { sha256: string } }>("/v1/snapshot/parts/:sha256", (request, reply) => {
    const { sha256 } = request.params;
    if (snapshots.differsAt !== undefined) return sendDiffers(reply, snapshots.differsAt);
    const text = isHex64(sha256) ? snapshots.text(sha256) : undefined;
    if (text === undefined) {
      return sendProblem(reply, "snapshot_absent", "The last two snapshots have no such part.");
    }
    return sendText(reply.header("cache-control", immutable), sha256, text);
  });
}

function sendText(reply: FastifyReply, digest: string, text: Buffer): FastifyReply {
  markShared(reply.raw);
  return reply
    .header("content-type", "text/plain; charset=utf-8")
    .header("etag", `"${digest}"`)
    .send(text);
}

function sendDiffers(reply: FastifyReply, size: number): FastifyReply {
  return sendProblem(reply, "snapshot_differs", `That of ${size} leaves was not the signed one.`);
}

/** The answer to who asks for a part of the past that a relay does not have yet. */
export function sendAbsent(reply: FastifyReply, { gap, frontier }: Mirror): FastifyReply {
  const [filled, base] = [gap?.filled.size ?? 0, gap?.base.size ?? 0];
  const here = `Here are leaves 0 to ${filled} and ${base} to ${frontier.size}.`;
  return sendProblem(reply, "history_absent", here);
}

/** What /v1/relay says of snapshots, of what it lacks, and of how it catches up. */
export function replicaFacts({ mirror, progress }: Context): object {
  const { snapshots, gap, frontier } = mirror;
  const newest = snapshots.newest();
  return {
    snapshot: newest === undefined ? null : newest.size,
    snapshotDiffers: snapshots.differsAt ?? null,
    snapshotPassed: snapshots.passedAt ?? null,
    history: { filled: gap?.filled.size ?? frontier.size, from: gap?.base.size ?? 0 },
    catchUp: progress.facts,
  };
}
