/** Orders as JSON: printed and read are one, and the published schema says what the code does. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";

import { addressOf, checksummed } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { domain } from "../testing/ringstory.ts";
import { orderFields } from "./digest.ts";
import { parseOrder, printOrder, typedData } from "./json.ts";
import type { RingOrder } from "./order.ts";
import { faultOf } from "./settle.ts";

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressOf);
const uint = (bits: number): fc.Arbitrary<bigint> => fc.bigInt(0n, 2n ** BigInt(bits) - 1n);
const percent = fc.bigInt(0n, 100n);
const plainObject = { noNullPrototype: true };
const orders: fc.Arbitrary<RingOrder> = fc.record(
  {
    owner: address,
    sellToken: address,
    buyToken: address,
    sellAmount: fc.bigInt(1n, 2n ** 128n - 1n),
    buyAmount: fc.bigInt(1n, 2n ** 128n - 1n),
    validSince: uint(40),
    validUntil: uint(40),
    nonce: uint(96),
    authAddress: address,
    feeToken: address,
    feeAmount: uint(128),
    marginSplit: percent,
    wallet: address,
    walletSplit: percent,
    allOrNone: fc.boolean(),
    buyDriven: fc.boolean(),
    minimumFill: uint(128),
    recipient: address,
  },
  plainObject,
);

type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly pattern?: string;
  readonly not?: { readonly pattern: string };
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly $defs: Readonly<Record<string, Schema>>;
};

const schema = JSON.parse(
  readFileSync(new URL("../../docs/spec/ring-order.schema.json", import.meta.url), "utf8"),
) as Schema;

/** As much of JSON Schema as ours uses. */
function keeps(value: unknown, rule: Schema): boolean {
  if (rule.$ref !== undefined) {
    const other = schema.$defs[rule.$ref.replace("#/$defs/", "")];
    if (other === undefined || !keeps(value, other)) return false;
  }
  if (rule.type !== undefined && rule.type !== typeof value) return false;
  const matches = (pattern: string): boolean =>
    typeof value === "string" && new RegExp(pattern, "u").test(value);
  if (rule.pattern !== undefined && !matches(rule.pattern)) return false;
  return rule.not === undefined || !matches(rule.not.pattern);
}

function isOrder(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    schema.required.every((name) => fields.has(name)) &&
    [...fields].every(([name, one]) => {
      const rule = new Map(Object.entries(schema.properties)).get(name);
      return rule !== undefined && keeps(one, rule);
    })
  );
}

test("the schema has the fields that are signed, all of them required, and no other", () => {
  const names = orderFields.map(([, name]) => name);
  deepEqual(schema.required, names);
  deepEqual(Object.keys(schema.properties), names);
  equal(schema.additionalProperties, false);
  for (const [type, name] of orderFields) {
    const rule = schema.properties[name];
    ok(rule !== undefined);
    const example = { address: `0x${"1".repeat(40)}`, bool: true }[type as "bool"] ?? "1";
    ok(keeps(example, rule), name);
    for (const other of [null, 1, "", "x", "-1", "01", "1.5", "1e3", "0x", {}, []]) {
      ok(!keeps(other, rule), `${name}: ${JSON.stringify(other)}`);
    }
  }
});

test("what is printed is read as the same order, and the schema accepts it", () => {
  fc.assert(
    fc.property(orders, (order) => {
      fc.pre(faultOf(order) === undefined);
      const text = printOrder(order);
      deepEqual(parseOrder(text), { ok: true, value: order });
      ok(isOrder(text));
      const spelled = text.replace(order.owner, checksummed(order.owner));
      deepEqual(parseOrder(spelled), { ok: true, value: order });
    }),
    { numRuns: runs(100) },
  );
});

test("what the schema refuses is refused; what is refused beyond it, the schema says it cannot say", () => {
  const url = new URL("../../vectors/ring/orders.json", import.meta.url);
  const cases = JSON.parse(readFileSync(url, "utf8")) as {
    readonly name: string;
    readonly expect: string;
    readonly text: string;
  }[];
  const beyond = cases.filter(({ text, expect }) => isOrder(text) && expect !== "accepted");
  deepEqual(
    beyond.map(({ name }) => name),
    [
      "longer than anything we look at",
      "2^128",
      "2^40",
      "2^96",
      "an address in capitals",
      "a wrong checksum",
      "a field twice",
      "a field twice, hidden by an escape",
      "the same token",
    ],
  );
  for (const { text, expect, name } of cases) ok(isOrder(text) || expect !== "accepted", name);
});

test("any text is an order or refused, and any change of one too", () => {
  const json = fc.oneof(
    fc.string(),
    fc.json(),
    // Not every value has a text: one may say that its toString is no function.
    fc.anything().map((value) => fc.stringify(value)),
  );
  fc.assert(
    fc.property(json, (text) => ok(!parseOrder(text).ok)),
    { numRuns: runs(100) },
  );
  fc.assert(
    fc.property(orders, fc.nat(2000), fc.string({ maxLength: 3 }), (order, where, put) => {
      const text = printOrder(order);
      const changed =
        text.slice(0, where % text.length) + put + text.slice((where % text.length) + 1);
      const read = parseOrder(changed);
      if (read.ok) equal(printOrder(read.value) === text, sameFields(changed, text));
    }),
    { numRuns: runs(300) },
  );
});

function sameFields(a: string, b: string): boolean {
  const fields = (text: string): string =>
    JSON.stringify(Object.entries(JSON.parse(text.toLowerCase())).toSorted());
  return fields(a) === fields(b);
}

test("typed data has the order in it, and everything of the domain", () => {
  fc.assert(
    fc.property(orders, (order) => {
      const data = typedData(domain, order);
      deepEqual(data.message, JSON.parse(printOrder(order)));
      equal(data.domain.verifyingContract, domain.contract);
      deepEqual(
        data.types.Order.map(({ name }) => name),
        Object.keys(data.message),
      );
    }),
    { numRuns: runs(20) },
  );
});
