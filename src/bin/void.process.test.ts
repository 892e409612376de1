/**
 * The end of "is my order there?": an island that stands still past a letter's deadline,
 * and one that reads in time. Both fates are proved, and checked from one file without a network.
 */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { time } from "../codec/time.ts";
import { printReceipt } from "../log/receipt.ts";
import { TestExchange } from "../testing/exchange.ts";
import { Front } from "../testing/front.ts";
import { testSigner } from "../testing/publisher.ts";
import { fundWallet } from "../testing/ready.ts";
import { refOf } from "../testing/relayworld.ts";
import { at, endOf, WalletCustomer } from "../testing/walletcustomer.ts";
import { readExchange } from "./places.ts";

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

/** A relay with a real relay's key that takes letters, promises, and hands nothing on. */
function swallowing(deliverMs: number): Promise<Front> {
  const pem = readFileSync(join(exchange.dir, "relays/alder/relay.key"));
  const signer = testSigner("alder", createPrivateKey(pem));
  let number = 4711;
  return Front.start(exchange.url, async (asked, forward) => {
    if (asked.method !== "POST") return forward(asked);
    number += 1;
    const at = time(Date.now());
    const body = printReceipt(
      {
        exchange: readExchange(exchange.dir),
        ref: refOf(asked.body),
        bytes: asked.body.length,
        number,
        at,
        deliverBy: time(at + deliverMs),
      },
      signer,
    );
    return { status: 202, type: "text/plain", body: Buffer.from(body) };
  });
}

test("a relay that promised and did not deliver is convicted by name, offline", async () => {
  const bob = new WalletCustomer();
  await bob.setup(exchange.url);
  // Later than the letter's own deadline: the first proof does not reach so far.
  const front = await swallowing(9000);
  try {
    assert.equal((await bob.run("relay", "add", front.url)).code, 0);
    assert.equal((await bob.run("relay", "remove", exchange.url)).code, 0);
    const sent = await bob.run("buy", "1", "GLD/BTC", "@", "0.04", "--id", "lost", "--by", "3s");
    assert.equal(sent.code, 4, sent.err);
    assert.match(sent.out, /^✕ void /m);
    let said = await bob.run("receipt", "export", "lost");
    const path = join(judge.dir, "lost.json");
    writeFileSync(path, said.out);
    const early = await judge.json("receipt", "verify", path);
    assert.deepEqual([early.code, at(early.data, "state")], [0, "void"]);
    for (let i = 0; i < 30; i += 1) {
      said = await bob.run("receipt", "export", "lost");
      writeFileSync(path, said.out);
      const { data } = await judge.json("receipt", "verify", path);
      if (JSON.stringify(at(data, "promise_broken")) !== "[]") break;
      await sleep(1000);
    }
  } finally {
    await front.close();
    bob.remove();
  }
  // Somebody else, years later: no relay is there that could be asked.
  const path = join(judge.dir, "lost.json");
  const nobody = ["--socks", "127.0.0.1:9"];
  const { code, out, err } = await judge.run("receipt", "verify", path, ...nobody);
  assert.equal(code, 0, err);
  assert.match(out, /^✕ void /m);
  assert.match(out, /^✕ promise_broken {3}alder: deliver-by \S+ passed$/m);
  const text = readFileSync(path, "utf8");
  const lies: readonly (readonly [RegExp, string, RegExp])[] = [
    [/deliver-by 20/, "deliver-by 19", /E602/],
    [/— alder /, "— birch ", /E602/],
    [/\nleaf (\d+) READ/, "\nleaf 1$1 READ", /E6/],
  ];
  const bent = join(judge.dir, "bent.json");
  for (const [what, instead, why] of lies) {
    const changed = JSON.stringify(
      JSON.parse(text, (_, value: unknown) =>
        typeof value === "string" ? value.replace(what, instead) : value,
      ),
    );
    assert.notEqual(changed, JSON.stringify(JSON.parse(text)));
    writeFileSync(bent, changed);
    assert.match((await judge.run("receipt", "verify", bent)).err, why);
  }
});
