/**
 * Packet framing: what tools write is read, what they never write is refused, and nothing is read
 * past the end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { concat } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import { readPackets, writeMpi, writePacket } from "./packets.ts";

function bytes(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return concat(parts.map((part) => new Uint8Array(part)));
}

const fill = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);

test("packets are read in every framing that tools use", () => {
  const cases: readonly (readonly [string, Uint8Array, readonly (readonly [number, number])[]])[] =
    [
      ["nothing", bytes(), []],
      ["new, one octet", bytes([0xcb, 3], fill(3)), [[11, 3]]],
      ["new, two octets", bytes([0xcb, 0xc0, 0], fill(192)), [[11, 192]]],
      ["new, five octets", bytes([0xcb, 255, 0, 0, 0, 3], fill(3)), [[11, 3]]],
      ["old, one octet", bytes([0x88, 3], fill(3)), [[2, 3]]],
      ["old, two octets", bytes([0x89, 0, 3], fill(3)), [[2, 3]]],
      ["old, four octets", bytes([0x8a, 0, 0, 0, 3], fill(3)), [[2, 3]]],
      ["old, to the end", bytes([0xa3], fill(9)), [[8, 9]]],
      ["in parts", bytes([0xd2, 0xe9], fill(512), [0xe0], fill(1), [0]), [[18, 513]]],
      [
        "two",
        bytes([0xc4, 1, 0, 0xcb, 0]),
        [
          [4, 1],
          [11, 0],
        ],
      ],
    ];
  for (const [name, input, expected] of cases) {
    const read = readPackets(input, 10)?.map(({ tag, body }) => [tag, body.length]);
    assert.deepEqual(read, expected, name);
  }
});

test("other framing is refused whole", () => {
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["no packet", bytes([0x4b, 0])],
    ["no length", bytes([0xcb])],
    ["half a length", bytes([0xcb, 0xc0])],
    ["half a long length", bytes([0xcb, 255, 0, 0])],
    ["half an old length", bytes([0x89, 0])],
    ["a length beyond the end", bytes([0xcb, 4], fill(3))],
    ["a length of 4 GiB", bytes([0xcb, 255, 255, 255, 255, 255], fill(3))],
    ["an old length beyond the end", bytes([0x8a, 255, 255, 255, 255], fill(3))],
    ["an old literal to the end", bytes([0xaf], fill(3))],
    ["an old signature to the end", bytes([0x8b], fill(3))],
    ["a signature in parts", bytes([0xc2, 0xe9], fill(512), [0])],
    ["a session key in parts", bytes([0xc1, 0xe9], fill(512), [0])],
    ["a first part below 512", bytes([0xd2, 0xe8], fill(256), [0])],
    ["parts without an end", bytes([0xd2, 0xe9], fill(512))],
    ["a part of 1 GiB", bytes([0xd2, 0xfe], fill(512))],
    ["a second that is cut off", bytes([0xcb, 0, 0xcb, 4], fill(3))],
  ];
  for (const [name, input] of cases) assert.equal(readPackets(input, 10), undefined, name);
  assert.equal(readPackets(bytes([0xcb, 0, 0xcb, 0]), 1), undefined, "more than allowed");
});

test("what is written is read back", () => {
  const packet = fc.record({ tag: fc.integer({ min: 1, max: 63 }), length: fc.nat(9000) });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 4 }), (list) => {
      const written = concat(list.map(({ tag, length }) => writePacket(tag, fill(length))));
      const read = readPackets(written, 4);
      assert.deepEqual(
        read,
        list.map(({ tag, length }) => ({ tag, body: fill(length) })),
      );
    }),
    { numRuns: runs(100) },
  );
});

test("an MPI counts its bits and drops leading zeros", () => {
  assert.deepEqual(writeMpi(bytes([0, 0])), bytes([0, 0]));
  assert.deepEqual(writeMpi(bytes([0, 1, 2])), bytes([0, 9, 1, 2]));
  assert.deepEqual(writeMpi(bytes([0xff])), bytes([0, 8, 0xff]));
});
