/**
 * Cases of `vectors/ring/refused.json` whose rings, authors, transfers or cancellations are
 * refused. Chains as in ringrefusedorders.ts.
 */
import { concat } from "../codec/bytes.ts";
import { type Address, noAddress } from "../codec/ethereum.ts";
import type { Part, Ring, Submission } from "../ring/calldata.ts";
import { cancelAllHash, cancelHash, orderHash } from "../ring/digest.ts";
import { amountMax, type RingOrder } from "../ring/order.ts";
import type { RingRefusal } from "../ring/refusals.ts";
import { signDigest } from "../ring/signature.ts";
import { offerOf, person } from "./ringminer.ts";
import type { Call } from "./ringscene.ts";
import {
  alice,
  bob,
  callCase,
  coins,
  copper,
  domain,
  forged,
  ghost,
  gold,
  miner,
  now,
  offer,
  orderAt,
  orderBytes,
  type RingCase,
  ringCase,
  silver,
  stranger,
  third,
  wallet,
  type Wish,
} from "./ringstory.ts";

type Tamper = (submission: Submission) => Submission;

function changedRing(change: (ring: Ring) => Ring): Tamper {
  return (submission) => ({ ...submission, rings: submission.rings.map(change) });
}

function changedPart(i: number, change: Partial<Part>): Tamper {
  return changedRing((ring) => {
    return {
      ...ring,
      parts: ring.parts.map((part, j) => (j === i ? { ...part, ...change } : part)),
    };
  });
}

/** Other orders than those that the ring was signed with, signed by their owners. */
function changedOrder(fields: Partial<RingOrder>): Tamper {
  return (submission) => {
    const [first, ...others] = submission.orders;
    if (first === undefined) return submission;
    const order = { ...first.order, ...fields };
    const signature = signDigest(orderHash(domain, order), alice.key);
    return { ...submission, orders: [{ order, signature }, ...others] };
  };
}

function rings(): readonly RingCase[] {
  const refused = (name: string, refusal: RingRefusal, wish: Wish): RingCase =>
    ringCase(`ring: ${name}`, { refusal, ...wish });
  const eleven = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0];
  const ringAt = orderAt + 2 * orderBytes;
  return [
    refused("none", "Malformed", { tamper: (submission) => ({ ...submission, rings: [] }) }),
    refused("one order", "RingSize", { rings: [[0]] }),
    refused("eleven orders", "RingSize", { rings: [eleven] }),
    refused("it is announced and missing", "RingSize", {
      bytes: (bytes) => bytes.slice(0, ringAt + 1),
    }),
    refused("an order behind the table", "Malformed", { tamper: changedPart(1, { order: 2 }) }),
    refused("take 3", "Malformed", { tamper: changedPart(1, { take: 3n }) }),
    refused("chain: take 3, and the bytes end, and a fill of nothing", "Malformed", {
      fills: [0n, 200n],
      tamper: changedPart(0, { take: 3n }),
      bytes: (bytes) => bytes.slice(0, ringAt + 20),
    }),
    refused("the bytes end in its fills", "Malformed", {
      bytes: (bytes) => bytes.slice(0, ringAt + 20),
    }),
    refused("the same order twice", "SubRing", { rings: [[0, 1, 0]] }),
    refused("two rings in one", "SubRing", { rings: [[0, 1, 0, 1]] }),
    refused("the second does not buy what the first sells", "RingBroken", {
      orders: [offer(), offer({ buyToken: copper }, bob)],
    }),
    refused("a fill of nothing", "FillZero", { fills: [0n, 200n] }),
    refused("the second passes on nothing", "LimitPrice", { fills: [400n, 0n] }),
    refused("chain: sold by an earlier one, and the ring is broken", "SubRing", {
      orders: [
        offer(),
        offer({}, bob),
        offerOf(third, person("auth key 0"), { sellToken: gold, buyToken: copper }),
      ],
      fills: [400n, 200n, 400n],
    }),
  ];
}

