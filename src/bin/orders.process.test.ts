/**
 * Every kind of order from the command line against a real exchange: what is signed, what becomes
 * of it, and how it is told; replacing, the dead man's switch, and an operator who halts a market.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { TestExchange } from "../testing/exchange.ts";
import { fundWallet } from "../testing/ready.ts";
import { at, listAt, WalletCustomer, type JsonEnd } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let operator: WalletCustomer;
const alice = new WalletCustomer();
const bob = new WalletCustomer();

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
  await Promise.all([alice.setup(exchange.url), bob.setup(exchange.url)]);
  await fundWallet(exchange, alice, { BTC: ["100", 10_000_000_000], GLD: ["10", 100] });
  await fundWallet(exchange, bob, { BTC: ["100", 10_000_000_000], GLD: ["1000", 10_000] });
});

after(async () => {
  for (const customer of [alice, bob]) customer.remove();
  await exchange.remove();
});

/** The fields of a command's first line that a test looks at. */
function lineOf(ended: JsonEnd): Readonly<Record<string, unknown>> {
  const fields = ["status", "name", "quantity", "price", "filled", "open", "stop", "why", "own"];
  const more = ["timeInForce", "cap", "expiry", "cancelAfter"];
  const line = at(ended.data, "lines", 0);
  return Object.fromEntries([...fields, ...more].map((field) => [field, at(line, field)]));
}

test("the exact text of an order is shown before anything is signed", async () => {
  const terms = ["--stop", "0.043", "--cap", "0.5", "--until", "2030-01-01T00:00:00Z"];
  const shown = await alice.run("buy", "10", "GLD/BTC", ...terms, "--id", "a", "--dry-run");
  assert.match(shown.out, /^BUY\|GLD\/BTC\|100\|\|1893456000\|stop=4300\|cap=50000000\|id=a$/m);
  const wrong = await bob.run("buy", "10", "GLD/BTC", "--stop", "0.043");
  assert.equal(wrong.code, 3);
  assert.match(wrong.err, /--cap AMOUNT[^]*E129/);
});

test("what may not rest, may not cross or may not cost more ends as it was told to", async () => {
  await bob.run("sell", "100", "GLD/BTC", "@", "0.04", "--id", "ask");
  const low = await alice.json("buy", "10", "GLD/BTC", "@", "0.039", "--tif", "IOC");
  assert.equal(low.code, 4, low.err);
  assert.equal(lineOf(low)["why"], "immediate");
  const all = await alice.json("buy", "500", "GLD/BTC", "@", "0.04", "--tif", "FOK");
  assert.deepEqual([all.code, lineOf(all)["name"]], [4, "fok_unfillable"]);
  const post = await alice.json("buy", "10", "GLD/BTC", "@", "0.04", "--post-only");
  assert.deepEqual([post.code, lineOf(post)["name"]], [4, "would_cross"]);
  const capped = await alice.run("buy", "10", "GLD/BTC", "--cap", "0.1", "--id", "capped");
  assert.equal(capped.code, 0, capped.err);
  assert.match(capped.out, /cancelled .*@ the market, cap 0\.1 BTC.* 2\.4 of 10 .*its cap pays/);
});

test("stops wait, are changed, and go off one after the other", async () => {
  const sold = ["sell", "5", "GLD/BTC", "--stop", "0.038", "--tif", "DAY", "--id", "guard"];
  const guard = await alice.run(...sold);
  assert.match(guard.out, /○ waiting .*, stop 0\.038, day .*waits for its stop/, guard.err);
  const chase = ["buy", "1", "GLD/BTC", "@", "0.045", "--stop", "0.042", "--id", "chase"];
  assert.equal(lineOf(await alice.json(...chase))["status"], "waiting");
  const same = await alice.run("replace", "guard");
  assert.match(same.err, /E130/);
  const moved = lineOf(await alice.json("replace", "guard", "4", "--stop", "0.037"));
  assert.deepEqual([moved["status"], moved["quantity"], moved["stop"]], ["waiting", "4", "0.037"]);
  await bob.run("buy", "50", "GLD/BTC", "@", "0.0365", "--id", "below");
  await alice.run("buy", "1", "GLD/BTC", "@", "0.037", "--id", "bait");
  await bob.run("sell", "1", "GLD/BTC", "@", "0.037", "--tif", "IOC");
  const status = await alice.json("status", "guard");
  assert.equal(at(status.data, "lines", 0, "status"), "filled", status.err);
  assert.equal(at(status.data, "lines", 0, "averagePrice"), "0.0365");
  const { data } = await alice.json("orders");
  assert.deepEqual(
    listAt(data, "orders").map((order) => at(order, "id")),
    ["chase"],
  );
});

test("an order is replaced: what was filled counts, and its market need not be said", async () => {
  await alice.run("buy", "20", "GLD/BTC", "@", "0.036", "--id", "change-me", "--own", "both");
  const replaced = await alice.run("replace", "change-me", "15", "@", "0.0362");
  assert.equal(replaced.code, 0, replaced.err);
  assert.match(replaced.out, /○ resting +buy 15 GLD\/BTC @ 0\.0362, own both .*replaced/);
  const crossing = await alice.json("replace", "change-me", "@", "0.04", "--post-only");
  assert.deepEqual([crossing.code, lineOf(crossing)["name"]], [4, "would_cross"]);
  await alice.run("sell", "1", "GLD/BTC", "@", "0.039", "--id", "mine");
  const met = await alice.json("replace", "change-me", "@", "0.039");
  assert.deepEqual([met.code, lineOf(met)["why"]], [4, "own_order"], met.err);
  const none = await alice.run("replace", "never-heard-of", "5");
  assert.match(none.err, /E132/);
});

