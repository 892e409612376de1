/**
 * The customer's command line as its user has it: an account from 24 words, money in and out by
 * the operators' hands, orders, every exit code, a client killed in the middle, a statement with
 * nothing reachable, and everything back from the words alone (P5, P9).
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { keyNumber } from "../codec/keynumber.ts";
import { freePort, TestExchange } from "../testing/exchange.ts";
import { randomFrom, seedOf as testSeed } from "../testing/seed.ts";
import { at, endOf, listAt, WalletCustomer } from "../testing/walletcustomer.ts";
import { fingerprintOf } from "../wallet/account.ts";
import { makeWords, seedOf } from "../wallet/words.ts";
import { readExchange } from "./places.ts";

const seed = testSeed("CUSTOMER_SEED");
const random = randomFrom(seed);

let exchange: TestExchange;
let operator: WalletCustomer;
const alice = new WalletCustomer();
const bob = new WalletCustomer();
const stranger = new WalletCustomer();
const restored = new WalletCustomer(alice.dir, "restored");

before(async () => {
  console.log(`# reproduce: CUSTOMER_SEED=${seed} node --test src/bin/customer.process.test.ts`);
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
});

after(async () => {
  for (const customer of [alice, bob, stranger]) customer.remove();
  await exchange.remove();
});

/** A key number with its last digit changed. */
function otherNumber(digits: string): string {
  return `${digits.slice(0, -1)}${(Number(digits.slice(-1)) + 1) % 10}`;
}

/** How many letters the outbox has, whatever became of them. */
function letters(customer: WalletCustomer): number {
  return readdirSync(join(customer.home, "outbox")).filter((name) => name.endsWith(".json")).length;
}

test("setup pins the exchange by its number, or makes nothing", async () => {
  const words = join(alice.dir, "words.txt");
  writeFileSync(words, `${makeWords()}\n`);
  const number = keyNumber(readExchange(exchange.dir));
  const setup = ["setup", "--words-file", words, "--relay", exchange.url, "--key-number"];
  const wrong = await alice.run(...setup, otherNumber(number));
  assert.equal(wrong.code, 6);
  assert.match(wrong.err, /E606/);
  assert.equal(existsSync(join(alice.home, "exchange.json")), false);
  assert.equal(existsSync(join(alice.home, "key.asc")), false);
  const right = await alice.json(...setup, number);
  assert.equal(right.code, 0, right.err);
  assert.equal(at(right.data, "exchangeKeyNumber"), number);
  assert.equal((await alice.run(...setup, number)).code, 7);
  writeFileSync(join(stranger.dir, "bad.txt"), "abandon ability able\n");
  const bad = ["setup", "--words-file", join(stranger.dir, "bad.txt"), "--yes"];
  assert.equal((await stranger.run(...bad, "--relay", exchange.url)).code, 7);
  await bob.setup(exchange.url);
});

test("a deposit is awaited until the operator's hands credit what arrived", async () => {
  const asked = await alice.json("deposit", "10", "BTC", "--id", "first-money");
  assert.equal(asked.code, 0, asked.err);
  assert.equal(at(asked.data, "lines", 0, "number"), 1);
  await bob.run("deposit", "500", "GLD");
  const listed = await operator.json("hands", "list");
  const tasks = listAt(listed.data, "tasks").map((task) => [
    at(task, "asset"),
    at(task, "announced"),
  ]);
  assert.deepEqual(tasks, [
    ["BTC", "10"],
    ["GLD", "500"],
  ]);
  // What arrived is less than was announced.
  assert.equal((await operator.run("hands", "credit", "1", "9.5", "BTC", "slip-1")).code, 0);
  assert.equal((await operator.run("hands", "credit", "2", "500", "GLD", "slip-2")).code, 0);
  const words = await operator.run("hands", "list");
  assert.match(words.out, /deposit 1 .* CREDIT signed here, not sent/);
  assert.match(words.out, new RegExp(`credit 1 AMOUNT EVIDENCE --home ${operator.home}`));
  assert.equal((await operator.run("hands", "send")).code, 0);
  const again = await operator.run("hands", "credit", "1", "9.5", "BTC", "slip-1");
  assert.equal(again.code, 3, again.err);
  assert.match(again.err, /deposit 1 is credited already: 9\.5 BTC[^]*E117/);
  const balances = at((await alice.json("balance")).data, "balances");
  assert.deepEqual(balances, { BTC: { total: "9.5", free: "9.5", held: "0" } });
});