/** Each link spoils the first order's part in one way; a case has this one and all after it. */
function partChain(): readonly RingCase[] {
  type Link = readonly [RingRefusal, Partial<RingOrder>, Wish];
  const fee = { feeToken: coins, feeAmount: 50n };
  const links: readonly Link[] = [
    ["RingBroken", { buyToken: copper }, {}],
    ["FillZero", {}, { fills: [0n, 400n] }],
    [
      "OrderCancelled",
      {},
      { before: [{ sender: alice.address, call: { kind: "cancel", nonces: [1n] } }] },
    ],
    ["Overfill", { buyAmount: 399n, sellAmount: 798n }, {}],
    ["FillTooSmall", { allOrNone: true }, {}],
    ["LimitPrice", {}, { fills: [801n, 400n] }],
    ["RewardNotMiners", fee, { plan: { feeRecipient: stranger.address } }],
  ];
  return links.map(([refusal], i) => {
    const rest = links.slice(i).toReversed();
    const fields: Partial<RingOrder> = Object.assign({}, ...rest.map(([, fields]) => fields));
    const wish: Wish = Object.assign({}, ...rest.map(([, , wish]) => wish));
    const orders = [offer({ buyDriven: true, ...fields }), offer({}, bob)];
    return ringCase(`ring: chain from ${refusal}`, {
      fills: [800n, 400n],
      takes: [2n, 0n],
      ...wish,
      refusal,
      orders,
    });
  });
}

function refusedFill(name: string, refusal: RingRefusal, wish: Wish): RingCase {
  return ringCase(`fill: ${name}`, { refusal, ...wish });
}

function tooMuch(): readonly RingCase[] {
  const refused = refusedFill;
  return [
    refused("a unit more than the order has", "Overfill", { fills: [1001n, 501n] }),
    refused("a unit more than the order has left", "Overfill", {
      fills: [501n, 250n],
      orders: [offer({ buyAmount: 1n }), offer({ buyAmount: 1n }, bob)],
      times: 2,
    }),
    refused("a unit more than is bought at most", "Overfill", {
      orders: [offer({ buyDriven: true }), offer({ sellAmount: 501n }, bob)],
      fills: [1000n, 501n],
    }),
    refused("the shared counter of a nonce is full", "Overfill", {
      orders: [
        offer(),
        { ...offer({ owner: alice.address, nonce: 1n, sellAmount: 599n }, bob), owner: alice },
      ],
    }),
    refused("an order of 2^128 - 1 that is full looks cancelled", "OrderCancelled", {
      orders: [
        offer({ sellAmount: amountMax, buyAmount: 1n }),
        offer({ buyAmount: amountMax }, bob),
      ],
      fills: [amountMax, 1n],
      times: 2,
    }),
    refused("cancelled by the owner's signature", "OrderCancelled", {
      before: [
        {
          sender: stranger.address,
          call: {
            kind: "cancelFor",
            owner: bob.address,
            nonces: [2n],
            deadline: now,
            signature: signDigest(
              cancelHash(domain, { owner: bob.address, nonces: [2n], deadline: now }),
              bob.key,
            ),
          },
        },
      ],
    }),
  ];
}

function tooLittle(): readonly RingCase[] {
  const refused = refusedFill;
  const sevens = [
    offer({ sellAmount: 7n, buyAmount: 3n }),
    offer({ sellAmount: 3n, buyAmount: 3n }, bob),
  ];
  return [
    refused("all or none, and a unit is missing", "FillTooSmall", {
      orders: [offer({ allOrNone: true }), offer({}, bob)],
      fills: [999n, 500n],
    }),
    refused("all or none, and its nonce was used before", "Overfill", {
      orders: [offer({ allOrNone: true }), offer({}, bob)],
      fills: [1000n, 500n],
      times: 2,
    }),
    refused("a unit less than the minimum", "FillTooSmall", {
      orders: [offer({ minimumFill: 401n }), offer({}, bob)],
    }),
    refused("a unit above the limit", "LimitPrice", { fills: [401n, 200n] }),
    refused("7 for 3: three sold for one", "LimitPrice", { orders: sevens, fills: [3n, 1n] }),
    refused("the second gets a unit too little", "LimitPrice", { fills: [399n, 200n] }),
    refused("a margin with a fee, and the miner does not get the margin", "RewardNotMiners", {
      orders: [offer({ feeToken: coins, feeAmount: 50n }), offer({}, bob)],
      takes: [2n, 0n],
      plan: { feeRecipient: stranger.address },
    }),
  ];
}

function refusedAuthor(name: string, refusal: RingRefusal, wish: Wish): RingCase {
  return ringCase(`author: ${name}`, { refusal, ...wish });
}

