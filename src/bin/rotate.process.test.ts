/**
 * The exchange's operating keys are rotated under its root key while letters are on their way:
 * nothing is lost, old reports stay good, wallets take the new certificate by themselves, and gpg
 * reads both.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { time } from "../codec/time.ts";
import { sealToSecond } from "../seal/attacks/second.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { readCustomerKey } from "../seal/keys.ts";
import { readSecondCertificate } from "../seal/rotate.ts";
import { parseCard } from "../letter/card.ts";
import { signetCommand, TestExchange } from "../testing/exchange.ts";
import { at, endOf, listAt, WalletCustomer, type CommandEnd } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let operator: WalletCustomer;
/** Alice writes through the rotation; Bob sleeps through it. */
const alice = new WalletCustomer();
const bob = new WalletCustomer();

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
  await alice.setup(exchange.url);
  await bob.setup(exchange.url);
});

after(async () => {
  alice.remove();
  bob.remove();
  await exchange.remove();
});

/** A command of the exchange's operator, who has no wallet there. */
function ceremony(...words: readonly string[]): Promise<CommandEnd> {
  const [node, signet] = signetCommand;
  const stdio = ["ignore", "pipe", "pipe"] as const;
  return endOf(spawn(node, [signet, "exchange", ...words], { cwd: alice.dir, stdio: [...stdio] }));
}

async function pinned(customer: WalletCustomer): Promise<Certificate> {
  const kept: unknown = JSON.parse(readFileSync(join(customer.home, "exchange.json"), "utf8"));
  const read = await readCertificate(String(at(kept, "certificate")), time(Date.now()));
  assert.ok(read.ok);
  return read.value;
}

const subkeys = async (customer: WalletCustomer): Promise<number> =>
  (await pinned(customer)).key.subkeys.length;

/** Ends the island after its batch; `signet start` brings it back with the keys that lie there. */
async function restartIsland(): Promise<void> {
  const before = exchange.islandPid;
  process.kill(before, "SIGTERM");
  await exchange.until(() => exchange.islandPid !== before, 10_000);
}

const orders = (count: number): string =>
  Array.from({ length: count }, (_, i) => `BUY|GLD/BTC|1|${1000 + i}|id=mid-${i}`).join("\n");

test("letters on their way through a rotation each take effect once, and are answered", async () => {
  assert.equal((await alice.run("deposit", "10", "BTC")).code, 0);
  assert.equal((await operator.run("hands", "credit", "1", "10", "BTC", "slip", "--send")).code, 0);
  const file = join(alice.dir, "orders.txt");
  writeFileSync(file, `${orders(12)}\n`);
  // Sealed to the old subkey, all of them: this wallet is not told before it asks.
  const sending = alice.run("submit", file, "--threads", "8");
  const rotated = await ceremony("rotate", "--data", exchange.dir);
  assert.equal(rotated.code, 0, rotated.err);
  assert.match(rotated.out, /the key number is as it was/);
  await restartIsland();
  const sent = await sending;
  assert.equal(sent.code, 0, sent.err);
  const listed = await alice.json("orders");
  assert.equal(listed.code, 0, listed.err);
  const ids = listAt(listed.data, "orders").map((order) => at(order, "id"));
  assert.deepEqual(ids.toSorted(), Array.from({ length: 12 }, (_, i) => `mid-${i}`).toSorted());
});

test("a wallet takes the new certificate by itself, and no relay is taken for a liar", async () => {
  assert.equal(await subkeys(alice), 4);
  assert.equal(await subkeys(bob), 2);
  // Bob's letter is sealed to the old subkey, and its answer signed by the new one.
  const asked = await bob.json("deposit", "5", "GLD");
  assert.equal(asked.code, 0, asked.err);
  assert.equal(await subkeys(bob), 4);
  const relays = await bob.run("relay", "list", "--offline");
  assert.doesNotMatch(relays.out, /E60/);
  // Sealed to the new subkey.
  assert.equal((await bob.run("deposit", "6", "GLD")).code, 0);
  const words = join(bob.dir, "words.txt");
  const anew = new WalletCustomer(bob.dir, "restored");
  const restored = await anew.run(
    "restore",
    "--words-file",
    words,
    "--yes",
    "--relay",
    exchange.url,
  );
  assert.equal(restored.code, 0, restored.err);
  const statement = await anew.json("statement");
  assert.equal(statement.code, 0, statement.err);
});

test("the card shows the second certificate, which names the first and is named by it", async () => {
  const shown = await alice.json("card", "exchange");
  const text = String(at(shown.data, "card"));
  const body = /\n\n([^]*)-----BEGIN PGP SIGNATURE/.exec(text)?.[1] ?? "";
  const card = parseCard(body);
  assert.ok(card.ok);
  const second = Buffer.from(card.value.v6 ?? "", "base64");
  const read = await readSecondCertificate(second, await pinned(alice), time(Date.now()));
  assert.ok(read.ok);
});

