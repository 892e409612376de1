/**
 * The first 20,000 commands of the five public order streams: the maker's bytes, and the trades and
 * refusals on which the floor agrees with an independent matcher. The whole million of each is
 * `npm run bench -- engine`.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { makeStream, mixes } from "../../bench/streammaker.ts";
import { readStream } from "./stream.ts";
import { auditPlay, openFloor, play } from "./streamplay.ts";

const commands = 20_000;

/** The beginning of the bytes' SHA-256, the trade hash, trades and refusals. */
const agreed = [
  ["xcore-1", "e101ec82", "282b4edb2859ffc9", 2154, 0],
  ["flow-1", "5aa6f9b5", "1b2d69254527a909", 2916, 0],
  ["xcore-100", "f0be2b1c", "87c36fd475443f50", 2622, 0],
  ["flow-100", "541d727f", "9c3935366e3d38ee", 2974, 0],
  ["full-10", "b37f565a", "79ca029faff0d9a0", 3861, 372],
] as const;

for (const [name, sha256, hash, trades, rejects] of agreed) {
  test(`the floor trades ${name} as others do`, () => {
    const mix = mixes[name];
    assert.ok(mix !== undefined);
    const bytes = makeStream(mix, commands, 1);
    assert.equal(createHash("sha256").update(bytes).digest("hex").slice(0, 8), sha256);
    const stream = readStream(bytes);
    assert.ok(stream.ok);
    const state = openFloor(stream.value, stream.value.words);
    play(state, 0, stream.value.commands);
    auditPlay(state);
    const said = [state.hash.digest(), state.hash.trades, state.rejects];
    assert.deepEqual(said, [hash, trades, rejects]);
  });
}
