/** Rotation of the operating keys: what the root key signs, and what of the old goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createMessage,
  decrypt,
  encrypt,
  enums,
  readKey,
  readMessage,
  type PublicKey,
} from "openpgp";
import { time, type Time } from "../codec/time.ts";
import { days, newCustomer, text, type Customer } from "./attacks/forge.ts";
import { certifyOperating, operatingUnder, readRoot } from "./ceremony.ts";
import { readCertificate, readRegisteredCertificate, type Certificate } from "./certificate.ts";
import { openReport, sealLetter } from "./customer.ts";
import { makeExchangeKeys, readOperatingKeys, type MadeKeys, type OperatingKeys } from "./keys.ts";
import { openLetter } from "./open.ts";
import { openpgpConfig } from "./policy.ts";
import { readSecondCertificate, rotateExchangeKeys, rotationRefusals } from "./rotate.ts";
import { sealReport } from "./seal.ts";

const founded = time(Date.UTC(2026, 0, 1));
const after = (count: number): Time => time(founded + count * days);
const passphrase = "correct horse";
const grace = 30 * days;

type Exchange = MadeKeys & { readonly v6: MadeKeys };

async function under(certificate: string, secrets: readonly string[], at: Time): Promise<string> {
  const made = await operatingUnder(certificate, secrets, at);
  assert.ok(made !== undefined);
  return made.secret;
}

/** An exchange after a rotation, as root and island have it. */
async function rotated(
  before: Exchange,
  at: Time,
  how: { readonly compromised?: boolean; readonly grace?: number } = {},
): Promise<Exchange> {
  const v4 = { root: before.rootSecret, certificate: before.certificate };
  const v6 = { root: before.v6.rootSecret, certificate: before.v6.certificate };
  const made = await rotateExchangeKeys({
    v4,
    v6,
    passphrase,
    at,
    grace: how.grace ?? grace,
    compromised: how.compromised ?? false,
  });
  assert.ok(made.ok);
  const after = async (
    old: MadeKeys,
    made: { readonly certificate: string; readonly operatingSecret: string },
  ): Promise<MadeKeys> => ({
    ...old,
    certificate: made.certificate,
    operatingSecret: await under(made.certificate, [made.operatingSecret, old.operatingSecret], at),
  });
  return { ...(await after(before, made.value.v4)), v6: await after(before.v6, made.value.v6) };
}

const keysOf = (exchange: Exchange): Promise<OperatingKeys> =>
  readOperatingKeys(exchange.operatingSecret, exchange.v6.operatingSecret);

async function certificateOf(exchange: Exchange, at: Time): Promise<Certificate> {
  const read = await readCertificate(exchange.certificate, at);
  assert.ok(read.ok, "the certificate is one that clients take");
  return read.value;
}

/** How a letter of Alice's, sealed by one certificate, fares with an island's keys. */
async function sent(
  alice: Customer,
  by: { readonly certificate: Certificate; readonly keys: OperatingKeys; readonly at: Time },
): Promise<string> {
  const { certificate, keys, at } = by;
  const sealed = await sealLetter(text, { key: alice.key, exchange: certificate, at });
  const certificateOf = (keyId: string): Certificate | undefined =>
    alice.certificate.keyIds.includes(keyId) ? alice.certificate : undefined;
  const how = { keys, at, certificateOf, registrationIn: () => undefined };
  return (await openLetter(sealed, how)).kind;
}

test("after a rotation letters to either subkey open, and the newest one signs", async () => {
  const alice = await newCustomer("Alice", 1);
  const old = await makeExchangeKeys({ at: founded, passphrase });
  const now = await rotated(old, after(100));
  const [oldKeys, keys] = [await keysOf(old), await keysOf(now)];
  const oldCertificate = await certificateOf(old, after(99));
  const certificate = await certificateOf(now, after(100));
  assert.equal(certificate.fingerprint, old.fingerprint);
  const at = after(100);
  assert.equal(await sent(alice, { certificate: oldCertificate, keys, at }), "opened");
  assert.equal(await sent(alice, { certificate, keys, at }), "opened");
  assert.equal(await sent(alice, { certificate, keys: oldKeys, at }), "unopenable");
  assert.notEqual(keys.signer.fingerprint, oldKeys.signer.fingerprint);
  const report = async (by: OperatingKeys): Promise<Uint8Array> =>
    sealReport(text, { keys: by, to: alice.certificate, at });
  const read = async (sealed: Uint8Array, exchange: Certificate): Promise<string> => {
    const opened = await openReport(sealed, { key: alice.key, exchange, at });
    return opened.ok ? "good" : opened.name;
  };
  assert.equal(await read(await report(oldKeys), certificate), "good");
  assert.equal(await read(await report(keys), certificate), "good");
  assert.equal(await read(await report(keys), oldCertificate), "signer_unknown");
  // The secret of the old signing subkey is gone, and one encryption subkey waits for its end.
  assert.equal(keys.key.subkeys.length, 3);
});

