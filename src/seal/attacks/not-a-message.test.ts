/**
 * Something else of OpenPGP in place of a message, posted as it is or sealed to us: certificates, a
 * secret key, a detached signature, a message to a password, one without any recipient, a marker.
 * None of it is a letter: unopenable. (What a relay says of it is envelope.test.ts's.)
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encrypt, createMessage } from "openpgp";
import { concat, fromAscii } from "../../codec/bytes.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import { openpgpConfig } from "../policy.ts";
import {
  content,
  forge,
  newCustomer,
  newExchange,
  now,
  text,
  tryAll,
  type Attack,
} from "./forge.ts";
import { message, targetOf } from "./wire.ts";

test("what is no message", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const [, data] = readPackets(message(good, target), 2) ?? [];
  assert.ok(data);
  const password = await encrypt({
    message: await createMessage({ binary: fromAscii(text) }),
    passwords: ["secret"],
    format: "binary",
    config: openpgpConfig,
  });
  const { signature } = forge({ by: alice.key });
  const marker = writePacket(10, fromAscii("PGP"));
  const others: readonly (readonly [string, Uint8Array])[] = [
    ["a certificate", alice.certificate.binary],
    ["our own certificate", exchange.certificate.binary],
    ["a secret key", alice.key.key.write()],
    ["a detached signature", signature],
    ["a message to a password", password],
    ["a marker", marker],
    ["markers", concat(Array.from({ length: 5 }, () => marker))],
    ["sealed data to nobody", writePacket(tags.sealed, data.body)],
    ["text", fromAscii(text)],
    ["nothing", new Uint8Array(0)],
  ];
  const sealed = message(good, target);
  const attacks = others.flatMap(([label, bytes]): readonly Attack[] => [
    [label, bytes, "unopenable"],
    [`${label}, sealed`, message(bytes, target), "unopenable"],
    [`${label}, before`, concat([bytes, sealed]), bytes.length === 0 ? "opened" : "unopenable"],
    [`${label}, behind`, concat([sealed, bytes]), bytes.length === 0 ? "opened" : "unopenable"],
  ]);
  await tryAll(attacks, exchange, { registered: [alice] });
});
