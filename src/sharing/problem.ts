/**
 * What a node answers when it does not do what was asked (RFC 9457): what became of the order, what
 * that means, what to do next, and the refusal's name as `code`.
 */
import type { ShareRefusal } from "./refusals.ts";

/** Refusals of HTTP requests beside those of notes and orders, in order of precedence. */
export const requestRefusals = [
  "path_unknown",
  "method_unknown",
  "origin_unknown",
  "body_malformed",
  "hash_malformed",
  "number_malformed",
  "token_malformed",
  "node_failing",
] as const;

export type ProblemCode = (typeof requestRefusals)[number] | ShareRefusal;

type Problem = { readonly status: number; readonly title: string; readonly next: string };

const problems: Readonly<
  Record<ProblemCode, readonly [status: number, title: string, next: string]>
> = {
  path_unknown: [404, "There is nothing here.", "docs/spec/sharing.md has what there is."],
  method_unknown: [405, "That cannot be done here.", "Use GET, or POST where something is given."],
  origin_unknown: [403, "Pages in a browser do not ask here.", "Ask from a program."],
  body_malformed: [400, "The body is not what belongs here.", "See docs/spec/sharing.md."],
  hash_malformed: [400, "That is no order's hash.", "Give 0x and 64 lower-case hex digits."],
  number_malformed: [400, "That is no number.", "Give a whole number without sign."],
  token_malformed: [400, "That is no token.", "Give sell and buy as token addresses."],
  node_failing: [503, "This node cannot do it now.", "Ask again, or ask another node."],
  share_too_large: [413, "That is too large.", "An order and its note are far smaller."],
  share_malformed: [400, "The note is malformed.", "See docs/spec/sharing.md."],
  auth_in_room: [
    422,
    "An auth key must never go to a room.",
    "Share the order without it; give the key, sealed, to miners.",
  ],
  auth_malformed: [
    400,
    "The auth key is not sealed.",
    "Seal it to the miner's certificate. One that travelled in clear: cancel the order.",
  ],
  order_malformed: [400, "The order is malformed.", "docs/spec/ring.md has its fields."],
  signature_malformed: [400, "The signature is malformed.", "Give r, s and v as 65 bytes."],
  member_unknown: [403, "That is no member here.", "Ask to be put into members.conf."],
  share_signature_wrong: [403, "The member did not sign this.", "Sign it with the member's key."],
  share_rate: [429, "Too much at once.", "The same again after a moment."],
  share_early: [422, "The note is of the future.", "Set the clock."],
  share_late: [422, "The note is too old.", "Sign a new one."],
  venue_differs: [422, "That is another chain or contract.", "Ask /v1/miner which it is."],
  room_unknown: [403, "That room is not shared.", "Both must be in it."],
  miner_unknown: [422, "That miner is not known here.", "Ask /v1/miner who mines."],
  share_repeated: [409, "That was said before.", "Nothing: it was heard."],
  order_unknown: [404, "No such order is held here.", "It may be over, or never came."],
  sharer_differs: [403, "Another member offers that order.", "Only its sharer may withdraw it."],
  order_over: [410, "The order is over.", "Sign a new one with another nonce."],
  order_expired: [422, "The order is no longer valid.", "Sign a new one."],
  owner_signature_wrong: [422, "The owner did not sign this order.", "Sign it as its owner."],
  ring_auth_missing: [422, "The auth key is missing.", "Seal it to the miner's certificate."],
  ring_auth_unreadable: [422, "The auth key cannot be opened.", "Seal it to this miner."],
  ring_auth_wrong: [422, "The auth key is another order's.", "Seal the order's own."],
  orders_too_many: [503, "No more orders are held.", "Ask another node."],
};

/** The answer: it always says that the order was not taken, because nothing is done in part. */
export function problemOf(code: ProblemCode, detail: string): Problem & { readonly body: object } {
  const [status, title, next] = problems[code];
  const isHeard = code === "share_repeated";
  const fate = isHeard ? "Already taken: nothing changed." : "Not taken: nothing changed here.";
  const money = "Untouched: an order moves nothing until a ring with it settles on the chain.";
  return { status, title, next, body: { title, status, detail, code, fate, money, next } };
}