test("after the time of grace the old secret is dropped", async () => {
  const alice = await newCustomer("Alice", 1);
  const old = await makeExchangeKeys({ at: founded, passphrase });
  const now = await rotated(old, after(100));
  const at = async (day: number): Promise<OperatingKeys> =>
    readOperatingKeys(await under(now.certificate, [now.operatingSecret], after(day)));
  const late = await at(131);
  assert.equal((await at(129)).key.subkeys.length, 3);
  assert.equal(late.key.subkeys.length, 2);
  const certificate = await certificateOf(old, after(99));
  assert.equal(await sent(alice, { certificate, keys: late, at: after(131) }), "unopenable");
  const next = await rotated(now, after(200));
  const kept = await readKey({ armoredKey: next.certificate, config: openpgpConfig });
  assert.equal(
    await operatingUnder(next.certificate, [now.operatingSecret], after(200)),
    undefined,
  );
  // Three that sign or signed, two that open: the first has ended and is forgotten.
  assert.equal(kept.subkeys.length, 5);
});

test("keys in the wrong hands: nothing of theirs is believed, letters on the way still open", async () => {
  const alice = await newCustomer("Alice", 1);
  const old = await makeExchangeKeys({ at: founded, passphrase });
  const at = after(100);
  const now = await rotated(old, at, { compromised: true });
  const [thief, keys] = [await keysOf(old), await keysOf(now)];
  const certificate = await certificateOf(now, at);
  const forged = await sealReport(text, { keys: thief, to: alice.certificate, at: after(99) });
  const opened = await openReport(forged, { key: alice.key, exchange: certificate, at });
  assert.ok(!opened.ok);
  assert.equal(opened.name, "key_revoked");
  const before = await certificateOf(old, after(99));
  assert.equal(await sent(alice, { certificate: before, keys, at }), "opened");
  const [, , sealing] = certificate.key.subkeys;
  const chosen = await certificate.key.getEncryptionKey(undefined, new Date(at), undefined);
  assert.notEqual(chosen.getKeyID().toHex(), sealing?.getKeyID().toHex());
});

test("twenty rotations leave a certificate that clients take, and old reports good", async () => {
  const alice = await newCustomer("Alice", 1);
  let exchange: Exchange = await makeExchangeKeys({ at: founded, passphrase });
  let report: Uint8Array | undefined;
  for (let count = 1; count <= 20; count += 1) {
    exchange = await rotated(exchange, after(100 * count));
    if (count !== 10) continue;
    const keys = await keysOf(exchange);
    report = await sealReport(text, { keys, to: alice.certificate, at: after(1000) });
  }
  const certificate = await certificateOf(exchange, after(2000));
  assert.equal(certificate.key.subkeys.length, 16);
  assert.ok(report !== undefined);
  const options = { key: alice.key, exchange: certificate, at: after(2000) };
  assert.equal((await openReport(report, options)).ok, true);
});

test("the second certificate is of version 6, seals with AEAD, and opens for the island", async () => {
  const made = await makeExchangeKeys({ at: founded, passphrase });
  for (const [exchange, at] of [
    [made, founded],
    [await rotated(made, after(100)), after(100)],
  ] as const) {
    const first = await certificateOf(exchange, at);
    const second = await readSecondCertificate(exchange.v6.certificate, first, at);
    assert.ok(second.ok);
    const { key, fingerprint } = second.value;
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    const { v6 } = await keysOf(exchange);
    assert.equal(v6?.fingerprint, fingerprint);
    const sealed = await sealTo(key, at);
    const packets = (await readMessage({ binaryMessage: sealed })).packets;
    const versions = [...packets].map((packet) =>
      "version" in packet ? packet.version : undefined,
    );
    assert.deepEqual(versions, [6, 2]);
    const message = await readMessage({ binaryMessage: sealed });
    const decryptionKeys = v6.key;
    const plain = await decrypt({ message, decryptionKeys, date: new Date(at) });
    assert.equal(plain.data, "text");
    const self = await key.getPrimaryUser(new Date(at));
    assert.ok(self.user.userID?.userID.startsWith("Signet"));
    const signing = await key.getSigningKey(undefined, new Date(at));
    assert.notEqual(signing.getFingerprint(), fingerprint, "the primary key certifies only");
    assert.equal(signing.getAlgorithmInfo().algorithm, "ed25519");
  }
});

