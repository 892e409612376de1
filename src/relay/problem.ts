/**
 * What a relay says when it cannot do what was asked (RFC 9457 problem details,
 * docs/spec/receipt.md §3): what happened, what became of the letter, what it means for money,
 * what to do next, and a stable code.
 */
import type { FastifyReply } from "fastify";
import { printTime, type Time } from "../codec/time.ts";
import type { AdoptionRefusal, FillRefusal } from "./catchup.ts";
import type { EnvelopeRefusal } from "../letter/envelope.ts";
import { postageRefusals } from "../letter/postage.ts";
import type { PublicationRefusal } from "../log/publication.ts";

/** Refusals of a letter beside those of its framing. */
export const relayRefusals = [
  "form_field_missing",
  "wait_malformed",
  "dock_behind",
  "copies_too_many",
  "relay_failing",
  "encoding_unknown",
  "relay_busy",
  ...postageRefusals,
] as const;
/** Why this relay does not take a letter. */
export type LetterRefusal = EnvelopeRefusal | (typeof relayRefusals)[number];

/** Why something else than a letter is not done. */
export type RequestRefusal =
  | "path_unknown"
  | "request_malformed"
  | "body_too_large"
  | "ref_malformed"
  | "ref_ambiguous"
  | "letter_unknown"
  | "reply_absent"
  | "tag_malformed"
  | "number_malformed"
  | "time_malformed"
  | "reads_absent"
  | "market_unknown"
  | "market_renamed"
  | "interval_unknown"
  | "upgrade_required"
  | "streams_full"
  | "nothing_published"
  | "dock_signature_wrong"
  | "dock_waiters_full"
  | "ring_not_offered"
  | "ring_waiters_full"
  | "ring_depth_busy"
  | "token_unknown"
  | "tile_unknown"
  | "leaf_unknown"
  | "publication_differs"
  | "log_forked"
  | "request_failed"
  | "history_absent"
  | "snapshot_absent"
  | "snapshot_differs"
  | AdoptionRefusal
  | FillRefusal
  | PublicationRefusal;

type Trouble = {
  readonly status: number;
  readonly title: string;
  readonly fate: string;
  readonly money: string;
  readonly next: string;
};

const notTaken = "Not taken: this relay stored nothing and carries nothing.";
const untouched = "Untouched: what no relay carries cannot be executed.";
const readOnly = "Nothing was changed: this request only reads.";
const noMoney = "Untouched: this moves nothing.";

const elsewhere = "Post the same letter to another relay; posting it twice is harmless.";
const stampNext =
  "Post the same letter with a stamp of `bits` bits, or a ticket (docs/spec/postage.md), or later.";
const reseal =
  "Seal the letter again (`gpg -se -u YOU -r EXCHANGE letter.txt`) and post what gpg wrote.";

function letterTrouble(status: number, title: string, next: string): Trouble {
  return { status, title, fate: notTaken, money: untouched, next };
}

function letterTroubleOf(code: LetterRefusal): Trouble {
  switch (code) {
    case "too_large":
      return letterTrouble(413, "The letter is too large.", "Divide it into several letters.");
    case "secret_key_block":
      return letterTrouble(400, "This is a secret key.", "Revoke that key: others have seen it.");
    case "key_block":
      return letterTrouble(400, "This is a key, not a letter.", "Put it into a REGISTER line.");
    case "form_field_missing":
      return letterTrouble(400, "The form has no field msg.", "Put the armored letter into msg.");
    case "wait_malformed":
      return letterTrouble(400, "The wait is malformed.", "Say wait=SECONDS, from 0 to 60.");
    case "dock_behind":
      return letterTrouble(503, "Nobody collects letters here at the moment.", elsewhere);
    case "copies_too_many":
      return letterTrouble(429, "Too many copies of this letter came.", elsewhere);
    case "relay_busy":
      return letterTrouble(503, "Too many letters come at once.", stampNext);
    case "postage_malformed":
      return letterTrouble(400, "This is no postage.", "Say `stamp DAY-NUMBER` or `ticket TEXT`.");
    case "stamp_day_wrong":
      return letterTrouble(402, "The stamp is of another day.", stampNext);
    case "stamp_weak":
      return letterTrouble(402, "The stamp has too little work.", stampNext);
    case "ticket_expired":
    case "ticket_spent":
    case "ticket_forged":
      return letterTrouble(402, "The ticket pays for nothing here.", stampNext);
    case "postage_needed":
      return letterTrouble(402, "This relay is loaded: letters cost postage.", stampNext);
    case "encoding_unknown":
      return letterTrouble(415, "The body is encoded.", "Post it as it is: no Content-Encoding.");
    case "relay_failing":
      return {
        status: 503,
        title: "This relay cannot store letters now.",
        fate: "Not promised: there is no receipt, so count on nothing from this relay.",
        money: "Untouched, unless another relay carried the same letter.",
        next: elsewhere,
      };
    default:
      return letterTrouble(400, "This is not a sealed letter.", reseal);
  }
}

