/** What is found of keys that letters bring: older copies, keys of others, what cannot be read. */
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { toBase64 } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import type { Vetting } from "../engine/input.ts";
import type { State } from "../engine/state.ts";
import { rotationText } from "../letter/keygrammar.ts";
import { printLetter } from "../letter/print.ts";
import { signProof } from "../seal/keylife.ts";
import {
  holderOf,
  islandNow,
  signedAnew,
  stateWith,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../testing/island.ts";
import { Certificates } from "./certificates.ts";
import { KeyIds } from "./keyids.ts";
import { vetLetter } from "./vetting.ts";

const filled = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const base64Of = ({ certificate }: Correspondent): string => toBase64(certificate.binary);

let island: TestIsland;
let alice: Correspondent;
/** He has a device, whose key is 9. */
let bob: Correspondent;
before(async () => {
  island = await testIsland("nowhere");
  alice = await holderOf({ primary: filled(1), encryption: filled(2) });
  bob = await holderOf({ primary: filled(3), encryption: filled(4), signing: filled(9) });
});

async function vetted(
  state: State,
  keyIds: KeyIds,
  by: Correspondent,
  line: string,
): Promise<readonly Vetting[]> {
  const deadline = time(islandNow + 60_000);
  const { exchange } = state;
  const text = printLetter({ exchange, seq: 2, by: deadline, commands: [line] });
  const about = { text, signer: by.fingerprint, at: islandNow, state, keyIds };
  return vetLetter({ ...about, venue: undefined });
}

const renewal = (by: Correspondent, renewed = by): string =>
  `ROTATE|${by.fingerprint}|${base64Of(renewed)}|-`;

async function rotation(state: State, by: Correspondent, to: Correspondent): Promise<string> {
  const text = rotationText(state.exchange, by.fingerprint, to.fingerprint);
  const proof = toBase64(await signProof(text, to.key, islandNow));
  return `ROTATE|${to.fingerprint}|${base64Of(to)}|${proof}`;
}

test("nobody brings another's signing key, by a renewal or by a rotation", async () => {
  const state = stateWith(island, [alice, bob]);
  const keyIds = new KeyIds(state);
  const [primary, encryption, signing] = [filled(1), filled(2), filled(9)];
  const stolen = await holderOf({ primary, encryption, signing });
  assert.equal(stolen.fingerprint, alice.fingerprint);
  assert.deepEqual(await vetted(state, keyIds, alice, renewal(alice, stolen)), [
    "certificate_of_another",
  ]);
  const next = await holderOf({ primary: filled(5), encryption, signing });
  const line = await rotation(state, alice, next);
  assert.deepEqual(await vetted(state, keyIds, alice, line), ["certificate_of_another"]);
  assert.deepEqual(await vetted(state, keyIds, bob, await rotation(state, bob, next)), ["good"]);
  assert.deepEqual(await vetted(state, keyIds, bob, renewal(bob)), ["good"]);
});

test("of two that bring a key in one batch the first has it, and whatever was not taken is free", async () => {
  const state = stateWith(island, [alice, bob]);
  const keyIds = new KeyIds(state);
  const next = await holderOf({ primary: filled(5), encryption: filled(6) });
  const [hers, his] = [await rotation(state, alice, next), await rotation(state, bob, next)];
  assert.deepEqual(await vetted(state, keyIds, alice, hers), ["good"]);
  assert.deepEqual(await vetted(state, keyIds, bob, his), ["certificate_of_another"]);
  keyIds.begin();
  assert.deepEqual(await vetted(state, keyIds, bob, his), ["good"]);
});

test("a renewal is not older than what it replaces, in one batch either", async () => {
  const state = stateWith(island, [alice]);
  const keyIds = new KeyIds(state);
  const newer = await signedAnew(alice, time(islandNow - 30_000));
  assert.deepEqual(await vetted(state, keyIds, alice, renewal(alice)), ["good"], "the same again");
  assert.deepEqual(await vetted(state, keyIds, alice, renewal(alice, newer)), ["good"]);
  assert.deepEqual(await vetted(state, keyIds, alice, renewal(alice)), ["certificate_older"]);
  const known = stateWith(island, [newer]);
  assert.deepEqual(await vetted(known, new KeyIds(known), alice, renewal(alice)), [
    "certificate_older",
  ]);
});

test("a certificate that cannot be read stops nothing", async () => {
  const state = stateWith(island, [alice, bob]);
  const account = state.accounts.get(bob.fingerprint);
  assert.ok(account);
  account.certificate = "QQ==";
  const line = `REVOKE|${bob.fingerprint}|QQ==`;
  const keyIds = new KeyIds(state);
  assert.deepEqual(await vetted(state, keyIds, alice, line), ["revocation_wrong"]);
  const notes: string[] = [];
  const certificates = new Certificates(island.certificate, (note) => void notes.push(note));
  const broken = { account: bob.fingerprint, certificate: new Uint8Array([65]), signs: true };
  await certificates.take(broken);
  assert.equal(certificates.of(bob.fingerprint), undefined);
  assert.match(notes.join(), /^ALARM: the certificate of /);
});
