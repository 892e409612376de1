/**
 * What members tell each other (docs/spec/sharing.md §2): an order that one of them offers, or
 * that it no longer offers it, as the text of a signed note.
 *
 *   signet-share/1 order             signet-share/1 withdrawal
 *   chain N                          chain N
 *   contract ADDRESS                 contract ADDRESS
 *   by MEMBER                        by MEMBER
 *   at TIME                          at TIME
 *   to room NAME | miner ADDRESS     to room NAME | miner ADDRESS
 *   order JSON                       order HASH
 *   signature HEX
 *   auth BASE64                      to a miner only
 *
 * One text for one message, exactly these lines in this order. A room never gets an auth key: the
 * type has no place for one, and a text that has one is refused by name.
 */
import { assert } from "../codec/assert.ts";
import { fromBase64, fromHex, toHex } from "../codec/bytes.ts";
import { type Address, type Hash, parseAddress, parseHash } from "../codec/ethereum.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { openNote, printNote, type Signer, type Verifier, type Verify } from "../log/note.ts";
import type { Domain } from "../ring/digest.ts";
import { parseOrder, printOrder } from "../ring/json.ts";
import type { RingOrder } from "../ring/order.ts";
import { compactSignature } from "../ring/signature.ts";
import type { ShareRefusal } from "./refusals.ts";

/** The longest note, bytes: order, signature and auth key each at their longest. */
const shareBytesMax = 12_288;
/** Bytes of an owner's signature. */
const signatureMin = 64;
const signatureMax = 1024;
/** Characters of an auth key's inner message, as in a letter. */
const authCharsMax = 4000;

/** Who is told. */
export type Audience =
  | { readonly kind: "room"; readonly room: string }
  | { readonly kind: "miner"; readonly miner: Address };

type Told = { readonly domain: Domain; readonly by: string; readonly at: Time };

/** An order without its auth key, for a room. */
export type Unmatchable = Told & {
  readonly kind: "unmatchable";
  readonly room: string;
  readonly order: RingOrder;
  readonly signature: Uint8Array;
};

/** An order with its auth key, sealed, for one miner. */
export type Matchable = Told & {
  readonly kind: "matchable";
  readonly miner: Address;
  readonly order: RingOrder;
  readonly signature: Uint8Array;
  /** Base64 of the inner message; `undefined` if the order names the miner as its author. */
  readonly auth: string | undefined;
};

/** The order is no longer offered by this member. */
export type Withdrawal = Told & {
  readonly kind: "withdrawal";
  readonly to: Audience;
  readonly hash: Hash;
};

export type Share = Unmatchable | Matchable | Withdrawal;

/** Whether a text can be the name of a member or of a room. */
export function isShareName(text: string): boolean {
  return /^[a-z0-9-]{1,28}$/.test(text);
}

/** `room NAME` or `miner ADDRESS`. */
export function printAudience(to: Audience): string {
  return to.kind === "room" ? `room ${to.room}` : `miner ${to.miner}`;
}

/** The audience that a text names. */
export function parseAudience(text: string): Audience | undefined {
  const [kind, name = "", more] = text.split(" ");
  if (more !== undefined) return undefined;
  if (kind === "room") return isShareName(name) ? { kind, room: name } : undefined;
  const miner = kind === "miner" ? parseAddress(name) : undefined;
  return miner === name ? { kind: "miner", miner } : undefined;
}

/** Who is told by a message. */
export function audienceOf(share: Share): Audience {
  switch (share.kind) {
    case "unmatchable":
      return { kind: "room", room: share.room };
    case "matchable":
      return { kind: "miner", miner: share.miner };
    case "withdrawal":
      return share.to;
  }
}

/** The message as a note signed by its member. */
export function printShare(share: Share, signer: Signer): string {
  assert(signer.name === share.by, "a member signs what it says itself");
  return printNote(textOf(share), signer);
}

function textOf(share: Share): string {
  const lines = [
    `signet-share/1 ${share.kind === "withdrawal" ? "withdrawal" : "order"}`,
    `chain ${share.domain.chainId}`,
    `contract ${share.domain.contract}`,
    `by ${share.by}`,
    `at ${printTime(share.at)}`,
    `to ${printAudience(audienceOf(share))}`,
  ];
  if (share.kind === "withdrawal") lines.push(`order ${share.hash}`);
  else lines.push(`order ${printOrder(share.order)}`, `signature 0x${toHex(share.signature)}`);
  if (share.kind === "matchable" && share.auth !== undefined) lines.push(`auth ${share.auth}`);
  return `${lines.join("\n")}\n`;
}

