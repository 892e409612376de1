/**
 * One wallet, two machines: the same customer's life as Node lives it and as a browser would, with
 * a home in memory, against a real exchange; and what the browser's home holds is a home on a disk.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { TestExchange } from "../testing/exchange.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let operator: WalletCustomer;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
});

after(() => exchange.remove());

const program = join(import.meta.dirname, "../testing/machinelike.ts");

/** Runs the life to its end, crediting its deposit; gives the last line that it says. */
async function life(options: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [...options, program, exchange.url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    const [, number] = /^deposit (\d+)$/.exec(line) ?? [];
    if (number === undefined) continue;
    assert.equal((await operator.run("hands", "list")).code, 0);
    const credited = await operator.run("hands", "credit", number, "1", "BTC", `slip-${number}`);
    assert.equal(credited.code, 0, credited.err);
    assert.equal((await operator.run("hands", "send")).code, 0);
  }
  assert.match(last, /^\{/, "it came to its end");
  return JSON.parse(last);
}

/** Puts the files into a folder, as a person would who moves to the command line. */
function onDisk(files: readonly unknown[], customer: WalletCustomer): void {
  for (const file of files) {
    const path = join(customer.home, String(at(file, 0)));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, Buffer.from(String(at(file, 1)), "base64"), { mode: 0o600 });
  }
}

for (const [machine, options, inflates] of [
  ["Node", [], true],
  ["a browser", ["--conditions=browser"], false],
] as const) {
  test(`an account, an order, and all of it back from the words: ${machine}`, async () => {
    const lived = await life(options);
    assert.equal(at(lived, "inflates"), inflates, "the cryptography is the machine's own");
    assert.deepEqual(at(lived, "fates"), [
      "accepted answered",
      "accepted answered",
      "resting answered",
      "cancelled answered",
    ]);
    assert.equal(at(lived, "balance"), 100_000_000);
    assert.equal(at(lived, "isRestored"), true);
    assert.equal(at(lived, "isKept"), true);
    assert.equal(at(lived, "receipts"), 1);
    const customer = new WalletCustomer();
    try {
      onDisk(listAt(lived, "files"), customer);
      const orders = await customer.json("orders", "--all", "--offline");
      assert.equal(orders.code, 0, orders.err);
      assert.equal(at(orders.data, "orders", 0, "id"), "one");
      const sold = await customer.json("buy", "2", "GLD/BTC", "@", "0.001");
      assert.equal(sold.code, 0, sold.err);
      assert.equal(at(sold.data, "letter"), "0-5", "numbers go on where they ended");
    } finally {
      rmSync(customer.dir, { recursive: true });
    }
  });
}
