/** Letters opened and reports sealed by the island's threads: two beside one, by the clock. */
import { assert } from "../src/codec/assert.ts";
import { WorkerOffice, officeLimits } from "../src/island/workers/office.ts";
import { sealLetter } from "../src/seal/customer.ts";
import type { Stage } from "./figure.ts";
import { secondsSince } from "./gauge.ts";
import type { Pair } from "./seal.ts";

const bench = "seal";
const letters = 2048;
const rounds = 5;
const threadCounts = [1, 2] as const;

export async function sealWorkers(stage: Stage, pair: Pair): Promise<void> {
  stage.say("one thread and two, in turns");
  const { keys, exchange, certificate, key, at } = pair;
  const text = "BUY|GLD/BTC|10|0.0042|tag=a-rather-long-one\n".repeat(7).slice(0, 300);
  const sealed = await sealLetter(text, { key, exchange, at });
  const all = Array.from({ length: letters }, () => sealed);
  const documents = Array.from({ length: letters }, () => ({ to: certificate.fingerprint, text }));
  const offices: WorkerOffice[] = [];
  try {
    for (const threads of threadCounts) {
      const office = await WorkerOffice.start(keys, exchange, {
        limits: { ...officeLimits(), threads },
        note: stage.say,
      });
      offices.push(office);
      const { fingerprint: account, binary } = certificate;
      await office.learn([{ account, certificate: binary, signs: true }]);
      // The first letter has the certificate digested.
      await office.open([sealed], at, []);
      await office.seal(documents.slice(0, 1), at);
    }
    const open = async (office: WorkerOffice): Promise<void> => {
      const opened = await office.open(all, at, []);
      assert(
        opened.every(({ kind }) => kind === "opened"),
        "every letter opens",
      );
    };
    const seal = async (office: WorkerOffice): Promise<void> => {
      const made = await office.seal(documents, at);
      assert(
        made.every((bytes) => bytes !== undefined),
        "every report is sealed",
      );
    };
    for (const [what, work] of [
      ["open", open],
      ["seal", seal],
    ] as const) {
      const least = threadCounts.map(() => Infinity);
      for (let round = 0; round < rounds && !stage.over.aborted; round += 1) {
        for (const [i, office] of offices.entries()) {
          const started = performance.now();
          await work(office);
          least[i] = Math.min(least[i] ?? Infinity, secondsSince(started));
        }
      }
      const [one = 0, two = 1] = least;
      const figure = `two threads: ${what}`;
      const against = "one thread (must: 1.6)";
      const value = letters / two;
      stage.tell({ bench, figure, value, unit: "letters/s", against, ratio: one / two });
    }
  } finally {
    await Promise.all(offices.map((office) => office.close()));
  }
}
