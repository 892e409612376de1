/**
 * What a session-key packet holds once it is unwrapped: a key of another length than its cipher
 * takes, another cipher, a wrong checksum, padding that is none (PKCS #5), nothing at all. And the
 * wrapping itself (RFC 3394): each octet of it changed, blocks exchanged, cut. All unopenable, and
 * all alike: whoever changed it learns nothing of what it was (no oracle).
 */
import { randomBytes } from "node:crypto";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { concat } from "../../codec/bytes.ts";
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
import { message, targetOf, type Target, type WrapLies } from "./wire.ts";

let exchange: Exchange;
let alice: Customer;
let target: Target;
let good: Uint8Array;
before(async () => {
  [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  target = targetOf(exchange.certificate.key);
  good = content({ by: alice.key });
});

function attack(label: string, wrap: WrapLies, outcome = "unopenable"): Attack {
  return [label, message(good, target, { wrap }), outcome];
}

test("a session key of another length or cipher", async () => {
  const attacks: Attack[] = [];
  const lengths = new Map([
    // AES-192 is not among what our certificates ask for, and so is not read.
    [7, 16],
    [9, 32],
  ]);
  for (const cipher of [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 13, 100, 255]) {
    for (const length of [16, 24, 32]) {
      const key = randomBytes(length);
      const fits = lengths.get(cipher) === length;
      const sealed = message(good, target, { key, wrap: { cipher } });
      attacks.push([`${cipher} of ${length}`, sealed, fits ? "opened" : "unopenable"]);
    }
  }
  for (const length of [5, 8, 15, 17, 31, 33, 40, 64, 200]) {
    const padded = (): Uint8Array =>
      padding(concat([new Uint8Array([9]), randomBytes(length + 2)]));
    attacks.push(attack(`${length} octets`, { padded }));
  }
  await tryAll(attacks, exchange, { registered: [alice] });
});

function padding(plain: Uint8Array): Uint8Array {
  const pad = 8 - (plain.length % 8);
  return concat([plain, new Uint8Array(pad).fill(pad)]);
}

test("a wrong checksum", async () => {
  const sums = [1, -1, 256, -256, 0x8000].map((more) =>
    attack(`checksum ${more}`, { checksum: (sum) => sum + more }),
  );
  const zero = attack("checksum 0", { checksum: () => 0 });
  const byteFlip = attack("checksum turned", { checksum: (sum) => (sum >> 8) | (sum << 8) });
  await tryAll([...sums, zero, byteFlip], exchange, { registered: [alice] });
});

test("padding that is none", async () => {
  const replaced = (...end: readonly number[]): WrapLies => ({
    padded: (plain) => concat([plain.subarray(0, -end.length), new Uint8Array(end)]),
  });
  await tryAll(
    [
      attack("as it was", replaced(5, 5, 5, 5, 5), "opened"),
      attack("last 0", replaced(0)),
      attack("last 4", replaced(4)),
      attack("last 6", replaced(6)),
      attack("last 9", replaced(9)),
      attack("last 40", replaced(40)),
      attack("last 41", replaced(41)),
      attack("last 255", replaced(255)),
      attack("first of it 4", replaced(4, 5, 5, 5, 5)),
      attack("others 0", replaced(0, 0, 0, 0, 5)),
      attack("all of it padding", { padded: (plain) => new Uint8Array(plain.length).fill(40) }),
      attack("eights", { padded: (plain) => new Uint8Array(plain.length).fill(8) }),
      attack("zeros", { padded: (plain) => new Uint8Array(plain.length) }),
    ],
    exchange,
    { registered: [alice] },
  );
});

test("padding to hide the length, as RFC 6637 allows, is padding", async () => {
  const padded = (plain: Uint8Array): Uint8Array => {
    const bare = plain.subarray(0, 35);
    return concat([bare, new Uint8Array(13).fill(13)]);
  };
  await tryAll([attack("to 48", { padded }, "opened")], exchange, { registered: [alice] });
});

test("a wrapping that was changed", async () => {
  const attacks: Attack[] = [];
  for (let at = 0; at < 48; at += 1) {
    const wrapped = (bytes: Uint8Array): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
    attacks.push(attack(`octet ${at}`, { wrapped }));
  }
  const blocks = (order: readonly number[]): WrapLies => ({
    wrapped: (bytes) => concat(order.map((block) => bytes.subarray(8 * block, 8 * block + 8))),
  });
  attacks.push(attack("blocks exchanged", blocks([0, 2, 1, 3, 4, 5])));
  attacks.push(attack("a block less", blocks([0, 1, 2, 3, 4])));
  attacks.push(attack("two blocks", blocks([0, 1])));
  attacks.push(attack("one block", blocks([0])));
  attacks.push(attack("a block more", blocks([0, 1, 2, 3, 4, 5, 5])));
  attacks.push(attack("an octet less", { wrapped: (bytes) => bytes.subarray(0, -1) }));
  attacks.push(attack("nothing", { wrapped: () => new Uint8Array(0) }));
  attacks.push(attack("derived for another", { derivedFor: "00".repeat(20) }));
  await tryAll(attacks, exchange, { registered: [alice] });
  assert.ok(attacks.length > 48);
});

test("a session-key packet of another kind", async () => {
  const versions = [0, 1, 2, 4, 5, 6, 7, 255].map((version) =>
    attack(`version ${version}`, { version }),
  );
  const algorithms = [0, 1, 2, 3, 16, 17, 19, 22, 25, 26, 27, 100, 255].map((algorithm) =>
    attack(`algorithm ${algorithm}`, { algorithm }),
  );
  const more = (end: readonly number[]): WrapLies => ({
    body: (body) => concat([body, new Uint8Array(end)]),
  });
  await tryAll(
    [
      ...versions,
      ...algorithms,
      attack("an octet behind", more([0])),
      attack("many behind", more(Array.from({ length: 300 }, () => 1))),
      attack("hidden", { keyId: "0000000000000000" }, "opened"),
      attack("named as nobody", { keyId: "ffffffffffffffff" }),
    ],
    exchange,
    { registered: [alice] },
  );
});
