/**
 * What can be seen of a certificate without any cryptography: the revocations in it. Everything
 * else about it is judged where OpenPGP is (src/seal/keylife.ts).
 */
import { fromBase64, toBase64, concat } from "../codec/bytes.ts";
import { readPacket } from "./packets.ts";

const signatureTag = 2;
/** Key, subkey and certification revocations (RFC 9580 §5.2.1). */
const revocationTypes: ReadonlySet<number | undefined> = new Set([0x20, 0x28, 0x30]);

/** The bodies of the revocation signatures in a certificate, each in base64. */
export function revocationsIn(certificate: string): ReadonlySet<string> {
  const bytes = fromBase64(certificate) ?? new Uint8Array(0);
  const found = new Set<string>();
  let offset = 0;
  while (offset < bytes.length) {
    const packet = readPacket(bytes, offset);
    if (!packet.ok) return found;
    const { tag, parts, next } = packet.value;
    const body = concat(parts);
    // Its version, then its type.
    if (tag === signatureTag && revocationTypes.has(body[1])) found.add(toBase64(body));
    offset = next;
  }
  return found;
}
