/**
 * Three customers who have never met settle a ring of three: one with the command line, one with
 * gpg, curl and a signer that knows `eth_signTypedData_v4` and nothing of us, one with a wallet as
 * pages find it (EIP-1193). Everything goes through a relay in a process of its own that belongs to
 * the front-runner, who builds the blocks as well and does his worst with both. Each is told, under
 * seal, of the transaction in which it was settled; the auth keys of those who made their own stand
 * nowhere that a byte was kept or passed.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { at } from "../codec/assert.ts";
import { fromBase64, toHex } from "../codec/bytes.ts";
import { bytesOf, type Hash, noAddress, parseAddress, parseHash } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import { submitData } from "../chain/settlement.ts";
import { encodeSubmission } from "../ring/calldata.ts";
import { decodeSubmission } from "../ring/decode.ts";
import { orderHash } from "../ring/digest.ts";
import { readEvents } from "../ring/eventlog.ts";
import type { RingOrder } from "../ring/order.ts";
import { openAuthKey, readMinerSecret } from "../seal/authkey.ts";
import { serveWallet, walletOf } from "../testing/baresigner.ts";
import { signetCommand } from "../testing/exchange.ts";
import { type FrontRunner, tips } from "../testing/frontrunner.ts";
import { Front, type Meddle } from "../testing/front.ts";
import { GpgCustomer } from "../testing/gpg.ts";
import { run } from "../testing/hand.ts";
import type { HostileNode, PendingSubmission } from "../testing/hostilenode.ts";
import { HostileVenue } from "../testing/hostilevenue.ts";
import { RelayProcess } from "../testing/relayprocess.ts";
import { whole } from "../testing/ringcustomer.ts";
import { person } from "../testing/ringminer.ts";
import { filesUnder, formsOf } from "../testing/secretforms.ts";
import { at as pick, endOf, WalletCustomer } from "../testing/walletcustomer.ts";
import { openAccount, type Account } from "../wallet/account.ts";
import { diskHome } from "../wallet/diskhome.ts";
import { writeLetter } from "../wallet/outbox.ts";
import { providerOf } from "../wallet/provider.ts";
import { makeAuth, orderInLine, prepareOffer, readOffer } from "../wallet/ringorder.ts";
import { ringLine, signOffer } from "../wallet/ringorder.ts";
import { providerSigner } from "../wallet/ringsigner.ts";
import { sendEntry } from "../wallet/send.ts";
import { ringsOf } from "../wallet/fold.ts";
import { synchronise } from "../wallet/sync.ts";
import { found } from "./found.ts";
import { makeOperator, registerOperator } from "./operator.ts";
import { readExchange } from "./places.ts";

let venue: HostileVenue;
let hostile: HostileNode;
let runner: FrontRunner;
let relay: RelayProcess;
let front: Front;
let relayDir: string;
let isLosing = false;

const cli = new WalletCustomer();
let byHand: GpgCustomer;
const handOwner = person("who signs with a bare signer");
const handAuth = person("the auth key of who has gpg");
let page: Account;
const pageOwner = person("who signs in a page");

/** Orders as they were signed, in the order of the circle. */
const orders: RingOrder[] = [];
let pending: PendingSubmission;
/** What the relay had and had passed before any submission was published. */
let early: { readonly crossings: number; readonly files: ReturnType<typeof filesUnder> };
let transaction: Hash;

before(async () => {
  venue = await HostileVenue.open(found, {
    relay: async ({ dir }) => {
      relayDir = join(dirname(dir), "relay");
      relay = await RelayProcess.start(relayDir, dir);
      front = await Front.start(relay.url);
      writeFileSync(join(dir, "relays.conf"), `birch ${front.url} ${relay.verifier}\n`);
      return front.url;
    },
  });
  ({ hostile, runner } = venue);
  const { chain } = hostile;
  for (const [i, owner] of [handOwner, pageOwner].entries()) {
    const token = at(chain.tokens, i + 1);
    await chain.rich.send({ to: owner.address, value: 10n ** 18n });
    await chain.rich.mint(token, owner.address, whole(10));
    await chain.account(owner).approve(token, chain.contract, whole(10));
  }
  byHand = GpgCustomer.create("ed25519");
  front.meddle = loseAndDouble;
});

after(async () => {
  cli.remove();
  byHand.remove();
  await venue.close();
  await front.close();
  await relay.stop();
});

