/**
 * The disaster that this exchange was built for: a broker sends 500 orders of one second for 40
 * customers from 8 threads through two relays, behind servers that delay, shuffle and lose half of
 * all answers, and the client is killed with SIGKILL twice in the middle. In the end every order is
 * its customer's, once, with its fills, and nobody has to guess (P5, P8, P9).
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { Fingerprint } from "../codec/names.ts";
import type { Entry } from "../letter/entry.ts";
import { printKey } from "../letter/orderid.ts";
import type { TestCustomer } from "../testing/customer.ts";
import { freePort, TestExchange } from "../testing/exchange.ts";
import { Front, nameInCard, type Meddle } from "../testing/front.ts";
import { fundWallet, readyCustomers } from "../testing/ready.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";
import { truthOf, type Truth } from "../testing/truth.ts";
import { at, endOf, listAt, WalletCustomer } from "../testing/walletcustomer.ts";
import { readExchange } from "./places.ts";

const orderCount = 500;
const customerCount = 40;
const seed = seedOf("DISASTER_SEED");
const random = randomFrom(seed);

/** An order of the broker's: which customer's, and what. */
type Ordered = { readonly id: string; readonly tag: string; readonly row: string };

let exchange: TestExchange;
let maker: TestCustomer;
let broker: Fingerprint;
let truth: Truth;
const wallet = new WalletCustomer();
const file = join(wallet.dir, "orders.txt");
const fronts: Front[] = [];
const orders: readonly Ordered[] = Array.from({ length: orderCount }, (_, i) => {
  const tag = `customer-${String(random(customerCount)).padStart(2, "0")}`;
  const id = `${tag}/${String(i).padStart(4, "0")}`;
  // Few prices and sizes, so that many orders are alike but for their names, and half of them meet
  // the maker. Customers of one broker do not trade with each other: the newer order goes on.
  const side = random(2) === 0 ? "BUY" : "SELL";
  const at = (side === "BUY" ? 4211 : 4209) + random(4);
  const row = `${side}|GLD/BTC|${1 + random(3)}|${at}|own=oldest|id=${id}|tag=${tag}`;
  return { id, tag, row };
});

before(async () => {
  console.log(`# reproduce: DISASTER_SEED=${seed} node --test src/bin/disaster.process.test.ts`);
  exchange = await TestExchange.create();
  const second = `http://127.0.0.1:${await freePort()}`;
  await exchange.addRelays(`birch ${second} here`);
  await exchange.start();
  const alder = await Front.start(exchange.url);
  const birch = await Front.start(second);
  fronts.push(alder, birch);
  const addresses = { alder: alder.url, birch: birch.url };
  await nameInCard(exchange, new Map(Object.entries(addresses)));
  const [ready] = await readyCustomers(exchange, 1, { BTC: 100_000_000_000, GLD: 100_000 });
  assert.ok(ready);
  maker = ready;
  const quotes = [4208, 4209, 4210].map((price) => `BUY|GLD/BTC|600|${price}`);
  const asks = [4213, 4214, 4215].map((price) => `SELL|GLD/BTC|600|${price}`);
  await maker.say(exchange.url, [...quotes, ...asks]);
  broker = await wallet.setup(alder.url);
  await fundWallet(exchange, wallet, { BTC: ["500", 50_000_000_000], GLD: ["5000", 50_000] });
  writeFileSync(file, `${orders.map((order) => order.row).join("\n")}\n`);
});

after(async () => {
  wallet.remove();
  for (const front of fronts) await front.close();
  await exchange.remove();
});

/** Delays everything, and hangs up on half of those who ask for the first time, after the fact. */
function nasty(): Meddle {
  const asked = new Set<string>();
  return async (question, forward) => {
    await sleep(random(15));
    const said = await forward(question);
    await sleep(random(15));
    const what = `${question.method} ${question.path} ${question.body.toString("base64")}`;
    const isAnswer = question.method === "POST" || said.status === 200;
    if (!isAnswer || asked.has(what)) return said;
    asked.add(what);
    return random(2) === 0 ? undefined : said;
  };
}

/** Letters that went through to the relays so far. */
function posted(): number {
  return fronts.flatMap((front) => front.crossings).filter(({ asked }) => asked.method === "POST")
    .length;
}

