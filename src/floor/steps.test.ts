/**
 * What the floor promises by itself: steps are bounded, nothing comes in between them, time never
 * goes back, a snapshot is a function of what is and not of how it came about.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openWorld, tell, type World } from "../testing/floorpair.ts";
import { tableListing } from "../testing/floortable.ts";
import { op, phase } from "./command.ts";
import { auditFloor } from "./audit.ts";
import type { Floor } from "./floor.ts";
import type { Told } from "./naive.ts";
import { openOrder, ordersOf } from "./read.ts";
import { readSnapshot, stateHash, writeSnapshot } from "./snapshot.ts";
import { proceed, submit } from "./steps.ts";

const world: World = {
  options: { stepMax: 2000, ordersOpenMax: 20_000, walkMax: 2000 },
  assets: 2,
  accounts: 3,
  funds: 100_000_000,
  listings: [{ ...tableListing, quantityMax: 100_000 }],
};

const order: Told = {
  op: op.enter,
  time: 1,
  account: 2,
  market: 0,
  id: 0,
  side: 0,
  tif: 0,
  kind: 0,
  prevention: 0,
  price: 100,
  quantity: 1,
  trigger: 0,
  expiry: 0,
  cap: 0,
  phase: phase.continuous,
};

function opened(): Floor {
  const floor = openWorld(world);
  give(floor, { op: op.phase });
  return floor;
}

/** One step; says whether something is pending. */
function give(floor: Floor, told: Partial<Told>): boolean {
  tell(floor, { ...order, ...told });
  return submit(floor);
}

test("an order that meets ten thousand goes on in five steps, and nothing comes in between", () => {
  const floor = opened();
  for (let id = 1; id <= 10_000; id += 1) give(floor, { id, side: 1, account: 3 });
  assert.equal(give(floor, { id: 20_000, quantity: 10_001 }), true);
  assert.equal(floor.events.count, 2000);
  assert.throws(() => give(floor, { id: 20_001 }), /nothing else is taken/);
  assert.throws(() => writeSnapshot(floor), /between commands/);
  let steps = 1;
  for (let pending = true; pending; steps += 1) pending = proceed(floor);
  assert.equal(steps, 5);
  assert.deepEqual(
    ordersOf(floor, 2).map(({ id, open, price }) => [id, open, price]),
    [[20_000, 1, 100]],
  );
  assert.throws(() => proceed(floor), /something is pending/);
  auditFloor(floor);
});

test("a cancelled account of ten thousand orders goes on in steps, too", () => {
  const floor = opened();
  for (let id = 1; id <= 10_000; id += 1) give(floor, { id, price: 1 + (id % 900) });
  let pending = give(floor, { op: op.cancelAll, market: -1, side: -1 });
  let ended = floor.events.count;
  while (pending) {
    pending = proceed(floor);
    ended += floor.events.count;
  }
  assert.equal(ended, 10_000);
  assert.equal(floor.orders.count, 0);
  auditFloor(floor);
});

test("so does one whose orders are looked at and not meant", () => {
  const floor = opened();
  floor.addMarket(tableListing);
  give(floor, { op: op.phase, market: 1 });
  for (let id = 1; id <= 10_000; id += 1) give(floor, { id, price: 1 + (id % 900) });
  give(floor, { id: 20_000, market: 1 });
  let steps = 1;
  let ended = 0;
  for (let pending = give(floor, { op: op.cancelAll, market: 1, side: -1 }); pending; steps += 1) {
    assert.equal(floor.events.count, 0);
    pending = proceed(floor);
    ended = floor.events.count;
  }
  assert.deepEqual([steps, ended, floor.orders.count], [6, 1, 10_000]);
  auditFloor(floor);
});

test("time never goes back", () => {
  const floor = opened();
  give(floor, { op: op.tick, time: 9 });
  assert.throws(() => give(floor, { op: op.tick, time: 8 }), /never goes back/);
});

test("the same state by another way is the same bytes", () => {
  const one = opened();
  const other = opened();
  for (const floor of [one, other]) {
    for (let id = 1; id <= 50; id += 1) {
      give(floor, { id, account: 2 + (id % 3), price: 50 + (id % 7), quantity: id, tif: id % 2 });
    }
  }
  // The other one's window, slots, pages and columns have seen a lot in between.
  const copy = readSnapshot(writeSnapshot(other));
  for (let id = 1000; id < 9000; id += 1) {
    give(copy, { id, account: 4, price: 1 + (id % 40), time: 1 });
  }
  for (let id = 1000; id < 9000; id += 1) give(copy, { op: op.cancel, id, account: 4 });
  copy.orderNumber = one.orderNumber;
  assert.deepEqual(writeSnapshot(copy), writeSnapshot(one));
  assert.deepEqual(stateHash(copy), stateHash(one));
  give(copy, { op: op.reduce, id: openId(copy), account: 2, quantity: 1 });
  assert.notDeepEqual(stateHash(copy), stateHash(one));
});

/** The id of some order of account 2. */
function openId(floor: Floor): number {
  const id = ordersOf(floor, 2)[0]?.id ?? 0;
  assert.equal(openOrder(floor, id)?.account, 2);
  return id;
}

test("a raised fee leaves open orders their rate; what they hold stays enough", () => {
  const floor = openWorld({
    ...world,
    listings: [{ ...tableListing, makerRate: 1000 }],
  });
  give(floor, { op: op.phase });
  give(floor, { id: 1, quantity: 10 });
  floor.relist(0, { ...tableListing, makerRate: 900_000, takerRate: 900_000 });
  give(floor, { id: 2, quantity: 10, side: 1, account: 3 });
  assert.equal(floor.events.kind(0), 2);
  assert.deepEqual([floor.events.fee(0), floor.events.otherFee(0)], [900, 1]);
  auditFloor(floor);
});