test("a letter sealed to the second certificate takes effect as one to the first", async () => {
  const shown = await alice.json("card", "exchange");
  const v6 = /\nv6 (\S+)\n/.exec(String(at(shown.data, "card")))?.[1] ?? "";
  const certificate = new Uint8Array(Buffer.from(v6, "base64"));
  const template = await alice.run("raw", "template", "BUY|GLD/BTC|1|900|id=by-v6");
  const key = await readCustomerKey(readFileSync(join(alice.home, "key.asc"), "latin1"));
  const sealed = await sealToSecond(template.out, key, certificate);
  const file = join(alice.dir, "v6.asc");
  writeFileSync(file, sealed);
  const sent = await alice.run("raw", "send", file, "--wait", "10s");
  assert.equal(sent.code, 0, sent.err);
  const reply = join(alice.dir, "reply.asc");
  writeFileSync(reply, sent.out.slice(sent.out.indexOf("-----BEGIN")));
  const opened = await alice.run("raw", "open", reply);
  assert.match(opened.out, /by-v6/, opened.err);
  assert.doesNotMatch(opened.out, /REFUSED/);
});

test("the root key on a machine of its own: rotate there, install here, again mid-traffic", async () => {
  const safe = join(alice.dir, "safe");
  mkdirSync(safe);
  for (const name of ["certificate.asc", "certificate.v6.asc"]) {
    copyFileSync(join(exchange.dir, name), join(safe, name));
  }
  renameSync(join(exchange.dir, "root"), join(safe, "root"));
  const out = join(alice.dir, "rotation");
  const made = await ceremony("rotate", "--data", safe, "--out", out, "--compromised");
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /exchange install/);
  // Certificates without the keys: an island that starts then says so, and changes nothing.
  const sending = alice.run("submit", await rows(), "--threads", "4");
  const installed = await ceremony("install", out, "--data", exchange.dir);
  assert.equal(installed.code, 0, installed.err);
  await restartIsland();
  const sent = await sending;
  assert.equal(sent.code, 0, sent.err);
  assert.equal(listAt((await alice.json("orders")).data, "orders").length, 23);
  assert.equal(await subkeys(alice), 6);
  const asked = await bob.json("balance");
  assert.equal(asked.code, 0, asked.err);
  assert.equal(existsSync(join(exchange.dir, "root")), false);
});

function rows(): Promise<string> {
  const file = join(alice.dir, "more.txt");
  const line = (i: number): string => `BUY|GLD/BTC|1|${2000 + i}|id=late-${i}\n`;
  writeFileSync(file, Array.from({ length: 10 }, (_, i) => line(i)).join(""));
  return Promise.resolve(file);
}

test("a rotation that is in place only half refuses to start, by name", async () => {
  const keys = join(exchange.dir, "island/keys/operating.key.asc");
  const good = readFileSync(keys);
  await exchange.stop();
  const out = join(alice.dir, "second");
  const safe = join(alice.dir, "safe");
  for (const name of ["certificate.asc", "certificate.v6.asc"]) {
    copyFileSync(join(exchange.dir, name), join(safe, name));
  }
  assert.equal((await ceremony("rotate", "--data", safe, "--out", out)).code, 0);
  const twice = await ceremony("rotate", "--data", safe, "--out", out);
  assert.match(twice.err, /not an empty folder/);
  copyFileSync(join(out, "certificate.asc"), join(exchange.dir, "island/certificate.asc"));
  await assert.rejects(exchange.start(), /keys_unfinished/);
  assert.deepEqual(readFileSync(keys), good, "nothing was dropped");
  const installed = await ceremony("install", out, "--data", exchange.dir);
  assert.equal(installed.code, 0, installed.err);
  await exchange.start();
  assert.equal((await bob.json("balance")).code, 0);
});

test("what cannot be right is refused, and nothing is changed", async () => {
  const certificate = readFileSync(join(exchange.dir, "certificate.asc"));
  const safe = join(alice.dir, "safe");
  const wrong = join(alice.dir, "wrong/root.key.asc");
  mkdirSync(join(alice.dir, "wrong"));
  for (const name of ["root.key.asc", "root.v6.key.asc"]) {
    copyFileSync(join(safe, "root/root.v6.key.asc"), join(alice.dir, "wrong", name));
  }
  const cases = [
    [2, "E100", ["rotate", "--data", safe, "--grace", "3"]],
    [3, "E115", ["rotate", "--data", exchange.dir]],
    // The second root key in the place of the first.
    [7, "E903", ["rotate", "--data", exchange.dir, "--root", wrong]],
    [3, "E115", ["install", safe, "--data", exchange.dir]],
    // Made before the rotation that is in place now.
    [7, "E903", ["install", join(alice.dir, "rotation"), "--data", exchange.dir]],
  ] as const;
  for (const [exit, code, words] of cases) {
    const ended = await ceremony(...words);
    assert.match(ended.err, new RegExp(code));
    assert.equal(ended.code, exit, words.join(" "));
  }
  assert.deepEqual(readFileSync(join(exchange.dir, "certificate.asc")), certificate);
});
