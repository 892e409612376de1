/** Letters and reports between our own two ends, and the keys of both. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toHex } from "../codec/bytes.ts";
import { fingerprint } from "../codec/names.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { time } from "../codec/time.ts";
import {
  content,
  customerOf,
  days,
  hex,
  literal,
  minutes,
  newCustomer,
  newExchange,
  now,
  open,
  sealFor,
  text,
} from "./attacks/forge.ts";
import { readCertificate, readRegisteredCertificate } from "./certificate.ts";
import { openReport, sealLetter } from "./customer.ts";
import { badSignatures, signatureRefusals } from "./judge.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readExchangeCertificate,
  readOperatingKeys,
} from "./keys.ts";
import { sealReport } from "./seal.ts";
import { unsealRefusals } from "./unseal.ts";

test("a letter opens, byte for byte, and its report goes back", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const { key } = alice;
  for (const said of [text, "", "\u0000\u00ff\r\n\n", "x".repeat(65_536)]) {
    const sealed = await sealLetter(said, { key, exchange: exchange.certificate, at: now });
    const opened = await open(sealed, exchange, { registered: [alice] });
    assert.ok(opened.kind === "opened");
    assert.equal(opened.text, said);
    assert.equal(opened.signer, key.fingerprint);
    const { keys, certificate: pinned } = exchange;
    const report = await sealReport(said, { keys, to: alice.certificate, at: now });
    assert.deepEqual(await openReport(report, { key, exchange: pinned, at: now }), {
      ok: true,
      value: said,
    });
  }
});

test("a report of two megabytes opens; a letter of that size does not", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const said = `${"x".repeat(99)}\n`.repeat(20_000);
  const { keys, certificate: pinned } = exchange;
  const report = await sealReport(said, { keys, to: alice.certificate, at: now });
  const options = { key: alice.key, exchange: pinned, at: now };
  assert.deepEqual(await openReport(report, options), { ok: true, value: said });
  const letter = await sealLetter(said, options);
  const opened = await open(letter, exchange, { registered: [alice] });
  assert.ok(opened.kind === "unopenable");
  assert.match(opened.why, /^sealed_too_large/);
});

test("no key id of the customer is in a report, and no two are alike", async () => {
  const [exchange, alice] = [await newExchange(), await newCustomer("Alice", 1)];
  const seal = () => sealReport(text, { keys: exchange.keys, to: alice.certificate, at: now });
  const [one, two] = [toHex(await seal()), toHex(await seal())];
  assert.equal(one.includes("0000000000000000"), true);
  for (const part of alice.certificate.key.getKeys()) {
    assert.equal(one.includes(part.getKeyID().toHex()), false);
  }
  assert.notEqual(one, two);
});

test("a report is refused by name unless the pinned exchange signed it for this customer", async () => {
  const [exchange, other] = [await newExchange(), await newExchange()];
  const [alice, bob] = [await newCustomer("Alice", 1), await newCustomer("Bob", 2)];
  const { keys, certificate: pinned } = exchange;
  const toAlice = { keys, to: alice.certificate, at: now };
  const key = alice.key;
  const good = await sealReport(text, toAlice);
  const name = async (sealed: Uint8Array, at = now): Promise<string> => {
    const read = await openReport(sealed, { key, exchange: pinned, at });
    return read.ok ? "opened" : read.name;
  };
  const aliceKey = [alice.certificate.key];
  const early = time(now - 60 * minutes);
  const ofBob = { ...bob.certificate, key: alice.certificate.key };
  const cases: readonly (readonly [string, Promise<string>])[] = [
    ["opened", name(good)],
    ["opened", name(good, time(now + 3000 * days))],
    ["sealed_too_large", name(new Uint8Array(10_000_000))],
    ["sealed_malformed", name(good.subarray(1))],
    ["sealed_to_another", name(await sealReport(text, { ...toAlice, to: bob.certificate }))],
    ["sealed_damaged", name(good.map((byte, i) => (i === good.length - 1 ? byte ^ 1 : byte)))],
    ["content_malformed", name(await sealFor(new Uint8Array([1]), aliceKey))],
    ["content_unsigned", name(await sealFor(literal(text), aliceKey))],
    ["signer_unknown", name(await sealReport(text, { ...toAlice, keys: other.keys }))],
    ["signer_unknown", name(await sealFor(content({ by: alice.key }), aliceKey))],
    ["signature_from_future", name(good, early)],
    // What was signed for Bob and sealed on to Alice.
    ["signature_for_another", name(await sealReport(text, { ...toAlice, to: ofBob }))],
  ];
  for (const [expected, outcome] of cases) assert.equal(await outcome, expected);
  const known = [...unsealRefusals, ...badSignatures, ...signatureRefusals, "opened"];
  for (const [expected] of cases) assert.ok(known.some((one) => one === expected));
});

test("an exchange's certificate is the pinned one, or refused", async () => {
  const { certificate, fingerprint: made, rootSecret } = await makeExchangeKeys({ at: now });
  assert.ok((await readExchangeCertificate(certificate, made, now)).ok);
  const other = fingerprint("00".repeat(20));
  const wrong = await readExchangeCertificate(certificate, other, now);
  assert.ok(!wrong.ok);
  assert.equal(wrong.name, "certificate_not_pinned");
  const secret = await readExchangeCertificate(rootSecret, made, now);
  assert.ok(!secret.ok);
  assert.equal(secret.name, "certificate_malformed");
});

test("the island's keys hold no root secret", async () => {
  const made = await makeExchangeKeys({ at: now, passphrase: "correct horse" });
  const { key } = await readOperatingKeys(made.operatingSecret);
  assert.ok("isDummy" in key.keyPacket && key.keyPacket.isDummy());
  await assert.rejects(readOperatingKeys(made.rootSecret), /couldn't/);
  const open = await makeExchangeKeys({ at: now });
  await assert.rejects(readOperatingKeys(open.rootSecret), /secret is among them/);
  await assert.rejects(readOperatingKeys(made.certificate), /couldn't/);
  await assert.rejects(readCustomerKey(made.rootSecret, "wrong"), /couldn't/);
  const root = await readCustomerKey(made.rootSecret, "correct horse");
  assert.equal(root.fingerprint, made.fingerprint);
});

test("a fresh key made by a clock that runs ahead is taken, up to ten minutes", async () => {
  for (const [ahead, taken] of [
    [9, true],
    [11, false],
  ] as const) {
    const exchange = await newExchange(time(now + ahead * minutes));
    const { binary } = exchange.certificate;
    assert.equal((await readCertificate(binary, now)).ok, taken);
  }
});

type Vectors = {
  readonly keyNumbers: readonly { readonly fingerprint: string; readonly keyNumber: string }[];
  readonly customers: readonly {
    readonly seed: string;
    readonly userId: string;
    readonly fingerprint: string;
    readonly certificate: string;
  }[];
};

test("the same seed gives the same certificate for ever: vectors/seal.json", async () => {
  const file = new URL("../../vectors/seal.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;
  for (const { seed, userId, ...expected } of vectors.customers) {
    const made = await customerKeyFromSeed(hex(seed), { userId });
    assert.equal(made.fingerprint, expected.fingerprint);
    assert.equal(Buffer.from(made.certificate).toString("base64"), expected.certificate);
    const locked = await customerKeyFromSeed(hex(seed), { userId, passphrase: "pass phrase" });
    assert.equal(locked.fingerprint, expected.fingerprint);
    await assert.rejects(readCustomerKey(locked.secret, "another"), /couldn't/);
    const { key } = await readCustomerKey(locked.secret, "pass phrase");
    const alice = await customerOf(key);
    assert.equal(alice.certificate.fingerprint, expected.fingerprint);
    assert.equal((await readRegisteredCertificate(made.certificate)).keyIds.length, 1);
  }
  for (const { fingerprint: of, keyNumber: expected } of vectors.keyNumbers) {
    assert.equal(keyNumber(fingerprint(of)), expected);
  }
});
