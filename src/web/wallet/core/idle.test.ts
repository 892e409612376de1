/** The wallet locks itself after a quarter of an hour without anybody, and not before. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Idle } from "./idle.ts";

test("every touch begins the quarter of an hour anew", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let locked = 0;
    const idle = new Idle(() => (locked += 1));
    idle.touch();
    mock.timers.tick(14 * 60_000);
    idle.touch();
    mock.timers.tick(14 * 60_000);
    assert.equal(locked, 0);
    mock.timers.tick(60_000);
    assert.equal(locked, 1);
    mock.timers.tick(60 * 60_000);
    assert.equal(locked, 1);
  } finally {
    mock.timers.reset();
  }
});
