/**
 * Sweeps over a real message: every octet changed and every end cut off, on every path. What comes
 * out is the same letter, or nothing: never another one, never a refusal that tells of another, and
 * nothing is thrown. Where it is the same letter, all paths say so (`open`).
 */
import assert from "node:assert/strict";
import type { Opened } from "../open.ts";
import { said } from "./forge.ts";

/** How many changes left the letter as it was, of how many. */
export type Swept = { readonly same: number; readonly tried: number };

/** Opens one message and says what became of it. */
export type Opening = (sealed: Uint8Array) => Promise<Opened>;

/** Changes each octet in turn: `bitsOf` says which of its bits. */
export async function sweepBytes(
  good: Uint8Array,
  open: Opening,
  bitsOf: (position: number) => number,
): Promise<Swept> {
  const expected = await open(good);
  assert.equal(expected.kind, "opened");
  let same = 0;
  for (let i = 0; i < good.length; i += 1) {
    const bits = bitsOf(i) & 255;
    const opened = await open(good.with(i, (good[i] ?? 0) ^ (bits === 0 ? 1 : bits)));
    if (judge(opened, expected, `octet ${i} changed by ${bits}`)) same += 1;
  }
  return { same, tried: good.length };
}

/** Cuts the message off after each octet; none of it opens. */
export async function sweepEnds(good: Uint8Array, open: Opening): Promise<void> {
  for (let end = 0; end < good.length; end += 1) {
    const opened = await open(good.subarray(0, end));
    assert.equal(opened.kind, "unopenable", `cut off at ${end}`);
  }
}

function judge(opened: Opened, expected: Opened, how: string): boolean {
  if (opened.kind === "unopenable") return false;
  assert.deepEqual(said(opened), said(expected), how);
  return true;
}
