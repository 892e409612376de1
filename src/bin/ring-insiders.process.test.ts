/**
 * Insiders of the ring venue who work for the front-runner: a watcher who lies (one of three, of
 * whom two must agree), a broadcaster who hands over all it has, and somebody who got hold of the
 * auth key that customers share with `--shared`. The first two can delay. The third can do what
 * that key is for, at the owner's limit: that is what sharing it means, and no more.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { openNode } from "../chain/node.ts";
import { submitData } from "../chain/settlement.ts";
import { ChainWatcher } from "../chain/watcher.ts";
import { at } from "../codec/assert.ts";
import { fromHex, toHex } from "../codec/bytes.ts";
import { noAddress, parseHash } from "../codec/ethereum.ts";
import { printCommand } from "../letter/print.ts";
import { encodeSubmission, type Submission } from "../ring/calldata.ts";
import { decodeSubmission } from "../ring/decode.ts";
import type { Fact } from "../ring/fact.ts";
import { cancelled } from "../ring/order.ts";
import { addressOfKey } from "../ring/signature.ts";
import { customerKeyFromSeed } from "../seal/keys.ts";
import { TestCustomer } from "../testing/customer.ts";
import { signetCommand } from "../testing/exchange.ts";
import { type FrontRunner, purseOf } from "../testing/frontrunner.ts";
import type { HostileNode } from "../testing/hostilenode.ts";
import { HostileVenue } from "../testing/hostilevenue.ts";
import { type Placed, type RingCustomer, type Terms, whole } from "../testing/ringcustomer.ts";
import { compose, offerOf, type Person, person } from "../testing/ringminer.ts";
import { filesUnder, formsOf } from "../testing/secretforms.ts";
import { openAccount } from "../wallet/account.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { watchChain } from "../watcher/watcher.ts";
import { found } from "./found.ts";
import { makeOperator, registerOperator } from "./operator.ts";
import { readExchange } from "./places.ts";

const dir = mkdtempSync(join(tmpdir(), "insiders-"));
const names = ["GOLD", "OIL", "WHEAT", "GOLD"];
const liarNumber = 66;

let venue: HostileVenue;
let hostile: HostileNode;
let runner: FrontRunner;
let customers: readonly RingCustomer[];
let liar: TestCustomer;
/** The second honest watcher, with a node of its own; the first is the exchange's. */
let watching: { readonly stop: () => Promise<void> };

before(async () => {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, liarNumber);
  const { fingerprint } = await customerKeyFromSeed(seed, { userId: "customer" });
  const honest = await makeOperator(join(dir, "watcher"), new Uint8Array(32).fill(7));
  const watchers = { need: 2, more: [honest, fingerprint] };
  venue = await HostileVenue.open(found, { watchers });
  ({ hostile, runner } = venue);
  const { url } = venue.exchange;
  await registerOperator(join(dir, "watcher"), url, readExchange(venue.exchange.dir));
  liar = await TestCustomer.create(url, liarNumber);
  await liar.register(url);
  const { people } = hostile.chain;
  customers = await Promise.all(people.map((owner, i) => venue.customer(i, owner)));
  watching = await watch();
});

after(async () => {
  await watching.stop();
  await venue.close();
  rmSync(dir, { recursive: true, force: true });
});

async function watch(): Promise<typeof watching> {
  const nobody = (): Promise<undefined> => Promise.resolve(undefined);
  const home = diskHome(join(dir, "watcher"));
  const account = await openAccount(home, { ask: nobody, relays: [venue.exchange.url] });
  assert.ok(account.ok);
  const node = await openNode(hostile.honestUrl);
  const { contract } = hostile.chain;
  const chain = new ChainWatcher({ node, contract, confirmations: 3 });
  const over = new AbortController();
  const say = (): void => undefined;
  const running = watchChain({ account: account.value, chain, stop: over.signal, say });
  return {
    stop: async () => {
      over.abort();
      await running;
    },
  };
}

/** The three sell to each other, ten for at least eight. */
async function offerAll(options: readonly Pick<Terms, "isShared">[] = []): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const [i, customer] of customers.entries()) {
    const terms = { sell: [10, at(names, i)], buy: [8, at(names, i + 1)] } as const;
    placed.push(await customer.offer(venue.ring, { ...terms, ...options[i] }));
  }
  return placed;
}

function hashes(placed: readonly Placed[]) {
  return placed.map(({ hash }) => hash);
}

/** What each of the three has of what he sells, and of what he buys. */
async function holdings(): Promise<readonly (readonly [bigint, bigint])[]> {
  const { node, tokens, people } = hostile.chain;
  const purses = await Promise.all(people.map((one) => purseOf(node, one.address, tokens)));
  return purses.map(({ tokens: of }, i) => [at(of, i), at(of, (i + 1) % 3)] as const);
}

