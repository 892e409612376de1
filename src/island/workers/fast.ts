/**
 * Where the island meets the fast path of `seal/`: what crosses to a thread, and what the thread
 * makes of it. Nothing else below `island/` names the fast path.
 */
import type { Time } from "../../codec/time.ts";
import { registrationIn } from "../../letter/parse.ts";
import type { DigestedCertificate } from "../../seal/fast/digest.ts";
import {
  openingKey,
  openingKeysOf,
  signingKey,
  signingKeyOf,
  type OpeningKeyData,
  type SigningKeyData,
} from "../../seal/fast/keys.ts";
import { openFast } from "../../seal/fast/open.ts";
import { sealFast } from "../../seal/fast/seal.ts";
import type { OperatingKeys } from "../../seal/keys.ts";
import { ourFingerprints } from "../../seal/open.ts";
import type { FastOpening } from "./opening.ts";

/** What an opener is given: nothing of it signs. */
export type OpeningData = {
  /** Of both certificates: what a letter may be meant for. */
  readonly us: readonly string[];
  readonly keys: readonly OpeningKeyData[];
};

/** What a sealer is given: nothing of it opens. */
export type SigningData = SigningKeyData;

/** What an opener is given. */
export function openingData(keys: OperatingKeys): OpeningData {
  return { us: ourFingerprints(keys), keys: openingKeysOf(keys) };
}

/** What a sealer is given. */
export function signingData(keys: OperatingKeys): SigningData {
  return signingKeyOf(keys);
}

/** A registered certificate as an opener looks it up; without a digest it is opened slowly. */
export type LookUp = (
  keyId: string,
) => { readonly digest: DigestedCertificate | undefined } | undefined;

/** Opens in a thread, with what it was given. */
export function fastOpener(
  data: OpeningData,
  lookUp: LookUp,
): (sealed: Uint8Array, at: Time) => FastOpening {
  const keys = data.keys.map(openingKey);
  return (sealed, at) => {
    let undigested = false;
    const certificateOf = (keyId: string): DigestedCertificate | undefined => {
      const found = lookUp(keyId);
      undigested ||= found !== undefined && found.digest === undefined;
      return found?.digest;
    };
    const isRegistration = (text: string): boolean => registrationIn(text) !== undefined;
    const { us } = data;
    const opened = openFast(sealed, { keys, at, us, certificateOf, isRegistration });
    // What was said of it without the certificate of who may have signed it does not count.
    if (undigested) return { kind: "slow", why: "a certificate that is not digested yet" };
    return opened.kind === "unsupported" ? { kind: "slow", why: opened.why } : opened;
  };
}

/** Seals in a thread, with what it was given; `undefined`: a recipient of a rare kind. */
export function fastSealer(
  data: SigningData,
): (text: string, to: DigestedCertificate, at: Time) => Uint8Array | undefined {
  const signer = signingKey(data);
  return (text, to, at) => sealFast(text, { signer, to, at });
}
