/**
 * A request's body, bounded. A body that is too long is read to its end all the same, up to a
 * second bound, and thrown away: whoever answers while the other side still sends has the answer
 * lost on the way, and behind another server the client would see a 502 in place of our signed
 * refusal.
 */
import type { IncomingMessage } from "node:http";

/** What is read and thrown away at most where no more would be taken, bytes. */
const drainMax = 4_194_304;

/** What a route gets in place of a body that is too long. */
export class TooLong extends Error {
  override readonly name = "TooLong";
  readonly statusCode = 413;
  /** How many bytes were read, or announced. */
  readonly bytes: number;

  constructor(bytes: number) {
    super("couldn't take a body that is too long");
    this.bytes = bytes;
  }
}

/** The whole body, or `TooLong`. */
export async function readBody(payload: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const readMax = Math.max(bytesMax, drainMax);
  const announced = Number(payload.headers["content-length"] ?? "0");
  if (announced > readMax) throw new TooLong(announced);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of payload) {
    const chunk: unknown = part;
    if (!(chunk instanceof Buffer)) throw new Error("couldn't read a body as bytes");
    bytes += chunk.length;
    if (bytes > readMax) throw new TooLong(bytes);
    if (bytes <= bytesMax) parts.push(chunk);
    else parts.length = 0;
  }
  if (bytes > bytesMax) throw new TooLong(bytes);
  return Buffer.concat(parts);
}