/** Everybody sold ten for at least eight, and heard of the transaction in which it was. */
async function allSettled(
  placed: readonly Placed[],
  earlier: Awaited<ReturnType<typeof holdings>>,
): Promise<void> {
  const told = await Promise.all(
    customers.map((customer, i) => customer.hears(at(placed, i).hash, "settled")),
  );
  const later = await holdings();
  for (const [i, { transaction, sold, received }] of told.entries()) {
    const [sell, buy] = [at(earlier, i)[0] - at(later, i)[0], at(later, i)[1] - at(earlier, i)[1]];
    assert.deepEqual([sold, received], [sell, buy], "the report says what the chain says");
    assert.ok(sell === whole(10) && buy >= whole(8));
    assert.ok(transaction !== undefined);
    assert.equal((await hostile.node.receipt(transaction))?.isSuccess, true);
  }
}

/** Everything that could do harm if it were believed. */
async function lie(placed: readonly Placed[], more: readonly Fact[] = []): Promise<void> {
  const facts: Fact[] = placed.flatMap(({ order }): Fact[] => [
    { kind: "counter", owner: order.owner, nonce: order.nonce, value: cancelled },
    { kind: "epoch", owner: order.owner, value: 9n },
    { kind: "funds", owner: order.owner, token: order.sellToken, value: 0n },
  ]);
  facts.push({ kind: "clock", value: 4_000_000_000n }, ...more);
  const block = (await hostile.node.head()).number;
  const lines = facts.map((fact) => printCommand({ kind: "observe", block, fact }));
  const { records } = await liar.say(venue.exchange.url, lines);
  assert.ok(!records.some((record) => record.kind === "reject"), JSON.stringify(records[0]));
}

test("one watcher of three lies about everything: the ring settles as if he were silent", async () => {
  hostile.holds = ({ calldata }) => calldata !== undefined;
  const earlier = await holdings();
  const placed = await offerAll();
  await lie(placed);
  const pending = await hostile.submissionOf(hashes(placed));
  // Now that it is on its way: it has settled, it would fail, its orders are used up.
  const [entry] = await Promise.all(
    customers.map((customer, i) => customer.hears(at(placed, i).hash, "authored")),
  );
  const ring = entry?.ringHash ?? assert.fail();
  const transaction = parseHash(`0x${"de".repeat(32)}`) ?? assert.fail();
  await lie(placed, [
    { kind: "settled", ring, transaction },
    { kind: "fails", submission: 1, name: "TransferFailed" },
  ]);
  await sleep(500);
  for (const [i, customer] of customers.entries()) {
    await customer.listen();
    const states = customer.ringed(at(placed, i).hash).map(({ state }) => state);
    assert.deepEqual(states, ["authored"], "nobody was told a lie");
  }
  hostile.holds = () => false;
  await hostile.block([pending.raw]);
  await allSettled(placed, earlier);
});

test("with one honest watcher away he can delay; when it is back, the ring settles", async () => {
  await watching.stop();
  const earlier = await holdings();
  const placed = await offerAll();
  await lie(placed);
  for (const [i, customer] of customers.entries()) {
    const offer = await customer.hearsStatus(at(placed, i).hash, "unfunded");
    assert.equal(offer.sold, 0n);
  }
  assert.deepEqual(await holdings(), earlier);
  watching = await watch();
  await allSettled(placed, earlier);
});

