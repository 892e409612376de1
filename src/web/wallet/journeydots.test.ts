/** Dots never move backwards, whatever views follow one another, and what changes is told once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { DotView, FateView, JourneyView } from "./core/protocol.ts";
import { forward, newsOf } from "./journeydots.ts";

const keys = ["written", "carried", "read", "matched", "final"] as const;
const states = ["done", "now", "todo", "failed"] as const;
const fates = ["travelling", "resting", "filled", "void", "unknown"] as const;

function journey(dots: readonly DotView["state"][], fate: FateView["kind"]): JourneyView {
  return {
    name: "0-42",
    id: "desk-42",
    words: "Buy 10 GLD",
    text: "",
    ref: "",
    orderId: "",
    at: "2026-11-21T12:00:00Z",
    by: "2026-11-21T12:01:00Z",
    bytes: 537,
    dots: keys.map((key, i) => ({
      key,
      state: dots[i] ?? "todo",
      label: `${key} ${dots[i]}`,
      at: undefined,
      detail: "",
      proof: undefined,
    })),
    fate: { kind: fate, sentence: `It is ${fate}.`, until: undefined, code: undefined },
    again: undefined,
  };
}

const views = fc.array(
  fc.record({
    dots: fc.array(fc.constantFrom(...states), { minLength: 5, maxLength: 5 }),
    fate: fc.constantFrom(...fates),
  }),
  { minLength: 2, maxLength: 6 },
);

test("what was done stays done, and what is final stays final", () => {
  fc.assert(
    fc.property(views, (found) => {
      let shown: JourneyView | undefined;
      for (const { dots, fate } of found) {
        const next = forward(shown, journey(dots, fate));
        shown?.dots.forEach((dot, i) => {
          if (dot.state === "done") assert.equal(next.dots[i]?.state, "done");
          if (dot.state === "failed") assert.match(next.dots[i]?.state ?? "", /failed|done/);
        });
        if (shown?.fate.kind === "void" || shown?.fate.kind === "filled") {
          assert.match(next.fate.kind, /void|filled/);
        }
        shown = next;
      }
    }),
  );
});

test("news are told once, and what was there from the start is none", () => {
  const first = journey(["done", "now", "todo", "todo", "todo"], "travelling");
  const second = journey(["done", "done", "now", "todo", "todo"], "travelling");
  const last = journey(["done", "done", "done", "done", "done"], "filled");
  assert.deepEqual(newsOf([], [first]), []);
  assert.deepEqual(newsOf([first], [first]), []);
  assert.deepEqual(newsOf([first], [second]), ["desk-42: read now"]);
  assert.deepEqual(newsOf([second], [last]), ["desk-42: It is filled."]);
});
