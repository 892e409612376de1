/**
 * Letters come in (docs/spec/receipt.md §1): size, framing and postage are checked, the letter is
 * stored, and only then a receipt is signed. If we die before the commit, the customer has no
 * receipt and posts again; after it, the letter is here and posting again gives the same receipt.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { armoredBytesMax } from "../letter/limits.ts";
import { parsePostage, postageTextMax } from "../letter/postage.ts";
import { encodeNote } from "../log/note.ts";
import { printReceipt, printRefusal } from "../log/receipt.ts";
import { now, type Context } from "./context.ts";
import { sourceOf } from "./fair.ts";
import { postedIn } from "./form.ts";
import type { Result } from "./intake.ts";
import type { Taken } from "./letters.ts";
import type { Announced } from "./postage.ts";
import { sendRefusal, type LetterRefusal } from "./problem.ts";
import { wholeValue } from "./query.ts";

/** The longest wait for a reply, seconds. */
export const waitMax = 60;
/** How long a browser's form waits where the address does not say. */
const formWait = 20;
/** A relay promises a letter to the dock within this time, milliseconds. */
export const deliverMs = 60_000;
/** Letters that the dock has not asked past; beyond it the promise could not be kept. */
const waitingMax = 100_000;
/** Room for an armored letter in a form, in which each byte may take three. */
export const bodyBytesMax: number = armoredBytesMax * 3;

/** Adds the routes by which letters come in. */
export function receiveRoutes(app: FastifyInstance, context: Context): void {
  const options = { bodyLimit: bodyBytesMax };
  app.post("/v1/letters", options, (request, reply) => post(context, request, reply, 0));
  app.post("/", options, (request, reply) => post(context, request, reply, formWait));
  // A browser asks before it sends another page's letter with a header of ours.
  for (const path of ["/v1/letters", "/"]) {
    app.options(path, (_request, reply) =>
      reply
        .header("access-control-allow-methods", "POST")
        .header("access-control-allow-headers", "accept, content-type, postage")
        .header("access-control-max-age", "86400")
        .code(204)
        .send(),
    );
  }
}

async function post(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  waitDefault: number,
): Promise<FastifyReply> {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  const refuse = (name: LetterRefusal, detail: string, ref?: Ref): FastifyReply =>
    refuseLetter(context, reply, { name, detail, ref, bytes: body.length });

  const wait = wholeValue(request.query, "wait", waitDefault);
  if (wait === undefined || wait > waitMax) {
    return refuse("wait_malformed", `wait is a whole number of seconds, at most ${waitMax}.`);
  }
  const posted = postedIn(request.headers["content-type"] ?? "", body);
  if (posted.letter === undefined) {
    return refuse("form_field_missing", "No field msg in this form.");
  }
  const said = [request.headers["postage"], posted.postage].flat().filter((text) => text);
  const postage = said.length > 0 ? parsePostage(said.join(", ").slice(0, postageTextMax)) : none;
  if (!postage.ok) return refuse(postage.name, postage.detail);
  const envelope = readEnvelope(posted.letter);
  if (!envelope.ok) return refuse(envelope.name, envelope.detail);
  const { ref, binary } = envelope.value;
  const bytes = body.length;
  if (context.letters.waiting >= waitingMax) {
    return refuse("dock_behind", `${context.letters.waiting} letters wait for the dock.`, ref);
  }
  const heard = context.mirror.watermark;
  const [source, at] = [sourceOf(request.ip), now()];
  const paid = context.toll.judge({ ref, binary, postage: postage.value, source, at });
  if (!paid.ok) {
    request.body = undefined;
    await context.toll.pause(at, request.signal);
    const asked = context.toll.asked({ ref, source, at });
    const refused = { name: paid.name, detail: paid.detail, ref, bytes, asked };
    return refuseLetter(context, reply, refused);
  }
  const offered = { ref, binary, at, postage: paid.value.postage };
  const place = { worth: paid.value.worth, source };
  const taken = await context.intake.take(offered, place).catch(failed);
  if (taken.kind !== "taken") return refuse(taken.kind, notTaken[taken.kind], ref);
  if (taken.fresh) context.toll.note(source, at);
  // A notice that came before this copy is about another copy.
  const since = taken.fresh ? heard : 0;
  if (wait > 0 && answerTo(context, ref, since) === undefined) {
    // Where there is no place to wait, the letter is here all the same, and the receipt says so.
    await context.customers.wait(ref, wait * 1000, request.signal, source);
  }
  const answer = wait > 0 ? answerTo(context, ref, since) : undefined;
  if (answer !== undefined) return sendAnswer(request, reply, answer);
  return sendNote(reply.code(202), receiptOf(context, taken));
}

const none = { ok: true, value: undefined } as const;

type NotTaken = Exclude<Result, Taken> | { readonly kind: "relay_failing" };

const notTaken: { readonly [kind in NotTaken["kind"]]: string } = {
  relay_failing: "The disk failed.",
  relay_busy: "More came at once than is stored in time, and others had paid more.",
  copies_too_many: "Many different copies of this ref came.",
  ticket_spent: "The ticket paid for a letter that came at the same time.",
};

function failed(cause: unknown): NotTaken {
  console.error("relay: couldn't store a letter:", cause);
  return { kind: "relay_failing" };
}

/** The refusal as the relay signs it, inside the problem that says what it means. */
export function refuseLetter(
  context: Context,
  reply: FastifyReply,
  refused: {
    readonly name: LetterRefusal;
    readonly detail: string;
    readonly ref: Ref | undefined;
    readonly bytes: number;
    /** What it costs here, where it did not pay that. */
    readonly asked?: Announced;
  },
): FastifyReply {
  const { name, detail, ref, bytes, asked } = refused;
  const signed = printRefusal(
    { exchange: context.exchange, ref, bytes, reason: name, bits: asked?.bits, at: now() },
    context.signer,
  );
  return sendRefusal(reply, { code: name, detail, refusal: signed, asked });
}

/** The receipt of a letter: the same bytes whenever it is asked for. */
export function receiptOf(context: Context, taken: Taken): string {
  const { ref, bytes, number, at } = taken;
  const deliverBy: Time = time(at + deliverMs);
  const { exchange, signer } = context;
  return printReceipt({ exchange, ref, bytes, number, at, deliverBy }, signer);
}

/** What the exchange said to a letter. */
export type Answer =
  | { readonly kind: "reply"; readonly sealed: Uint8Array }
  | { readonly kind: "unopenable"; readonly note: string };

/** The answer as far as it came; a reply wins over a notice, which may be about another copy. */
export function answerTo(context: Context, ref: Ref, since: number): Answer | undefined {
  const sealed = context.mirror.reply(ref);
  if (sealed !== undefined) return { kind: "reply", sealed };
  const note = context.mirror.notice(ref, since);
  return note === undefined ? undefined : { kind: "unopenable", note };
}

/** The reply in armor, or binary for who asks for it; a notice as text. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): FastifyReply {
  if (answer.kind === "unopenable") return sendNote(reply.code(422), answer.note);
  if (/\bapplication\/octet-stream\b/.test(request.headers.accept ?? "")) {
    return reply.header("content-type", "application/octet-stream").send(answer.sealed);
  }
  return reply.header("content-type", "text/plain; charset=utf-8").send(armor(answer.sealed));
}

/** A signed note. */
export function sendNote(reply: FastifyReply, note: string): FastifyReply {
  return reply
    .header("content-type", "text/plain; charset=utf-8")
    .send(Buffer.from(encodeNote(note)));
}
