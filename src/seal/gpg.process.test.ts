/**
 * Stock GnuPG at the other end: letters by its keys open here, our reports, cards and keys are good
 * there. It is the client that everyone has, so these tests fail where gpg is missing.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { unarmor } from "openpgp";
import { time } from "../codec/time.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { clearSign } from "./card.ts";
import { readCertificate, type Certificate } from "./certificate.ts";
import {
  customerKeyFromSeed,
  makeExchangeKeys,
  readCustomerKey,
  readExchangeCertificate,
  readOperatingKeys,
  type ExchangeCertificate,
  type OperatingKeys,
} from "./keys.ts";
import { openReport, sealLetter } from "./customer.ts";
import { openLetter, type Opened } from "./open.ts";
import { sealReport } from "./seal.ts";

const text = "signet/1 0000000000000000000000000000000000000000\nby 2026-11-21T12:30:00Z\nSTAT\n";
const long = `${text}${"BUY|GLD/BTC|1|1\n".repeat(3000)}`;
const algorithms = ["ed25519", "rsa2048", "rsa4096"] as const;

/** gpg has no other clock than the machine's, so these tests take place now. */
const made = time(Date.now() - 60_000);
const now = () => time(Date.now());

let keys: OperatingKeys;
let pinned: ExchangeCertificate;
let root: string;
let certificate: string;
const customers = new Map<string, { gpg: GpgCustomer; certificate: Certificate }>();

before(async () => {
  const exchange = await makeExchangeKeys({ at: made, passphrase: "correct horse" });
  keys = await readOperatingKeys(exchange.operatingSecret);
  ({ certificate, rootSecret: root } = exchange);
  const read = await readExchangeCertificate(certificate, exchange.fingerprint, now());
  assert.ok(read.ok);
  pinned = read.value;
  for (const algorithm of algorithms) {
    const gpg = GpgCustomer.create(algorithm);
    gpg.import(certificate);
    const own = await readCertificate(Buffer.from(gpg.certificate(), "base64"), now());
    assert.ok(own.ok, `gpg's ${algorithm} certificate is taken`);
    assert.equal(own.value.fingerprint, gpg.fingerprint);
    customers.set(algorithm, { gpg, certificate: own.value });
  }
});

after(() => {
  for (const { gpg } of customers.values()) gpg.remove();
});

function customer(algorithm: string) {
  const found = customers.get(algorithm);
  assert.ok(found);
  return found;
}

function open(sealed: Uint8Array, registering?: Uint8Array): Promise<Opened> {
  return openLetter(new Uint8Array(sealed), {
    keys,
    at: now(),
    certificateOf: (keyId) => {
      if (registering !== undefined) return undefined;
      const all = [...customers.values()].map((one) => one.certificate);
      return all.find(({ keyIds }) => keyIds.includes(keyId));
    },
    registrationIn: () => registering,
  });
}

const forms: readonly (readonly [string, readonly string[]])[] = [
  ["as it is", []],
  ["in zip", ["-z", "6", "--compress-algo", "zip"]],
  ["in zlib", ["-z", "6", "--compress-algo", "zlib"]],
  ["uncompressed", ["-z", "0"]],
  ["as text", ["--textmode"]],
  ["with hidden recipients", ["--throw-keyids"]],
  ["to oneself as well", ["--encrypt-to-default-key", "--default-recipient-self"]],
  ["over SHA-256", ["--digest-algo", "SHA256"]],
  ["in AES-128", ["--cipher-algo", "AES128"]],
  ["named and dated", ["--set-filename", "letter.txt"]],
];

for (const algorithm of algorithms) {
  test(`a letter by gpg's ${algorithm} opens, however it was made`, async () => {
    const { gpg } = customer(algorithm);
    for (const [form, options] of forms) {
      for (const content of [text, long]) {
        const opened = await open(gpg.seal(content, pinned.fingerprint, options));
        assert.ok(opened.kind === "opened", `${form}: ${JSON.stringify(opened)}`);
        assert.equal(opened.text, content, form);
        assert.equal(opened.signer, gpg.fingerprint, form);
      }
    }
  });

  test(`a report opens with gpg -d for ${algorithm}, with a good signature`, async () => {
    const { gpg, certificate: to } = customer(algorithm);
    for (const report of ["signet-report/1\n", long, "\u00ff\u0000\n"]) {
      const sealed = await sealReport(report, { keys, to, at: now() });
      const opened = gpg.open(sealed);
      assert.equal(opened.text, report);
      assert.match(opened.status, new RegExp(`VALIDSIG [0-9A-F]{40} .*${pinned.fingerprint}`, "i"));
      assert.match(opened.status, /GOODMDC/);
      assert.match(opened.status, /ENC_TO 0000000000000000/, "no key id in clear");
    }
  });
}

