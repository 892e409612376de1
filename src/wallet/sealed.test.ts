/** Clients and a rotation: which certificate is asked for when, and what is no relay's lie. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { keyNumber } from "../codec/keynumber.ts";
import { time, type Time } from "../codec/time.ts";
import { printCard } from "../letter/card.ts";
import { verifierKey } from "../log/note.ts";
import { clearSign } from "../seal/card.ts";
import { readRegisteredCertificate } from "../seal/certificate.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readOperatingKeys,
  type MadeKeys,
  type OperatingKeys,
} from "../seal/keys.ts";
import { rotateExchangeKeys } from "../seal/rotate.ts";
import { sealReport } from "../seal/seal.ts";
import { goldCard } from "../testing/gold.ts";
import { rawPublicKey, testKey } from "../testing/publisher.ts";
import type { Account } from "./account.ts";
import { diskHome } from "./diskhome.ts";
import { pinExchange, verifyExchange } from "./exchange.ts";
import { exchangeToSealTo, openSealed } from "./sealed.ts";
import { openMail } from "./sync.ts";

const dayMs = 86_400_000;
const founded = time(Date.now() - 100 * dayMs);
const rotatedAt = time(Date.now() - dayMs);

type Shown = { readonly card: string; readonly certificate: string };

/** What the relay shows, and how often it was asked. */
let shown: Shown = { card: "", certificate: "" };
let asked = 0;
const relay = createServer((_, response) => {
  asked += 1;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(shown));
});
const dir = mkdtempSync(join(tmpdir(), "sealed-"));
let exchange: MadeKeys & { readonly v6: MadeKeys };
let url = "";

before(async () => {
  exchange = await makeExchangeKeys({ at: founded });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  assert.ok(typeof address === "object" && address !== null);
  url = `http://127.0.0.1:${address.port}`;
});

after(() => {
  relay.closeAllConnections();
  relay.close();
  rmSync(dir, { recursive: true, force: true });
});

async function cardBy(made: MadeKeys, secret: string, at: Time): Promise<Shown> {
  const keys = await readOperatingKeys(secret);
  const of = keys.fingerprint;
  const key = testKey(1);
  const card = printCard({
    ...goldCard,
    exchange: of,
    keyNumber: keyNumber(of),
    log: verifierKey(`signet.log/${of}`, rawPublicKey(key)),
    relays: [{ name: "alder", url, key: verifierKey("alder", rawPublicKey(key)) }],
    at,
  });
  return { card: await clearSign(card, keys, at), certificate: made.certificate };
}

/** Keys, certificate and card after a rotation. */
async function rotated(compromised = false): Promise<{ keys: OperatingKeys; shown: Shown }> {
  const made = await rotateExchangeKeys({
    v4: { root: exchange.rootSecret, certificate: exchange.certificate },
    v6: undefined,
    passphrase: "",
    at: rotatedAt,
    grace: 30 * dayMs,
    compromised,
  });
  assert.ok(made.ok);
  const { certificate, operatingSecret } = made.value.v4;
  const after = await cardBy({ ...exchange, certificate }, operatingSecret, rotatedAt);
  return { keys: await readOperatingKeys(operatingSecret), shown: after };
}

/** A wallet that pinned the exchange before any rotation. */
async function wallet(name: string): Promise<Account> {
  const seed = new Uint8Array(32).fill(7);
  const { secret } = await customerKeyFromSeed(seed, { userId: "customer" });
  const key = await readCustomerKey(secret);
  const old = await cardBy(exchange, exchange.operatingSecret, founded);
  const verified = await verifyExchange({ ...old, relays: [] }, undefined, time(Date.now()));
  assert.ok(verified.ok);
  const home = diskHome(join(dir, name));
  pinExchange(home, verified.value);
  shown = old;
  asked = 0;
  return { home, fingerprint: key.fingerprint, key, keys: [key], exchange: verified.value };
}

async function reportBy(keys: OperatingKeys, to: Account): Promise<Uint8Array> {
  const certificate = await readRegisteredCertificate(to.key.key.toPublic().write());
  return sealReport("report\n", { keys, to: certificate, at: time(Date.now()) });
}

test("a report by the new key opens: the relay is asked for its card, once", async () => {
  const alice = await wallet("new");
  const now = await rotated();
  const report = await reportBy(now.keys, alice);
  shown = now.shown;
  assert.deepEqual(await openSealed(alice, report), { ok: true, value: "report\n" });
  assert.deepEqual(await openSealed(alice, report), { ok: true, value: "report\n" });
  assert.equal(asked, 1);
  assert.equal((await exchangeToSealTo(alice)).certificate.key.subkeys.length, 4);
  const old = await readOperatingKeys(exchange.operatingSecret);
  assert.equal((await openSealed(alice, await reportBy(old, alice))).ok, true);
});

test("a report by a stranger stays one, and does not make us ask again and again", async () => {
  const alice = await wallet("stranger");
  const other = await makeExchangeKeys({ at: founded });
  const forged = await reportBy(await readOperatingKeys(other.operatingSecret), alice);
  for (let i = 0; i < 5; i += 1) {
    const opened = await openSealed(alice, forged);
    assert.equal(opened.ok ? "opened" : opened.name, "signer_unknown");
  }
  assert.equal(asked, 1);
});

test("mail by a key that was taken back is passed over, and stops nothing behind it", async () => {
  const alice = await wallet("revoked");
  const now = await rotated(true);
  shown = now.shown;
  assert.equal((await openSealed(alice, await reportBy(now.keys, alice))).ok, true);
  const thief = await readOperatingKeys(exchange.operatingSecret);
  const mail = await reportBy(thief, alice);
  const opened = await openSealed(alice, mail);
  assert.equal(opened.ok ? "opened" : opened.name, "key_revoked");
  assert.deepEqual(await openMail(alice, mail), { ok: true, value: false });
});

test("who asked long ago asks before sealing; who asked lately does not", async () => {
  const alice = await wallet("idle");
  shown = (await rotated()).shown;
  assert.equal((await exchangeToSealTo(alice)).certificate.key.subkeys.length, 2);
  assert.equal(asked, 0);
  const file = join(dir, "idle", "exchange.json");
  const kept = readFileSync(file, "utf8");
  writeFileSync(file, kept.replace(/"looked": \d+/, `"looked": ${Date.now() - 6 * dayMs}`));
  assert.equal((await exchangeToSealTo(alice)).certificate.key.subkeys.length, 4);
  assert.equal(asked, 1);
});
