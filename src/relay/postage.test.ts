/** Postage at a relay: what pays, what is refused and by what name, and what hostile parties do. */
import { connect } from "node:net";
import { test } from "node:test";
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import { findStamp, makeTicket } from "../letter/postage.ts";
import { openRefusal } from "../log/receipt.ts";
import { Publisher, rawPublicKey, testKey, verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld, refOf } from "../testing/relayworld.ts";
import { sealedLetter } from "../testing/sealed.ts";

const relayKey = { name: "alder", publicKey: rawPublicKey(testKey(3)) };
const price = 13;
const dayMs = 86_400_000;

type Answer = { readonly status: number; readonly code: string; readonly bits: number | undefined };

class Counter {
  readonly world: RelayWorld;
  #tickets = 0;

  constructor(world: RelayWorld) {
    this.world = world;
  }

  /** The dock wants letters to have paid: from now on they cost something. */
  async load(bits: number): Promise<void> {
    const path = `/v1/dock/letters?after=0&price=${bits}`;
    const headers = { "signet-dock": this.world.signature("GET", path) };
    equal((await fetch(this.world.relay.address + path, { headers })).status, 200);
  }

  /** Posts a letter; a refusal must be signed, for this letter and with this price. */
  async post(letter: Uint8Array, postage?: string): Promise<Answer> {
    const response = await fetch(`${this.world.relay.address}/v1/letters`, {
      method: "POST",
      body: new Uint8Array(letter),
      ...(postage === undefined ? {} : { headers: { postage } }),
    });
    if (response.status === 202) return { status: 202, code: "", bits: undefined };
    const said = (await response.json()) as { code: string; bits?: number; refusal: string };
    const signed = openRefusal(said.refusal, relayKey, verifyEd25519);
    ok(signed.ok);
    equal(signed.value.reason, said.code);
    equal(signed.value.bits, said.bits);
    if (said.code !== "postage_malformed") equal(signed.value.ref, refOf(letter));
    return { status: response.status, code: said.code, bits: said.bits };
  }

  ticket(made: number = Date.now(), publisher: Publisher = this.world.publisher): string {
    const nonce = new Uint8Array(12).fill((this.#tickets += 1));
    const { exchange, log } = publisher;
    return `ticket ${makeTicket(exchange, { at: time(made), nonce }, log.sign)}`;
  }
}

function stamp(letter: Uint8Array, bits: number, at = Date.now()): string {
  const found = findStamp({ ref: refOf(letter), at: time(at), bits }, 0, 10_000_000);
  ok(found !== undefined);
  return found;
}

async function withCounter(work: (counter: Counter) => Promise<void>): Promise<void> {
  const world = await RelayWorld.start();
  try {
    await work(new Counter(world));
  } finally {
    await world.close();
  }
}

test("while a relay is quiet letters are free; only the form of postage is looked at", async () => {
  await withCounter(async (counter) => {
    const facts = (await (await counter.world.get("/v1/relay")).json()) as { postage: unknown };
    deepEqual(facts.postage, { bits: 0, until: null, tickets: true });
    equal((await counter.post(sealedLetter("free"))).status, 202);
    const ticket = counter.ticket();
    equal((await counter.post(sealedLetter("with a ticket"), ticket)).status, 202);
    equal((await counter.post(sealedLetter("weak"), "stamp 2001-01-01-1")).status, 202);
    const refused = await counter.post(sealedLetter("odd"), "cash 5");
    deepEqual([refused.status, refused.code], [400, "postage_malformed"]);
    // A ticket that came while letters were free was not spent.
    await counter.load(price);
    equal((await counter.post(sealedLetter("another"), ticket)).status, 202);
  });
});

test("a loaded relay says its price, signs its refusals, and takes what is stamped", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const letter = sealedLetter("stamped");
    const facts = (await (await counter.world.get("/v1/relay")).json()) as {
      postage: { bits: number; until: string };
    };
    equal(facts.postage.bits, price);
    ok(Date.parse(facts.postage.until) > Date.now(), "so long it holds");
    deepEqual(await counter.post(letter), { status: 402, code: "postage_needed", bits: price });
    equal((await counter.world.get(`/v1/letters/${refOf(letter)}`)).status, 404);
    const paid = stamp(letter, price);
    equal((await counter.post(letter, paid)).status, 202);
    equal((await counter.post(letter)).status, 202, "a letter that is here has its receipt");
    // The price may rise, and it was free before: a stamp of the price that was said is good.
    await counter.load(price + 4);
    const next = sealedLetter("made before the price rose");
    equal((await counter.post(next, stamp(next, price))).status, 202);
  });
});

