/** `ring find`: the file is read strictly, and what is found is said as promised. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { runs } from "../testing/runs.ts";
import { contextOf } from "./context.ts";
import { readOrders, ringFind } from "./ringfind.ts";

const tokens = [
  { id: "X", price: 1 },
  { id: "Y", price: 0.5 },
];
const orders = [
  { id: "a", sell: "X", buy: "Y", sellAmount: "1000", buyAmount: "1800" },
  { id: "b", sell: "Y", buy: "X", sellAmount: "2000", buyAmount: "900" },
];
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function fileOf(value: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), "ringfind-")), "orders.json");
  writeFileSync(file, bytes(value));
  return file;
}

test("a ring is found, with --json as one object of exactly rings and surplus", async () => {
  const options = { json: true };
  const ended = await ringFind(contextOf(options), [fileOf({ tokens, orders })], options);
  ok(ended.ok);
  deepEqual(ended.data, {
    rings: [
      {
        orders: [
          { id: "a", sold: "1000", received: "2000" },
          { id: "b", sold: "2000", received: "1000" },
        ],
      },
    ],
    surplus: 200,
  });
});

test("for people it is a table; gas that eats the surplus leaves no ring", async () => {
  const file = fileOf({ tokens, orders });
  const found = await ringFind(contextOf({ json: true }), [file], {});
  ok(found.ok);
  match(
    found.lines.join("\n"),
    /ring 1, of 2 orders +surplus 200\.000\n +a +sells 1000 X +gets 2000 Y/,
  );
  const none = await ringFind(contextOf({ json: true }), [file], { gasPerOrder: "101" });
  ok(none.ok);
  deepEqual(none.data, { rings: [], surplus: 0 });
});

const refused: readonly (readonly [unknown, RegExp])[] = [
  [[], /not an object/],
  [{}, /"tokens" is not a list/],
  [{ tokens, orders: {} }, /"orders" is not a list/],
  [{ tokens: [1], orders }, /Token 0 is not an object/],
  [{ tokens: [{ id: "", price: 1 }], orders }, /Token 0: "id"/],
  [{ tokens: [{ id: "X\n", price: 1 }], orders }, /Token 0: "id"/],
  [{ tokens: [...tokens, ...tokens], orders }, /Token 2: there is another/],
  [{ tokens: [{ id: "X", price: 0 }], orders }, /Token 0: "price"/],
  [{ tokens: [{ id: "X", price: "1" }], orders }, /Token 0: "price"/],
  [{ tokens: [{ id: "X", price: 1e308 }], orders }, /Token 0: "price" is .* to 1e60/],
  [{ tokens, orders: [null] }, /Order 0 is not an object/],
  [{ tokens, orders: [{ ...orders[0], id: 7 }] }, /Order 0: "id"/],
  [{ tokens, orders: [orders[0], orders[0]] }, /Order 1: there is another/],
  [{ tokens, orders: [{ ...orders[0], sell: "Q" }] }, /Order 0: "sell"/],
  [{ tokens, orders: [{ ...orders[0], buy: "__proto__" }] }, /Order 0: "buy"/],
  [{ tokens, orders: [{ ...orders[0], buy: "X" }] }, /Order 0: it sells what it buys/],
  [{ tokens, orders: [{ ...orders[0], sellAmount: 1000 }] }, /Order 0: "sellAmount"/],
  [{ tokens, orders: [{ ...orders[0], sellAmount: "0" }] }, /Order 0: "sellAmount"/],
  [{ tokens, orders: [{ ...orders[0], buyAmount: "-1" }] }, /Order 0: "buyAmount"/],
  [
    { tokens, orders: [{ ...orders[0], buyAmount: (2n ** 128n).toString() }] },
    /Order 0: "buyAmount"/,
  ],
];

test("what is wrong with a file is said, with its place", () => {
  for (const [value, what] of refused) {
    const read = readOrders(bytes(value));
    ok(!read.ok);
    equal(read.code, "E115");
    match(read.what, what);
  }
  for (const text of ["", "{", '{"tokens":'] as const) {
    const read = readOrders(new TextEncoder().encode(text));
    ok(!read.ok && /not JSON in UTF-8: (?:it ends too early|look at line)/.test(read.what));
  }
  const places = [
    ['{\n "tokens": [],}', /not JSON in UTF-8: look at line 2 column 15/],
    ['{"tokens": [,\u001b]}', /: Unexpected token ',', "{"tokens": \[,\?\]}"\.$/],
  ] as const;
  for (const [text, what] of places) {
    const read = readOrders(new TextEncoder().encode(text));
    ok(!read.ok);
    match(read.what, what);
  }
  ok(!readOrders(Uint8Array.of(0x22, 0xff, 0x22)).ok);
});

test("no bytes and no JSON make it throw", () => {
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.record({ tokens: fc.jsonValue(), orders: fc.jsonValue() }).map(bytes),
  );
  fc.assert(
    fc.property(any, (input) => {
      readOrders(input);
    }),
    { numRuns: runs(200) },
  );
});

test("a file that is not there, and gas that is no number, are the person's to put right", async () => {
  const missing = await ringFind(contextOf({ json: true }), ["no-such-file.json"], {});
  ok(!missing.ok && missing.code === "E115");
  const gas = await ringFind(contextOf({ json: true }), ["-"], { gasPerOrder: "-1" });
  ok(!gas.ok && gas.code === "E100");
});
