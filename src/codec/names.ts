/**
 * The names that cross zones, each a branded text with one constructor, so that a `Ref` cannot be
 * handed in where an `OrderId` is wanted (PROTOCOL §2: three ids, never mixed).
 *
 *   Fingerprint  40 lower hex: a v4 OpenPGP primary key; the first one registered names an account
 *   Ref          64 lower hex: SHA-256 over the body of the letter's SEIPD packet; relays know it
 *   OrderId      64 lower hex: SHA-256(fingerprint, LF, signed text); customer and engine know it
 *   Tag          64 lower hex: the address of a mailbox
 *   Digest       64 lower hex: any other SHA-256
 */
import { assert } from "./assert.ts";

declare const brand: unique symbol;
export type Fingerprint = string & { readonly [brand]: "Fingerprint" };
export type Ref = string & { readonly [brand]: "Ref" };
export type OrderId = string & { readonly [brand]: "OrderId" };
export type Tag = string & { readonly [brand]: "Tag" };
export type Digest = string & { readonly [brand]: "Digest" };

export function isFingerprint(text: string): text is Fingerprint {
  return /^[0-9a-f]{40}$/.test(text);
}

export function fingerprint(text: string): Fingerprint {
  assert(isFingerprint(text), "a fingerprint is 40 lower-case hex digits");
  return text;
}

export function isHex64(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

export function ref(text: string): Ref {
  assert(isHex64(text), "a ref is 64 lower-case hex digits");
  return text as Ref;
}

export function orderId(text: string): OrderId {
  assert(isHex64(text), "an order id is 64 lower-case hex digits");
  return text as OrderId;
}

export function tag(text: string): Tag {
  assert(isHex64(text), "a mailbox tag is 64 lower-case hex digits");
  return text as Tag;
}

export function digest(text: string): Digest {
  assert(isHex64(text), "a digest is 64 lower-case hex digits");
  return text as Digest;
}

/**
 * How an 80-bit id is shown to people: the first 20 hex digits in five groups,
 * `5c1e-77d0-12ab-90fe-3310`.
 */
export function shortId(id: Ref | OrderId): string {
  return (id.slice(0, 20).match(/.{4}/g) ?? []).join("-");
}
