/** The digest's tables are the reference path's answers at every instant, not only at its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { generateKey, readKey, revokeKey, type PublicKey } from "openpgp";
import { time } from "../../codec/time.ts";
import { runs } from "../../testing/runs.ts";
import { days, now } from "../attacks/forge.ts";
import {
  judgedAt,
  readRegisteredCertificate,
  sealingKey,
  type Certificate,
} from "../certificate.ts";
import { refuseKey } from "../judge.ts";
import { dateOf } from "../policy.ts";
import { digestCertificate, judgedAtOf, stateAt } from "./digest.ts";

const born = new Date(now - 100 * days);
const userIDs = [{ name: "Alice" }];
const seconds = (count: number): number => (count * days) / 1000;

/** Certificates that live, end, and are revoked in part or whole. */
async function certificates(): Promise<readonly Certificate[]> {
  const options = { userIDs, date: born, format: "object" } as const;
  const plain = await generateKey(options);
  const short = await generateKey({
    ...options,
    keyExpirationTime: seconds(50),
    subkeys: [{ sign: true, keyExpirationTime: seconds(20) }, {}],
  });
  const revoked = await generateKey({ ...options, subkeys: [{ sign: true }, {}] });
  const date = new Date(now - 30 * days);
  const soft = await revokeKey({
    key: revoked.privateKey,
    reasonForRevocation: { flag: 1 },
    date,
    format: "object",
  });
  const hard = await revokeKey({ key: plain.privateKey, date, format: "object" });
  const [sub] = revoked.privateKey.subkeys;
  assert.ok(sub !== undefined && revoked.privateKey.isPrivate());
  const keys: readonly PublicKey[] = [
    plain.publicKey,
    short.publicKey,
    soft.publicKey,
    hard.publicKey,
    (await generateKey({ ...options, type: "rsa", rsaBits: 2048 })).publicKey,
    (await generateKey({ ...options, type: "ecc", curve: "nistP256" })).publicKey,
    await readKey({ binaryKey: short.publicKey.write() }),
  ];
  return Promise.all(keys.map((key) => readRegisteredCertificate(key.write())));
}

test("whoever may sign or be sealed to, at any instant, is what the reference says", async () => {
  for (const certificate of await certificates()) {
    const digest = await digestCertificate(certificate);
    const { key } = certificate;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -120_000, max: 60_000 }), async (thousandth) => {
        const when = dateOf(now + thousandth * (days / 1000));
        for (const signer of digest.signers) {
          const part = key.getKeys().find((each) => each.getKeyID().toHex() === signer.keyId);
          assert.ok(part !== undefined);
          const said = stateAt(signer.rows, when.getTime());
          assert.deepEqual(said, await refuseKey(key, part, when));
        }
        const recipient = await sealingKey(certificate, when);
        const found = stateAt(digest.recipients, when.getTime());
        assert.equal(found?.fingerprint, recipient?.getFingerprint());
      }),
      { numRuns: runs(60) },
    );
  }
});

test("the instant of judging is the reference's", async () => {
  for (const certificate of await certificates()) {
    const digest = await digestCertificate(certificate);
    for (const at of [born.getTime() - 700_000, born.getTime() - 500_000, now + 999]) {
      for (const signed of [at - days, at + 300_000, at + 900_000]) {
        const expected = judgedAt(certificate.key, time(at), signed).getTime();
        assert.equal(judgedAtOf(digest, time(at), signed), expected);
      }
    }
  }
});

test("a digest can be posted to a worker", async () => {
  const [certificate] = await certificates();
  assert.ok(certificate !== undefined);
  const digest = await digestCertificate(certificate);
  assert.deepEqual(structuredClone(digest), digest);
});
