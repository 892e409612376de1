/**
 * Certificates that would let their owner deny a letter, or that would stop the island: points of
 * small order, not canonical ones, keys that cannot be sealed to, exponents that cost too much.
 */
import { ed25519Of } from "#primitives";
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateKey } from "openpgp";
import { concat, equalBytes } from "../../codec/bytes.ts";
import { readCertificate } from "../certificate.ts";
import { hashed, keyFlags } from "../certify.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { isSoundEd25519Point } from "../point.ts";
import { openpgpConfig } from "../policy.ts";
import { makeSignature, signatureTypes, subpackets, writeSubpacket } from "../signature.ts";
import { days, hex, newCustomer, now, seedOf } from "./forge.ts";

const p = 2n ** 255n - 19n;

/** Little endian, 32 bytes. */
function encode(y: bigint): Uint8Array {
  return hex(y.toString(16).padStart(64, "0")).toReversed();
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % p];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

const d = (((p - 121665n) * power(121666n, p - 2n)) % p) % p;

type Point = readonly [x: bigint, y: bigint];

/** The sum of two points of the curve -x² + y² = 1 + d x² y². */
function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const product = (((((d * x1) % p) * x2) % p) * ((y1 * y2) % p)) % p;
  const x = (x1 * y2 + y1 * x2) * power(1n + product, p - 2n);
  const y = (y1 * y2 + x1 * x2) * power(1n + p - product, p - 2n);
  return [((x % p) + p) % p, ((y % p) + p) % p];
}

/** A point with this y, if there is one. */
function lift(y: bigint): Point | undefined {
  const square = ((y * y - 1n + p) * power(d * y * y + 1n, p - 2n)) % p;
  const root = power(square, (p + 3n) / 8n);
  const roots = [root, (root * power(2n, (p - 1n) / 4n)) % p];
  const x = roots.find((candidate) => (candidate * candidate) % p === square);
  return x === undefined ? undefined : [x, y];
}

test("the eight points of small order are refused: eight times each is nothing", () => {
  const order8 = hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  const y8 = BigInt(`0x${Buffer.from(order8.toReversed()).toString("hex")}`);
  for (const y of [0n, 1n, p - 1n, y8, p - y8]) {
    const point = lift(y);
    assert.ok(point, "it is on the curve");
    const twice = add(point, point);
    const four = add(twice, twice);
    assert.deepEqual(add(four, four), [0n, 1n]);
    assert.equal(isSoundEd25519Point(encode(y)), false);
    assert.equal(isSoundEd25519Point(encode(y + (1n << 255n))), false, "with the sign bit");
  }
  assert.equal(isSoundEd25519Point(encode(p)), false, "0, not canonical");
  assert.equal(isSoundEd25519Point(encode(p + 4n)), false, "4, not canonical");
  assert.equal(isSoundEd25519Point(encode(4n)), true);
  assert.equal(isSoundEd25519Point(undefined), false);
  assert.equal(isSoundEd25519Point(new Uint8Array(31)), false);
});

/** The certificate with some bytes in place of others. */
function replaced(binary: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = binary.findIndex((_, i) => equalBytes(binary.subarray(i, i + from.length), from));
  assert.notEqual(at, -1);
  return concat([binary.subarray(0, at), to, binary.subarray(at + from.length)]);
}

function publicBytes(binary: Uint8Array, index: number, after: number): Uint8Array {
  const packet = readPackets(binary, 100)?.filter(({ tag }) => tag === 6 || tag === 14)[index];
  assert.ok(packet);
  return packet.body.subarray(after, after + 32);
}

test("a certificate on a point of small order is refused", async () => {
  const { certificate } = await newCustomer("Alice", 1);
  const point = publicBytes(certificate.binary, 0, 6 + 10 + 3);
  const weak = replaced(certificate.binary, point, encode(1n));
  const read = await readCertificate(weak, now);
  assert.ok(!read.ok);
  assert.equal(read.name, "certificate_weak_point");
});

test("a certificate that cannot be sealed to is refused: its first report would stop us", async () => {
  const { key, certificate } = await newCustomer("Alice", 1);
  // The owner of a key may bind what she likes, a point of low order included.
  const [primary, userId, certification, subkey] = readPackets(certificate.binary, 100) ?? [];
  assert.ok(primary && userId && certification && subkey);
  const point = publicBytes(certificate.binary, 1, 6 + 11 + 3);
  const low = replaced(subkey.body, point, encode(1n));
  const binding = makeSignature({
    signer: { fingerprint: key.fingerprint, sign: ed25519Of(seedOf(key.key)).sign },
    type: signatureTypes.subkeyBinding,
    created: now - days,
    hashed: [writeSubpacket(subpackets.keyFlags, new Uint8Array([keyFlags.encrypt]), true)],
    data: concat([hashed(primary.body), hashed(low)]),
  });
  const own = [primary, userId, certification].map(({ tag, body }) => writePacket(tag, body));
  const bound = [writePacket(tags.publicSubkey, low), writePacket(tags.signature, binding)];
  const read = await readCertificate(concat([...own, ...bound]), now);
  assert.ok(!read.ok);
  assert.equal(read.name, "certificate_cannot_encrypt");

  const packets = readPackets(certificate.binary, 100) ?? [];
  const signOnly = packets.slice(0, 3).map(({ tag, body }) => writePacket(tag, body));
  const none = await readCertificate(concat(signOnly), now);
  assert.ok(!none.ok);
  assert.equal(none.name, "certificate_cannot_encrypt");
});

test("RSA below 2048 bits, other curves and long exponents are refused", async () => {
  const at = new Date(now - days);
  const make = async (options: object, config: object): Promise<Uint8Array> => {
    const { publicKey } = await generateKey({
      userIDs: { name: "Alice" },
      date: at,
      format: "binary",
      ...options,
      config: { ...openpgpConfig, ...config },
    });
    return publicKey;
  };
  const small = await make({ type: "rsa", rsaBits: 1024 }, { minRSABits: 1024 });
  const other = await make({ type: "ecc", curve: "nistP384" }, {});
  for (const certificate of [small, other]) {
    const read = await readCertificate(certificate, now);
    assert.ok(!read.ok);
    assert.equal(read.name, "certificate_algorithm");
  }
  const good = await make({ type: "rsa", rsaBits: 2048 }, {});
  assert.ok((await readCertificate(good, now)).ok);
  const p256 = await make({ type: "ecc", curve: "nistP256" }, {});
  assert.ok((await readCertificate(p256, now)).ok);
  // The same modulus with an exponent of 40 bits: refused before anything is computed with it.
  const long = readPackets(good, 100)?.map(({ tag, body }) => {
    const key = tag === 6 || tag === 14;
    const exponent = new Uint8Array([0, 40, 0x80, 0, 0, 0, 1]);
    return writePacket(tag, key ? concat([body.subarray(0, -5), exponent]) : body);
  });
  const read = await readCertificate(concat(long ?? []), now);
  assert.ok(!read.ok);
  assert.equal(read.name, "certificate_algorithm");
});