test("500 orders through two nasty servers, the client killed twice", async () => {
  for (const front of fronts) front.meddle = nasty();
  const submit = ["submit", file, "--threads", "8"];
  for (const until of [150, 450]) {
    const child = wallet.spawn(submit);
    const ended = endOf(child);
    const target = posted() + until;
    try {
      await exchange.until(() => posted() >= target, 120_000);
    } finally {
      child.kill("SIGKILL");
    }
    assert.equal((await ended).code, null);
  }
  let last = await wallet.json(...submit);
  // A row whose posts were all lost is "not known"; the same command again asks, and is safe.
  for (let tries = 0; last.code === 5 && tries < 6; tries += 1) last = await wallet.json(...submit);
  assert.equal(last.code, 0, last.err);
  assert.equal(at(last.data, "accepted"), orderCount);
  const fates = listAt(last.data, "fates").map((fate) => [at(fate, "identity"), at(fate, "state")]);
  assert.deepEqual(
    fates,
    orders.map(({ id }) => [id, "accepted"]),
  );
});

type Of<Kind extends Entry["kind"]> = Extract<Entry, { readonly kind: Kind }>;

/** What the engine told an account, of one kind. */
function told<Kind extends Entry["kind"]>(account: Fingerprint, kind: Kind): readonly Of<Kind>[] {
  const records = (truth.reports.get(account) ?? []).flatMap((report) => report.records);
  return records.filter((record): record is Of<Kind> => record.kind === kind);
}

test("the client's orders are the engine's: each id once, its customer's, its state", async () => {
  const shown = listAt((await wallet.json("orders", "--all")).data, "orders");
  await exchange.stop();
  truth = await truthOf(exchange.dir, readExchange(exchange.dir));
  const newest = new Map(told(broker, "order").map((order) => [order.id, order]));
  const accepted = told(broker, "order").filter((order) => order.line > 0);
  assert.deepEqual(
    accepted.map(({ id }) => id).sort(),
    orders.map(({ id }) => id).sort(),
    "the engine accepted each order once",
  );
  assert.equal(shown.length, orderCount);
  assert.equal(new Set(shown.map((order) => at(order, "id"))).size, orderCount);
  for (const order of shown) {
    const { id, tag } = orders.find((ours) => ours.id === at(order, "id")) ?? {};
    const real = newest.get(id);
    assert.ok(real !== undefined && tag !== undefined, "no order that the broker did not send");
    assert.deepEqual([at(order, "tag"), real.tag], [tag, tag]);
    assert.equal(at(order, "order"), printKey(real.key));
    assert.equal(at(order, "status"), real.status);
    assert.equal(Number(at(order, "filled")) * 10, real.filled);
    assert.equal(Number(at(order, "open")) * 10, real.open);
  }
});

test("the client's fills are the engine's, customer by customer, and both sides agree", async () => {
  // The exchange is gone: what lies in the client's own folder is enough.
  const shown = listAt((await wallet.json("fills", "--offline")).data, "fills");
  const real = told(broker, "fill");
  assert.ok(real.length > 100, `${real.length} fills prove little`);
  const totals = new Map<string, number[]>();
  const add = (tag: string, side: string, numbers: readonly number[]): void => {
    const name = `${tag} ${side}`;
    const before = totals.get(name) ?? [0, 0, 0, 0];
    totals.set(
      name,
      before.map((sum, i) => sum + (numbers[i] ?? 0)),
    );
  };
  for (const fill of real) add(fill.tag ?? "", fill.side, [1, fill.quantity, fill.quote, fill.fee]);
  const decided = new Map(totals);
  totals.clear();
  for (const fill of shown) {
    const units = [
      [at(fill, "quantity"), 10],
      [at(fill, "amount"), 1e8],
      [at(fill, "fee"), 1e8],
    ];
    const numbers = units.map(([amount, unit]) => Math.round(Number(amount) * Number(unit)));
    assert.equal(String(at(fill, "id")).split("/")[0], at(fill, "tag"));
    add(String(at(fill, "tag")), String(at(fill, "side")), [1, ...numbers]);
  }
  assert.deepEqual(totals, decided);
  const all = [...real, ...told(maker.key.fingerprint, "fill")];
  for (const side of ["buy", "sell"]) {
    const theirs = all.filter((fill) => fill.side === side);
    assert.deepEqual(
      theirs.map(({ trade, quantity, price }) => [trade, quantity, price]).sort(),
      truth.trades.map(({ number, quantity, price }) => [number, quantity, price]).sort(),
      `every trade has one fill on the ${side} side`,
    );
  }
  const letters = `${posted()} letters posted`;
  console.log(`# ${orderCount} orders, ${truth.trades.length} trades, ${letters}, 2 kills`);
});