test("a stamp is for one letter, on about one day, and each copy of it costs", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const [letter, other] = [sealedLetter("mine"), sealedLetter("another's")];
    const refused = async (said: Uint8Array, postage: string): Promise<string> =>
      (await counter.post(said, postage)).code;
    const paid = stamp(letter, price);
    // Work for another ref is none for this one, but for chance.
    equal(await refused(other, paid), "stamp_weak");
    equal(await refused(letter, stamp(letter, price, Date.now() - 3 * dayMs)), "stamp_day_wrong");
    equal(await refused(letter, stamp(letter, price, Date.now() + 3 * dayMs)), "stamp_day_wrong");
    equal((await counter.post(letter, paid)).status, 202);
    const copies = [1, 2, 3].map((copy) => sealedLetter("mine", 500, `copy ${copy}`));
    const weak = await counter.post(copies[0] ?? letter);
    deepEqual([weak.code, weak.bits], ["postage_needed", price + 1]);
    for (const copy of copies) {
      equal((await counter.post(copy, stamp(copy, price + 2))).status, 202);
    }
    equal((await counter.post(sealedLetter("mine", 500, "fifth"))).bits, price + 3);
  });
});

test("a ticket pays for one letter, whatever is done with it", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const letter = sealedLetter("first");
    const ticket = counter.ticket();
    equal((await counter.post(letter, ticket)).status, 202);
    equal((await counter.post(letter, ticket)).status, 202, "the same bytes, the same receipt");
    const spent = await counter.post(sealedLetter("second"), ticket);
    deepEqual([spent.status, spent.code, spent.bits], [402, "ticket_spent", price]);
    await counter.world.restart();
    await counter.load(price);
    equal((await counter.post(sealedLetter("second"), ticket)).code, "ticket_spent");
    const copy = sealedLetter("first", 500, "other keys");
    equal((await counter.post(copy, ticket)).code, "ticket_spent", "a copy is another letter");
    const both = counter.ticket();
    const raced = await Promise.all(
      ["a", "b", "c"].map((word) => counter.post(sealedLetter(`race ${word}`), both)),
    );
    const codes = raced.map(({ status, code }) => `${status} ${code}`).sort();
    deepEqual(codes, ["202 ", "402 ticket_spent", "402 ticket_spent"]);
  });
});

test("tickets that the exchange did not make, or not lately, pay for nothing", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const code = async (ticket: string): Promise<string> =>
      (await counter.post(sealedLetter("first"), ticket)).code;
    const ticket = counter.ticket();
    const [date = "", nonce = "", signature = ""] = ticket.split(".");
    equal(await code(`${date}.${nonce.replace("A", "B")}.${signature}`), "ticket_forged");
    const later = date.replace("ticket 20", "ticket 21");
    equal(await code(`${later}.${nonce}.${signature}`), "ticket_forged");
    equal(await code(counter.ticket(Date.now() - 16 * dayMs)), "ticket_expired");
    const elsewhere = new Publisher(fingerprint("00".repeat(20)), testKey(1));
    equal(await code(counter.ticket(Date.now(), elsewhere)), "ticket_forged", "another exchange");
    const stranger = new Publisher(counter.world.publisher.exchange, testKey(77));
    equal(await code(counter.ticket(Date.now(), stranger)), "ticket_forged", "another key");
    equal((await counter.post(sealedLetter("first"), ticket)).status, 202, "the true one is whole");
  });
});

test("a relay that steals a ticket costs one ticket: the letter goes by stamp", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const letter = sealedLetter("honest");
    const shown = counter.ticket();
    // Another relay, which was shown the ticket, was quicker here with a letter of its own.
    equal((await counter.post(sealedLetter("the thief's"), shown)).status, 202);
    const refused = await counter.post(letter, shown);
    equal(refused.code, "ticket_spent");
    equal((await counter.post(letter, stamp(letter, refused.bits ?? 0))).status, 202);
  });
});

