/** A miner's round: what it proposes would settle, and it signs nothing that it should not. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";

import { assert } from "../codec/assert.ts";
import { fromAscii, toBase64 } from "../codec/bytes.ts";
import { addressOf, type Hash, keccak, noAddress } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import type { FoundRing } from "../finder/offer.ts";
import { newPool, type Pool, type Pooled } from "../pool/pool.ts";
import type { View } from "../pool/view.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { makeMinerKeys, readMinerSecret, sealAuthKey } from "../seal/authkey.ts";
import { type Offer, offerOf, person } from "../testing/ringminer.ts";
import { Between } from "./between.ts";
import { MinerKeys } from "./keys.ts";
import { Miner, type Mined } from "./round.ts";
import { vetOrder } from "./vet.ts";

const tokens = ["A", "B", "C"].map((name) => addressOf(keccak(fromAscii(name)).subarray(12)));
const domain: Domain = { chainId: 31337n, contract: addressOf(new Uint8Array(20).fill(7)) };
const minerPerson = person("miner");
const made = await makeMinerKeys({ at: time(1_700_000_000_000) });
const certificate = await readRegisteredCertificate(made.certificate);

async function minerKeys(): Promise<MinerKeys> {
  return new MinerKeys(minerPerson.key, await readMinerSecret(made.secret));
}

const view: View = {
  counter: () => 0n,
  epoch: () => 0n,
  funds: () => 1_000_000n,
  accepts: () => undefined,
  clock: () => 1000n,
  settled: () => undefined,
  fails: () => undefined,
};

/** `who` sells 100 of token `sell` for 90 of the next one. */
function offer(who: string, sell: number, fields: Partial<RingOrder> = {}): Offer {
  const [sellToken, buyToken] = [tokens[sell], tokens[(sell + 1) % 3]];
  assert(sellToken !== undefined && buyToken !== undefined, "there are three tokens");
  const terms = { sellToken, buyToken, sellAmount: 100n, buyAmount: 90n, ...fields };
  return offerOf(person(who), person(`auth of ${who} ${terms.nonce ?? 0n}`), terms);
}

const three = ["one", "two", "three"].map((who, i) => offer(who, i));

/** A pool of these orders, and what each customer sealed to the miner. */
async function poolOf(
  offers: readonly Offer[],
): Promise<{ readonly pool: Pool; readonly sealed: ReadonlyMap<Hash, string> }> {
  const pool = newPool();
  const sealed = new Map<Hash, string>();
  for (const { order, owner, auth } of offers) {
    const hash = orderHash(domain, order);
    const signature = signDigest(hash, owner.key);
    const pooled: Pooled = { hash, order, signature, byWallet: false, failures: 0, restsUntil: 0n };
    pool.orders.set(hash, pooled);
    sealed.set(hash, toBase64(await sealAuthKey(auth.key, [certificate])));
  }
  return { pool, sealed };
}

function ringOf(offers: readonly Offer[], amount = 100n): FoundRing {
  return {
    orders: offers.map(({ order }) => {
      return { id: orderHash(domain, order), sold: amount, received: amount };
    }),
  };
}

async function minedOf(offers: readonly Offer[], other: Partial<Mined> = {}): Promise<Mined> {
  const { pool, sealed } = await poolOf(offers);
  return {
    venue: {
      domain,
      feeRecipient: minerPerson.address,
      deadline: 300n,
      gasPerOrder: 0,
      tokens: tokens.map((id) => ({ id, price: 1 })),
    },
    pool,
    view,
    now: 1000n,
    sealedAuth: (hash) => sealed.get(hash),
    ...other,
  };
}

test("a ring of three, with keys that came sealed, becomes a submission that would settle", async () => {
  const mined = await minedOf(three);
  const miner = new Miner(await minerKeys(), () => [ringOf(three)], assertSilent);
  const [proposal, ...more] = await miner.propose(mined);
  ok(proposal);
  equal(more.length, 0);
  deepEqual(
    proposal.planned.rings.map(({ parts }) => parts.map(({ sold, received }) => [sold, received])),
    [
      [
        [100n, 100n],
        [100n, 100n],
        [100n, 100n],
      ],
    ],
  );
  const submission = decodeSubmission(proposal.calldata, noAddress);
  assert(submission.ok, "it is well formed");
  equal(submission.value.deadline, 1300n);
});

function assertSilent(sentence: string): never {
  throw new Error(sentence);
}

test("rings that share an order, or an owner's funds, do not go together", async () => {
  const again = offer("four", 2);
  const others = [offer("five", 0), offer("six", 1), offer("seven", 2)];
  const poor = [offer("five", 0, { nonce: 1n }), offer("eight", 1), offer("nine", 2)];
  const rings = [
    ringOf(three, 60n),
    ringOf([...three.slice(0, 2), again], 40n),
    ringOf(others, 10n),
    ringOf(poor, 10n),
  ];
  const miner = new Miner(await minerKeys(), () => rings, assertSilent);
  const all = [...three, again, ...others, ...poor];
  const proposals = await miner.propose(await minedOf(all));
  deepEqual(
    proposals.map(({ planned }) => planned.rings.map(({ parts }) => parts[0]?.sold)),
    [[60n], [10n]],
  );
});

