/**
 * A front-runner who sees every transaction before any block has it, and builds the blocks: what he
 * does to rings of the exchange, each attempt really sent and mined. He gains nothing: the ring
 * settles or fails whole, nobody gets less than the limit, and what was left of the orders goes on.
 *
 * For the contract alone, and more of each kind: contracts/test/attacks/. The theft that partial
 * authoring allows, which is why no venue of ours uses it, is PartialOrderTheft.t.sol beside the
 * variant's other tests in contracts/test/variants/.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { submitData } from "../chain/settlement.ts";
import type { Receipt } from "../chain/node.ts";
import { at } from "../codec/assert.ts";
import { noAddress } from "../codec/ethereum.ts";
import {
  authoredBySender,
  encodeSubmission,
  type Part,
  type Submission,
} from "../ring/calldata.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { readEvents } from "../ring/eventlog.ts";
import { type FrontRunner, type Purse, purseOf, tips } from "../testing/frontrunner.ts";
import type { HostileNode, PendingSubmission } from "../testing/hostilenode.ts";
import { HostileVenue } from "../testing/hostilevenue.ts";
import { type Placed, type RingCustomer, whole } from "../testing/ringcustomer.ts";
import { compose, offerOf, type Offer, type Person } from "../testing/ringminer.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";
import { found } from "./found.ts";

let venue: HostileVenue;
let hostile: HostileNode;
let runner: FrontRunner;
let customers: readonly RingCustomer[];
/** The first ring, seen and kept back: all its orders have something left when it is settled. */
let seen: PendingSubmission;
let offers: readonly Placed[];
/** The front-runner's epoch. */
let epochs = 0n;

const names = ["GOLD", "OIL", "WHEAT", "GOLD"];
const flips = 150;

before(async () => {
  venue = await HostileVenue.open(found);
  ({ hostile, runner } = venue);
  const { people } = hostile.chain;
  customers = await Promise.all(people.map((owner, i) => venue.customer(i, owner)));
  await allow(10);
  keepBack();
  offers = await offerAll(30);
  seen = await pendingOf(offers);
});

after(() => venue.close());

/** The third lets the settlement take so much of what he sells. */
async function allow(amount: number): Promise<void> {
  const { people, tokens, contract } = hostile.chain;
  const third = hostile.chain.account(at(people, 2));
  await third.approve(at(tokens, 2), contract, whole(amount));
}

/** The three sell to each other, and each would take a fifth less than there is. */
async function offerAll(amount: number, who: readonly RingCustomer[] = customers) {
  const placed: Placed[] = [];
  for (const [i, customer] of who.entries()) placed.push(await offerOne(i, amount, customer));
  return placed;
}

/** The order in that place of the circle. */
function offerOne(place: number, amount: number, customer: RingCustomer): Promise<Placed> {
  const [sell, buy] = [at(names, place), at(names, place + 1)];
  return customer.offer(venue.ring, { sell: [amount, sell], buy: [amount * 0.8, buy] });
}

/** From now on the attacker keeps submissions from the node; what he wants mined he mines. */
function keepBack(): void {
  hostile.holds = ({ calldata }) => calldata !== undefined;
}

/** The submission with these orders, as the attacker sees it. */
function pendingOf(placed: readonly Placed[], before?: PendingSubmission) {
  return hostile.submissionOf(
    placed.map(({ hash }) => hash),
    before,
  );
}

function decoded({ calldata }: PendingSubmission): Submission {
  const submission = decodeSubmission(calldata, noAddress);
  assert.ok(submission.ok);
  return submission.value;
}

/** The same with other signatures, or authors, in its first ring. */
function withRing(submission: Submission, change: Partial<Submission["rings"][number]>) {
  const [first, ...rest] = submission.rings;
  assert.ok(first !== undefined);
  return { ...submission, rings: [{ ...first, ...change }, ...rest] };
}

async function purses(): Promise<readonly Purse[]> {
  const { node, tokens, people } = hostile.chain;
  return Promise.all(people.map(({ address }) => purseOf(node, address, tokens)));
}

