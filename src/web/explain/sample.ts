/**
 * A sample letter, really signed by a key that was made for it and really sealed to this exchange's
 * key, in the browser. It is never sent, and the key is forgotten. It is a part of the program of
 * its own.
 */
import { toHex } from "../../codec/bytes.ts";
import { time } from "../../codec/time.ts";
import { readEnvelope } from "../../letter/envelope.ts";
import { printLetter } from "../../letter/print.ts";
import { readCertificate } from "../../seal/certificate.ts";
import { sealLetter } from "../../seal/customer.ts";
import { customerKeyFromSeed, readCustomerKey } from "../../seal/keys.ts";
import type { Exchange } from "../view/exchange.ts";

export type Sample = {
  readonly text: string;
  readonly bytes: number;
  /** The first bytes, in hex. */
  readonly beginning: string;
  readonly ref: string;
};

const shownBytes = 160;
const hourMs = 3_600_000;

/** Writes, signs and seals; `undefined` if the exchange's certificate does not check. */
export async function sampleLetter(
  exchange: Exchange,
  wallMs: number,
): Promise<Sample | undefined> {
  const at = time(Math.max(wallMs, exchange.card.at));
  const certificate = await readCertificate(exchange.parts.certificate, at);
  if (!certificate.ok) return undefined;
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const made = await customerKeyFromSeed(seed, { userId: "sample" });
  const key = await readCustomerKey(made.secret);
  const market = exchange.card.markets[0]?.name ?? "GLD/BTC";
  const text = printLetter({
    exchange: exchange.fingerprint,
    seq: 1,
    by: time(Math.floor((at + hourMs) / 1000) * 1000),
    commands: [`BUY|${market}|10|4200|id=first`],
  });
  const sealed = await sealLetter(text, { key, exchange: certificate.value, at });
  const envelope = readEnvelope(sealed);
  if (!envelope.ok) return undefined;
  const beginning = toHex(sealed.subarray(0, shownBytes));
  return { text, bytes: sealed.length, beginning, ref: envelope.value.ref };
}
