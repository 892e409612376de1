/**
 * People of the ring venue with their keys, and the honest miner's work without a chain: sign with
 * every owner's, every auth key and the miner's, and put it in its place. What a test wants to do
 * wrong it does to the result.
 */
import { assert, at } from "../codec/assert.ts";
import { fromAscii, toHex } from "../codec/bytes.ts";
import { type Address, type Hash, keccak, noAddress } from "../codec/ethereum.ts";
import { authoredBySender, type Ring, type Submission } from "../ring/calldata.ts";
import { type Chain, Counters } from "../ring/chain.ts";
import { type Domain, orderHash, ringHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { addressOfKey, signDigest } from "../ring/signature.ts";

/** Somebody with a key; a contract's address is not its key's. */
export type Person = { readonly key: Uint8Array; readonly address: Address };

const known = new Map<string, Person>();

/** The same name is the same person. */
export function person(name: string): Person {
  const key = keccak(fromAscii(name));
  const one = known.get(name) ?? { key, address: addressOfKey(key) };
  known.set(name, one);
  return one;
}

const signatures = new Map<string, Uint8Array>();

/** Signed once, since the same cases are made again and again. */
function signed(digest: Hash, { key }: Person): Uint8Array {
  const name = `${digest} ${toHex(key)}`;
  const signature = signatures.get(name) ?? signDigest(digest, key);
  signatures.set(name, signature);
  return signature;
}

/** An order, and who signs for it. */
export type Offer = {
  readonly order: RingOrder;
  readonly owner: Person;
  readonly auth: Person;
  /** Instead of one by the owner's key. */
  readonly signature?: Uint8Array;
};

/** The last second of everything that does not care. */
export const far: bigint = 2n ** 33n;

/** An order of `owner` with these fields; else plain, one unit for one unit. */
export function offerOf(owner: Person, auth: Person, fields: Partial<RingOrder>): Offer {
  const order: RingOrder = {
    owner: owner.address,
    sellToken: noAddress,
    buyToken: noAddress,
    sellAmount: 1n,
    buyAmount: 1n,
    validSince: 0n,
    validUntil: far,
    nonce: 0n,
    authAddress: auth.address,
    feeToken: noAddress,
    feeAmount: 0n,
    marginSplit: 0n,
    wallet: noAddress,
    walletSplit: 0n,
    allOrNone: false,
    buyDriven: false,
    minimumFill: 0n,
    recipient: noAddress,
    ...fields,
  };
  return { order, owner, auth };
}

export type PlannedPart = {
  readonly offer: Offer;
  readonly fill: bigint;
  readonly take: bigint;
};

export type Plan = {
  readonly rings: readonly (readonly PlannedPart[])[];
  readonly miner: Person;
  readonly feeRecipient: Address;
  readonly deadline: bigint;
  readonly sender: Address;
};

/** The submission of this plan, on a chain whose counters are these. */
export function compose(domain: Domain, counter: Chain["counter"], plan: Plan): Submission {
  const { miner, feeRecipient, deadline } = plan;
  const offers = [...new Set(plan.rings.flat().map(({ offer }) => offer))];
  const hashes = new Map(offers.map((offer) => [offer, orderHash(domain, offer.order)]));
  const counters = new Counters(counter);
  const hashOf = (offer: Offer): Hash => {
    const hash = hashes.get(offer);
    assert(hash !== undefined, "every offer of the plan has its hash");
    return hash;
  };
  const rings = plan.rings.map((parts): Ring => {
    const signedParts = parts.map(({ offer, fill, take }, i) => {
      const { owner, nonce, buyDriven } = offer.order;
      const filledBefore = counters.get(owner, nonce);
      const value = filledBefore + (buyDriven ? at(parts, (i + 1) % parts.length).fill : fill);
      counters.set({ owner, nonce, value });
      return { orderHash: hashOf(offer), fill, filledBefore, take };
    });
    const signed = { parts: signedParts, miner: miner.address, feeRecipient, deadline };
    return authored(plan, parts, ringHash(domain, signed), (offer) => offers.indexOf(offer));
  });
  const orders = offers.map((offer) => {
    const signature = offer.signature ?? signed(hashOf(offer), offer.owner);
    return { order: offer.order, signature };
  });
  return { miner: miner.address, feeRecipient, deadline, orders, rings };
}

/** Equal auth keys sign once; a sender that is the auth address, or the miner, not at all. */
function authored(
  { sender, miner }: Plan,
  planned: readonly PlannedPart[],
  digest: Hash,
  indexOf: (offer: Offer) => number,
): Ring {
  const authors = planned.map(({ offer }) => offer.order.authAddress);
  const parts = planned.map(({ offer, fill, take }, i) => {
    const self = at(authors, i);
    const author = self === sender ? authoredBySender : authors.indexOf(self);
    return { order: indexOf(offer), fill, take, author };
  });
  return {
    parts,
    authSignatures: planned
      .filter((_, i) => parts[i]?.author === i)
      .map(({ offer }) => signed(digest, offer.auth)),
    minerSignature: sender === miner.address ? undefined : signed(digest, miner),
  };
}
