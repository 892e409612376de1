/**
 * A ring venue for tests and benchmarks: an EVM with RingSettlement on it, tokens, people with keys
 * and approvals, and the miner's work (read what was filled, sign with every auth key and the
 * miner's, pack). What the tests want to do wrong they do to its results.
 */
import { decodeFunctionResult, toHex } from "viem";

import { fromAscii } from "../../src/codec/bytes.ts";
import { type Address, keccak, noAddress } from "../../src/codec/ethereum.ts";
import {
  authoredBySender,
  encodeSubmission,
  type OwnedOrder,
  type Ring,
  type Submission,
  take as takes,
} from "../../src/ring/calldata.ts";
import { type Domain, orderHash, ringHash } from "../../src/ring/digest.ts";
import type { RingOrder } from "../../src/ring/order.ts";
import { addressOfKey, signDigest } from "../../src/ring/signature.ts";
import { type Deployed, type Evm, type Receipt, startEvm } from "./evm.ts";

export const e18: bigint = 10n ** 18n;
export const far: bigint = 2n ** 33n;

/** Somebody with a key. The same name is the same person. */
export type Person = { readonly key: Uint8Array; readonly address: Address };

export function person(name: string): Person {
  const key = keccak(fromAscii(name));
  return { key, address: addressOfKey(key) };
}

/** An order with everything needed to settle it. */
export type Offer = { readonly order: RingOrder; readonly owner: Person; readonly auth: Person };

export type PlannedPart = { readonly offer: Offer; readonly fill: bigint; readonly take?: bigint };

export type Plan = {
  readonly rings: readonly (readonly PlannedPart[])[];
  readonly miner: Person;
  readonly feeRecipient?: Address;
  readonly deadline?: bigint;
  /** Who will send; the first account of the chain if not given. */
  readonly sender?: Address;
};

export class Venue {
  readonly evm: Evm;
  readonly settlement: Deployed;
  readonly domain: Domain;
  #known = new Set<Address>();

  constructor(evm: Evm, settlement: Deployed) {
    this.evm = evm;
    this.settlement = settlement;
    this.domain = { chainId: evm.chainId, contract: settlement.address };
  }

  token(): Promise<Deployed> {
    return this.evm.deploy("PlainToken");
  }

  /** Lets the address send transactions. */
  async meet(address: Address): Promise<void> {
    if (this.#known.has(address)) return;
    this.#known.add(address);
    await this.evm.request("hardhat_impersonateAccount", [address]);
    await this.evm.request("hardhat_setBalance", [address, "0xffffffffffffffff"]);
  }

  async mint(token: Deployed, to: Address, amount: bigint): Promise<void> {
    await this.evm.send({ to: token, name: "mint", args: [to, amount] });
  }

  async approve(token: Deployed, from: Address, amount: bigint = 2n ** 256n - 1n): Promise<void> {
    await this.meet(from);
    const args = [this.settlement.address, amount];
    await this.evm.send({ to: token, name: "approve", args, from });
  }

  async balance(token: Deployed, of: Address): Promise<bigint> {
    return BigInt(await this.evm.call({ to: token, name: "balanceOf", args: [of] }));
  }

  async filled(owner: Address, nonce: bigint): Promise<bigint> {
    const args = [owner, nonce];
    const data = await this.evm.call({ to: this.settlement, name: "filled", args });
    const { abi } = this.settlement;
    return decodeFunctionResult({ abi, functionName: "filled", data }) as bigint;
  }

  /** An order of `owner`; its auth key is named after the owner unless given. */
  offer(owner: Person, fields: Partial<RingOrder>, auth?: Person): Offer {
    const authKey = auth ?? person(`auth key of ${owner.address} ${fields.nonce ?? 0n}`);
    const order: RingOrder = {
      owner: owner.address,
      sellToken: noAddress,
      buyToken: noAddress,
      sellAmount: 1n,
      buyAmount: 1n,
      validSince: 0n,
      validUntil: far,
      nonce: 0n,
      authAddress: authKey.address,
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
    return { order, owner, auth: authKey };
  }

  /** What an honest miner would send: everything read from the chain, signed and in its place. */
  async compose(plan: Plan): Promise<Submission> {
    const { miner, deadline = far, sender = this.evm.accounts[0] } = plan;
    const feeRecipient = plan.feeRecipient ?? miner.address;
    const offers = [...new Set(plan.rings.flat().map(({ offer }) => offer))];
    const filled = new Map<Offer, bigint>();
    for (const offer of offers) {
      filled.set(offer, await this.filled(offer.order.owner, offer.order.nonce));
    }
    const rings = plan.rings.map((parts): Ring => {
      const signedParts = parts.map(({ offer, fill, take = takes.none }, i) => {
        const filledBefore = filled.get(offer) ?? 0n;
        const next = parts[(i + 1) % parts.length];
        const counted = offer.order.buyDriven ? (next?.fill ?? 0n) : fill;
        filled.set(offer, filledBefore + counted);
        return { orderHash: orderHash(this.domain, offer.order), fill, filledBefore, take };
      });
      const signed = { parts: signedParts, miner: miner.address, feeRecipient, deadline };
      const digest = ringHash(this.domain, signed);
      const authors = parts.map(({ offer }) => offer.order.authAddress);
      const author = (i: number): number =>
        authors[i] === sender ? authoredBySender : authors.indexOf(authors[i] ?? noAddress);
      return {
        parts: parts.map(({ offer, fill, take = takes.none }, i) => {
          return { order: offers.indexOf(offer), fill, take, author: author(i) };
        }),
        authSignatures: parts
          .filter((_, i) => author(i) === i)
          .map(({ offer }) => signDigest(digest, offer.auth.key)),
        minerSignature: sender === miner.address ? undefined : signDigest(digest, miner.key),
      };
    });
    const orders = offers.map((offer) => this.signed(offer));
    return { miner: miner.address, feeRecipient, deadline, orders, rings };
  }

  signed({ order, owner }: Offer): OwnedOrder {
    return { order, signature: signDigest(orderHash(this.domain, order), owner.key) };
  }

  /** Sends it; throws `Refused` with the name of the refusal. */
  submit(submission: Submission, sender?: Address): Promise<Receipt> {
    const args = [toHex(encodeSubmission(submission))];
    const from = sender === undefined ? {} : { from: sender };
    return this.evm.send({ to: this.settlement, name: "submit", args, ...from });
  }

  async settle(plan: Plan): Promise<Receipt> {
    if (plan.sender !== undefined) await this.meet(plan.sender);
    return this.submit(await this.compose(plan), plan.sender);
  }
}

/** A fresh chain with a fresh RingSettlement on it (or a contract with its interface). */
export async function openVenue(
  contract = "RingSettlement",
  args: readonly unknown[] = [],
): Promise<Venue> {
  const evm = await startEvm();
  return new Venue(evm, await evm.deploy(contract, args));
}