test("a form has postage in a field", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const post = (
      body: URLSearchParams | FormData,
      headers: { postage?: string } = {},
    ): Promise<Response> =>
      fetch(`${counter.world.relay.address}/v1/letters`, { method: "POST", body, headers });
    const [first, second] = [sealedLetter("url-encoded"), sealedLetter("multipart")];
    const fields = { postage: counter.ticket(), msg: armor(first) };
    equal((await post(new URLSearchParams(fields))).status, 202);
    const form = new FormData();
    form.set("msg", armor(second));
    form.set("postage", stamp(second, price));
    equal((await post(form)).status, 202);
    form.append("postage", counter.ticket());
    equal((await post(form)).status, 202, "of two parts the first counts, and it is here already");
    const two = [...Object.entries(fields), ["postage", counter.ticket()]];
    const said = await post(new URLSearchParams(two as [string, string][]));
    equal(said.status, 400);
    const both = await post(new URLSearchParams(fields), { postage: fields.postage });
    equal(((await both.json()) as { code: string }).code, "postage_malformed");
  });
});

test("a browser's page may ask whether it may send postage", async () => {
  await withCounter(async (counter) => {
    const headers = { "access-control-request-method": "POST", origin: "http://a.example" };
    const url = `${counter.world.relay.address}/v1/letters`;
    const asked = await fetch(url, { method: "OPTIONS", headers });
    equal(asked.status, 204);
    match(asked.headers.get("access-control-allow-headers") ?? "", /\bpostage\b/);
    equal(asked.headers.get("access-control-allow-origin"), "*");
  });
});

/** Sends bytes as they are, and reads what comes until the end. */
function raw(address: string, bytes: string | Uint8Array): Promise<string> {
  const { port } = new URL(address);
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.end(bytes));
    socket.on("data", (part) => (text += part.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

test("postage that is smuggled in pays for nothing", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const { address } = counter.world.relay;
    const letter = sealedLetter("smuggled");
    const good = stamp(letter, price);
    const request = (lines: readonly string[], first = "POST /v1/letters HTTP/1.1"): Buffer => {
      const head = [first, "host: relay", "connection: close", ...lines];
      const length = `content-length: ${letter.length}`;
      return Buffer.concat([Buffer.from(`${[...head, length].join("\r\n")}\r\n\r\n`), letter]);
    };
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[`postage: ${good}`, `postage: ${good}`], /postage_malformed/],
      [[`postage: cash`, `postage: ${good}`], /postage_malformed/],
      [[`postage: ${good},`], /postage_malformed/],
      [[`postage: ${good}\tx`], /postage_malformed/],
      [[`postage : ${good}`], /^HTTP\/1\.1 400/],
      [["postage: cash", ` ${good}`], /^HTTP\/1\.1 400/],
      [[`x-postage: ${good}`], /postage_needed/],
      [[`x: y\npostage: ${good}`], /^HTTP\/1\.1 400/],
      [[`x: y\rpostage: ${good}`], /^HTTP\/1\.1 400/],
      [["transfer-encoding: chunked", `postage: ${good}`], /^HTTP\/1\.1 400/],
      [[`trailer: postage`], /postage_needed/],
    ];
    for (const [lines, answer] of cases) {
      match(await raw(address, request(lines)), answer, lines.join("|"));
    }
    equal((await counter.world.get(`/v1/letters/${refOf(letter)}`)).status, 404, "none of it came");
    match(await raw(address, request([`Postage: ${good}`])), /^HTTP\/1\.1 202/);
    const inQuery = request([], `POST /v1/letters?postage=${encodeURIComponent(good)} HTTP/1.1`);
    match(await raw(address, inQuery), /^HTTP\/1\.1 202/, "it is here already");
  });
});

test("a megabyte of header is refused before it is kept, and the relay goes on", async () => {
  await withCounter(async (counter) => {
    await counter.load(price);
    const { address } = counter.world.relay;
    const long = `postage: stamp ${"9".repeat(1_048_576)}`;
    const head = `POST /v1/letters HTTP/1.1\r\nhost: relay\r\n${long}\r\n\r\n`;
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 10; i += 1) match(await raw(address, head), /^(HTTP\/1\.1 4|$)/);
    ok(process.memoryUsage().rss - before < 64 * 1_048_576);
    const letter = sealedLetter("after");
    const odd = await counter.post(letter, `ticket ${"A".repeat(4000)}`);
    equal(odd.code, "postage_malformed");
    notEqual((await counter.post(letter, stamp(letter, price))).status, 402);
  });
});
