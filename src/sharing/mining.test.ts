/**
 * A miner that stands alone, on a real chain: a ring of three whose orders came in three ways
 * settles, its account adds up, its orders are over everywhere.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { at } from "../codec/assert.ts";
import { time } from "../codec/time.ts";
import { ChainAccount } from "../chain/account.ts";
import { submissionsOf, venueOf } from "../chain/relayfeed.ts";
import { orderHash } from "../ring/digest.ts";
import { signDigest } from "../ring/signature.ts";
import { type Offer, person } from "../testing/ringminer.ts";
import {
  ask,
  postNote,
  postOrder,
  sealedAuth,
  SharingWorld,
  signedOrder,
  until,
} from "../testing/sharingnodes.ts";
import { type MinedChain, openMinedChain } from "../testing/standalone.ts";
import { printShare } from "./message.ts";
import type { MinerParts } from "./node.ts";

let mined: MinedChain;
let world: SharingWorld;
let miner: MinerParts;

before(async () => {
  mined = await openMinedChain();
  world = new SharingWorld({
    domain: mined.domain,
    names: ["alder", "birch", "cedar"],
    settings: [
      ...mined.chain.tokens.map(
        ({ name, address, decimals }) =>
          `token ${name} address ${address} decimals ${decimals} price 1`,
      ),
      "finality 1",
    ],
    members: [`miner alder ${person("alder's miner").address}`],
  });
  await world.prepare();
  const dir = join(world.dirOf("alder"), "broadcaster");
  mkdirSync(dir, { recursive: true });
  miner = await mined.miner("alder's miner", dir);
  await world.start("alder", { chain: mined.node, miner });
  // One that looks at the chain and mines nothing, and one that sees none.
  await world.start("birch", { chain: mined.node });
  await world.start("cedar");
});

after(async () => {
  await mined.close();
  await world.remove();
});

const hashOf = ({ order }: Offer): string => orderHash(mined.domain, order);

async function statusAt(name: string, offer: Offer): Promise<unknown> {
  const { json } = await ask(world.urlOf(name), `/v1/orders/${hashOf(offer)}`);
  return json["code"] ?? json["status"];
}

type Ring = Readonly<Record<string, unknown>>;

async function rings(after = 0): Promise<readonly Ring[]> {
  const { json } = await ask(world.urlOf("alder"), `/v1/rings?after=${after}`);
  return json["rings"] as Ring[];
}

test("a ring of three settles, with orders that came in three ways", async () => {
  const alder = world.urlOf("alder");
  const own = mined.offer(0, 1n);
  const auth = await sealedAuth(own, [miner.certificate]);
  const taken = await postOrder(alder, { ...signedOrder(mined.domain, own), auth });
  equal(taken.status, 201);

  const fromMember = mined.offer(1, 1n);
  const note = printShare(
    {
      kind: "matchable",
      domain: mined.domain,
      by: "birch",
      at: time(Date.now()),
      miner: miner.keys.address,
      order: fromMember.order,
      signature: signDigest(orderHash(mined.domain, fromMember.order), fromMember.owner.key),
      auth: await sealedAuth(fromMember, [miner.certificate]),
    },
    world.signerOf("birch"),
  );
  equal(await postNote(alder, note), "new");
  equal(await statusAt("birch", own), "order_unknown", "what is sealed to one is told to nobody");

  // The third names the miner itself as its author: no key travels, a room may hear of it.
  const shared = mined.offer(2, 1n, person("alder's miner"));
  await postOrder(world.urlOf("cedar"), {
    ...signedOrder(mined.domain, shared),
    rooms: ["bourse"],
  });

  await until(async () => (await rings())[0]?.["state"] === "settled");
  const [ring, ...more] = await rings();
  deepEqual(more, []);
  equal(ring?.["size"], 3);
  const receipt = await mined.node.receipt(
    (ring?.["transaction"] ?? "") as Parameters<typeof mined.node.receipt>[0],
  );
  equal(receipt?.isSuccess, true);
  equal(ring?.["gasUsed"], receipt?.gasUsed.toString());
  equal(ring?.["gasCost"], String((receipt?.gasUsed ?? 0n) * (receipt?.gasPrice ?? 0n)));
  // The miner took the margins: what the limits left over.
  const margins = Object.values(ring?.["margins"] as Record<string, string>);
  ok(margins.length > 0 && margins.every((sum) => BigInt(sum) > 0n));
  deepEqual(ring?.["fees"], {});
  for (const offer of [own, fromMember, shared]) {
    await until(async () => (await statusAt("alder", offer)) === "filled");
  }
  // Others who look at the chain see it too; who sees none is told by those who do.
  await until(async () => (await statusAt("birch", shared)) === "filled");
});

test("depth is of what is live, and of what rooms know only", async () => {
  const open = mined.offer(0, 5n);
  const sealed = mined.offer(0, 6n);
  const auth = await sealedAuth(sealed, [miner.certificate]);
  await postOrder(world.urlOf("alder"), { ...signedOrder(mined.domain, sealed), auth });
  await postOrder(world.urlOf("birch"), signedOrder(mined.domain, open));
  await until(async () => (await statusAt("alder", open)) === "live");
  await until(async () => (await statusAt("alder", sealed)) === "live");
  const { json } = await ask(world.urlOf("alder"), "/v1/depth?sell=GOLD&buy=OIL");
  const levels = json["levels"] as { sellAmount: string; price: string }[];
  deepEqual(
    levels.map(({ sellAmount, price }) => [sellAmount, price]),
    [[(10n ** 18n).toString(), "0.9"]],
  );
  const account = new ChainAccount(mined.node, at(mined.people, 0).key);
  await account.approve(at(mined.chain.tokens, 0).address, mined.chain.settlement, 0n);
  await until(async () => (await statusAt("alder", open)) === "unfunded");
  const { json: gone } = await ask(world.urlOf("alder"), "/v1/depth?sell=GOLD&buy=OIL");
  deepEqual(gone["levels"], []);
  await account.approve(at(mined.chain.tokens, 0).address, mined.chain.settlement, 10n ** 24n);
});

test("whoever broadcasts for an exchange can broadcast for this miner", async () => {
  const alder = world.urlOf("alder");
  const { chainId, contract } = await venueOf(alder);
  deepEqual({ chainId, contract }, mined.domain);
  const { signal } = new AbortController();
  const { open, last } = await submissionsOf(alder, { after: 0, signal });
  deepEqual([open, last], [[], 1], "it is settled");
  const waiting = submissionsOf(alder, { after: 1, signal });
  for (const who of [0, 1, 2]) {
    const offer = mined.offer(who, 4n);
    const auth = await sealedAuth(offer, [miner.certificate]);
    await postOrder(alder, { ...signedOrder(mined.domain, offer), auth });
  }
  equal((await waiting).last, 2);
  await until(async () => (await rings(1))[0]?.["state"] === "settled");
});

test("a restart goes on with the same orders, submissions and accounts", async () => {
  const before = await rings();
  await world.stop("alder");
  await world.start("alder", { chain: mined.node, miner });
  deepEqual(await rings(), before);
  // The one that waits, sealed, is opened again from its inner message.
  const second = mined.offer(1, 7n);
  const third = mined.offer(2, 7n);
  for (const offer of [second, third]) {
    const auth = await sealedAuth(offer, [miner.certificate]);
    const given = { ...signedOrder(mined.domain, offer), auth };
    equal((await postOrder(world.urlOf("alder"), given)).status, 201);
  }
  await until(async () => (await rings(2))[0]?.["state"] === "settled");
});
