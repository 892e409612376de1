/**
 * The leaves of the ring venue (docs/spec/log.md §3): where it is, what is offered, which
 * transactions were authored and what became of their rings. Amounts are `bigint` in a token's
 * smallest unit. An offer is a number and two amounts: nobody's, and tied to no order.
 */
import { assert } from "../codec/assert.ts";
import { type Address, type Hash, parseAddress, parseHash } from "../codec/ethereum.ts";
import { digest, isHex64, type Digest } from "../codec/names.ts";
import { positive, whole } from "./numbers.ts";

/** VENUE: the settlement contract, and who mines for it. */
export type VenueLeaf = {
  readonly kind: "venue";
  readonly chainId: bigint;
  readonly contract: Address;
  readonly miner: Address;
  readonly feeRecipient: Address;
};

/** TOKEN: what a name of the venue stands for. */
export type TokenLeaf = {
  readonly kind: "token";
  readonly name: string;
  readonly address: Address;
  readonly decimals: number;
};

/** OFFER: what offer `number` can sell now and the least it wants for that; twice 0: it is gone. */
export type OfferLeaf = {
  readonly kind: "offer";
  readonly number: number;
  readonly sell: string;
  readonly buy: string;
  readonly sellAmount: bigint;
  readonly buyAmount: bigint;
};

/** SUBMISSION: a transaction that anybody may send until its deadline. */
export type SubmissionLeaf = {
  readonly kind: "submission";
  /** 1, 2, 3 … */
  readonly number: number;
  /** Last second, Unix time. */
  readonly deadline: bigint;
  /** SHA-256 of its calldata. */
  readonly digest: Digest;
};

/** RING: one ring of a submission. */
export type RingLeaf = {
  readonly kind: "ring";
  /** 1, 2, 3 … over all submissions. */
  readonly number: number;
  readonly submission: number;
  readonly hash: Hash;
  /** How many orders are in it. */
  readonly size: number;
};

/** SETTLED and FAILED: what became of a ring. */
export type OutcomeLeaf =
  | { readonly kind: "settled"; readonly number: number; readonly transaction: Hash }
  | { readonly kind: "failed"; readonly number: number; readonly reason: string };

/** Any of them. */
export type RingVenueLeaf =
  | VenueLeaf
  | TokenLeaf
  | OfferLeaf
  | SubmissionLeaf
  | RingLeaf
  | OutcomeLeaf;

const amountBits = 128n;
const deadlineBits = 40n;
/** 10^77 is the highest power of ten in a word of the chain. */
const decimalsMax = 77;
const ringSizeMin = 2;
const ringSizeMax = 10;

/** The leaf's line, without LF. */
export function printRingLeaf(leaf: RingVenueLeaf): string {
  const line = print(leaf);
  assert(parseRingLeaf(line.split("|")) !== undefined, "a leaf of the ring venue is well-formed");
  return line;
}

function print(leaf: RingVenueLeaf): string {
  switch (leaf.kind) {
    case "venue":
      return `VENUE|${leaf.chainId}|${leaf.contract}|${leaf.miner}|${leaf.feeRecipient}`;
    case "token":
      return `TOKEN|${leaf.name}|${leaf.address}|${leaf.decimals}`;
    case "offer": {
      const { number, sell, buy, sellAmount, buyAmount } = leaf;
      return `OFFER|${number}|${sell}|${buy}|${sellAmount}|${buyAmount}`;
    }
    case "submission":
      return `SUBMISSION|${leaf.number}|${leaf.deadline}|${leaf.digest}`;
    case "ring":
      return `RING|${leaf.number}|${leaf.submission}|${leaf.hash}|${leaf.size}`;
    case "settled":
      return `SETTLED|${leaf.number}|${leaf.transaction}`;
    case "failed":
      return `FAILED|${leaf.number}|${leaf.reason}`;
  }
}