test("a broker's file changes and takes back too, and asks nobody what it may not", async () => {
  const file = join(alice.dir, "rows.txt");
  const rows = [
    "BUY|GLD/BTC|10|3500|tif=POST_ONLY|id=row-1",
    "REPLACE|row-1|20|tag=change-1",
    "CANCELALL|-|buy|tag=out-1",
    "CANCELAFTER|0|tag=off-1",
  ];
  writeFileSync(file, `${rows.join("\n")}\n`);
  const ended = await alice.json("submit", file, "--threads", "1");
  assert.equal(ended.code, 0, ended.err);
  assert.equal(at(ended.data, "accepted"), 4);
  assert.equal(at(ended.data, "fates", 1, "order", "quantity"), "2");
  writeFileSync(file, "DELIST|GLD|tag=gone\n");
  assert.match((await alice.run("submit", file)).err, /signet issue[^]*E113/);
});

test("the dead man's switch is shown, and takes everything out when nobody moves it", async () => {
  await bob.run("sell", "1", "GLD/BTC", "@", "0.05", "--id", "far");
  const set = await bob.run("cancel-after", "1h");
  assert.match(set.out, /◌ all open orders are cancelled at 20/, set.err);
  const orders = await bob.run("orders");
  assert.match(orders.out, /all open orders are cancelled at 20.*unless you move the switch/);
  const off = await bob.json("cancel-after", "off");
  assert.equal(lineOf(off)["cancelAfter"], null);
  assert.doesNotMatch((await bob.run("statement")).out, /all open orders are cancelled/);
  assert.equal((await bob.run("cancel-after", "2s", "--by", "1s")).code, 0);
  const isOut = async (): Promise<boolean> =>
    listAt((await bob.json("orders")).data, "orders").length === 0;
  await exchange.until(isOut, 15_000);
  assert.match((await bob.run("status", "far")).out, /cancelled .*dead man's switch went off/);
});

test("an operator halts a market and lets it go on", async () => {
  const halted = await operator.run("hands", "halt", "GLD/BTC", "a", "test", "--send");
  assert.equal(halted.code, 0, halted.err);
  assert.match(halted.err, /HALT\|GLD\/BTC\|a test/);
  assert.match(halted.out, /HALT GLD\/BTC: signed by 1 of 1 operators: agreed[^]*halted now/);
  const again = await operator.run("hands", "halt", "GLD/BTC", "once", "more", "--send");
  assert.match(again.out, /was halted already/, again.err);
  const long = await operator.run("hands", "halt", "GLD/BTC", "x".repeat(101));
  assert.match(long.err, /The reason is not 1 to 100 [^]*E111/);
  const shown = await alice.run("market");
  assert.match(shown.out, /GLD\/BTC +halted +20.* by the word of /s, shown.err);
  const refused = await alice.json("buy", "1", "GLD/BTC", "@", "0.04");
  assert.deepEqual([refused.code, lineOf(refused)["name"]], [4, "phase_forbids"]);
  const resumed = await operator.run("hands", "resume", "GLD/BTC", "done", "--send");
  assert.match(resumed.out, /resumed now: it is continuous/, resumed.err);
  const resting = await alice.json("buy", "1", "GLD/BTC", "@", "0.03", "--until", "1h");
  assert.equal(lineOf(resting)["status"], "resting", resting.err);
  const out = await alice.json("cancel", "--all", "GLD/BTC", "--side", "buy");
  assert.equal(lineOf(out)["status"], "cancelled", out.err);
  const empty = await alice.run("cancel", "--all", "GLD/BTC", "--side", "buy");
  assert.match(empty.out, /● nothing was open/, empty.err);
});

test("a market is shown as a relay tells it: its book, its trades, whose word it is", async () => {
  await bob.run("sell", "3", "GLD/BTC", "@", "0.052", "--id", "shown");
  const { code, data, err } = await alice.json("market", "gld/btc");
  assert.equal(code, 0, err);
  assert.deepEqual([at(data, "phase"), at(data, "verified")], ["continuous", false]);
  const sells = listAt(at(data, "book"), "sells");
  assert.ok(sells.some((level) => at(level, "price") === "0.052" && at(level, "quantity") === "3"));
  assert.ok(listAt(data, "trades").length > 0);
  const none = await alice.run("market", "NO/SUCH");
  assert.match(none.err, /There are: GLD\/BTC[^]*E106/);
});

test("a question by hand has no number, and a word of a record is explained", async () => {
  const question = await alice.run("raw", "template", "STAT");
  assert.match(question.out, /^signet\/1 .*\nby .*\nSTAT$/m, question.err);
  assert.match((await alice.run("raw", "template", "buy")).out, /^seq 1 thread 255$/m);
  const why = await alice.run("explain", "own_order");
  assert.match(why.out, /^why=own_order +An order ends so because it met another order/);
});
