/**
 * The Ethereum key of the words is the one that every other wallet derives; on disk it is only ever
 * sealed, and only what this home sealed is believed.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { toHex } from "../codec/bytes.ts";
import { addressOfKey } from "../ring/signature.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { sealLetter } from "../seal/customer.ts";
import { customerKeyFromSeed, readCustomerKey } from "../seal/keys.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { makeKey, openAccount, type Account } from "./account.ts";
import { diskHome } from "./diskhome.ts";
import { fetchVerified, pinExchange } from "./exchange.ts";
import { ethereumKeyIn, ethereumKeyOf, keepEthereumKey, readEthereumKey } from "./ringkey.ts";
import { now } from "./times.ts";

let base: string;
let exchange: TinyExchange;

before(async () => {
  base = mkdtempSync(join(tmpdir(), "signet-ringkey-"));
  exchange = await TinyExchange.create(1);
});

after(async () => {
  await exchange.close();
  rmSync(base, { recursive: true });
});

async function accountIn(name: string, seed: Uint8Array, passphrase: string): Promise<Account> {
  const home = diskHome(join(base, name));
  assert.ok((await makeKey(home, seed, passphrase)).ok);
  const verified = await fetchVerified(exchange.urls, undefined);
  assert.ok(verified.ok);
  pinExchange(home, verified.value);
  const ask = () => Promise.resolve({ ok: true, value: passphrase } as const);
  const account = await openAccount(home, { ask, relays: [] });
  assert.ok(account.ok);
  return account.value;
}

test("24 words give the address that other wallets show for them", () => {
  // `abandon` 23 times and `art`, at m/44'/60'/0'/0/0.
  const key = ethereumKeyOf(new Uint8Array(32));
  assert.equal(addressOfKey(key), "0xf278cf59f82edcf871d630f28ecc8056f25c1cdb");
});

test("the key lies in the home sealed, never plain, and opens with the account", async () => {
  const seed = new Uint8Array(32).fill(9);
  const account = await accountIn("sealed", seed, "correct horse");
  const secret = ethereumKeyOf(seed);
  const opened = await ethereumKeyIn(account);
  assert.ok(opened.ok);
  assert.deepEqual(opened.value, secret);
  const { name: dir } = account.home;
  for (const file of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(file.parentPath, file.name));
    const forms = [secret, toHex(secret), toHex(secret).toUpperCase()].map((f) => Buffer.from(f));
    for (const form of forms) assert.ok(!bytes.includes(form), file.name);
  }
});

test("a key that somebody else sealed to this home is not believed", async () => {
  const account = await accountIn("swapped", new Uint8Array(32).fill(10), "");
  const path = join(account.home.name, "ethereum.pgp");
  const sealed = readFileSync(path);
  const thief = await customerKeyFromSeed(new Uint8Array(32).fill(66), { userId: "x" });
  const key = await readCustomerKey(thief.secret);
  const to = await readRegisteredCertificate(account.key.key.toPublic().write());
  const text = `${"ab".repeat(32)}\n`;
  const swapped = await sealLetter(text, { key, exchange: to, at: now() });
  for (const bytes of [swapped, sealed.subarray(1), Buffer.from("garbage"), Buffer.alloc(0)]) {
    writeFileSync(path, bytes);
    const opened = await ethereumKeyIn(account);
    assert.equal(opened.ok ? "opened" : opened.code, "E710");
  }
  rmSync(path);
  const none = await ethereumKeyIn(account);
  assert.equal(none.ok ? "opened" : none.code, "E709");
  await keepEthereumKey(account.home, account.key, new Uint8Array(32).fill(3));
  const back = await ethereumKeyIn(account);
  assert.ok(back.ok);
  assert.deepEqual(back.value, new Uint8Array(32).fill(3));
});

test("a key file holds 64 hex digits of the curve, with or without 0x", () => {
  const digits = "0A".repeat(32);
  for (const text of [digits, `0x${digits}`, ` ${digits.toLowerCase()}\r\n`]) {
    assert.ok(readEthereumKey(text).ok, text);
  }
  const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  for (const text of ["", digits.slice(1), `${digits}00`, "0".repeat(64), order, "xyz"]) {
    const read = readEthereumKey(text);
    assert.equal(read.ok ? "read" : read.code, "E115");
  }
});