/** The leaf that these fields say, the name first; `undefined` for anything else. */
export function parseRingLeaf(fields: readonly string[]): RingVenueLeaf | undefined {
  const [name, first = "", second = "", third = "", fourth = "", fifth = "", ...more] = fields;
  if (more.length > 0 || fields.length !== fieldCounts.get(name ?? "")) return undefined;
  switch (name) {
    case "VENUE":
      return parseVenue(first, [second, third, fourth]);
    case "TOKEN":
      return parseToken(first, second, third);
    case "OFFER":
      return parseOffer(first, [second, third], [fourth, fifth]);
    case "SUBMISSION":
      return parseSubmission(first, second, third);
    case "RING":
      return parseRing(first, second, third, fourth);
    default:
      return parseOutcome(name, first, second);
  }
}

/** Fields of each leaf, its name included. */
const fieldCounts: ReadonlyMap<string, number> = new Map([
  ["VENUE", 5],
  ["TOKEN", 4],
  ["OFFER", 6],
  ["SUBMISSION", 4],
  ["RING", 5],
  ["SETTLED", 3],
  ["FAILED", 3],
]);

function uint(text: string, bits: bigint): bigint | undefined {
  if (!/^(?:0|[1-9][0-9]{0,38})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >> bits === 0n ? value : undefined;
}

/** Lower case only: a leaf has one text. */
function address(text: string): Address | undefined {
  return text === text.toLowerCase() ? parseAddress(text) : undefined;
}

function tokenName(text: string): string | undefined {
  return /^[A-Z][A-Z0-9.]{0,11}$/.test(text) ? text : undefined;
}

function parseVenue(chain: string, addresses: readonly string[]): VenueLeaf | undefined {
  // Wallets take a chain's number as a JSON number, so that it is a safe one.
  const chainId = positive(chain);
  const [contract, miner, feeRecipient] = addresses.map(address);
  if (chainId === undefined || contract === undefined) return undefined;
  if (miner === undefined || feeRecipient === undefined) return undefined;
  return { kind: "venue", chainId: BigInt(chainId), contract, miner, feeRecipient };
}

function parseToken(first: string, second: string, third: string): TokenLeaf | undefined {
  const [name, at, decimals] = [tokenName(first), address(second), whole(third)];
  if (name === undefined || at === undefined || decimals === undefined) return undefined;
  return decimals > decimalsMax ? undefined : { kind: "token", name, address: at, decimals };
}

function parseOffer(
  first: string,
  tokens: readonly string[],
  amounts: readonly string[],
): OfferLeaf | undefined {
  const number = positive(first);
  const [sell, buy] = tokens.map(tokenName);
  const [sellAmount, buyAmount] = amounts.map((text) => uint(text, amountBits));
  if (number === undefined || sell === undefined || buy === undefined) return undefined;
  if (sellAmount === undefined || buyAmount === undefined || sell === buy) return undefined;
  // An offer is there with both its amounts, or gone.
  if ((sellAmount === 0n) !== (buyAmount === 0n)) return undefined;
  return { kind: "offer", number, sell, buy, sellAmount, buyAmount };
}

function parseSubmission(first: string, second: string, third: string): SubmissionLeaf | undefined {
  const [number, deadline] = [positive(first), uint(second, deadlineBits)];
  if (number === undefined || deadline === undefined || !isHex64(third)) return undefined;
  return { kind: "submission", number, deadline, digest: digest(third) };
}

function parseRing(
  first: string,
  second: string,
  third: string,
  fourth: string,
): RingLeaf | undefined {
  const [number, submission, hash] = [positive(first), positive(second), parseHash(third)];
  const size = whole(fourth) ?? 0;
  if (number === undefined || submission === undefined || hash === undefined) return undefined;
  if (size < ringSizeMin || size > ringSizeMax) return undefined;
  return { kind: "ring", number, submission, hash, size };
}

function parseOutcome(
  name: string | undefined,
  first: string,
  second: string,
): OutcomeLeaf | undefined {
  const number = positive(first);
  if (number === undefined) return undefined;
  if (name === "SETTLED") {
    const transaction = parseHash(second);
    return transaction && { kind: "settled", number, transaction };
  }
  const isReason = /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(second);
  return isReason ? { kind: "failed", number, reason: second } : undefined;
}
