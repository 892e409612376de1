/**
 * A wallet's home through the years, on a real exchange: a rotation to new words, trade before and
 * after it, the home back from the new words alone, a key that gpg made, the paper that freezes,
 * and a revocation that somebody else posts.
 */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { Fingerprint } from "../codec/names.ts";
import { customerKeyFromSeed } from "../seal/keys.ts";
import { TestExchange } from "../testing/exchange.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { curl } from "../testing/hand.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

/** How long a rotation waits here, milliseconds. */
const delay = 4000;

let exchange: TestExchange;
let gpg: GpgCustomer;
let name: Fingerprint;
/** Of the key in force, as the restored home shows it. */
let certificate: string;
const alice = new WalletCustomer();
/** Alice's home as it was before the rotation, and one made from the new words. */
const earlier = new WalletCustomer(alice.dir, "before");
const restored = new WalletCustomer(alice.dir, "restored");
const bob = new WalletCustomer();
const words = join(alice.dir, "new-words.txt");

before(async () => {
  exchange = await TestExchange.create();
  // Founds it.
  await exchange.addRelays();
  const line = `keys rotation ${delay / 1000}s replacement 90d\n`;
  appendFileSync(join(exchange.dir, "signet.conf"), line);
  await exchange.start();
  gpg = GpgCustomer.create();
  [name] = await Promise.all([alice.setup(exchange.url), bob.setup(exchange.url)]);
  const operator = new WalletCustomer(exchange.dir, "hands");
  await done(alice, "deposit", "10", "BTC");
  await done(bob, "deposit", "100", "GLD");
  await done(operator, "hands", "credit", "1", "10", "BTC", "slip-1", "--send");
  await done(operator, "hands", "credit", "2", "100", "GLD", "slip-2", "--send");
});

after(async () => {
  gpg.remove();
  alice.remove();
  bob.remove();
  await exchange.remove();
});

async function done(who: WalletCustomer, ...command: readonly string[]): Promise<unknown> {
  const ended = await who.json(...command);
  assert.equal(ended.code, 0, `${command.join(" ")}: ${ended.err}`);
  return ended.data;
}

async function buy(who: WalletCustomer, id: string): Promise<void> {
  const bought = await done(who, "buy", "1", "GLD/BTC", "@", "0.04215", "--id", id);
  assert.equal(at(bought, "lines", 0, "status"), "filled");
}

