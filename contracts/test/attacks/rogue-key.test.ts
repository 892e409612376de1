/**
 * Rogue-key aggregation, or why we do not aggregate auth signatures.
 *
 * SEES Alice's order, and with it her public auth key A. DOES choose the auth key of its own order
 * as B = x·G - A, for an x of its choice: nobody knows the secret of B, but the secret of A + B is
 * x. GETS a signature of both keys, made alone, over any ring it likes. A contract that sums keys
 * takes it; one that wants a signature of each key cannot be given any for B.
 */
import { deepEqual } from "node:assert/strict";
import { before, describe, test } from "node:test";

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, decodeFunctionResult, encodeAbiParameters, type Hex, keccak256 } from "viem";

import { addressOf, keccak } from "../../../src/codec/ethereum.ts";
import { type Deployed, type Evm, startEvm } from "../evm.ts";
import { person } from "../venue.ts";

const { Point } = secp256k1;
type Point = InstanceType<typeof Point>;

const order = Point.CURVE().n;
const message = keccak256("0x1234");

let evm: Evm;
let contract: Deployed;

const secretOf = (name: string): bigint => BigInt(bytesToHex(person(name).key)) % order;
const modulo = (value: bigint): bigint => ((value % order) + order) % order;
const coordinates = ({ x, y }: Point): { readonly x: bigint; readonly y: bigint } => ({ x, y });

/** A Schnorr signature of `key` = `secret`·G, whoever's keys that is the sum of. */
function sign(key: Point, secret: bigint): { readonly e: bigint; readonly s: bigint } {
  const nonce = secretOf(`a nonce for ${key.x}`);
  const commitment = Point.BASE.multiply(nonce).toBytes(false).subarray(1);
  const address = addressOf(keccak(commitment).subarray(12));
  const types = [
    { type: "address" },
    { type: "uint256" },
    { type: "uint256" },
    { type: "bytes32" },
  ];
  const e = modulo(BigInt(keccak256(encodeAbiParameters(types, [address, key.x, key.y, message]))));
  return { e, s: modulo(nonce + e * secret) };
}

async function accepts(
  keys: readonly Point[],
  { e, s }: { readonly e: bigint; readonly s: bigint },
): Promise<unknown> {
  const args = [keys.map(coordinates), message, e, s];
  const data: Hex = await evm.call({ to: contract, name: "accepts", args });
  return decodeFunctionResult({ abi: contract.abi, functionName: "accepts", data });
}

describe("rogue keys", () => {
  before(async () => {
    evm = await startEvm();
    contract = await evm.deploy("SchnorrSum");
  });

  test("the control: who knows both secrets signs for both keys, who knows one does not", async () => {
    const [alice, bob] = [secretOf("Alice's auth key"), secretOf("Bob's auth key")];
    const keys = [Point.BASE.multiply(alice), Point.BASE.multiply(bob)];
    const sum = Point.BASE.multiply(modulo(alice + bob));
    deepEqual(await accepts(keys, sign(sum, modulo(alice + bob))), true);
    deepEqual(await accepts(keys, sign(sum, bob)), false);
    const { e, s } = sign(sum, modulo(alice + bob));
    deepEqual(await accepts(keys, { e, s: modulo(s + 1n) }), false);
  });

  test("the forgery: a key chosen after Alice's cancels hers, and the thief signs alone", async () => {
    const alice = Point.BASE.multiply(secretOf("Alice's auth key"));
    const secret = secretOf("the thief's choice");
    const rogue = Point.BASE.multiply(secret).subtract(alice);
    deepEqual(await accepts([alice, rogue], sign(Point.BASE.multiply(secret), secret)), true);
  });
});
