/**
 * What hostile messages cost beside an ordinary one, on both paths: processor time and the memory
 * that is left to collect, and the operations behind it, which are bounded by a test
 * (src/seal/attacks/work.test.ts). Certificates are read as a registration reads them.
 */
import { newCustomer, newExchange, now, paths, type Customer } from "../src/seal/attacks/forge.ts";
import { hostileLetters, selfSignatureFlood } from "../src/seal/attacks/hostile.ts";
import { readCertificate } from "../src/seal/certificate.ts";
import { counted, type Work } from "../src/testing/counted.ts";
import type { Stage } from "./figure.ts";
import { processSeconds } from "./gauge.ts";

const timesMin = 20;
const secondsEach = 0.5;

/** The figures, against an ordinary letter on the same path. */
export async function hostile(stage: Stage): Promise<void> {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const letters = hostileLetters(exchange, alice);
  for (const { name, open } of paths) {
    let ordinary: number | undefined;
    for (const [label, sealed] of letters) {
      if (stage.over.aborted) return;
      const figure = `${name}: ${label}, ${sealed.length} bytes`;
      const run = () => open(sealed, exchange, { registered: [alice] });
      ordinary = await weigh(stage, figure, run, ordinary);
    }
  }
  await certificates(stage, alice);
}

async function certificates(stage: Stage, alice: Customer): Promise<void> {
  let ordinary: number | undefined;
  const given = new Map([
    ["an ordinary certificate", alice.certificate.binary],
    ["100 self-signatures", selfSignatureFlood(alice, 100)],
    ["10,000 self-signatures", selfSignatureFlood(alice, 10_000)],
  ]);
  for (const [label, binary] of given) {
    if (stage.over.aborted) return;
    const figure = `${label}, ${binary.length} bytes`;
    ordinary = await weigh(stage, figure, () => readCertificate(binary, now), ordinary);
  }
}

/** One message again and again; returns what to compare with. */
async function weigh(
  stage: Stage,
  figure: string,
  run: () => Promise<unknown>,
  ordinary: number | undefined,
): Promise<number> {
  await run();
  const { work } = await counted(run);
  const memory = process.memoryUsage();
  await run();
  const after = process.memoryUsage();
  const before = memory.heapUsed + memory.arrayBuffers;
  const kibibytes = Math.max(0, after.heapUsed + after.arrayBuffers - before) / 1024;
  const started = processSeconds();
  let times = 0;
  for (; times < timesMin || processSeconds() - started < secondsEach; times += 1) await run();
  const each = ((processSeconds() - started) / times) * 1e6;
  stage.say(`${figure}: ${wordsOf(work)}`);
  const compared =
    ordinary === undefined ? {} : { against: "an ordinary one", ratio: each / ordinary };
  stage.tell({ bench: "hostile", figure, value: each, unit: "µs of CPU", ...compared });
  stage.tell({ bench: "hostile", figure: `${figure}: left behind`, value: kibibytes, unit: "KiB" });
  return ordinary ?? each;
}

function wordsOf({ secrets, verified, inflated }: Work): string {
  return `${secrets} private-key operations, ${verified} verified, ${inflated} bytes inflated`;
}
