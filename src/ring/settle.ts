/**
 * The oracle of RingSettlement: what `submit` does, to the last unit and to the name of the
 * refusal.
 *
 * Written from docs/spec/ring.md §5 and §6, not from the contract, so that the two can be held
 * against each other. One pass over the bytes: a refusal further on is only found once everything
 * before it, transfers included, was in order.
 */
import { assert, at } from "../codec/assert.ts";
import { type Address, type Hash, noAddress } from "../codec/ethereum.ts";
import { accept } from "../codec/verdict.ts";
import { authoredBySender, type OwnedOrder, type Part, take } from "./calldata.ts";
import { type Chain, Counters, type Effects, type RingEvent, type Transfer } from "./chain.ts";
import { type Header, Reader, readHeader, readOrder, readParts, readRingsCount } from "./decode.ts";
import { orderHash, ringHash, type SignedPart } from "./digest.ts";
import { cancelled, countsOf, epochOf, recipientOf, type RingOrder } from "./order.ts";
import { keepsLimit, marginOf, proportion, share } from "./price.ts";
import { refuseRing, type RingRefused, type RingVerdict } from "./refusals.ts";
import { compactBytes, isSignedBy, recoverSigner } from "./signature.ts";

type KnownOrder = { readonly order: RingOrder; readonly hash: Hash };

/** One order's place in a ring, and what comes of it. */
type Place = KnownOrder & {
  readonly part: Part;
  /** The order after it, which passes on to it. */
  readonly next: KnownOrder;
  readonly filledBefore: bigint;
  readonly sold: bigint;
  readonly received: bigint;
  readonly margin: bigint;
  readonly fee: bigint;
};

/** One transaction at work. */
type Batch = {
  readonly chain: Chain;
  readonly reader: Reader;
  readonly header: Header;
  readonly orders: readonly KnownOrder[];
  readonly counters: Counters;
  readonly log: RingEvent[];
};

/** What `submit` with these bytes does, or why it does nothing. */
export function settle(chain: Chain, bytes: Uint8Array): RingVerdict<Effects> {
  if (chain.isInside) return refuseRing("Reentrant");
  const reader = new Reader(bytes);
  const read = readHeader(reader);
  if (!read.ok) return read;
  const header = read.value;
  if (chain.now > header.deadline) return refuseRing("RingExpired", header.deadline);
  if (header.feeRecipient === noAddress) return refuseRing("FeeRecipientZero");
  if (header.feeRecipient === chain.domain.contract) return refuseRing("ReceiverIsSettlement");
  const orders = admitOrders(chain, reader, header);
  if (!orders.ok) return orders;
  const count = readRingsCount(reader);
  if (!count.ok) return count;
  const counters = new Counters(chain.counter);
  const batch: Batch = { chain, reader, header, orders: orders.value, counters, log: [] };
  for (let i = 0; i < count.value; i += 1) {
    const refused = settleRing(batch);
    if (refused !== undefined) return refused;
  }
  if (!reader.isAtEnd) return refuseRing("Malformed");
  return accept({ counters: counters.written, log: batch.log });
}

function admitOrders(
  chain: Chain,
  reader: Reader,
  { tokens }: Header,
): RingVerdict<readonly KnownOrder[]> {
  const orders: KnownOrder[] = [];
  for (let rest = reader.small(); rest > 0; rest -= 1) {
    const read = readOrder(reader, tokens);
    if (!read.ok) return read;
    const hash = orderHash(chain.domain, read.value.order);
    const refused = refusalOf(chain, read.value, hash);
    if (refused !== undefined) return refused;
    orders.push({ order: read.value.order, hash });
  }
  return accept(orders);
}

/** What makes the order itself invalid, whoever fills it. */
export function faultOf(
  order: RingOrder,
): "AmountZero" | "SameToken" | "AuthAddressZero" | "SplitTooLarge" | undefined {
  if (order.sellAmount === 0n || order.buyAmount === 0n) return "AmountZero";
  if (order.sellToken === order.buyToken) return "SameToken";
  if (order.authAddress === noAddress) return "AuthAddressZero";
  if (order.marginSplit > 100n || order.walletSplit > 100n) return "SplitTooLarge";
  return undefined;
}

