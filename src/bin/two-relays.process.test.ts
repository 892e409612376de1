/**
 * Two relays side by side, and a third that is dead: the same letter through all of them takes
 * effect once and is answered everywhere; a relay that hangs or is gone delays nobody (P4, P6).
 */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { after, before, test } from "node:test";

import { verifierKey } from "../log/note.ts";
import { freePort, TestExchange } from "../testing/exchange.ts";
import { Front } from "../testing/front.ts";
import { curl, HandCustomer, record } from "../testing/hand.ts";
import { credit, fundWallet } from "../testing/ready.ts";
import { truthOf } from "../testing/truth.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";
import { newKey, publicHalf } from "./found.ts";
import { readExchange } from "./places.ts";

let exchange: TestExchange;
let birch: string;
let alice: HandCustomer;
/** A relay that takes connections and never says a word, to dock and customers alike. */
let mute: Front;
const wallet = new WalletCustomer();

before(async () => {
  exchange = await TestExchange.create();
  birch = `http://127.0.0.1:${await freePort()}`;
  const dead = `http://127.0.0.1:${await freePort()}`;
  mute = await Front.start(exchange.url, () => new Promise(() => {}));
  const key = (name: string): string => verifierKey(name, publicHalf(createPrivateKey(newKey())));
  await exchange.addRelays(
    `birch ${birch} here`,
    `cedar ${dead} ${key("cedar")}`,
    `dogwood ${mute.url} ${key("dogwood")}`,
  );
  await exchange.start();
  alice = HandCustomer.create(exchange.url);
  alice.register();
  const deposit = record(alice.say(["DEPOSIT|BTC|1000000000"]), "DEPOSIT")[1] ?? "";
  const { fingerprint: account } = alice.gpg;
  await credit(exchange, { number: deposit, account, asset: "BTC", units: 1_000_000_000 });
});

after(async () => {
  wallet.remove();
  alice.remove();
  await mute.close();
  await exchange.remove();
});

/** Orders that the account has open, as the exchange says. */
function open(): readonly (string | undefined)[] {
  const lines = alice.say(["STAT"]).split("\n");
  return lines
    .filter((line) => line.startsWith("ORDER|"))
    .map((line) => /id=(\S+)/.exec(line)?.[1]);
}

test("the same bytes through both relays: once, and both have the reply", () => {
  const text = alice.letter(["BUY|GLD/BTC|10|4000|id=both"]);
  const sealed = alice.seal(text);
  const here = alice.open(alice.post(sealed));
  const there = alice.open(alice.post(sealed, birch));
  assert.equal(record(here, "ORDER")[3], "resting");
  assert.equal(there, here);
  assert.deepEqual(open(), ["both"]);
});

test("armored through one and binary through the other is the same letter", () => {
  const sealed = alice.seal(alice.letter(["BUY|GLD/BTC|10|4001|id=armored"]));
  const armored = alice.gpg.armored(sealed);
  assert.match(armored.toString(), /^-----BEGIN PGP MESSAGE-----/);
  const receipts = [
    curl(["--data-binary", "@-", `${exchange.url}/v1/letters`], armored),
    curl(["--data-binary", "@-", `${birch}/v1/letters`], sealed),
  ];
  const refs = receipts.map((receipt) => /^ref ([0-9a-f]{64})$/m.exec(receipt)?.[1]);
  assert.ok(refs[0] !== undefined);
  assert.equal(refs[0], refs[1]);
  const here = alice.open(alice.post(armored));
  assert.equal(alice.open(alice.post(sealed, birch)), here);
  assert.deepEqual(open(), ["both", "armored"]);
});

test("the same text sealed again, and signed again, gets the first answer", () => {
  const text = alice.letter(["BUY|GLD/BTC|10|4002|id=again"]);
  const first = alice.open(alice.post(alice.seal(text)));
  for (const relay of [birch, exchange.url]) {
    const second = alice.open(alice.post(alice.seal(text), relay));
    assert.equal(second, first, "the report names the letter that was read first");
  }
  assert.deepEqual(open(), ["both", "armored", "again"]);
});

test("dead and mute relays delay nobody: the answer comes, and the mail of a trade", async () => {
  await wallet.setup(birch);
  await fundWallet(exchange, wallet, { GLD: ["100", 1000] });
  const asked = await wallet.json("sell", "10", "GLD/BTC", "@", "0.05", "--id", "ask");
  assert.equal(asked.code, 0, asked.err);
  assert.equal(record(alice.say(["BUY|GLD/BTC|30|5000"], birch), "ORDER")[3], "filled");
  const orders = listAt((await wallet.json("orders")).data, "orders");
  assert.deepEqual([at(orders[0], "id"), at(orders[0], "filled")], ["ask", "3"]);
  for (const relay of [exchange.url, birch]) {
    const trades = listAt(JSON.parse(curl([`${relay}/v1/trades?market=GLD/BTC`])), "trades");
    assert.equal(trades.length, 1);
  }
});

test("both relays tell the same history, and each order stands once in the journal", async () => {
  const marks = (): readonly string[] =>
    [exchange.url, birch].map((relay) => curl([`${relay}/v1/checkpoint`]));
  await exchange.until(() => new Set(marks()).size === 1, 20_000);
  await exchange.stop();
  const { reports } = await truthOf(exchange.dir, readExchange(exchange.dir));
  const records = [...reports.values()].flat().flatMap((report) => report.records);
  const placed = records.flatMap((entry) =>
    entry.kind === "order" && entry.line > 0 && entry.id !== undefined ? [entry.id] : [],
  );
  assert.deepEqual(placed, ["both", "armored", "again", "ask"]);
});
