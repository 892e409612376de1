/** A chain that changes its mind: a settled ring is taken back, and settles again. */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { orderHash } from "../ring/digest.ts";
import { person } from "../testing/ringminer.ts";
import {
  ask,
  postOrder,
  sealedAuth,
  SharingWorld,
  signedOrder,
  until,
} from "../testing/sharingnodes.ts";
import { type MinedChain, openMinedChain } from "../testing/standalone.ts";
import type { MinerParts } from "./node.ts";

const finality = 4;
let mined: MinedChain;
let world: SharingWorld;
let miner: MinerParts;

before(async () => {
  mined = await openMinedChain();
  world = new SharingWorld({
    domain: mined.domain,
    names: ["alder"],
    settings: [
      ...mined.chain.tokens.map(
        ({ name, address, decimals }) =>
          `token ${name} address ${address} decimals ${decimals} price 1`,
      ),
      `finality ${finality}`,
      "orders 12",
    ],
  });
  await world.prepare();
  const dir = join(world.dirOf("alder"), "broadcaster");
  mkdirSync(dir, { recursive: true });
  miner = await mined.miner("a miner on moving ground", dir, finality);
  await world.start("alder", { chain: mined.node, miner });
});

after(async () => {
  await mined.close();
  await world.remove();
});

async function firstRing(): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { json } = await ask(world.urlOf("alder"), "/v1/rings");
  const [ring] = json["rings"] as Readonly<Record<string, unknown>>[];
  return ring;
}

test("a ring that a reorganisation took back is followed on, and settles", async () => {
  const url = world.urlOf("alder");
  const snapshot = await mined.node.request("evm_snapshot");
  const offers = [0, 1, 2].map((who) => mined.offer(who, 1n));
  for (const offer of offers) {
    const auth = await sealedAuth(offer, [miner.certificate]);
    await postOrder(url, { ...signedOrder(mined.domain, offer), auth });
  }
  await until(async () => (await firstRing())?.["state"] === "settled");
  const before = await firstRing();
  // Its transaction comes again, but not before the miner has seen the chain without it.
  await mined.node.request("evm_setAutomine", [false]);
  await mined.node.request("evm_revert", [snapshot]);
  await until(() => world.said.some((line) => /taken back by a reorganisation/.test(line)));
  await mined.node.request("evm_setAutomine", [true]);
  await until(async () => (await firstRing())?.["state"] === "settled");
  const again = await firstRing();
  equal(again?.["hash"], before?.["hash"], "the same ring, and no second one");
  notEqual(again?.["block"], undefined);
  // Deep enough now, its orders are over, and no other ring was made of them.
  const [first] = offers;
  const hash = first === undefined ? "" : orderHash(mined.domain, first.order);
  await until(async () => (await ask(url, `/v1/orders/${hash}`)).json["status"] === "filled");
  const { json } = await ask(url, "/v1/rings");
  equal((json["rings"] as unknown[]).length, 1);
});

test("nobody's signature is a contract's, where the chain can be asked", async () => {
  const offer = mined.offer(0, 9n);
  const { order } = signedOrder(mined.domain, offer);
  const { signature } = signedOrder(mined.domain, { ...offer, owner: person("Bob") });
  const auth = await sealedAuth(offer, [miner.certificate]);
  const refused = await postOrder(world.urlOf("alder"), { order, signature, auth });
  equal(refused.json["code"], "owner_signature_wrong");
});

test("orders whose owners cannot pay keep nobody out", async () => {
  const url = world.urlOf("alder");
  const penniless = person("who has nothing");
  const give = async (nonce: bigint, owner = penniless): Promise<unknown> => {
    const offer = mined.offer(0, nonce);
    const own = { ...offer, owner, order: { ...offer.order, owner: owner.address } };
    const auth = await sealedAuth(own, [miner.certificate]);
    const { status, json } = await postOrder(url, { ...signedOrder(mined.domain, own), auth });
    return json["code"] ?? status;
  };
  const said: unknown[] = [];
  for (let nonce = 50n; nonce < 80n; nonce += 1n) said.push(await give(nonce));
  await until(async () => (await give(90n, person("Alice"))) === 201);
  const codes = new Set(said);
  codes.delete(201);
  codes.delete("orders_too_many");
  deepEqual([...codes], []);
});