function authors(): readonly RingCase[] {
  const refused = refusedAuthor;
  const otherAuths = changedRing((ring) => {
    return { ...ring, authSignatures: ring.authSignatures.toReversed() };
  });
  const half = (submission: Submission): Submission => ({
    ...submission,
    rings: submission.rings.map((ring) => ({ ...ring, authSignatures: [forged, forged] })),
  });
  return [
    refused("of the first is the second", "Malformed", { tamper: changedPart(0, { author: 1 }) }),
    refused("14", "Malformed", { tamper: changedPart(0, { author: 14 }) }),
    refused("the sender, who is not it", "BadAuthSignature", {
      tamper: changedPart(0, { author: 15 }),
    }),
    refused("the first, whose key is another", "BadAuthSignature", {
      tamper: changedPart(1, { author: 0 }),
    }),
    refused("signatures in the wrong order", "BadAuthSignature", { tamper: otherAuths }),
    refused("chain: the first forged, the second of nobody", "BadAuthSignature", {
      tamper: (submission) => changedPart(1, { author: 9 })(half(submission)),
    }),
  ];
}

/** What was signed is changed afterwards. */
function changes(): readonly RingCase[] {
  const refused = refusedAuthor;
  return [
    refused("the fills were changed after it was signed", "BadAuthSignature", {
      orders: [offer({ buyAmount: 1n }), offer({ buyAmount: 1n }, bob)],
      tamper: changedPart(0, { fill: 399n }),
    }),
    refused("the ring was rotated", "BadAuthSignature", {
      tamper: changedRing((ring) => {
        const parts = ring.parts.toReversed().map(({ order, fill, take }, i) => {
          return { order, fill, take, author: i };
        });
        return { ...ring, parts, authSignatures: ring.authSignatures.toReversed() };
      }),
    }),
    refused("what is taken was changed", "BadAuthSignature", {
      tamper: changedPart(0, { take: 1n }),
    }),
    refused("the miner was changed", "BadAuthSignature", {
      tamper: (submission) => ({ ...submission, miner: stranger.address }),
    }),
    refused("the fee recipient was changed", "BadAuthSignature", {
      tamper: (submission) => ({ ...submission, feeRecipient: stranger.address }),
    }),
    refused("the deadline was changed", "BadAuthSignature", {
      tamper: (submission) => ({ ...submission, deadline: submission.deadline + 1n }),
    }),
    refused("an order was changed by its owner", "BadAuthSignature", {
      tamper: changedOrder({ buyAmount: 499n }),
    }),
    refused("the same ring once more", "BadAuthSignature", {
      tamper: (submission) => ({
        ...submission,
        rings: [...submission.rings, ...submission.rings],
      }),
    }),
    refused("the miner signed something else", "BadMinerSignature", {
      tamper: changedRing((ring) => ({ ...ring, minerSignature: forged })),
    }),
    refused("miner zero", "BadMinerSignature", {
      plan: { miner: { key: stranger.key, address: noAddress }, feeRecipient: stranger.address },
    }),
    refused("the miner did not sign", "BadMinerSignature", {
      tamper: changedRing((ring) => ({ ...ring, minerSignature: undefined })),
    }),
    refused("the bytes end in an auth signature", "BadAuthSignature", {
      bytes: (bytes) => bytes.slice(0, -70),
    }),
  ];
}

function refusedTransfer(name: string, refusal: RingRefusal, wish: Wish): RingCase {
  return ringCase(`transfer: ${name}`, { refusal, ...wish });
}

function short(token: Address, owner: Address, amount: bigint): RingCase["balances"] {
  return [{ token, owner, amount }];
}

