/**
 * From words to a line: whatever terms are read, the line that is sent says exactly them, signed by
 * a wallet in a page; the auth key's message opens to the key of the order's auth address.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";

import * as fc from "fast-check";

import { fromBase64, toBase64, toHex } from "../codec/bytes.ts";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Card, CardRing } from "../letter/card.ts";
import { parseLetter } from "../letter/parse.ts";
import { printLetter } from "../letter/print.ts";
import { orderHash } from "../ring/digest.ts";
import { parseOrder } from "../ring/json.ts";
import { amountMax } from "../ring/order.ts";
import { addressOfKey, recoverSigner, signDigest } from "../ring/signature.ts";
import { makeMinerKeys, openAuthKey, readMinerSecret } from "../seal/authkey.ts";
import type { MinerSecret } from "../seal/authkey.ts";
import { goldCard } from "../testing/gold.ts";
import { runs } from "../testing/runs.ts";
import { providerOf, type Eip1193 } from "./provider.ts";
import { printUnits } from "./ringamounts.ts";
import * as orders from "./ringorder.ts";
import { providerSigner } from "./ringsigner.ts";

const now = time(1_795_258_800_000);
const key = new Uint8Array(32).fill(7);
const exchange = fingerprint("49979888511191774776929750563049979888ab");

let ring: CardRing;
let card: Card;
let miner: MinerSecret;

before(async () => {
  const made = await makeMinerKeys({ at: now });
  miner = await readMinerSecret(made.secret);
  ring = {
    chainId: 1n,
    contract: address("2e"),
    miner: address("aa"),
    feeRecipient: address("bb"),
    tokens: [
      { name: "GOLD", address: address("11"), decimals: 18 },
      { name: "OIL", address: address("22"), decimals: 0 },
      { name: "DUST", address: address("33"), decimals: 77 },
    ],
    minerCertificate: toBase64(made.certificate),
  };
  card = { ...goldCard, ring };
});

function address(byte: string): Address {
  return parseAddress(`0x${byte.repeat(20)}`) ?? assert.fail();
}

/** A wallet in a page with one key. */
const page: Eip1193 = {
  request: ({ method, params }) => {
    if (method === "eth_accounts") return Promise.resolve([addressOfKey(key)]);
    const data = JSON.parse(String(params[1])) as { readonly message: unknown };
    const order = parseOrder(JSON.stringify(data.message));
    assert.ok(order.ok);
    return Promise.resolve(`0x${toHex(signDigest(orderHash(ring, order.value), key))}`);
  },
};

const amount = fc.bigInt({ min: 1n, max: amountMax });
const words = fc.record({
  sell: fc.constantFrom(0, 1, 2),
  step: fc.constantFrom(1, 2),
  sellAmount: amount,
  buyAmount: amount,
  margin: fc.integer({ min: 0, max: 100 }),
  allOrNone: fc.boolean(),
  isShared: fc.boolean(),
  number: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

test("the line says what was asked for, to the last unit, and the page's wallet signed it", async () => {
  const property = fc.asyncProperty(words, async (asked) => {
    const [sell, buy] = [ring.tokens[asked.sell], ring.tokens[(asked.sell + asked.step) % 3]];
    assert.ok(sell && buy);
    const terms = orders.readOffer(
      card,
      {
        sellAmount: printUnits(asked.sellAmount, sell.decimals),
        sellToken: sell.name.toLowerCase(),
        buyAmount: printUnits(asked.buyAmount, buy.decimals),
        buyToken: buy.name,
        margin: String(asked.margin),
        allOrNone: asked.allOrNone,
        until: "1h",
      },
      now,
    );
    assert.ok(terms.ok);
    const auth = await orders.makeAuth(ring, now, asked);
    assert.ok(auth.ok);
    const signer = providerSigner(providerOf(page));
    const selling = { owner: addressOfKey(key), nonce: asked.number };
    const unsigned = orders.prepareOffer(terms.value, selling, auth.value);
    const signature = await orders.signOffer(unsigned, signer, { isContractWallet: false });
    assert.ok(signature.ok);
    const line = orders.ringLine(unsigned, signature.value.bytes, { id: "one", tag: "t" });
    assert.ok(line.ok);
    assert.deepEqual(line.value.ids, ["one", unsigned.hash]);
    const text = printLetter({ exchange, seq: 1, by: now, commands: [line.value.text] });
    const letter = parseLetter(text, exchange);
    assert.ok(letter.ok);
    const command = letter.value.lines[0]?.command;
    assert.ok(command?.ok && command.value.kind === "ring");
    const { order } = command.value;
    assert.deepEqual(order, orders.orderInLine(line.value.text));
    assert.equal(order.sellAmount, asked.sellAmount);
    assert.equal(order.buyAmount, asked.buyAmount);
    assert.equal(order.sellToken, sell.address);
    assert.equal(order.marginSplit, BigInt(asked.margin));
    assert.equal(order.allOrNone, asked.allOrNone);
    assert.equal(order.validUntil, BigInt(now / 1000 + 3600));
    assert.equal(recoverSigner(orderHash(ring, order), command.value.signature), order.owner);
    assert.equal(command.value.auth === undefined, asked.isShared);
    if (command.value.auth === undefined) return assert.equal(order.authAddress, ring.miner);
    const opened = await openAuthKey(fromBase64(command.value.auth) ?? assert.fail(), miner);
    assert.equal(addressOfKey(opened ?? assert.fail()), order.authAddress);
  });
  await fc.assert(property, { numRuns: runs(40) });
});

test("every order has an auth key of its own", async () => {
  const made = await Promise.all(
    [1, 2, 3].map(() => orders.makeAuth(ring, now, { isShared: false })),
  );
  const addresses = made.map((auth) => (auth.ok ? auth.value.address : assert.fail()));
  assert.equal(new Set(addresses).size, 3);
});

test("a card whose miner cannot be sealed to is not followed", async () => {
  for (const minerCertificate of ["", "!", "AAAA", toBase64(new Uint8Array(500))]) {
    const auth = await orders.makeAuth({ ...ring, minerCertificate }, now, { isShared: false });
    assert.equal(auth.ok ? "made" : auth.code, "E603", minerCertificate);
  }
});

test("an order is taken back by its id or its hash, in either case of letters", () => {
  const hash = `0x${"aB".repeat(32)}`;
  const line = orders.unringLine(hash, {});
  assert.ok(line.ok && line.value.text === `UNRING|${hash.toLowerCase()}`);
  const own = orders.unringLine("ring-1", { tag: "t" });
  assert.ok(own.ok && own.value.text === "UNRING|ring-1|tag=t");
  for (const name of ["", "a b", "x".repeat(37), "a|b"]) {
    const wrong = orders.unringLine(name, {});
    assert.equal(wrong.ok ? "taken" : wrong.code, "E109", name);
  }
});
