/**
 * An issuer at the command line, against a real exchange: shares listed by a contract, sold, paid
 * a dividend, counted, split, renamed and delisted; what cannot be undone is asked about first.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { TestExchange } from "../testing/exchange.ts";
import { fundWallet } from "../testing/ready.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

const contract = "Alice owes the holders what she earns.\n";
const market =
  "market ACME/BTC lot 1 step 0.00001 tick 0.00001 maximum-price 100" +
  " quantity 1 to 100000 maker 0% taker 0%";

let exchange: TestExchange;
let operator: WalletCustomer;
let bobs: string;
const alice = new WalletCustomer();
const bob = new WalletCustomer();

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
  const [issuer, holder] = await Promise.all([alice.setup(exchange.url), bob.setup(exchange.url)]);
  bobs = holder;
  await exchange.stop();
  const lines = ["asset ACME decimals 0 supply 1000000", market, `issuer ACME ${issuer}`];
  appendFileSync(join(exchange.dir, "signet.conf"), `${lines.join("\n")}\nrename ACME ACME.N\n`);
  await exchange.start();
  await fundWallet(exchange, alice, { BTC: ["10", 1_000_000_000] });
  await fundWallet(exchange, bob, { BTC: ["10", 1_000_000_000] });
  writeFileSync(join(alice.dir, "contract.txt"), contract);
});

after(async () => {
  for (const customer of [alice, bob]) customer.remove();
  await exchange.remove();
});

test("nothing that cannot be undone is signed without a yes; the contract's hash is its file's", async () => {
  const list = ["issue", "list", "ACME", "1000", "contract.txt"];
  const hash = createHash("sha256").update(contract).digest("hex");
  const asked = await alice.run(...list);
  assert.equal(asked.code, 3, asked.err);
  assert.match(asked.err, /Bring 1000 ACME into being .* by the contract/);
  assert.ok(asked.err.includes(`LIST|ACME|1000|${hash}`), asked.err);
  assert.match(asked.err, /E131/);
  const shown = await alice.run(...list, "--dry-run");
  assert.ok(shown.out.includes(`\nLIST|ACME|1000|${hash}\n`), shown.out);
  const listed = await alice.run(...list, "--yes");
  assert.equal(listed.code, 0, listed.err);
  assert.match(listed.out, /corporate action 1: list of ACME done/);
  const stranger = await bob.json("issue", "delist", "ACME", "--yes");
  assert.equal(stranger.code, 4, stranger.err);
  assert.equal(at(stranger.data, "lines", 0, "name"), "not_the_issuer");
  assert.match((await alice.run("statement")).out, new RegExp(`you issued 1000 ACME .*${hash}`));
});

test("a dividend reaches holders, and the issuer is told who they are", async () => {
  await alice.run("sell", "105", "ACME/BTC", "@", "0.001");
  const bought = await bob.run("buy", "105", "ACME/BTC", "@", "0.001");
  assert.equal(bought.code, 0, bought.err);
  const dividend = ["issue", "dividend", "1", "BTC", "on", "ACME", "--float", "1000", "--yes"];
  const paid = await alice.run(...dividend);
  assert.equal(paid.code, 0, paid.err);
  assert.match(paid.err, /Pay 1 BTC for 1000 ACME: whoever holds now gets their part/);
  assert.match(
    paid.err,
    /Each share gets 1 BTC \/ 1000 ACME = 0\.001 BTC\. Shares that others hold/,
  );
  const statement = await bob.run("statement");
  assert.match(statement.out, /corporate action 2: 0\.105 BTC for 105 ACME that counted/);
  const holders = await alice.json("issue", "holders", "ACME");
  assert.equal(holders.code, 0, holders.err);
  const list = listAt(holders.data, "lines")
    .flatMap((line) => at(line, "holders") ?? [])
    .flat();
  const shares = list.find((holder) => at(holder, "account") === bobs);
  assert.equal(at(shares, "shares"), "105");
});

test("a split while the market is halted, a new name, and the end", async () => {
  const ratio = ["issue", "ratio", "ACME", "1", "for", "10", "at", "0.01", "BTC", "--yes"];
  const early = await alice.json(...ratio);
  assert.equal(at(early.data, "lines", 0, "name"), "market_not_stopped", early.err);
  const halt = ["hands", "halt", "ACME/BTC", "split", "--send"];
  assert.equal((await operator.run(...halt)).code, 0);
  const split = await alice.run(...ratio);
  assert.equal(split.code, 0, split.err);
  assert.match(split.err, /Turn every 10 ACME into 1; .* 0\.01 BTC for 1 ACME, rounded down/);
  const { data } = await bob.json("statement");
  assert.equal(at(data, "balances", "ACME", "total"), "10", "five of 105 are half a share");
  assert.equal(at(data, "entitled", 1, "amount"), "0.005");
  const renamed = await alice.run("issue", "rename", "ACME", "ACME.N", "--yes");
  assert.equal(renamed.code, 0, renamed.err);
  const named = await bob.json("balance");
  assert.equal(at(named.data, "balances", "ACME.N", "total"), "10");
  const gone = await alice.run("issue", "delist", "ACME.N", "--yes");
  assert.equal(gone.code, 0, gone.err);
  const closing = await bob.run("statement");
  assert.match(closing.out, /ACME\.N was delisted: closing statement of 10 ACME\.N/);
  const file = await bob.run("fills");
  assert.match(file.out, /105 ACME\/BTC/, "trades keep the name that they had");
});
