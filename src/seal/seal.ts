/**
 * The exchange's reports, signed by its operating key and sealed to one customer.
 *
 * No key id stands in clear (a hidden recipient), nothing is compressed, and the signature names
 * both the customer it is meant for (not critical: GnuPG 2.2 would refuse that) and, through the
 * text, the exchange. A customer cannot hand a report on as if it had been sealed to someone else.
 */
import { sha512 } from "#primitives";
import { concat } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { judgedAt, wrapSessionKey, type Certificate } from "./certificate.ts";
import type { OperatingKeys } from "./keys.ts";
import { tags, writeMpi, writePacket, writePacketHead } from "./packets.ts";
import { sealContent } from "./seipd.ts";
import {
  createdOffset,
  edDsa,
  sha512Id,
  signatureHead,
  signatureTrailer,
  signatureTypes,
  subpackets,
  unhashedArea,
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

/**
 * One-pass header, literal, signature: what the recipient's tool expects inside, in parts. All but
 * the time, the text and the signature's numbers is the same in every report to one customer.
 */
export function signedContent(
  bytes: Uint8Array,
  signer: Signer,
  to: Recipient,
  at: Time,
): readonly Uint8Array[] {
  const { onePass, head, trailer, unhashed } = formOf(signer, to);
  const dated = Buffer.from(head);
  dated.writeUInt32BE(Math.floor(at / 1000), createdOffset);
  const digest = sha512(bytes, dated, trailer);
  const signed = signer.sign(digest);
  const body = Buffer.concat([
    dated,
    unhashed,
    digest.subarray(0, 2),
    writeMpi(signed.subarray(0, 32)),
    writeMpi(signed.subarray(32)),
  ]);
  const literal = writePacketHead(tags.literal, literalHead.length + bytes.length);
  const before = Buffer.concat([onePass, literal, literalHead]);
  return [before, bytes, writePacketHead(tags.signature, body.length), body];
}

/** Format `b`, no file name, no date: none of these is signed, so none says anything. */
const literalHead = new Uint8Array([0x62, 0, 0, 0, 0, 0]);

type Recipient = { readonly fingerprint: Fingerprint };

/** What every report of one key to one customer has in common. */
type Form = {
  readonly onePass: Uint8Array;
  /** With no time yet. */
  readonly head: Uint8Array;
  readonly trailer: Uint8Array;
  readonly unhashed: Uint8Array;
};

const forms = new WeakMap<Recipient, { readonly signer: Signer; readonly form: Form }>();

function formOf(signer: Signer, to: Recipient): Form {
  const known = forms.get(to);
  if (known?.signer === signer) return known.form;
  const hashed = [writeFingerprintSubpacket(subpackets.recipient, to.fingerprint)];
  const head = signatureHead({ signer, type: signatureTypes.binary, created: 0, hashed });
  const issuer = Buffer.from(signer.fingerprint.slice(24), "hex");
  const onePass = [3, signatureTypes.binary, sha512Id, edDsa, ...issuer, 1];
  const form = {
    onePass: writePacket(tags.onePass, new Uint8Array(onePass)),
    head,
    trailer: signatureTrailer(head.length),
    unhashed: unhashedArea(signer),
  };
  forms.set(to, { signer, form });
  return form;
}
