/** What is told of a letter on its way: each change once, however often it is tried. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { OutboxEntry } from "../wallet/outbox.ts";
import { contextOf } from "./context.ts";
import { tellJourney } from "./journey.ts";

const entry: OutboxEntry = {
  name: "0-4",
  seq: { number: 4, thread: 0 },
  by: time(60_000),
  at: time(0),
  ref: ref("cd".repeat(32)),
  orderId: orderId("ab".repeat(32)),
  bytes: 1000,
  ids: [],
  state: "written",
  report: undefined,
  refused: undefined,
  effect: undefined,
  next: undefined,
};

test("a relay that stays silent is said to be so once, and again after it answered", () => {
  const said: string[] = [];
  const context = { ...contextOf({ plain: true }), say: (line: string) => said.push(line) };
  const { onStep, end } = tellJourney(context, entry, 2);
  said.length = 0;
  const silent = (relay: string, why = "nobody listens there"): void =>
    onStep({ kind: "silent", relay, why });
  for (let tries = 0; tries < 20; tries += 1) silent("alder");
  silent("birch");
  silent("alder");
  silent("alder", "no answer in 10 s");
  for (let tries = 0; tries < 3; tries += 1) onStep({ kind: "again", relay: "alder" });
  silent("alder");
  end();
  assert.deepEqual(said, [
    "○ alder: nobody listens there",
    "○ birch: nobody listens there",
    "○ alder: no answer in 10 s",
    "○ alder answers again",
    "○ alder: nobody listens there",
  ]);
});
