/**
 * Brings publications to one relay: asks its watermark, puts what follows, one after the other.
 * Each relay has its own loop and its own pace; a relay that is slow, dead or lying delays nobody
 * else (P6).
 */
import type { RelayLink } from "./link.ts";

export type PublicationSource = {
  readonly last: number;
  get(number: number): Uint8Array;
};

/** Puts everything the relay lacks; returns how many publications it took. */
export async function publishOnce(link: RelayLink, source: PublicationSource): Promise<number> {
  const { body } = await link.get("/v1/dock/watermark", 65_536, 10_000);
  const watermark = readWatermark(new TextDecoder().decode(body));
  if (watermark > source.last) {
    throw new Error(
      `couldn't publish to ${link.name}: it has ${watermark} publications, we ${source.last}`,
    );
  }
  let taken = 0;
  for (let number = watermark + 1; number <= source.last; number += 1) {
    const status = await link.put(`/v1/dock/publications/${number}`, source.get(number));
    if (status !== 200) {
      throw new Error(`couldn't publish ${number} to ${link.name}: it answered ${status}`);
    }
    taken += 1;
  }
  return taken;
}

function readWatermark(text: string): number {
  const match = /"publication"\s*:\s*(\d{1,15})\b/.exec(text);
  if (!match) throw new Error("couldn't read the relay's watermark");
  return Number(match[1]);
}
