/**
 * What is checked of a ring order before anything acts on it: whose signature it carries, and that
 * the auth key that came with it is the one it names. Done once, where the keys are; whoever keeps
 * the orders notes the answer.
 */
import { type Domain, orderHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { compactSignature, recoverSigner } from "../ring/signature.ts";
import type { AuthRefusal, MinerKeys } from "./keys.ts";

/** `by_wallet`: not signed by the owner's key, so that only the owner's contract can say yes. */
export type Vetted = "good" | "by_wallet" | AuthRefusal;

/** An order as it came: signature of any length, auth key as base64 of the inner message. */
export type OfferedOrder = {
  readonly order: RingOrder;
  readonly signature: Uint8Array;
  readonly auth: string | undefined;
};

/** Checks the order; if nothing is wrong its auth key is held from now on. */
export async function vetOrder(
  domain: Domain,
  keys: MinerKeys,
  { order, signature, auth }: OfferedOrder,
): Promise<Vetted> {
  const hash = orderHash(domain, order);
  const compact = compactSignature(signature);
  const signer = compact === undefined ? undefined : recoverSigner(hash, compact);
  const refused = await keys.learn({ hash, authAddress: order.authAddress, sealed: auth });
  return refused ?? (signer === order.owner ? "good" : "by_wallet");
}
