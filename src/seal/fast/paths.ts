/**
 * The two paths to one answer: the fast one for the forms it reads, OpenPGP.js for the rest, and
 * OpenPGP.js for everything where `SIGNET_OPENPGP=reference` says so.
 */
import type { Time } from "../../codec/time.ts";
import type { Certificate } from "../certificate.ts";
import type { OperatingKeys } from "../keys.ts";
import { openLetter, ourFingerprints, type Opened, type OpenOptions } from "../open.ts";
import { sealReport } from "../seal.ts";
import type { Signer } from "../signature.ts";
import { digestCertificate, type DigestedCertificate } from "./digest.ts";
import { openingKey, openingKeysOf, signingKey, signingKeyOf, type OpeningKey } from "./keys.ts";
import { openFast } from "./open.ts";
import { sealFast } from "./seal.ts";

/** Whether the whole system is to run on OpenPGP.js alone. */
export function isReferenceOnly(): boolean {
  return process.env["SIGNET_OPENPGP"] === "reference";
}

const openingKeys = new WeakMap<OpenOptions["keys"], readonly OpeningKey[]>();
const signers = new WeakMap<OperatingKeys, Signer>();
const digests = new WeakMap<Certificate, DigestedCertificate>();

/** Opens a letter by the path that reads it. Never throws, whatever the bytes. */
export async function openByPath(sealed: Uint8Array, options: OpenOptions): Promise<Opened> {
  if (isReferenceOnly()) return openLetter(sealed, options);
  const { keys, at, certificateOf, registrationIn } = options;
  const ready = openingKeys.get(keys) ?? openingKeysOf(keys).map(openingKey);
  openingKeys.set(keys, ready);
  // A certificate is digested when it is first asked for, and the letter opened once more.
  const wanted: Certificate[] = [];
  const digested = (keyId: string): DigestedCertificate | undefined => {
    const certificate = certificateOf(keyId);
    if (certificate === undefined) return undefined;
    const known = digests.get(certificate);
    if (known === undefined) wanted.push(certificate);
    return known;
  };
  for (;;) {
    const opened = openFast(sealed, {
      keys: ready,
      at,
      us: ourFingerprints(keys),
      certificateOf: digested,
      isRegistration: (text) => registrationIn(text) !== undefined,
    });
    const [missing] = wanted.splice(0);
    if (missing === undefined) {
      return opened.kind === "unsupported" ? openLetter(sealed, options) : opened;
    }
    digests.set(missing, await digestCertificate(missing));
  }
}

/** Seals a report by the path that knows its recipient's key. */
export async function sealByPath(
  text: string,
  options: { readonly keys: OperatingKeys; readonly to: Certificate; readonly at: Time },
): Promise<Uint8Array> {
  const { keys, to, at } = options;
  if (isReferenceOnly()) return sealReport(text, options);
  const signer = signers.get(keys) ?? signingKey(signingKeyOf(keys));
  signers.set(keys, signer);
  const digested = digests.get(to) ?? (await digestCertificate(to));
  digests.set(to, digested);
  return sealFast(text, { signer, to: digested, at }) ?? sealReport(text, options);
}
