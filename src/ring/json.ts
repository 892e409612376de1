/**
 * Orders as JSON: what wallets write, relays pass on and docs/spec/ring-order.schema.json
 * describes.
 *
 * One flat object with every field of docs/spec/ring.md §2 and no other. Numbers are decimal
 * strings without leading zeros, since JSON's own are not exact; addresses are lower-case or have
 * the capitals of EIP-55. And the order as typed data, which a wallet shows before it signs.
 */
import { assert } from "../codec/assert.ts";
import { type Address, noAddress, parseAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { type Domain, domainName, domainVersion, orderFields } from "./digest.ts";
import type { RingOrder } from "./order.ts";
import { faultOf } from "./settle.ts";

/** What is refused, in order of precedence; the last four are the contract's. */
export const orderJsonRefusals = [
  "too_large",
  "not_json",
  "not_object",
  "field_unknown",
  "field_missing",
  "field_malformed",
  "field_repeated",
  "AmountZero",
  "SameToken",
  "AuthAddressZero",
  "SplitTooLarge",
] as const;

export type OrderJsonRefusal = (typeof orderJsonRefusals)[number];

/** Longest text that is looked at; an order has about 1,000 characters. */
export const orderJsonMax = 4096;

type Names = (typeof orderFields)[number][1];

/** The order that a text describes. */
export function parseOrder(text: string): Verdict<RingOrder, OrderJsonRefusal> {
  if (text.length > orderJsonMax) {
    return refuse("too_large", `${text.length} characters, at most ${orderJsonMax}`);
  }
  const fields = fieldsOf(text);
  if ("ok" in fields) return fields;
  const names = orderFields.map(([, name]): string => name);
  const unknown = [...fields.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) return refuse("field_unknown", `an order has no ${quoted(unknown)}`);
  const missing = names.find((name) => !fields.has(name));
  if (missing !== undefined) return refuse("field_missing", `${missing} is missing`);
  const { order, malformed } = readFields(fields);
  if (malformed !== undefined) return refuse("field_malformed", `${malformed} is not of its type`);
  // All values are plain strings and truth values now, so that every quoted name is a field's.
  const keys = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? [];
  if (keys.length !== names.length) return refuse("field_repeated", "a field stands there twice");
  const fault = faultOf(order);
  return fault === undefined ? accept(order) : refuse(fault, "no contract would settle this order");
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 40)).replace(/[^ -~]/g, "?");
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> | Refused<OrderJsonRefusal> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("not_json", "the text is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("not_object", "an order is a JSON object");
  }
  return new Map(Object.entries(value));
}

/** The order, and the first field in it that is not of its type. */
function readFields(fields: ReadonlyMap<string, unknown>): {
  readonly order: RingOrder;
  readonly malformed: string | undefined;
} {
  const malformed = new Set<string>();
  const read = <T>(name: Names, value: T | undefined, instead: T): T => {
    if (value === undefined) malformed.add(name);
    return value ?? instead;
  };
  const address = (name: Names): Address => read(name, addressIn(fields.get(name)), noAddress);
  const uint = (name: Names, bits: number): bigint =>
    read(name, uintIn(fields.get(name), bits), 0n);
  const truth = (name: Names): boolean => {
    const value = fields.get(name);
    return read(name, typeof value === "boolean" ? value : undefined, false);
  };
  const order = {
    owner: address("owner"),
    sellToken: address("sellToken"),
    buyToken: address("buyToken"),
    sellAmount: uint("sellAmount", 128),
    buyAmount: uint("buyAmount", 128),
    validSince: uint("validSince", 40),
    validUntil: uint("validUntil", 40),
    nonce: uint("nonce", 96),
    authAddress: address("authAddress"),
    feeToken: address("feeToken"),
    feeAmount: uint("feeAmount", 128),
    marginSplit: uint("marginSplit", 8),
    wallet: address("wallet"),
    walletSplit: uint("walletSplit", 8),
    allOrNone: truth("allOrNone"),
    buyDriven: truth("buyDriven"),
    minimumFill: uint("minimumFill", 128),
    recipient: address("recipient"),
  };
  return { order, malformed: [...malformed][0] };
}

function addressIn(value: unknown): Address | undefined {
  return typeof value === "string" ? parseAddress(value) : undefined;
}

function uintIn(value: unknown, bits: number): bigint | undefined {
  if (typeof value !== "string" || !/^(?:0|[1-9]\d{0,38})$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 1n << BigInt(bits) ? number : undefined;
}

/** Fields as JSON has them: truth values, and strings for all else. */
function jsonFields(order: RingOrder): Readonly<Record<string, string | boolean>> {
  return Object.fromEntries(
    orderFields.map(([, name]) => {
      const value = order[name];
      return [name, typeof value === "bigint" ? value.toString() : value];
    }),
  );
}

/** The order as one line of JSON, fields in the order in which they are hashed. */
export function printOrder(order: RingOrder): string {
  return JSON.stringify(jsonFields(order));
}

type TypedField = { readonly name: string; readonly type: string };

export type TypedData = {
  readonly types: {
    readonly EIP712Domain: readonly TypedField[];
    readonly Order: readonly TypedField[];
  };
  readonly primaryType: "Order";
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number;
    readonly verifyingContract: Address;
  };
  readonly message: Readonly<Record<string, string | boolean>>;
};

/** The order as `eth_signTypedData_v4` takes it. */
export function typedData({ chainId, contract }: Domain, order: RingOrder): TypedData {
  const id = Number(chainId);
  assert(Number.isSafeInteger(id), "wallets take a chain's number as a JSON number");
  return {
    types: {
      EIP712Domain: [
        { name: "name", type: "string" },
        { name: "version", type: "string" },
        { name: "chainId", type: "uint256" },
        { name: "verifyingContract", type: "address" },
      ],
      Order: orderFields.map(([type, name]) => ({ name, type })),
    },
    primaryType: "Order",
    domain: {
      name: domainName,
      version: domainVersion,
      chainId: id,
      verifyingContract: contract,
    },
    message: jsonFields(order),
  };
}
