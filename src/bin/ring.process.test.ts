/**
 * A customer's ring orders at the command line, against an exchange that says what the test
 * chooses: written, signed by each kind of signer, followed, taken back, restored; wrong words are
 * refused before anybody signs; and of the auth key nothing ever leaves but the sealed message.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { fromBase64, toBase64, toHex } from "../codec/bytes.ts";
import { type Address, parseAddress, parseHash } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import type { RingCommand } from "../letter/command.ts";
import type { CardRing } from "../letter/card.ts";
import type { Entry } from "../letter/entry.ts";
import type { OfferEntry } from "../letter/ringentry.ts";
import { orderHash } from "../ring/digest.ts";
import { parseOrder } from "../ring/json.ts";
import { addressOfKey, recoverSigner, signDigest } from "../ring/signature.ts";
import { makeMinerKeys, openAuthKey, readMinerSecret } from "../seal/authkey.ts";
import type { MinerSecret } from "../seal/authkey.ts";
import { filesUnder, formsOf } from "../testing/secretforms.ts";
import { TinyExchange, type Read } from "../testing/tinyexchange.ts";
import { at, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

function address(byte: string): Address {
  return parseAddress(`0x${byte.repeat(20)}`) ?? assert.fail();
}

let ring: CardRing;
let miner: MinerSecret;
let exchange: TinyExchange;
let alice: WalletCustomer;
let account: string;
/** Every RING that the exchange read, newest last. */
const read: RingCommand[] = [];
let unrung = 0;

before(async () => {
  const made = await makeMinerKeys({ at: time(Date.now() - 60_000) });
  miner = await readMinerSecret(made.secret);
  ring = {
    chainId: 31_337n,
    contract: address("2e"),
    miner: address("aa"),
    feeRecipient: address("bb"),
    tokens: [
      { name: "GOLD", address: address("11"), decimals: 18 },
      { name: "OIL", address: address("22"), decimals: 6 },
    ],
    minerCertificate: toBase64(made.certificate),
  };
  exchange = await TinyExchange.create(2, ring);
  exchange.decide = decide;
  alice = new WalletCustomer();
  account = await alice.setup(exchange.urls[0] ?? "");
});

after(async () => {
  alice.remove();
  await exchange.close();
});

function decide({ lines }: Read): readonly Entry[] {
  return lines.map((line): Entry => {
    const command = line.command.ok ? line.command.value : undefined;
    const { number, verb, id, tag } = line;
    if (command?.kind === "ring") {
      read.push(command);
      return { ...entryOf(command), line: number, id, tag };
    }
    if (command?.kind === "unring") unrung += 1;
    const last = read.at(-1);
    return command?.kind === "unring" && last !== undefined
      ? { ...entryOf(last), line: number, status: "taken_back" }
      : { kind: "done", line: number, verb, id, tag };
  });
}

function entryOf({ order }: RingCommand): OfferEntry {
  const name = (token: Address): string =>
    ring.tokens.find((known) => known.address === token)?.name ?? "";
  return {
    kind: "offer",
    line: 1,
    hash: orderHash(ring, order),
    status: "waiting",
    sellToken: name(order.sellToken),
    sellAmount: order.sellAmount,
    buyToken: name(order.buyToken),
    buyAmount: order.buyAmount,
    sold: 0n,
    received: 0n,
    until: order.validUntil,
  };
}

function newest(): RingCommand {
  return read.at(-1) ?? assert.fail("no ring order was read");
}

const terms = ["10", "GOLD", "for", "2.5", "OIL"] as const;

test("an offer is signed by the words' key, its auth key only the miner's to open", async () => {
  const owner = at((await alice.json("ring", "address")).data, "address");
  const sent = await alice.json("ring", "offer", ...terms, "--id", "one", "--until", "1h");
  assert.equal(sent.code, 0, sent.err);
  const { order, signature, auth } = newest();
  assert.equal(order.owner, owner);
  assert.equal(order.sellAmount, 10n ** 19n);
  assert.equal(order.buyAmount, 2_500_000n);
  assert.equal(order.marginSplit, 50n);
  const hash = orderHash(ring, order);
  assert.equal(recoverSigner(hash, signature), owner);
  const key = await openAuthKey(fromBase64(auth ?? "") ?? assert.fail(), miner);
  assert.ok(key);
  assert.equal(addressOfKey(key), order.authAddress);
  assert.ok(sent.err.includes(hash), "the order hash is told before sending");
  assert.equal(at(sent.data, "lines", 0, "order"), hash);
  assert.equal(at(sent.data, "lines", 0, "status"), "waiting");
  assert.equal(at((await alice.json("ring", "status", hash)).data, "offer", "id"), "one");
});

