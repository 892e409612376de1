/**
 * A secret as it could leak: its bytes, in hex of either case, in decimal, in base64 (also in the
 * middle of a longer one), as a list of numbers; and every file of a folder, to look for it in.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { toHex } from "../codec/bytes.ts";

/** All forms in which a key could be read by somebody who looks. */
export function formsOf(key: Uint8Array): readonly Buffer[] {
  const hex = toHex(key);
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), key]).toString("base64");
    return text.slice(before === 0 ? 0 : 4, -4);
  });
  const texts = [hex, hex.toUpperCase(), BigInt(`0x${hex}`).toString(), ...shifted];
  const url = shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const ofHex = [hex, hex.toUpperCase()].map((text) => Buffer.from(text).toString("base64"));
  const spread = Array.from(key, String).join(",");
  return [
    Buffer.from(key),
    ...[...texts, ...url, ...ofHex.map((text) => text.slice(0, -4)), spread].map((text) =>
      Buffer.from(text),
    ),
  ];
}

/** The path and bytes of every file under a folder. */
export function filesUnder(
  dir: string,
): readonly { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() ? [{ path, bytes: readFileSync(path) }] : [];
  });
}