/** Each of the three sold at most what was offered, for at least the limit's part of it. */
function limitsHold(earlier: readonly Purse[], later: readonly Purse[]): void {
  for (const i of [0, 1, 2]) {
    const change = (token: number): bigint =>
      at(at(later, i).tokens, token) - at(at(earlier, i).tokens, token);
    const [sold, received] = [-change(i), change((i + 1) % 3)];
    assert.ok(sold > 0n, `owner ${i} sold`);
    assert.ok(received * 10n >= sold * 8n, `owner ${i} got ${received} for ${sold}`);
  }
}

function settledIn(receipt: Receipt) {
  const events = readEvents(receipt.logs, hostile.chain.contract);
  assert.ok(events.ok);
  return events.value.flatMap((event) => (event.kind === "settled" ? [event] : []));
}

async function allHear(placed: readonly Placed[], transaction: string): Promise<void> {
  for (const [i, { hash }] of placed.entries()) {
    const told = await at(customers, i).hears(hash, "settled");
    assert.equal(told.transaction, transaction);
    assert.ok(told.received * 10n >= told.sold * 8n, "no worse than the limit");
  }
}

function authoredBy(part: Part, author: number): Part {
  return { ...part, author };
}

/** As the thief would author it: whatever key he lacks, he takes his own. */
function authored(parts: readonly { readonly offer: Offer; readonly fill: bigint }[]): Submission {
  return compose(venue.hostile.chain.domain, () => 0n, {
    rings: [parts.map(({ offer, fill }) => ({ offer, fill, take: 0n }))],
    miner: runner.self,
    feeRecipient: runner.address,
    deadline: 2n ** 33n,
    sender: noAddress,
  });
}

/** An order of the ring as the thief has it: everything but the auth key. */
function copied(i: number, auth: Person = runner.self): Offer {
  const { order, signature } = at(decoded(seen).orders, i);
  return { order, signature, owner: runner.self, auth };
}

test("swaps miner and fee recipient: every auth key signed for the miner's", async () => {
  const original = decoded(seen);
  assert.equal(original.feeRecipient, venue.ring.feeRecipient);
  assert.ok(
    at(original.rings, 0).parts.some(({ take }) => take > 0n),
    "there is a margin to steal",
  );
  const { address: thief } = runner;
  const bySender = {
    parts: at(original.rings, 0).parts.map((part) => authoredBy(part, authoredBySender)),
    authSignatures: [],
    minerSignature: undefined,
  };
  const fills = at(original.rings, 0).parts.map(({ order, fill }) => ({
    offer: copied(order),
    fill,
  }));
  const attempts: readonly Submission[] = [
    { ...original, feeRecipient: thief },
    { ...original, miner: thief, feeRecipient: thief },
    withRing({ ...original, miner: thief, feeRecipient: thief }, { minerSignature: undefined }),
    withRing({ ...original, miner: thief, feeRecipient: thief }, bySender),
    authored(fills),
    // Only the deadline, so that he may hold it back for ever.
    { ...original, deadline: original.deadline + 100_000n },
  ];
  for (const attempt of attempts) {
    await runner.isRefused(encodeSubmission(attempt), "BadAuthSignature");
  }
});

test("re-mines an order of the ring with an order of his own: he has no auth key", async () => {
  const original = decoded(seen);
  for (const [i, { order }] of original.orders.entries()) {
    const { buyToken: sellToken, buyAmount: sellAmount, sellToken: buyToken } = order;
    const terms = { sellToken, sellAmount, buyToken, buyAmount: order.sellAmount };
    const own = offerOf(runner.self, runner.self, terms);
    const fill = whole(10);
    const pair = [
      { offer: copied(i), fill },
      { offer: own, fill: (fill * order.buyAmount) / order.sellAmount },
    ] as const;
    const plan = authored(pair);
    const position = at(original.rings, 0).parts.findIndex((part) => part.order === i);
    const stolen = at(at(original.rings, 0).authSignatures, position);
    const ours = at(at(plan.rings, 0).authSignatures, 1);
    const named = offerOf(runner.self, runner.self, { ...terms, authAddress: order.authAddress });
    const turned = authored([pair[1], pair[0]]);
    const by = (of: Submission, author: number, place: number): readonly Part[] =>
      at(of.rings, 0).parts.map((part, j) => (j === place ? authoredBy(part, author) : part));
    const attempts: readonly Submission[] = [
      plan,
      withRing(plan, { authSignatures: [stolen, ours] }),
      withRing(plan, { parts: by(plan, authoredBySender, 0), authSignatures: [ours] }),
      withRing(turned, {
        parts: by(turned, 0, 1),
        authSignatures: at(turned.rings, 0).authSignatures.slice(0, 1),
      }),
      authored([pair[0], { ...pair[1], offer: named }]),
    ];
    for (const attempt of attempts) {
      await runner.isRefused(encodeSubmission(attempt), "BadAuthSignature");
    }
  }
});

