/**
 * What the cases of `vectors/ring/settled.json` and `refused.json` are told with: the same few
 * people, tokens and orders in all of them, and what a case wants otherwise.
 */
import { at } from "../codec/assert.ts";
import { type Address, addressOf } from "../codec/ethereum.ts";
import { encodeSubmission, type Submission } from "../ring/calldata.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { infinite, RingLedger } from "../ring/ledger.ts";
import type { RingOrder } from "../ring/order.ts";
import type { RingRefusal } from "../ring/refusals.ts";
import { signDigest } from "../ring/signature.ts";
import { firstContractOf } from "./ringabi.ts";
import { compose, far, type Offer, offerOf, type Person, person, type Plan } from "./ringminer.ts";
import { type Act, type Answer, type Call, play, type Scene, type Step } from "./ringscene.ts";

function address(byte: number): Address {
  return addressOf(new Uint8Array(20).fill(byte));
}

export const deployer: Address = person("deployer of the vectors").address;
export const domain: Domain = { chainId: 1n, contract: firstContractOf(deployer) };
export const now = 1_800_000_000n;
export const tokens: readonly Address[] = [
  0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xbb,
].map(address);
export const endowment: bigint = 2n ** 140n;

export const gold: Address = at(tokens, 0);
export const silver: Address = at(tokens, 1);
export const copper: Address = at(tokens, 2);
export const coins: Address = at(tokens, 3);
/** A token without code. */
export const ghost: Address = address(0xee);

export const alice: Person = person("Alice");
export const bob: Person = person("Bob");
export const third: Person = person("a third");
export const miner: Person = person("the miner");
export const stranger: Person = person("a stranger");
/** Who brought an order, and gets a share. */
export const relay: Address = person("the relay's wallet").address;
/** A contract that answers for its signatures. */
export const wallet: Person = {
  key: person("key of the contract wallet").key,
  address: address(0xaa),
};

export const holders: readonly Address[] = [alice, bob, third, miner, wallet].map(
  (one) => one.address,
);

/** A case, before anything is computed of it. */
export type RingCase = {
  readonly name: string;
  /** What the last call is refused with. */
  readonly refusal?: RingRefusal;
  readonly steps: (scene: Scene) => readonly Step[];
  readonly acts: ReadonlyMap<Address, Act | undefined>;
  readonly balances: readonly {
    readonly token: Address;
    readonly owner: Address;
    readonly amount: bigint;
  }[];
  readonly allowances: RingCase["balances"];
  readonly answers: readonly Answer[];
  /** What a token that calls back submits. */
  readonly question: Uint8Array;
};

/** The scene before the first call. */
export function sceneOf({ acts, answers, balances, allowances }: RingCase): Scene {
  const ledger = new RingLedger();
  for (const token of tokens) {
    for (const holder of holders) {
      ledger.setBalance(token, holder, endowment);
      ledger.setAllowance(token, holder, infinite);
    }
  }
  for (const { token, owner, amount } of balances) ledger.setBalance(token, owner, amount);
  for (const { token, owner, amount } of allowances) ledger.setAllowance(token, owner, amount);
  return { domain, ledger, acts, answers };
}

/** All that a case may want otherwise. */
export type Wish = {
  readonly refusal?: RingRefusal;
  readonly orders?: readonly Offer[];
  readonly fills?: readonly bigint[];
  readonly takes?: readonly bigint[];
  /** Instead of one ring of all orders: their indices. */
  readonly rings?: readonly (readonly number[])[];
  readonly plan?: Partial<Plan>;
  readonly tamper?: (submission: Submission) => Submission;
  readonly bytes?: (bytes: Uint8Array) => Uint8Array;
  readonly before?: readonly Omit<Step, "now">[];
  /** So often; the last time is what is asked. */
  readonly times?: number;
  readonly acts?: readonly (readonly [token: Address, act: Act | undefined])[];
  readonly balances?: RingCase["balances"];
  readonly allowances?: RingCase["balances"];
  readonly answers?: readonly Answer[];
  readonly question?: Uint8Array;
};

/** Alice's order, 1,000 gold for 500 silver, or Bob's against it, changed as the case wants it. */
export function offer(fields: Partial<RingOrder> = {}, owner = alice): Offer {
  const isAlices = owner === alice || owner === wallet;
  const plain = isAlices
    ? { sellToken: gold, buyToken: silver, sellAmount: 1000n, buyAmount: 500n, nonce: 1n }
    : { sellToken: silver, buyToken: gold, sellAmount: 500n, buyAmount: 1000n, nonce: 2n };
  const auth = person(`auth key of ${isAlices ? "Alice" : "Bob"}`);
  return offerOf(owner, auth, { validUntil: now + 60n, ...plain, ...fields });
}

/** One ring of Alice's order and Bob's, 400 gold for 200 silver, unless it wishes otherwise. */
export function ringCase(name: string, wish: Wish = {}): RingCase {
  const { refusal, orders = [offer(), offer({}, bob)], fills = [400n, 200n], times = 1 } = wish;
  const rings = (wish.rings ?? [orders.map((_, i) => i)]).map((ring) =>
    ring.map((i) => ({ offer: at(orders, i), fill: at(fills, i), take: wish.takes?.[i] ?? 0n })),
  );
  const plan: Plan = {
    rings,
    miner,
    feeRecipient: miner.address,
    deadline: far,
    sender: stranger.address,
    ...wish.plan,
  };
  const steps = (scene: Scene): readonly Step[] => {
    const made = (wish.before ?? []).map(({ sender, call }): Step => ({ sender, now, call }));
    let ledger = made.reduce(
      (ledger, step) => play({ ...scene, ledger }, step).ledger,
      scene.ledger,
    );
    for (let i = 1; i <= times; i += 1) {
      const good = compose(domain, ledger.counter, plan);
      const bytes = encodeSubmission(wish.tamper?.(good) ?? good);
      const call: Call = { kind: "submit", bytes: wish.bytes?.(bytes) ?? bytes };
      const step = { sender: plan.sender, now, call };
      if (i < times) ({ ledger } = play({ ...scene, ledger }, step));
      made.push(step);
    }
    return made;
  };
  return callCase(name, steps, { ...wish, ...(refusal === undefined ? {} : { refusal }) });
}

/** Calls that are not all alike. */
export function callCase(name: string, steps: RingCase["steps"], wish: Wish = {}): RingCase {
  const { acts = [], balances = [], allowances = [], answers = [], refusal } = wish;
  const { question = new Uint8Array(0) } = wish;
  const asked = refusal === undefined ? {} : { refusal };
  return { name, ...asked, steps, acts: new Map(acts), balances, allowances, answers, question };
}

/** Made by a stranger, of Alice's order. */
export const forged: Uint8Array = signDigest(orderHash(domain, offer().order), stranger.key);

/** Header: miner 20, fee recipient 20, deadline 5, one byte, then the tokens. */
export const tokensAt = 46;
/** Of the first order: behind two tokens and the number of orders. */
export const orderAt: number = tokensAt + 41;
/** Of an order without options. */
export const orderBytes = 161;
