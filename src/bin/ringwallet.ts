/**
 * What the ring commands share: who signs, and which node of the venue's chain is asked.
 *
 * A node's address comes from `--chain`, then SIGNET_CHAIN, then where `npm start` has its
 * development chain. One that was named must be of the venue's chain; the last is only used if it
 * is.
 */
import type { Address } from "../codec/ethereum.ts";
import { nameOfUrl } from "../codec/reach.ts";
import type { CardRing } from "../letter/card.ts";
import type { Account } from "../wallet/account.ts";
import { printable } from "../wallet/amounts.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { providerAt, type Provider } from "../wallet/provider.ts";
import { chainIdOf, hasCode } from "../wallet/ringchain.ts";
import { ethereumKeyIn } from "../wallet/ringkey.ts";
import { addressIn, keySigner, providerSigner, type RingSigner } from "../wallet/ringsigner.ts";

/** Options of commands that sign for the owner of ring orders. */
export type SignerOptions = {
  readonly signer?: string;
  readonly owner?: string;
  readonly contractWallet?: boolean;
};

/** Options of commands that may ask a node. */
export type ChainOptions = { readonly chain?: string };

/** Where `npm start` has its development chain. */
export const chainDefault = "http://127.0.0.1:8545";

/** Who signs. */
export async function signerFor(
  account: Account,
  options: SignerOptions,
): Promise<Outcome<RingSigner>> {
  const owner = ownerIn(options);
  if (!owner.ok) return owner;
  if (options.signer !== undefined) {
    const url = urlIn(options.signer, "--signer");
    if (!url.ok) return url;
    return { ok: true, value: providerSigner(providerAt(url.value), owner.value) };
  }
  const key = await ethereumKeyIn(account);
  if (!key.ok) return key;
  const own = keySigner(key.value);
  const { value } = owner;
  // A contract wallet's order is signed by a key that is not the owner.
  const signer =
    value === undefined
      ? own
      : { ...own, address: () => Promise.resolve({ ok: true as const, value }) };
  return { ok: true, value: signer };
}

function ownerIn({ owner }: SignerOptions): Outcome<Address | undefined> {
  if (owner === undefined) return { ok: true, value: undefined };
  const address = addressIn(owner);
  return address === undefined
    ? trouble("E124", `--owner ${printable(owner)} is no address.`)
    : { ok: true, value: address };
}

function urlIn(text: string, option: string): Outcome<string> {
  try {
    const { protocol } = new URL(text);
    if (protocol === "http:" || protocol === "https:") return { ok: true, value: text };
  } catch {
    // Told below.
  }
  return trouble("E100", `${option} is an address such as ${chainDefault}.`);
}

/** A node of the venue's chain, with its address. */
export type VenueNode = {
  readonly url: string;
  readonly provider: Provider;
  /** What another command must say to find it: nothing, or ` --chain` and where that was. */
  readonly option: string;
};

/** A node, if one is known: a wrong one that was named is a trouble, no node is none. */
export async function nodeFor(
  ring: CardRing,
  options: ChainOptions,
): Promise<Outcome<VenueNode | undefined>> {
  const fromEnvironment = process.env["SIGNET_CHAIN"];
  const named = options.chain ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  const url = urlIn(
    named ?? chainDefault,
    options.chain === undefined ? "SIGNET_CHAIN" : "--chain",
  );
  if (!url.ok) return url;
  const provider = providerAt(url.value);
  const fits = await isOfVenue(ring, provider);
  const option = options.chain === undefined ? "" : ` --chain ${repeated(options.chain)}`;
  if (fits.ok) return { ok: true, value: { url: url.value, provider, option } };
  return named === undefined ? { ok: true, value: undefined } : fits;
}

/** As it was said, unless it has a login or a path: keys of node services stand there. */
function repeated(url: string): string {
  return url.replace(/\/$/, "") === nameOfUrl(url) ? url : "URL";
}

/** The venue's chain, with its contract on it. */
async function isOfVenue(ring: CardRing, provider: Provider): Promise<Outcome<undefined>> {
  const chainId = await chainIdOf(provider);
  if (!chainId.ok) return chainId;
  if (chainId.value !== ring.chainId) {
    const what = `The node is of chain ${chainId.value}; the venue's is chain ${ring.chainId}.`;
    return trouble("E125", what);
  }
  const isThere = await hasCode(provider, ring.contract);
  if (!isThere.ok) return isThere;
  return isThere.value
    ? { ok: true, value: undefined }
    : trouble("E125", `The node's chain has no contract at ${ring.contract}, the venue's.`);
}

/** A node, where nothing goes without one. */
export async function nodeNeeded(
  ring: CardRing,
  options: ChainOptions,
): Promise<Outcome<VenueNode>> {
  const node = await nodeFor(ring, options);
  if (!node.ok) return node;
  return node.value === undefined ? trouble("E127") : { ok: true, value: node.value };
}
