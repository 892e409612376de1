/**
 * What things cost on a real EVM, in the setting in which the peers were measured: plain ERC-20s,
 * no balance zero before or after, infinite approvals, one transaction a block (so that all state
 * is cold), every leg 1000e18 at 1:1, every order for two such legs, sender ≠ miner unless said.
 *
 * Each scene starts on the same chain, so that no figure depends on another scene. Names, keys and
 * times are fixed: the same code gives the same gas to the last unit.
 */
import { toHex } from "viem";

import { at } from "../../src/codec/assert.ts";
import type { Address } from "../../src/codec/ethereum.ts";
import { take, type Submission } from "../../src/ring/calldata.ts";
import { cancelHash } from "../../src/ring/digest.ts";
import type { RingOrder } from "../../src/ring/order.ts";
import { signDigest } from "../../src/ring/signature.ts";
import type { Deployed } from "./evm.ts";
import { e18, openVenue, person, type Person, type PlannedPart, Venue } from "./venue.ts";

/** Gas by name of the figure; `code-size` in bytes. */
export type Figures = Readonly<Record<string, number>>;

type Scene = (venue: Venue) => Promise<Figures>;

const leg = 1000n * e18;
/** Times and a nonce as they are in life: a zero byte costs a quarter of another. */
const times = { validSince: 1_700_000_001n, validUntil: 4_102_444_799n };
const deadline = times.validUntil;
const firstNonce = 6n;
const miner = person("the miner");
const feeRecipient = person("the fee recipient").address;
const wallet = person("the wallet").address;

/** People and tokens of a ring, and its orders of this moment. */
type Circle = { readonly owners: readonly Person[]; readonly tokens: readonly Deployed[] };

/** `n` people; the i-th sells the i-th token and buys the next one; everybody has some of each. */
async function circleOf(venue: Venue, n: number, label = ""): Promise<Circle> {
  const owners = Array.from({ length: n }, (_, i) => person(`owner ${label}${i}`));
  const tokens: Deployed[] = [];
  for (let i = 0; i < n; i += 1) tokens.push(await venue.token());
  await endow(
    venue,
    tokens,
    owners.map(({ address }) => address),
  );
  return { owners, tokens };
}

/** Nobody concerned has a balance of zero, and every owner approved every token. */
async function endow(
  venue: Venue,
  tokens: readonly Deployed[],
  owners: readonly Address[],
): Promise<void> {
  for (const token of tokens) {
    for (const who of [...owners, feeRecipient, wallet, miner.address]) {
      await venue.mint(token, who, 100n * leg);
    }
    for (const owner of [...owners, miner.address]) await venue.approve(token, owner);
  }
}

type Extra = {
  readonly nonce?: bigint;
  readonly auth?: Person;
  /** Fields of the first order only, and what is taken from it. */
  readonly first?: Partial<RingOrder>;
  readonly take?: bigint;
};

/** The parts of a ring of fresh orders. */
function partsOf(venue: Venue, { owners, tokens }: Circle, extra: Extra = {}): PlannedPart[] {
  return owners.map((owner, i) => {
    const fields = {
      sellToken: at(tokens, i).address,
      buyToken: at(tokens, (i + 1) % owners.length).address,
      sellAmount: 2n * leg,
      buyAmount: 2n * leg,
      nonce: extra.nonce ?? firstNonce,
      ...times,
      ...(i === 0 ? extra.first : {}),
    };
    const offer = venue.offer(owner, fields, extra.auth);
    return { offer, fill: leg, take: i === 0 ? (extra.take ?? take.none) : take.none };
  });
}

/** What the transaction that settles these rings costs. */
async function settle(
  venue: Venue,
  rings: readonly (readonly PlannedPart[])[],
  sender?: Address,
): Promise<number> {
  const plan = {
    rings,
    miner,
    feeRecipient,
    deadline,
    ...(sender === undefined ? {} : { sender }),
  };
  const { gasUsed } = await venue.settle(plan);
  return gasUsed;
}

