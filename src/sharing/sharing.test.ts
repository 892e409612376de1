/** Members on loopback: an order reaches everyone once; what is wrong is refused by name. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { addressOf } from "../codec/ethereum.ts";
import { time, type Time } from "../codec/time.ts";
import { orderHash } from "../ring/digest.ts";
import type { RingOrder } from "../ring/order.ts";
import { signDigest } from "../ring/signature.ts";
import { makeMinerKeys, readMinerSecret } from "../seal/authkey.ts";
import { MinerKeys } from "../miner/keys.ts";
import { testKey, testSigner } from "../testing/publisher.ts";
import { type Offer, offerOf, person } from "../testing/ringminer.ts";
import {
  ask,
  paper,
  postNote,
  postOrder,
  sealedAuth,
  SharingWorld,
  signedOrder,
  until,
} from "../testing/sharingnodes.ts";
import { type Matchable, printShare, type Unmatchable } from "./message.ts";
import type { MinerParts } from "./node.ts";

const domain = { chainId: 31_337n, contract: addressOf(new Uint8Array(20).fill(0xcc)) };
const names = ["alder", "birch", "cedar", "dogwood"];
const stranger = person("a stranger's miner");

/** Around a ring: everybody reaches only his two neighbours. */
const ring = new SharingWorld({
  domain,
  names,
  reach: (from, to) => Math.abs(names.indexOf(from) - names.indexOf(to)) % 2 === 1,
  settings: [
    ...[0, 1, 2].map((i) => `token ${"ABC"[i]} address ${paper(i)} decimals 18 price 1`),
    // Few a second: a slow machine floods as well.
    "notes 1 30",
  ],
  members: [
    `miner alder ${person("alder's miner").address}`,
    `miner birch ${stranger.address}`,
    "room quiet alder birch",
  ],
});
let minerParts: MinerParts & { readonly certificate: Uint8Array };

before(async () => {
  await ring.prepare();
  const made = await makeMinerKeys({ at: time(Date.now()) });
  const secret = await readMinerSecret(made.secret);
  const keys = new MinerKeys(person("alder's miner").key, secret);
  minerParts = { keys, certificate: made.certificate, find: () => [], broadcast: undefined };
  await ring.start("alder", { miner: minerParts });
  for (const name of names.slice(1)) await ring.start(name);
});
after(() => ring.remove());

let nonce = 0n;

function newOffer(fields: Partial<RingOrder> = {}): Offer {
  nonce += 1n;
  return offerOf(person("Alice"), person(`auth ${nonce}`), {
    sellToken: paper(0),
    buyToken: paper(1),
    sellAmount: 100n,
    buyAmount: 50n,
    validUntil: BigInt(Math.floor(Date.now() / 1000)) + 3600n,
    nonce,
    ...fields,
  });
}

let lastNow = 0;

function now(offset = 0): Time {
  lastNow = Math.max(Date.now(), lastNow + 1);
  return time(lastNow + offset);
}

function shareOf(offer: Offer, by: string, more: Partial<Unmatchable> = {}): Unmatchable {
  const signature = signDigest(orderHash(domain, offer.order), offer.owner.key);
  const { order } = offer;
  return { kind: "unmatchable", domain, by, at: now(), room: "bourse", order, signature, ...more };
}

function matchableOf(offer: Offer, by: string, auth: string | undefined): Matchable {
  const { room, ...told } = shareOf(offer, by);
  equal(room, "bourse");
  return { ...told, kind: "matchable", miner: minerParts.keys.address, auth };
}

function noteOf(share: Parameters<typeof printShare>[0]): string {
  return printShare(share, ring.signerOf(share.by));
}

const hashOf = (offer: Offer): string => orderHash(domain, offer.order);
const alder = (): string => ring.urlOf("alder");

async function statusAt(name: string, offer: Offer): Promise<unknown> {
  const { json } = await ask(ring.urlOf(name), `/v1/orders/${hashOf(offer)}`);
  return json["code"] ?? json["status"];
}

