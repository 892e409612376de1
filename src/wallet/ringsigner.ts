/**
 * Who signs a ring order for its owner: the account's own Ethereum key, or any wallet that speaks
 * `eth_signTypedData_v4`, as a provider in a page (EIP-1193) or at a URL (JSON-RPC). The order is
 * typed data (EIP-712), so that the other wallet can show it field by field.
 *
 * Whatever comes back is judged here: it must recover to the owner, or the owner must be a contract
 * that answers for it (ERC-1271), which only the chain can say.
 */
import { fromHex } from "../codec/bytes.ts";
import { type Address, type Hash, parseAddress } from "../codec/ethereum.ts";
import { ringSignatureMax, ringSignatureMin } from "../letter/limits.ts";
import { orderHash } from "../ring/digest.ts";
import { parseOrder, type TypedData } from "../ring/json.ts";
import { addressOfKey, compactSignature, recoverSigner, signDigest } from "../ring/signature.ts";
import { printable } from "./amounts.ts";
import { trouble, type Outcome } from "./errors.ts";
import type { Provider } from "./provider.ts";

/** Signs typed data for one owner. */
export type RingSigner = {
  readonly address: () => Promise<Outcome<Address>>;
  /** The signature, as bytes; not judged yet. */
  readonly signTypedData: (data: TypedData) => Promise<Outcome<Uint8Array>>;
};

/** The account's own key. */
export function keySigner(key: Uint8Array): RingSigner {
  return {
    address: () => Promise.resolve({ ok: true, value: addressOfKey(key) }),
    signTypedData: (data) => {
      const order = parseOrder(JSON.stringify(data.message));
      if (!order.ok) return Promise.resolve(trouble("E121", `It is no order: ${order.detail}.`));
      const { chainId, verifyingContract: contract } = data.domain;
      const hash = orderHash({ chainId: BigInt(chainId), contract }, order.value);
      return Promise.resolve({ ok: true, value: signDigest(hash, key) });
    },
  };
}

/** Another wallet; it signs as `owner`, or as the first of its accounts. */
export function providerSigner(provider: Provider, owner?: Address): RingSigner {
  const address = async (): Promise<Outcome<Address>> => {
    if (owner !== undefined) return { ok: true, value: owner };
    const accounts = await provider.request({ method: "eth_accounts", params: [] });
    if (!accounts.ok) return accounts;
    const first: unknown = Array.isArray(accounts.value) ? accounts.value[0] : undefined;
    const found = typeof first === "string" ? addressIn(first) : undefined;
    return found === undefined
      ? trouble("E122", "The signer names no account of its own.")
      : { ok: true, value: found };
  };
  return {
    address,
    signTypedData: async (data) => {
      const from = await address();
      if (!from.ok) return from;
      const params = [from.value, JSON.stringify(data)];
      const signed = await provider.request({ method: "eth_signTypedData_v4", params });
      if (!signed.ok) return signed;
      const text = typeof signed.value === "string" ? signed.value : "";
      const bytes = /^0x/i.test(text) ? fromHex(text.slice(2).toLowerCase()) : undefined;
      if (bytes === undefined || bytes.length < ringSignatureMin) {
        return trouble("E122", `The signer gave no signature: ${printable(text)}`);
      }
      return bytes.length > ringSignatureMax
        ? trouble("E122", `The signer's signature has ${bytes.length} bytes; 1,024 are the most.`)
        : { ok: true, value: bytes };
    },
  };
}

/** An address as wallets write it: any capitals, since not all of them know the checksum. */
export function addressIn(text: string): Address | undefined {
  return parseAddress(text) ?? parseAddress(text.toLowerCase());
}

/** An owner's signature that may go into a letter. */
export type OwnerSignature = {
  readonly bytes: Uint8Array;
  /** `contract`: it counts if the owner is a contract wallet that accepts it. */
  readonly by: "key" | "contract";
};

/** Has the order signed, and judges the signature. */
export async function ownerSignature(
  signer: RingSigner,
  about: {
    readonly data: TypedData;
    readonly hash: Hash;
    readonly owner: Address;
    readonly isContractWallet: boolean;
  },
): Promise<Outcome<OwnerSignature>> {
  const signed = await signer.signTypedData(about.data);
  if (!signed.ok) return signed;
  const bytes = compactSignature(signed.value);
  if (bytes === undefined) {
    return trouble("E122", "The signature's last byte is none of 27, 28, 0 and 1.");
  }
  const by = recoverSigner(about.hash, bytes);
  if (by === about.owner) return { ok: true, value: { bytes, by: "key" } };
  if (about.isContractWallet) return { ok: true, value: { bytes, by: "contract" } };
  const whose = by === undefined ? "no key's" : `that of ${by}`;
  return trouble("E123", `The signature is ${whose}, not that of the owner ${about.owner}.`);
}
