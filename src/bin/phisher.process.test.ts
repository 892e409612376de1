/**
 * A hostile copy of the site: it looks like a relay, keeps every byte that it sees and changes
 * what it likes. Faithful, it carries a real order from end to end and learns sizes, times, refs
 * and addresses, nothing else. Whatever it tampers with is noticed, called by its code, and never
 * makes anybody believe something that is not so (P1, P2, P4).
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

import { keyNumber } from "../codec/keynumber.ts";
import { fingerprint, type Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { dearmor } from "../letter/armor.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { readOperatingKeys } from "../seal/keys.ts";
import { sealReport } from "../seal/seal.ts";
import { TestExchange } from "../testing/exchange.ts";
import { slowPackets } from "../testing/framing.ts";
import { Front, nameInCard, type Asked, type Meddle, type Said } from "../testing/front.ts";
import { HandCustomer, record } from "../testing/hand.ts";
import { fundWallet } from "../testing/ready.ts";
import { truthOf } from "../testing/truth.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { statementHere } from "../wallet/sync.ts";
import { readExchange } from "./places.ts";

let exchange: TestExchange;
/** Another exchange, genuine in itself, of the phisher's own. */
let bait: TestExchange;
let phisher: Front;
let hand: HandCustomer;
let account: Fingerprint;
const alice = new WalletCustomer();
const caught: string[] = [];

before(async () => {
  exchange = await TestExchange.create();
  bait = await TestExchange.create();
  await Promise.all([exchange.start(), bait.start()]);
  phisher = await Front.start(exchange.url);
  await nameInCard(exchange, new Map([["alder", phisher.url]]));
});

beforeEach(() => phisher.relent());

after(async () => {
  alice.remove();
  hand?.remove();
  await phisher.close();
  await Promise.all([exchange.remove(), bait.remove()]);
});

/** Changes what the relay says to questions that match, and nothing else. */
function changing(which: RegExp, change: (said: Said, asked: Asked) => Said | undefined): Meddle {
  return async (asked, forward) => {
    const said = await forward(asked);
    return which.test(`${asked.method} ${asked.path}`) ? change(said, asked) : said;
  };
}

/** One octet of it is another. */
function spoilt(said: Said): Said {
  const body = Buffer.from(said.body);
  const middle = Math.floor(body.length / 2);
  body[middle] = (body[middle] ?? 0) ^ 1;
  return { ...said, body };
}

const post = /^POST \/v1\/letters/;
const reply = /^GET \/v1\/letters\/[0-9a-f]+\/reply/;
const nothingThere: Said = { status: 404, type: "application/json", body: Buffer.from("{}") };

test("another exchange's card and certificate: not pinned, not refreshed to", async () => {
  const number = keyNumber(readExchange(exchange.dir));
  const words = ["--words-file", join(alice.dir, "words.txt"), "--relay", phisher.url];
  const setup = ["setup", ...words, "--key-number", number];
  const theirs: unknown = await (await fetch(`${bait.url}/v1/exchange`)).json();
  const ours: unknown = await (await fetch(`${exchange.url}/v1/exchange`)).json();
  const told = (what: object): Meddle =>
    changing(/ \/v1\/exchange$/, (said) => ({ ...said, body: Buffer.from(JSON.stringify(what)) }));
  const card = String(at(ours, "card"));
  const lies: readonly (readonly [string, object])[] = [
    ["E606", Object(theirs)],
    ["E603", { card, certificate: at(theirs, "certificate") }],
    ["E603", { card: at(theirs, "card"), certificate: at(ours, "certificate") }],
    [
      "E603",
      {
        card: card.replace("GLD/BTC 1 100", "GLD/BTC 1 900"),
        certificate: at(ours, "certificate"),
      },
    ],
  ];
  for (const [code, what] of lies) {
    phisher.meddle = told(what);
    const ended = await alice.run(...setup);
    assert.equal(ended.code, 6, ended.err);
    assert.match(ended.err, new RegExp(code));
    assert.equal(existsSync(join(alice.home, "exchange.json")), false);
    assert.equal(existsSync(join(alice.home, "key.asc")), false);
  }
  phisher.relent();
  const opened = await alice.json(...setup);
  assert.equal(opened.code, 0, opened.err);
  account = fingerprint(String(at(opened.data, "account")));
  phisher.meddle = told(Object(theirs));
  const pinned = readFileSync(join(alice.home, "exchange.json"), "utf8");
  // An unknown market makes the wallet look for a newer card.
  assert.match((await alice.run("buy", "1", "OIL/BTC", "@", "1")).err, /E106/);
  assert.equal(readFileSync(join(alice.home, "exchange.json"), "utf8"), pinned);
  phisher.relent();
});

