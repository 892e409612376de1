/**
 * Files that commands read, and stdin in a file's place as `-`: whole, bounded, and as patient with
 * a slow pipe as a pipe needs. What is not there or too long is the person's to put right (E115);
 * what the disk fails at is thrown.
 */
import { createReadStream } from "node:fs";

import { trouble, type Outcome } from "../wallet/errors.ts";

const inputBytesMax = 256 * 1024 * 1024;

/** What the world says of a path that a person got wrong. */
const wrongPaths: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file"],
  ["EISDIR", "it is a folder"],
  ["EACCES", "its permissions forbid it"],
]);

/** Reads a file, or stdin if it is called `-`, to its end. */
export async function readInput(file: string): Promise<Outcome<Uint8Array>> {
  const name = file === "-" ? "stdin" : file;
  const source: AsyncIterable<unknown> = file === "-" ? process.stdin : createReadStream(file);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of source) {
      const bytes = part instanceof Uint8Array ? part : Buffer.from(String(part));
      length += bytes.length;
      if (length > inputBytesMax) {
        return trouble("E115", `${name} is longer than ${inputBytesMax} bytes.`);
      }
      parts.push(bytes);
    }
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? wrongPaths.get(cause.code) : undefined;
    if (why !== undefined) return trouble("E115", `${name} cannot be read: ${why}.`);
    throw new Error(`couldn't read ${name}`, { cause });
  }
  return { ok: true, value: new Uint8Array(Buffer.concat(parts)) };
}

/** The text of a file or of stdin. */
export async function readInputText(file: string): Promise<Outcome<string>> {
  const read = await readInput(file);
  return read.ok ? { ok: true, value: new TextDecoder().decode(read.value) } : read;
}
