/** Progress of a relay that is behind: true numbers, a bar on a terminal, lines elsewhere. */
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { time } from "../codec/time.ts";
import type { Mirror } from "./mirror.ts";
import { printProgress, Progress } from "./progress.ts";

/** As much of a mirror as progress looks at. */
function standing(watermark: number, gap?: { publication: number; upTo: number; size: number }) {
  const part = gap && { ...gap, filled: { size: gap.size }, base: { size: 900 } };
  const board = { tick: time(Date.now() - 7_200_000) };
  return { watermark, frontier: { size: watermark * 3 }, gap: part, board } as unknown as Mirror;
}

function scene(isTTY: boolean) {
  const said: string[] = [];
  let now = 0;
  const output = { isTTY, write: (text: string) => said.push(text) };
  const progress = new Progress("alder", output, () => now);
  const apply = (watermark: number, newest: number, ms: number): void => {
    now += ms;
    progress.publications(standing(watermark), newest);
  };
  return { said, progress, apply, wait: (ms: number) => void (now += ms) };
}

test("a relay that is up to date says nothing; one that is behind says count, age, rate, time left", () => {
  const { said, progress, apply, wait } = scene(false);
  for (let n = 1; n <= 50; n += 1) apply(n, n + 3, 100);
  deepEqual([progress.facts, said], [null, []]);
  for (let n = 51; n <= 250; n += 1) apply(n, 1050, 100);
  const facts = progress.facts;
  ok(facts !== null);
  deepEqual([facts.what, facts.done, facts.of, facts.perSecond], ["publications", 250, 1050, 10]);
  deepEqual([facts.leavesPerSecond, facts.secondsLeft], [30, 80]);
  // A line in five seconds, not one for each publication.
  ok(said.length >= 3 && said.length <= 5, said.join(""));
  match(
    said.at(-1) ?? "",
    /^alder: publications 2\d\d of 1050 \(\d\d%\), 2 h 0 min behind, 10\/s, 30 leaves\/s, 1 min 2\d s left\n$/,
  );
  // What stands still gets slower, and at last says so.
  wait(10_000);
  ok((progress.facts?.perSecond ?? 9) < 6);
  wait(60_000);
  equal(progress.facts?.secondsLeft, null);
  for (let n = 251; n <= 1050; n += 1) apply(n, 1050, 10);
  equal(progress.facts, null);
  match(said.at(-1) ?? "", /^alder: up to date at publication 1050, 3150 leaves\n$/);
});

test("on a terminal it is one bar that fills, and the past has one of its own", () => {
  const { said, progress, apply } = scene(true);
  for (let n = 1; n <= 100; n += 1) apply(n * 10, 1000, 250);
  const bars = said.filter((text) => text.startsWith("\r"));
  ok(bars.length > 90);
  const filled = bars.map((bar) => bar.replace(/[^█]/g, "").length);
  deepEqual(
    filled,
    filled.toSorted((a, b) => a - b),
    "it never goes back",
  );
  match(said.at(-1) ?? "", /^\nalder: up to date/);
  progress.jumped({ from: 5, to: 700, leaves: 900 });
  match(
    said.at(-1) ?? "",
    /^alder: a signed snapshot of 900 leaves: from publication 5 to 700 at once\n$/,
  );
  progress.history(standing(700, { publication: 100, upTo: 700, size: 150 }));
  equal(progress.facts?.what, "history");
  progress.history(standing(700, { publication: 699, upTo: 700, size: 900 }));
  equal(progress.facts, null);
  match(said.at(-1) ?? "", /all of the past is here, 900 leaves\n$/);
  equal(
    printProgress(
      { what: "history", done: 1, of: 4, perSecond: 2, leavesPerSecond: 6, secondsLeft: 200_000 },
      90,
    ),
    "history 1 of 4 (25%), 1 min 30 s behind, 2/s, 6 leaves/s, 2 days left",
  );
});
