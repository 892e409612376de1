/**
 * A node's HTTP routes (docs/spec/sharing.md §4): what wallets and bots give, what members tell,
 * what anybody may read. Nothing of an order that came sealed is told to who does not know its
 * hash.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { toHex, toLatin1 } from "../codec/bytes.ts";
import { type Address, parseAddress, parseHash } from "../codec/ethereum.ts";
import { printTime, type Time } from "../codec/time.ts";
import { decodeNote } from "../log/note.ts";
import type { TokenLeaf } from "../log/ringleaf.ts";
import { depthJson } from "../market/ringdepth.ts";
import { orderHash } from "../ring/digest.ts";
import { parseOrder, printOrder } from "../ring/json.ts";
import { gasShares } from "./consortium.ts";
import { type Held, isPublic } from "./held.ts";
import type { Answer, Asked } from "./http.ts";
import { isObject, textIn, textsIn } from "./json.ts";
import {
  type Audience,
  authMalformed,
  isSealedAuth,
  isShareName,
  parseSignature,
  signatureMalformed,
} from "./message.ts";
import type { SharingNode } from "./node.ts";
import { Buckets } from "./rate.ts";
import type { Followed } from "./submissions.ts";

/** The longest body: a note, or an order with what belongs to it. */
export const bodyMax = 16_384;
const offersMax = 500;
const ringsMax = 500;
/** Who waits for a submission: seconds at most, and so many at once. */
const waitMax = 60;
const waitersMax = 100;
const pollMs = 100;
/** Bytes of calldata in one answer. */
const calldataMax = 1_048_576;
/** Strangers' orders, and implied books: all who ask share these. */
const strangersRate = { perSecond: 50, burst: 200 };
const booksRate = { perSecond: 5, burst: 10 };

export class Api {
  readonly #node: SharingNode;
  readonly #strangers = new Buckets(strangersRate);
  readonly #books = new Buckets(booksRate);
  #waiting = 0;

  constructor(node: SharingNode) {
    this.#node = node;
  }