test("an honest order reaches everyone once over a ring of four", async () => {
  const offer = newOffer();
  const { status, json } = await postOrder(alder(), signedOrder(domain, offer));
  equal(status, 201);
  equal(json["order"], hashOf(offer));
  for (const name of names) await until(async () => (await statusAt(name, offer)) === "held");
  const again = await postOrder(alder(), signedOrder(domain, offer));
  equal(again.status, 200);
  for (const name of names) {
    const { json } = await ask(ring.urlOf(name), "/v1/offers");
    const offers = json["offers"] as { hash: string; by: string[] }[];
    const found = offers.filter(({ hash }) => hash === hashOf(offer));
    deepEqual(
      found.map(({ by }) => by),
      [["alder"]],
      name,
    );
  }
  const { json: depth } = await ask(ring.urlOf("cedar"), "/v1/depth?sell=A&buy=B");
  const [level] = depth["levels"] as { sellAmount: string; price: string }[];
  deepEqual([level?.sellAmount, level?.price], ["100", "0.5"]);
  // The same order in another member's note: known, and told to nobody.
  equal(await postNote(ring.urlOf("cedar"), noteOf(shareOf(offer, "birch"))), "known");
});

test("a withdrawal reaches everyone, and its order does not come back", async () => {
  const offer = newOffer();
  const note = noteOf(shareOf(offer, "birch"));
  equal(await postNote(ring.urlOf("cedar"), note), "new");
  await until(async () => (await statusAt("alder", offer)) === "held");
  const to = { kind: "room", room: "bourse" } as const;
  const hash = orderHash(domain, offer.order);
  const told = { domain, at: now(), to, hash };
  const anothers = noteOf({ ...told, kind: "withdrawal", by: "alder" });
  equal(await postNote(ring.urlOf("cedar"), anothers), "sharer_differs");
  equal(await statusAt("cedar", offer), "held");
  const withdrawal = noteOf({ ...told, kind: "withdrawal", by: "birch", at: now() });
  equal(await postNote(ring.urlOf("cedar"), withdrawal), "withdrawn");
  for (const name of ["alder", "cedar", "dogwood"]) {
    await until(async () => (await statusAt(name, offer)) === "withdrawn");
  }
  equal(await postNote(ring.urlOf("cedar"), note), "share_repeated");
  equal(await postNote(alder(), withdrawal), "share_repeated");
  const unheard = {
    ...told,
    kind: "withdrawal" as const,
    by: "birch",
    hash: orderHash(domain, newOffer().order),
  };
  equal(await postNote(alder(), noteOf(unheard)), "order_unknown");
  // Offered anew, it goes round again.
  equal(await postNote(ring.urlOf("cedar"), noteOf(shareOf(offer, "birch"))), "new");
  await until(async () => (await statusAt("alder", offer)) === "held");
});

test("what another withdrew and we still offer is heard again", async () => {
  const offer = newOffer();
  await postOrder(ring.urlOf("dogwood"), signedOrder(domain, offer));
  await until(async () => (await statusAt("birch", offer)) === "held");
  equal(await postNote(ring.urlOf("dogwood"), noteOf(shareOf(offer, "alder"))), "known");
  const to = { kind: "room", room: "bourse" } as const;
  const withdrawal = { domain, by: "alder", to, hash: orderHash(domain, offer.order) };
  const note = noteOf({ ...withdrawal, kind: "withdrawal", at: now() });
  equal(await postNote(ring.urlOf("dogwood"), note), "withdrawn");
  for (const name of names) await until(async () => (await statusAt(name, offer)) === "held");
});

