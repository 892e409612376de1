/**
 * Stock gpg at both ends of the inner message: `gpg -e` makes one that the miner opens, gpg opens
 * ours with the miner's own key, and makes a miner's key that we seal to.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { toHex } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { makeMinerKeys, openAuthKey, readMinerSecret, sealAuthKey } from "./authkey.ts";
import { readCertificate } from "./certificate.ts";

const made = time(Date.now() - 60_000);
let gpg: GpgCustomer;

before(() => {
  gpg = GpgCustomer.create("ed25519");
});
after(() => gpg.remove());

test("gpg -e to the miner's certificate, with any of its options, is an inner message", async () => {
  const miner = await makeMinerKeys({ at: made });
  const secret = await readMinerSecret(miner.secret);
  const read = await readCertificate(miner.certificate, time(Date.now()));
  assert.ok(read.ok);
  gpgBytes(gpg.home, ["--import"], miner.certificate);
  const recipient = ["-r", read.value.fingerprint, "--trust-model", "always"];
  const forms = [[], ["-z", "0"], ["--compress-algo", "zlib"], ["--throw-keyids"]];
  for (const form of forms) {
    for (const end of ["", "\n"]) {
      const key = new Uint8Array(randomBytes(32));
      const text = `${toHex(key)}${end}`;
      const sealed = gpgBytes(gpg.home, [...recipient, ...form, "-e"], text);
      const opened = await openAuthKey(new Uint8Array(sealed), secret);
      assert.deepEqual(opened, key, `${form.join(" ")} ${JSON.stringify(end)}`);
    }
  }
  const asText = gpgBytes(gpg.home, [...recipient, "--textmode", "-e"], "0a".repeat(32));
  assert.ok(await openAuthKey(new Uint8Array(asText), secret), "as text, without a line end");
  const signed = gpg.seal(toHex(new Uint8Array(32)), read.value.fingerprint);
  assert.equal(await openAuthKey(new Uint8Array(signed), secret), undefined, "signed is another");
});

test("gpg imports the miner's secret key and opens what we sealed", async () => {
  const miner = await makeMinerKeys({ at: made });
  const read = await readCertificate(miner.certificate, time(Date.now()));
  assert.ok(read.ok);
  gpgBytes(gpg.home, ["--import"], miner.secret);
  const key = new Uint8Array(randomBytes(32));
  const sealed = await sealAuthKey(key, [read.value]);
  assert.equal(gpg.open(sealed).text, toHex(key));
});

test("a miner may use a key that gpg made", async () => {
  for (const algorithm of ["ed25519", "rsa2048"] as const) {
    const own = GpgCustomer.create(algorithm);
    const certificate = new Uint8Array(Buffer.from(own.certificate(), "base64"));
    const read = await readCertificate(certificate, time(Date.now()));
    assert.ok(read.ok);
    const key = new Uint8Array(randomBytes(32));
    const sealed = await sealAuthKey(key, [read.value]);
    assert.equal(own.open(sealed).text, toHex(key));
    const exported = gpgBytes(own.home, ["--armor", "--export-secret-keys"], "").toString();
    assert.deepEqual(await openAuthKey(sealed, await readMinerSecret(exported)), key);
    own.remove();
  }
});
