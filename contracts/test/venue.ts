/**
 * A ring venue for tests and benchmarks: an EVM with RingSettlement on it, tokens, people with keys
 * and approvals, and the miner's work (read what was filled, sign with every auth key and the
 * miner's, pack). What the tests want to do wrong they do to its results.
 */
import { decodeFunctionResult, toHex } from "viem";

import { at } from "../../src/codec/assert.ts";
import type { Address } from "../../src/codec/ethereum.ts";
import { encodeSubmission, type Submission, take } from "../../src/ring/calldata.ts";
import type { Domain } from "../../src/ring/digest.ts";
import type { RingOrder } from "../../src/ring/order.ts";
import {
  compose,
  far,
  type Offer,
  offerOf,
  type Person,
  person,
} from "../../src/testing/ringminer.ts";
import { type Deployed, type Evm, type Receipt, startEvm } from "./evm.ts";

export { far, person, type Offer, type Person };

export const e18: bigint = 10n ** 18n;

export type PlannedPart = { readonly offer: Offer; readonly fill: bigint; readonly take?: bigint };

export type Plan = {
  readonly rings: readonly (readonly PlannedPart[])[];
  readonly miner: Person;
  /** The miner itself if not given. */
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
    const name = `auth key of ${owner.address} ${fields.nonce ?? 0n}`;
    return offerOf(owner, auth ?? person(name), fields);
  }

  /** What an honest miner would send: everything read from the chain, signed and in its place. */
  async compose(plan: Plan): Promise<Submission> {
    const { miner, feeRecipient = miner.address, deadline = far } = plan;
    const sender = plan.sender ?? at(this.evm.accounts, 0);
    const rings = plan.rings.map((parts) => parts.map((part) => ({ take: take.none, ...part })));
    const counters = new Map<string, bigint>();
    for (const { owner, nonce } of rings.flat().map(({ offer }) => offer.order)) {
      counters.set(`${owner} ${nonce}`, await this.filled(owner, nonce));
    }
    const counter = (owner: Address, nonce: bigint): bigint =>
      counters.get(`${owner} ${nonce}`) ?? 0n;
    return compose(this.domain, counter, { rings, miner, feeRecipient, deadline, sender });
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
