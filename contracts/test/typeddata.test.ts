/**
 * Digests and refusals of src/ring against others' work: viem's typed data, and the compiler's ABI
 * of RingSettlement.
 */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { hashTypedData, type Hex, recoverTypedDataAddress } from "viem";

import { concat } from "../../src/codec/bytes.ts";
import { type Address, addressOf, type Hash, hashOf } from "../../src/codec/ethereum.ts";
import {
  cancelAllHash,
  cancelHash,
  type Domain,
  domainSeparator,
  orderHash,
  ringHash,
} from "../../src/ring/digest.ts";
import { parseOrder, printOrder, typedData } from "../../src/ring/json.ts";
import type { RingOrder } from "../../src/ring/order.ts";
import { cancelRefusals, submitRefusals } from "../../src/ring/refusals.ts";
import { addressOfKey, signDigest } from "../../src/ring/signature.ts";
import { errorArguments } from "../../src/testing/ringabi.ts";
import { runs } from "../../src/testing/runs.ts";
import { openVenue } from "./venue.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const address: fc.Arbitrary<Address> = bytes(20).map(addressOf);
const hash: fc.Arbitrary<Hash> = bytes(32).map(hashOf);
const uint = (bits: number): fc.Arbitrary<bigint> => fc.bigInt(0n, 2n ** BigInt(bits) - 1n);
const domains: fc.Arbitrary<Domain> = fc.record({ chainId: uint(50), contract: address });

const orders: fc.Arbitrary<RingOrder> = fc.record({
  owner: address,
  sellToken: address,
  buyToken: address,
  sellAmount: fc.bigInt(1n, 2n ** 128n - 1n),
  buyAmount: fc.bigInt(1n, 2n ** 128n - 1n),
  validSince: uint(40),
  validUntil: uint(40),
  nonce: uint(96),
  authAddress: address,
  feeToken: address,
  feeAmount: uint(128),
  marginSplit: fc.bigInt(0n, 100n),
  wallet: address,
  walletSplit: fc.bigInt(0n, 100n),
  allOrNone: fc.boolean(),
  buyDriven: fc.boolean(),
  minimumFill: uint(128),
  recipient: address,
});

function viemDomain({ chainId, contract }: Domain): object {
  return { name: "Signet Ring", version: "1", chainId, verifyingContract: contract };
}

type Field = { readonly name: string; readonly type: string };

/** The fields of `Name(type name,…)`. */
function fieldsOf(type: string): readonly Field[] {
  const inside = type.slice(type.indexOf("(") + 1, -1);
  return inside.split(",").map((field) => {
    const [type = "", name = ""] = field.split(" ");
    return { name, type };
  });
}

/** viem's digest, from the types as docs/spec/ring.md §3 writes them. */
function digestBy(
  domain: Domain,
  written: readonly string[],
  message: Readonly<Record<string, unknown>>,
): string {
  const types = Object.fromEntries(
    written.map((type) => [type.slice(0, type.indexOf("(")), fieldsOf(type)]),
  );
  const primaryType = Object.keys(types)[0] ?? "";
  return hashTypedData({ domain: viemDomain(domain), types, primaryType, message });
}

test("an order's typed data, read as a wallet reads it, is its hash, and is signed like that", async () => {
  await fc.assert(
    fc.asyncProperty(domains, orders, bytes(32), async (domain, order, secret) => {
      const data = JSON.parse(JSON.stringify(typedData(domain, order))) as Parameters<
        typeof hashTypedData
      >[0];
      equal(hashTypedData(data), orderHash(domain, order));
      const key = secret.with(0, 1);
      const compact = signDigest(orderHash(domain, order), key);
      const v = 27 + ((compact[32] ?? 0) >> 7);
      const full = concat([compact.with(32, (compact[32] ?? 0) & 127), Uint8Array.of(v)]);
      const signature: Hex = `0x${Buffer.from(full).toString("hex")}`;
      const signer = await recoverTypedDataAddress({ ...data, signature });
      equal(signer.toLowerCase(), addressOfKey(key));
    }),
    { numRuns: runs(20) },
  );
});

test("an order that was JSON on its way has the same hash", () => {
  fc.assert(
    fc.property(domains, orders, (domain, order) => {
      const read = parseOrder(printOrder(order));
      if (read.ok) equal(orderHash(domain, read.value), orderHash(domain, order));
    }),
    { numRuns: runs(20) },
  );
});

test("the hashes of rings and cancellations are viem's", () => {
  const part = fc.record({
    orderHash: hash,
    fill: uint(128),
    filledBefore: uint(128),
    take: uint(8),
  });
  const ring = fc.record({
    parts: fc.array(part, { maxLength: 10 }),
    miner: address,
    feeRecipient: address,
    deadline: uint(40),
  });
  const cancel = fc.record({ owner: address, nonces: fc.array(uint(96)), deadline: uint(40) });
  const ringType =
    "Ring(Participation[] participations,address miner,address feeRecipient,uint40 deadline)";
  const partType = "Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)";
  fc.assert(
    fc.property(domains, ring, cancel, uint(32), (domain, ring, cancel, epoch) => {
      const message = { ...ring, participations: ring.parts };
      equal(ringHash(domain, ring), digestBy(domain, [ringType, partType], message));
      const one = "Cancel(address owner,uint96[] nonces,uint40 deadline)";
      equal(cancelHash(domain, cancel), digestBy(domain, [one], cancel));
      const all = "CancelAll(address owner,uint32 epoch,uint40 deadline)";
      const request = { owner: cancel.owner, epoch, deadline: cancel.deadline };
      equal(cancelAllHash(domain, request), digestBy(domain, [all], request));
    }),
    { numRuns: runs(50) },
  );
});

test("the contract's errors are the refusals, with their arguments; its domain is ours", async () => {
  const venue = await openVenue();
  const { abi } = venue.settlement;
  const errors = abi.filter((item) => item.type === "error");
  deepEqual(
    new Map(errors.map(({ name, inputs }) => [name, inputs.map(({ type }) => type).join(",")])),
    new Map(Object.entries(errorArguments)),
  );
  const names = [...submitRefusals, ...cancelRefusals].toSorted();
  deepEqual(errors.map(({ name }) => name).toSorted(), names);
  const separator = await venue.evm.call({
    to: venue.settlement,
    name: "DOMAIN_SEPARATOR",
    args: [],
  });
  equal(separator, domainSeparator(venue.domain));
});