/** Every letter is delivered twice; or, while the relay's owner likes, not at all. */
const loseAndDouble: Meddle = async (asked, forward) => {
  if (asked.method !== "POST" || !asked.path.startsWith("/v1/letters")) return forward(asked);
  if (isLosing) return undefined;
  await forward({ ...asked, path: "/v1/letters" });
  return forward(asked);
};

function guide(name: string): string {
  return readFileSync(new URL(`../../docs/guide/${name}.md`, import.meta.url), "utf8");
}

/** Runs commands of the guides, as who has gpg and curl. */
async function byHandDoes(script: string): Promise<string> {
  const functions = /^begin\(\) \{[^]*?(?=^```$)/m.exec(guide("trader"))?.[0] ?? "";
  const text = `set -e -o pipefail
    RELAY=${front.url} ME=${byHand.fingerprint}
    card() { curl -s $RELAY/v1/exchange/card | gpg -d 2>/dev/null; }
    curl -s $RELAY/v1/exchange/certificate | gpg --import 2>/dev/null
    EXCHANGE=$(card | awk '/^exchange/ { print $2 }')
    ${functions}
    ${script}`;
  const env = { ...process.env, GNUPGHOME: byHand.home };
  const child = spawn("bash", ["-c", text], { cwd: byHand.home, env });
  child.stdin.end();
  const { code, out, err } = await endOf(child);
  assert.equal(code, 0, err);
  return out;
}

test("the first, with the command line: ten GOLD for eight OIL", async () => {
  hostile.holds = ({ calldata }) => calldata !== undefined;
  await cli.setup(front.url);
  const shown = await cli.json("ring", "address");
  const owner = parseAddress(String(pick(shown.data, "address"))) ?? assert.fail();
  const { rich, tokens } = hostile.chain;
  await rich.send({ to: owner, value: 10n ** 18n });
  await rich.mint(at(tokens, 0), owner, whole(10));
  const approved = await cli.json("ring", "approve", "10", "GOLD", "--chain", hostile.url);
  assert.equal(approved.code, 0, approved.err);
  const words = ["10", "GOLD", "for", "8", "OIL", "--id", "mine", "--chain", hostile.url];
  isLosing = true;
  const lost = await cli.json("ring", "offer", ...words);
  isLosing = false;
  assert.equal(lost.code, 8, "no relay took it");
  const sent = await cli.run("outbox", "retry");
  assert.equal(sent.code, 0, sent.err);
  const letters = filesUnder(join(cli.home, "outbox")).map(({ bytes }) => bytes.toString("latin1"));
  const lines = letters.flatMap((text) => text.split("\n"));
  orders.push(lines.map(orderInLine).find((order) => order !== undefined) ?? assert.fail());
});

test("the second, with gpg, curl and a bare signer: ten OIL for eight WHEAT", async () => {
  const server = await serveWallet(handOwner);
  const page = guide("ring-orders");
  const section = page.slice(page.indexOf("## With gpg"), page.indexOf("## In a page"));
  const blocks = [...section.matchAll(/^```\n([^]*?)^```$/gm)].map((match) => match[1] ?? "");
  // The auth key is one's own; and the order is not taken back.
  const own = `own_key ${handAuth.address} <<< ${toHex(handAuth.key)}`;
  assert.equal(blocks.filter((block) => block.includes("own_key()")).length, 1);
  const terms = blocks
    .filter((block) => !block.includes("UNRING"))
    .map((block) => (block.includes("own_key()") ? `${block}\n${own}` : block))
    .join("\n")
    .replace("$(token OIL)", "$(token WHEAT)")
    .replace("$(token GOLD)", "$(token OIL)")
    .replace('"buyAmount":"2500000000000000000"', '"buyAmount":"8000000000000000000"');
  const out = await byHandDoes(`SIGNER=${server.url}
    { begin 1; echo "REGISTER|$(gpg --export $ME | base64 -w0)"; } > 1.txt; post 1.txt
    ${terms}`);
  await server.close();
  assert.match(out, /^OFFER\|1\|0x[0-9a-f]{64}\|(?:waiting|live)\|OIL\|/m);
  const line = readFileSync(join(byHand.home, "20.txt"), "latin1").split("\n").map(orderInLine);
  orders.push(line.find((order) => order !== undefined) ?? assert.fail());
});

test("before a ring is published, the relay knows no owner, no order and no auth key", async () => {
  early = { crossings: front.crossings.length, files: filesUnder(relayDir) };
  assert.ok(early.crossings > 20 && early.files.length > 1, "there is something to look at");
  const seen = [...crossed(early.crossings), ...early.files.map(({ bytes }) => bytes)];
  for (const order of orders) {
    const secrets = [order.owner, order.authAddress, orderHash(hostile.chain.domain, order)];
    for (const secret of secrets) isNowhere(bytesOf(secret), seen, secret);
  }
});

test("the third, with a wallet as a page finds it: ten WHEAT for eight GOLD, shared", async () => {
  const home = diskHome(join(dirname(venue.exchange.dir), "page"));
  await makeOperator(home.dir, new Uint8Array(32).fill(9));
  await registerOperator(home.dir, front.url, readExchange(venue.exchange.dir));
  const nobody = (): Promise<undefined> => Promise.resolve(undefined);
  const opened = await openAccount(home, { ask: nobody, relays: [front.url] });
  assert.ok(opened.ok);
  page = opened.value;
  const now = time(Date.now());
  const words = { sellAmount: "10", sellToken: "WHEAT", buyAmount: "8", buyToken: "GOLD" };
  const terms = readOffer(page.exchange.card, words, now);
  assert.ok(terms.ok);
  const signer = providerSigner(providerOf(walletOf(pageOwner)));
  const owner = await signer.address();
  const auth = await makeAuth(terms.value.ring, now, { isShared: true });
  assert.ok(owner.ok && auth.ok);
  const unsigned = prepareOffer(terms.value, { owner: owner.value, nonce: 1n }, auth.value);
  const signature = await signOffer(unsigned, signer, { isContractWallet: false });
  assert.ok(signature.ok && signature.value.by === "key");
  const line = ringLine(unsigned, signature.value.bytes, { id: "paged" });
  assert.ok(line.ok);
  const by = time(Math.ceil((Date.now() + 60_000) / 1000) * 1000);
  const { text, ids } = line.value;
  const entry = await writeLetter(page, { commands: [text], by, thread: 0, ids });
  assert.ok(entry.ok);
  const sent = await sendEntry(page, entry.value, { wait: "read" });
  assert.equal(sent.kind, "answered");
  orders.push(unsigned.order);
});

test("the front-runner does his worst with the ring; it settles as it was signed", async () => {
  const hashes = orders.map((order) => orderHash(hostile.chain.domain, order));
  pending = await hostile.submissionOf(hashes);
  const decoded = decodeSubmission(pending.calldata, noAddress);
  assert.ok(decoded.ok);
  const original = decoded.value;
  assert.equal(at(original.rings, 0).parts.length, 3);
  const own = await runner.purse();
  const thief = runner.address;
  for (const change of [{ feeRecipient: thief }, { miner: thief, feeRecipient: thief }]) {
    await runner.isRefused(encodeSubmission({ ...original, ...change }), "BadAuthSignature");
  }
  const copy = await runner.sign(submitData(pending.calldata), { tip: tips.first });
  const receipts = await hostile.block([copy, pending.raw]);
  assert.deepEqual(
    receipts.map(({ isSuccess }) => isSuccess),
    [true, false],
  );
  await runner.gainedNothing(own);
  ({ transaction } = at(receipts, 0));
  const events = readEvents(at(receipts, 0).logs, hostile.chain.contract);
  assert.ok(events.ok);
  const [event] = events.value;
  assert.ok(event?.kind === "settled");
  assert.deepEqual(
    event.fills.map(({ orderHash: hash }) => hash).toSorted(),
    hashes.toSorted(),
    "this is the transaction in which their ring settled",
  );
  for (const { sold, received } of event.fills) assert.ok(sold > 0n && received * 10n >= sold * 8n);
});

test("each is told of the transaction under seal", async () => {
  const isTold = (text: unknown): boolean => parseHash(String(text)) === transaction;
  await venue.exchange.until(async () => {
    const status = await cli.json("ring", "status", "mine");
    return isTold(pick(status.data, "offer", "rings", 0, "transaction"));
  }, 30_000);
  await venue.exchange.until(async () => {
    const { statement } = await synchronise(page);
    const hash = orderHash(hostile.chain.domain, at(orders, 2));
    return ringsOf(statement, hash).some((ring) => isTold(ring.transaction));
  }, 30_000);
  // The commands of the guide for reading one's mailbox.
  const mailbox = /^SECRET=[^]*?(?=^```$)/m.exec(guide("trader"))?.[0] ?? assert.fail();
  const hash = orderHash(hostile.chain.domain, at(orders, 1));
  const mail = await byHandDoes(`{ ${mailbox} } 2> mail.err; cat mail.err`);
  const told = mail.split("\n").find((line) => /^RINGED\|.*\|settled\|/.test(line)) ?? "";
  assert.deepEqual([told.split("|")[3], told.split("|")[7]], [hash, transaction], mail);
  assert.match(mail, /Good signature from/);
});