test("orders count upwards, and a dry run takes no number and sends nothing", async () => {
  const posted = exchange.posted.length;
  const before = newest().order.nonce;
  const dry = await alice.json("ring", "offer", ...terms, "--dry-run");
  assert.equal(dry.code, 0, dry.err);
  const shown: unknown = JSON.parse(String(at(dry.data, "typedData")));
  assert.equal(at(shown, "domain", "chainId"), 31_337);
  assert.ok(parseOrder(JSON.stringify(at(shown, "message"))).ok);
  assert.equal(exchange.posted.length, posted);
  assert.equal((await alice.run("ring", "offer", ...terms)).code, 0);
  assert.equal(newest().order.nonce, before + 1n);
});

test("with --shared no key travels, and the auth address is the venue's", async () => {
  assert.equal((await alice.run("ring", "offer", ...terms, "--shared")).code, 0);
  assert.equal(newest().auth, undefined);
  assert.equal(newest().order.authAddress, ring.miner);
});

test("another wallet signs over JSON-RPC; a stranger's signature is not sent", async () => {
  const key = new Uint8Array(32).fill(5);
  const owner = addressOfKey(key);
  const server = await signerServer(key);
  const posted = exchange.posted.length;
  try {
    const sent = await alice.run("ring", "offer", ...terms, "--signer", urlOf(server));
    assert.equal(sent.code, 0, sent.err);
    assert.equal(newest().order.owner, owner);
    assert.equal(recoverSigner(orderHash(ring, newest().order), newest().signature), owner);
    const after = exchange.posted.length;
    assert.ok(after > posted);
    const as = ["--signer", urlOf(server), "--owner", address("77")];
    const wrong = await alice.json("ring", "offer", ...terms, ...as);
    assert.equal(at(wrong.data, "code"), "E123");
    assert.equal(wrong.code, 3);
    assert.equal(exchange.posted.length, after);
    const contract = await alice.run("ring", "offer", ...terms, ...as, "--contract-wallet");
    assert.equal(contract.code, 0, contract.err);
    assert.equal(newest().order.owner, address("77"));
  } finally {
    server.close();
  }
});

