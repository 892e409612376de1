/**
 * The contract's log, as a node gives it (`eth_getLogs`, or a transaction's receipt), read back
 * into what the contract told. The data are decoded by hand and strictly: exactly the bytes that
 * Solidity writes for these events, or a refusal. An event that this contract does not have is one
 * as well: whoever settles accounts by the log must not pass over what he does not understand.
 *
 * The logs must come in the order of the chain, as nodes give them. Those of other contracts are
 * passed over, so that a whole receipt can be given.
 */
import { fromAscii, fromHex } from "../codec/bytes.ts";
import {
  type Address,
  addressOf,
  type Hash,
  hashOf,
  keccak,
  parseAddress,
  parseHash,
} from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { ringSizeMax, ringSizeMin, take as takes } from "./calldata.ts";

/** One entry of the chain's log; a node's further fields do no harm. */
export type LogEntry = {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
};

export const eventRefusals = ["event_malformed", "event_unknown"] as const;
export type EventRefusal = (typeof eventRefusals)[number];

/** What one order did in a ring, as the event has it. */
export type ToldFill = {
  readonly orderHash: Hash;
  readonly sellToken: Address;
  readonly take: bigint;
  readonly sold: bigint;
  readonly received: bigint;
};

export type ToldEvent =
  | {
      readonly kind: "settled";
      readonly ringHash: Hash;
      readonly miner: Address;
      readonly feeRecipient: Address;
      readonly fills: readonly ToldFill[];
    }
  | { readonly kind: "cancelled"; readonly owner: Address; readonly nonce: bigint }
  | { readonly kind: "epoch"; readonly owner: Address; readonly epoch: bigint };

const topics = {
  settled: topicOf("RingSettled(bytes32,address,address,(bytes32,uint256,uint256)[])"),
  cancelled: topicOf("OrderCancelledByOwner(address,uint96)"),
  epoch: topicOf("EpochStarted(address,uint256)"),
};

function topicOf(signature: string): Hash {
  return hashOf(keccak(fromAscii(signature)));
}

/**
 * The parameter of `eth_getLogs` for everything that statistics are made of, both blocks included.
 */
export function logQuery(
  contract: Address,
  { fromBlock, toBlock }: { readonly fromBlock: bigint; readonly toBlock: bigint },
): {
  readonly address: Address;
  readonly fromBlock: string;
  readonly toBlock: string;
  readonly topics: readonly [Hash];
} {
  const block = (number: bigint): string => `0x${number.toString(16)}`;
  return {
    address: contract,
    fromBlock: block(fromBlock),
    toBlock: block(toBlock),
    topics: [topics.settled],
  };
}

/** What `contract` told, in the order in which it did. */
export function readEvents(
  logs: readonly LogEntry[],
  contract: Address,
): Verdict<readonly ToldEvent[], EventRefusal> {
  const events: ToldEvent[] = [];
  for (const [i, log] of logs.entries()) {
    const address = parseAddress(log.address);
    if (address === undefined) return refuse("event_malformed", `log ${i}: no address`);
    if (address !== contract) continue;
    const kind = kindOf(log);
    if (kind === undefined) return refuse("event_unknown", `log ${i}: not an event of ring.md`);
    const event = eventOf(kind, log);
    if (event === undefined) return refuse("event_malformed", `log ${i}: no ${kind} event`);
    events.push(event);
  }
  return accept(events);
}

type Kind = keyof typeof topics;

function kindOf({ topics: [first] }: LogEntry): Kind | undefined {
  const kinds: readonly Kind[] = ["settled", "cancelled", "epoch"];
  return kinds.find((kind) => topics[kind] === first);
}

/** How many topics and words of data each has; a ring's data grow with it. */
const shapes: Readonly<Record<Kind, readonly [topics: number, words: number | undefined]>> = {
  settled: [4, undefined],
  cancelled: [3, 0],
  epoch: [2, 1],
};

function eventOf(kind: Kind, log: LogEntry): ToldEvent | undefined {
  const indexed = log.topics.slice(1).flatMap((topic) => parseHash(topic) ?? []);
  const words = wordsOf(log.data);
  const [topicsCount, wordsCount] = shapes[kind];
  if (words === undefined || indexed.length !== topicsCount - 1) return undefined;
  if (log.topics.length !== topicsCount) return undefined;
  if (wordsCount !== undefined && words.length !== wordsCount) return undefined;
  const [first, second, third] = indexed.map((topic) => fromHex(topic.slice(2)));
  if (first === undefined) return undefined;
  switch (kind) {
    case "settled":
      return settledOf(first, [accountOf(second), accountOf(third)], words);
    case "cancelled": {
      const [owner, nonce] = [accountOf(first), numberOf(second)];
      if (owner === undefined || nonce === undefined || nonce >> 96n !== 0n) return undefined;
      return { kind, owner, nonce };
    }
    case "epoch": {
      const [owner, epoch] = [accountOf(first), numberOf(words[0])];
      return owner === undefined || epoch === undefined ? undefined : { kind, owner, epoch };
    }
  }
}

const wordsAFill = 3;

/** An offset to the list, which follows at once; its length; three words a fill. */
function settledOf(
  ringHash: Uint8Array,
  [miner, feeRecipient]: readonly [Address | undefined, Address | undefined],
  words: readonly Uint8Array[],
): ToldEvent | undefined {
  const size = numberOf(words[1]);
  if (numberOf(words[0]) !== 32n || size === undefined) return undefined;
  if (size < BigInt(ringSizeMin) || size > BigInt(ringSizeMax)) return undefined;
  if (words.length !== 2 + wordsAFill * Number(size)) return undefined;
  const fills: ToldFill[] = [];
  for (let i = 2; i < words.length; i += wordsAFill) {
    const [name, tokenTake, amounts] = words.slice(i, i + wordsAFill);
    const [take, halves] = [numberOf(tokenTake?.subarray(0, 12)), halvesOf(amounts)];
    if (name === undefined || tokenTake === undefined) return undefined;
    if (take === undefined || take > takes.margin || halves === undefined) return undefined;
    const [sold, received] = halves;
    const sellToken = addressOf(tokenTake.slice(12));
    fills.push({ orderHash: hashOf(name), sellToken, take, sold, received });
  }
  if (miner === undefined || feeRecipient === undefined) return undefined;
  return { kind: "settled", ringHash: hashOf(ringHash), miner, feeRecipient, fills };
}

/** The data in words of 32 bytes; `undefined` if they are none. */
function wordsOf(data: string): readonly Uint8Array[] | undefined {
  const bytes = data.startsWith("0x") ? fromHex(data.slice(2)) : undefined;
  if (bytes === undefined || bytes.length % 32 !== 0) return undefined;
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
}

/** An address stands in the lower 20 bytes; above it there is nothing. */
function accountOf(word: Uint8Array | undefined): Address | undefined {
  if (word === undefined || word.subarray(0, 12).some((byte) => byte !== 0)) return undefined;
  return addressOf(word.slice(12));
}

function numberOf(word: Uint8Array | undefined): bigint | undefined {
  return word?.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The two amounts that the contract packs into one word. */
function halvesOf(word: Uint8Array | undefined): readonly [bigint, bigint] | undefined {
  const both = numberOf(word);
  return both === undefined ? undefined : [both >> 128n, both & ((1n << 128n) - 1n)];
}
