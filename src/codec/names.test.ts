/** The names that cross zones: lower-case hex of one length each, or our mistake. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  digest,
  fingerprint,
  isFingerprint,
  isHex64,
  orderId,
  ref,
  shortId,
  tag,
} from "./names.ts";

const forty = "49979888511191774776929750563049979888ab";
const sixtyFour = "5c1e77d012ab90fe3310".padEnd(64, "0");

test("names accept exactly their digits", () => {
  assert.equal(fingerprint(forty), forty);
  for (const make of [ref, orderId, tag, digest]) {
    assert.equal(make(sixtyFour), sixtyFour);
    for (const bad of ["", forty, sixtyFour.toUpperCase(), `${sixtyFour}0`, `${sixtyFour}\n`]) {
      assert.throws(() => make(bad), { name: "AssertionFailed" });
    }
  }
  assert.ok(!isFingerprint(forty.toUpperCase()));
  assert.ok(!isFingerprint(`${forty}\n`));
  assert.ok(!isHex64(`${sixtyFour}\n`));
  assert.throws(() => fingerprint(sixtyFour), { name: "AssertionFailed" });
});

test("people are shown 80 bits in five groups", () => {
  assert.equal(shortId(ref(sixtyFour)), "5c1e-77d0-12ab-90fe-3310");
});
