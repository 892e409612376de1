/**
 * What proves a key's word about itself: proofs and revocations, good ones by gpg and by us, and
 * each way in which they are not.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  SignaturePacket,
  createMessage,
  enums,
  generateKey,
  revokeKey,
  sign,
  type PrivateKey,
} from "openpgp";

import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { readRegisteredCertificate, type Certificate } from "./certificate.ts";
import {
  armorRevocation,
  isRevocation,
  isSecretKey,
  isSignedBy,
  makeRevocation,
  readArmored,
  readNamedCertificate,
  signProof,
} from "./keylife.ts";
import { customerKeyFromSeed, readCustomerKey, type CustomerKey } from "./keys.ts";
import { tags, writePacket } from "./packets.ts";
import { openpgpConfig } from "./policy.ts";

const at = time(Date.now());
const us = fingerprint("12".repeat(20));
const text = `signet-rotate/1 ${us} ${"34".repeat(20)} ${"56".repeat(20)}\n`;

let gpg: GpgCustomer;
let own: CustomerKey;
let other: CustomerKey;
/** The certificates of `own`, `other` and gpg's key. */
let ownCertificate: Certificate;
let otherCertificate: Certificate;
let gpgCertificate: Certificate;

before(async () => {
  gpg = GpgCustomer.create();
  own = await keyOf(1);
  other = await keyOf(2);
  ownCertificate = await readRegisteredCertificate(own.key.toPublic().write());
  otherCertificate = await readRegisteredCertificate(other.key.toPublic().write());
  gpgCertificate = await readRegisteredCertificate(
    gpgBytes(gpg.home, ["--export", gpg.fingerprint], ""),
  );
});

after(() => gpg.remove());

async function keyOf(byte: number): Promise<CustomerKey> {
  const made = await customerKeyFromSeed(new Uint8Array(32).fill(byte), { userId: "customer" });
  return readCustomerKey(made.secret);
}

function proves(proof: Uint8Array, said = text, certificate = ownCertificate): Promise<boolean> {
  return isSignedBy(proof, said, { certificate, at, us });
}

/** Every start of some bytes, and what is too much. */
function cuts(bytes: Uint8Array): readonly Uint8Array[] {
  const starts = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
  return [...starts, Buffer.concat([bytes, bytes]), Buffer.concat([bytes, Buffer.alloc(1)])];
}

test("a proof is the key's own signature over that line, by us as by gpg", async () => {
  assert.ok(await proves(await signProof(text, own, at)));
  const byGpg = gpgBytes(gpg.home, ["-u", gpg.fingerprint, "--detach-sign"], text);
  assert.ok(await proves(byGpg, text, gpgCertificate));
  const armored = gpgBytes(gpg.home, ["-u", gpg.fingerprint, "--armor", "--detach-sign"], text);
  const read = await readArmored(armored);
  assert.ok(read !== undefined && (await proves(read, text, gpgCertificate)));
});

test("a proof by another key, over another line, cut, doubled or by SHA-1 proves nothing", async () => {
  const proof = await signProof(text, own, at);
  assert.equal(await proves(proof, text, otherCertificate), false);
  assert.equal(await proves(await signProof(text, other, at)), false);
  for (const said of [
    "",
    text.trimEnd(),
    `${text}\n`,
    text.replace("/1", "/2"),
    text.toUpperCase(),
  ]) {
    assert.equal(await proves(proof, said), false, JSON.stringify(said));
  }
  for (const part of cuts(proof)) assert.equal(await proves(part), false, `${part.length} bytes`);
  const weak = ["--digest-algo", "SHA1", "--allow-weak-digest-algos", "--detach-sign"];
  const sha1 = gpgBytes(gpg.home, ["-u", gpg.fingerprint, ...weak], text);
  assert.equal(await proves(sha1, text, gpgCertificate), false);
});

test("a proof in text mode, or made tomorrow, proves nothing", async () => {
  const asText = gpgBytes(gpg.home, ["-u", gpg.fingerprint, "--textmode", "--detach-sign"], text);
  assert.equal(await proves(asText, text, gpgCertificate), false);
  const message = await createMessage({ binary: Buffer.from(text) });
  const late = { signingKeys: own.key, date: new Date(at + 86_400_000), config: openpgpConfig };
  const ahead = await sign({ message, ...late, detached: true, format: "binary" });
  assert.equal(await proves(ahead), false);
});

