/**
 * The sealed packet, version 2 (RFC 9580 §5.13.2): chunks exchanged, doubled, dropped, of a size
 * beyond the limit, a final tag cut or over another total, an unknown AEAD or cipher, a salt that
 * is not there; and versions of session key and data that do not belong together. All unopenable,
 * and nothing of a chunk is used before the final tag was right.
 */
import { before, test } from "node:test";
import { concat } from "../../codec/bytes.ts";
import { readPackets, tags, writePacket } from "../packets.ts";
import {
  content,
  newCustomer,
  newExchange,
  now,
  tryAll,
  type Attack,
  type Customer,
  type Exchange,
} from "./forge.ts";
import { message, seal1, seal2, targetOf, wrap, type AeadLies, type Target } from "./wire.ts";

let exchange: Exchange;
let alice: Customer;
let target: Target;
let good: Uint8Array;
before(async () => {
  [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  target = targetOf(exchange.second);
  good = content({ by: alice.key });
});

for (const aead of [2, 3] as const) {
  const attack = (label: string, lies: AeadLies, outcome = "unopenable"): Attack => {
    return [label, message(good, target, { aead: { aead, ...lies } }), outcome];
  };

  test(`chunks and tags that are wrong, AEAD ${aead}`, async () => {
    const chunks = (order: readonly number[]): AeadLies => ({
      chunk: 0,
      chunks: (list) => order.flatMap((i) => list[i] ?? []),
    });
    const attacks = [
      attack("one chunk", {}, "opened"),
      attack("many chunks", { chunk: 0 }, "opened"),
      attack("the largest that is allowed", { chunk: 16 }, "opened"),
      attack("exchanged", chunks([1, 0, 2, 3])),
      attack("the last left out", chunks([0, 1, 2])),
      attack("the first left out", chunks([1, 2, 3])),
      attack("one twice", chunks([0, 0, 1, 2, 3])),
      attack("the last twice", chunks([0, 1, 2, 3, 3])),
      attack("none", { chunks: () => [] }),
      attack("a tag changed", {
        chunks: ([first = good]) => [first.with(20, 1 ^ (first[20] ?? 0))],
      }),
      attack("the final tag cut", { final: (tag) => tag.subarray(0, 15) }),
      attack("to one octet", { final: (tag) => tag.subarray(0, 1) }),
      attack("no final tag", { final: () => new Uint8Array(0) }),
      attack("another final tag", { final: (tag) => tag.with(0, (tag[0] ?? 0) ^ 1) }),
      attack("longer", { final: (tag) => concat([tag, new Uint8Array(1)]) }),
      attack("another total", { total: (octets) => octets + 1 }),
      attack("a total of nothing", { total: () => 0 }),
      attack("version only", { body: (body) => body.subarray(0, 1) }),
      attack("no salt", { body: (body) => concat([body.subarray(0, 4), body.subarray(36)]) }),
      attack("half a salt", { body: (body) => body.subarray(0, 20) }),
      attack("salt and one tag", { body: (body) => body.subarray(0, 52) }),
      attack("another salt", { body: (body) => body.with(10, 1 ^ (body[10] ?? 0)) }),
    ];
    await tryAll(attacks, exchange, { registered: [alice] });
  });

  test(`a head that says something else, AEAD ${aead}`, async () => {
    const attacks = [17, 18, 22, 56, 57, 58, 64, 128, 255].map((chunk) =>
      attack(`says 2^${chunk + 6}`, { saysChunk: chunk }),
    );
    // Made with it: it is only too much, and nothing else is wrong.
    for (const chunk of [17, 18, 22]) attacks.push(attack(`of 2^${chunk + 6}`, { chunk }));
    for (const saysAead of [0, 1, 5 - aead, 4, 100, 255]) {
      attacks.push(attack(`says AEAD ${saysAead}`, { saysAead }));
    }
    for (const saysCipher of [0, 1, 2, 3, 7, 8, 10, 13, 100, 255]) {
      attacks.push(attack(`says cipher ${saysCipher}`, { saysCipher }));
    }
    await tryAll(attacks, exchange, { registered: [alice] });
  });
}

test("session keys of one version with data of the other", async () => {
  const key = new Uint8Array(32).fill(7);
  const [old, young] = [wrap(key, target, {}, 3), wrap(key, target, {}, 6)];
  const one = writePacket(tags.sealed, seal1(good, key));
  const two = writePacket(tags.sealed, seal2(good, key));
  const hidden = wrap(key, target, { keyId: "" }, 6);
  const nobody = wrap(key, { ...target, fingerprint: "00".repeat(32) }, {}, 6);
  const first = targetOf(exchange.certificate.key);
  const crossed = [wrap(key, first, {}, 3), wrap(key, first, {}, 6)];
  await tryAll(
    [
      ["3 and 1", concat([old, one]), "opened"],
      ["6 and 2", concat([young, two]), "opened"],
      ["3 and 2", concat([old, two]), "unopenable"],
      ["6 and 1", concat([young, one]), "unopenable"],
      ["both and 1", concat([old, young, one]), "unopenable"],
      ["both and 2", concat([young, old, two]), "unopenable"],
      ["hidden", concat([hidden, two]), "opened"],
      ["for nobody", concat([nobody, two]), "unopenable"],
      ["data twice", concat([young, two, two]), "unopenable"],
      ["3 to the first key and 1", concat([...crossed.slice(0, 1), one]), "opened"],
      ["6 to the first key and 2", concat([...crossed.slice(1), two]), "opened"],
      ["3 to the first key and 2", concat([...crossed.slice(0, 1), two]), "unopenable"],
      ["6 to the first key and 1", concat([...crossed.slice(1), one]), "unopenable"],
    ],
    exchange,
    { registered: [alice] },
  );
});

test("a session-key packet of version 6 that lies about its fingerprint", async () => {
  const key = new Uint8Array(32).fill(7);
  const [packet] = readPackets(wrap(key, target, {}, 6), 1) ?? [];
  const two = writePacket(tags.sealed, seal2(good, key));
  const attacks = [0, 1, 20, 21, 32, 34, 100, 255].map((length): Attack => {
    const body = packet?.body.with(1, length) ?? good;
    return [`of ${length}`, concat([writePacket(1, body), two]), "unopenable"];
  });
  const versions = [0, 3, 4, 5, 7].map((version): Attack => {
    const body = packet?.body.with(2, version) ?? good;
    return [`of a key of version ${version}`, concat([writePacket(1, body), two]), "unopenable"];
  });
  await tryAll([...attacks, ...versions], exchange, { registered: [alice] });
});