test("no auth key stands in a byte that passed or in a file that was kept", async () => {
  await venue.exchange.stop();
  const { dir } = venue.exchange;
  const secret = readFileSync(join(dir, "island/keys/miner.key.asc"), "utf8");
  const miner = await readMinerSecret(secret);
  const letters = filesUnder(join(cli.home, "outbox")).map(({ bytes }) => bytes.toString("latin1"));
  const line = letters.flatMap((text) => text.split("\n")).find((one) => one.startsWith("RING|"));
  const sealed = line?.split("|")[3] ?? assert.fail();
  const cliAuth = await openAuthKey(fromBase64(sealed) ?? assert.fail(), miner);
  assert.ok(cliAuth !== undefined);
  // The customer's own copy of a key that he made himself is his affair.
  const files = [dir, relayDir, cli.dir].flatMap(filesUnder);
  const seen = [...crossed(front.crossings.length), ...files.map(({ bytes }) => bytes)];
  seen.push(...hostile.seen.map(({ raw }) => Buffer.from(raw)));
  for (const key of [cliAuth, handAuth.key]) isNowhere(key, seen, "an auth key");
  for (const place of ["island/journal", "island/said", "island/snapshots", "dock", "airlock"]) {
    assert.ok(filesUnder(join(dir, place)).length > 0, `${place} was looked at`);
  }
  // What is known to be there is found, so that the keys would be.
  const journal = filesUnder(join(dir, "island/journal"));
  assert.ok(
    journal.some(({ bytes }) => bytes.includes(sealed)),
    "the sealed key is in the journal",
  );
  assert.ok(seen.some((bytes) => bytes.includes(toHex(pending.calldata))));
  replays([cliAuth, handAuth.key]);
});

