/** What is said before everything else of an account that is frozen, or whose key changes. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { FrozenCause, FrozenEntry, KeyEntry, KeyState } from "../letter/keyentry.ts";
import { foldReports } from "./fold.ts";
import { keyWarnings } from "./keylines.ts";

const none = { line: 0, id: undefined, tag: undefined };

function key(state: KeyState, digits: string, at?: number): KeyEntry {
  const until = at === undefined ? undefined : time(at);
  return { kind: "key", ...none, state, key: fingerprint(digits.repeat(20)), at: until };
}

function frozen(why: FrozenCause): FrozenEntry {
  return { kind: "frozen", ...none, why };
}

/** The signs and first words. */
function warned(...keys: readonly (KeyEntry | FrozenEntry)[]): string {
  const lines = keyWarnings({ ...foldReports({ reports: [], missing: [] }), keys });
  return lines.map((line) => /frozen|revoked|waits|veto/.exec(line)?.[0]).join(" ");
}

test("frozen, revoked and waiting are said as long as they last", () => {
  const day = Date.parse("2026-11-22T12:00:00Z");
  assert.equal(warned(), "");
  assert.equal(warned(key("in_force", "11")), "");
  assert.equal(warned(key("coming", "22", day)), "waits veto");
  assert.equal(warned(key("replacing", "22", day), key("renewed", "11")), "waits veto");
  assert.equal(warned(key("coming", "22", day), key("vetoed", "22")), "");
  assert.equal(warned(key("coming", "22", day), key("in_force", "22")), "");
  assert.equal(warned(frozen("letter")), "frozen");
  assert.equal(warned(frozen("letter"), frozen("no")), "");
  assert.equal(warned(key("revoked", "11"), frozen("revocation")), "revoked frozen");
});

test("a revocation of a retired key, or of one that was to come, is not of the one in force", () => {
  assert.equal(warned(key("in_force", "22"), key("revoked", "11")), "");
  assert.equal(warned(key("coming", "22"), key("revoked", "22")), "");
});
