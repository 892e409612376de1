/**
 * The island's log: leaves a second from decided to durable (hashed into the tree, the checkpoint
 * signed, the frame synced), one leaf to a checkpoint and many, beside the tree's hashing alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Archive } from "../src/island/archive.ts";
import { Certificates } from "../src/island/certificates.ts";
import { ReferenceOffice } from "../src/island/office.ts";
import { Publisher } from "../src/island/publish.ts";
import { appendLeaf, emptyFrontier, rootHash } from "../src/log/tree.ts";
import { PublicView } from "../src/market/publicview.ts";
import { openSegments } from "../src/store/segments.ts";
import { islandNow, testIsland } from "../src/testing/island.ts";
import type { Stage } from "./figure.ts";
import { quantile, secondsSince } from "./gauge.ts";

const appendSeconds = 3;
const sizes = [1, 64, 1000] as const;

function leaf(i: number): string {
  return `LEVEL|GLD/BTC|${i % 2 === 0 ? "buy" : "sell"}|${4000 + (i % 500)}|${1 + (i % 90)}`;
}

/** The tree's hashing alone, leaves a second: one root for so many leaves. */
function hashing(leaves: number, seconds: number): number {
  let frontier = emptyFrontier();
  let count = 0;
  const started = performance.now();
  while (secondsSince(started) < seconds) {
    for (let i = 0; i < leaves; i += 1) frontier = appendLeaf(frontier, leaf((count += 1)));
    rootHash(frontier);
  }
  return count / secondsSince(started);
}

/** Appends through the island's own publishing half, onto a real disk. */
export async function measureAppends(stage: Stage): Promise<void> {
  const seconds = stage.seconds ?? appendSeconds;
  for (const leaves of sizes) {
    if (stage.over.aborted) return;
    const dir = mkdtempSync(join(tmpdir(), "signet-bench-append-"));
    try {
      const { settings, certificate } = await testIsland(dir);
      const said = await openSegments(join(dir, "said"));
      const certificates = new Certificates(certificate, () => undefined);
      const office = new ReferenceOffice(settings.operating, certificates);
      const note = (): void => undefined;
      const parts = { settings, said, archive: new Archive(said), office, note };
      const begin = { frontier: emptyFrontier(), view: new PublicView(), already: 0 };
      const publisher = new Publisher(parts, begin);
      const times: number[] = [];
      let [count, number] = [0, 0];
      const started = performance.now();
      while (secondsSince(started) < seconds && !stage.over.aborted) {
        const lines = Array.from({ length: leaves }, () => leaf((count += 1)));
        number += 1;
        const output = { leaves: lines, documents: [], archive: [], submissions: [], reads: [] };
        const decided = [{ number, output }];
        const begun = performance.now();
        const rest = { upTo: number, unopenable: [], card: undefined, at: islandNow };
        await publisher.publish({ decided, ...rest });
        times.push(performance.now() - begun);
      }
      const rate = count / secondsSince(started);
      await said.close();
      stage.tell({
        bench: "relay",
        figure: `appends to the log, ${leaves} to a checkpoint`,
        value: rate,
        unit: "leaves/s",
        against: "the tree's hashing alone",
        ratio: rate / hashing(leaves, 0.5),
      });
      const figure = `a publication of ${leaves}, durable, p99`;
      stage.tell({ bench: "relay", figure, value: quantile(times, 0.99), unit: "ms" });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}
