/**
 * The exchange's reports, signed by its operating key and sealed to one customer.
 *
 * No key id stands in clear (a hidden recipient), nothing is compressed, and the signature names
 * both the customer it is meant for (not critical: GnuPG 2.2 would refuse that) and, through the
 * text, the exchange. A customer cannot hand a report on as if it had been sealed to someone else.
 */
import { concat } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { judgedAt, wrapSessionKey, type Certificate } from "./certificate.ts";
import type { OperatingKeys } from "./keys.ts";
import { tags, writePacket } from "./packets.ts";
import { sealContent } from "./seipd.ts";
import {
  edDsa,
  makeSignature,
  sha512Id,
  signatureTypes,
  subpackets,
  writeFingerprintSubpacket,
  type Signer,
} from "./signature.ts";

/**
 * A binary message that `gpg -d` opens and finds a good signature in. `text` is one character a
 * byte.
 */
export async function sealReport(
  text: string,
  options: {
    readonly keys: Pick<OperatingKeys, "signer">;
    readonly to: Certificate;
    readonly at: Time;
  },
): Promise<Uint8Array> {
  const { keys, to, at } = options;
  const content = signedContent(Buffer.from(text, "latin1"), keys.signer, to, at);
  const { packet, key } = sealContent(...content);
  const sessionKey = await wrapSessionKey(to, key, judgedAt(to.key, at));
  return concat([sessionKey, packet]);
}

/** One-pass header, literal, signature: what the recipient's tool expects inside. */
export function signedContent(
  bytes: Uint8Array,
  signer: Signer,
  to: { readonly fingerprint: Fingerprint },
  at: Time,
): readonly Uint8Array[] {
  const signature = makeSignature({
    signer,
    type: signatureTypes.binary,
    created: at,
    hashed: [writeFingerprintSubpacket(subpackets.recipient, to.fingerprint)],
    data: bytes,
  });
  const issuer = Buffer.from(signer.fingerprint.slice(24), "hex");
  const head = [3, signatureTypes.binary, sha512Id, edDsa, ...issuer, 1];
  return [
    writePacket(tags.onePass, Uint8Array.from(head)),
    writePacket(tags.literal, literalHead, bytes),
    writePacket(tags.signature, signature),
  ];
}

/** Format `b`, no file name, no date: none of these is signed, so none says anything. */
const literalHead = Uint8Array.from([0x62, 0, 0, 0, 0, 0]);
