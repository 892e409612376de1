/** Stamps and tickets: what holds and what is refused, by what name; the price and its hold. */
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { assert, property, string } from "fast-check";
import { readFileSync } from "node:fs";
import { fingerprint, ref } from "../codec/names.ts";
import { parseTime, time, type Time } from "../codec/time.ts";
import {
  checkStamp,
  findStamp,
  isExpired,
  isOfExchange,
  makeTicket,
  parsePostage,
  parseTicket,
  printPostage,
  stampWork,
  type Ticket,
} from "./postage.ts";
import { Price, priceOf } from "./price.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signed = (message: Uint8Array): Uint8Array => new Uint8Array(sign(null, message, privateKey));
const holds = (message: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, message, publicKey, signature);

function at(text: string): Time {
  const read = parseTime(text);
  ok(read !== undefined);
  return read;
}

type Vector = {
  readonly name: string;
  readonly postage: string;
  readonly ref?: string;
  readonly bits?: number;
  readonly at?: string;
  readonly expect: string;
  readonly work?: number;
};
const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/postage.json", import.meta.url), "utf8"),
) as readonly Vector[];

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => {
    const parsed = parsePostage(vector.postage);
    if (!parsed.ok) return equal(parsed.name, vector.expect);
    equal(printPostage(parsed.value), vector.postage);
    if (parsed.value.kind === "ticket") {
      const late = isExpired(parsed.value, at(vector.at ?? ""));
      return equal(late ? "ticket_expired" : "accepted", vector.expect);
    }
    const { ref: name = "", bits = 0 } = vector;
    const letter = { ref: ref(name), bits, at: at(vector.at ?? "") };
    const checked = checkStamp(parsed.value, letter);
    equal(checked.ok ? "accepted" : checked.name, vector.expect);
    if (vector.work !== undefined) equal(stampWork(letter.ref, parsed.value), vector.work);
  });
}

test("a stamp is found in turns, and is good for its letter alone", () => {
  const letter = { ref: ref("90ab".repeat(16)), at: at("2026-11-21T12:00:00Z"), bits: 10 };
  let [found, turns]: [string | undefined, number] = [undefined, 0];
  for (; found === undefined; turns += 1) found = findStamp(letter, turns * 50, 50);
  const parsed = parsePostage(found);
  ok(parsed.ok && parsed.value.kind === "stamp");
  ok(checkStamp(parsed.value, letter).ok);
  const other = checkStamp(parsed.value, { ...letter, ref: ref("90ac".repeat(16)) });
  equal(!other.ok && other.name, "stamp_weak");
  ok(stampWork(ref("90ac".repeat(16)), parsed.value) < 10);
});

test("a ticket is of one exchange, and of a time", () => {
  const made = { at: at("2026-11-21T12:00:00Z"), nonce: new Uint8Array(12).fill(251) };
  const text = makeTicket(exchange, made, signed);
  const ticket = parseTicket(text);
  ok(ticket !== undefined);
  equal(text.slice(0, 28), "2026-12-05.-_v7-_v7-_v7-_v7.");
  ok(isOfExchange(ticket, exchange, holds));
  ok(!isOfExchange(ticket, fingerprint("00".repeat(20)), holds));
  const changed = (change: Partial<Ticket>): boolean =>
    isOfExchange({ ...ticket, ...change }, exchange, holds);
  ok(!changed({ expires: ticket.expires + 1 }));
  ok(!changed({ nonce: "A".repeat(16) }));
  ok(!isExpired(ticket, at("2026-12-05T23:59:59Z")));
  ok(isExpired(ticket, at("2026-12-06T00:00:00Z")));
  // One text for one ticket: a last letter with bits to spare is refused.
  const last = text.at(-1) ?? "";
  const next = String.fromCharCode(last.charCodeAt(0) + 1);
  equal(parseTicket(text.slice(0, -1) + next), undefined);
});

test("whatever is no postage is malformed, and reading it never fails", () => {
  assert(
    property(string(), (text) => {
      const parsed = parsePostage(text);
      return parsed.ok || parsed.name === "postage_malformed";
    }),
  );
});

test("the price: nothing, then a bit for each growth by the root of two", () => {
  deepEqual(
    [0, 499, 500, 708, 1000, 2000, 32_000, 10_000_000].map(priceOf),
    [0, 0, 12, 13, 14, 16, 24, 24],
  );
});

test("an announced price holds; that it was free does not", () => {
  const price = new Price();
  const asked = (ms: number): number => price.asked(time(ms));
  price.set(12, time(1000));
  equal(asked(1001), 12);
  equal(price.lowest(time(10_999)), 0, "for who judges what others asked, it may have been free");
  equal(price.lowest(time(11_000)), 12);
  price.set(15, time(20_000));
  equal(asked(29_999), 12);
  equal(asked(30_000), 15);
  price.set(13, time(50_000));
  price.set(16, time(51_000));
  equal(asked(60_000), 13);
  price.set(20, time(60_500));
  equal(asked(60_600), 16, "not further below than four bits");
  price.set(0, time(61_000));
  equal(asked(61_000), 12, "not free at once");
  price.set(0, time(90_500));
  equal(asked(90_500), 0);
});
