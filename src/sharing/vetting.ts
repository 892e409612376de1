/**
 * What every node checks of an order itself, whoever offers it: that it can still be filled, that
 * its owner signed it, and, where the order is for this miner, that the auth key is the one that
 * the order names (miner/vet.ts).
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import type { ChainNode } from "../chain/node.ts";
import { acceptsSignature } from "../chain/settlement.ts";
import type { MinerKeys } from "../miner/keys.ts";
import { vetOrder } from "../miner/vet.ts";
import type { Domain } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { compactSignature, recoverSigner } from "../ring/signature.ts";
import { type Audience, signatureMalformed } from "./message.ts";
import type { ShareRefusal } from "./refusals.ts";

/** An order as it is offered to this node. */
export type OfferedAs = {
  readonly hash: Hash;
  readonly order: RingOrder;
  /** As it came. */
  readonly signature: Uint8Array;
  readonly auth: string | undefined;
  readonly to: Audience;
};

export type VettedOrder = {
  readonly hash: Hash;
  readonly order: RingOrder;
  /** As it goes into calldata. */
  readonly signature: Uint8Array;
  readonly byWallet: boolean;
  readonly auth: string | undefined;
};

export class Vetting {
  readonly #domain: Domain;
  readonly #node: ChainNode | undefined;
  readonly #keys: MinerKeys | undefined;

  /** Without a node contract wallets are not taken; without keys, no order is for us to mine. */
  constructor(domain: Domain, node: ChainNode | undefined, keys: MinerKeys | undefined) {
    this.#domain = domain;
    this.#node = node;
    this.#keys = keys;
  }

  /** The address by which this node mines. */
  get miner(): Address | undefined {
    return this.#keys?.address;
  }

  async vet(offered: OfferedAs, now: Time): Promise<Verdict<VettedOrder, ShareRefusal>> {
    const { hash, order, auth, to } = offered;
    if (order.validUntil < BigInt(Math.floor(now / 1000))) {
      return refuse("order_expired", `it was valid until ${order.validUntil}`);
    }
    const signature = compactSignature(offered.signature);
    if (signature === undefined) return signatureMalformed;
    const byWallet = recoverSigner(hash, signature) !== order.owner;
    if (byWallet && !(await this.#isAccepted({ ...offered, signature }))) {
      return refuse("owner_signature_wrong", "neither the owner's key nor its contract signed it");
    }
    const vetted = { hash, order, signature, byWallet };
    if (to.kind === "room" || this.#keys === undefined)
      return accept({ ...vetted, auth: undefined });
    const said = await vetOrder(this.#domain, this.#keys, { order, signature, auth });
    if (said !== "good" && said !== "by_wallet") {
      return refuse(said, "the auth key that came is not the one that the order names");
    }
    return accept({ ...vetted, auth });
  }

  async #isAccepted({ hash, order, signature }: OfferedAs): Promise<boolean> {
    if (this.#node === undefined) return false;
    return acceptsSignature(this.#node, { owner: order.owner, digest: hash, signature });
  }
}