function people(): readonly RingCase[] {
  const refused = refusedTransfer;
  const settlement = domain.contract;
  const fee = { feeToken: coins, feeAmount: 50n };
  return [
    refused("the recipient is the settlement", "ReceiverIsSettlement", {
      orders: [offer({ recipient: settlement }), offer({}, bob)],
    }),
    refused("the wallet is the settlement", "ReceiverIsSettlement", {
      orders: [offer({ ...fee, wallet: settlement, walletSplit: 50n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    refused(
      "chain: the recipient is the settlement, and the owner has nothing",
      "ReceiverIsSettlement",
      {
        orders: [offer({ recipient: settlement }), offer({}, bob)],
        balances: short(silver, bob.address, 0n),
      },
    ),
    refused("the wallet is the settlement, and its part is nothing", "ReceiverIsSettlement", {
      orders: [offer({ wallet: settlement }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    refused("a unit too little", "TransferFailed", { balances: short(gold, alice.address, 399n) }),
    refused("a unit too little allowed", "TransferFailed", {
      allowances: short(silver, bob.address, 199n),
    }),
    refused("no fee there", "TransferFailed", {
      orders: [offer(fee), offer({}, bob)],
      takes: [1n, 0n],
      balances: short(coins, alice.address, 19n),
    }),
    refused("the miner cannot pay the reward", "TransferFailed", {
      orders: [offer({ ...fee, marginSplit: 50n }), offer({}, bob)],
      takes: [2n, 0n],
      allowances: short(coins, miner.address, 0n),
    }),
  ];
}

function strangeTokens(): readonly RingCase[] {
  const refused = refusedTransfer;
  const toGhost = offerOf(bob, person("auth key of Bob"), { sellToken: ghost, buyToken: gold });
  return [
    refused("no such token", "TransferFailed", {
      orders: [offer({ buyToken: ghost, buyAmount: 1n }), toGhost],
      fills: [1n, 1n],
      acts: [[ghost, undefined]],
    }),
    refused("the token says no and moves", "TransferFailed", { acts: [[gold, "says no"]] }),
    refused("the token says two", "TransferFailed", { acts: [[gold, "says two"]] }),
    refused("the token says yes and does not move", "TransferNotExact", {
      acts: [[silver, "lies"]],
    }),
    refused("the token keeps a unit", "TransferNotExact", { acts: [[gold, "keeps one"]] }),
    refused("the token gives a unit", "TransferNotExact", { acts: [[gold, "gives one"]] }),
    refused("the ring sells the fee's token, but that did not move", "TransferNotExact", {
      orders: [
        offer({ feeToken: gold, feeAmount: 50n }),
        { ...offer({ owner: alice.address }, bob), owner: alice },
      ],
      takes: [1n, 0n],
      acts: [[gold, "keeps one"]],
    }),
    refused("chain: the first is not exact, the second fails", "TransferNotExact", {
      acts: [[silver, "keeps one"]],
      balances: short(gold, alice.address, 0n),
    }),
    refused("chain: a unit too little, and bytes behind the end", "TransferFailed", {
      balances: short(gold, alice.address, 399n),
      bytes: (bytes) => concat([bytes, Uint8Array.of(0)]),
    }),
    refused("a byte behind the end", "Malformed", {
      bytes: (bytes) => concat([bytes, Uint8Array.of(0)]),
    }),
    refused("the second ring has too little", "TransferFailed", {
      rings: [
        [0, 1],
        [0, 1],
      ],
      balances: short(gold, alice.address, 799n),
    }),
  ];
}

function refusedCall(
  name: string,
  refusal: RingRefusal,
  calls: readonly Call[],
  wish: Wish = {},
): RingCase {
  const steps = calls.map((call) => ({ sender: stranger.address, now, call }));
  return callCase(`cancel: ${name}`, () => steps, { refusal, ...wish });
}

function cancellations(): readonly RingCase[] {
  const request = { owner: alice.address, nonces: [1n], deadline: now, epoch: 0n };
  const late = { ...request, deadline: now - 1n };
  const wallets = { ...request, owner: wallet.address };
  const one = (of: typeof request, signature: Uint8Array): Call => {
    const { owner, nonces, deadline } = of;
    return { kind: "cancelFor", owner, nonces, deadline, signature };
  };
  const all = ({ owner, deadline }: typeof request, signature: Uint8Array): Call => {
    return { kind: "cancelAllFor", owner, deadline, signature };
  };
  const signedOne = signDigest(cancelHash(domain, request), alice.key);
  const signedAll = signDigest(cancelAllHash(domain, request), alice.key);
  const lateAll = signDigest(cancelAllHash(domain, late), alice.key);
  const byAuth = signDigest(cancelHash(domain, request), person("auth key of Alice").key);
  const bad = "BadCancelSignature";
  const answers = [
    { owner: wallet.address, digest: cancelAllHash(domain, wallets), signature: signedOne },
  ];
  return [
    refusedCall("chain: too late, and not signed", "CancelExpired", [one(late, forged)]),
    refusedCall("all, too late", "CancelExpired", [all(late, lateAll)]),
    refusedCall("signed by the auth key", bad, [one(request, byAuth)]),
    refusedCall("other nonces than were signed", bad, [
      one({ ...request, nonces: [2n] }, signedOne),
    ]),
    refusedCall("all, a second time with the same signature", bad, [
      all(request, signedAll),
      all(request, signedAll),
    ]),
    refusedCall("the signature is for one, not for all", bad, [all(request, signedOne)]),
    refusedCall(
      "the owner is a contract that accepts something else",
      bad,
      [one(wallets, signedOne)],
      {
        answers,
      },
    ),
  ];
}

/** All of them. */
export const refusedRings: readonly RingCase[] = [
  ...rings(),
  ...partChain(),
  ...tooMuch(),
  ...tooLittle(),
  ...authors(),
  ...changes(),
  ...people(),
  ...strangeTokens(),
  ...cancellations(),
];
