/**
 * What a miner holds: the key that signs rings, and the one that opens customers' auth keys; and
 * while their orders live, the auth keys themselves, in memory only. On disk they exist as the
 * customers' own inner messages and in no other form.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import { fromBase64 } from "../codec/bytes.ts";
import { addressOfKey } from "../ring/signature.ts";
import { type MinerSecret, openAuthKey } from "../seal/authkey.ts";

/** An order with its auth key as the customer sent it: base64 of the inner message. */
export type AuthSource = {
  readonly hash: Hash;
  readonly authAddress: Address;
  /** `undefined`: the order names the miner itself as its author (key sharing). */
  readonly sealed: string | undefined;
};

export type AuthRefusal = "ring_auth_missing" | "ring_auth_unreadable" | "ring_auth_wrong";

export class MinerKeys {
  readonly address: Address;
  readonly signing: Uint8Array;
  readonly #secret: MinerSecret;
  readonly #opened = new Map<Hash, Uint8Array>();

  /** `signing`: the secp256k1 key that signs rings, 32 bytes. */
  constructor(signing: Uint8Array, secret: MinerSecret) {
    this.signing = signing;
    this.address = addressOfKey(signing);
    this.#secret = secret;
  }

  /** Opens the order's auth key and holds it; or says why it is none. */
  async learn({ hash, authAddress, sealed }: AuthSource): Promise<AuthRefusal | undefined> {
    if (sealed === undefined) {
      return authAddress === this.address ? undefined : "ring_auth_missing";
    }
    const message = fromBase64(sealed);
    const key = message === undefined ? undefined : await openAuthKey(message, this.#secret);
    if (key === undefined) return "ring_auth_unreadable";
    if (!isKeyOf(key, authAddress)) {
      key.fill(0);
      return "ring_auth_wrong";
    }
    this.#opened.get(hash)?.fill(0);
    this.#opened.set(hash, key);
    return undefined;
  }

  /** Whether the order's auth key is at hand. */
  knows({ hash, authAddress }: Pick<AuthSource, "hash" | "authAddress">): boolean {
    return this.#opened.has(hash) || authAddress === this.address;
  }

  /** The auth key of an order that was learnt. */
  authKey(hash: Hash, authAddress: Address): Uint8Array | undefined {
    return this.#opened.get(hash) ?? (authAddress === this.address ? this.signing : undefined);
  }

  /** Forgets the keys of all orders but those that live. */
  retain(lives: (hash: Hash) => boolean): void {
    for (const [hash, key] of this.#opened) {
      if (lives(hash)) continue;
      key.fill(0);
      this.#opened.delete(hash);
    }
  }
}

/** A number of 32 bytes that is no key (zero, or above the curve's order) is nobody's. */
function isKeyOf(key: Uint8Array, address: Address): boolean {
  try {
    return addressOfKey(key) === address;
  } catch {
    return false;
  }
}
