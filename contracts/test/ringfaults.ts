/**
 * What can be done to a submission before it is signed, after it was signed, and to its bytes.
 * Whether it is refused, and by which name, is for both sides to say.
 */
import { at } from "../../src/codec/assert.ts";
import { concat } from "../../src/codec/bytes.ts";
import { noAddress } from "../../src/codec/ethereum.ts";
import type { Part, Ring, Submission } from "../../src/ring/calldata.ts";
import { amountMax } from "../../src/ring/order.ts";
import { type PlannedPart, person } from "../../src/testing/ringminer.ts";
import { pick, type World } from "./randomrings.ts";

/** The place and the kind of the fault. */
export type Where = { readonly where: number; readonly how: number };

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function number(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** The same signature with n - s: high, so that its top bit is read as a parity. */
function highTwin(compact: Uint8Array): Uint8Array {
  const s = order - (number(compact.subarray(32)) & (2n ** 255n - 1n));
  const text = s.toString(16).padStart(64, "0");
  const bytes = Array.from({ length: 32 }, (_, i) => Number(`0x${text.slice(2 * i, 2 * i + 2)}`));
  return concat([compact.slice(0, 32), Uint8Array.from(bytes)]);
}

/** The same bytes but for one bit. */
export function flipBit(bytes: Uint8Array, where: number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const flipped = bytes.slice();
  const i = Math.floor(where / 8) % bytes.length;
  flipped[i] = at(bytes, i) ^ (1 << (where % 8));
  return flipped;
}

/** Another signature in the place of this one. */
export function faultySignature(signature: Uint8Array, { where, how }: Where): Uint8Array {
  const stranger = person("a stranger").key;
  return pick(
    [
      flipBit(signature, where),
      signature.length === 64 ? highTwin(signature) : new Uint8Array(64),
      new Uint8Array(64),
      signature.slice(0, 63),
      concat([signature, Uint8Array.of(27)]),
      new Uint8Array(0),
      concat([signature.slice(32), signature.slice(0, 32)]),
      concat([stranger, stranger]).slice(0, 64),
      new Uint8Array(64).fill(0xff),
    ],
    how,
  );
}

/** Another ring, signed as it is. */
export function faultyRing(
  parts: readonly PlannedPart[],
  { where, how }: Where,
): readonly PlannedPart[] {
  const i = where % parts.length;
  const one = at(parts, i);
  const filled = (fill: bigint): readonly PlannedPart[] =>
    parts.map((part, j) =>
      j === i ? { ...part, fill: fill > amountMax ? amountMax : fill } : part,
    );
  return pick(
    [
      filled(0n),
      filled(one.fill - 1n),
      filled(one.fill + 1n),
      filled(one.fill * 2n),
      filled(amountMax),
      [...parts.slice(i), ...parts.slice(0, i)],
      parts.toReversed(),
      parts.slice(0, 1),
      parts.filter((_, j) => j !== i),
      [...parts, one],
      [...parts, ...parts].slice(0, 14),
      Array.from({ length: 11 }, (_, j) => pick(parts, j)),
      parts.map((part) => ({ ...part, take: 2n })),
      parts.map((part) => ({ ...part, take: 1n })),
    ],
    how,
  );
}

/** The ring after it was signed. */
function tamperedRing(ring: Ring, { where, how }: Where): Ring {
  const { parts, authSignatures, minerSignature } = ring;
  const i = where % parts.length;
  const changed = (change: Partial<Part>): Ring => {
    return { ...ring, parts: parts.map((part, j) => (j === i ? { ...part, ...change } : part)) };
  };
  const { author, fill, take } = at(parts, i);
  const bad = (signature: Uint8Array): Uint8Array => {
    const one = faultySignature(signature, { where, how: Math.floor(how / 16) });
    return concat([one, new Uint8Array(64)]).slice(0, 64);
  };
  const k = where % Math.max(1, authSignatures.length);
  return pick(
    [
      changed({ author: (author + 1) % 16 }),
      changed({ author: 15 }),
      changed({ author: i }),
      changed({ author: 0 }),
      changed({ author: 14 }),
      changed({ take: (take + 1n) % 3n }),
      changed({ take: 3n }),
      changed({ order: 200 }),
      changed({ fill: fill === 1n ? 2n : fill - 1n }),
      { ...ring, parts: [...parts.slice(i), ...parts.slice(0, i)] },
      { ...ring, authSignatures: authSignatures.toReversed() },
      { ...ring, authSignatures: authSignatures.slice(1) },
      { ...ring, authSignatures: authSignatures.map((one, j) => (j === k ? bad(one) : one)) },
      { ...ring, minerSignature: minerSignature === undefined ? undefined : bad(minerSignature) },
      { ...ring, minerSignature: minerSignature === undefined ? new Uint8Array(64) : undefined },
    ],
    how,
  );
}

/** The submission after it was signed. */
export function tampered(submission: Submission, { where, how }: Where): Submission {
  const k = how % submission.rings.length;
  const rings = submission.rings.map((ring, i) => {
    return i === k ? tamperedRing(ring, { where, how: Math.floor(how / 4) }) : ring;
  });
  return { ...submission, rings };
}

/** Something about the whole that was not signed like this. */
export function faultyHeader(submission: Submission, world: World, how: number): Submission {
  const [ring] = submission.rings;
  const twice = ring === undefined ? [] : [...submission.rings, ring];
  const changes: readonly Partial<Submission>[] = [
    { deadline: world.now - 1n },
    { feeRecipient: noAddress },
    { feeRecipient: person("a stranger").address },
    { feeRecipient: world.settlement },
    { miner: person("a stranger").address },
    { miner: noAddress },
    { rings: [] },
    { rings: submission.rings.slice(1) },
    { rings: twice },
    { orders: submission.orders.toReversed() },
    { orders: submission.orders.slice(1) },
  ];
  return { ...submission, ...pick(changes, how) };
}