test("what cannot be right is refused before anything is signed: 2 and 3", async () => {
  const before = letters(alice);
  const cases: readonly (readonly [number, string, readonly string[]])[] = [
    [2, "E100", ["trade"]],
    [2, "E100", ["cancel"]],
    [3, "E101", ["buy", "1", "GLD/BTC", "@", "0.042155"]],
    [3, "E102", ["buy", "0.15", "GLD/BTC", "@", "0.04215"]],
    [3, "E102", ["buy", "1,5", "GLD/BTC", "@", "0.04215"]],
    [3, "E103", ["buy", "1", "GLD/BTC", "@", "101"]],
    [3, "E104", ["withdraw", "1.123456789", "BTC", "to", "bc1q"]],
    [3, "E106", ["buy", "1", "XAU/BTC", "@", "1"]],
    [3, "E107", ["deposit", "1", "XAU"]],
    [3, "E108", ["buy", "1", "GLD/BTC", "@", "0.04", "--by", "soon"]],
    [3, "E109", ["buy", "1", "GLD/BTC", "@", "0.04", "--id", "no blanks"]],
    [3, "E110", ["push", "1", "BTC", "to", "bob"]],
    [3, "E114", ["status", "nothing-of-that-name"]],
  ];
  const check = async (from: number): Promise<void> => {
    for (const [code, name, words] of cases.filter((_, i) => i % 2 === from)) {
      const ended = await alice.run(...words);
      assert.equal(ended.code, code, `${words.join(" ")}: ${ended.err}`);
      assert.match(ended.err, new RegExp(name), words.join(" "));
    }
  };
  await Promise.all([check(0), check(1)]);
  assert.equal(letters(alice), before);
});

test("what the exchange refuses ends with 4 and changes nothing", async () => {
  const before = at((await alice.json("balance")).data, "balances");
  const ended = await alice.json("buy", "12000", "GLD/BTC", "@", "0.04215", "--id", "too-much");
  assert.equal(ended.code, 4);
  assert.equal(at(ended.data, "lines", 0, "name"), "funds_short");
  const lost = await alice.json("cancel", "too-much");
  assert.equal(lost.code, 4);
  assert.equal(at(lost.data, "lines", 0, "name"), "order_not_open");
  assert.deepEqual(at((await alice.json("balance")).data, "balances"), before);
});

test("orders meet; orders, fills and status say so on both sides", async () => {
  const asked = await bob.json("sell", "100", "GLD/BTC", "@", "0.04", "--id", "gold-1");
  assert.equal(asked.code, 0, asked.err);
  assert.equal(at(asked.data, "lines", 0, "status"), "resting");
  const taken = await alice.json("buy", "30", "GLD/BTC", "@", "0.04", "--tag", "for-bob");
  assert.equal(taken.code, 0, taken.err);
  assert.equal(at(taken.data, "lines", 0, "status"), "filled");
  const came = ["averagePrice", "amount", "fee", "feeAsset"];
  assert.deepEqual(
    came.map((name) => at(taken.data, "lines", 0, name)),
    ["0.04", "1.2", "0.0024", "BTC"],
  );
  const [fill] = listAt((await alice.json("fills")).data, "fills");
  const said = ["side", "quantity", "price", "amount", "fee", "role", "tag"];
  assert.deepEqual(
    said.map((name) => at(fill, name)),
    ["buy", "30", "0.04", "1.2", "0.0024", "taker", "for-bob"],
  );
  const [order] = listAt((await bob.json("orders")).data, "orders");
  assert.deepEqual(
    ["id", "status", "filled", "open"].map((name) => at(order, name)),
    ["gold-1", "partly_filled", "30", "70"],
  );
  const key = String(at(order, "order"));
  for (const name of ["gold-1", key, key.slice(0, 24)]) {
    const status = await bob.run("status", name);
    assert.equal(status.code, 0, status.err);
    assert.match(status.out, /partly filled .* 30 of 100 at 0\.04, fee [0-9.]+ BTC, the rest/);
  }
  const cancelled = await bob.json("cancel", "gold-1");
  assert.equal(cancelled.code, 0, cancelled.err);
  assert.equal(at(cancelled.data, "lines", 0, "status"), "cancelled");
  assert.equal((await bob.run("cancel", "--all")).code, 0);
  // Cancelled since: the letter had its effect, the exit codes agree, and retry tells the present.
  for (const words of [
    ["status", "gold-1"],
    ["outbox", "retry", "gold-1"],
  ]) {
    const now = await bob.json(...words);
    assert.deepEqual([now.code, at(now.data, "ok"), at(now.data, "exit")], [0, true, 0]);
    assert.equal(at(now.data, "lines", 0, "status"), "cancelled", words.join(" "));
  }
});

