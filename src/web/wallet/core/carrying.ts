/**
 * Letters of another device: posted here, answered here, read there. This wallet learns nothing but
 * that somebody wrote; what it gives back is sealed to the other device's key.
 */
import type { Ref } from "../../../codec/names.ts";
import { readEnvelope } from "../../../letter/envelope.ts";
import { openReceipt } from "../../../log/receipt.ts";
import { fetchReply } from "../../../wallet/client.ts";
import { verifyEd25519 } from "../../../wallet/ed25519.ts";
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import type { Exchange } from "../../../wallet/exchange.ts";
import { pause } from "../../../wallet/pause.ts";
import { Payer } from "../../../wallet/postage.ts";
import type { Carried } from "./protocol.ts";

/** How long the exchange may take to answer, and a relay to be paid. */
const patienceMs = 30_000;
/** How much longer than the quickest relay others may take to carry it: some want to be paid. */
const strayMs = 2000;
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
  const over = new AbortController();
  const stop = AbortSignal.any([over.signal, AbortSignal.timeout(patienceMs)]);
  const receipts: { relay: string; note: string }[] = [];
  const why: string[] = [];
  await Promise.all(
    exchange.urls.map(async (url) => {
      const answer = await payer.post(url, stop);
      if (answer.kind === "refused") why.push(answer.reason);
      if (answer.kind === "failed") why.push(answer.why);
      const relay = answer.kind === "receipt" ? signerOf(exchange, ref, answer.note) : undefined;
      if (answer.kind !== "receipt" || relay === undefined) return;
      receipts.push({ relay, note: answer.note });
      void pause(strayMs, over.signal).then(() => over.abort());
    }),
  );
  over.abort();
  if (receipts.length === 0) {
    return trouble("E802", `No relay carries the letter. ${why.join("; ")}`);
  }
  return { ok: true, value: { ref, receipts, reply: await replyTo(exchange, ref) } };
}

/** Which relay gave this receipt for the letter. */
function signerOf(exchange: Exchange, ref: Ref, note: string): string | undefined {
  return exchange.relayKeys.find((key) => {
    const receipt = openReceipt(note, key, verifyEd25519);
    return receipt.ok && receipt.value.ref === ref;
  })?.name;
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