/** First and later fill of a ring of `n`. */
function ringOf(n: number): Scene {
  return async (venue) => {
    const parts = partsOf(venue, await circleOf(venue, n));
    const first = await settle(venue, [parts]);
    return { [`ring-${n}-first`]: first, [`ring-${n}-later`]: await settle(venue, [parts]) };
  };
}

/** A ring of three, first fill, with something about it changed. */
function three(name: string, change: (circle: Circle) => Extra, sender?: Address): Scene {
  return async (venue) => {
    const circle = await circleOf(venue, 3);
    return { [name]: await settle(venue, [partsOf(venue, circle, change(circle))], sender) };
  };
}

/** A fee of 20e18 for the whole order, hence 10e18 for this leg, in the given token. */
function feeIn(token: Deployed): Extra {
  return { take: take.fee, first: { feeToken: token.address, feeAmount: 20n * e18 } };
}

async function foreignFee(venue: Venue): Promise<Figures> {
  const circle = await circleOf(venue, 3);
  const token = await venue.token();
  await endow(venue, [token], [at(circle.owners, 0).address]);
  return { "fee-leg-foreign": await settle(venue, [partsOf(venue, circle, feeIn(token))]) };
}

async function reusedWords(venue: Venue): Promise<Figures> {
  const circle = await circleOf(venue, 3);
  await settle(venue, [partsOf(venue, circle)]);
  const parts = partsOf(venue, circle, { nonce: firstNonce + 1n });
  return { "reused-word-3": await settle(venue, [parts]) };
}

/** What two rings of three cost in one transaction less than in two. */
function secondRing(name: string, second: (venue: Venue, first: Circle) => Promise<Circle>): Scene {
  return async (venue) => {
    const first = await circleOf(venue, 3);
    const rings = [partsOf(venue, first), partsOf(venue, await second(venue, first))];
    const start = await venue.evm.request("evm_snapshot");
    let alone = 0;
    for (const ring of rings) alone += await settle(venue, [ring]);
    await venue.evm.request("evm_revert", [start]);
    return { [name]: alone - (await settle(venue, rings)) };
  };
}

/** Nothing in common; the same tokens; and, below, the same orders. */
const otherCircle = (venue: Venue): Promise<Circle> => circleOf(venue, 3, "of another ring ");

async function otherOwners(venue: Venue, { tokens }: Circle): Promise<Circle> {
  const owners = Array.from({ length: 3 }, (_, i) => person(`owner of another ring ${i}`));
  await endow(
    venue,
    tokens,
    owners.map(({ address }) => address),
  );
  return { owners, tokens };
}

async function secondRingOfSameOrders(venue: Venue): Promise<Figures> {
  const parts = partsOf(venue, await circleOf(venue, 3));
  const start = await venue.evm.request("evm_snapshot");
  const apart = (await settle(venue, [parts])) + (await settle(venue, [parts]));
  await venue.evm.request("evm_revert", [start]);
  return { "second-ring-same-orders": apart - (await settle(venue, [parts, parts])) };
}

async function walletOwner(venue: Venue): Promise<Figures> {
  const circle = await circleOf(venue, 3);
  const [first, ...others] = circle.owners;
  if (first === undefined) throw new Error("a circle of three has a first");
  const { address } = await venue.evm.deploy("OneKeyWallet", [first.address]);
  await endow(venue, circle.tokens, [address]);
  const owners = [{ key: first.key, address }, ...others];
  const parts = partsOf(venue, { owners, tokens: circle.tokens });
  const plan = { rings: [parts], miner, feeRecipient, deadline };
  const submission = await venue.compose(plan);
  const { gasUsed } = await venue.submit(withLongSignature(submission));
  return { "erc1271-owner": gasUsed };
}

/** The first owner's signature as contract wallets want it: `r`, `s`, `v`. */
function withLongSignature(submission: Submission): Submission {
  const [first, ...others] = submission.orders;
  if (first === undefined) throw new Error("a ring has a first order");
  const long = new Uint8Array(65);
  long.set(first.signature);
  long[64] = 27 + (at(long, 32) >> 7);
  long[32] = at(long, 32) & 0x7f;
  return { ...submission, orders: [{ ...first, signature: long }, ...others] };
}

