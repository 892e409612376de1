/**
 * The exchange's ceremony: its root keys, out of the safe for this, replace the operating keys
 * (docs/spec/exchange.md §1). And the tie between its two certificates.
 */
import { readKey, type PublicKey } from "openpgp";
import type { Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import {
  certifyOperating,
  makeRoot,
  namingNotation,
  readRoot,
  writeRoot,
  type Certified,
  type Root,
} from "./ceremony.ts";
import { judgedAt, type Certificate } from "./certificate.ts";
import { form6 } from "./form.ts";
import { openpgpConfig } from "./policy.ts";

/** The files of one certificate that a ceremony reads, armored. */
export type Held = { readonly root: string; readonly certificate: string };

/** What a rotation is given. */
export type RotationOptions = {
  readonly v4: Held;
  /** Without one, the exchange gets its version 6 certificate now. */
  readonly v6: Held | undefined;
  /** Of both root keys; empty if they have none. */
  readonly passphrase: string;
  readonly at: Time;
  /** How long letters sealed to the old encryption subkeys still open, milliseconds. */
  readonly grace: number;
  /** The old subkeys are revoked: their secrets may be known to others. */
  readonly compromised: boolean;
};

/** What a rotation makes. */
export type Rotated = {
  readonly v4: Certified;
  /** `rootSecret`: only where there was no version 6 before. */
  readonly v6: Certified & { readonly rootSecret?: string };
};

/** Why no rotation is made, in order of precedence. */
export const rotationRefusals = [
  "certificate_malformed",
  "root_of_another",
  "root_from_future",
] as const;
export type RotationRefusal = (typeof rotationRefusals)[number];

/** New operating keys of both versions, certified. Throws if a root key does not open. */
export async function rotateExchangeKeys(
  options: RotationOptions,
): Promise<Verdict<Rotated, RotationRefusal>> {
  const { v4, v6, passphrase, at, grace, compromised } = options;
  const first = await opened(v4, options);
  if (!first.ok) return first;
  const second = v6 === undefined ? undefined : await opened(v6, options);
  if (second?.ok === false) return second;
  const root6 = second?.value.root ?? makeRoot(form6, at);
  const { root, before } = first.value;
  const how = { at, grace, compromised };
  const made4 = await certifyOperating(root, { ...how, other: root6.part.fingerprint, before });
  const made6 = await certifyOperating(root6, {
    ...how,
    other: root.part.fingerprint,
    ...(second === undefined ? {} : { before: second.value.before }),
  });
  const fresh =
    second === undefined ? { rootSecret: await writeRoot(root6, at, passphrase) } : undefined;
  return accept({ v4: made4, v6: { ...made6, ...fresh } });
}

/** A root key with the certificate that it made. */
async function opened(
  held: Held,
  { passphrase, at }: RotationOptions,
): Promise<Verdict<{ readonly root: Root; readonly before: PublicKey }, RotationRefusal>> {
  const before = await readPublic(held.certificate);
  if (before === undefined) return refuse("certificate_malformed", "It is no certificate.");
  const root = await readRoot(held.root, passphrase);
  if (root.part.fingerprint !== before.getFingerprint()) {
    const { fingerprint } = root.part;
    return refuse("root_of_another", `The root key ${fingerprint} did not make the certificate.`);
  }
  if (before.getKeys().some((key) => key.getCreationTime().getTime() > at)) {
    return refuse("root_from_future", "A key in the certificate is newer than this clock says.");
  }
  return accept({ root, before });
}

/** The binary of an armored certificate. Throws if it is none. */
export async function armoredBinary(certificate: string): Promise<Uint8Array> {
  const key = await readPublic(certificate);
  if (key === undefined) throw new Error("couldn't read a certificate: it is not armored OpenPGP");
  return key.write();
}

async function readPublic(given: string | Uint8Array): Promise<PublicKey | undefined> {
  try {
    const key =
      typeof given === "string"
        ? await readKey({ armoredKey: given, config: openpgpConfig })
        : await readKey({ binaryKey: given, config: openpgpConfig });
    return key.isPrivate() ? undefined : key;
  } catch {
    return undefined;
  }
}

/** The exchange's version 6 certificate, binary and read. */
export type SecondCertificate = {
  /** 64 hex digits. */
  readonly fingerprint: string;
  readonly binary: Uint8Array;
  readonly key: PublicKey;
};

/** Why a version 6 certificate is not the exchange's, in order of precedence. */
export const secondRefusals = [
  "second_malformed",
  "second_not_named",
  "second_names_another",
] as const;
export type SecondRefusal = (typeof secondRefusals)[number];

/**
 * Reads the exchange's version 6 certificate, which the pinned version 4 one must name, and which
 * must name that one: each says so under its own root key.
 */
export async function readSecondCertificate(
  given: Uint8Array | string,
  first: Certificate,
  at: Time,
): Promise<Verdict<SecondCertificate, SecondRefusal>> {
  const key = await readPublic(given);
  if (key?.keyPacket.version !== 6) {
    return refuse("second_malformed", "It is no version 6 certificate.");
  }
  const fingerprint = key.getFingerprint();
  const named = await namedBy(first.key, at);
  if (named !== fingerprint) {
    return refuse("second_not_named", `The pinned certificate names ${named ?? "none"}.`);
  }
  const back = await namedBy(key, at);
  if (back !== first.fingerprint) {
    return refuse("second_names_another", `It names ${back ?? "none"}.`);
  }
  return accept({ fingerprint, binary: key.write(), key });
}

/** The fingerprint that a certificate's newest good self-signature names. */
async function namedBy(key: PublicKey, at: Time): Promise<string | undefined> {
  const date = judgedAt(key, at);
  const version = key.keyPacket.version === 6 ? 6 : 4;
  try {
    await key.verifyPrimaryKey(date, undefined, openpgpConfig);
    const { selfCertification } = await key.getPrimaryUser(date, undefined, openpgpConfig);
    const wanted = namingNotation[version];
    const notation = selfCertification.rawNotations.find(({ name }) => name === wanted);
    return notation === undefined ? undefined : new TextDecoder().decode(notation.value);
  } catch {
    return undefined;
  }
}
