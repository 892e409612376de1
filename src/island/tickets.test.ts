/** Tickets that the island makes: of this exchange, each another, so many a day. */
import { test } from "node:test";
import { equal, ok } from "node:assert/strict";

import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { isOfExchange, parseTicket } from "../letter/postage.ts";
import { Publisher, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { Tickets } from "./tickets.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const { log } = new Publisher(exchange, testKey(1));
const [alice, bob] = [fingerprint("aa".repeat(20)), fingerprint("bb".repeat(20))];
const noon = time(1_795_262_400_000);

test("three for a letter, twenty-four for an account in a day, all different and all good", () => {
  const tickets = new Tickets(exchange, log.sign);
  const given = Array.from({ length: 10 }, () => tickets.for(alice, noon)).flat();
  equal(given.length, 24);
  equal(new Set(given).size, 24);
  for (const text of given) {
    const ticket = parseTicket(text);
    ok(ticket !== undefined);
    ok(isOfExchange(ticket, exchange, (m, s) => verifyEd25519(log.publicKey, m, s)));
    equal(text.slice(0, 11), "2026-12-05.", "all of a day look alike");
  }
  equal(tickets.for(bob, noon).length, 3);
  equal(tickets.for(alice, time(noon + 86_400_000)).length, 3);
});
