/**
 * Letters of another device: posted here, answered here, read there. This wallet learns nothing but
 * that somebody wrote; what it gives back is sealed to the other device's key.
 */
import { readEnvelope } from "../../../letter/envelope.ts";
import { openReceipt } from "../../../log/receipt.ts";
import { fetchReply } from "../../../wallet/client.ts";
import { verifyEd25519 } from "../../../wallet/ed25519.ts";
import { Payer } from "../../../wallet/postage.ts";
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import type { Exchange } from "../../../wallet/exchange.ts";
import type { Carried } from "./protocol.ts";

/** How long the exchange may take to answer. */
const patienceMs = 30_000;
const pollMs = 500;

/** Posts a sealed letter to every relay, and waits for its reply. */
export async function carryLetter(
  exchange: Exchange,
  sealed: Uint8Array,
): Promise<Outcome<Carried>> {
  const envelope = readEnvelope(sealed);
  if (!envelope.ok) return trouble("E115", `This is no sealed letter: ${envelope.detail}`);
  const { ref } = envelope.value;
  const payer = new Payer({ ref, sealed }, undefined);
  const posted = await Promise.all(exchange.urls.map((url) => payer.post(url, undefined)));
  const receipts = posted.flatMap((answer) => {
    if (answer.kind !== "receipt") return [];
    const signed = exchange.relayKeys.find((key) => {
      const receipt = openReceipt(answer.note, key, verifyEd25519);
      return receipt.ok && receipt.value.ref === ref;
    });
    return signed ? [{ relay: signed.name, note: answer.note }] : [];
  });
  if (receipts.length === 0) {
    const why = posted.flatMap((answer) => {
      if (answer.kind === "refused") return [answer.reason];
      return answer.kind === "failed" ? [answer.why] : [];
    });
    return trouble("E802", `No relay carries the letter. ${why.join("; ")}`);
  }
  return { ok: true, value: { ref, receipts, reply: await replyTo(exchange, ref) } };
}

async function replyTo(exchange: Exchange, ref: string): Promise<Uint8Array | undefined> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    for (const url of exchange.urls) {
      const fetched = await fetchReply(url, ref);
      // Which of two differing replies is true is for the device with the key to say.
      if (fetched.kind === "reply") return fetched.sealed;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return undefined;
}