const requestTroubles: { readonly [code: string]: readonly [number, string, string] } = {
  path_unknown: [404, "There is nothing here.", "See docs/spec/receipt.md for what there is."],
  request_malformed: [400, "The request is malformed.", "Repeat it as HTTP/1.1."],
  body_too_large: [413, "What was sent is too large.", "Send less."],
  ref_malformed: [400, "That is no ref.", "Give 20 to 64 hex digits; dashes are allowed."],
  ref_ambiguous: [409, "Several letters begin like this.", "Give more digits of the ref."],
  letter_unknown: [404, "No such letter came here.", "Ask another relay, or post it here."],
  reply_absent: [404, "There is no reply yet.", "Ask again in a moment."],
  tag_malformed: [400, "That is no mailbox.", "Give the 64 hex digits of its address."],
  number_malformed: [400, "That is no number.", "Give a whole number without sign."],
  time_malformed: [400, "That is no time.", "Give it as 2026-11-21T12:00:00Z."],
  reads_absent: [404, "No block of reads is there.", "Ask again in a moment."],
  market_unknown: [404, "There is no such market.", "See /v1/markets."],
  market_renamed: [308, "This market has another name now.", "Ask under that name."],
  interval_unknown: [400, "There is no such interval.", "Say 1m, 5m, 1h or 1d."],
  upgrade_required: [426, "This is a WebSocket.", "Open it as one: docs/spec/api.md has how."],
  streams_full: [503, "Too many streams are open here.", "Ask another relay, or poll."],
  nothing_published: [404, "The exchange has not said it yet.", "Ask again in a moment."],
  dock_signature_wrong: [403, "This is for the dock.", "Sign the request, with a right clock."],
  dock_waiters_full: [503, "Too many docks are waiting.", "Ask again without wait."],
  ring_not_offered: [404, "There is no ring venue.", "Ask again if the exchange opens one."],
  ring_waiters_full: [503, "Too many are waiting here.", "Ask again without wait."],
  ring_depth_busy: [503, "Too many books were asked for.", "Ask again in a second."],
  tile_unknown: [404, "There is no such tile.", "See /checkpoint: it has as many leaves as that."],
  leaf_unknown: [404, "There is no such leaf.", "See /checkpoint: leaves count from 0."],
  token_unknown: [404, "There is no such token.", "See /v1/ring/venue."],
  history_absent: [404, "That part of the past is not here yet.", "Ask another relay, or later."],
  snapshot_absent: [404, "There is no such snapshot.", "See /v1/snapshot, or ask later."],
  snapshot_differs: [503, "This relay's snapshot was not the signed one.", "Ask another relay."],
  request_failed: [503, "This relay failed.", "Ask another relay."],
};

const publicationTrouble = [
  422,
  "The publication was not applied.",
  "Bring the true one.",
] as const;

function requestTroubleOf(code: RequestRefusal): Trouble {
  const [status, title, next] = requestTroubles[code] ?? publicationTrouble;
  const fate = code in requestTroubles ? readOnly : "Not applied: nothing of it, not in part.";
  return { status, title, fate, money: noMoney, next };
}

/** The answer to a request that is not a letter. */
export function sendProblem(
  reply: FastifyReply,
  code: RequestRefusal,
  detail: string,
): FastifyReply {
  return send(reply, code, detail, requestTroubleOf(code));
}

/** The same as text, for who has no reply to send it by. */
export function printProblem(
  code: RequestRefusal,
  detail: string,
): { readonly status: number; readonly body: string } {
  const trouble = requestTroubleOf(code);
  return { status: trouble.status, body: printTrouble(code, detail, trouble) };
}

/** What a parameter that its schema refuses is called; anything else is a number. */
const unfit: { readonly [parameter: string]: RequestRefusal } = {
  market: "market_unknown",
  interval: "interval_unknown",
  sell: "token_unknown",
  buy: "token_unknown",
  ref: "ref_malformed",
  tag: "tag_malformed",
  from: "time_malformed",
  to: "time_malformed",
  until: "time_malformed",
  file: "path_unknown",
};

/** The answer to a request that its route's schema refuses (schema.ts). */
export function sendUnfit(
  reply: FastifyReply,
  fault:
    | { readonly instancePath: string; readonly params: Readonly<Record<string, unknown>> }
    | undefined,
): FastifyReply {
  const missing = fault?.params["missingProperty"];
  const name = typeof missing === "string" ? missing : (fault?.instancePath.split("/")[1] ?? "");
  const detail = `${name.slice(0, 20)} is missing, malformed, or there twice.`;
  return sendProblem(reply, unfit[name] ?? "number_malformed", detail);
}

/** The answer to a letter that is not taken; `refusal` is the relay's signed word for it. */
export function sendRefusal(
  reply: FastifyReply,
  refused: {
    readonly code: LetterRefusal;
    readonly detail: string;
    readonly refusal: string;
    /** What it costs, where it did not pay that. */
    readonly asked: { readonly bits: number; readonly until: Time | undefined } | undefined;
  },
): FastifyReply {
  const { code, detail, refusal, asked } = refused;
  const until = asked?.until === undefined ? null : printTime(asked.until);
  const price = asked === undefined ? {} : { bits: asked.bits, until };
  return send(reply, code, detail, letterTroubleOf(code), { ...price, refusal });
}

function printTrouble(code: string, detail: string, trouble: Trouble, more: object = {}): string {
  const { status, title, fate, money, next } = trouble;
  const body = { title, status, detail, code, fate, money, next, ...more };
  return `${JSON.stringify(body, undefined, 1)}\n`;
}

function send(
  reply: FastifyReply,
  code: string,
  detail: string,
  trouble: Trouble,
  more: object = {},
): FastifyReply {
  return reply
    .code(trouble.status)
    .header("content-type", "application/problem+json")
    .send(Buffer.from(printTrouble(code, detail, trouble, more)));
}
