/**
 * A settled ring with all that there is to know of it: what the contract told, and what follows
 * from the orders, which stand in the calldata of the same call (docs/spec/ring.md §5): who brought
 * an order, what was paid as its fee or margin and to whom, what its owner was rewarded.
 *
 * The two must agree to the last unit: order by order, hash, token, take, sold and received. So
 * nobody can be credited with a fee by calldata that did something else.
 */
import { at } from "../codec/assert.ts";
import { fromAscii, fromHex, toHex } from "../codec/bytes.ts";
import { type Address, type Hash, keccak, noAddress, parseAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { type Ring, type Submission, take } from "./calldata.ts";
import { decodeSubmission } from "./decode.ts";
import { type Domain, orderHash } from "./digest.ts";
import { type EventRefusal, type LogEntry, readEvents, type ToldEvent } from "./eventlog.ts";
import { countsOf, type RingOrder } from "./order.ts";
import { marginOf, proportion, share } from "./price.ts";
import { faultOf } from "./settle.ts";

/**
 * One call of `submit`: the transaction, or what a trace shows if a contract made the call. It is
 * the call to the settlement itself that counts: what others are called with they may ignore.
 */
export type SubmitCall = {
  readonly from: string;
  readonly to: string;
  /** Selector and argument. */
  readonly input: string;
  /** What was logged in it, in order; nothing if it was reverted. */
  readonly logs: readonly LogEntry[];
};

/** What miner and wallet got for an order. */
export type Paid = {
  readonly kind: "fee" | "margin";
  readonly token: Address;
  readonly toFeeRecipient: bigint;
  readonly toWallet: bigint;
};

/** What the miner paid the owner, in exchange for a margin. */
export type Reward = { readonly token: Address; readonly amount: bigint };

export type RingFill = {
  readonly orderHash: Hash;
  readonly sellToken: Address;
  readonly buyToken: Address;
  /** `noAddress` if nobody brought it. */
  readonly wallet: Address;
  readonly sold: bigint;
  readonly received: bigint;
  readonly paid: Paid | undefined;
  readonly reward: Reward | undefined;
};

export type SettledRing = {
  readonly ringHash: Hash;
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly fills: readonly RingFill[];
};

export const callRefusals = ["not_submit", "call_differs"] as const;
export type CallRefusal = (typeof callRefusals)[number] | EventRefusal;

type Settled = Extract<ToldEvent, { readonly kind: "settled" }>;

/** The rings that these calls settled. */
export function settledRings(
  domain: Domain,
  calls: readonly SubmitCall[],
): Verdict<readonly SettledRing[], CallRefusal> {
  const rings: SettledRing[] = [];
  for (const call of calls) {
    const events = readEvents(call.logs, domain.contract);
    if (!events.ok) return events;
    const settled = events.value.filter((event) => event.kind === "settled");
    if (settled.length === 0) continue;
    const isOurs = parseAddress(call.to) === domain.contract;
    const submission = isOurs ? readSubmit(call) : undefined;
    if (submission === undefined) {
      return refuse("not_submit", `${at(settled, 0).ringHash}: the call is no submit of rings`);
    }
    const joined = joinedRings(domain, submission, settled);
    if (joined === undefined) {
      return refuse("call_differs", `${at(settled, 0).ringHash}: told something else than called`);
    }
    rings.push(...joined);
  }
  return accept(rings);
}

const selector = toHex(keccak(fromAscii("submit(bytes)")).subarray(0, 4));

/** The argument as the ABI has it: offset, length, bytes, zeros to whole words. */
function readSubmit({ from, input }: SubmitCall): Submission | undefined {
  const sender = parseAddress(from);
  const head = `0x${selector}${"20".padStart(64, "0")}`;
  const bytes = input.startsWith(head) ? fromHex(input.slice(head.length)) : undefined;
  if (sender === undefined || bytes === undefined) return undefined;
  const length = bytes.subarray(0, 32).reduce((sum, byte) => sum * 256 + byte, 0);
  const submission = decodeSubmission(bytes.subarray(32, 32 + length), sender);
  return submission.ok ? submission.value : undefined;
}

function joinedRings(
  domain: Domain,
  submission: Submission,
  settled: readonly Settled[],
): readonly SettledRing[] | undefined {
  const { miner, feeRecipient, rings } = submission;
  if (rings.length !== settled.length) return undefined;
  if (submission.orders.some(({ order }) => faultOf(order) !== undefined)) return undefined;
  const joined: SettledRing[] = [];
  for (const [i, told] of settled.entries()) {
    const fills = fillsOf(domain, submission, at(rings, i));
    if (told.miner !== miner || told.feeRecipient !== feeRecipient) return undefined;
    if (told.fills.length !== fills.length) return undefined;
    const agrees = told.fills.every((one, k) => {
      const { fill, taken } = at(fills, k);
      return (
        one.orderHash === fill.orderHash &&
        one.sellToken === fill.sellToken &&
        one.take === taken &&
        one.sold === fill.sold &&
        one.received === fill.received
      );
    });
    if (!agrees) return undefined;
    joined.push({ ringHash: told.ringHash, miner, feeRecipient, fills: fills.map((f) => f.fill) });
  }
  return joined;
}

function fillsOf(
  domain: Domain,
  { orders, miner }: Submission,
  { parts }: Ring,
): readonly { readonly fill: RingFill; readonly taken: bigint }[] {
  return parts.map((part, i) => {
    const { order } = at(orders, part.order);
    const inflow = at(parts, (i + 1) % parts.length).fill;
    const margin = part.take === take.margin ? marginOf(order, part.fill, inflow) : 0n;
    const amount = order.buyDriven ? inflow : part.fill;
    const fee = proportion(order.feeAmount, amount, countsOf(order));
    const { sellToken, buyToken, wallet, feeToken } = order;
    const marginToken = order.buyDriven ? sellToken : buyToken;
    const isRewarded = part.take === take.margin && fee > 0n && order.owner !== miner;
    const fill = {
      orderHash: orderHash(domain, order),
      sellToken,
      buyToken,
      wallet,
      sold: order.buyDriven ? part.fill + margin : part.fill,
      received: order.buyDriven ? inflow : inflow - margin,
      paid:
        part.take === take.fee
          ? paidOf(order, { kind: "fee", token: feeToken, amount: fee })
          : paidOf(order, { kind: "margin", token: marginToken, amount: margin }),
      reward: isRewarded ? { token: feeToken, amount: fee } : undefined,
    };
    return { fill, taken: part.take };
  });
}

/** Divided between fee recipient and wallet; nothing is not paid. */
function paidOf(
  { wallet, walletSplit }: RingOrder,
  {
    kind,
    token,
    amount,
  }: { readonly kind: Paid["kind"]; readonly token: Address; readonly amount: bigint },
): Paid | undefined {
  if (amount === 0n) return undefined;
  const toWallet = wallet === noAddress ? 0n : share(amount, walletSplit);
  return { kind, token, toFeeRecipient: amount - toWallet, toWallet };
}
