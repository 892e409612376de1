/**
 * The operating keys without what signs, for a thread that opens letters by OpenPGP.js: it can do
 * nothing else with what it was given. Plain data, which cross to a thread.
 *
 * The fast path's threads get their parts from fast/keys.ts.
 */
import { readPrivateKey, SecretKeyPacket, SecretSubkeyPacket, type PrivateKey } from "openpgp";
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { OperatingKeys } from "./keys.ts";
import type { OpeningKeys } from "./open.ts";
import { openpgpConfig } from "./policy.ts";

/** The whole keys as packets, with the secrets of their decryption subkeys and no others. */
export type OpeningPart = {
  readonly fingerprint: Fingerprint;
  readonly binary: Uint8Array;
  readonly v6: { readonly fingerprint: string; readonly binary: Uint8Array } | undefined;
};

const decrypting: ReadonlySet<string> = new Set(["ecdh", "x25519"]);

/** What a thread that opens is given. */
export async function openingPart({ fingerprint, key, v6 }: OperatingKeys): Promise<OpeningPart> {
  return {
    fingerprint,
    binary: await withoutSigning(key),
    v6: v6 && { fingerprint: v6.fingerprint, binary: await withoutSigning(v6.key) },
  };
}

async function withoutSigning(whole: PrivateKey): Promise<Uint8Array> {
  const key = await readPrivateKey({ binaryKey: whole.write(), config: openpgpConfig });
  let left = 0;
  for (const { keyPacket } of key.getKeys()) {
    const isSecret =
      keyPacket instanceof SecretKeyPacket || keyPacket instanceof SecretSubkeyPacket;
    assert(isSecret, "the operating keys are secret keys");
    const { algorithm } = keyPacket.getAlgorithmInfo();
    if (decrypting.has(algorithm)) left += 1;
    else keyPacket.makeDummy(openpgpConfig);
  }
  assert(left > 0, "the operating keys can open");
  return key.write();
}

/** The keys again, in the thread. */
export async function readOpeningPart({
  fingerprint,
  binary,
  v6,
}: OpeningPart): Promise<OpeningKeys> {
  const key = await readPrivateKey({ binaryKey: binary, config: openpgpConfig });
  if (v6 === undefined) return { fingerprint, key };
  const second = await readPrivateKey({ binaryKey: v6.binary, config: openpgpConfig });
  return { fingerprint, key, v6: { fingerprint: v6.fingerprint, key: second } };
}
