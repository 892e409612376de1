/** The dock looks at postage again: who lies about it fills its own room, and nobody else's. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";

import { time, type Time } from "../codec/time.ts";
import { findStamp, makeTicket } from "../letter/postage.ts";
import { Publisher, testKey } from "../testing/publisher.ts";
import { refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import type { Good } from "./collect.ts";
import { Room } from "./room.ts";
import { DockToll, SpentTickets } from "./toll.ts";

const publisher = new Publisher("49979888511191774776929750563049979888ab", testKey(1));
const { exchange, log } = publisher;
const start = 1_795_262_400_000;
const after = (ms: number): Time => time(start + ms);

function tollOf(spent: SpentTickets): DockToll {
  return new DockToll(exchange, log.publicKey, spent);
}

function good(word: string, postage = ""): Good {
  const letter = sealedLetter(word);
  return { letter, ref: refOf(letter), postage };
}

function stamped(word: string, bits: number): Good {
  const { letter, ref } = good(word);
  const postage = findStamp({ ref, at: after(0), bits }, 0, 1_000_000) ?? "";
  return { letter, ref, postage };
}

function ticket(number: number, by: Publisher = publisher): string {
  const made = { at: after(0), nonce: new Uint8Array(12).fill(number) };
  return `ticket ${makeTicket(by.exchange, made, by.log.sign)}`;
}

test("the dock asks for nothing while little lies here, and then a while after it said so", () => {
  const toll = tollOf(new SpentTickets());
  equal(toll.price(10, after(0)), 0);
  deepEqual(toll.weigh([good("free")], after(1)), { weight: 1, unpaid: 0 });
  equal(toll.price(600, after(1000)), 12);
  // The relay heard of it only now, and holds what it announced.
  deepEqual(toll.weigh([good("early")], after(60_000)), { weight: 1, unpaid: 0 });
  deepEqual(toll.weigh([good("late")], after(62_000)), { weight: 8, unpaid: 1 });
  deepEqual(toll.weigh([stamped("paid", 12)], after(62_000)), { weight: 1, unpaid: 0 });
  const other = { ...good("another"), postage: stamped("paid", 12).postage };
  equal(toll.weigh([other], after(62_000)).unpaid, 1, "a stamp for another ref");
  equal(toll.price(10, after(63_000)), 0);
  equal(toll.weigh([good("free again")], after(63_000)).unpaid, 0);
});

test("a relay that takes letters for nothing fills its own room eight times as fast", () => {
  const spent = new SpentTickets();
  const [lying, honest] = [tollOf(spent), tollOf(spent)];
  const rooms = [new Room(100), new Room(100)] as const;
  for (const toll of [lying, honest]) toll.price(600, after(0));
  const late = after(100_000);
  const free = Array.from({ length: 13 }, (_, i) => good(`free ${i}`));
  const paid = Array.from({ length: 13 }, (_, i) => good(`paid ${i}`, ticket(i)));
  const lies = lying.weigh(free, late);
  equal(lies.unpaid, 13);
  rooms[0].add({ last: 13, count: lies.weight });
  rooms[1].add({ last: 26, count: honest.weigh(paid, late).weight });
  ok(rooms[0].isFull(0), "it waits");
  ok(!rooms[1].isFull(0), "the other does not");
  equal(rooms[1].count(0), 13);
});

test("a ticket is spent once over all relays, for one letter", () => {
  const spent = new SpentTickets();
  const [alder, birch] = [tollOf(spent), tollOf(spent)];
  for (const toll of [alder, birch]) toll.price(600, after(0));
  const late = after(100_000);
  const letter = good("one", ticket(1));
  equal(alder.weigh([letter], late).unpaid, 0);
  equal(birch.weigh([letter], late).unpaid, 0, "the same letter through another relay");
  equal(birch.weigh([good("two", ticket(1))], late).unpaid, 1);
  const forged = new Publisher(exchange, testKey(2));
  equal(birch.weigh([good("three", ticket(2, forged))], late).unpaid, 1);
  equal(alder.weigh([good("four", ticket(2))], late).unpaid, 0, "the true one is whole");
  equal(alder.weigh([good("five", ticket(3))], after(20 * 86_400_000)).unpaid, 1, "expired");
});
