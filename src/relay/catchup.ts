/**
 * How a relay that is far behind catches up (docs/spec/log.md §12). The dock hands it a snapshot
 * with the publication that begins with its SNAPSHOT leaf: the tree's frontier with that
 * publication's leaves has the root of its signed checkpoint, so the leaf, and with it the index
 * and every part, is the exchange's word. Only then all of it is taken, in one transaction. What
 * lies before is brought afterwards, oldest first, each publication checked as ever; it has to end
 * where the snapshot began.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { equalBytes } from "../codec/bytes.ts";
import { refuse, type Refused, accept, type Verdict } from "../codec/verdict.ts";
import { decodeHandover, handoverBytesMax } from "../log/handover.ts";
import { parseLeaf } from "../log/leaf.ts";
import {
  checkPublication,
  decodePublication,
  type PublicationRefusal,
} from "../log/publication.ts";
import { rootHash } from "../log/tree.ts";
import { indexDigest, restoreSnapshot, type SnapshotRefusal } from "../market/snapshot.ts";
import { now, verifyEd25519, type Context } from "./context.ts";
import { isDock, otherHistory, refuseStranger, watermark } from "./dock.ts";
import { isOpen, type Gap } from "./gap.ts";
import type { Adoption, Checked, Mirror } from "./mirror.ts";
import { sendProblem } from "./problem.ts";
import { newestSaid } from "./progress.ts";

/** Why a snapshot is not taken, in order of precedence; its publication's reasons beside them. */
export type AdoptionRefusal =
  | "handover_malformed"
  | "snapshot_behind"
  | SnapshotRefusal
  | "snapshot_unsigned"
  | PublicationRefusal;

/** Why publications of the past are not taken. */
export type FillRefusal =
  | "handover_malformed"
  | "history_unwanted"
  | "history_differs"
  | PublicationRefusal;

/** The most that is taken of the past at a time, bytes: others are served between two. */
const historyBytesMax = 9_437_184 + 1024;

/** Adds the routes. */
export function catchUpRoutes(app: FastifyInstance, context: Context): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    isDock(context, request) ? undefined : refuseStranger(reply);
  app.put("/v1/dock/snapshot", { bodyLimit: handoverBytesMax, onRequest }, (request, reply) =>
    takeSnapshot(context, request, reply),
  );
  app.put("/v1/dock/history", { bodyLimit: historyBytesMax, onRequest }, (request, reply) =>
    takeHistory(context, request, reply),
  );
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
}

function takeSnapshot(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { mirror, signer, progress } = context;
  const checked = checkAdoption(context, bodyOf(request));
  if (!checked.ok) return sendProblem(reply, checked.name, checked.detail);
  const fork = otherHistory(context, checked.value.publication);
  if (fork !== undefined) {
    console.error(`relay ${signer.name}: two histories, both signed:\n${fork}`);
    return sendProblem(reply, "log_forked", `The exchange signed two histories:\n${fork}`);
  }
  const before = mirror.watermark;
  mirror.adopt(checked.value, now());
  progress.jumped({ from: before, to: mirror.watermark, leaves: checked.value.base.size });
  progress.publications(mirror, newestSaid(request));
  return reply.send(watermark(context));
}

/** What a handover says, if all of it is under the exchange's signature. */
function checkAdoption(
  { mirror, exchange, log }: Pick<Context, "mirror" | "exchange" | "log">,
  bytes: Uint8Array,
): Verdict<Adoption, AdoptionRefusal> {
  const handed = decodeHandover(bytes);
  if (!handed.ok) return handed;
  const { index: text, parts, card, publications } = handed.value;
  const [published, ...more] = publications;
  if (text === undefined || published === undefined || more.length > 0) {
    return refuse("handover_malformed", "an index and one publication are wanted");
  }
  const decoded = decodePublication(published);
  if (!decoded.ok) return decoded;
  const publication = decoded.value;
  const snapshot = { index: text, parts };
  if (publication.number <= mirror.watermark + 1) {
    return refuse("snapshot_behind", `${mirror.watermark} publications are here`);
  }
  const restored = restoreSnapshot(exchange, snapshot);
  if (!restored.ok) return restored;
  const { view, index } = restored.value;
  const base = index.frontier;
  if (base.size < mirror.frontier.size) {
    return refuse("snapshot_behind", `${mirror.frontier.size} leaves are here`);
  }
  const leaf = parseLeaf(publication.leaves[0] ?? "");
  const isNamed = leaf?.kind === "snapshot" && leaf.size === base.size;
  if (!isNamed || leaf.digest !== indexDigest(text)) {
    return refuse("snapshot_unsigned", "the publication does not begin with its SNAPSHOT leaf");
  }
  const { number } = publication;
  const place = { number, before: base, log, verify: verifyEd25519 };
  const after = checkPublication(publication, place);
  if (!after.ok) return after;
  return accept({ publication, bytes: published, after: after.value, base, view, snapshot, card });
}

function takeHistory(context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { mirror, progress, signer } = context;
  const { gap } = mirror;
  if (gap === undefined || !isOpen(gap)) {
    return sendProblem(reply, "history_unwanted", "Nothing of the past is missing here.");
  }
  const checked = checkHistory(context, gap, bodyOf(request));
  if (!checked.ok) {
    if (checked.name === "history_differs") {
      console.error(`ALARM: relay ${signer.name}: ${checked.detail}`);
    }
    return sendProblem(reply, checked.name, checked.detail);
  }
  mirror.fill(checked.value);
  progress.history(mirror);
  digestSoon(mirror);
  return reply.send(watermark(context));
}

/** Publications that go on from the gap's old end, each as it would be applied. */
function checkHistory(
  { log }: Pick<Context, "log">,
  gap: Gap,
  bytes: Uint8Array,
): Verdict<readonly Checked[], FillRefusal> {
  const handed = decodeHandover(bytes);
  if (!handed.ok) return handed;
  const { index, publications } = handed.value;
  if (index !== undefined || publications.length === 0) {
    return refuse("handover_malformed", "publications alone are wanted");
  }
  let [number, before] = [gap.publication + 1, gap.filled];
  const checked: Checked[] = [];
  for (const each of publications) {
    const decoded = decodePublication(each);
    if (!decoded.ok) return decoded;
    const publication = decoded.value;
    if (number >= gap.upTo) return refuse("number_wrong", `from ${gap.upTo} on they are here`);
    const place = { number, before, log, verify: verifyEd25519 };
    const after = checkPublication(publication, place);
    if (!after.ok) return after;
    checked.push({ publication, bytes: each, after: after.value });
    [number, before] = [number + 1, after.value];
  }
  return number < gap.upTo ? accept(checked) : (endsElsewhere(gap, before) ?? accept(checked));
}

/** The last publication before the snapshot's has to lead to the tree that the snapshot names. */
function endsElsewhere(gap: Gap, end: Gap["filled"]): Refused<"history_differs"> | undefined {
  const isSame = end.size === gap.base.size && equalBytes(rootHash(end), rootHash(gap.base));
  return isSame
    ? undefined
    : refuse("history_differs", `publication ${gap.upTo - 1} does not lead to the snapshot`);
}

/** A little at a time: whoever asks meanwhile is answered between. */
function digestSoon(mirror: Mirror): void {
  setImmediate(() => {
    if (mirror.digest()) digestSoon(mirror);
  });
}