/** `signet broadcast`, as a stranger runs it. */
function broadcast(key: Person): { readonly child: ChildProcess; said: string } {
  const keyFile = join(dir, "stranger.key");
  writeFileSync(keyFile, `${toHex(key.key)}\n`, { mode: 0o600 });
  const [node, signet] = signetCommand;
  const words = ["--relay", venue.exchange.url, "--chain", hostile.honestUrl];
  const where = ["--key-file", keyFile, "--dir", join(dir, "stranger"), "--home", join(dir, "no")];
  const child = spawn(node, [signet, "broadcast", ...words, ...where, "--confirmations", "1"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = { child, said: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (running.said += chunk.toString()));
  }
  return running;
}

function decoded(calldata: Uint8Array): Submission {
  const submission = decodeSubmission(calldata, noAddress);
  assert.ok(submission.ok);
  return submission.value;
}

test("a bribed broadcaster gives all it has, and is withheld: another brings the ring", async () => {
  const folder = join(venue.exchange.dir, "broadcaster");
  const key = fromHex(readFileSync(join(folder, "ethereum.key"), "utf8").trim()) ?? assert.fail();
  const bribed: Person = { key, address: addressOfKey(key) };
  hostile.holds = ({ from }) => from === bribed.address;
  const [earlier, own] = [await holdings(), await runner.purse()];
  const placed = await offerAll();
  const pending = await hostile.submissionOf(hashes(placed));
  for (const { path, bytes } of filesUnder(folder)) {
    for (const { auth } of placed) {
      assert.ok(!formsOf(auth.key).some((form) => bytes.includes(form)), `auth key in ${path}`);
    }
  }
  const original = decoded(pending.calldata);
  const thief = runner.address;
  for (const change of [{ feeRecipient: thief }, { miner: thief, feeRecipient: thief }]) {
    const calldata = encodeSubmission({ ...original, ...change });
    const [receipt] = await hostile.block([
      await runner.sign(submitData(calldata), { by: bribed }),
    ]);
    assert.equal(receipt?.isSuccess, false, "sent by the broadcaster itself");
    await runner.isRefused(calldata, "BadAuthSignature");
  }
  await runner.gainedNothing(own);
  const stranger = await hostile.chain.broadcaster("a stranger who broadcasts");
  const running = broadcast(stranger);
  try {
    await allSettled(placed, earlier);
    const told = await at(customers, 0).hears(at(placed, 0).hash, "settled");
    const transaction = await hostile.node.transaction(told.transaction ?? assert.fail());
    assert.equal(transaction?.from, stranger.address, running.said);
  } finally {
    running.child.kill("SIGTERM");
  }
  hostile.holds = () => false;
});

test("the shared key's holder takes the better part, at the limit; nobody else can", async () => {
  hostile.holds = ({ calldata }) => calldata !== undefined;
  const earlier = await holdings();
  const placed = await offerAll([{ isShared: true }, {}, { isShared: true }]);
  const pending = await hostile.submissionOf(hashes(placed));
  const seen = decoded(pending.calldata);
  assert.equal(at(seen.rings, 0).authSignatures.length, 2, "one for both that share it");
  const file = join(venue.exchange.dir, "island/keys/miner.key");
  const leaked = fromHex(readFileSync(file, "utf8").trim()) ?? assert.fail();
  const shared: Person = { key: leaked, address: addressOfKey(leaked) };
  assert.equal(shared.address, venue.ring.miner);
  const stolen = whole(4);
  const least = whole(3.2);
  /** A ring of one of their orders and his own, at these amounts, authored with that key. */
  const steal = (i: number, auth: Person, given: bigint): Uint8Array => {
    const { order, signature } =
      seen.orders.find((one) => one.order.nonce === at(placed, i).order.nonce) ?? assert.fail();
    const own = offerOf(runner.self, runner.self, {
      sellToken: order.buyToken,
      sellAmount: given,
      buyToken: order.sellToken,
      buyAmount: stolen,
      nonce: BigInt(i),
    });
    const plan = compose(hostile.chain.domain, () => 0n, {
      rings: [
        [
          { offer: { order, signature, owner: runner.self, auth }, fill: stolen, take: 0n },
          { offer: own, fill: given, take: 0n },
        ],
      ],
      miner: runner.self,
      feeRecipient: runner.address,
      deadline: seen.deadline,
      sender: runner.address,
    });
    return encodeSubmission(plan);
  };
  // Without the key; with it, but for an order that has its own; with it, below the limit.
  await runner.isRefused(steal(0, person("some key"), least), "BadAuthSignature");
  await runner.isRefused(steal(1, shared, least), "BadAuthSignature");
  await runner.isRefused(steal(0, shared, least - 1n), "LimitPrice");
  // With it, at the limit: what the ring would have given beyond that is his.
  const receipt = await runner.submit(steal(0, shared, least));
  assert.equal(receipt.isSuccess, true, "this is what sharing an auth key means");
  const later = await holdings();
  assert.deepEqual(
    [at(earlier, 0)[0] - at(later, 0)[0], at(later, 0)[1] - at(earlier, 0)[1]],
    [stolen, least],
  );
  assert.deepEqual(later.slice(1, 2), earlier.slice(1, 2), "nothing of who kept his own");
  hostile.holds = () => false;
  const told = await at(customers, 0).hears(at(placed, 0).hash, "failed");
  assert.equal(told.reason, "overtaken");
  // What he left of it, and the others, are in the next ring.
  for (const [i, customer] of customers.entries()) {
    const { sold, received } = await customer.hears(at(placed, i).hash, "settled");
    assert.ok(sold > 0n && received * 10n >= sold * 8n);
  }
});