  readonly route = async (asked: Asked): Promise<Answer> => {
    const [version = "", first = "", second, third] = asked.path;
    if (version !== "v1" || third !== undefined) return pathUnknown;
    const path = second === undefined ? first : `${first}/`;
    const wants = { orders: "POST", shared: "POST" }[path] ?? "GET";
    const at = this.#node.now();
    switch (path) {
      case "miner":
        return asked.method === wants ? { status: 200, json: this.#node.card() } : methodUnknown;
      case "orders":
        return asked.method === wants ? this.#takeOrder(asked.body, at) : methodUnknown;
      case "orders/":
        return asked.method === wants ? this.#showOrder(second ?? "") : methodUnknown;
      case "shared":
        return asked.method === wants ? this.#takeNote(asked.body, at) : methodUnknown;
      case "offers":
        return asked.method === wants ? this.#showOffers(asked.query) : methodUnknown;
      case "depth":
        return asked.method === wants ? this.#showDepth(asked.query, at) : methodUnknown;
      case "rings":
        return asked.method === wants ? this.#showRings(asked.query) : methodUnknown;
      case "ring/":
        if (second !== "submissions" && second !== "venue") return pathUnknown;
        if (asked.method !== wants) return methodUnknown;
        if (second === "venue") return { status: 200, json: this.#node.card() };
        return this.#showSubmissions(asked.query);
      default:
        return pathUnknown;
    }
  };

  async #takeNote(body: Uint8Array, at: Time): Promise<Answer> {
    const note = decodeNote(body);
    if (note === undefined) return { code: "share_malformed", detail: "the body is no note" };
    const taken = await this.#node.receive(note, at);
    if (!taken.ok) return { code: taken.name, detail: taken.detail };
    return { status: 200, json: { order: taken.value.hash, state: taken.value.state } };
  }

  async #takeOrder(body: Uint8Array, at: Time): Promise<Answer> {
    const wait = this.#strangers.take("strangers", at);
    if (wait > 0) return { code: "share_rate", detail: `again in ${wait} ms` };
    const value = jsonIn(body);
    if (!isObject(value)) return bodyMalformed("it is no JSON object");
    const unknown = Object.keys(value).find((name) => !orderNames.has(name));
    if (unknown !== undefined) return bodyMalformed("it has a field that belongs not here");
    const given = value["order"];
    const order = parseOrder(typeof given === "string" ? given : JSON.stringify(given ?? null));
    if (!order.ok) return { code: "order_malformed", detail: `${order.name}: ${order.detail}` };
    const signature = parseSignature((textIn(value, "signature") ?? "").toLowerCase());
    if (signature === undefined) return problem(signatureMalformed);
    const auth = value["auth"] === undefined ? undefined : (textIn(value, "auth") ?? "");
    if (auth !== undefined && !isSealedAuth(auth)) return problem(authMalformed);
    const to = this.#audienceOf(value, auth !== undefined, order.value.authAddress);
    if ("code" in to) return to;
    const hash = orderHash(this.#node.domain, order.value);
    const taken = await this.#node.offer({ hash, order: order.value, signature, auth }, to, at);
    if (!taken.ok) return problem(taken);
    const status = taken.value.state === "new" ? 201 : 200;
    return { status, json: { ...this.#node.statusOf(hash), order: hash, told: to.length } };
  }

  /** Whom the order's owner wants to be told. */
  #audienceOf(
    value: Readonly<Record<string, unknown>>,
    hasAuth: boolean,
    authAddress: Address,
  ): readonly Audience[] | Extract<Answer, { readonly code: unknown }> {
    const { miner, rooms, minersKnown } = this.#node;
    const isOurs = authAddress === miner;
    const wantsNobody = hasAuth || isOurs;
    const roomNames = "rooms" in value ? textsIn(value, "rooms") : wantsNobody ? [] : rooms;
    const ours = (hasAuth || isOurs) && miner !== undefined ? [miner] : [];
    const miners = "miners" in value ? textsIn(value, "miners") : ours;
    if (roomNames === undefined || miners === undefined) {
      return bodyMalformed("rooms and miners are lists of texts");
    }
    const to: Audience[] = [];
    for (const room of new Set(roomNames)) {
      if (!isShareName(room) || !rooms.includes(room)) {
        return { code: "room_unknown", detail: "this node is in no such room" };
      }
      to.push({ kind: "room", room });
    }
    for (const text of new Set(miners)) {
      const address = parseAddress(text);
      if (address === undefined || (address !== miner && !minersKnown.has(address))) {
        return { code: "miner_unknown", detail: "no member mines by that address" };
      }
      to.push({ kind: "miner", miner: address });
    }
    if (to.some(({ kind }) => kind === "miner") && !hasAuth) {
      const lacks = to.some((one) => one.kind === "miner" && one.miner !== authAddress);
      if (lacks) return { code: "ring_auth_missing", detail: "a miner needs the sealed auth key" };
    }
    return to.length > 0
      ? to
      : { code: "room_unknown", detail: "nobody would hear of it: name rooms or miners" };
  }

  #showOrder(text: string): Answer {
    const hash = parseHash(text);
    if (hash === undefined) return { code: "hash_malformed", detail: "0x and 64 digits" };
    const status = this.#node.statusOf(hash);
    if (status !== undefined) return { status: 200, json: { order: hash, ...status } };
    return { code: "order_unknown", detail: "it is over for long, or never came" };
  }

  #showOffers(query: URLSearchParams): Answer {
    const after = query.get("after") ?? "";
    if (after !== "" && parseHash(after) === undefined) {
      return { code: "hash_malformed", detail: "after is an order's hash" };
    }
    const all = [...this.#node.held.values()].filter((held) => isPublic(held) && held.hash > after);
    const shown = all.toSorted((a, b) => (a.hash < b.hash ? -1 : 1)).slice(0, offersMax);
    return { status: 200, json: { offers: shown.map(offerJson), more: all.length > shown.length } };
  }

  #showDepth(query: URLSearchParams, at: Time): Answer {
    const [sell, buy] = [this.#token(query.get("sell")), this.#token(query.get("buy"))];
    if (sell === undefined || buy === undefined || sell === buy) {
      return { code: "token_malformed", detail: "two of the tokens that /v1/miner lists" };
    }
    const wait = this.#books.take("books", at);
    if (wait > 0) return { code: "share_rate", detail: `again in ${wait} ms` };
    return { status: 200, json: depthJson(this.#node.publicOffers(), { sell, buy }) };
  }

  #token(text: string | null): TokenLeaf | undefined {
    const address = parseAddress(text ?? "");
    return this.#node.tokens.find((token) => token.name === text || token.address === address);
  }

  #showRings(query: URLSearchParams): Answer {
    const after = numberIn(query.get("after"));
    if (after === undefined) return numberMalformed;
    const rings = this.#node.submissions.flatMap(ringsJson).filter(({ number }) => number > after);
    const shown = rings.slice(0, ringsMax);
    return { status: 200, json: { rings: shown, more: rings.length > shown.length } };
  }

  /** As a relay has it: whoever broadcasts for an exchange can broadcast for this miner. */
  async #showSubmissions(query: URLSearchParams): Promise<Answer> {
    const [after, wait] = [numberIn(query.get("after")), numberIn(query.get("wait"))];
    if (after === undefined || wait === undefined) return numberMalformed;
    const above = (): readonly Followed[] =>
      this.#node.submissions.filter(({ submitted }) => submitted.number > after);
    if (wait > 0 && this.#waiting >= waitersMax) {
      return { code: "node_failing", detail: "too many wait here: ask again without wait" };
    }
    this.#waiting += 1;
    const end = Date.now() + 1000 * Math.min(wait, waitMax);
    while (above().length === 0 && Date.now() < end && !this.#node.isClosing) await sleep(pollMs);
    this.#waiting -= 1;
    let bytes = 0;
    const fitting = above().filter(({ calldata }) => (bytes += calldata.length) <= calldataMax);
    const submissions = fitting.map((followed) => ({
      number: followed.submitted.number,
      deadline: followed.submitted.deadline,
      calldata: `0x${toHex(followed.calldata)}`,
      rings: ringsJson(followed),
    }));
    return { status: 200, json: { submissions } };
  }
}

const pathUnknown: Answer = { code: "path_unknown", detail: "no such path" };
const methodUnknown: Answer = { code: "method_unknown", detail: "not with this method" };
const numberMalformed: Answer = { code: "number_malformed", detail: "after is a whole number" };
const orderNames = new Set(["order", "signature", "auth", "rooms", "miners"]);

type Problem = Extract<Answer, { readonly code: unknown }>;

function bodyMalformed(detail: string): Problem {
  return { code: "body_malformed", detail };
}

function problem({
  name,
  detail,
}: {
  readonly name: Problem["code"];
  readonly detail: string;
}): Answer {
  return { code: name, detail };
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(toLatin1(body));
  } catch {
    return undefined;
  }
}

