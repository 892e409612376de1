/**
 * Whether the exchange signed its card: OpenPGP, the whole engine of the wallet. This file and what
 * it imports is a part of the program of its own, loaded after the page shows its first numbers.
 */
import { time } from "../../codec/time.ts";
import { readCertificate } from "../../seal/certificate.ts";
import { verifyClearSigned } from "../../seal/card.ts";
import { cardInside } from "../../letter/cardtext.ts";
import type { Exchange } from "./exchange.ts";

/** The sentence that says what is wrong; `undefined`: the card is the exchange's own word. */
export async function cardTrouble(
  { fingerprint, card, parts }: Exchange,
  wallMs: number,
): Promise<string | undefined> {
  // A clock that is wrong must not refuse a card: what counts is when it was signed.
  const at = time(Math.max(wallMs, card.at));
  const certificate = await readCertificate(parts.certificate, at);
  if (!certificate.ok) return `The exchange's certificate does not check: ${certificate.detail}`;
  if (certificate.value.fingerprint !== fingerprint) {
    return "The certificate beside the card has another key number.";
  }
  const signed = await verifyClearSigned(parts.card, certificate.value, at);
  if (!signed.ok) return `The card does not check: ${signed.detail}`;
  return signed.value === cardInside(parts.card) ? undefined : "The card says something else.";
}
