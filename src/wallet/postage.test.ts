/**
 * A wallet pays by itself: tickets of its own first, each at one relay; work else, for all relays
 * at once, and not beyond reason.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test as plainTest } from "node:test";

import { fingerprint, orderId, ref, type Ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { makeTicket } from "../letter/postage.ts";
import { noReport, printReport, type Report } from "../letter/report.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";
import { keepReport } from "./archive.ts";
import { keep, readText, type Home } from "./home.ts";
import { memoryHome } from "./memoryhome.ts";
import { keepEntry, type OutboxEntry } from "./outbox.ts";
import { Payer, ticketsIn, type Paying } from "./postage.ts";

const price = 12;
let worlds: readonly RelayWorld[] = [];

before(async () => {
  worlds = [await RelayWorld.start(), await RelayWorld.start()];
});

/** A hook would run before the tests of every file: all are in one process. */
function test(name: string, work: () => Promise<void> | void): void {
  void plainTest(name, async () => {
    for (const world of worlds) await load(world, price);
    await work();
  });
}

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

const account = fingerprint("aa".repeat(20));
const answered = ref("0a".repeat(32));

/** A home whose only report brought these tickets, with the letter that it answers, if that is. */
function homeWith(tickets: readonly string[], sent: Ref | null = answered): Home {
  const home = memoryHome({ name: "a test" });
  const id = orderId("0b".repeat(32));
  const report: Report = {
    kind: "report",
    exchange: fingerprint("49979888511191774776929750563049979888ab"),
    to: account,
    report: 1,
    previous: noReport,
    answers: { orderId: id, ref: answered, seq: { number: 1, thread: 0 } },
    log: 0,
    at: time(Date.now()),
    records: tickets.map((text) => ({ kind: "ticket", text })),
  };
  assert.ok(keepReport(home, report, printReport(report)).ok);
  if (sent !== null) keepEntry(home, entryOf(sent));
  return home;
}

function entryOf(sent: Ref): OutboxEntry {
  return {
    name: "0-1",
    seq: { number: 1, thread: 0 },
    by: time(Date.now()),
    at: time(Date.now()),
    ref: sent,
    orderId: orderId("0b".repeat(32)),
    bytes: 500,
    ids: [],
    state: "answered",
    report: 1,
    refused: undefined,
    effect: true,
    next: undefined,
  };
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
  const shown = JSON.parse(readText(home, "tickets.json") ?? "") as { spent: object };
  const letter = refOf(sealedLetter("by ticket"));
  assert.deepEqual(
    Object.entries(shown.spent),
    urlsOf().map((relay, index) => [made[index], { ref: letter, relay }]),
  );
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

test("tickets that came to every copy of a wallet are left alone", () => {
  const tickets = [1, 2].map((number) => ticket(number));
  assert.equal(ticketsIn(homeWith(tickets)).length, 2);
  assert.deepEqual(ticketsIn(homeWith(tickets, null)), [], "a restored one sent nothing");
  assert.deepEqual(ticketsIn(homeWith(tickets, ref("0c".repeat(32)))), [], "another's letter");
});

test("a letter has one ticket at a relay, however often it is sent there", async () => {
  const home = homeWith([1, 2, 3].map((number) => ticket(number)));
  const { server, url, shown } = await asking(() => 1);
  for (let times = 0; times < 3; times += 1) await post(home, "again", [url]);
  const tickets = shown.filter((postage) => postage.startsWith("ticket "));
  assert.equal(tickets.length, 3);
  assert.equal(new Set(tickets).size, 1);
  assert.equal(ticketsIn(home).length, 2);
  await post(home, "another letter", [url]);
  assert.equal(ticketsIn(home).length, 1);
  server.close();
});

test("of two programs in one home each has the home to itself while it spends a ticket", async () => {
  const inner = homeWith([ticket(11)]);
  let isHeld = false;
  const home: Home = {
    ...inner,
    keep: (bytes, ...path) => {
      assert.ok(isHeld || path[0] !== "tickets.json");
      inner.keep(bytes, ...path);
    },
    exclusively: (work) =>
      inner.exclusively(async () => {
        isHeld = true;
        try {
          return await work();
        } finally {
          isHeld = false;
        }
      }),
  };
  const { kinds, paid } = await post(home, "held", urlsOf().slice(0, 1));
  assert.deepEqual([...kinds, ...paid], ["receipt", { kind: "ticket" }]);
});

test("a relay that asks for an age of work delays the letter at no other", async () => {
  const dear = await asking(() => 26);
  const sealed = sealedLetter("beside a dear one");
  const payer = new Payer({ ref: refOf(sealed), sealed }, undefined);
  const stop = new AbortController();
  const { promise: isWorking, resolve } = Promise.withResolvers<undefined>();
  const dearly = payer.post(dear.url, stop.signal, () => resolve(undefined));
  await isWorking;
  for (const url of urlsOf()) assert.equal((await payer.post(url, undefined)).kind, "receipt");
  stop.abort();
  assert.equal((await dearly).kind, "refused");
  dear.server.close();
});

test("the best stamp so far is good for each lower price", async () => {
  const asked = [14, 3, 14, 9];
  const { server, url, shown } = await asking(() => asked.shift() ?? 40);
  const { paid } = await post(undefined, "lower", [url]);
  const stamps = shown.filter((postage) => postage !== "");
  assert.equal(stamps.length, 4);
  assert.equal(new Set(stamps).size, 1);
  const works = paid.flatMap((paying) => (paying.kind === "stamp" ? [paying.bits] : []));
  assert.deepEqual([...new Set(works)], [14]);
  server.close();
});

test("when the deadline is near, or the letter is answered, nothing is paid any more", async () => {
  const { server, url } = await asking(() => 8);
  const sealed = sealedLetter("too late");
  const letter = { ref: refOf(sealed), sealed };
  const home = homeWith([ticket(1)]);
  const over = new AbortController();
  over.abort();
  for (const ends of [{ by: time(Date.now() + 1000) }, { stop: over.signal }]) {
    const paid: Paying[] = [];
    const payer = new Payer(letter, home, ends);
    const posted = await payer.post(url, undefined, (paying) => paid.push(paying));
    assert.equal(posted.kind, "refused");
    assert.deepEqual(paid, []);
  }
  assert.equal(ticketsIn(home).length, 1);
  server.close();
});

/** `shown` is the postage of each request. */
type Asking = { readonly server: Server; readonly url: string; readonly shown: readonly string[] };

/** A relay that asks what it likes. */
async function asking(bits: () => number): Promise<Asking> {
  const shown: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    shown.push(String(request.headers["postage"] ?? ""));
    response.writeHead(402, { "content-type": "application/problem+json" });
    const title = "This relay is loaded: letters cost postage.";
    response.end(JSON.stringify({ title, code: "postage_needed", bits: bits(), refusal: "x" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, url: `http://127.0.0.1:${address.port}`, shown };
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
