/**
 * A customer's list of relays: a proxy taken in like a relay, a stranger's relay turned away, and
 * one that lied named, not asked, and forgiven.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { TestExchange } from "../testing/exchange.ts";
import { Front } from "../testing/front.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let proxy: Front;
let stranger: RelayWorld;
const alice = new WalletCustomer();

before(async () => {
  [exchange, stranger] = await Promise.all([TestExchange.create(), RelayWorld.start()]);
  await exchange.start();
  proxy = await Front.start(exchange.url);
  await alice.setup(exchange.url);
});

after(async () => {
  alice.remove();
  await Promise.all([proxy.close(), stranger.close()]);
  await exchange.remove();
});

async function states(): Promise<readonly unknown[]> {
  const { data, err, code } = await alice.json("relay", "list");
  assert.equal(code, 0, err);
  return listAt(data, "relays").map((relay) => [at(relay, "url"), at(relay, "state")]);
}

test("a proxy is a relay; another exchange's relay, or none, is none", async () => {
  const added = await alice.run("relay", "add", `${proxy.url}/`);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /to alder   last publication [0-9.]+ s ago   clock [+-][0-9.]+ s/);
  assert.match(added.out, /key alder\+[0-9a-f]{8}\+/);
  for (const url of [stranger.relay.address, "http://127.0.0.1:1"]) {
    const refused = await alice.json("relay", "add", url);
    assert.deepEqual([refused.code, at(refused.data, "code")], [3, "E822"], refused.err);
  }
  const bad = await alice.json("relay", "add", "http://a:b@127.0.0.1");
  assert.deepEqual([bad.code, at(bad.data, "code")], [2, "E100"]);
  assert.deepEqual(await states(), [
    [exchange.url, "answers"],
    [proxy.url, "answers"],
  ]);
  const tested = await alice.run("relay", "test");
  assert.equal(tested.code, 0, tested.err);
  assert.equal(tested.out.match(/its card is the exchange's/g)?.length, 2);
});

test("a liar is named, in the list and in status, and not asked until it is forgiven", async () => {
  proxy.meddle = async (asked, forward) => {
    const said = await forward(asked);
    return asked.method === "POST" ? { ...said, body: Buffer.from("no receipt") } : said;
  };
  const sent = await alice.run("deposit", "1", "BTC", "--id", "first");
  assert.equal(sent.code, 0, sent.err);
  assert.match(sent.err, /does not check\. +E602/);
  assert.deepEqual(await states(), [
    [exchange.url, "answers"],
    [proxy.url, "lied"],
  ]);
  const status = await alice.json("status", "first");
  assert.equal(status.code, 0);
  assert.equal(at(status.data, "notAsked", 0, "code"), "E620");
  assert.match(status.err, new RegExp(`${proxy.url} lied at `));
  assert.match(status.err, new RegExp(`relay forgive ${proxy.url} .*E620`));
  const seen = proxy.crossings.length;
  const next = ["deposit", "1", "BTC", "--relay", proxy.url];
  assert.equal((await alice.run(...next)).code, 0);
  assert.equal((await alice.json("relay", "test")).code, 0);
  assert.equal((await alice.json("relay", "test", proxy.url)).code, 6);
  assert.equal(at((await alice.json("relay", "add", proxy.url)).data, "code"), "E620");
  assert.equal(proxy.crossings.length, seen, "nobody asked it");
  proxy.relent();
  assert.equal((await alice.run("relay", "forgive", proxy.url)).code, 0);
  assert.equal((await alice.json("relay", "forgive", proxy.url)).code, 3);
  assert.equal((await alice.run("deposit", "1", "BTC")).code, 0);
  assert.ok(proxy.crossings.length > seen);
});

test("another exchange's card is said; what is removed is not asked", async () => {
  proxy.meddle = async (asked, forward) => {
    const said = await forward(asked);
    if (asked.path !== "/v1/exchange") return said;
    return { ...said, body: Buffer.from(said.body.toString().replace("GLD", "OIL")) };
  };
  const tested = await alice.json("relay", "test");
  assert.equal(tested.code, 6);
  assert.match(tested.err, /E621/);
  assert.equal((await alice.run("relay", "remove", proxy.url)).code, 0);
  assert.equal((await alice.run("relay", "remove", exchange.url)).code, 0);
  const none = await alice.json("deposit", "1", "BTC", "--timeout", "2s");
  assert.equal(none.code, 8, none.err);
  assert.equal(at(none.data, "trouble", "code"), "E821");
  assert.match(none.err, /relay list/);
  assert.equal((await alice.run("relay", "add", exchange.url)).code, 0);
  assert.equal((await alice.run("outbox", "retry")).code, 0);
});
