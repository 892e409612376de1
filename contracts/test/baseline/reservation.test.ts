/**
 * What Dual Authoring replaced: reservation costs a second transaction, and stops nobody.
 * Each theft stands beside the honest path it spoils.
 */
import { deepEqual, ok, rejects } from "node:assert/strict";
import { before, describe, test, type TestContext } from "node:test";

import type { Deployed } from "../evm.ts";
import { e18, openVenue, person, type Venue } from "../venue.ts";
import { flipped, openReservations, type OldRing, type Reservations } from "./reservation.ts";

const miner = person("the miner");
const thief = person("the thief");
const feeAmount = e18;
/** Of both orders of a pair. */
const fees = 2n * feeAmount;

let venue: Venue;
let world: Reservations;
let tokens: readonly Deployed[];

function pair(name: string): Promise<OldRing> {
  return world.ring(name, tokens.slice(0, 2), { ringminer: miner, feeAmount });
}

/** What each got of the fee token in the meantime. */
async function gains(during: () => Promise<unknown>): Promise<{ miner: bigint; thief: bigint }> {
  const of = (who: typeof miner): Promise<bigint> => venue.balance(world.feeToken, who.address);
  const [minerBefore, thiefBefore] = [await of(miner), await of(thief)];
  await during();
  return { miner: (await of(miner)) - minerBefore, thief: (await of(thief)) - thiefBefore };
}

describe("reservation", () => {
  before(async () => {
    venue = await openVenue();
    world = await openReservations(venue);
    tokens = await Promise.all(Array.from({ length: 10 }, () => venue.token()));
    await venue.meet(miner.address);
    await venue.meet(thief.address);
  });

  test("the honest miner reserves, then submits, and is paid", async () => {
    const ring = await pair("honest");
    const got = await gains(async () => {
      await world.reserve(ring, miner.address);
      await world.submit(ring, miner.address);
    });
    deepEqual(got, { miner: fees, thief: 0n });
  });

  test("a reservation stops another ringminer for 100 blocks, and no longer", async () => {
    const ring = await pair("blocks");
    await world.reserve(ring, miner.address);
    const stolen = await world.mined({ ...ring, feeRecipient: thief.address }, thief);
    await rejects(world.submit(stolen, thief.address), { name: "ReservedByAnother" });
    await venue.evm.request("hardhat_mine", ["0x62"]);
    await rejects(world.submit(stolen, thief.address), { name: "ReservedByAnother" });
    const got = await gains(() => world.submit(stolen, thief.address));
    deepEqual(got, { miner: 0n, thief: fees });
  });

  test("several reservations in one transaction: all of them or none", async () => {
    const [one, two] = [await pair("batch 1"), await pair("batch 2")];
    const hashes = await Promise.all(
      [one, two].map((ring) => world.ringhash(ring.signatures.slice(0, 2))),
    );
    await world.batchReserve([miner.address, thief.address], hashes);
    await rejects(world.submit(two), { name: "ReservedByAnother" });
    await rejects(world.batchReserve([miner.address], hashes), { name: "RingShape" });
    const both = [miner.address, miner.address];
    await rejects(world.batchReserve(both, hashes), { name: "ReservedByAnother" });
    await world.submit(one);
  });

  test("A3: the fee recipient is not in the ringhash, so whoever is faster is paid", async () => {
    const ring = await pair("fee recipient");
    await world.reserve(ring, miner.address);
    const copied = { ...ring, feeRecipient: thief.address };
    deepEqual(await gains(() => world.submit(copied, thief.address)), { miner: 0n, thief: fees });
    await rejects(world.submit(ring, miner.address), { name: "Overfill" });
  });

  test("A15: a signature in its other form makes another ringhash, which nobody reserved", async () => {
    const ring = await pair("flip");
    await world.reserve(ring, miner.address);
    const taken = await world.mined({ ...ring, feeRecipient: thief.address }, thief);
    await rejects(world.submit(taken, thief.address), { name: "ReservedByAnother" });
    const [first, ...rest] = ring.signatures;
    if (first === undefined) throw new Error("a ring has signatures");
    const turned = { ...ring, signatures: [flipped(first), ...rest], feeRecipient: thief.address };
    const own = await world.mined(turned, thief);
    deepEqual(await gains(() => world.submit(own, thief.address)), { miner: 0n, thief: fees });
  });

  test("A4: whoever sees the reservation reserves first, and the finder waits 100 blocks", async () => {
    const ring = await pair("snipe");
    const taken = await world.mined({ ...ring, feeRecipient: thief.address }, thief);
    await world.reserve(taken, thief.address);
    await rejects(world.reserve(ring, miner.address), { name: "ReservedByAnother" });
    await rejects(world.submit(ring, miner.address), { name: "ReservedByAnother" });
    deepEqual(await gains(() => world.submit(taken, thief.address)), { miner: 0n, thief: fees });
  });

  /** One ring of n orders by each scheme; the same tokens, everybody holding some of everything. */
  async function costs(n: number): Promise<{ reserve: number; submit: number; ours: number }> {
    const some = tokens.slice(0, n);
    const old = await world.ring(`gas ${n}`, some, { ringminer: miner, feeAmount: 0n });
    const reserve = await world.reserve(old, miner.address);
    const submit = await world.submit(old, miner.address);
    const parts = [];
    for (const [i, sell] of some.entries()) {
      const owner = person(`ours ${n}: owner ${i}`);
      const buy = some[(i + 1) % n] ?? sell;
      for (const token of [sell, buy]) await venue.mint(token, owner.address, 100n * e18);
      await venue.approve(sell, owner.address);
      const amounts = { sellAmount: 10n * e18, buyAmount: 10n * e18 };
      const fields = { sellToken: sell.address, buyToken: buy.address, ...amounts };
      parts.push({ offer: venue.offer(owner, fields), fill: 10n * e18 });
    }
    const ours = await venue.settle({ rings: [parts], miner });
    return { reserve: reserve.gasUsed, submit: submit.gasUsed, ours: ours.gasUsed };
  }

  test("the second transaction: gas of a reserved ring beside one authored by everybody", async (t: TestContext) => {
    for (const n of [2, 3, 5, 10]) {
      const { reserve, submit, ours } = await costs(n);
      t.diagnostic(
        `n=${n}: reserve ${reserve} + submit ${submit} = ${reserve + submit}; ours ${ours}`,
      );
      ok(reserve > 21_000, "a reservation is a transaction");
      ok(n > 3 || reserve + submit > ours, `a ring of ${n} in two transactions costs more`);
    }
  });
});
