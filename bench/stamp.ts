/**
 * A stamp by the machine's own hash, which is a little quicker than the product's portable one:
 * honest customers and those who flood share this benchmark's cores.
 */
import { hash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";

import { printSeconds, time } from "../src/codec/time.ts";
import { refOf } from "../src/testing/relayworld.ts";

const turnTries = 2000;

/** The header's text for a letter. */
export async function stampOf(letter: Uint8Array, bits: number): Promise<string> {
  const day = printSeconds(time(Date.now())).slice(0, 10);
  const head = `signet-stamp/1 ${refOf(letter)} ${day}-`;
  const zeros = "0".repeat(Math.floor(bits / 4));
  const limit = 16 >> (bits % 4);
  for (let number = 0; ; number += 1) {
    const found = hash("sha256", `${head}${number}`);
    const next = parseInt(found.charAt(zeros.length), 16);
    if (found.startsWith(zeros) && next < limit) return `stamp ${day}-${number}`;
    if (number % turnTries === 0) await turn();
  }
}
