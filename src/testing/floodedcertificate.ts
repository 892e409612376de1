/**
 * A certificate as dear to judge as one may be: its owner signed it anew a hundred times, each time
 * a day later, and each signature is right.
 */
import { fromAscii, concat } from "../codec/bytes.ts";
import { edDsaPart, hashed, keyFlags, preferences } from "../seal/certify.ts";
import { readPackets, tags, writeNumber, writePacket } from "../seal/packets.ts";
import { ed25519Of } from "../seal/primitives.ts";
import { makeSignature, signatureTypes } from "../seal/signature.ts";

const userId = fromAscii("customer");
const day = 86_400_000;

/** The certificate of the key of `seed` with `count` more certifications, before its subkey. */
export function flooded(
  certificate: Uint8Array,
  key: { readonly seed: Uint8Array; readonly created: number },
  count: number,
): Uint8Array {
  const primary = edDsaPart(key.seed, key.created);
  const signer = { fingerprint: primary.fingerprint, sign: ed25519Of(key.seed).sign };
  const data = [hashed(primary.body), Uint8Array.of(0xb4), writeNumber(userId.length, 4), userId];
  const certifications = Array.from({ length: count }, (_, i) => {
    const body = makeSignature({
      signer,
      type: signatureTypes.positiveCertification,
      created: key.created + i * day,
      hashed: preferences(keyFlags.certify | keyFlags.sign).slice(0, 1),
      data: concat(data),
    });
    return writePacket(tags.signature, body);
  });
  const packets = (readPackets(certificate, 10) ?? []).map(({ tag, body }) =>
    writePacket(tag, body),
  );
  return concat([...packets.slice(0, 3), ...certifications, ...packets.slice(3)]);
}
