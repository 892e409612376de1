/**
 * From words to a signed ring order in a letter's line (docs/spec/ring.md §2). Everything is
 * checked against the exchange's signed card before anybody signs.
 *
 * The auth key is made here and lives for one call: 32 random bytes, their address into the order,
 * the bytes sealed to the miner, the bytes wiped. It is never kept, printed or sent in another
 * form; the sealed message in the letter is all there is of it, and this wallet cannot open that.
 */
import { randomBytes } from "#primitives";

import { assert } from "../codec/assert.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { type Address, type Hash, noAddress, parseHash } from "../codec/ethereum.ts";
import type { Time } from "../codec/time.ts";
import { isLabel, isOwnId } from "../letter/atoms.ts";
import type { Card, CardRing, RingToken } from "../letter/card.ts";
import { ringAuthMax } from "../letter/limits.ts";
import { printCommand } from "../letter/print.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { parseOrder, typedData, type TypedData } from "../ring/json.ts";
import type { RingOrder } from "../ring/order.ts";
import { addressOfKey } from "../ring/signature.ts";
import { faultOf } from "../ring/settle.ts";
import { sealAuthKey } from "../seal/authkey.ts";
import { readCertificate } from "../seal/certificate.ts";
import { printable } from "./amounts.ts";
import type { Line, Names } from "./compose.ts";
import { trouble, type Outcome } from "./errors.ts";
import { ringOf, readTokenAmount, tokenOf, type TokenSum } from "./ringamounts.ts";
import { ownerSignature, type OwnerSignature, type RingSigner } from "./ringsigner.ts";
import { readLater } from "./times.ts";

/** What a person asks for. */
export type OfferWords = {
  readonly sellAmount: string;
  readonly sellToken: string;
  readonly buyAmount: string;
  readonly buyToken: string;
  readonly until?: string | undefined;
  /** `AMOUNT TOKEN`. */
  readonly fee?: string | undefined;
  /** Percent. */
  readonly margin?: string | undefined;
  readonly allOrNone?: boolean | undefined;
};

/** The same, read: what the order will say beside owner, nonce and auth address. */
export type OfferTerms = {
  readonly ring: CardRing;
  readonly sell: RingToken;
  readonly sellAmount: bigint;
  readonly buy: RingToken;
  readonly buyAmount: bigint;
  readonly until: bigint;
  readonly fee: TokenSum | undefined;
  readonly margin: bigint;
  readonly allOrNone: boolean;
};

/** How long an offer lives and what part of its gain the miner may keep, if nothing is said. */
const untilDefault = "1d";
const marginDefault = "50";

/** The venue's domain: chain and contract. */
export function domainOf({ chainId, contract }: CardRing): Domain {
  return { chainId, contract };
}

/** Reads an offer's words by the card. */
export function readOffer(card: Card, words: OfferWords, now: Time): Outcome<OfferTerms> {
  const ring = ringOf(card);
  if (!ring.ok) return ring;
  const sell = amountOf(ring.value, words.sellAmount, words.sellToken);
  if (!sell.ok) return sell;
  const buy = amountOf(ring.value, words.buyAmount, words.buyToken);
  if (!buy.ok) return buy;
  if (sell.value.token.address === buy.value.token.address) {
    return trouble("E121", "An order sells one token for another, not for itself.");
  }
  const until = readLater(words.until ?? untilDefault, now);
  if (!until.ok) return until;
  const margin = words.margin ?? marginDefault;
  if (!/^(?:0|[1-9]\d|\d|100)$/.test(margin)) {
    return trouble("E121", `A margin is 0 to 100 percent, not ${printable(margin)}.`);
  }
  const fee = readFee(ring.value, words.fee);
  if (!fee.ok) return fee;
  return {
    ok: true,
    value: {
      ring: ring.value,
      sell: sell.value.token,
      sellAmount: sell.value.amount,
      buy: buy.value.token,
      buyAmount: buy.value.amount,
      until: BigInt(Math.floor(until.value / 1000)),
      fee: fee.value,
      margin: BigInt(margin),
      allOrNone: words.allOrNone === true,
    },
  };
}

function amountOf(ring: CardRing, text: string, name: string): Outcome<TokenSum> {
  const token = tokenOf(ring, name);
  if (!token.ok) return token;
  const amount = readTokenAmount(token.value, text);
  return amount.ok ? { ok: true, value: { token: token.value, amount: amount.value } } : amount;
}

function readFee(ring: CardRing, text: string | undefined): Outcome<TokenSum | undefined> {
  if (text === undefined) return { ok: true, value: undefined };
  const [amount, name, ...more] = text.trim().split(/[ :]+/);
  if (amount === undefined || name === undefined || more.length > 0) {
    return trouble("E100", `A fee is AMOUNT TOKEN in quotes, not ${printable(text)}.`);
  }
  return amountOf(ring, amount, name);
}

/** Who sells, under which nonce. */
export type Selling = { readonly owner: Address; readonly nonce: bigint };

