/**
 * The dock's side (docs/spec/receipt.md §4): letters go out, publications come in. The dock's
 * signature keeps strangers from watching the traffic; what it brings is judged by the exchange's
 * own signature, so that a dock that lies can stop a relay's news but not change them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { equalBytes, sha256 } from "../codec/bytes.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import { dockAuthorizationText, dockTimeWindow, parseDockAuthorization } from "../log/dockauth.ts";
import { printFork } from "../log/fork.ts";
import { openNote } from "../log/note.ts";
import { isHex64 } from "../codec/names.ts";
import { priceMax } from "../letter/price.ts";
import {
  checkPublication,
  decodePublication,
  publicationBytesMax,
  type Publication,
} from "../log/publication.ts";
import { now, verifyEd25519, type Context } from "./context.ts";
import type { Carried } from "./letters.ts";
import { isOpen } from "./gap.ts";
import { sendProblem } from "./problem.ts";
import { newestSaid } from "./progress.ts";
import { wholeValue } from "./query.ts";
import { waitMax } from "./receive.ts";
import { wakeSenders } from "./rings.ts";

/** Letters in one answer to the dock, and their bytes: little, so that each relay has its turn. */
const answerMax = { countMax: 256, bytesMax: 524_288 };
const newLetters = "letters";

/** Adds the dock's routes. */
export function dockRoutes(app: FastifyInstance, context: Context): void {
  app.get("/v1/dock/watermark", () => watermark(context));
  app.get("/v1/dock/letters", (request, reply) => letters(context, request, reply));
  app.put<{ Params: { number: string } }>(
    "/v1/dock/publications/:number",
    {
      bodyLimit: publicationBytesMax,
      // Before the body is read: a stranger's is not worth its memory.
      onRequest: async (request, reply) =>
        isDock(context, request) ? undefined : refuseStranger(reply),
    },
    (request, reply) => publish(context, request, request.params.number, reply),
  );
}

/** Tells docks that wait that there are letters. */
export function wakeDocks(context: Pick<Context, "docks">): void {
  context.docks.wake(newLetters);
}

/** Where this relay stands: what the dock has to bring next, and what of the past. */
export function watermark({ mirror }: Context): object {
  const { gap } = mirror;
  const history = gap && { publication: gap.publication, upTo: gap.upTo, wanted: isOpen(gap) };
  const { watermark: publication, frontier } = mirror;
  return { publication, size: frontier.size, history: history ?? null };
}

/** Whether the request carries the dock's signature over itself, made about now. */
export function isDock(context: Context, request: FastifyRequest): boolean {
  const header = request.headers["signet-dock"];
  const said = parseDockAuthorization(typeof header === "string" ? header : "");
  if (said === undefined || Math.abs(now() - said.time) > dockTimeWindow) return false;
  if (!/^[\x21-\x7e]*$/.test(request.url)) return false;
  const { method, url: path } = request;
  const text = dockAuthorizationText({ method, path, at: said.at });
  return verifyEd25519(context.dockKey, text, said.signature);
}

/** The answer to somebody else. */
export function refuseStranger(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, "dock_signature_wrong", "No signature by the dock's key, made now.");
}

async function letters(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!isDock(context, request)) return refuseStranger(reply);
  const after = wholeValue(request.query, "after", 0);
  const wait = wholeValue(request.query, "wait", 0);
  if (after === undefined || wait === undefined || wait > waitMax) {
    return sendProblem(
      reply,
      "number_malformed",
      `after and wait are numbers, wait at most ${waitMax}.`,
    );
  }
  const price = wholeValue(request.query, "price", 0);
  context.letters.noteCollected(after);
  context.toll.setFloor(Math.min(price ?? 0, priceMax), now());
  // Who is ahead of us counts the letters of another store and must hear it at once.
  if (wait > 0 && context.letters.last === after) {
    if (context.docks.full) return sendProblem(reply, "dock_waiters_full", "Too many wait.");
    await context.docks.wait(newLetters, wait * 1000, request.signal);
  }
  const found = context.letters.after(after, answerMax);
  return reply
    .header("signet-store", `${context.letters.store} ${context.letters.last}`)
    .header("content-type", "application/octet-stream")
    .send(Buffer.concat(found.flatMap((carried) => [letterHead(carried), carried.letter])));
}

function letterHead({ number, letter, postage }: Carried): Buffer {
  const head = Buffer.alloc(9 + postage.length + 4);
  head.writeBigUInt64BE(BigInt(number));
  head.writeUInt8(postage.length, 8);
  head.write(postage, 9, "latin1");
  head.writeUInt32BE(letter.length, 9 + postage.length);
  return head;
}

function publish(
  context: Context,
  request: FastifyRequest,
  name: string,
  reply: FastifyReply,
): FastifyReply {
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const decoded = decodePublication(bytes);
  if (!decoded.ok) return sendProblem(reply, decoded.name, decoded.detail);
  const publication = decoded.value;
  if (String(publication.number) !== name) {
    return sendProblem(reply, "number_wrong", `This is publication ${publication.number}.`);
  }
  const { mirror, log } = context;
  const known = mirror.applied(publication.number);
  if (known !== undefined && equalBytes(known.digest, sha256(bytes))) {
    return reply.send(watermark(context));
  }
  const fork = otherHistory(context, publication);
  if (fork !== undefined) {
    console.error(`relay ${context.signer.name}: two histories, both signed:\n${fork}`);
    return sendProblem(reply, "log_forked", `The exchange signed two histories:\n${fork}`);
  }
  if (known !== undefined) {
    return sendProblem(reply, "publication_differs", `Number ${name} was applied otherwise.`);
  }
  const checked = checkPublication(publication, {
    number: mirror.watermark + 1,
    before: mirror.frontier,
    log,
    verify: verifyEd25519,
  });
  if (!checked.ok) return sendProblem(reply, checked.name, checked.detail);
  mirror.apply({ publication, bytes, after: checked.value }, now());
  context.progress.publications(mirror, newestSaid(request));
  if ((publication.submissions ?? []).length > 0) wakeSenders(context);
  for (const { ref } of publication.replies) context.customers.wake(ref);
  for (const line of (publication.unopenable ?? "").split("\n")) {
    if (isHex64(line)) context.customers.wake(line);
  }
  return reply.send(watermark(context));
}

/**
 * Two checkpoints of one size with different root hashes, each signed by the log key: a proof that
 * anybody can check (docs/spec/log.md §10). `undefined` if this publication shows no such thing.
 */
export function otherHistory(
  { mirror, log }: Context,
  publication: Publication,
): string | undefined {
  const signed = openNote(publication.checkpoint, log, verifyEd25519);
  const checkpoint = signed.ok ? parseCheckpoint(signed.value) : undefined;
  if (checkpoint === undefined || checkpoint.origin !== log.name) return undefined;
  const ours = mirror.appliedOfSize(checkpoint.size);
  const opened = openNote(ours?.checkpoint ?? "", log, verifyEd25519);
  const other = opened.ok ? parseCheckpoint(opened.value) : undefined;
  if (ours === undefined || other === undefined) return undefined;
  if (equalBytes(checkpoint.root, other.root)) return undefined;
  return printFork({ first: ours.checkpoint, second: publication.checkpoint });
}
