/** No line is cut without a mark. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { cut } from "./cut.ts";

test("a line that fits is whole; of another the last character shows that more follows", () => {
  assert.equal(cut("REGISTER", 8), "REGISTER");
  assert.equal(cut("REGISTER|", 8), "REGISTE…");
  assert.equal(cut("", 8), "");
});