test("a revocation revokes its own key, whatever its reason, and no other", async () => {
  const { compromised, superseded, retired } = {
    compromised: enums.reasonForRevocation.keyCompromised,
    superseded: enums.reasonForRevocation.keySuperseded,
    retired: enums.reasonForRevocation.keyRetired,
  };
  for (const flag of [compromised, superseded, retired]) {
    const revocation = await revocationOf(own.key, flag);
    assert.ok(await isRevocation(revocation, ownCertificate));
    assert.equal(await isRevocation(revocation, otherCertificate), false);
  }
  const made = await makeRevocation(own, at);
  assert.ok(await isRevocation(made, ownCertificate));
  assert.deepEqual(await readArmored(Buffer.from(await armorRevocation(made))), made);
  for (const part of cuts(made)) {
    assert.equal(await isRevocation(part, ownCertificate), false, `${part.length} bytes`);
  }
});

test("gpg's kept revocation is one, with its colon; gpg takes ours", async () => {
  const path = join(gpg.home, "openpgp-revocs.d", `${gpg.fingerprint.toUpperCase()}.rev`);
  const kept = await readArmored(readFileSync(path));
  assert.ok(kept !== undefined && (await isRevocation(kept, gpgCertificate)));
  const certificate = own.key.toPublic().write();
  gpgBytes(gpg.home, ["--import"], certificate);
  gpgBytes(gpg.home, ["--import"], await armorRevocation(await makeRevocation(own, at)));
  const listed = gpgBytes(gpg.home, ["--with-colons", "--list-keys", own.fingerprint], "");
  assert.match(listed.toString(), /^pub:r:/m);
});

test("a revocation of a subkey, a proof and a self-signature are no revocations of the key", async () => {
  const { privateKey } = await generateKey({
    userIDs: [{ name: "customer" }],
    subkeys: [{ sign: true }],
    format: "object",
    config: openpgpConfig,
  });
  const certificate = await readRegisteredCertificate(privateKey.toPublic().write());
  const [subkey] = privateKey.subkeys;
  assert.ok(subkey !== undefined && "keyPacket" in privateKey);
  const revoked = await subkey.revoke(privateKey.keyPacket as never, {}, new Date(), openpgpConfig);
  const [signature] = revoked.revocationSignatures;
  assert.ok(signature instanceof SignaturePacket);
  const packet = writePacket(tags.signature, signature.write());
  assert.equal(await isRevocation(packet, certificate), false);
  assert.equal(await isRevocation(await signProof(text, own, at), ownCertificate), false);
  const [user] = own.key.users;
  const self = user?.selfCertifications[0];
  assert.ok(self !== undefined);
  const selfPacket = writePacket(tags.signature, self.write());
  assert.equal(await isRevocation(selfPacket, ownCertificate), false);
});

test("a named certificate is that key's; a secret key is told from it; other files are none", async () => {
  const binary = own.key.toPublic().write();
  const read = await readNamedCertificate(binary, own.fingerprint, at);
  assert.ok(read.ok);
  const wrong = await readNamedCertificate(binary, other.fingerprint, at);
  assert.equal(wrong.ok ? "taken" : wrong.name, "certificate_of_another");
  const none = await readNamedCertificate(binary.subarray(0, 40), own.fingerprint, at);
  assert.equal(none.ok ? "taken" : none.name, "certificate_malformed");
  assert.equal(isSecretKey(own.key.write()), true);
  assert.equal(
    isSecretKey(gpgBytes(gpg.home, ["--export-secret-keys", gpg.fingerprint], "")),
    true,
  );
  assert.equal(isSecretKey(binary), false);
  assert.equal(isSecretKey(new Uint8Array(0)), false);
  assert.equal(await readArmored(Buffer.from("no armor at all")), undefined);
});

async function revocationOf(
  key: PrivateKey,
  flag: (typeof enums.reasonForRevocation)[keyof typeof enums.reasonForRevocation],
): Promise<Uint8Array> {
  const reasonForRevocation = { flag, string: "" };
  const { publicKey } = await revokeKey({
    key,
    reasonForRevocation,
    format: "object",
    config: openpgpConfig,
  });
  const [made] = publicKey.revocationSignatures;
  assert.ok(made !== undefined);
  return writePacket(tags.signature, made.write());
}
