/**
 * The sending half of bench/flood.ts, in a process of its own: `ADDRESS RATE SECONDS CONNECTIONS
 * SOURCES BITS STOCK`. With BITS 0 every letter is another and comes without postage; else STOCK
 * letters were stamped with BITS beforehand and are sent again and again. Says `ready`, begins when
 * it is told to, and says what became of it.
 */
import { randomBytes } from "node:crypto";
import { flood, postRequest } from "../src/testing/flood.ts";
import { sealedLetter } from "../src/testing/sealed.ts";
import { stampOf } from "./stamp.ts";

const [address = "", ...numbers] = process.argv.slice(2);
const [rate = 0, seconds = 0, connections = 1, sources = 1, bits = 0, stock = 1] =
  numbers.map(Number);
const seed = randomBytes(8).toString("hex");

const ready: Uint8Array[] = [];
for (let i = 0; i < (bits > 0 ? stock : 0); i += 1) {
  const letter = sealedLetter(`${seed} ${i}`, 600);
  ready.push(postRequest(letter, await stampOf(letter, bits)));
}
const unpaid = Buffer.from(postRequest(sealedLetter(seed, 600)));
let sent = 0;

function next(): Uint8Array {
  sent += 1;
  const stamped = ready[sent % ready.length];
  if (stamped !== undefined) return stamped;
  // Its last bytes are sealed data: another letter.
  const other = Buffer.from(unpaid);
  other.writeUInt32BE(sent, other.length - 4);
  return other;
}

process.send?.("ready");
await new Promise((resolve) => process.once("message", resolve));
const flooded = await flood({
  address,
  connections,
  sources: Array.from({ length: sources }, (_, i) => `127.0.0.${i + 1}`),
  rate,
  over: AbortSignal.timeout(seconds * 1000),
  next,
});
process.send?.({ ...flooded, byStatus: Object.fromEntries(flooded.byStatus) }, () =>
  process.exit(),
);