async function sealTo(key: PublicKey, at: Time): Promise<Uint8Array> {
  const message = await createMessage({ text: "text" });
  const config = { aeadProtect: true };
  const date = new Date(at);
  return encrypt({ message, encryptionKeys: key, format: "binary", date, config });
}

test("a second certificate that is not named, or names another, is refused by name", async () => {
  const [ours, other] = [
    await makeExchangeKeys({ at: founded }),
    await makeExchangeKeys({ at: founded }),
  ];
  const first = await certificateOf(ours, founded);
  const name = async (given: string, by = first): Promise<string> => {
    const read = await readSecondCertificate(given, by, founded);
    return read.ok ? "taken" : read.name;
  };
  assert.equal(await name(ours.v6.certificate), "taken");
  assert.equal(await name("nothing"), "second_malformed");
  assert.equal(await name(ours.certificate), "second_malformed");
  assert.equal(await name(other.v6.certificate), "second_not_named");
  // A root that names somebody else's certificate, which does not name it back.
  const root = await readRoot(ours.rootSecret, "");
  const how = { at: founded, other: other.v6.fingerprint, grace: 0, compromised: false };
  const claims = await certifyOperating(root, how);
  const claiming = await readCertificate(claims.certificate, founded);
  assert.ok(claiming.ok);
  assert.equal(await name(other.v6.certificate, claiming.value), "second_names_another");
});

test("an exchange of one certificate gets its second at a rotation", async () => {
  const made = await makeExchangeKeys({ at: founded });
  const v4 = { root: made.rootSecret, certificate: made.certificate };
  const at = after(100);
  const how = { passphrase: "", at, grace, compromised: false };
  const rotation = await rotateExchangeKeys({ v4, v6: undefined, ...how });
  assert.ok(rotation.ok);
  const { certificate, rootSecret } = rotation.value.v6;
  assert.ok(rootSecret !== undefined);
  const first = await readCertificate(rotation.value.v4.certificate, at);
  assert.ok(first.ok);
  assert.ok((await readSecondCertificate(certificate, first.value, at)).ok);
  const again = await rotateExchangeKeys({
    v4: { root: made.rootSecret, certificate: rotation.value.v4.certificate },
    v6: { root: rootSecret, certificate },
    ...how,
    at: after(200),
  });
  assert.ok(again.ok);
});

test("no rotation with another root, a wrong passphrase or a clock gone back", async () => {
  const made = await makeExchangeKeys({ at: founded, passphrase });
  const other = await makeExchangeKeys({ at: founded, passphrase });
  const ours = { root: made.rootSecret, certificate: made.certificate };
  const how = { v6: undefined, passphrase, at: after(1), grace, compromised: false };
  const cases = [
    ["certificate_malformed", { ...how, v4: { ...ours, certificate: made.rootSecret } }],
    ["root_of_another", { ...how, v4: { ...ours, root: other.rootSecret } }],
    ["root_from_future", { ...how, v4: ours, at: time(founded - days) }],
  ] as const;
  for (const [expected, options] of cases) {
    const refused = await rotateExchangeKeys(options);
    assert.ok(!refused.ok);
    assert.equal(refused.name, expected);
  }
  assert.deepEqual(
    cases.map(([name]) => name),
    rotationRefusals,
  );
  await assert.rejects(
    rotateExchangeKeys({ ...how, v4: ours, passphrase: "wrong" }),
    /another passphrase/,
  );
  const notRoot = { ...ours, root: made.operatingSecret };
  await assert.rejects(rotateExchangeKeys({ ...how, v4: notRoot }), /couldn't/);
});

test("a subkey that the root never bound is not signed by it", async () => {
  const made = await makeExchangeKeys({ at: founded });
  const stranger = await makeExchangeKeys({ at: founded });
  const mixed = await readKey({ armoredKey: made.certificate });
  const theirs = await readKey({ armoredKey: stranger.certificate });
  mixed.subkeys.push(...theirs.subkeys);
  const certificate = mixed.armor();
  const v4 = { root: made.rootSecret, certificate };
  const at = after(100);
  const how = { passphrase: "", at, grace, compromised: true };
  const rotation = await rotateExchangeKeys({ v4, v6: undefined, ...how });
  assert.ok(rotation.ok);
  const after4 = await readRegisteredCertificate(
    (await readKey({ armoredKey: rotation.value.v4.certificate })).write(),
  );
  const ids = theirs.subkeys.map((subkey) => subkey.getKeyID().toHex());
  assert.deepEqual(
    after4.keyIds.filter((id) => ids.includes(id)),
    [],
  );
  const packets = after4.key.toPacketList().filterByTag(enums.packet.publicSubkey);
  assert.ok(packets.length <= 5);
});