test("a dry run shows the letter with its real number and takes it not", async () => {
  const words = ["buy", "1", "GLD/BTC", "@", "0.01", "--id", "dry", "--dry-run"];
  const [first, second] = [await bob.run(...words), await bob.run(...words)];
  assert.match(first.out, /^seq [1-9][0-9]*$/m);
  assert.equal(/^seq .*$/m.exec(first.out)?.[0], /^seq .*$/m.exec(second.out)?.[0]);
});

test("a push reaches somebody who has no account yet", async () => {
  const words = makeWords();
  const entropy = seedOf(words);
  assert.ok(entropy.ok);
  const to = await fingerprintOf(entropy.value);
  const pushed = await alice.run("push", "0.25", "BTC", "to", to);
  assert.equal(pushed.code, 0, pushed.err);
  writeFileSync(join(stranger.dir, "words.txt"), words);
  await stranger.setup(exchange.url);
  const balances = at((await stranger.json("balance")).data, "balances");
  assert.deepEqual(balances, { BTC: { total: "0.25", free: "0.25", held: "0" } });
});

test("a withdrawal is held, approved, paid; another is refused and free again", async () => {
  assert.equal((await alice.run("withdraw", "2", "BTC", "to", "bc1qgood")).code, 0);
  assert.equal((await alice.run("withdraw", "1", "BTC", "to", "bc1qbad")).code, 0);
  assert.equal(at((await alice.json("balance")).data, "balances", "BTC", "held"), "3");
  assert.equal((await operator.run("hands", "fetch")).code, 0);
  assert.equal((await operator.run("hands", "approve", "1", "--send")).code, 0);
  assert.equal((await operator.run("hands", "paid", "1", "tx 77", "--send")).code, 0);
  assert.equal((await operator.run("hands", "refuse", "2", "unknown address", "--send")).code, 0);
  const statement = await alice.json("statement");
  const states = listAt(statement.data, "withdrawals").map((found) => [
    at(found, "state"),
    at(found, "evidence"),
  ]);
  assert.deepEqual(states, [
    ["paid", "tx 77"],
    ["refused", "unknown address"],
  ]);
  assert.match((await alice.run("statement", "--offline")).out, /refused .* unknown address/);
  assert.deepEqual(at(statement.data, "balances", "BTC"), {
    total: "6.0476",
    free: "6.0476",
    held: "0",
  });
});

test("an island that does not answer: 5, and the same bytes later", async () => {
  process.kill(exchange.islandPid, "SIGSTOP");
  const words = ["buy", "1", "GLD/BTC", "@", "0.01", "--id", "patience", "--timeout", "1s"];
  const unknown = await alice.run(...words);
  process.kill(exchange.islandPid, "SIGCONT");
  assert.equal(unknown.code, 5, unknown.err);
  assert.match(unknown.err, /E501/);
  const again = await alice.run(...words);
  assert.equal(again.code, 3);
  assert.match(again.err, /E112/);
  assert.equal((await alice.run("outbox", "retry", "patience")).code, 0);
  assert.match((await alice.run("status", "patience")).out, /resting/);
});

