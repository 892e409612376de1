/**
 * Ed25519 signatures that are not the one that was made: S + L, the group's order added, verifies
 * where S is not checked to be below it (RFC 8032 §5.1.7); R of small order or not canonical; R and
 * S of zero. The evidence of a letter must be one of a kind: all unopenable.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writeMpi, writePacket } from "../packets.ts";
import {
  forge,
  literal,
  newCustomer,
  newExchange,
  now,
  text,
  tryAll,
  type Attack,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const p = 2n ** 255n - 19n;

function fromLittle(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex")}`);
}

function toLittle(number: bigint): Uint8Array {
  const digits = number.toString(16).padStart(64, "0");
  return new Uint8Array(Buffer.from(digits, "hex")).toReversed();
}

test("only the signature that was made", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const { head, signature } = forge({ by: alice.key });
  const body = readPackets(signature, 1)?.[0]?.body;
  assert.ok(body);
  const { start, r, s } = numbersOf(body);
  const sealed = (newR: Uint8Array, newS: Uint8Array): Uint8Array => {
    const other = concat([start, writeMpi(newR), writeMpi(newS)]);
    const packet = writePacket(tags.signature, other);
    return message(concat([head, literal(text), packet]), target);
  };
  const zero = new Uint8Array(32);
  const one = toLittle(1n);
  const scalar = fromLittle(s);
  const attacks: readonly Attack[] = [
    ["as it was", sealed(r, s), "opened"],
    ["S + L", sealed(r, toLittle(scalar + order)), "unopenable"],
    ["S + 2L", sealed(r, toLittle(scalar + 2n * order)), "unopenable"],
    ["S + 8L", sealed(r, toLittle(scalar + 8n * order)), "unopenable"],
    ["S of 2^255 more", sealed(r, toLittle(scalar + 2n ** 255n)), "unopenable"],
    ["L - S", sealed(r, toLittle(order - scalar)), "unopenable"],
    ["S = L", sealed(r, toLittle(order)), "unopenable"],
    ["S = 0", sealed(r, zero), "unopenable"],
    ["R = 0", sealed(zero, s), "unopenable"],
    ["both 0", sealed(zero, zero), "unopenable"],
    ["R the neutral point", sealed(one, s), "unopenable"],
    ["R the neutral point, S = 0", sealed(one, zero), "unopenable"],
    ["R not canonical", sealed(toLittle(p + 1n), zero), "unopenable"],
    ["R with its sign", sealed(toLittle(fromLittle(r) ^ (2n ** 255n)), s), "unopenable"],
    ["more octets", sealed(concat([one, r]), s), "unopenable"],
  ];
  await tryAll(attacks, exchange, { registered: [alice] });
});

/** What stands before the two numbers, and the numbers, 32 octets each. */
function numbersOf(body: Uint8Array) {
  const word = (at: number): number => (body[at] ?? 0) * 256 + (body[at + 1] ?? 0);
  const unhashedAt = 6 + word(4);
  const numbersAt = unhashedAt + 2 + word(unhashedAt) + 2;
  const numberAt = (at: number): Uint8Array => {
    const octets = (word(at) + 7) >> 3;
    return concat([new Uint8Array(32 - octets), body.subarray(at + 2, at + 2 + octets)]);
  };
  const r = numberAt(numbersAt);
  const s = numberAt(numbersAt + 2 + ((word(numbersAt) + 7) >> 3));
  return { start: body.subarray(0, numbersAt), r, s };
}
