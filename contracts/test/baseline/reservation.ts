/**
 * The world of 2017 for the baseline's test: ReservationSettlement on a venue's chain, orders
 * signed as text messages, ringhashes by XOR, and the two transactions of an honest miner.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { decodeFunctionResult, type Hex, hexToBytes } from "viem";

import { concat, fromAscii } from "../../../src/codec/bytes.ts";
import { type Address, hashOf, keccak } from "../../../src/codec/ethereum.ts";
import { signDigest } from "../../../src/ring/signature.ts";
import type { Deployed, Evm, Receipt } from "../evm.ts";
import { e18, type Person, person, type Venue } from "../venue.ts";

/** A signature as Ethereum wrote it then. */
export type Signed = { readonly v: number; readonly r: bigint; readonly s: bigint };

export type Offer = {
  readonly owner: Address;
  readonly sellToken: Address;
  readonly buyToken: Address;
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
  readonly salt: bigint;
  readonly feeAmount: bigint;
};

/** What `submitRing` takes. */
export type OldRing = {
  readonly offers: readonly Offer[];
  readonly fills: readonly bigint[];
  /** The owners', then the ringminer's. */
  readonly signatures: readonly Signed[];
  readonly ringminer: Address;
  readonly feeRecipient: Address;
};

const curveOrder = secp256k1.Point.CURVE().n;

/** The same signature in its other form: as valid as the first for a contract that takes both. */
export function flipped({ v, r, s }: Signed): Signed {
  return { v: v === 27 ? 28 : 27, r, s: curveOrder - s };
}

function signText(hash: Hex, key: Uint8Array): Signed {
  const prefix = fromAscii("\u0019Ethereum Signed Message:\n32");
  const compact = signDigest(hashOf(keccak(concat([prefix, hexToBytes(hash)]))), key);
  const number = (from: number): bigint =>
    compact.slice(from, from + 32).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const tail = number(32);
  return { v: 27 + Number(tail >> 255n), r: number(0), s: tail & (2n ** 255n - 1n) };
}

export class Reservations {
  readonly evm: Evm;
  readonly contract: Deployed;
  readonly feeToken: Deployed;
  readonly #venue: Venue;

  constructor(venue: Venue, contract: Deployed, feeToken: Deployed) {
    this.evm = venue.evm;
    this.contract = contract;
    this.feeToken = feeToken;
    this.#venue = venue;
  }

  async #read(name: string, args: readonly unknown[]): Promise<unknown> {
    const data = await this.evm.call({ to: this.contract, name, args });
    return decodeFunctionResult({ abi: this.contract.abi, functionName: name, data });
  }

  /** What a ring is known by. */
  async ringhash(signatures: readonly Signed[]): Promise<Hex> {
    return (await this.#read("ringhashOf", [signatures.map(words)])) as Hex;
  }

  /** A ring of n offers of n new people in n tokens, 1 to 1, all filled, each with a fee. */
  async ring(
    name: string,
    tokens: readonly Deployed[],
    { ringminer, feeAmount }: { readonly ringminer: Person; readonly feeAmount: bigint },
  ): Promise<OldRing> {
    const offers: Offer[] = [];
    const signatures: Signed[] = [];
    for (const [i, sell] of tokens.entries()) {
      const owner = person(`${name}: owner ${i}`);
      const buy = tokens[(i + 1) % tokens.length] ?? sell;
      await this.#provide(owner.address, [sell, this.feeToken], tokens);
      const offer: Offer = {
        owner: owner.address,
        sellToken: sell.address,
        buyToken: buy.address,
        sellAmount: 10n * e18,
        buyAmount: 10n * e18,
        salt: BigInt(i),
        feeAmount,
      };
      offers.push(offer);
      const hash = (await this.#read("orderHashOf", [offer])) as Hex;
      signatures.push(signText(hash, owner.key));
    }
    const fills = tokens.map(() => 10n * e18);
    const draft = { offers, fills, signatures, ringminer: ringminer.address };
    return this.mined({ ...draft, feeRecipient: ringminer.address }, ringminer);
  }

  /** Everybody holds some of every token, so that no balance of a settlement starts from zero. */
  async #provide(
    owner: Address,
    sells: readonly Deployed[],
    tokens: readonly Deployed[],
  ): Promise<void> {
    await this.#venue.meet(owner);
    for (const token of new Set([...tokens, ...sells])) {
      await this.#venue.mint(token, owner, 100n * e18);
    }
    for (const token of new Set(sells)) {
      const args = [this.contract.address, 2n ** 256n - 1n];
      await this.evm.send({ to: token, name: "approve", args, from: owner });
    }
  }

  /** The ring with this ringminer's signature over its ringhash, in place of any other. */
  async mined(ring: OldRing, ringminer: Person): Promise<OldRing> {
    const owners = ring.signatures.slice(0, ring.offers.length);
    const own = signText(await this.ringhash(owners), ringminer.key);
    return { ...ring, signatures: [...owners, own], ringminer: ringminer.address };
  }

  /** The first transaction. */
  async reserve(ring: OldRing, from?: Address): Promise<Receipt> {
    const hash = await this.ringhash(ring.signatures.slice(0, ring.offers.length));
    const args = [ring.ringminer, hash];
    return this.#send("submitRinghash", args, from);
  }

  /** The second transaction. */
  async submit(ring: OldRing, from?: Address): Promise<Receipt> {
    const { offers, fills, signatures, ringminer, feeRecipient } = ring;
    const args = [offers, fills, signatures.map(words), ringminer, feeRecipient];
    return this.#send("submitRing", args, from);
  }

  batchReserve(ringminers: readonly Address[], ringhashes: readonly Hex[]): Promise<Receipt> {
    return this.#send("batchSubmitRinghash", [ringminers, ringhashes], undefined);
  }

  #send(name: string, args: readonly unknown[], from: Address | undefined): Promise<Receipt> {
    return this.evm.send({
      to: this.contract,
      name,
      args,
      ...(from === undefined ? {} : { from }),
    });
  }
}

function words({ v, r, s }: Signed): { readonly v: number; readonly r: Hex; readonly s: Hex } {
  const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
  return { v, r: word(r), s: word(s) };
}

/** A fresh ReservationSettlement, and its fee token, on the venue's chain. */
export async function openReservations(venue: Venue): Promise<Reservations> {
  const feeToken = await venue.token();
  const contract = await venue.evm.deploy("ReservationSettlement", [feeToken.address]);
  return new Reservations(venue, contract, feeToken);
}