/** `signet replay`, from the snapshot and from the first record: one state, and no key. */
function replays(keys: readonly Uint8Array[]): void {
  const { dir } = venue.exchange;
  const words = ["replay", "--data", dir, "--json"];
  const said = [run(signetCommand, words), run(signetCommand, [...words, "--from-genesis"])];
  const [short, whole] = said.map((text): unknown => JSON.parse(text));
  assert.equal(pick(short, "stateHash"), pick(whole, "stateHash"));
  assert.equal(pick(short, "ok"), true);
  const heads = filesUnder(join(dir, "island/snapshots")).map(({ bytes }) =>
    bytes.toString("latin1").split("\n", 1).join(""),
  );
  const head = `signet-snapshot/2 ${pick(whole, "records")} ${pick(whole, "stateHash")}`;
  assert.ok(heads.includes(head), `the island itself came to that state: ${heads.join(", ")}`);
  const plain = run(signetCommand, ["replay", "--data", dir]);
  const texts = [...said, plain].map((text) => Buffer.from(text));
  for (const key of keys) isNowhere(key, texts, "an auth key in what replay says");
}

/** The first so many questions and answers that crossed the relay, every byte of them. */
function crossed(count: number): readonly Buffer[] {
  return front.crossings.slice(0, count).flatMap(({ asked, said }) => {
    const head = [asked.path, ...Object.values(asked.headers)].join("\n");
    return [Buffer.from(head), asked.body, said.body];
  });
}

function isNowhere(secret: Uint8Array, seen: readonly Buffer[], what: string): void {
  const forms = formsOf(secret);
  for (const bytes of seen) {
    const form = forms.findIndex((one) => bytes.includes(one));
    assert.equal(
      form,
      -1,
      `${what} stands in form ${form} in ${bytes.subarray(0, 200).toString()}`,
    );
  }
}