test("it carries a real order, the wallet's and one by gpg and curl", async () => {
  await fundWallet(exchange, alice, { BTC: ["10", 1_000_000_000] });
  hand = await HandCustomer.createThrough(phisher.url);
  assert.match(await hand.sayThrough([`REGISTER|${hand.gpg.certificate()}`]), /^report 1$/m);
  const bought = await alice.json("buy", "5", "GLD/BTC", "@", "0.042", "--id", "bought");
  assert.equal(bought.code, 0, bought.err);
  assert.equal((await alice.run("push", "1", "BTC", "to", hand.gpg.fingerprint)).code, 0);
  const ordered = await hand.sayThrough(["BUY|GLD/BTC|10|4100|id=by-hand"]);
  assert.equal(record(ordered, "ORDER")[3], "resting");
  assert.equal((await alice.run("cancel", "bought")).code, 0);
  assert.equal((await alice.run("statement")).code, 0);
});

/** The key id of each session-key packet, and the tags of all packets. */
function framing(sealed: Uint8Array): { readonly ids: string[]; readonly tags: string } {
  const packets = slowPackets(sealed);
  const ids = packets
    .filter(({ tag }) => tag === 1)
    .map(({ body }) => Buffer.from(body.slice(1, 9)).toString("hex"));
  return { ids, tags: packets.map(({ tag }) => tag).join(" ") };
}

function binary(body: Buffer): Uint8Array {
  if ((body[0] ?? 0) >= 0x80) return body;
  const opened = dearmor(body.toString("latin1"));
  assert.ok(opened.ok, "a sealed text is binary or armored");
  return opened.value;
}

async function certificateOf(armored: string | Uint8Array): Promise<Certificate> {
  const read = await readCertificate(armored, time(Date.now()));
  assert.ok(read.ok);
  return read.value;
}

/** Everything about the customers that must not be seen, in every form it could be seen in. */
async function secrets(): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const hide = (name: string, hex: string): void => {
    found.set(`${name}, binary`, Buffer.from(hex, "hex"));
    for (const text of [hex, hex.toUpperCase()]) found.set(`${name}, ${text}`, Buffer.from(text));
    found.set(`${name}, base64`, Buffer.from(Buffer.from(hex, "hex").toString("base64")));
  };
  const mine = await alice.json("card", "mine");
  const certificates = [
    String(at(mine.data, "certificate")),
    Buffer.from(hand.gpg.certificate(), "base64"),
  ];
  for (const certificate of certificates) {
    const { fingerprint, key } = await certificateOf(certificate);
    hide("fingerprint", fingerprint);
    for (const part of key.getKeys()) hide("key id", part.getKeyID().toHex());
  }
  for (const order of listAt((await alice.json("orders", "--all")).data, "orders")) {
    hide("order id", String(at(order, "order")).slice(0, 64));
  }
  for (const word of [
    "bought",
    "by-hand",
    "REGISTER|",
    "BUY|",
    "DEPOSIT|",
    "BALANCE|",
    "MAILBOX|",
  ]) {
    found.set(word, Buffer.from(word));
  }
  return found;
}