function refusalOf(
  chain: Chain,
  { order, signature }: OwnedOrder,
  hash: Hash,
): RingRefused | undefined {
  const fault = faultOf(order);
  if (fault !== undefined) return refuseRing(fault, hash);
  if (chain.now < order.validSince) return refuseRing("OrderNotYetValid", hash, order.validSince);
  if (chain.now > order.validUntil) return refuseRing("OrderExpired", hash, order.validUntil);
  const epoch = epochOf(order.nonce);
  if (epoch !== chain.epoch(order.owner)) return refuseRing("EpochNotCurrent", hash, epoch);
  const signed = isSignedBy(order.owner, { digest: hash, signature }, chain.accepts);
  return signed ? undefined : refuseRing("BadOwnerSignature", hash);
}

function settleRing(batch: Batch): RingRefused | undefined {
  const { header, orders, reader, log } = batch;
  const parts = readParts(reader, orders.length);
  if (!parts.ok) return parts;
  const ring = fillRing(batch, parts.value);
  if (!ring.ok) return ring;
  const hash = ringHash(batch.chain.domain, { ...header, parts: ring.value.map(signedPart) });
  const unauthored = refusalOfAuthors(batch, ring.value, hash);
  if (unauthored !== undefined) return unauthored;
  const fills = ring.value.map(({ hash: orderHash, order, part, sold, received }) => {
    return { orderHash, sellToken: order.sellToken, take: part.take, sold, received };
  });
  const { miner, feeRecipient } = header;
  log.push({ kind: "settled", ringHash: hash, miner, feeRecipient, fills });
  return pay(batch, ring.value);
}

function signedPart({ hash, part, filledBefore }: Place): SignedPart {
  return { orderHash: hash, fill: part.fill, filledBefore, take: part.take };
}

// ── fills ────────────────────────────────────────────────────────────────────────────────────────

function fillRing(batch: Batch, parts: readonly Part[]): RingVerdict<readonly Place[]> {
  const known = parts.map(({ order }) => at(batch.orders, order));
  const soldBefore = new Set<Address>();
  const places: Place[] = [];
  for (const [i, part] of parts.entries()) {
    const self = at(known, i);
    const next = at(known, (i + 1) % parts.length);
    if (soldBefore.has(self.order.sellToken)) return refuseRing("SubRing", self.hash);
    soldBefore.add(self.order.sellToken);
    if (self.order.buyToken !== next.order.sellToken) return refuseRing("RingBroken", self.hash);
    const inflow = at(parts, (i + 1) % parts.length).fill;
    const place = fillOrder(batch, { ...self, part, next }, inflow);
    if (!place.ok) return place;
    places.push(place.value);
  }
  return accept(places);
}

/** Checks one fill against the order's limit and rest, and counts it. */
function fillOrder(
  { counters, header }: Batch,
  self: Pick<Place, "order" | "hash" | "part" | "next">,
  inflow: bigint,
): RingVerdict<Place> {
  const { order, hash, part } = self;
  const { fill } = part;
  if (fill === 0n) return refuseRing("FillZero", hash);
  const amount = order.buyDriven ? inflow : fill;
  const counts = countsOf(order);
  const filledBefore = counters.get(order.owner, order.nonce);
  const value = filledBefore + amount;
  if (value > counts) {
    if (filledBefore === cancelled) return refuseRing("OrderCancelled", hash);
    return refuseRing("Overfill", hash, filledBefore, counts);
  }
  const isEnough = order.allOrNone
    ? amount === counts
    : amount >= order.minimumFill || value === counts;
  if (!isEnough) return refuseRing("FillTooSmall", hash, amount);
  if (!keepsLimit(order, fill, inflow)) return refuseRing("LimitPrice", hash);
  const fee = part.take === take.none ? 0n : proportion(order.feeAmount, amount, counts);
  const owesReward = part.take === take.margin && fee > 0n;
  if (owesReward && header.miner !== header.feeRecipient) {
    return refuseRing("RewardNotMiners", hash);
  }
  counters.set({ owner: order.owner, nonce: order.nonce, value });
  const margin = part.take === take.margin ? marginOf(order, fill, inflow) : 0n;
  const [sold, received] = order.buyDriven ? [fill + margin, inflow] : [fill, inflow - margin];
  assert(keepsLimit(order, sold, received), "the limit holds on final amounts");
  return accept({ ...self, filledBefore, sold, received, margin, fee });
}

