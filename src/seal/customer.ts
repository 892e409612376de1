/**
 * The customer's side: letters signed and sealed to the exchange, reports opened and verified.
 *
 * The same policy as on the island, seen from the other end: exactly one signature, by a key of the
 * pinned exchange, judged at `at`; every refusal has a name, because here the reader is its owner.
 */
import { createMessage, sign, type PrivateKey } from "openpgp";
import { concat, fromLatin1 } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { accept, type Verdict } from "../codec/verdict.ts";
import { judgedAt, wrapSessionKey, type Certificate } from "./certificate.ts";
import { judge, type BadSignature, type SignatureRefusal } from "./judge.ts";
import type { CustomerKey, ExchangeCertificate } from "./keys.ts";
import { dateOf, openpgpConfig, sealedBytesMax } from "./policy.ts";
import { sealContent } from "./seipd.ts";
import { unseal, type UnsealRefusal } from "./unseal.ts";

/** What `gpg -se` would make of the text, binary. Throws if the customer's key may not sign. */
export async function sealLetter(
  text: string,
  options: {
    readonly key: CustomerKey;
    readonly exchange: ExchangeCertificate;
    readonly at: Time;
  },
): Promise<Uint8Array> {
  const { key, exchange, at } = options;
  return sealSigned(fromLatin1(text), { by: [key.key], to: [exchange], isText: false, at });
}

/** What OpenPGP.js signs, with every key of `by`, and we seal, to every certificate of `to`. */
export async function sealSigned(
  bytes: Uint8Array,
  options: {
    readonly by: readonly PrivateKey[];
    readonly to: readonly Certificate[];
    readonly isText: boolean;
    readonly at: Time;
  },
): Promise<Uint8Array> {
  const { by, to, isText, at } = options;
  const date = dateOf(at);
  const message = isText
    ? await createMessage({ text: new TextDecoder().decode(bytes), date })
    : await createMessage({ binary: bytes, date });
  const content = await sign({
    message,
    signingKeys: [...by],
    date: dateOf(Math.max(...by.map((key) => judgedAt(key, at).getTime()))),
    format: "binary",
    config: openpgpConfig,
  });
  const { packet, key: sessionKey } = sealContent(content);
  const wrapped: Uint8Array[] = [];
  for (const one of to) {
    // The recipient is named in clear, as GnuPG names it: that a letter is for the exchange is no
    // secret.
    wrapped.push(await wrapSessionKey(one, sessionKey, judgedAt(one.key, at), true));
  }
  return concat([...wrapped, packet]);
}

/** Why a report is not believed. */
export type ReportRefusal = UnsealRefusal | BadSignature | SignatureRefusal;

/** The text of a sealed report, binary, one character a byte. */
export async function openReport(
  sealed: Uint8Array,
  options: {
    readonly key: CustomerKey;
    readonly exchange: ExchangeCertificate;
    readonly at: Time;
  },
): Promise<Verdict<string, ReportRefusal>> {
  const { key, exchange, at } = options;
  const bounds = { bytesMax: sealedBytesMax, contentMax: sealedBytesMax };
  const content = await unseal(sealed, { key: key.key, ...bounds });
  if (!content.ok) return content;
  const judgement = await judge(content.value, {
    at,
    us: [key.fingerprint],
    certificateOf: (keyId) => (exchange.keyIds.includes(keyId) ? exchange : undefined),
  });
  return judgement.kind === "good" ? accept(judgement.text) : judgement.refused;
}
