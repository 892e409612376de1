/**
 * Any single bit of a good transaction's calldata flipped: it is refused, or has the very same
 * effect (logs and balances, to the last one). Every bit of two transactions: a ring of two with
 * every option of an order in use, and two rings over one table.
 */
import { equal, ok } from "node:assert/strict";
import { before, test } from "node:test";

import { decodeFunctionResult, encodeFunctionData, toBytes, toHex } from "viem";

import type { Address } from "../../src/codec/ethereum.ts";
import { encodeSubmission, type Submission, take } from "../../src/ring/calldata.ts";
import type { RingOrder } from "../../src/ring/order.ts";
import type { Deployed } from "./evm.ts";
import { e18, openVenue, person, type Plan, type Venue } from "./venue.ts";

type World = { readonly venue: Venue; readonly tokens: readonly Deployed[] };

/** As many as fit the gas of one call. */
const bitsAtOnce = 40;

const alice = person("Alice");
const bob = person("Bob");
const miner = person("the miner");
const wallet = person("the wallet").address;
const recipient = person("the recipient").address;

let world: World;
let flipper: Deployed;

before(async () => {
  const venue = await openVenue();
  const tokens = await Promise.all([venue.token(), venue.token(), venue.token()]);
  for (const token of tokens) {
    for (const owner of [alice, bob, miner]) {
      await venue.mint(token, owner.address, 1000n * e18);
      await venue.approve(token, owner.address);
    }
  }
  world = { venue, tokens };
  flipper = await venue.evm.deploy("BitFlipper");
});

function tokenAt({ tokens }: World, i: number): Address {
  const token = tokens[i];
  if (token === undefined) throw new Error("no such token");
  return token.address;
}

/** Both orders with fee, margin, wallet, recipient and minimum; one takes a fee, one a margin. */
function ringWithAllOptions(): Plan {
  const [a, b, c] = [tokenAt(world, 0), tokenAt(world, 1), tokenAt(world, 2)];
  const options: Partial<RingOrder> = {
    feeToken: c,
    feeAmount: 77n,
    marginSplit: 50n,
    wallet,
    walletSplit: 30n,
    minimumFill: 5n,
    recipient,
  };
  const hers = { sellToken: a, buyToken: b, sellAmount: 1000n, buyAmount: 500n, ...options };
  const his = { sellToken: b, buyToken: a, sellAmount: 1200n, buyAmount: 1800n, ...options };
  return {
    rings: [
      [
        { offer: world.venue.offer(alice, { ...hers, allOrNone: true }), fill: 1000n, take: 2n },
        { offer: world.venue.offer(bob, { ...his, buyDriven: true }), fill: 560n, take: take.fee },
      ],
    ],
    miner,
    feeRecipient: miner.address,
  };
}

function twoRingsOverOneTable(): Plan {
  const [a, b] = [tokenAt(world, 0), tokenAt(world, 1)];
  const auth = person("one auth key for two orders");
  const hers = { sellToken: a, buyToken: b, sellAmount: 1000n, buyAmount: 500n };
  const his = { sellToken: b, buyToken: a, sellAmount: 600n, buyAmount: 900n };
  const first = world.venue.offer(alice, { ...hers, nonce: 1n }, auth);
  const second = world.venue.offer(bob, { ...his, nonce: 1n }, auth);
  const part = (offer: typeof first, fill: bigint): { offer: typeof first; fill: bigint } => ({
    offer,
    fill,
  });
  return {
    rings: [
      [part(first, 300n), part(second, 170n)],
      [part(first, 300n), part(second, 180n)],
    ],
    miner,
  };
}

/** Calldata of `submit`: selector, offset, length, argument; without the zeros that fill it up. */
function submitData(bytes: Uint8Array): Uint8Array {
  const { abi } = world.venue.settlement;
  const data = encodeFunctionData({ abi, functionName: "submit", args: [toHex(bytes)] });
  return toBytes(data).subarray(0, 68 + bytes.length);
}

/** One key authors all three: the first covers the third, or the second does, it is the same. */
function ringWithAChoiceOfAuthor(): Plan {
  const auth = person("one auth key for three orders");
  const amounts = { sellAmount: 1000n, buyAmount: 900n, nonce: 2n };
  const parts = [alice, bob, miner].map((owner, i) => {
    const tokens = { sellToken: tokenAt(world, i), buyToken: tokenAt(world, (i + 1) % 3) };
    return { offer: world.venue.offer(owner, { ...tokens, ...amounts }, auth), fill: 100n };
  });
  return { rings: [parts], miner };
}

/** Sends and tells everything that it changed; `undefined` if it was refused. The world stays. */
async function effectOf(calldata: Uint8Array): Promise<string | undefined> {
  const { venue, tokens } = world;
  const { evm, settlement } = venue;
  const snapshot = await evm.request("evm_snapshot");
  try {
    const { logs } = await evm.sendData(settlement, toHex(calldata));
    const people = [alice.address, bob.address, miner.address, wallet, recipient];
    const balances: bigint[] = [];
    for (const token of tokens) {
      for (const who of people) balances.push(await venue.balance(token, who));
    }
    const told = logs.map((log) => ({ at: log.address, topics: log.topics, data: log.data }));
    return JSON.stringify([told, balances.map(String)]);
  } catch {
    return undefined;
  } finally {
    await evm.request("evm_revert", [snapshot]);
  }
}

/** Bits of the calldata that can be flipped and it is accepted still. */
async function acceptedFlips(calldata: Uint8Array): Promise<readonly number[]> {
  const { evm, settlement } = world.venue;
  const { abi } = flipper;
  const end = calldata.length * 8;
  const found: number[] = [];
  for (let from = 0; from < end; from += bitsAtOnce) {
    const count = Math.min(bitsAtOnce, end - from);
    const args = [settlement.address, toHex(calldata), from, count];
    const data = await evm.call({ to: flipper, name: "accepted", args });
    const bits = decodeFunctionResult({ abi, functionName: "accepted", data }) as bigint[];
    found.push(...bits.map(Number));
  }
  return found;
}

/** Flips each bit in turn. Returns how many were accepted, all of them with the same effect. */
async function flipEveryBit(submission: Submission): Promise<number> {
  const calldata = submitData(encodeSubmission(submission));
  const right = await effectOf(calldata);
  ok(right !== undefined, "it settles as it is");
  const flips = await acceptedFlips(calldata);
  for (const bit of flips) {
    const flipped = Uint8Array.from(calldata);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    equal(await effectOf(flipped), right, `bit ${bit & 7} of byte ${bit >> 3}`);
  }
  return flips.length;
}

test("every bit of a ring with all options counts", async () => {
  equal(await flipEveryBit(await world.venue.compose(ringWithAllOptions())), 0);
});

test("every bit of two rings over one table counts", async () => {
  equal(await flipEveryBit(await world.venue.compose(twoRingsOverOneTable())), 0);
});

test("a bit that names another author with the same key has the same effect", async () => {
  equal(await flipEveryBit(await world.venue.compose(ringWithAChoiceOfAuthor())), 1);
});
