/**
 * A session key for a subkey of ours that is not there (any more): sealed to the certificate of an
 * earlier foundation, named by the new one's key id, or hidden; and session keys for other keys of
 * ours, the signing subkey and the root. Unopenable; beside one that is for us they do no harm.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { tags, writePacket } from "../packets.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { seal1, targetOf, wrap } from "./wire.ts";

test("a session key for a subkey that is gone", async () => {
  const [exchange, before] = [await newExchange(now), await newExchange(now)];
  const alice = await newCustomer("Alice", 1);
  const [ours, old] = [targetOf(exchange.certificate.key), targetOf(before.certificate.key)];
  const key = new Uint8Array(32).fill(9);
  const data = writePacket(tags.sealed, seal1(content({ by: alice.key }), key));
  const ourId = ours.fingerprint.slice(24);
  const [root, signing] = [exchange.keys.fingerprint, exchange.keys.signer.fingerprint];
  assert.notEqual(root, signing);
  const good = wrap(key, ours);
  const other = wrap(key, old);
  const named = wrap(key, old, { keyId: ourId });
  const hidden = wrap(key, old, { keyId: "0000000000000000" });
  const mixed = wrap(key, { ...ours, point: old.point });
  const toRoot = wrap(key, ours, { keyId: root.slice(24) });
  const toSigner = wrap(key, ours, { keyId: signing.slice(24) });
  const attacks: readonly Attack[] = [
    ["to the old one", concat([other, data]), "unopenable"],
    ["named as the new one", concat([named, data]), "unopenable"],
    ["hidden", concat([hidden, data]), "unopenable"],
    ["the new one's name, the old one's point", concat([mixed, data]), "unopenable"],
    ["named as the root", concat([toRoot, data]), "unopenable"],
    ["named as the one that signs", concat([toSigner, data]), "unopenable"],
    ["before ours", concat([other, good, data]), "opened"],
    ["behind ours", concat([good, other, data]), "opened"],
    ["named as ours, before ours", concat([named, good, data]), "opened"],
    ["hidden, before ours", concat([hidden, good, data]), "opened"],
    ["all four", concat([named, hidden, other, good, data]), "opened"],
  ];
  await tryAll(attacks, exchange, { registered: [alice] });
});

test("two session keys for us, of which one is wrong", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const ours = targetOf(exchange.certificate.key);
  const [key, other] = [new Uint8Array(32).fill(9), new Uint8Array(32).fill(8)];
  const data = writePacket(tags.sealed, seal1(content({ by: alice.key }), key));
  const [right, wrong] = [wrap(key, ours), wrap(other, ours)];
  const attacks: readonly Attack[] = [
    ["right, wrong", concat([right, wrong, data]), "opened"],
    ["wrong, right", concat([wrong, right, data]), "opened"],
    ["wrong three times, right", concat([wrong, wrong, wrong, right, data]), "opened"],
    ["wrong", concat([wrong, wrong, data]), "unopenable"],
  ];
  await tryAll(attacks, exchange, { registered: [alice] });
});