test("changes bits of the calldata: each time it is refused", async (t) => {
  const seed = seedOf("FLIPS_SEED");
  t.diagnostic(`FLIPS_SEED=${seed}`);
  const dice = randomFrom(seed);
  const before = await purses();
  assert.equal(await runner.refusalOf(seen.calldata), undefined, "as it is, it would go through");
  const names = new Map<string, number>();
  for (let i = 0; i < flips; i += 1) {
    const changed = new Uint8Array(seen.calldata);
    const offset = dice(changed.length);
    changed[offset] = at(changed, offset) ^ (1 << dice(8));
    const name = await runner.refusalOf(changed);
    assert.ok(name !== undefined, `byte ${offset} may be ${changed[offset]}`);
    names.set(name, (names.get(name) ?? 0) + 1);
    if (i % 30 === 0) assert.equal((await runner.submit(changed)).isSuccess, false);
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(names)));
  assert.deepEqual(await purses(), before);
});

test("copies the ring, pays more and is first: it settles the same, he pays the gas", async () => {
  const [earlier, own] = [await purses(), await runner.purse()];
  const copy = await runner.sign(submitData(seen.calldata), { tip: tips.first });
  const [first, second] = await hostile.block([copy, seen.raw]);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual([first.isSuccess, second.isSuccess], [true, false]);
  await runner.gainedNothing(own);
  limitsHold(earlier, await purses());
  const [ring] = settledIn(first);
  assert.equal(ring?.miner, venue.ring.miner);
  assert.equal(ring?.feeRecipient, venue.ring.feeRecipient);
  await allHear(offers, first.transaction);
});

test("replays it while the orders have something left: it names what was filled", async () => {
  await allow(1000);
  await runner.isRefused(seen.calldata, "BadAuthSignature");
  const earlier = await purses();
  // What is left goes into a ring of its own, with everybody's new signature.
  const rest = await pendingOf(offers, seen);
  await runner.isRefused(seen.calldata, "BadAuthSignature");
  const [receipt] = await hostile.block([rest.raw]);
  assert.equal(receipt?.isSuccess, true);
  limitsHold(earlier, await purses());
  await runner.isRefused(rest.calldata, "Overfill");
  const told = await at(customers, 0).hears(at(offers, 0).hash, "settled", 2);
  assert.equal(told.transaction, receipt.transaction);
  await at(customers, 0).hearsStatus(at(offers, 0).hash, "filled");
});

/** A ring of the first two and of the front-runner, seen by him and kept back. */
async function ringWithHim(number: number) {
  const self = await venue.customer(number, runner.self);
  self.epoch = epochs;
  const placed = await offerAll(10, [at(customers, 0), at(customers, 1), self]);
  return { self, placed, own: at(placed, 2), pending: await pendingOf(placed) };
}

