/**
 * A customer's sealed letter, opened on the island by the reference path, OpenPGP.js.
 *
 * Whatever arrives, the outcome is one of three and nothing is thrown. `unopenable` is uniform
 * towards the sender: `why` is for the operator's log only, and never quotes what was inside.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { Refused } from "../codec/verdict.ts";
import { readCertificate, type Certificate } from "./certificate.ts";
import {
  judge,
  signedText,
  type BadSignature,
  type Judgement,
  type SignatureRefusal,
} from "./judge.ts";
import type { OperatingKeys } from "./keys.ts";
import { letterContentMax, letterSealedMax } from "./policy.ts";
import { signatureTypes } from "./signature.ts";
import { unseal, type Content } from "./unseal.ts";

/** Nothing of the operating keys that signs. */
export type OpeningKeys = Pick<OperatingKeys, "fingerprint" | "key" | "v6">;

export type OpenOptions = {
  readonly keys: OpeningKeys;
  /** The receipt: the instant at which everything is judged. */
  readonly at: Time;
  /** The registered certificate in which a key of this id (16 hex digits) may sign. */
  readonly certificateOf: (keyId: string) => Certificate | undefined;
  /** The certificate in a letter whose first command registers one. */
  readonly registrationIn: (text: string) => Uint8Array | undefined;
};

export type Opened =
  /**
   * Exactly one good signature. `evidence` is its packet: with the text, what `gpg --verify` takes.
   */
  | {
      readonly kind: "opened";
      readonly signer: Fingerprint;
      readonly text: string;
      readonly evidence: Uint8Array;
      /** The certificate that the letter carries and was judged by, if nobody knew its signer. */
      readonly registers?: Certificate;
    }
  /** A good signature by a registered key, against the policy: the customer is told by name. */
  | {
      readonly kind: "refused";
      readonly signer: Fingerprint;
      readonly text: string;
      readonly name: SignatureRefusal;
      readonly detail: string;
    }
  | { readonly kind: "unopenable"; readonly why: string };

/** Of both certificates: what a letter's signature may name as its intended recipient. */
export function ourFingerprints({ fingerprint, v6 }: OpeningKeys): readonly string[] {
  return v6 === undefined ? [fingerprint] : [fingerprint, v6.fingerprint];
}

/** Opens a binary letter. */
export async function openLetter(sealed: Uint8Array, options: OpenOptions): Promise<Opened> {
  const { keys, at, certificateOf } = options;
  const bounds = { bytesMax: letterSealedMax, contentMax: letterContentMax };
  const content = await unseal(sealed, { key: keys.key, v6: keys.v6?.key, ...bounds });
  if (!content.ok) return unopenable(content);
  const known = await judge(content.value, { at, us: ourFingerprints(keys), certificateOf });
  if (known.kind !== "bad") return told(known);
  return openRegistration(content.value, known.refused, options);
}

/**
 * A letter by nobody known may carry the certificate that it is to be judged by. It is read also
 * where a known key is claimed and did not sign: how long an answer takes must not say whose key
 * ids are known.
 */
async function openRegistration(
  content: Content,
  bad: Refused<BadSignature>,
  { keys, at, registrationIn }: OpenOptions,
): Promise<Opened> {
  const binary = registrationIn(textOf(content));
  if (binary === undefined) return unopenable(bad);
  const read = await readCertificate(binary, at);
  if (!read.ok) return unopenable(read);
  const certificateOf = (keyId: string): Certificate | undefined =>
    read.value.keyIds.includes(keyId) ? read.value : undefined;
  const judged = await judge(content, { at, us: ourFingerprints(keys), certificateOf });
  // Nobody is registered yet, so there is nobody to whom a refusal could be sealed.
  if (judged.kind !== "good") return unopenable(judged.refused);
  return { ...good(judged), registers: read.value };
}

/** Read before any signature is verified, only to find the certificate; used no further. */
function textOf({ bytes, signatures }: Content): string {
  return signedText(bytes, signatures[0]?.facts.type ?? signatureTypes.binary);
}

function good({ signer, text, evidence }: Extract<Judgement, { kind: "good" }>) {
  return { kind: "opened", signer: signer.fingerprint, text, evidence } as const;
}

function told(judgement: Exclude<Judgement, { kind: "bad" }>): Opened {
  if (judgement.kind === "good") return good(judgement);
  const { signer, text } = judgement;
  const { name, detail } = judgement.refused;
  return { kind: "refused", signer: signer.fingerprint, text, name, detail };
}

function unopenable({ name, detail }: { readonly name: string; readonly detail: string }): Opened {
  return { kind: "unopenable", why: `${name}: ${detail}` };
}