test("notes are refused by name", async () => {
  const url = ring.urlOf("birch");
  const offer = newOffer();
  const share = shareOf(offer, "cedar");
  const good = noteOf(share);
  const lying = testSigner("cedar", testKey(99));
  equal(await postNote(url, printShare(share, lying)), "share_signature_wrong");
  equal(await postNote(url, good.replace("room bourse", "room quiet")), "share_signature_wrong");
  equal(await postNote(url, good.replace("\nby cedar", "\nby nobody")), "member_unknown");
  equal(await postNote(url, `${"x".repeat(17_000)}\n\n`), "share_too_large");
  equal(await postNote(url, `${"x".repeat(13_000)}\n\n`), "share_too_large");
  equal(await postNote(url, "hello"), "share_malformed");
  equal(await postNote(url, Uint8Array.of(0xff, 0xfe)), "share_malformed");
  equal(await postNote(url, noteOf({ ...share, at: now(400_000) })), "share_early");
  equal(await postNote(url, noteOf({ ...share, at: now(-400_000) })), "share_late");
  const elsewhere = { chainId: 1n, contract: domain.contract };
  equal(await postNote(url, noteOf({ ...share, domain: elsewhere })), "venue_differs");
  equal(await postNote(url, noteOf({ ...share, room: "quiet" })), "room_unknown");
  equal(await postNote(url, noteOf({ ...share, room: "nowhere" })), "room_unknown");
  const mines = { ...matchableOf(offer, "cedar", undefined), miner: stranger.address };
  equal(await postNote(url, noteOf(mines)), "miner_unknown");
  const bob = signDigest(orderHash(domain, offer.order), person("Bob").key);
  equal(await postNote(url, noteOf({ ...share, signature: bob })), "owner_signature_wrong");
  const old = newOffer({ validUntil: 1_000_000n });
  equal(await postNote(url, noteOf(shareOf(old, "cedar"))), "order_expired");
  equal(await statusAt("birch", offer), "order_unknown", "nothing of this was kept");
  equal(await postNote(url, noteOf({ ...share, at: now() })), "new");
});

test("an auth key goes to a miner, and never to a room", async () => {
  const offer = newOffer();
  const auth = await sealedAuth(offer, [minerParts.certificate]);
  const room = noteOf(shareOf(offer, "birch"));
  const leaking = room.replace("\n\n", `\nauth ${auth}\n\n`);
  equal(await postNote(alder(), leaking), "auth_in_room");
  const inClear = `\nauth ${"0123456789abcdef".repeat(4)}\n\n`;
  const toMiner = noteOf(matchableOf(offer, "birch", undefined));
  equal(await postNote(alder(), toMiner.replace("\n\n", inClear)), "auth_malformed");
  equal(await postNote(alder(), toMiner), "ring_auth_missing");
  const anothers = await sealedAuth(newOffer(), [minerParts.certificate]);
  equal(await postNote(alder(), noteOf(matchableOf(offer, "birch", anothers))), "ring_auth_wrong");
  const other = await makeMinerKeys({ at: time(Date.now()) });
  const unreadable = await sealedAuth(offer, [other.certificate]);
  const note = noteOf(matchableOf(offer, "birch", unreadable));
  equal(await postNote(alder(), note), "ring_auth_unreadable");
  equal(await statusAt("alder", offer), "order_unknown");

  equal(await postNote(alder(), noteOf(matchableOf(offer, "birch", auth))), "new");
  const { json } = await ask(alder(), `/v1/orders/${hashOf(offer)}`);
  equal(json["matchable"], true);
  // It waits, promised to nobody, and no other member has heard of it.
  const { json: offers } = await ask(alder(), "/v1/offers");
  ok(!JSON.stringify(offers).includes(hashOf(offer)));
  for (const name of names.slice(1)) equal(await statusAt(name, offer), "order_unknown", name);
  const kept = readFileSync(join(ring.dirOf("alder"), "orders", hashOf(offer)), "latin1");
  ok(kept.includes(auth) && !kept.includes(Buffer.from(offer.auth.key).toString("hex")));
});

test("a flood of one member is stopped, and the others are heard", async () => {
  const url = ring.urlOf("dogwood");
  const notes = Array.from({ length: 40 }, () =>
    noteOf({ ...shareOf(newOffer(), "birch"), room: "nowhere" }),
  );
  const answers: string[] = [];
  for (const note of notes) answers.push(await postNote(url, note));
  ok(answers.includes("room_unknown"));
  equal(answers.at(-1), "share_rate");
  equal(await postNote(url, noteOf(shareOf(newOffer(), "cedar"))), "new");
  // Strangers cannot use up what a member may say.
  const forged = printShare(shareOf(newOffer(), "alder"), testSigner("alder", testKey(98)));
  for (let i = 0; i < 40; i += 1) equal(await postNote(url, forged), "share_signature_wrong");
  equal(await postNote(url, noteOf(shareOf(newOffer(), "alder"))), "new");
});