/** The order that terms, seller and auth address make. */
export function orderOf(terms: OfferTerms, { owner, nonce }: Selling, auth: Address): RingOrder {
  const order: RingOrder = {
    owner,
    sellToken: terms.sell.address,
    buyToken: terms.buy.address,
    sellAmount: terms.sellAmount,
    buyAmount: terms.buyAmount,
    // From ever: the chain's clock may be behind ours.
    validSince: 0n,
    validUntil: terms.until,
    nonce,
    authAddress: auth,
    feeToken: terms.fee?.token.address ?? noAddress,
    feeAmount: terms.fee?.amount ?? 0n,
    marginSplit: terms.margin,
    wallet: noAddress,
    walletSplit: 0n,
    allOrNone: terms.allOrNone,
    buyDriven: false,
    minimumFill: 0n,
    recipient: noAddress,
  };
  assert(faultOf(order) === undefined, "what was read is an order");
  return order;
}

/** The auth address of a new order, and its key as it travels; none, if the venue's is used. */
export type Auth = { readonly address: Address; readonly sealed: string | undefined };

/** A fresh auth key, sealed to the venue's miner and forgotten; or the venue's own address. */
export async function makeAuth(
  ring: CardRing,
  at: Time,
  { isShared }: { readonly isShared: boolean },
): Promise<Outcome<Auth>> {
  if (isShared) return { ok: true, value: { address: ring.miner, sealed: undefined } };
  const binary = fromBase64(ring.minerCertificate);
  const miner = binary && (await readCertificate(binary, at));
  if (miner?.ok !== true) {
    const why = miner?.detail ?? "It is not base64.";
    return trouble("E603", `The miner's certificate in the card does not check: ${why}`);
  }
  const key = new Uint8Array(randomBytes(32));
  try {
    const address = addressOfKey(key);
    const sealed = toBase64(await sealAuthKey(key, [miner.value]));
    return sealed.length > ringAuthMax
      ? trouble("E603", "The miner's certificate in the card makes messages that are too long.")
      : { ok: true, value: { address, sealed } };
  } finally {
    key.fill(0);
  }
}

/** An offer before its owner signed: all that is known then, the order hash included. */
export type Unsigned = {
  readonly order: RingOrder;
  readonly hash: Hash;
  readonly data: TypedData;
  readonly auth: Auth;
};

/** The order with its digest, ready to be shown and signed. */
export function prepareOffer(terms: OfferTerms, selling: Selling, auth: Auth): Unsigned {
  const order = orderOf(terms, selling, auth.address);
  const domain = domainOf(terms.ring);
  return { order, hash: orderHash(domain, order), data: typedData(domain, order), auth };
}

/** Has an offer signed. */
export async function signOffer(
  { order, hash, data }: Unsigned,
  signer: RingSigner,
  { isContractWallet }: { readonly isContractWallet: boolean },
): Promise<Outcome<OwnerSignature>> {
  return ownerSignature(signer, { data, hash, owner: order.owner, isContractWallet });
}

/** The line of a signed offer. It is found here by its id and by its order hash. */
export function ringLine(
  { order, hash, auth }: Unsigned,
  signature: Uint8Array,
  names: Names,
): Outcome<Line> {
  const wrong = wrongName(names);
  if (wrong !== undefined) return wrong;
  const text = printCommand({ kind: "ring", order, signature, auth: auth.sealed }, names);
  return { ok: true, value: { text, ids: [...(names.id === undefined ? [] : [names.id]), hash] } };
}

/** What is wrong with a customer's names, if anything. */
export function wrongName({ id, tag }: Names): ReturnType<typeof trouble> | undefined {
  if (id !== undefined && !isOwnId(id)) {
    return trouble("E109", `The id ${printable(id)} is malformed.`);
  }
  return tag === undefined || isLabel(tag)
    ? undefined
    : trouble("E109", `The tag ${printable(tag)} is malformed.`);
}

/** UNRING, by own id or by order hash. */
export function unringLine(name: string, names: Names): Outcome<Line> {
  const wrong = wrongName({ tag: names.tag });
  if (wrong !== undefined) return wrong;
  const hash = parseHash(name.toLowerCase());
  if (hash === undefined && !isOwnId(name)) {
    return trouble("E109", `${printable(name)} is no ring order's name.`, {
      next: "signet ring list     shows your ring orders; a name is an id, or 0x and 64 digits",
    });
  }
  const order =
    hash === undefined ? { kind: "own" as const, id: name } : { kind: "hash" as const, hash };
  return { ok: true, value: { text: printCommand({ kind: "unring", order }, names), ids: [] } };
}

/** The order in a letter's line that begins with `RING|`; `undefined` if it is none. */
export function orderInLine(line: string): RingOrder | undefined {
  const [verb, json] = line.split("|");
  const read = verb === "RING" && json !== undefined ? parseOrder(json) : undefined;
  return read?.ok === true ? read.value : undefined;
}
