/**
 * The end of "is my order there?": an island that stands still past a letter's deadline,
 * and one that reads in time. Both fates are proved, and checked from one file without a network.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { TestExchange } from "../testing/exchange.ts";
import { fundWallet } from "../testing/ready.ts";
import { at, endOf, WalletCustomer } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
const alice = new WalletCustomer();
/** Somebody who has neither the home nor a network. */
const judge = new WalletCustomer(mkdtempSync(join(tmpdir(), "judge-")));
let file = "";

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  await alice.setup(exchange.url);
  await fundWallet(exchange, alice, { BTC: ["1", 100_000_000] });
});

after(async () => {
  alice.remove();
  judge.remove();
  await exchange.remove();
});

async function exported(name: string): Promise<string> {
  const ended = await alice.run("receipt", "export", name);
  assert.equal(ended.code, 0, ended.err);
  const path = join(judge.dir, `${name}.json`);
  writeFileSync(path, ended.out);
  return path;
}

test("a letter that was carried and not read by its deadline ends with void", async () => {
  process.kill(exchange.islandPid, "SIGSTOP");
  const child = alice.spawn(["buy", "1", "GLD/BTC", "@", "0.04", "--id", "slow", "--by", "3s"]);
  const end = endOf(child);
  // Longer than a block, so that the first tick ends one, past the deadline.
  await sleep(10_500);
  process.kill(exchange.islandPid, "SIGCONT");
  const { code, err, out } = await end;
  assert.equal(code, 4, `${out}${err}`);
  assert.match(err, /carried by 1 of 1/);
  assert.match(out, /^✕ void /m);
  assert.match(err, /outbox retry slow[^]*E508/);
  const status = await alice.json("status", "slow");
  assert.deepEqual([status.code, at(status.data, "state")], [4, "void"]);
});

test("the proof verifies from one file, by somebody else, offline; bent, it does not", async () => {
  file = await exported("slow");
  const { code, out, err } = await judge.run("receipt", "verify", file);
  assert.equal(code, 0, err);
  assert.match(out, /^● receipt .*signature good$/m);
  assert.match(out, /^● checkpoint .* good$/m);
  assert.match(out, /^✕ void /m);
  const text = readFileSync(file, "utf8");
  const bent = join(judge.dir, "bent.json");
  writeFileSync(bent, text.replace(/\|(\d+)\|([0-9a-f]{64})\\n/, "|1$1|$2\\n"));
  assert.equal((await judge.run("receipt", "verify", bent)).code, 6);
  writeFileSync(bent, text.replace("\\nnumber ", "\\nnumber 1"));
  assert.match((await judge.run("receipt", "verify", bent)).err, /E602/);
});

test("retried, a void letter is written anew, once", async () => {
  const again = await alice.json("outbox", "retry", "slow");
  assert.equal(again.code, 0, again.err);
  const orders = await alice.run("orders");
  assert.match(orders.out, /resting/);
  const twice = await alice.run("outbox", "retry", "0-4");
  assert.ok(twice.code === 0 || twice.code === 3, twice.err);
  const { data } = await alice.json("orders");
  const list = Object(at(data, "orders"));
  assert.equal(Reflect.get(list, "length"), 1);
});

test("a letter that was read in time ends with read", async () => {
  const placed = await alice.json("buy", "1", "GLD/BTC", "@", "0.03", "--id", "quick");
  assert.equal(placed.code, 0, placed.err);
  let said = "";
  for (let i = 0; i < 30 && !/● read/.test(said); i += 1) {
    await sleep(1000);
    said = (await judge.run("receipt", "verify", await exported("quick"))).out;
  }
  assert.match(said, /^● read .*leaf \d+$/m);
  assert.match(said, /^● promises /m);
});