function file(dir: string, name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

test("a rotation to new words: the home has both keys and goes on trading", async () => {
  await done(bob, "sell", "5", "GLD/BTC", "@", "0.04215");
  await buy(alice, "one");
  cpSync(alice.home, earlier.home, { recursive: true });
  const coming = await done(alice, "key", "rotate", "--words-file", words);
  assert.equal(at(coming, "lines", 0, "status"), "coming");
  const key = readdirSync(join(alice.home, "keys")).join().replace(".asc", "");
  const said = JSON.parse(readFileSync(join(alice.home, "keys.json"), "utf8"));
  assert.deepEqual([at(said, "account"), at(said, "coming", "key")], [name, key]);
  await buy(alice, "two");
  const from = Date.parse(String(at(said, "coming", "at")));
  await sleep(Math.max(0, from + 1000 - Date.now()));
  await buy(alice, "three");
  const synced = await done(alice, "statement");
  assert.equal(at(synced, "fills"), 3);
  const now = JSON.parse(readFileSync(join(alice.home, "keys.json"), "utf8"));
  assert.deepEqual([at(now, "account"), at(now, "inForce")], [name, key]);
  const status = await done(alice, "status", "three");
  assert.equal(at(status, "state"), "answered");
});

test("the old key alone is refused, and the new words bring everything back", async () => {
  const late = await earlier.json("buy", "1", "GLD/BTC", "@", "0.04215");
  assert.equal(late.code, 5, late.err);
  await done(restored, "restore", "--words-file", words, "--relay", exchange.url, "--yes");
  assert.equal(at(await done(restored, "statement"), "fills"), 3);
  const mine = await done(restored, "card", "mine");
  assert.equal(at(mine, "fingerprint"), name);
  certificate = String(at(mine, "certificate"));
  await buy(restored, "four");
});

test("a key that gpg made is taken with its secret; a veto ends that", async () => {
  const secret = gpgBytes(gpg.home, ["--armor", "--export-secret-keys", gpg.fingerprint], "");
  const path = file(alice.dir, "gpg-key.asc", secret.toString());
  await done(restored, "key", "rotate", path);
  assert.deepEqual(readdirSync(join(restored.home, "keys")), [`${gpg.fingerprint}.asc`]);
  const vetoed = await done(restored, "key", "veto");
  assert.equal(at(vetoed, "lines", 0, "status"), "vetoed");
});

test("the key in force, and one that is locked, are refused before anything is signed", async () => {
  const same = await restored.json("key", "rotate", "--words-file", words);
  assert.deepEqual([at(same.data, "code"), same.code], ["E133", 3], same.err);
  const seed = new Uint8Array(32).fill(9);
  const { secret } = await customerKeyFromSeed(seed, { userId: "locked", passphrase: "its own" });
  const path = file(alice.dir, "locked.asc", secret);
  const locked = await restored.json("key", "rotate", path);
  assert.deepEqual([at(locked.data, "code"), locked.code], ["E713", 7], locked.err);
  const option = "--key-passphrase-file";
  const wrong = file(alice.dir, "wrong.txt", "another\n");
  const refused = await restored.json("key", "rotate", path, option, wrong);
  assert.equal(at(refused.data, "code"), "E713", refused.err);
  const right = file(alice.dir, "right.txt", "its own\n");
  const opened = await restored.json("key", "rotate", path, option, right, "--dry-run");
  assert.equal(at(opened.data, "state"), "dry-run", opened.err);
  const sent = await restored.json("raw", "send", path);
  assert.match(sent.err, /the key is still only yours/);
});

test("the paper freezes, posted by curl; a revocation, posted by another, ends the key", async () => {
  const paper = await restored.run("key", "freeze", "--print", "--years", "5");
  assert.match(paper.out, /^-----BEGIN PGP MESSAGE-----/);
  curl(["--data-binary", "@-", `${exchange.url}/v1/letters?wait=30`], paper.out);
  const refused = await restored.json("withdraw", "1", "BTC", "to", "bc1q");
  assert.equal(refused.code, 4, refused.err);
  assert.equal(at(listAt(refused.data, "lines")[0], "name"), "account_frozen");
  const balance = await restored.run("balance");
  assert.match(balance.out, /^✕ The account is frozen/, balance.err);
  const revocation = await restored.run("key", "revoke", "--print");
  const paths = [
    file(alice.dir, "revocation.asc", revocation.out),
    file(alice.dir, "mine.asc", certificate),
  ] as const;
  const command = ["key", "revoke", paths[0], "--certificate", paths[1]] as const;
  const unsaid = await bob.json(...command);
  assert.equal(at(unsaid.data, "code"), "E131", unsaid.err);
  assert.match(unsaid.err, /key rotate instead/);
  const revoked = await done(bob, ...command, "--yes");
  assert.equal(at(revoked, "lines", 0, "verb"), "REVOKE");
  const later = await restored.run("balance");
  assert.match(later.out, /^✕ Your key is revoked/, later.err);
  const unsigned = await restored.json("cancel", "--all");
  assert.deepEqual([at(unsigned.data, "code"), unsigned.code], ["E714", 7], unsigned.err);
});

test("the operators begin to replace the lost key, in public", async () => {
  const operator = new WalletCustomer(exchange.dir, "hands");
  const key = gpg.fingerprint;
  const text = `signet-rotate/1 ${exchangeKey()} ${name} ${key}\n`;
  const proof = gpgBytes(gpg.home, ["-u", key, "--detach-sign"], text);
  const paths = [join(alice.dir, "next.pgp"), join(alice.dir, "proof.sig")] as const;
  writeFileSync(paths[0], gpgBytes(gpg.home, ["--export", key], ""));
  writeFileSync(paths[1], proof);
  const wrong = await operator.json("hands", "rekey", name, paths[0], paths[0], "lost");
  assert.equal(wrong.code, 3, wrong.err);
  const begun = await done(operator, "hands", "rekey", name, ...paths, "lost", "--send");
  assert.equal(at(begun, "lines", 0, "verb"), "REKEY");
  const listed = listAt(await done(operator, "hands", "list"), "rekeys");
  assert.deepEqual(
    listed.map((one) => [at(one, "account"), at(one, "key"), at(one, "state")]),
    [[name, key, "begun"]],
  );
});

/** The exchange's fingerprint, as Alice's home pinned it. */
function exchangeKey(): string {
  const pinned: unknown = JSON.parse(readFileSync(join(alice.home, "exchange.json"), "utf8"));
  return String(at(pinned, "exchange"));
}
