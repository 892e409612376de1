/**
 * Cases of `vectors/ring/settled.json` in which everything is as it should be: settled, or
 * cancelled.
 */
import { concat, fromAscii } from "../codec/bytes.ts";
import { at } from "../codec/assert.ts";
import { authoredBySender } from "../ring/calldata.ts";
import { cancelAllHash, cancelHash, orderHash } from "../ring/digest.ts";
import { amountMax, type RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { type Offer, offerOf, person } from "./ringminer.ts";
import {
  alice,
  bob,
  callCase,
  coins,
  domain,
  gold,
  miner,
  now,
  offer,
  relay,
  type RingCase,
  ringCase,
  silver,
  stranger,
  third,
  tokens,
  wallet,
} from "./ringstory.ts";

/** Gold for silver for copper for gold. */
function threeOrders(fields: Partial<RingOrder> = {}): readonly Offer[] {
  const owners = [alice, bob, third];
  return owners.map((owner, i) =>
    offerOf(owner, person(`auth key ${i}`), {
      sellToken: at(tokens, i),
      buyToken: at(tokens, (i + 1) % 3),
      sellAmount: 900n,
      buyAmount: 300n,
      ...fields,
    }),
  );
}

/** A ring of that many tokens among three owners with four auth keys. */
function manyOrders(size: number): readonly Offer[] {
  return Array.from({ length: size }, (_, i) =>
    offerOf(at([alice, bob, third], i % 3), person(`auth key ${i % 4}`), {
      sellToken: at(tokens, i),
      buyToken: at(tokens, (i + 1) % size),
      sellAmount: 10n,
      buyAmount: 10n,
      nonce: BigInt(i),
    }),
  );
}

const walletsOrder = offer({}, wallet);
const walletsHash = orderHash(domain, walletsOrder.order);
const longSignature = fromAscii(
  "two of three of the wallet's owners said yes, and this is what they signed",
);

function fees(): readonly RingCase[] {
  const feeOf = { feeToken: coins, feeAmount: 50n };
  const margin = { marginSplit: 60n, wallet: relay, walletSplit: 25n };
  return [
    ringCase("a fee in a third token, of which the wallet gets its part", {
      orders: [offer({ ...feeOf, wallet: relay, walletSplit: 25n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    ringCase("a split without a wallet: all of the fee goes to the fee recipient", {
      orders: [offer({ ...feeOf, walletSplit: 25n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    ringCase("a fee without a wallet, rounded down", {
      orders: [offer({ feeToken: coins, feeAmount: 3n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    ringCase("a fee that rounds to nothing is not paid", {
      orders: [offer({ feeToken: coins, feeAmount: 2n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    ringCase("the miner forgoes a fee", { orders: [offer(feeOf), offer({}, bob)] }),
    ringCase("a fee in the token that is sold comes on top of it", {
      orders: [offer({ feeToken: gold, feeAmount: 50n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
    ringCase("a margin from what is bought, and the fee as the miner's reward to the owner", {
      orders: [offer({ ...feeOf, ...margin }), offer({ buyAmount: 600n }, bob)],
      fills: [400n, 250n],
      takes: [2n, 0n],
    }),
    ringCase("a margin from what is sold of a buy-driven order", {
      orders: [offer({ ...margin, buyDriven: true }), offer({ buyAmount: 600n }, bob)],
      fills: [390n, 200n],
      takes: [2n, 0n],
    }),
    ringCase("a margin without a fee may go to another than the miner", {
      orders: [offer(margin), offer({ buyAmount: 900n }, bob)],
      fills: [391n, 200n],
      takes: [2n, 0n],
      plan: { feeRecipient: stranger.address },
    }),
    ringCase("a margin of nothing, since the ring pays the limit and no more", {
      orders: [offer({ ...margin, marginSplit: 100n }), offer({}, bob)],
      takes: [2n, 0n],
    }),
    ringCase("the wallet may be the fee recipient, and get everything", {
      orders: [offer({ ...feeOf, wallet: miner.address, walletSplit: 100n }), offer({}, bob)],
      takes: [1n, 0n],
    }),
  ];
}

function fills(): readonly RingCase[] {
  const sameNonce = { owner: alice.address, nonce: 1n, sellAmount: 600n, buyAmount: 1200n };
  const thirds = { sellToken: silver, buyToken: gold, sellAmount: 300n, buyAmount: 100n };
  return [
    ringCase("two orders at their limits"),
    ringCase("the ring pays one order more than its limit", {
      orders: [offer(), offer({ buyAmount: 700n }, bob)],
      fills: [400n, 230n],
    }),
    ringCase("three orders", { orders: threeOrders(), fills: [300n, 100n, 200n] }),
    ringCase("ten orders", {
      orders: manyOrders(10),
      fills: Array.from({ length: 10 }, () => 9n),
    }),
    ringCase("filled to the end at once", { fills: [1000n, 500n] }),
    ringCase("filled twice: what was filled before is signed", { times: 2 }),
    ringCase("the limit is kept on whole units: 7 for 3, two sold, one bought", {
      orders: [
        offer({ sellAmount: 7n, buyAmount: 3n }),
        offer({ sellAmount: 3n, buyAmount: 6n }, bob),
      ],
      fills: [2n, 1n],
    }),
    ringCase("buy-driven: counted is what is bought", {
      orders: [offer({ buyDriven: true }), offer({ buyAmount: 900n }, bob)],
      fills: [400n, 210n],
    }),
    ringCase("amounts of 2^128 - 1", {
      orders: [
        offer({ sellAmount: amountMax, buyAmount: amountMax }),
        offer({ sellAmount: amountMax, buyAmount: amountMax }, bob),
      ],
      fills: [amountMax, amountMax],
    }),
    ringCase("2^128 - 1 for one unit", {
      orders: [
        offer({ sellAmount: amountMax, buyAmount: 1n, buyDriven: true }),
        offer({ sellAmount: 1n, buyAmount: amountMax }, bob),
      ],
      fills: [amountMax, 1n],
    }),
    ringCase("all or none, and it is all", {
      orders: [offer({ allOrNone: true, minimumFill: amountMax }), offer({}, bob)],
      fills: [1000n, 500n],
    }),
    ringCase("as much as the minimum", { orders: [offer({ minimumFill: 400n }), offer({}, bob)] }),
    ringCase("less than the minimum, and the end of it", {
      orders: [offer({ minimumFill: 401n, sellAmount: 400n, buyAmount: 200n }), offer({}, bob)],
    }),
    ringCase("two orders of one owner with one nonce share a counter, also in one ring", {
      orders: [offer(), { ...offer(sameNonce, bob), owner: alice }],
    }),
    ringCase("two rings of the same orders in one transaction", {
      rings: [
        [0, 1],
        [0, 1],
      ],
    }),
    ringCase("two rings that share one order", {
      orders: [offer(), offer({}, bob), offerOf(third, person("auth key 0"), thirds)],
      fills: [400n, 200n, 200n],
      rings: [
        [0, 1],
        [2, 0],
      ],
    }),
  ];
}

function people(): readonly RingCase[] {
  const auth = person("one auth key for both");
  const one = { ...offer({ authAddress: auth.address }), auth };
  const two = { ...offer({ authAddress: auth.address }, bob), auth };
  const sent = { ...offer({ authAddress: stranger.address }), auth: stranger };
  return [
    ringCase("one auth key for both orders signs once", { orders: [one, two] }),
    ringCase("one auth key for both orders may sign twice", {
      orders: [one, two],
      tamper: (submission) => {
        const [ring] = submission.rings;
        if (ring === undefined) return submission;
        const parts = ring.parts.map((part, i) => ({ ...part, author: i }));
        const signature = at(ring.authSignatures, 0);
        return {
          ...submission,
          rings: [{ ...ring, parts, authSignatures: [signature, signature] }],
        };
      },
    }),
    ringCase("the sender is an auth address", { orders: [sent, offer({}, bob)] }),
    ringCase("the sender is the auth address of both", {
      orders: [sent, { ...offer({ authAddress: stranger.address }, bob), auth: stranger }],
      tamper: (submission) => {
        const rings = submission.rings.map((ring) => {
          return {
            ...ring,
            parts: ring.parts.map((part) => ({ ...part, author: authoredBySender })),
          };
        });
        return { ...submission, rings };
      },
    }),
    ringCase("the sender is the miner, who then does not sign", {
      plan: { sender: miner.address },
    }),
    ringCase("somebody else receives", {
      orders: [offer({ recipient: third.address }), offer({}, bob)],
    }),
    ringCase("one owner of both orders: nothing moves", {
      orders: [offer(), { ...offer({ owner: alice.address }, bob), owner: alice }],
    }),
    ringCase("the first and the last second", {
      orders: [offer({ validSince: now }), offer({ validUntil: now }, bob)],
      plan: { deadline: now },
    }),
    ringCase("an order that stands in no ring is verified and nothing else", {
      tamper: (submission) => {
        const { order, owner } = offer({ nonce: 9n });
        const signature = signDigest(orderHash(domain, order), owner.key);
        return { ...submission, orders: [...submission.orders, { order, signature }] };
      },
    }),
  ];
}

function wallets(): readonly RingCase[] {
  return [
    ringCase("a contract wallet accepts a long signature", {
      orders: [{ ...walletsOrder, signature: longSignature }, offer({}, bob)],
      answers: [{ owner: wallet.address, digest: walletsHash, signature: longSignature }],
    }),
    ringCase("a contract wallet accepts an empty signature", {
      orders: [{ ...walletsOrder, signature: new Uint8Array(0) }, offer({}, bob)],
      answers: [{ owner: wallet.address, digest: walletsHash, signature: new Uint8Array(0) }],
    }),
    ringCase("a contract wallet accepts 64 bytes of a key that is not its address", {
      orders: [walletsOrder, offer({}, bob)],
      answers: [
        {
          owner: wallet.address,
          digest: walletsHash,
          signature: signDigest(walletsHash, wallet.key),
        },
      ],
    }),
    ringCase("a token that returns nothing", { acts: [[gold, "silent"]] }),
    ringCase("an allowance of exactly what is moved", {
      allowances: [{ token: gold, owner: alice.address, amount: 400n }],
      balances: [{ token: gold, owner: alice.address, amount: 400n }],
    }),
  ];
}

function cancellations(): readonly RingCase[] {
  const nonces = [1n, 7n, 2n ** 96n - 1n];
  const deadline = now;
  const owner = alice.address;
  const request = { owner, nonces, deadline, epoch: 0n };
  const one = signDigest(cancelHash(domain, request), alice.key);
  const all = signDigest(cancelAllHash(domain, request), alice.key);
  const walletsRequest = { ...request, owner: wallet.address };
  const signature = concat([longSignature, longSignature]);
  const nextEpoch = { nonce: 2n ** 64n + 1n };
  return [
    callCase("the owner cancels three orders", () => [
      { sender: owner, now, call: { kind: "cancel", nonces } },
    ]),
    callCase("the owner cancels nothing", () => [
      { sender: owner, now, call: { kind: "cancel", nonces: [] } },
    ]),
    callCase("the owner cancels all, twice", () => [
      { sender: owner, now, call: { kind: "cancelAll" } },
      { sender: owner, now, call: { kind: "cancelAll" } },
    ]),
    callCase("anyone cancels what the owner signed, in the last second", () => [
      { sender: stranger.address, now, call: { kind: "cancelFor", ...request, signature: one } },
    ]),
    callCase("anyone cancels all what the owner signed", () => [
      { sender: stranger.address, now, call: { kind: "cancelAllFor", ...request, signature: all } },
    ]),
    callCase(
      "a contract wallet cancels",
      () => [
        { sender: bob.address, now, call: { kind: "cancelFor", ...walletsRequest, signature } },
      ],
      {
        answers: [{ owner: wallet.address, digest: cancelHash(domain, walletsRequest), signature }],
      },
    ),
    ringCase(
      "cancelled is the neighbour in the same word, and another owner's order of this nonce",
      {
        before: [
          { sender: owner, call: { kind: "cancel", nonces: [0n] } },
          { sender: bob.address, call: { kind: "cancel", nonces: [1n, 3n] } },
        ],
      },
    ),
    ringCase("an order of the owner's second epoch", {
      orders: [offer(nextEpoch), offer({}, bob)],
      before: [{ sender: owner, call: { kind: "cancelAll" } }],
    }),
  ];
}

/** All of them. */
export const accepted: readonly RingCase[] = [
  ...fills(),
  ...fees(),
  ...people(),
  ...wallets(),
  ...cancellations(),
];
