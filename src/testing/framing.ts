/**
 * OpenPGP framing the slow way, octet by octet after RFC 9580 §4.2: an oracle that shares nothing
 * with the reader of letters, and every other way of framing that a carrier may choose.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

/** A packet read the slow way. */
export type Slow = { readonly tag: number; readonly body: readonly number[] };

/**
 * Packets read the slow way, octet by octet after RFC 9580 §4.2, sharing nothing with the reader.
 */
export function slowPackets(bytes: Uint8Array): readonly Slow[] {
  const queue = [...bytes];
  const take = (count: number): number[] => queue.splice(0, count);
  const integer = (octets: number[]): number => Number(`0x${Buffer.from(octets).toString("hex")}`);
  const packets: Slow[] = [];
  while (queue.length > 0) {
    const [octet = 0] = take(1);
    if ((octet & 64) === 0) {
      const size = integer(take([1, 2, 4][octet & 3] ?? 0));
      packets.push({ tag: (octet & 60) / 4, body: take(size) });
      continue;
    }
    const body: number[] = [];
    for (let more = true; more;) {
      const [first = 0] = take(1);
      more = first > 223 && first < 255;
      if (more) body.push(...take(2 ** (first - 224)));
      else if (first === 255) body.push(...take(integer(take(4))));
      else if (first > 191) body.push(...take((first - 192) * 256 + integer(take(1)) + 192));
      else body.push(...take(first));
    }
    packets.push({ tag: octet & 63, body });
  }
  return packets;
}

/** SHA-256 over the one SEIPD body, the slow way. */
export function slowRef(bytes: Uint8Array): string {
  const data = slowPackets(bytes).filter(({ tag }) => tag === 18);
  assert.equal(data.length, 1);
  return createHash("sha256")
    .update(Buffer.from(data[0]?.body ?? []))
    .digest("hex");
}

/**
 * New-format framing of one packet; with `parts`, that many octets of each partial length first.
 */
export function frame({ tag, body }: Slow, parts: readonly number[] = []): number[] {
  const framed = [0xc0 | tag];
  const rest = [...body];
  for (const bits of parts) {
    if (rest.length < 2 ** bits) break;
    framed.push(0xe0 | bits, ...rest.splice(0, 2 ** bits));
  }
  const size = Buffer.alloc(4);
  size.writeUInt32BE(rest.length);
  return [...framed, 255, ...size, ...rest];
}

/** Every way of framing the same packets that a carrier may choose. */
export function reframings(binary: Uint8Array): readonly Uint8Array[] {
  const packets = slowPackets(binary);
  const keys = packets.slice(0, -1).flatMap((packet) => frame(packet));
  const data = packets.at(-1);
  assert.ok(data !== undefined);
  const chosen = [[], [9], [9, 0, 1, 2], [10, 9, 0, 0, 5]];
  return chosen.map((parts) => Uint8Array.from([...keys, ...frame(data, parts)]));
}