// ── authors ──────────────────────────────────────────────────────────────────────────────────────

function refusalOfAuthors(
  { chain, reader, header }: Batch,
  ring: readonly Place[],
  hash: Hash,
): RingRefused | undefined {
  const nextSigner = (): Address | undefined => recoverSigner(hash, reader.bytes(compactBytes));
  for (const [i, place] of ring.entries()) {
    const { author } = place.part;
    if (author > i && author !== authoredBySender) return refuseRing("Malformed");
    let signer: Address | undefined = chain.sender;
    if (author === i) signer = nextSigner();
    else if (author < i) signer = at(ring, author).order.authAddress;
    if (signer !== place.order.authAddress) return refuseRing("BadAuthSignature", place.hash);
  }
  if (header.miner !== chain.sender && nextSigner() !== header.miner) {
    return refuseRing("BadMinerSignature", hash);
  }
  return reader.isBehindEnd ? refuseRing("Malformed") : undefined;
}

// ── transfers ────────────────────────────────────────────────────────────────────────────────────

function pay(batch: Batch, ring: readonly Place[]): RingRefused | undefined {
  for (const { order, next, received: amount } of ring) {
    const [from, to] = [next.order.owner, recipientOf(order)];
    if (to === batch.chain.domain.contract) return refuseRing("ReceiverIsSettlement");
    const refused = move(batch, { token: order.buyToken, from, to, amount });
    if (refused !== undefined) return refused;
  }
  const moved = ring.filter(({ order, next }) => next.order.owner !== recipientOf(order));
  const proven = new Set(moved.map(({ order }) => order.buyToken));
  for (const place of ring) {
    const refused = payTaken(batch, place, proven);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Fee or margin to whom they are due, and the miner's reward to an owner whose margin it took. */
function payTaken(
  batch: Batch,
  place: Place,
  proven: ReadonlySet<Address>,
): RingRefused | undefined {
  const { order, next, part, margin, fee } = place;
  const { owner, feeToken: token } = order;
  if (part.take === take.none) return undefined;
  if (part.take === take.fee) {
    return payShared(batch, place, { token, from: owner, amount: fee }, proven);
  }
  const seller = order.buyDriven ? order : next.order;
  const saved = { token: seller.sellToken, from: seller.owner, amount: margin };
  const refused = payShared(batch, place, saved, proven);
  if (refused !== undefined || fee === 0n) return refused;
  return move(batch, { token, from: batch.header.miner, to: owner, amount: fee });
}

/**
 * The wallet's part, then the rest: of a token that has moved here the fee recipient's balance is
 * not asked.
 */
function payShared(
  batch: Batch,
  { order }: Place,
  { token, from, amount }: Omit<Transfer, "to">,
  proven: ReadonlySet<Address>,
): RingRefused | undefined {
  const { wallet } = order;
  if (wallet === batch.chain.domain.contract) return refuseRing("ReceiverIsSettlement");
  if (amount === 0n) return undefined;
  const toWallet = wallet === noAddress ? 0n : share(amount, order.walletSplit);
  const toFeeRecipient = amount - toWallet;
  const { feeRecipient } = batch.header;
  return (
    move(batch, { token, from, to: wallet, amount: toWallet }) ??
    move(batch, { token, from, to: feeRecipient, amount: toFeeRecipient }, proven.has(token))
  );
}

function move(
  { chain, log }: Batch,
  transfer: Transfer,
  isProven: boolean = false,
): RingRefused | undefined {
  const { token, from, to, amount } = transfer;
  if (amount === 0n || from === to) return undefined;
  const result = chain.transfer(transfer);
  if (result === "failed" || (result === "absent" && !isProven)) {
    return refuseRing("TransferFailed", token, from, to, amount);
  }
  if (!isProven && result !== "moved") {
    return refuseRing("TransferNotExact", token, from, to, amount);
  }
  if (result !== "unmoved" && result !== "absent") log.push({ kind: "transfer", ...transfer });
  return undefined;
}
