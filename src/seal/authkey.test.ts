/**
 * The inner message: what was sealed comes back to each miner and to nobody else, and hostile
 * bytes are nothing.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, test } from "node:test";

import * as fc from "fast-check";
import { createMessage, encrypt } from "openpgp";

import { parseTime } from "../codec/time.ts";
import { runs } from "../testing/runs.ts";
import { authMessageMax, makeMinerKeys, openAuthKey, readMinerSecret } from "./authkey.ts";
import { sealAuthKey, type MinerSecret } from "./authkey.ts";
import { readCertificate, type Certificate } from "./certificate.ts";
import { openpgpConfig } from "./policy.ts";

const at = parseTime("2026-11-21T12:00:00Z") ?? assert.fail();

type Miner = { readonly secret: MinerSecret; readonly certificate: Certificate };
const miners: Miner[] = [];

before(async () => {
  for (let i = 0; i < 4; i += 1) {
    const made = await makeMinerKeys({ at });
    const read = await readCertificate(made.certificate, at);
    assert.ok(read.ok, "the certificate is one that the exchange would take");
    miners.push({ secret: await readMinerSecret(made.secret), certificate: read.value });
  }
});

function miner(i: number): Miner {
  return miners[i] ?? assert.fail();
}

async function sealText(text: string | Uint8Array): Promise<Uint8Array> {
  const binary = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const message = await createMessage({ binary, date: new Date(at) });
  const encryptionKeys = miner(0).certificate.key;
  const date = new Date(at);
  return encrypt({ message, encryptionKeys, date, format: "binary", config: openpgpConfig });
}

test("what is sealed to some miners opens for each of them and for no other", async () => {
  for (const count of [1, 2, 4]) {
    const key = new Uint8Array(randomBytes(32));
    const sealed = await sealAuthKey(
      key,
      miners.slice(0, count).map(({ certificate }) => certificate),
    );
    assert.ok(sealed.length <= authMessageMax);
    for (const [i, { secret }] of miners.entries()) {
      assert.deepEqual(await openAuthKey(sealed, secret), i < count ? key : undefined);
    }
  }
});

test("only 64 lower-case hex digits, with or without one LF, are a key", async () => {
  const digits = "0a".repeat(32);
  const key = new Uint8Array(32).fill(10);
  assert.deepEqual(await openAuthKey(await sealText(digits), miner(0).secret), key);
  assert.deepEqual(await openAuthKey(await sealText(`${digits}\n`), miner(0).secret), key);
  const others = [
    "",
    "\n",
    `0x${digits}`,
    digits.toUpperCase(),
    `${digits}\n\n`,
    `${digits}\r\n`,
    digits.slice(1),
    `${digits}0`,
    `${digits.slice(1)}g`,
    ` ${digits.slice(1)}`,
    "a".repeat(2000),
    new Uint8Array(64),
  ];
  for (const text of others) {
    assert.equal(await openAuthKey(await sealText(text), miner(0).secret), undefined);
  }
});

test("bytes of any kind, and a message changed anywhere, are no key", async () => {
  const sealed = await sealAuthKey(new Uint8Array(randomBytes(32)), [miner(0).certificate]);
  const { secret } = miner(0);
  const bytes = fc.uint8Array({ maxLength: 4000 });
  await fc.assert(
    fc.asyncProperty(bytes, async (message) => {
      assert.equal(await openAuthKey(message, secret), undefined);
    }),
    { numRuns: runs(100) },
  );
  const place = fc.record({ i: fc.nat(sealed.length - 1), bit: fc.nat(7) });
  await fc.assert(
    fc.asyncProperty(place, async ({ i, bit }) => {
      const changed = sealed.map((byte, j) => (i === j ? byte ^ (1 << bit) : byte));
      const opened = await openAuthKey(changed, secret);
      const original = await openAuthKey(sealed, secret);
      // The header's spare forms aside (an id of the recipient in clear), nothing may change.
      if (opened !== undefined) assert.deepEqual(opened, original);
    }),
    { numRuns: runs(100) },
  );
  assert.equal(await openAuthKey(new Uint8Array(authMessageMax + 1), secret), undefined);
});

test("the miner's secret file is read whole or not at all", async () => {
  await assert.rejects(readMinerSecret("nonsense"), /couldn't read the miner's secret key/);
});
