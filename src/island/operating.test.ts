/** The key files of an island: what a rotation leaves, what time takes away, what does not fit. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { time, type Time } from "../codec/time.ts";
import { operatingUnder } from "../seal/ceremony.ts";
import { makeExchangeKeys } from "../seal/keys.ts";
import { rotateExchangeKeys } from "../seal/rotate.ts";
import { dropEnded, operatingFiles, readOperating } from "./operating.ts";

const dir = mkdtempSync(join(tmpdir(), "operating-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const founded = time(Date.UTC(2026, 0, 1));
const day = (count: number): Time => time(founded + count * 86_400_000);

/** A folder of an island whose keys were rotated on day 100, with thirty days of grace. */
async function rotatedIsland(name: string): Promise<string> {
  const old = await makeExchangeKeys({ at: founded });
  const made = await rotateExchangeKeys({
    v4: { root: old.rootSecret, certificate: old.certificate },
    v6: { root: old.v6.rootSecret, certificate: old.v6.certificate },
    passphrase: "",
    at: day(100),
    grace: 30 * 86_400_000,
    compromised: false,
  });
  assert.ok(made.ok);
  const island = join(dir, name);
  mkdirSync(join(island, "keys"), { recursive: true });
  const halves = [
    [old.operatingSecret, made.value.v4],
    [old.v6.operatingSecret, made.value.v6],
  ] as const;
  for (const [i, [secret, { certificate, operatingSecret }]] of halves.entries()) {
    const files = operatingFiles[i];
    const under = await operatingUnder(certificate, [operatingSecret, secret], day(100));
    assert.ok(files !== undefined && under !== undefined);
    assert.equal(under.left, 0);
    writeFileSync(join(island, files.key), under.secret);
    writeFileSync(join(island, files.certificate), certificate);
  }
  return island;
}

test("decryption secrets are dropped when their grace is over, and not a day before", async () => {
  const island = await rotatedIsland("grace");
  const opening = async (): Promise<readonly number[]> => {
    const { keys } = await readOperating(island);
    return [keys.key, keys.v6?.key].map((key) => (key?.subkeys.length ?? 0) - 1);
  };
  assert.equal(await dropEnded(island, day(129)), 0);
  assert.deepEqual(await opening(), [2, 2]);
  const { signer } = (await readOperating(island)).keys;
  assert.equal(await dropEnded(island, day(131)), 2);
  assert.deepEqual(await opening(), [1, 1]);
  assert.equal(await dropEnded(island, day(131)), 0);
  assert.equal((await readOperating(island)).keys.signer.fingerprint, signer.fingerprint);
});

test("an exchange of one certificate has its keys, and no second", async () => {
  const island = await rotatedIsland("one");
  for (const name of Object.values(operatingFiles[1])) rmSync(join(island, name));
  assert.equal(await dropEnded(island, day(131)), 1);
  const { keys, second } = await readOperating(island);
  assert.equal(second, undefined);
  assert.equal(keys.v6, undefined);
});

test("keys and certificate of two rotations refuse to start, and nothing is dropped", async () => {
  const [island, other] = [await rotatedIsland("ours"), await rotatedIsland("others")];
  const key = join(island, operatingFiles[1].key);
  const before = readFileSync(key);
  const old = await makeExchangeKeys({ at: founded });
  writeFileSync(join(island, operatingFiles[0].key), old.operatingSecret);
  await assert.rejects(dropEnded(island, day(131)), /of another exchange/);
  // The certificate of a rotation whose keys did not come.
  const first = operatingFiles[0];
  const later = await rotateExchangeKeys({
    v4: { root: old.rootSecret, certificate: old.certificate },
    v6: undefined,
    passphrase: "",
    at: day(200),
    grace: 0,
    compromised: false,
  });
  assert.ok(later.ok);
  writeFileSync(join(other, first.key), old.operatingSecret);
  writeFileSync(join(other, first.certificate), later.value.v4.certificate);
  await assert.rejects(dropEnded(other, day(300)), /keys_unfinished/);
  assert.equal(readFileSync(join(other, first.key), "utf8"), old.operatingSecret);
  assert.deepEqual(readFileSync(key), before);
});