for (const how of ["cancel", "cancelAll"] as const) {
  test(`front-runs with ${how} of his own order: it fails whole, the others go on`, async () => {
    const { self, placed, own, pending } = await ringWithHim(how === "cancel" ? 11 : 12);
    const [earlier, mine] = [await purses(), await runner.purse()];
    const what = how === "cancel" ? own.order.nonce : "all";
    const cancel = await runner.signCancel(what, tips.first);
    const [first, second] = await hostile.block([cancel, pending.raw]);
    assert.deepEqual([first?.isSuccess, second?.isSuccess], [true, false]);
    const after = await purses();
    assert.deepEqual(after, earlier, "nobody lost a token, nor gas");
    await runner.gainedNothing(mine);
    for (const i of [0, 1]) {
      const told = await at(customers, i).hears(at(placed, i).hash, "failed");
      assert.equal(told.reason, "overtaken");
    }
    await self.hearsStatus(own.hash, "cancelled");
    // Somebody honest takes his place.
    const third = at(customers, 2);
    const instead = await offerOne(2, 10, third);
    const going = [at(placed, 0), at(placed, 1), instead];
    const next = await pendingOf(going);
    const [receipt] = await hostile.block([next.raw]);
    assert.equal(receipt?.isSuccess, true);
    limitsHold(after, await purses());
    await allHear(going, receipt.transaction);
    if (how === "cancelAll") epochs += 1n;
  });
}

test("back-runs with a cancellation: what has settled stays", async () => {
  const { self, placed, own, pending } = await ringWithHim(13);
  const cancel = await runner.signCancel(own.order.nonce, tips.last);
  const [second, first] = await hostile.block([cancel, pending.raw]);
  assert.deepEqual([first?.isSuccess, second?.isSuccess], [true, true]);
  for (const [i, customer] of [at(customers, 0), at(customers, 1), self].entries()) {
    const told = await customer.hears(at(placed, i).hash, "settled");
    assert.equal(told.transaction, first?.transaction);
  }
});

test("reorders two submissions: each settles as it was signed", async () => {
  const first = await offerAll(10);
  const one = await pendingOf(first);
  const second = await offerAll(20);
  const other = await pendingOf(second);
  const [earlier, own] = [await purses(), await runner.purse()];
  const copy = await runner.sign(submitData(other.calldata), { tip: tips.first });
  const receipts = await hostile.block([copy, one.raw]);
  assert.deepEqual(
    receipts.map(({ isSuccess }) => isSuccess),
    [true, true],
  );
  await runner.gainedNothing(own);
  limitsHold(earlier, await purses());
  await allHear(second, at(receipts, 0).transaction);
  await allHear(first, at(receipts, 1).transaction);
});

test("pays more and keeps it out of block after block: it comes again, dearer", async () => {
  const earlier = await purses();
  const placed = await offerAll(10);
  const first = await pendingOf(placed);
  hostile.holds = ({ calldata, tip }) => calldata !== undefined && tip <= first.tip;
  const told = await at(customers, 0).hears(at(placed, 0).hash, "settled");
  const passed = hostile.seen.find(({ hash }) => hash === told.transaction);
  assert.ok(passed !== undefined && passed.tip > first.tip);
  assert.deepEqual(passed.calldata, first.calldata);
  limitsHold(earlier, await purses());
});

// Last: the chain's clock goes half an hour ahead, past every deadline of now.
test("takes his tokens away before it: it fails whole by name, the others go on", async () => {
  keepBack();
  const { placed, pending } = await ringWithHim(14);
  const earlier = await purses();
  const refusal = await runner.signRefusal(at(hostile.chain.tokens, 2), tips.first);
  const [first, second] = await hostile.block([refusal, pending.raw]);
  assert.deepEqual([first?.isSuccess, second?.isSuccess], [true, false]);
  assert.deepEqual(await purses(), earlier);
  // The watcher looks, and says why it would be refused.
  await sleep(2000);
  await hostile.node.request("evm_increaseTime", [2000]);
  for (const i of [0, 1]) {
    const told = await at(customers, i).hears(at(placed, i).hash, "failed");
    assert.equal(told.reason, "TransferFailed");
  }
  hostile.holds = () => false;
  const instead = await offerOne(2, 10, at(customers, 2));
  const { transaction } = await at(customers, 2).hears(instead.hash, "settled");
  assert.ok(transaction !== undefined);
  await allHear([at(placed, 0), at(placed, 1), instead], transaction);
  limitsHold(earlier, await purses());
});
