/**
 * The customer's side: letters signed and sealed to the exchange, reports opened and verified.
 *
 * The same policy as on the island, seen from the other end: exactly one signature, by a key of the
 * pinned exchange, judged at `at`; every refusal has a name, because here the reader is its owner.
 */
import { createMessage, sign } from "openpgp";
import { concat, fromLatin1 } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { accept, type Verdict } from "../codec/verdict.ts";
import { judgedAt, wrapSessionKey } from "./certificate.ts";
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
  const binary = fromLatin1(text);
  const message = await createMessage({ binary, date: dateOf(at) });
  const content = await sign({
    message,
    signingKeys: key.key,
    date: judgedAt(key.key, at),
    format: "binary",
    config: openpgpConfig,
  });
  const { packet, key: sessionKey } = sealContent(content);
  // The exchange is named in clear, as GnuPG names it: that the letter is for it is no secret.
  const wrapped = await wrapSessionKey(exchange, sessionKey, judgedAt(exchange.key, at), true);
  return concat([wrapped, packet]);
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
    us: key.fingerprint,
    certificateOf: (keyId) => (exchange.keyIds.includes(keyId) ? exchange : undefined),
  });
  return judgement.kind === "good" ? accept(judgement.text) : judgement.refused;
}