/** The message that a note says, whoever signed it: `isSignedShare` comes next. */
export function readShare(note: string): Verdict<Share, ShareRefusal> {
  if (note.length > shareBytesMax) {
    return refuse("share_too_large", `more than ${shareBytesMax} bytes`);
  }
  const split = note.lastIndexOf("\n\n");
  if (split < 0) return malformed("there is no empty line before a signature");
  const lines = note.slice(0, split).split("\n");
  const names = lines.map((line) => line.slice(0, Math.max(0, line.indexOf(" "))));
  const values = lines.map((line, i) => line.slice((names[i] ?? "").length + 1));
  const [kind, chain = "", contractText = "", by = "", atText = "", toText = ""] = values;
  const wanted = kind === "withdrawal" ? withdrawalLines : orderLines;
  const known = kind === "order" || kind === "withdrawal";
  const isWhole = wanted.every((name, i) => names[i] === name);
  const rest = names.slice(wanted.length).join();
  if (!known || !isWhole || (rest !== "" && (rest !== "auth" || kind === "withdrawal"))) {
    return malformed("its lines are not those of a message");
  }
  const [contract, at, to] = [parseAddress(contractText), parseTime(atText), parseAudience(toText)];
  if (!/^[1-9]\d{0,15}$/.test(chain)) return malformed("chain is no number");
  if (contract === undefined || contract !== contractText) return malformed("contract is none");
  if (!isShareName(by)) return malformed("by is no name");
  if (at === undefined || printTime(at) !== atText) return malformed("at is no time");
  if (to === undefined) return malformed("to is neither a room nor a miner");
  const told = { domain: { chainId: BigInt(chain), contract }, by, at };
  const [order = "", signature = "", auth] = values.slice(6);
  if (kind === "order") return readOrder(told, to, { order, signature, auth });
  const hash = parseHash(order);
  if (hash === undefined) return malformed("order is no hash");
  return accept({ ...told, kind: "withdrawal", to, hash });
}

const headLines = ["signet-share/1", "chain", "contract", "by", "at", "to"];
const withdrawalLines = [...headLines, "order"];
const orderLines = [...withdrawalLines, "signature"];

function malformed(detail: string): Refused<ShareRefusal> {
  return refuse("share_malformed", detail);
}

type OrderTexts = {
  readonly order: string;
  readonly signature: string;
  readonly auth: string | undefined;
};

function readOrder(
  told: Told,
  to: Audience,
  { order: text, signature: hex, auth }: OrderTexts,
): Verdict<Share, ShareRefusal> {
  if (to.kind === "room" && auth !== undefined) {
    return refuse("auth_in_room", "an auth key goes to a miner, never to a room");
  }
  if (auth !== undefined && !isSealedAuth(auth)) return authMalformed;
  const order = parseOrder(text);
  if (!order.ok) return refuse("order_malformed", `${order.name}: ${order.detail}`);
  if (printOrder(order.value) !== text) {
    return refuse("order_malformed", "the order is not in its one spelling");
  }
  const signature = parseSignature(hex);
  if (signature === undefined || `0x${toHex(signature)}` !== hex) return signatureMalformed;
  const offered = { ...told, order: order.value, signature };
  return accept(
    to.kind === "room"
      ? { ...offered, kind: "unmatchable", room: to.room }
      : { ...offered, kind: "matchable", miner: to.miner, auth },
  );
}

export const authMalformed: Refused<"auth_malformed"> = refuse(
  "auth_malformed",
  "an auth key travels as base64 of a binary OpenPGP message, sealed to the miner",
);

export const signatureMalformed: Refused<"signature_malformed"> = refuse(
  "signature_malformed",
  `a signature is 0x and ${2 * signatureMin} to ${2 * signatureMax} lower-case hex digits`,
);

/** The bytes of an owner's signature. */
export function parseSignature(hex: string): Uint8Array | undefined {
  const bytes = hex.startsWith("0x") ? fromHex(hex.slice(2)) : undefined;
  if (bytes === undefined || bytes.length < signatureMin) return undefined;
  // Of 65 bytes the last is a `v`.
  if (compactSignature(bytes) === undefined) return undefined;
  return bytes.length > signatureMax ? undefined : bytes;
}

/** First byte of a public-key encrypted session key packet, in either header form. */
const sessionKeyHeaders = [0xc1, 0x84, 0x85, 0x86];

/**
 * Whether a text has the form of a sealed auth key. A key in clear, which is also base64 as its 64
 * hex digits stand, has not.
 */
export function isSealedAuth(text: string): boolean {
  const bytes = text.length <= authCharsMax ? fromBase64(text) : undefined;
  return bytes !== undefined && sessionKeyHeaders.includes(bytes[0] ?? 0);
}

/** Whether the note, which `readShare` read, is signed by the member that it names. */
export function isSignedShare(
  note: string,
  member: Verifier,
  verify: Verify,
): Verdict<true, ShareRefusal> {
  const text = openNote(note, member, verify);
  if (text.ok) return accept(true);
  if (text.name === "note_too_long" || text.name === "note_malformed") {
    return malformed(text.detail);
  }
  return refuse("share_signature_wrong", text.detail);
}