test("what wallets may give wrongly", async () => {
  const offer = newOffer();
  const good = signedOrder(domain, offer);
  const codeOf = async (given: Record<string, unknown>, name = "alder"): Promise<unknown> =>
    (await postOrder(ring.urlOf(name), given)).json["code"];
  equal(await codeOf({ ...good, more: 1 }), "body_malformed");
  equal(await codeOf({ ...good, order: { owner: "x" } }), "order_malformed");
  equal(await codeOf({ ...good, signature: "0x12" }), "signature_malformed");
  equal(await codeOf({ ...good, signature: `0x${"11".repeat(65)}` }), "signature_malformed");
  equal(await codeOf({ ...good, auth: "00".repeat(32) }), "auth_malformed");
  equal(await codeOf({ ...good, rooms: ["nowhere"] }), "room_unknown");
  equal(await codeOf({ ...good, rooms: [] }), "room_unknown");
  equal(await codeOf({ ...good, miners: [paper(0)] }), "miner_unknown");
  equal(await codeOf({ ...good, miners: [minerParts.keys.address] }), "ring_auth_missing");
  const wrong = await sealedAuth(newOffer(), [minerParts.certificate]);
  equal(await codeOf({ ...good, auth: wrong }), "ring_auth_wrong");
  equal(await codeOf({ ...good, signature: `0x${"11".repeat(64)}` }), "owner_signature_wrong");
  const past = signedOrder(domain, newOffer({ validUntil: 5n }));
  equal(await codeOf(past), "order_expired");
  const page = await fetch(`${alder()}/v1/orders`, {
    method: "POST",
    headers: { origin: "http://example.org" },
    body: JSON.stringify(good),
  });
  match(await page.text(), /origin_unknown/);
  equal(await statusAt("alder", offer), "order_unknown");
});

test("a relay of orders gives what its customer sealed to the miners that he chose", async () => {
  const offer = newOffer();
  const auth = await sealedAuth(offer, [minerParts.certificate]);
  const miners = [minerParts.keys.address];
  const { status } = await postOrder(ring.urlOf("birch"), {
    ...signedOrder(domain, offer),
    auth,
    miners,
  });
  equal(status, 201);
  await until(async () => (await statusAt("alder", offer)) === "held");
  const { json } = await ask(alder(), `/v1/orders/${hashOf(offer)}`);
  equal(json["matchable"], true);
  equal(await statusAt("cedar", offer), "order_unknown", "and to nobody else");
});

test("paths, methods, and who this is", async () => {
  const { json } = await ask(alder(), "/v1/miner");
  equal(json["name"], "alder");
  equal(json["chainId"], "31337");
  equal(json["miner"], minerParts.keys.address);
  deepEqual(json["rooms"], ["bourse", "quiet"]);
  equal((await ask(alder(), "/v1/nothing")).json["code"], "path_unknown");
  equal((await ask(alder(), "/v1/shared")).json["code"], "method_unknown");
  equal((await ask(alder(), "/v1/orders/0x12")).json["code"], "hash_malformed");
  equal((await ask(alder(), "/v1/rings?after=x")).json["code"], "number_malformed");
  equal((await ask(alder(), "/v1/depth?sell=A&buy=Z")).json["code"], "token_malformed");
  deepEqual((await ask(alder(), "/v1/rings")).json, { rings: [], more: false });
  deepEqual((await ask(alder(), "/v1/ring/submissions")).json, { submissions: [] });
});

test("a member that was away hears what it missed, and a restart forgets nothing", async () => {
  await ring.stop("cedar");
  const offer = newOffer();
  await postOrder(ring.urlOf("birch"), signedOrder(domain, offer));
  await until(async () => (await statusAt("alder", offer)) === "held");
  await ring.start("cedar");
  await until(async () => (await statusAt("cedar", offer)) === "held");
  const before = readdirSync(join(ring.dirOf("alder"), "orders")).length;
  await ring.stop("alder");
  const node = await ring.start("alder", { miner: minerParts });
  equal(node.held.size, before);
  const shares = ring.said.filter((line) => /refused a note/.test(line));
  deepEqual(shares, []);
});