function numberIn(text: string | null): number | undefined {
  return /^\d{1,15}$/.test(text ?? "0") ? Number(text ?? "0") : undefined;
}

function offerJson({ hash, order, signature, marks }: Held): object {
  const offering = [...marks.values()].filter(({ offers, to }) => offers && to.kind === "room");
  return {
    hash,
    order: printOrder(order),
    signature: `0x${toHex(signature)}`,
    by: [...new Set(offering.map(({ by }) => by))].sort(),
    at: printTime(offering.map(({ at }) => at).reduce((a, b) => (a < b ? a : b))),
  };
}

/** The accounts of a submission's rings. */
function ringsJson(followed: Followed): readonly ({ readonly number: number } & object)[] {
  const { submitted } = followed;
  return submitted.rings.map(({ number, hash, parts }, i) => {
    const ring = { number, submission: submitted.number, hash, size: parts.length };
    return Object.assign(ring, accountOf(followed, i));
  });
}

/** What the ring cost and brought, if it is settled. */
function accountOf(followed: Followed, ring: number): object {
  const { outcome } = followed;
  if (outcome.state !== "settled") return outcome;
  const { settlement } = outcome;
  const sizes = followed.submitted.rings.map(({ parts }) => parts.length);
  const gasUsed = gasShares(settlement.gasUsed, sizes)[ring] ?? 0n;
  const { transaction, block, gasPrice } = settlement;
  const gas = { gasUsed, gasPrice, gasCost: gasUsed * gasPrice };
  return { state: outcome.state, transaction, block, ...gas, ...settlement.rings[ring] };
}
