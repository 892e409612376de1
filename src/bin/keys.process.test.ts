/**
 * Keys for life by stock gpg, on a real exchange: rotated, vetoed, frozen by paper, thawed by a new
 * key, renewed by a subkey, revoked by somebody else's letter, replaced by the operators.
 */
import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { TestExchange } from "../testing/exchange.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { curl, HandCustomer, record } from "../testing/hand.ts";

/** How long a rotation waits here, milliseconds. */
const delay = 4000;

let exchange: TestExchange;
let alice: HandCustomer;
let bob: HandCustomer;
/** Alice's keys, in her one keyring. */
let first: string;
let second: string;
let third: string;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  await exchange.stop();
  appendFileSync(join(exchange.dir, "signet.conf"), "keys rotation 4s replacement 90d\n");
  await exchange.start();
  alice = HandCustomer.create(exchange.url);
  bob = HandCustomer.create(exchange.url);
  first = alice.gpg.fingerprint;
  second = another("second");
  third = another("third");
  alice.register();
  bob.register();
});

after(async () => {
  alice.remove();
  bob.remove();
  await exchange.remove();
});

/** One more key in Alice's keyring. */
function another(name: string): string {
  const words = ["--status-fd", "1", "--quick-generate-key", name, "future-default", "default"];
  const made = gpgBytes(alice.gpg.home, [...words, "never"], "").toString();
  return (/KEY_CREATED \S+ ([0-9A-F]{40})/.exec(made)?.[1] ?? "").toLowerCase();
}

function certificateOf(key: string): string {
  return gpgBytes(alice.gpg.home, ["--export", key], "").toString("base64");
}

function rotateLine(key: string): string {
  const text = `signet-rotate/1 ${alice.exchange} ${first} ${key}\n`;
  const words = ["-u", key, "--detach-sign"];
  const proof = gpgBytes(alice.gpg.home, words, text).toString("base64");
  return `ROTATE|${key}|${certificateOf(key)}|${proof}`;
}

/** Alice writes, with one of her keys, and reads with whichever fits. */
function sayBy(key: string, ...commands: readonly string[]): string {
  const by = new GpgCustomer(alice.gpg.home, key);
  return alice.open(alice.post(by.seal(alice.letter(commands), alice.exchange, ["-a"])));
}

/** The revocation certificate that gpg made beside the key. */
function revocationOf(key: string): string {
  const path = join(alice.gpg.home, "openpgp-revocs.d", `${key.toUpperCase()}.rev`);
  const armored = readFileSync(path, "utf8").replace(":-----BEGIN", "-----BEGIN");
  return gpgBytes(alice.gpg.home, ["--dearmor"], armored).toString("base64");
}

test("a rotation: both keys sign, a veto ends it, and the island may die in between", () => {
  const coming = sayBy(first, rotateLine(second));
  assert.deepEqual(record(coming, "KEY").slice(1, 4), ["1", "coming", second]);
  assert.match(sayBy(second, "NOOP"), /^DONE\|1\|NOOP$/m);
  assert.equal(record(sayBy(first, "VETO"), "KEY")[2], "vetoed");
  exchange.killIsland();
  assert.match(sayBy(first, "NOOP"), /^DONE\|1\|NOOP$/m);
});

test("what is no proof, and another's certificate, are refused by name", () => {
  const line = rotateLine(second);
  const wrong = line.replace(/\|[^|]*$/, `|${rotateLine(third).split("|")[3] ?? ""}`);
  assert.equal(record(sayBy(first, wrong), "REJECT")[3], "proof_wrong");
  const other = `ROTATE|${second}|${certificateOf(third)}|-`;
  assert.equal(record(sayBy(first, other), "REJECT")[3], "proof_missing");
  const renewal = `ROTATE|${first}|${certificateOf(third)}|-`;
  assert.equal(record(sayBy(first, renewal), "REJECT")[3], "certificate_of_another");
});

test("paper freezes the account; a new key thaws it, and is the only one from then on", async () => {
  const paper = `signet/1 ${alice.exchange}\nby 2099-01-01T00:00:00Z\nFREEZE\n`;
  const sealed = alice.seal(paper);
  assert.deepEqual(record(alice.open(alice.post(sealed)), "FROZEN").slice(1, 3), ["1", "letter"]);
  const refused = sayBy(first, "WITHDRAW|BTC|1|bc1q");
  assert.equal(record(refused, "REJECT")[3], "account_frozen");
  assert.equal(record(sayBy(first, rotateLine(second)), "KEY")[2], "coming");
  await sleep(delay + 3000);
  const stat = sayBy(second, "STAT");
  assert.deepEqual(record(stat, "KEY").slice(1, 4), ["0", "in_force", second]);
  assert.doesNotMatch(stat, /^FROZEN/m);
  // The old key opens nothing any more, and its paper, sealed anew, is nobody's letter.
  const late = new GpgCustomer(alice.gpg.home, first).seal(paper, alice.exchange, ["-a"]);
  const answer = curl(["--data-binary", "@-", `${alice.relay}/v1/letters?wait=5`], late);
  assert.doesNotMatch(answer, /BEGIN PGP/);
  assert.equal(record(sayBy(second, "WITHDRAW|BTC|1|bc1q"), "REJECT")[3], "funds_short");
});

test("a renewal with one more subkey: another device signs at once, also after a start", () => {
  gpgBytes(alice.gpg.home, ["--quick-add-key", second, "ed25519", "sign", "never"], "");
  const renewed = sayBy(`${second}!`, `ROTATE|${second}|${certificateOf(second)}|-`);
  assert.equal(record(renewed, "KEY")[2], "renewed");
  // gpg signs with the newest subkey unless told otherwise.
  assert.match(sayBy(second, "NOOP"), /^DONE\|1\|NOOP$/m);
  exchange.killIsland();
  assert.match(sayBy(second, "NOOP"), /^DONE\|1\|NOOP$/m);
});

test("Bob's letter brings Alice's revocation: a rotation that waits ends, and so does the key", () => {
  sayBy(second, rotateLine(third));
  const bad = bob.say([`REVOKE|${second}|${revocationOf(third)}`]);
  assert.equal(record(bad, "REJECT")[3], "revocation_wrong");
  const done = bob.say([`REVOKE|${second}|${revocationOf(second)}`]);
  assert.match(done, /^DONE\|1\|REVOKE$/m);
  for (const key of [second, third]) {
    const by = new GpgCustomer(alice.gpg.home, key);
    const letter = by.seal(alice.letter(["STAT"]), alice.exchange, ["-a"]);
    const answer = curl(["--data-binary", "@-", `${alice.relay}/v1/letters?wait=3`], letter);
    assert.doesNotMatch(answer, /BEGIN PGP/);
  }
});
