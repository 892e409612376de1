/**
 * `recover.ts DIR read|recover EXCHANGE`: what restart.ts times, in a process of its own. Prints
 * one JSON object.
 */
import { join } from "node:path";

import { fingerprint } from "../src/codec/names.ts";
import { stateHash } from "../src/engine/snapshot.ts";
import { recover } from "../src/island/recovery.ts";
import { openSegments } from "../src/store/segments.ts";
import { residentMiB, secondsSince } from "./gauge.ts";

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

const [dir = "", mode = "", exchange = ""] = process.argv.slice(2);
const started = performance.now();
if (mode === "read") {
  const bytes = await readAlone(dir);
  const seconds = secondsSince(started);
  const measured = { seconds, bytes, residentMiB: residentMiB(process.pid), stateHash: "" };
  console.log(JSON.stringify(measured));
} else {
  const passedOver = (): Promise<boolean> => Promise.resolve(false);
  const parts = await recover({ dir, exchange: fingerprint(exchange), passedOver });
  const seconds = secondsSince(started);
  const resident = residentMiB(process.pid);
  const hash = stateHash(parts.state);
  await parts.journal.close();
  await parts.said.close();
  console.log(JSON.stringify({ seconds, bytes: 0, residentMiB: resident, stateHash: hash }));
}