async function cancels(venue: Venue): Promise<Figures> {
  const { settlement: to, evm } = venue;
  const [alice, bob] = [person("Alice"), person("Bob")];
  await venue.meet(alice.address);
  const call = async (name: string, args: readonly unknown[], from?: Address): Promise<number> =>
    (await evm.send({ to, name, args, ...(from === undefined ? {} : { from }) })).gasUsed;
  const request = { owner: bob.address, nonces: [firstNonce], deadline };
  const signature = toHex(signDigest(cancelHash(venue.domain, request), bob.key));
  return {
    cancel: await call("cancel", [[firstNonce]], alice.address),
    "cancel-reused-word": await call("cancel", [[firstNonce + 1n]], alice.address),
    "cancel-all": await call("cancelAll", [], alice.address),
    "cancel-all-later": await call("cancelAll", [], alice.address),
    "cancel-for": await call("cancelFor", [bob.address, [firstNonce], deadline, signature]),
  };
}

/** A transfer alone, for comparing this setting with others. */
async function bareTransfer(venue: Venue): Promise<Figures> {
  const token = await venue.token();
  const [alice, bob] = [person("Alice").address, person("Bob").address];
  await endow(venue, [token], [alice, bob]);
  const from = at(venue.evm.accounts, 0);
  await venue.evm.send({ to: token, name: "approve", args: [from, 2n ** 256n - 1n], from: alice });
  const args = [alice, bob, leg];
  const { gasUsed } = await venue.evm.send({ to: token, name: "transferFrom", args, from });
  return { "transfer-from": gasUsed };
}

async function deployment({ evm, settlement }: Venue): Promise<Figures> {
  const code = (await evm.request("eth_getCode", [settlement.address, "latest"])) as string;
  await evm.deploy("RingSettlement");
  const block = (await evm.request("eth_getBlockByNumber", ["latest", false])) as {
    gasUsed: string;
  };
  return { deploy: Number(block.gasUsed), "code-size": code.length / 2 - 1 };
}

const sameKey = person("a key for all orders");

const scenes: readonly Scene[] = [
  ringOf(2),
  ringOf(3),
  ringOf(5),
  ringOf(10),
  three("fee-leg", ({ tokens }) => feeIn(at(tokens, 0))),
  three("fee-leg-wallet", ({ tokens }) => {
    const fee = feeIn(at(tokens, 0));
    return { ...fee, first: { ...fee.first, wallet, walletSplit: 20n } };
  }),
  foreignFee,
  three("margin-leg", () => {
    return { take: take.margin, first: { buyAmount: leg, marginSplit: 50n } };
  }),
  secondRing("second-ring", otherCircle),
  secondRing("second-ring-same-tokens", otherOwners),
  secondRingOfSameOrders,
  three("shared-key-3", () => ({ auth: sameKey })),
  three("sender-is-miner-3", () => ({}), miner.address),
  three("sender-is-miner-and-key-3", () => ({ auth: miner }), miner.address),
  reusedWords,
  walletOwner,
  cancels,
  bareTransfer,
  deployment,
];

/** Figures that are differences from a ring of three, first fill. */
const aboveThree = ["fee-leg", "fee-leg-wallet", "fee-leg-foreign", "margin-leg", "erc1271-owner"];

/** Measures everything; some seconds after the compiler's. */
export async function measureGas(say: (sentence: string) => void = () => {}): Promise<Figures> {
  const venue = await openVenue();
  const figures: Record<string, number> = {};
  for (const scene of scenes) {
    const start = await venue.evm.request("evm_snapshot");
    // A venue of its own for each: whom it met is forgotten with the chain.
    Object.assign(figures, await scene(new Venue(venue.evm, venue.settlement)));
    await venue.evm.request("evm_revert", [start]);
    say(Object.keys(figures).at(-1) ?? "");
  }
  const three = figures["ring-3-first"] ?? Number.NaN;
  for (const name of aboveThree) figures[name] = (figures[name] ?? Number.NaN) - three;
  return figures;
}