test("of a ring that would be refused the order rests that the refusal names", async () => {
  const notes: string[] = [];
  const offered: number[] = [];
  const miner = new Miner(
    await minerKeys(),
    (offers) => {
      offered.push(offers.length);
      return offers.length === 3 ? [ringOf(three)] : [];
    },
    (sentence) => notes.push(sentence),
  );
  const funds: View["funds"] = (owner, token) =>
    owner === person("two").address && token === tokens[1] ? 50n : 1000n;
  const mined = await minedOf(three, { view: { ...view, funds } });
  deepEqual(await miner.propose(mined), []);
  deepEqual(await miner.propose(mined), []);
  deepEqual([offered, notes.length], [[3, 2], 1]);
  await miner.propose({ ...mined, now: 1060n });
  equal(offered.at(-1), 3);
});

test("a submission ends before the first of its orders does", async () => {
  const short = [offer("one", 0, { validUntil: 1100n }), ...three.slice(1)];
  const miner = new Miner(await minerKeys(), () => [ringOf(short)], assertSilent);
  const [proposal] = await miner.propose(await minedOf(short));
  equal(proposal?.planned.deadline, 1100n);
});

test("funds that another submission will take are not there", async () => {
  const mined = await minedOf(three);
  const order = three[0]?.order;
  assert(order !== undefined, "there is one");
  const takes = [{ owner: order.owner, token: order.sellToken, amount: 999_950n }];
  const on = { number: 1, deadline: 2000n, rings: [], before: [], settled: false };
  mined.pool.submissions.set(1, { ...on, takes });
  const notes: string[] = [];
  const miner = new Miner(
    await minerKeys(),
    () => [ringOf(three)],
    (note) => notes.push(note),
  );
  deepEqual(await miner.propose(mined), []);
  equal(notes.length, 1);
});

test("a ring whose order nobody can author is not signed by anybody", async () => {
  const notes: string[] = [];
  const miner = new Miner(
    await minerKeys(),
    () => [ringOf(three)],
    (sentence) => notes.push(sentence),
  );
  const mined = await minedOf(three, { sealedAuth: () => undefined });
  deepEqual(await miner.propose(mined), []);
  equal(notes.length, 1);
});

test("vetting tells a wrong signature, an unreadable key and the key of another order", async () => {
  const keys = await minerKeys();
  const { order, owner, auth } = offer("one", 0);
  const signature = signDigest(orderHash(domain, order), owner.key);
  const sealed = toBase64(await sealAuthKey(auth.key, [certificate]));
  const vet = (
    given: Partial<{ order: RingOrder; signature: Uint8Array; auth: string | undefined }>,
  ): Promise<string> => vetOrder(domain, keys, { order, signature, auth: sealed, ...given });
  equal(await vet({}), "good");
  equal(await vet({ signature: new Uint8Array(64) }), "by_wallet");
  equal(await vet({ order: { ...order, sellAmount: 101n } }), "by_wallet");
  equal(await vet({ auth: toBase64(fromAscii("no message")) }), "ring_auth_unreadable");
  equal(await vet({ auth: undefined }), "ring_auth_missing");
  const other = toBase64(await sealAuthKey(person("another").key, [certificate]));
  equal(await vet({ auth: other }), "ring_auth_wrong");
  const zero = toBase64(await sealAuthKey(new Uint8Array(32), [certificate]));
  equal(await vet({ auth: zero }), "ring_auth_wrong");
  const shared = { ...order, authAddress: minerPerson.address };
  const sharedSignature = signDigest(orderHash(domain, shared), owner.key);
  equal(await vet({ order: shared, signature: sharedSignature, auth: undefined }), "good");
});

test("another miner's key opens nothing", async () => {
  const stranger = await makeMinerKeys({ at: time(1_700_000_000_000) });
  const keys = new MinerKeys(minerPerson.key, await readMinerSecret(stranger.secret));
  const { order, owner, auth } = offer("one", 0);
  const signature = signDigest(orderHash(domain, order), owner.key);
  const sealed = toBase64(await sealAuthKey(auth.key, [certificate]));
  equal(await vetOrder(domain, keys, { order, signature, auth: sealed }), "ring_auth_unreadable");
});

test("between rounds the order that closes a ring is enough, and what nobody took comes back", async () => {
  const mined = await minedOf(three);
  const miner = new Miner(await minerKeys(), () => [], assertSilent);
  const between = new Between(mined.venue.tokens, 0);
  const live = [...mined.pool.orders.keys()].map((hash) => ({ hash, sells: 100n }));
  deepEqual(await miner.proposeBetween(mined, between, live.slice(0, 2)), []);
  deepEqual(await miner.proposeBetween(mined, between, live.slice(0, 2)), []);
  const [proposal, ...more] = await miner.proposeBetween(mined, between, live);
  equal(proposal?.planned.rings.length, 1);
  equal(more.length, 0);
  equal((await miner.proposeBetween(mined, between, live)).length, 1, "nobody took it");
  deepEqual(await miner.proposeBetween(mined, between, live.slice(0, 2)), [], "the third left");
});
