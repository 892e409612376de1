/** Streams from anywhere: what they announce is bounded, and anything that is none has a name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { makeStream, mixes } from "../../bench/streammaker.ts";
import { runs } from "../testing/runs.ts";
import { headerBytes, readHead, readStream, recordBytes, type StreamRefusal } from "./stream.ts";
import { auditPlay, openFloor, play } from "./streamplay.ts";

const mix = mixes["full-10"];
assert.ok(mix !== undefined);
const sound = makeStream(mix, 300, 1);

/** The sound stream with some words of its head changed: `[offset, value]`. */
function withWords(...words: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = sound.slice();
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of words) view.setUint32(offset, value, true);
  return bytes;
}

const record = headerBytes + 17 * recordBytes;
const cases: readonly (readonly [string, StreamRefusal, Uint8Array])[] = [
  ["empty", "stream_short", new Uint8Array()],
  ["half a head", "stream_short", sound.slice(0, 40)],
  ["another magic", "stream_magic", withWords([0, 0x42534f32])],
  ["version 2", "stream_version", withWords([4, 2])],
  ["no instrument", "stream_head", withWords([16, 0])],
  ["no account", "stream_head", withWords([20, 0])],
  ["more prefill than commands", "stream_head", withWords([12, 0xffff_ffff])],
  ["prices upside down", "stream_head", withWords([32, 200_000])],
  ["too many instruments", "stream_too_large", withWords([16, 0xffff_ffff])],
  ["too many accounts", "stream_too_large", withWords([20, 0xffff_ffff])],
  ["too many balances", "stream_too_large", withWords([16, 2048], [20, 100_000])],
  ["more commands than bytes", "stream_length", withWords([8, 0xffff_ffff])],
  ["cut", "stream_length", sound.slice(0, -1)],
  ["a tail", "stream_length", new Uint8Array([...sound, 0])],
  ["op 0", "stream_record", withWords([record, 0])],
  ["op 5", "stream_record", withWords([record, 5])],
  ["side 2", "stream_record", withWords([record, 0x0201])],
  ["tif 4", "stream_record", withWords([record, 0x0004_0001])],
  ["flag 2", "stream_record", withWords([record, 0x0200_0001])],
  ["instrument 10", "stream_record", withWords([record + 4, 10])],
  ["order 0", "stream_record", withWords([record + 8, 0])],
  ["an order above all", "stream_record", withWords([record + 8, 0xffff_ffff])],
  ["an account above all", "stream_record", withWords([record + 12, 0xffff_ffff])],
  ["a price above all", "stream_record", withWords([record + 16, 0xffff_ffff])],
  ["price 0", "stream_record", withWords([record + 16, 0])],
  ["quantity 0", "stream_record", withWords([record + 20, 0])],
];

for (const [name, refusal, bytes] of cases) {
  test(`a stream with ${name} is refused: ${refusal}`, () => {
    const read = readStream(bytes);
    assert.equal(read.ok ? "read" : read.name, refusal);
  });
}

test("a head is judged by the file's size, before anything of it is read", () => {
  const head = readHead(sound.slice(0, headerBytes), 2 ** 40);
  assert.equal(head.ok ? "read" : head.name, "stream_length");
});

test("whatever is read can be played: any bytes changed, it is refused or it balances", () => {
  const changes = fc.array(
    fc.tuple(fc.integer({ min: 4, max: sound.length - 1 }), fc.integer({ min: 0, max: 255 })),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(changes, (changed) => {
      const bytes = sound.slice();
      for (const [offset, value] of changed) bytes[offset] = value;
      const read = readStream(bytes);
      if (!read.ok) return;
      const state = openFloor(read.value, read.value.words);
      play(state, 0, read.value.commands);
      auditPlay(state);
    }),
    { numRuns: runs(60) },
  );
});

test("prices as far apart as u32 are played", () => {
  const view = new DataView(new ArrayBuffer(headerBytes + 3 * recordBytes));
  const bytes = new Uint8Array(view.buffer);
  [0x42534f31, 1, 3, 0, 1, 2, 3, 1, 1, 0xffff_ffff].forEach((word, i) =>
    view.setUint32(4 * i, word, true),
  );
  const orders = [
    [0x0101, 0, 1, 0, 0xffff_ffff, 5],
    [0x0101, 0, 2, 0, 1, 5],
    [0x0100_0001, 0, 3, 1, 0, 7],
  ];
  orders.forEach((words, i) =>
    words.forEach((word, k) => view.setUint32(headerBytes + i * recordBytes + 4 * k, word, true)),
  );
  const read = readStream(bytes);
  assert.ok(read.ok);
  const state = openFloor(read.value, read.value.words);
  play(state, 0, 3);
  assert.deepEqual([state.hash.trades, state.rejects], [2, 0]);
});
