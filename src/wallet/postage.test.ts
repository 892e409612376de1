/** A wallet pays by itself: tickets first, each at one relay; work else, and not beyond reason. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, beforeEach, test } from "node:test";

import { fingerprint } from "../codec/names.ts";
import { parseTime, time } from "../codec/time.ts";
import { makeTicket } from "../letter/postage.ts";
import { noReport, printReport, type Report } from "../letter/report.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { keepReport } from "./archive.ts";
import { keep, readText, type Home } from "./home.ts";
import { memoryHome } from "./memoryhome.ts";
import { Payer, ticketsIn, type Paying } from "./postage.ts";

const price = 12;
let worlds: readonly RelayWorld[] = [];

before(async () => {
  worlds = [await RelayWorld.start(), await RelayWorld.start()];
});

beforeEach(async () => {
  for (const world of worlds) await load(world, price);
});

after(async () => {
  for (const world of worlds) await world.close();
});

async function load(world: RelayWorld, bits: number): Promise<void> {
  const path = `/v1/dock/letters?after=0&price=${bits}`;
  const headers = { "signet-dock": world.signature("GET", path) };
  assert.equal((await fetch(world.relay.address + path, { headers })).status, 200);
}

function ticket(number: number, made = Date.now()): string {
  const [world] = worlds;
  assert.ok(world !== undefined);
  const { exchange, log } = world.publisher;
  const nonce = new Uint8Array(12).fill(number);
  return makeTicket(exchange, { at: time(made), nonce }, log.sign);
}

/** A home whose only report brought these tickets. */
function homeWith(tickets: readonly string[]): Home {
  const home = memoryHome({ name: "a test" });
  const report: Report = {
    kind: "report",
    exchange: fingerprint("49979888511191774776929750563049979888ab"),
    to: fingerprint("aa".repeat(20)),
    report: 1,
    previous: noReport,
    log: 0,
    at: time(Date.now()),
    records: tickets.map((text) => ({ kind: "ticket", text })),
  };
  assert.ok(keepReport(home, report, printReport(report)).ok);
  return home;
}

type Posts = { readonly kinds: readonly string[]; readonly paid: readonly Paying[] };

/** Posts one letter everywhere. */
async function post(home: Home | undefined, word: string, urls: readonly string[]): Promise<Posts> {
  const sealed = sealedLetter(word);
  const payer = new Payer({ ref: refOf(sealed), sealed }, home);
  const paid: Paying[] = [];
  const kinds: string[] = [];
  for (const url of urls) {
    const posted = await payer.post(url, undefined, (paying) => paid.push(paying));
    kinds.push(posted.kind === "refused" ? posted.reason : posted.kind);
  }
  return { kinds, paid };
}

function urlsOf(): readonly string[] {
  return worlds.map(({ relay }) => relay.address);
}

test("without tickets one stamp is good at every relay", async () => {
  const { kinds, paid } = await post(undefined, "by work", urlsOf());
  assert.deepEqual(kinds, ["receipt", "receipt"]);
  assert.ok(paid.every(({ kind }) => kind === "stamp"));
  assert.equal(paid.length, 1, "the second relay needed no work of its own");
});

test("tickets are spent first, another at each relay, and never again", async () => {
  const made = [1, 2, 3].map((number) => ticket(number));
  const home = homeWith([...made, ticket(4, Date.now() - 20 * 86_400_000)]);
  assert.equal(ticketsIn(home).length, 3, "one has expired");
  const first = await post(home, "by ticket", urlsOf());
  assert.deepEqual(first.kinds, ["receipt", "receipt"]);
  assert.deepEqual(first.paid, [{ kind: "ticket" }, { kind: "ticket" }]);
  assert.equal(ticketsIn(home).length, 1);
  const spent = JSON.parse(readText(home, "tickets.json") ?? "") as { spent: object };
  assert.deepEqual(Object.keys(spent.spent), ["AQEBAQEBAQEBAQEB", "AgICAgICAgICAgIC"]);
  assert.ok(Object.values(spent.spent).every((until) => parseTime(String(until)) !== undefined));
  const second = await post(home, "the last one", urlsOf());
  assert.deepEqual(second.kinds, ["receipt", "receipt"]);
  assert.deepEqual(
    second.paid.map(({ kind }) => kind),
    ["ticket", "stamp"],
  );
});

test("a ticket that somebody stole costs a ticket: the letter goes by stamp", async () => {
  const home = homeWith([ticket(9), ticket(10)]);
  const [thief] = urlsOf();
  assert.ok(thief !== undefined);
  const theirs = await post(homeWith([ticket(9)]), "the thief's", [thief]);
  assert.deepEqual(theirs.kinds, ["receipt"]);
  const { kinds, paid } = await post(home, "ours", [thief]);
  assert.deepEqual(kinds, ["receipt"]);
  assert.equal(paid[0]?.kind, "ticket");
  assert.equal(paid[1]?.kind, "stamp");
  assert.equal(ticketsIn(home).length, 1);
});

/** A relay that asks what it likes. */
async function asking(bits: () => number): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(402, { "content-type": "application/problem+json" });
    const title = "This relay is loaded: letters cost postage.";
    response.end(JSON.stringify({ title, code: "postage_needed", bits: bits(), refusal: "x" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, url: `http://127.0.0.1:${address.port}` };
}

test("an absurd price is not paid, and a price that is never content not for ever", async () => {
  const dear = await asking(() => 40);
  const absurd = await post(undefined, "absurd", [dear.url]);
  assert.match(absurd.kinds[0] ?? "", /asks 40 bits of work, and 26 is the most/);
  assert.deepEqual(absurd.paid, []);
  let asked = 0;
  const greedy = await asking(() => (asked += 1));
  const { kinds } = await post(undefined, "greedy", [greedy.url]);
  assert.match(kinds[0] ?? "", /loaded/);
  assert.equal(asked, 7);
  for (const { server } of [dear, greedy]) server.close();
});

test("work ends when it is not wanted any more, and says how far it came", async () => {
  const { server, url } = await asking(() => 26);
  const sealed = sealedLetter("endless");
  const stop = new AbortController();
  const paid: Paying[] = [];
  const payer = new Payer({ ref: refOf(sealed), sealed }, undefined);
  const posted = await payer.post(url, stop.signal, (paying) => {
    paid.push(paying);
    if (paid.length === 2) stop.abort();
  });
  assert.equal(posted.kind, "refused");
  const [, told] = paid;
  assert.ok(told?.kind === "stamp" && told.tried > 0);
  server.close();
});

test("what is no ticket in a home is passed over", () => {
  const home = homeWith([]);
  keep(home, '{"spent": {"a": 5, "b": "never"}}', "tickets.json");
  assert.deepEqual(ticketsIn(home), []);
});