test("an armored letter holds the same message", async () => {
  const { gpg } = customer("ed25519");
  const armored = gpg.seal(text, pinned.fingerprint, ["--armor"]).toString();
  const { data } = await unarmor(armored);
  const bytes: unknown = data;
  assert.ok(bytes instanceof Uint8Array);
  assert.equal((await open(bytes)).kind, "opened");
});

test("the evidence is a detached signature of the text, for gpg --verify", async () => {
  const { gpg } = customer("ed25519");
  for (const options of [[], ["--textmode"]]) {
    const opened = await open(gpg.seal(text, pinned.fingerprint, options));
    assert.ok(opened.kind === "opened");
    const [signed, signature] = [join(gpg.home, "letter.txt"), join(gpg.home, "letter.sig")];
    writeFileSync(signed, opened.text, "latin1");
    writeFileSync(signature, opened.evidence);
    const said = gpgBytes(gpg.home, ["--status-fd", "1", "--verify", signature, signed], "");
    assert.match(said.toString(), /GOODSIG/);
  }
});

test("a letter by gpg registers its own certificate", async () => {
  const { gpg, certificate: own } = customer("ed25519");
  const opened = await open(gpg.seal(text, pinned.fingerprint), own.binary);
  assert.ok(opened.kind === "opened");
  assert.equal(opened.signer, gpg.fingerprint);
  const bobs = await customerKeyFromSeed(new Uint8Array(32).fill(9), { userId: "Bob" });
  const other = await open(gpg.seal(text, pinned.fingerprint), bobs.certificate);
  assert.equal(other.kind, "unopenable");
});

test("gpg keeps the exchange's root and its operating keys apart", () => {
  const { gpg } = customer("ed25519");
  const listed = gpgBytes(gpg.home, ["--with-colons", "--list-keys", pinned.fingerprint], "");
  const lines = listed.toString().split("\n");
  const uses = lines
    .filter((line) => /^(?:pub|sub):/.test(line))
    .map((line) => line.split(":")[11]);
  assert.deepEqual(
    uses.map((use) => use?.replace(/[A-Z]/g, "")),
    ["c", "s", "e"],
  );
  const words = ["--pinentry-mode", "loopback", "--passphrase", "correct horse", "--import"];
  gpgBytes(gpg.home, words, root);
  const secret = gpgBytes(gpg.home, ["--with-colons", "-K", pinned.fingerprint], "").toString();
  assert.match(secret, /^sec:/m);
});

test("a card is good for gpg --verify", async () => {
  const { gpg } = customer("rsa2048");
  const card = await clearSign("signet-card/1\n- a line\n-----\n\nend\n", keys, now());
  const said = gpgBytes(gpg.home, ["--status-fd", "1", "--verify"], card).toString();
  assert.match(said, /GOODSIG/);
});

test("a customer's key from a seed imports into gpg, signs and decrypts there", async () => {
  for (const [fill, passphrase] of [
    [21, undefined],
    [22, "pass phrase"],
  ] as const) {
    const { gpg } = customer("rsa4096");
    const seed = new Uint8Array(32).fill(fill);
    const user = { userId: `Alice ${fill}` };
    const options = passphrase === undefined ? user : { ...user, passphrase };
    const own = await customerKeyFromSeed(seed, options);
    const words = ["--pinentry-mode", "loopback", "--passphrase", passphrase ?? ""];
    gpgBytes(gpg.home, [...words, "--import"], own.secret);
    const trust = ["--trust-model", "always", "-u", own.fingerprint, "-r", pinned.fingerprint];
    const sealed = gpgBytes(gpg.home, [...words, ...trust, "-se"], text);
    const opened = await open(sealed, own.certificate);
    assert.ok(opened.kind === "opened", opened.kind);
    assert.equal(opened.signer, own.fingerprint);

    const read = await readCertificate(own.certificate, now());
    assert.ok(read.ok);
    const report = await sealReport(text, { keys, to: read.value, at: now() });
    // Which key a hidden recipient has is tried out; with several secret keys, gpg wants to be
    // told.
    const told = ["--try-secret-key", own.fingerprint, "-d"];
    assert.equal(gpgBytes(gpg.home, [...words, ...told], report).toString(), text);
  }
});

test("a secret key that gpg exported works here", async () => {
  for (const algorithm of ["ed25519", "rsa2048"]) {
    const { gpg, certificate: to } = customer(algorithm);
    const words = ["--armor", "--export-secret-keys", gpg.fingerprint];
    const key = await readCustomerKey(gpgBytes(gpg.home, words, "").toString());
    const sealed = await sealLetter(text, { key, exchange: pinned, at: now() });
    const opened = await open(sealed);
    assert.ok(opened.kind === "opened", algorithm);
    const report = await sealReport(text, { keys, to, at: now() });
    const back = await openReport(report, { key, exchange: pinned, at: now() });
    assert.deepEqual(back, { ok: true, value: text });
  }
});
