/**
 * Brings publications to one relay: asks its watermark once, then puts what follows, in order. Each
 * relay has its own loop and its own pace; a relay that is slow, dead or lying delays nobody else
 * (P6).
 */
import type { RelayLink } from "./link.ts";

export type PublicationSource = {
  readonly last: number;
  get(number: number): Uint8Array;
};

/**
 * Puts everything the relay lacks and returns its watermark then. `known` is what this returned the
 * last time; a relay that does not go on from there is asked where it stands.
 */
export async function publishOnce(
  link: RelayLink,
  source: PublicationSource,
  known?: number,
): Promise<number> {
  let watermark = known ?? (await askWatermark(link, source));
  while (watermark < source.last) {
    const number = watermark + 1;
    const status = await link.put(`/v1/dock/publications/${number}`, source.get(number));
    if (status !== 200) {
      // Restored from an older copy, or wiped, since we asked.
      if (known !== undefined) return publishOnce(link, source);
      throw new Error(`couldn't publish ${number} to ${link.name}: it answered ${status}`);
    }
    watermark = number;
  }
  return watermark;
}

async function askWatermark(link: RelayLink, source: PublicationSource): Promise<number> {
  const { body } = await link.get("/v1/dock/watermark", 65_536, 10_000);
  const watermark = readWatermark(new TextDecoder().decode(body));
  if (watermark > source.last) {
    throw new Error(
      `couldn't publish to ${link.name}: it has ${watermark} publications, we ${source.last}`,
    );
  }
  return watermark;
}

function readWatermark(text: string): number {
  const match = /"publication"\s*:\s*(\d{1,15})\b/.exec(text);
  if (!match) throw new Error("couldn't read the relay's watermark");
  return Number(match[1]);
}