/** A wallet with one key, at a URL. */
async function signerServer(key: Uint8Array): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(parts).toString());
      const data: unknown = JSON.parse(String(at(body, "params", 1) ?? "null"));
      const order = parseOrder(JSON.stringify(at(data, "message") ?? null));
      const result =
        at(body, "method") === "eth_accounts"
          ? [addressOfKey(key)]
          : `0x${toHex(signDigest(orderHash(ring, order.ok ? order.value : assert.fail()), key))}`;
      response.end(JSON.stringify({ jsonrpc: "2.0", id: at(body, "id"), result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function urlOf(server: Server): string {
  const where = server.address();
  assert.ok(typeof where === "object" && where !== null);
  return `http://127.0.0.1:${where.port}`;
}

test("wrong words are refused by name before anything is signed, kept or sent", async () => {
  const posted = exchange.posted.length;
  const outbox = readdirSync(join(alice.home, "outbox")).length;
  const numbers = readFileSync(join(alice.home, "ringnumbers.json"), "utf8");
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["E120", ["1", "SALT", "for", "1", "OIL"]],
    ["E104", ["1.0000000000000000001", "GOLD", "for", "1", "OIL"]],
    ["E104", ["1", "GOLD", "for", "0", "OIL"]],
    ["E104", ["1e3", "GOLD", "for", "1", "OIL"]],
    ["E121", ["1", "GOLD", "for", "1", "gold"]],
    ["E100", ["1", "GOLD", "at", "1", "OIL"]],
    ["E100", ["1", "GOLD", "for", "1"]],
    ["E121", [...terms, "--margin", "101"]],
    ["E100", [...terms, "--fee", "1"]],
    ["E120", [...terms, "--fee", "1 SALT"]],
    ["E108", [...terms, "--until", "yesterday"]],
    ["E109", [...terms, "--id", "one two"]],
    ["E112", [...terms, "--id", "one"]],
    ["E108", [...terms, "--by", "8d"]],
    ["E108", [...terms, "--timeout", "soon"]],
    ["E100", [...terms, "--thread", "255"]],
    ["E124", [...terms, "--owner", "0x12"]],
    ["E100", [...terms, "--signer", "ftp://x"]],
    ["E804", [...terms, "--chain", "http://127.0.0.1:1"]],
    ["E804", [...terms, "--signer", "http://127.0.0.1:1"]],
  ];
  for (const [code, words] of cases) {
    const ended = await alice.json("ring", "offer", ...words);
    assert.equal(at(ended.data, "code"), code, words.join(" "));
    assert.ok([2, 3, 8].includes(ended.code ?? 0), words.join(" "));
  }
  assert.equal(exchange.posted.length, posted);
  assert.equal(readdirSync(join(alice.home, "outbox")).length, outbox);
  assert.equal(readFileSync(join(alice.home, "ringnumbers.json"), "utf8"), numbers);
});

test("an exchange without a ring venue is said to have none", async () => {
  const plain = await TinyExchange.create(1);
  const bob = new WalletCustomer();
  try {
    await bob.setup(plain.urls[0] ?? "");
    const ended = await bob.json("ring", "offer", ...terms);
    assert.equal(at(ended.data, "code"), "E119");
    assert.equal(at((await bob.json("ring", "venue")).data, "code"), "E119");
  } finally {
    bob.remove();
    await plain.close();
  }
});

test("an order is followed through its rings by mail, and taken back by a letter", async () => {
  const sent = await alice.run("ring", "offer", ...terms, "--id", "two");
  assert.equal(sent.code, 0, sent.err);
  const offer = entryOf(newest());
  const transaction = parseHash(`0x${"cd".repeat(32)}`) ?? assert.fail();
  const ringHash = parseHash(`0x${"ef".repeat(32)}`) ?? assert.fail();
  const ringed = { kind: "ringed", ring: 1, ringHash, hash: offer.hash, id: "two" } as const;
  const amounts = { sold: 4n * 10n ** 18n, received: 1_000_000n };
  const part = { ...offer, line: 0, status: "live", id: "two", ...amounts } as const;
  const to = account as Parameters<TinyExchange["mail"]>[0];
  await exchange.mail(to, [
    part,
    { ...ringed, ...amounts, state: "authored", transaction: undefined, reason: undefined },
    // What only watchers get must not be in the way.
    { kind: "watch", subject: "ring", hash: ringHash, submission: 1, deadline: 5n },
    { kind: "unwatch", subject: "order", hash: offer.hash },
  ]);
  await exchange.mail(to, [
    { ...ringed, ...amounts, state: "settled", transaction, reason: undefined },
    {
      ...ringed,
      ring: 2,
      sold: 0n,
      received: 0n,
      state: "failed",
      transaction: undefined,
      reason: "TransferFailed",
    },
  ]);
  const told = await alice.json("ring", "status", "two");
  assert.equal(told.code, 0, told.err);
  assert.equal(at(told.data, "offer", "sold"), "4");
  assert.equal(at(told.data, "offer", "rings", 0, "transaction"), transaction);
  assert.equal(at(told.data, "offer", "rings", 1, "reason"), "TransferFailed");
  const words = await alice.run("ring", "status", "two");
  assert.ok(words.out.includes(transaction), words.out);
  const before = unrung;
  const cancelled = await alice.json("ring", "cancel", "two");
  assert.equal(cancelled.code, 0, cancelled.err);
  assert.equal(unrung, before + 1);
  assert.equal(at(cancelled.data, "lines", 0, "status"), "taken_back");
  const open = listAt((await alice.json("ring", "list")).data, "offers");
  assert.ok(!open.some((one) => at(one, "order") === offer.hash));
  const statement = await alice.json("statement", "--offline");
  assert.equal(listAt(statement.data, "offers").length, open.length);
});

test("the book of a pair is shown as a relay tells it, and nonsense in it is left out", async () => {
  const level = { sellAmount: `${10n ** 18n}`, buyAmount: "2500000", price: "2.5", hops: 2 };
  exchange.ringPages["depth"] = {
    levels: [level, { ...level, hops: "2" }, { ...level, price: "<b>" }, null, 7],
    bids: [
      { ...level, price: "2.25", hops: 1 },
      { ...level, sellAmount: "-1" },
    ],
  };
  const { code, data, err } = await alice.json("ring", "depth", "gold/oil");
  assert.equal(code, 0, err);
  assert.deepEqual(at(data, "asks"), [{ sell: "1", buy: "2.5", price: "2.5", hops: 2 }]);
  assert.deepEqual(at(data, "bids"), [{ sell: "1", buy: "2.5", price: "2.25", hops: 1 }]);
  assert.match((await alice.run("ring", "depth", "GOLD/OIL")).out, /wanted .* 1 order$/m);
  exchange.ringPages["offers"] = { offers: [{}, {}] };
  const venue = (await alice.json("ring", "venue")).data;
  assert.equal(at(venue, "offers"), 2);
  assert.equal(at(venue, "contract"), ring.contract);
  assert.equal(at((await alice.json("ring", "depth", "GOLD/SALT")).data, "code"), "E120");
  const same = await alice.json("ring", "depth", "GOLD/gold");
  assert.deepEqual([same.code, at(same.data, "code")], [3, "E121"]);
  assert.match(String(at(same.data, "next")), /two tokens/);
});

test("what is over is not cancelled for gas, and what is not known has a hint", async () => {
  const sent = await alice.run("ring", "offer", ...terms, "--id", "three");
  assert.equal(sent.code, 0, sent.err);
  const to = account as Parameters<TinyExchange["mail"]>[0];
  const offer = { ...entryOf(newest()), line: 0, id: "three" } as const;
  await exchange.mail(to, [{ ...offer, status: "unfunded" }]);
  const poor = await alice.run("ring", "status", "three");
  assert.match(poor.out, /too little GOLD now, or too little of the fee's token/);
  await exchange.mail(to, [{ ...offer, status: "filled" }]);
  assert.equal((await alice.run("ring", "list")).code, 0);
  const over = await alice.json("ring", "cancel", "three", "--on-chain");
  assert.deepEqual([over.code, at(over.data, "code")], [3, "E128"]);
  assert.match(String(at(over.data, "what")), /three is filled/);
  const unknown = await alice.json("ring", "status", "nope");
  assert.equal(at(unknown.data, "code"), "E114");
  assert.match(String(at(unknown.data, "next")), /ring list --all/);
});

test("the words bring back the orders and the key that owns them", async () => {
  const again = new WalletCustomer(alice.dir, "restored");
  const words = ["--words-file", join(alice.dir, "words.txt"), "--yes"];
  const restored = await again.json("restore", ...words, "--relay", exchange.urls[0] ?? "");
  assert.equal(restored.code, 0, restored.err);
  const all = async (customer: WalletCustomer): Promise<unknown> =>
    at((await customer.json("ring", "list", "--all", "--offline")).data, "offers");
  assert.deepEqual(await all(again), await all(alice));
  const address = async (customer: WalletCustomer): Promise<unknown> =>
    at((await customer.json("ring", "address")).data, "address");
  assert.equal(await address(again), await address(alice));
});

test("a home without the key gets it from the words, or any other from a file", async () => {
  const own = at((await alice.json("ring", "address")).data, "address");
  const words = join(alice.dir, "words.txt");
  rmSync(join(alice.home, "ethereum.pgp"));
  const without = await alice.json("ring", "offer", ...terms);
  assert.deepEqual([without.code, at(without.data, "code")], [7, "E709"]);
  const strange = join(alice.dir, "strange.txt");
  writeFileSync(strange, `${"abandon ".repeat(23)}art\n`);
  const wrong = await alice.json("ring", "key", "--words-file", strange);
  assert.equal(at(wrong.data, "code"), "E704");
  const back = await alice.json("ring", "key", "--words-file", words);
  assert.equal(at(back.data, "address"), own);
  const file = join(alice.dir, "key.txt");
  writeFileSync(file, `0x${"0B".repeat(32)}\n`);
  const other = ["ring", "key", "--key-file", file];
  assert.equal(at((await alice.json(...other)).data, "code"), "E711");
  assert.equal(at((await alice.json("ring", "address")).data, "address"), own);
  const replaced = await alice.json(...other, "--replace");
  assert.equal(at(replaced.data, "address"), addressOfKey(new Uint8Array(32).fill(11)));
  assert.equal((await alice.run("ring", "key", "--words-file", words, "--replace")).code, 0);
  assert.equal(at((await alice.json("ring", "address")).data, "address"), own);
});

test("of the auth key nothing leaves the program but the sealed message", async () => {
  const record = join(alice.dir, "record");
  const recorder = fileURLToPath(new URL("../testing/recorder.ts", import.meta.url));
  process.env["SIGNET_RECORD"] = record;
  process.env["NODE_OPTIONS"] = `--import=${recorder}`;
  const ended = await alice.run("ring", "offer", ...terms, "--id", "secret");
  delete process.env["NODE_OPTIONS"];
  assert.equal(ended.code, 0, ended.err);
  const key = await openAuthKey(fromBase64(newest().auth ?? "") ?? assert.fail(), miner);
  assert.ok(key);
  const left = readFileSync(record, "utf8").split("\n");
  const seen = [
    ...left.map((line) => Buffer.from(line, "base64")),
    ...filesUnder(alice.dir).map(({ bytes }) => bytes),
  ];
  seen.push(Buffer.from(ended.out), Buffer.from(ended.err));
  const forms = formsOf(key);
  for (const bytes of seen) {
    for (const form of forms)
      assert.ok(!bytes.includes(form), "a form of the key left the program");
  }
  // What is known to leave is seen, so that the key would be.
  const letter = Buffer.from(newest().auth ?? "");
  assert.ok(seen.some((bytes) => bytes.includes(letter)));
  const sealed = exchange.posted.at(-1)?.bytes ?? assert.fail();
  const isSeen = left.some((line) => Buffer.from(line, "base64").includes(Buffer.from(sealed)));
  assert.ok(isSeen, "the letter that was posted is in the record");
});