test("all that it learned: sizes, times, refs, addresses", async () => {
  const kept = [...phisher.crossings];
  const hidden = await secrets();
  const sealingKey = (
    await certificateOf(readFileSync(join(exchange.dir, "certificate.asc"), "utf8"))
  ).key
    .getSubkeys()
    .map((part) => part.getKeyID().toHex());
  let letters = 0;
  let replies = 0;
  const paths = new Set<string>();
  for (const { asked, said } of kept) {
    const seen = [JSON.stringify([asked.path, asked.headers]), asked.body, said.body];
    for (const [name, secret] of hidden) {
      for (const bytes of seen) assert.ok(!Buffer.from(bytes).includes(secret), `it saw: ${name}`);
    }
    assert.equal(asked.headers["cookie"] ?? asked.headers["authorization"], undefined);
    paths.add(asked.path.replaceAll(/[0-9a-f]{64}/g, "HASH").replace(/=\d+$/, "=N"));
    if (asked.method === "POST") {
      const { ids, tags } = framing(binary(asked.body));
      assert.equal(tags, "1 18");
      assert.ok(
        ids.every((id) => sealingKey.includes(id)),
        "sealed to the exchange alone",
      );
      letters += 1;
    }
    const isReply =
      said.status === 200 &&
      (reply.test(`${asked.method} ${asked.path}`) || post.test(`${asked.method} ${asked.path}`));
    const mail = asked.path.startsWith("/v1/mailboxes/") ? JSON.parse(said.body.toString()) : {};
    const entries = "entries" in mail ? listAt(mail, "entries") : [];
    const sealed = entries.map((entry) => Buffer.from(String(at(entry, "sealed")), "base64"));
    for (const body of isReply ? [said.body, ...sealed] : sealed) {
      assert.deepEqual(framing(binary(body)), { ids: ["0000000000000000"], tags: "1 18" });
      replies += 1;
    }
  }
  assert.ok(letters >= 6 && replies >= 6, `${letters} letters, ${replies} replies`);
  assert.deepEqual([...paths].sort(), [
    "/v1/exchange",
    "/v1/exchange/card",
    "/v1/exchange/certificate",
    "/v1/letters",
    "/v1/letters/HASH/reply",
    "/v1/letters?wait=N",
    "/v1/mailboxes/HASH",
  ]);
  console.log(`# it saw ${kept.length} exchanges, ${letters} letters, ${replies} sealed texts`);
});

async function forgive(): Promise<void> {
  const ended = await alice.run("relay", "forgive", phisher.url);
  assert.equal(ended.code, 0, ended.err);
}

/**
 * A buy while the phisher does this; then it relents, and the same bytes bring the true answer.
 * Gives what the wallet said in between.
 */
async function buyUnder(id: string, meddle: Meddle, code: string, exit: number): Promise<string> {
  phisher.meddle = meddle;
  const words = ["buy", "1", "GLD/BTC", "@", "0.01", "--id", id, "--timeout", "3s"];
  const ended = await alice.run(...words);
  assert.equal(ended.code, exit, `${id}: ${ended.out}${ended.err}`);
  assert.match(ended.err, new RegExp(`${code}$`, "m"), `${id}: ${ended.err}`);
  assert.equal(ended.out, "", `${id}: nothing is told as done`);
  const believed = [...statementHere(diskHome(alice.home)).orders.values()];
  assert.ok(!believed.some((order) => order.id === id), `${id}: nothing is believed`);
  phisher.relent();
  // Whoever lied is not asked again, and Alice has no other relay.
  if (code.startsWith("E60")) {
    assert.match((await alice.run("outbox", "retry", id)).err, /E821$/m);
    await forgive();
  }
  const again = await alice.run("outbox", "retry", id);
  assert.equal(again.code, 0, `${id}: ${again.err}`);
  caught.push(id);
  return ended.err;
}

test("receipts changed or taken from elsewhere: E602", async () => {
  await buyUnder(
    "receipt-changed",
    changing(post, (said) => ({
      ...said,
      body: Buffer.from(said.body.toString().replace(/number \d+/, "number 4711")),
    })),
    "E602",
    6,
  );
  const old = phisher.crossings.find(
    ({ asked, said }) => asked.method === "POST" && said.status === 202,
  );
  assert.ok(old);
  await buyUnder(
    "receipt-of-another",
    changing(post, () => old.said),
    "E602",
    6,
  );
});

