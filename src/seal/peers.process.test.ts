/**
 * Other people's OpenPGP at the other end: Sequoia (sq, sqop), ProtonMail's Go library (gosop),
 * RNP. A program that is not installed is skipped, and says so.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { time } from "../codec/time.ts";
import { readRegisteredCertificate, type Certificate } from "./certificate.ts";
import { customerKeyFromSeed, makeExchangeKeys, readOperatingKeys } from "./keys.ts";
import type { OperatingKeys } from "./keys.ts";
import { openLetter } from "./open.ts";
import { sealReport } from "./seal.ts";

const text = "signet/1 0000000000000000000000000000000000000000\nby 2026-11-21T12:30:00Z\nSTAT\n";
const now = () => time(Date.now());
const dir = mkdtempSync(join(tmpdir(), "seal-"));
let keys: OperatingKeys;
let alice: Certificate;
let report: string;

before(async () => {
  const exchange = await makeExchangeKeys({ at: time(Date.now() - 60_000) });
  keys = await readOperatingKeys(exchange.operatingSecret);
  const seed = new Uint8Array(32).fill(3);
  const own = await customerKeyFromSeed(seed, { userId: "Alice <alice@example.org>" });
  alice = await readRegisteredCertificate(own.certificate);
  writeFileSync(join(dir, "exchange.cert"), exchange.certificate);
  writeFileSync(join(dir, "alice.key"), own.secret);
  writeFileSync(join(dir, "letter.txt"), text);
  report = join(dir, "report.pgp");
  writeFileSync(report, await sealReport(text, { keys, to: alice, at: now() }));
});

after(() => rmSync(dir, { recursive: true, force: true }));

/** Whether the program is there; the reason to skip if it is not. */
function missing(program: string): string | false {
  const found = spawnSync(program, ["--version"]).error === undefined;
  return found ? false : `${program} is not installed`;
}

function run(program: string, words: readonly string[], input: Uint8Array | string = ""): Buffer {
  const { status, stdout, stderr } = spawnSync(program, words, { input, cwd: dir });
  assert.equal(status, 0, `${program} ${words.join(" ")}: ${stderr.toString()}`);
  return stdout;
}

async function opens(sealed: Uint8Array): Promise<void> {
  const opened = await openLetter(new Uint8Array(sealed), {
    keys,
    at: now(),
    certificateOf: (keyId) => (alice.keyIds.includes(keyId) ? alice : undefined),
    registrationIn: () => undefined,
  });
  assert.ok(opened.kind === "opened", JSON.stringify(opened));
  assert.equal(opened.text, text);
  assert.equal(opened.signer, alice.fingerprint);
}

for (const program of ["sqop", "gosop"]) {
  const out = program === "sqop" ? "--verifications-out" : "--verify-out";
  test(`${program} makes letters and opens reports`, { skip: missing(program) }, async () => {
    for (const as of ["binary", "text"]) {
      const words = ["encrypt", "--no-armor", `--as=${as}`, "--sign-with=alice.key"];
      await opens(run(program, [...words, "exchange.cert"], text));
    }
    const verified = join(dir, `${program}.txt`);
    const words = ["decrypt", "--verify-with=exchange.cert", `${out}=${verified}`, "alice.key"];
    assert.equal(run(program, words, readFileSync(report)).toString(), text);
    assert.match(readFileSync(verified, "utf8"), new RegExp(keys.fingerprint, "i"));
  });
}

test("sq makes letters and opens reports", { skip: missing("sq") }, async () => {
  const sign = ["--signer-key", "alice.key", "--recipient-cert", "exchange.cert"];
  // `pad` is what it does when nothing is said.
  for (const compression of ["pad", "none", "zip", "zlib"]) {
    const words = ["encrypt", "--binary", "--compression", compression, ...sign, "letter.txt"];
    await opens(run("sq", words));
  }
  const words = ["decrypt", "--signer-cert", "exchange.cert", "--recipient-key", "alice.key"];
  assert.equal(run("sq", [...words, report]).toString(), text);
});

test("rnp makes letters", { skip: missing("rnp") }, async () => {
  const home = ["--homedir", mkdtempSync(join(dir, "rnp-"))];
  run("rnpkeys", [...home, "--import-key", "exchange.cert"]);
  run("rnpkeys", [...home, "--import-key", "alice.key"]);
  const whom = ["-u", "alice@example.org", "-r", "Signet exchange"];
  for (const compression of [["-z", "0"], ["--zip"], ["--zlib"]]) {
    const words = [...home, "--password", "", "--encrypt", "--sign", ...whom, ...compression];
    await opens(run("rnp", [...words, "letter.txt", "--output", "-"]));
  }
});
