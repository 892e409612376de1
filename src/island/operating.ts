/**
 * The island's operating keys and the certificates that they belong to (docs/spec/exchange.md §1):
 * read at each start, so that a rotation takes effect by a restart.
 *
 *   keys/operating.key.asc      certificate.asc       version 4
 *   keys/operating.v6.key.asc   certificate.v6.asc    version 6; exchanges of old have none
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fromLatin1, toBase64 } from "../codec/bytes.ts";
import type { Time } from "../codec/time.ts";
import { operatingUnder } from "../seal/ceremony.ts";
import { readOperatingKeys, type OperatingKeys } from "../seal/keys.ts";
import { armoredBinary } from "../seal/rotate.ts";
import { writeDurably } from "../store/durable.ts";
import { keysUnfinished } from "./refusal.ts";

/** The files of each version, under the island's folder. */
export const operatingFiles = [
  { key: "keys/operating.key.asc", certificate: "certificate.asc" },
  { key: "keys/operating.v6.key.asc", certificate: "certificate.v6.asc" },
] as const;

/** The island's keys; its second certificate as the card shows it, base64. */
export type Operating = { readonly keys: OperatingKeys; readonly second: string | undefined };

/** Reads the keys. */
export async function readOperating(dir: string): Promise<Operating> {
  const [first, other] = operatingFiles;
  const text = (name: string): string => readFileSync(join(dir, name), "latin1");
  const hasSecond = existsSync(join(dir, other.key)) && existsSync(join(dir, other.certificate));
  const armored = text(first.key);
  const armored6 = hasSecond ? text(other.key) : undefined;
  const keys = await readOperatingKeys(armored, armored6);
  const second = hasSecond ? toBase64(await armoredBinary(text(other.certificate))) : undefined;
  return { keys, second };
}

/**
 * Forgets the decryption secrets whose time of grace is over; says how many. For good: what was
 * sealed to them opens nowhere any more. Refuses to start if a rotation was put in place only half.
 */
export async function dropEnded(dir: string, at: Time): Promise<number> {
  let dropped = 0;
  for (const { key, certificate } of operatingFiles) {
    const paths = [join(dir, key), join(dir, certificate)] as const;
    if (!paths.every((path) => existsSync(path))) continue;
    const before = readFileSync(paths[0], "latin1");
    const under = await operatingUnder(readFileSync(paths[1], "latin1"), [before], at);
    if (under === undefined) throw keysUnfinished(key);
    if (under.left === 0) continue;
    await writeDurably(paths[0], fromLatin1(under.secret));
    dropped += under.left;
  }
  return dropped;
}
