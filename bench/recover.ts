/**
 * `recover.ts DIR read|recover EXCHANGE`: what restart.ts times, in a process of its own. Prints
 * one JSON object.
 */
import { join } from "node:path";

import { fingerprint } from "../src/codec/names.ts";
import { stateHash } from "../src/engine/snapshot.ts";
import { recover } from "../src/island/recovery.ts";
import { openSegments } from "../src/store/segments.ts";
import { processorSeconds, residentMiB, secondsSince } from "./gauge.ts";

/** Opens both stores and goes through them; returns how many bytes there were. */
async function readAlone(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of ["said", "journal"]) {
    const store = await openSegments(join(dir, name));
    for (const record of store.read(1)) bytes += record.bytes.length;
    await store.close();
  }
  return bytes;
}

/** By the clock, by the processor, and in memory, up to here. */
function measure(): object {
  return {
    seconds: secondsSince(started),
    processor: processorSeconds(process.pid),
    residentMiB: residentMiB(process.pid),
  };
}

const [dir = "", mode = "", exchange = ""] = process.argv.slice(2);
const started = performance.now();
if (mode === "read") {
  const bytes = await readAlone(dir);
  const measured = { ...measure(), bytes, stateHash: "" };
  console.log(JSON.stringify(measured));
} else {
  const passedOver = (): Promise<boolean> => Promise.resolve(false);
  const parts = await recover({ dir, exchange: fingerprint(exchange), passedOver });
  const measured = { ...measure(), bytes: 0, stateHash: stateHash(parts.state) };
  await parts.journal.close();
  await parts.said.close();
  console.log(JSON.stringify(measured));
}