test("replies spoilt, of another letter, or by another exchange: E601 and E604", async () => {
  await buyUnder(
    "reply-spoilt",
    changing(reply, (said) => (said.status === 200 ? spoilt(said) : said)),
    "E601",
    6,
  );
  const old = phisher.crossings.findLast(
    ({ asked, said }) => reply.test(`GET ${asked.path}`) && said.status === 200,
  );
  assert.ok(old);
  await buyUnder(
    "reply-of-another",
    changing(reply, () => old.said),
    "E604",
    6,
  );
  // A forgery that opens: sealed to the customer, told well, signed by an exchange, the wrong one.
  const to = await certificateOf(
    String(at((await alice.json("card", "mine")).data, "certificate")),
  );
  const armored = readFileSync(join(bait.dir, "island/keys/operating.key.asc"), "utf8");
  const keys = await readOperatingKeys(armored);
  const text = readFileSync(join(alice.home, "reports/000003.txt"), "latin1");
  const forged = await sealReport(text, { keys, to, at: time(Date.now()) });
  const said = { status: 200, type: "application/octet-stream", body: Buffer.from(forged) };
  await buyUnder(
    "reply-forged",
    changing(reply, () => said),
    "E601",
    6,
  );
});

test("what is withheld is not known, and nothing worse: E501, E801, E802", async () => {
  await buyUnder(
    "reply-withheld",
    changing(reply, () => nothingThere),
    "E501",
    5,
  );
  const notice = { status: 422, type: "text/plain", body: Buffer.from("signet-unopenable/1\n") };
  await buyUnder(
    "notice-forged",
    changing(reply, () => notice),
    "E501",
    5,
  );
  await buyUnder("letter-swallowed", async () => undefined, "E801", 8);
  const away = { status: 302, type: "text/html", body: Buffer.from("") };
  await buyUnder("sent-elsewhere", async () => away, "E801", 8);
  const refusal = Buffer.from(JSON.stringify({ detail: "Please try our other site." }));
  const no = { status: 400, type: "application/problem+json", body: refusal };
  // It did carry this one, and says that it did not.
  await buyUnder(
    "refusal-made-up",
    changing(post, () => no),
    "E802",
    8,
  );
});

test("a letter whose receipt is lost is not said to be unsent", async () => {
  const err = await buyUnder(
    "answer-swallowed",
    changing(post, () => undefined),
    "E801",
    8,
  );
  assert.match(err, /Should a relay have it after all, it may still be read until its deadline/);
});

test("mail spoilt, or withheld: nothing new is believed, nothing is lost", async () => {
  const before = (await alice.json("statement")).data;
  const spoil = changing(/mailboxes/, (said) => {
    const mail: unknown = JSON.parse(said.body.toString());
    const entries = listAt(mail, "entries").map((entry) => {
      const sealed = Buffer.from(String(at(entry, "sealed")), "base64");
      const other = spoilt({ ...said, body: sealed }).body.toString("base64");
      return { index: at(entry, "index"), sealed: other };
    });
    return { ...said, body: Buffer.from(JSON.stringify({ ...Object(mail), entries })) };
  });
  await hand.sayThrough([`PUSH|BTC|${account}|1000`]);
  phisher.meddle = spoil;
  const spoiltMail = await alice.json("statement");
  assert.match(spoiltMail.err, /E607/);
  await forgive();
  assert.deepEqual(at(spoiltMail.data, "balances"), at(before, "balances"));
  phisher.meddle = changing(/mailboxes/, () => nothingThere);
  const withheld = await alice.json("statement");
  assert.deepEqual(at(withheld.data, "balances"), at(before, "balances"));
  phisher.relent();
  const after = await alice.json("statement");
  assert.equal(after.code, 0, after.err);
  assert.notDeepEqual(at(after.data, "balances"), at(before, "balances"));
});

test("in the end every order that it meddled with was placed once", async () => {
  const open = listAt((await alice.json("orders")).data, "orders").map((order) => at(order, "id"));
  assert.deepEqual(open, caught);
  await exchange.stop();
  const { reports } = await truthOf(exchange.dir, readExchange(exchange.dir));
  const placed = (reports.get(account) ?? [])
    .flatMap((report) => report.records)
    .flatMap((entry) => (entry.kind === "order" && entry.line > 0 ? [entry.id] : []));
  for (const id of caught) assert.equal(placed.filter((other) => other === id).length, 1);
});