test("the client is killed between sealing and sending: nothing is lost, nothing doubled", async () => {
  const ids: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const id = `killed-${round}`;
    ids.push(id);
    const before = readdirSync(join(alice.home, "outbox")).length;
    const child = alice.spawn(["buy", "1", "GLD/BTC", "@", "0.01", "--id", id]);
    const ended = endOf(child);
    // The first rounds die as soon as anything lies in the outbox, the others at any moment.
    const patience = round < 3 ? 0 : 100 + random(600);
    const isTime = (): boolean => readdirSync(join(alice.home, "outbox")).length > before;
    if (patience > 0) await sleep(patience);
    else while (!isTime()) await sleep(1);
    child.kill("SIGKILL");
    await ended;
  }
  assert.equal((await alice.run("outbox", "retry")).code, 0);
  for (const id of ids) {
    const again = await alice.run("buy", "1", "GLD/BTC", "@", "0.01", "--id", id);
    assert.ok(again.code === 0 || (again.code === 3 && again.err.includes("E112")), again.err);
  }
  const open = listAt((await alice.json("orders")).data, "orders").map((order) => at(order, "id"));
  assert.deepEqual(open.sort(), ["patience", ...ids].sort());
});

test("with the exchange stopped the statement stands; a letter waits in the outbox: 8", async () => {
  const online = (await alice.json("statement")).data;
  exchange.killIsland();
  assert.deepEqual((await alice.json("statement")).data, online);
  assert.equal(await exchange.stop(), 0);
  const offline = await alice.json("statement");
  assert.equal(offline.code, 0);
  assert.deepEqual(offline.data, online);
  assert.deepEqual((await alice.json("statement", "--offline")).data, online);
  const unsent = await alice.run("buy", "1", "GLD/BTC", "@", "0.02", "--id", "later");
  assert.equal(unsent.code, 8);
  assert.match(unsent.err, /E801/);
  await exchange.start();
  const waiting = await alice.json("outbox", "list");
  assert.deepEqual(at(waiting.data, "letters", 0, "ids"), ["later"]);
  assert.equal((await alice.run("outbox", "retry")).code, 0);
  assert.match((await alice.run("status", "later")).out, /resting/);
});

test("an empty folder and 24 words bring back orders, fills, balance", async () => {
  const words = ["--words-file", join(alice.dir, "words.txt")];
  const again = await restored.run("restore", ...words, "--yes", "--relay", exchange.url);
  assert.equal(again.code, 0, again.err);
  for (const command of ["balance", "orders", "fills", "statement"]) {
    const options = command === "orders" ? ["--all"] : [];
    const here = await restored.json(command, ...options);
    assert.deepEqual(here.data, (await alice.json(command, ...options)).data, command);
  }
  const reports = readdirSync(join(restored.home, "reports")).filter((name) =>
    name.endsWith("txt"),
  );
  for (const name of reports) {
    const text = readFileSync(join(restored.home, "reports", name), "latin1");
    assert.equal(text, readFileSync(join(alice.home, "reports", name), "latin1"));
  }
});

test("two copies of one wallet: the number collides once, then each knows of the other", async () => {
  const buy = ["buy", "1", "GLD/BTC", "@", "0.02"];
  assert.equal((await restored.run(...buy, "--id", "copy-1")).code, 0);
  const collided = await alice.run(...buy, "--id", "copy-2");
  assert.equal(collided.code, 0, collided.err);
  assert.match(collided.err, /another copy of this wallet/);
  assert.equal((await alice.run(...buy, "--id", "copy-3")).code, 0);
  const orders = listAt((await alice.json("orders")).data, "orders").map((order) =>
    at(order, "id"),
  );
  assert.deepEqual(orders.slice(-3).sort(), ["copy-1", "copy-2", "copy-3"]);
});

test("a relay that the exchange added is learnt from the card, beside whatever is asked", async () => {
  const birch = `http://127.0.0.1:${await freePort()}`;
  await exchange.addRelays(`birch ${birch} here`);
  await exchange.start();
  const pinned = (): string => readFileSync(join(bob.home, "exchange.json"), "utf8");
  assert.equal(pinned().includes(birch), false);
  assert.equal((await bob.run("balance")).code, 0);
  assert.equal(pinned().includes(birch), true);
  const placed = await bob.run("sell", "1", "GLD/BTC", "@", "0.05", "--wait", "carried");
  assert.match(placed.err, /carried by \d of 2/);
  const card = await restored.run("card", "exchange");
  assert.match(card.out, new RegExp(`^relay birch ${birch} `, "m"));
});
