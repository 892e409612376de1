/**
 * The sealed packet, version 1, by somebody who knows the session key and so can make everything
 * but one thing right: the repeated octets, the header of the modification detection code, its
 * digest, its place. All unopenable; and the repeated octets alone tell nobody anything
 * (Mister–Zuccherato).
 */
import { test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { content, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf, type SealLies } from "./wire.ts";

test("sealed data that is wrong in one place", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const attack = (label: string, seal: SealLies, outcome = "unopenable"): Attack => {
    return [label, message(good, target, { seal }), outcome];
  };
  const attacks = [
    attack("as it is", {}, "opened"),
    attack("other repeated octets", { repeated: (two) => two.map((octet) => octet ^ 1) }),
    attack("the second of them", { repeated: (two) => two.with(1, (two[1] ?? 0) ^ 0x80) }),
    attack("none", { repeated: () => new Uint8Array(0) }),
    attack("no code header", { codeHeader: new Uint8Array(0) }),
    attack("another length in it", { codeHeader: new Uint8Array([0xd3, 0x13]) }),
    attack("a five-octet length", { codeHeader: new Uint8Array([0xd3, 255, 0, 0, 0, 20]) }),
    attack("another type", { codeHeader: new Uint8Array([0xd2, 0x14]) }),
    attack("another digest", { code: (digest) => digest.with(0, (digest[0] ?? 0) ^ 1) }),
    attack("its end", { code: (digest) => digest.with(19, (digest[19] ?? 0) ^ 1) }),
    attack("a short digest", { code: (digest) => digest.subarray(0, 19) }),
    attack("no digest", { code: () => new Uint8Array(0) }),
    attack("twice", { code: (digest) => concat([digest, new Uint8Array([0xd3, 20]), digest]) }),
    attack("followed by one octet", { code: (digest) => concat([digest, new Uint8Array(1)]) }),
    attack("version 0", { version: 0 }),
    attack("version 2", { version: 2 }),
    attack("version 3", { version: 3 }),
    attack("version 255", { version: 255 }),
    attack("one octet", { body: (body) => body.subarray(0, 1) }),
    attack("one block", { body: (body) => body.subarray(0, 17) }),
    attack("shortest of all", { body: (body) => body.subarray(0, 41) }),
  ];
  for (const position of [1, 8, 17, 18, 19, 40, 100]) {
    const body = (bytes: Uint8Array): Uint8Array =>
      concat([bytes.subarray(0, position), bytes.subarray(position + 1)]);
    attacks.push(attack(`octet ${position} left out`, { body }));
  }
  await tryAll(attacks, exchange, { registered: [alice] });
});
