/**
 * Cases of `vectors/ring/refused.json` whose header or whose orders are refused. Those of a *chain*
 * break several rules at once, each one rule less than the one before it: the answer is the first
 * of docs/spec/ring.md §6.
 */
import { concat } from "../codec/bytes.ts";
import { noAddress } from "../codec/ethereum.ts";
import { orderHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import type { RingRefusal } from "../ring/refusals.ts";
import { signDigest } from "../ring/signature.ts";
import {
  alice,
  bob,
  domain,
  forged,
  gold,
  now,
  offer,
  orderAt,
  orderBytes,
  type RingCase,
  ringCase,
  sceneOf,
  third,
  tokensAt,
  wallet,
  type Wish,
} from "./ringstory.ts";

function spliced(bytes: Uint8Array, at: number, put: Uint8Array): Uint8Array {
  return concat([bytes.slice(0, at), put, bytes.slice(at + put.length)]);
}

/** The outer call goes on: what is refused is what the token calls. */
function inside(): readonly RingCase[] {
  const acts = [[gold, "calls back"]] as const;
  const other = ringCase("another nonce", { orders: [offer({ nonce: 5n }), offer({}, bob)] });
  const [step] = other.steps(sceneOf(other));
  const question = step?.call.kind === "submit" ? step.call.bytes : new Uint8Array(0);
  return [
    ringCase("call: from inside a transfer, and well-formed", {
      acts,
      question,
    }),
    ringCase("call: chain: from inside a transfer, with no bytes", { acts }),
  ];
}

function header(): readonly RingCase[] {
  const [expired, nobody] = [{ deadline: now - 1n }, { feeRecipient: noAddress }];
  const descending = (bytes: Uint8Array): Uint8Array =>
    spliced(
      bytes,
      tokensAt,
      concat([bytes.slice(tokensAt + 20, tokensAt + 40), bytes.slice(tokensAt, tokensAt + 20)]),
    );
  const refused = (name: string, refusal: RingRefusal, wish: Wish): RingCase =>
    ringCase(`header: ${name}`, { refusal, ...wish });
  return [
    refused("nothing at all", "Malformed", { bytes: () => new Uint8Array(0) }),
    refused("the bytes end in the table of tokens", "Malformed", {
      bytes: (bytes) => bytes.slice(0, tokensAt + 39),
    }),
    refused("the bytes end behind the table", "Malformed", {
      bytes: (bytes) => bytes.slice(0, tokensAt + 40),
    }),
    refused("the same token twice", "Malformed", {
      bytes: (bytes) => spliced(bytes, tokensAt + 20, bytes.slice(tokensAt, tokensAt + 20)),
    }),
    refused("token zero", "Malformed", {
      bytes: (bytes) => spliced(bytes, tokensAt, new Uint8Array(20)),
    }),
    refused("chain: tokens descend, expired, nobody gets the fees, no orders", "Malformed", {
      plan: { ...expired, ...nobody },
      bytes: descending,
    }),
    refused("chain: expired, nobody gets the fees, no orders", "RingExpired", {
      plan: { ...expired, ...nobody },
      tamper: (submission) => ({ ...submission, orders: [] }),
    }),
    refused("chain: nobody gets the fees, no orders", "FeeRecipientZero", {
      plan: nobody,
      tamper: (submission) => ({ ...submission, orders: [] }),
    }),
    refused("chain: the settlement gets the fees, no orders", "ReceiverIsSettlement", {
      plan: { feeRecipient: domain.contract },
      tamper: (submission) => ({ ...submission, orders: [] }),
    }),
    refused("chain: no orders, and yet a ring", "Malformed", {
      tamper: (submission) => ({ ...submission, orders: [] }),
    }),
  ];
}

/** Each link spoils the first order in one way; a case has this one and all after it. */
function orderChain(): readonly RingCase[] {
  const links: readonly (readonly [RingRefusal, Partial<RingOrder>])[] = [
    ["AmountZero", { sellAmount: 0n }],
    ["SameToken", { buyToken: gold }],
    ["AuthAddressZero", { authAddress: noAddress }],
    ["SplitTooLarge", { marginSplit: 101n }],
    ["OrderNotYetValid", { validSince: now + 1n }],
    ["OrderExpired", { validUntil: now - 1n }],
    ["EpochNotCurrent", { nonce: 2n ** 64n }],
    ["BadOwnerSignature", {}],
  ];
  return links.map(([refusal], i) => {
    const fields = Object.assign({}, ...links.slice(i).map(([, fields]) => fields));
    const orders = [{ ...offer(fields), signature: forged }, offer({ sellAmount: 0n }, bob)];
    return ringCase(`order: chain from ${refusal}`, { refusal, orders });
  });
}

function order(): readonly RingCase[] {
  const refused = (name: string, refusal: RingRefusal, fields: Partial<RingOrder>): RingCase =>
    ringCase(`order: ${name}`, { refusal, orders: [offer(fields), offer({}, bob)] });
  const truncated = (name: string, length: number): RingCase =>
    ringCase(`order: ${name}`, { refusal: "Malformed", bytes: (bytes) => bytes.slice(0, length) });
  const signed = (name: string, signature: Uint8Array): RingCase =>
    ringCase(`order: ${name}`, {
      refusal: "BadOwnerSignature",
      orders: [{ ...offer(), signature }, offer({}, bob)],
    });
  const genuine = signDigest(orderHash(domain, offer().order), alice.key);
  const walletsHash = orderHash(domain, offer({}, wallet).order);
  return [
    truncated("the bytes end in it", orderAt + 30),
    truncated("the bytes end in the last byte of its signature", orderAt + orderBytes - 1),
    ringCase("order: a token behind the table", {
      refusal: "Malformed",
      bytes: (bytes) => spliced(bytes, orderAt + 1, Uint8Array.of(2)),
    }),
    ringCase("order: chain: a token behind the table in the second, nothing sold in the first", {
      refusal: "AmountZero",
      orders: [offer({ sellAmount: 0n }), offer({}, bob)],
      bytes: (bytes) => spliced(bytes, orderAt + orderBytes + 1, Uint8Array.of(2)),
    }),
    refused("nothing bought", "AmountZero", { buyAmount: 0n }),
    refused("wallet's split above 100", "SplitTooLarge", {
      wallet: third.address,
      walletSplit: 101n,
    }),
    refused("split of 255", "SplitTooLarge", { marginSplit: 255n }),
    refused("valid a second later", "OrderNotYetValid", { validSince: now + 1n }),
    refused("valid until a second ago", "OrderExpired", { validUntil: now - 1n }),
    refused("an epoch that is not reached", "EpochNotCurrent", { nonce: 2n ** 64n + 1n }),
    ringCase("order: all of its epoch were cancelled", {
      refusal: "EpochNotCurrent",
      before: [{ sender: alice.address, call: { kind: "cancelAll" } }],
    }),
    signed("signed by another", forged),
    signed("no signature", new Uint8Array(0)),
    signed("64 zeros", new Uint8Array(64)),
    signed("63 bytes", genuine.slice(0, 63)),
    signed("65 bytes", concat([genuine, Uint8Array.of(27)])),
    ringCase("order: a field was changed after it was signed", {
      refusal: "BadOwnerSignature",
      orders: [{ ...offer({ buyAmount: 499n }), signature: genuine }, offer({}, bob)],
    }),
    ringCase("order: the wallet accepts other bytes", {
      refusal: "BadOwnerSignature",
      orders: [offer({}, wallet), offer({}, bob)],
      answers: [{ owner: wallet.address, digest: walletsHash, signature: genuine }],
    }),
    ringCase("order: owner zero", {
      refusal: "BadOwnerSignature",
      orders: [{ ...offer({ owner: noAddress }), signature: new Uint8Array(64) }, offer({}, bob)],
    }),
  ];
}

/** All of them. */
export const refusedOrders: readonly RingCase[] = [
  ...inside(),
  ...header(),
  ...orderChain(),
  ...order(),
];
