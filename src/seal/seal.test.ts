/**
 * Letters and reports between our own two ends: opened, refused by name, or unopenable; never
 * thrown.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { time } from "../codec/time.ts";
import { readRegisteredCertificate } from "./certificate.ts";
import { openReport, sealLetter } from "./customer.ts";
import {
  customerKeyFromSeed,
  keyNumber,
  makeExchangeKeys,
  readCustomerKey,
  readExchangeCertificate,
  readOperatingKeys,
} from "./keys.ts";
import { openLetter } from "./open.ts";
import { sealReport } from "./seal.ts";

const at = time(Date.UTC(2026, 10, 21, 12));

async function exchange() {
  const made = await makeExchangeKeys({ at });
  const read = await readExchangeCertificate(made.certificate, made.fingerprint, at);
  assert.ok(read.ok);
  return { made, keys: await readOperatingKeys(made.operatingSecret), certificate: read.value };
}

async function alice() {
  const made = await customerKeyFromSeed(new Uint8Array(32).fill(7), { userId: "Alice" });
  return {
    made,
    key: await readCustomerKey(made.secret),
    certificate: await readRegisteredCertificate(made.certificate),
  };
}

test("a letter of a registered customer opens, and its report goes back", async () => {
  const { keys, certificate: pinned } = await exchange();
  const { key, certificate } = await alice();
  const text = "signet/1 test\n\xff\n";
  const sealed = await sealLetter(text, { key, exchange: pinned, at });
  const opened = await openLetter(sealed, {
    keys,
    at,
    certificateOf: (id) => (certificate.keyIds.includes(id) ? certificate : undefined),
    registrationIn: () => undefined,
  });
  assert.equal(opened.kind, "opened");
  assert.ok(opened.kind === "opened");
  assert.equal(opened.text, text);
  assert.equal(opened.signer, key.fingerprint);

  const report = await sealReport("report\n", { keys, to: certificate, at });
  const back = await openReport(report, { key, exchange: pinned, at });
  assert.deepEqual(back, { ok: true, value: "report\n" });
});

test("the same seed gives the same certificate, byte for byte", async () => {
  const [one, two] = [await alice(), await alice()];
  assert.deepEqual(one.made, two.made);
  assert.match(keyNumber(one.made.fingerprint), /^(\d{5} ){5}\d{5}$/);
});
