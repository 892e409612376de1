/**
 * Events and errors of RingSettlement as an EVM shows them: topics and data of a log, bytes of a
 * revert. Everything in them is words of 32 bytes (the ABI's), written by hand: no library here.
 */
import { concat, fromAscii, toHex } from "../codec/bytes.ts";
import { type Address, addressOf, bytesOf, type Hash, keccak } from "../codec/ethereum.ts";
import type { RingEvent } from "../ring/chain.ts";
import type { RingRefusal, RingRefused } from "../ring/refusals.ts";

export type RawLog = {
  readonly emitter: string;
  readonly topics: readonly string[];
  readonly data: string;
};

type Word = bigint | Address | Hash;

/** What stands in the brackets of each error. */
export const errorArguments: Readonly<Record<RingRefusal, string>> = {
  Reentrant: "",
  Malformed: "",
  RingExpired: "uint256",
  FeeRecipientZero: "",
  AmountZero: "bytes32",
  SameToken: "bytes32",
  AuthAddressZero: "bytes32",
  SplitTooLarge: "bytes32",
  OrderNotYetValid: "bytes32,uint256",
  OrderExpired: "bytes32,uint256",
  EpochNotCurrent: "bytes32,uint256",
  BadOwnerSignature: "bytes32",
  RingSize: "uint256",
  SubRing: "bytes32",
  RingBroken: "bytes32",
  FillZero: "bytes32",
  OrderCancelled: "bytes32",
  Overfill: "bytes32,uint256,uint256",
  FillTooSmall: "bytes32,uint256",
  LimitPrice: "bytes32",
  RewardNotMiners: "bytes32",
  BadAuthSignature: "bytes32",
  BadMinerSignature: "bytes32",
  ReceiverIsSettlement: "",
  TransferFailed: "address,address,address,uint256",
  TransferNotExact: "address,address,address,uint256",
  CancelExpired: "uint256",
  BadCancelSignature: "address",
};

/** 32 bytes in hex. */
function word(value: Word): string {
  const digits = typeof value === "bigint" ? value.toString(16) : toHex(bytesOf(value));
  return digits.padStart(64, "0");
}

function data(words: readonly Word[]): string {
  return `0x${words.map(word).join("")}`;
}

function hashOfText(text: string): string {
  return `0x${toHex(keccak(fromAscii(text)))}`;
}

/** What the call reverts with. */
export function revertOf({ name, args }: Pick<RingRefused, "name" | "args">): string {
  const selector = hashOfText(`${name}(${errorArguments[name]})`).slice(0, 10);
  return selector + data(args).slice(2);
}

/** The chain's log of the transaction: of RingSettlement at `settlement`, and of its tokens. */
export function logsOf(settlement: Address, log: readonly RingEvent[]): readonly RawLog[] {
  return log.map((event) => {
    const { topics, data } = rawOf(event);
    return { emitter: event.kind === "transfer" ? event.token : settlement, topics, data };
  });
}

function pair(first: bigint, second: bigint): bigint {
  return (first << 128n) | second;
}

function number(address: Address): bigint {
  return BigInt(address);
}

function rawOf(event: RingEvent): Omit<RawLog, "emitter"> {
  const raw = (
    signature: string,
    indexed: readonly Word[],
    words: readonly Word[],
  ): Omit<RawLog, "emitter"> => {
    const topics = [hashOfText(signature), ...indexed.map((value) => `0x${word(value)}`)];
    return { topics, data: data(words) };
  };
  switch (event.kind) {
    case "settled": {
      const { ringHash, miner, feeRecipient, fills } = event;
      const words = fills.flatMap(({ orderHash, sellToken, take, sold, received }) => {
        return [orderHash, (take << 160n) | number(sellToken), pair(sold, received)];
      });
      const signature = "RingSettled(bytes32,address,address,(bytes32,uint256,uint256)[])";
      return raw(signature, [ringHash, miner, feeRecipient], [32n, BigInt(fills.length), ...words]);
    }
    case "transfer":
      return raw("Transfer(address,address,uint256)", [event.from, event.to], [event.amount]);
    case "cancelled":
      return raw("OrderCancelledByOwner(address,uint96)", [event.owner, event.nonce], []);
    case "epoch":
      return raw("EpochStarted(address,uint256)", [event.owner], [event.epoch]);
  }
}

/** The address of the first contract that `deployer` makes. */
export function firstContractOf(deployer: Address): Address {
  const list = concat([Uint8Array.of(0xd6, 0x94), bytesOf(deployer), Uint8Array.of(0x80)]);
  return addressOf(keccak(list).subarray(12));
}
