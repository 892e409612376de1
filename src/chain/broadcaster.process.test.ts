/** Broadcasters on real nodes: races, stuck transactions, reorganisations, kill -9. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { at } from "../codec/assert.ts";
import type { Person } from "../testing/ringminer.ts";
import { findAnvil, hardhatNode, type NodeKind, startNode } from "../testing/chainnodes.ts";
import { openRingChain, type RingChain } from "../testing/ringchain.ts";
import { quantity } from "./answers.ts";
import { type Broadcaster, type BroadcastEvent, openBroadcaster } from "./broadcaster.ts";
import { readMany } from "./settlement.ts";

const dir = mkdtempSync(join(tmpdir(), "broadcaster-"));
after(() => rmSync(dir, { recursive: true, force: true }));
let folders = 0;

type Rig = { readonly broadcaster: Broadcaster; readonly events: BroadcastEvent[] };

function rig(chain: RingChain, { key }: Person, place?: string): Rig {
  folders += 1;
  const own = place ?? mkdtempSync(join(dir, `${folders}-`));
  const events: BroadcastEvent[] = [];
  const { node, contract } = chain;
  const onEvent = (event: BroadcastEvent): void => void events.push(event);
  const options = { node, contract, key, dir: own, confirmations: 2, stuckBlocks: 2, onEvent };
  return { broadcaster: openBroadcaster(options), events };
}

const kinds = (events: readonly BroadcastEvent[]): string[] =>
  events.map(({ kind, reason }) => (reason === undefined ? kind : `${kind} ${reason}`));

async function mine(chain: RingChain, blocks = 1): Promise<void> {
  for (let i = 0; i < blocks; i += 1) await chain.node.request("evm_mine");
}

async function automine(chain: RingChain, isOn: boolean): Promise<void> {
  await chain.node.request("evm_setAutomine", [isOn]);
}

/** Makes gas so dear that no earlier offer is enough. */
async function dear(chain: RingChain): Promise<void> {
  const fee = (await chain.node.head()).baseFee * 20n + 10n ** 11n;
  await chain.node.request("hardhat_setNextBlockBaseFeePerGas", [quantity(fee)]);
}

/** How much of Alice's order with that nonce is filled. */
async function filled(chain: RingChain, nonce: bigint): Promise<bigint> {
  const counters = [{ owner: at(chain.people, 0).address, nonce }];
  const questions = { counters, epochs: [], funds: [] };
  const { contract, node } = chain;
  return at((await readMany(node, { contract, at: "latest", questions })).counters, 0);
}

async function until(
  isSo: () => Promise<boolean> | boolean,
  step: () => Promise<void>,
): Promise<void> {
  for (let i = 0; i < 50; i += 1) {
    if (await isSo()) return;
    await step();
  }
  throw new Error("it never came about");
}

async function races(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(100n);
  const people = await Promise.all([1, 2, 3].map((i) => chain.broadcaster(`racer ${i}`)));
  const rigs = people.map((one) => rig(chain, one));
  await automine(chain, false);
  // All look at the same instant: nobody's transaction is there to be seen.
  for (const { broadcaster } of rigs) ok(broadcaster.add({ number: 1, calldata }).ok);
  await Promise.all(rigs.map(({ broadcaster }) => broadcaster.step()));
  await mine(chain);
  await automine(chain, true);
  const step = async (): Promise<void> => {
    await mine(chain);
    await Promise.all(rigs.map(({ broadcaster }) => broadcaster.step()));
  };
  await until(() => rigs.every(({ broadcaster }) => broadcaster.pending === 0), step);
  equal(await filled(chain, 100n), 10n);
  const ends = rigs.map(({ events }) => kinds(events).at(-1)).toSorted();
  equal(ends.filter((end) => end === "settled").length, 1, ends.join());
  for (const { broadcaster, events } of rigs) {
    ok(["settled", "lost", "given_up overtaken"].includes(kinds(events).at(-1) ?? ""));
    ok((await chain.node.nonce(broadcaster.sender)) <= 1, "at most one revert's gas");
    await broadcaster.close();
  }
  // One that comes later pays nothing.
  const late = rig(chain, await chain.broadcaster("who comes late"));
  late.broadcaster.add({ number: 1, calldata });
  await until(
    () => late.broadcaster.pending === 0,
    async () => {
      await late.broadcaster.step();
      await mine(chain);
    },
  );
  deepEqual(kinds(late.events), ["given_up overtaken"]);
  equal(await chain.node.nonce(late.broadcaster.sender), 0);
  await late.broadcaster.close();
}

async function replaces(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(101n);
  const { broadcaster, events } = rig(chain, await chain.broadcaster("who is stuck"));
  await automine(chain, false);
  broadcaster.add({ number: 2, calldata });
  await broadcaster.step();
  deepEqual(kinds(events), ["sent"]);
  // Gas becomes dear: what was offered is not enough.
  await dear(chain);
  await mine(chain, 2);
  await broadcaster.step();
  deepEqual(kinds(events), ["sent", "replaced"]);
  await until(
    () => broadcaster.pending === 0,
    async () => {
      await mine(chain);
      await broadcaster.step();
    },
  );
  equal(kinds(events).at(-1), "settled");
  equal(await chain.node.nonce(broadcaster.sender), 1, "one nonce, whatever was sent");
  await automine(chain, true);
  await broadcaster.close();
}

async function withdraws(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(102n);
  const { broadcaster, events } = rig(chain, await chain.broadcaster("who withdraws"));
  await automine(chain, false);
  broadcaster.add({ number: 3, calldata });
  await broadcaster.step();
  // Alice was quicker: she cancels in a block that does not have the ring.
  await dear(chain);
  await mine(chain);
  const cancelled = chain.account(at(chain.people, 0)).cancel(chain.contract, [102n]);
  await until(
    async () => (await filled(chain, 102n)) > 0n,
    () => mine(chain),
  );
  await cancelled;
  await until(
    () => broadcaster.pending === 0,
    async () => {
      await broadcaster.step();
      await mine(chain);
    },
  );
  deepEqual(kinds(events), ["sent", "withdrawn", "given_up OrderCancelled"]);
  equal(await chain.node.nonce(broadcaster.sender), 1);
  await automine(chain, true);
  await broadcaster.close();
}

/** A node that forgets, and a process that ends between writing and sending. */
async function sendsAgain(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(106n);
  const who = await chain.broadcaster("who is forgotten");
  const place = mkdtempSync(join(dir, "forgotten-"));
  const first = rig(chain, who, place);
  await automine(chain, false);
  first.broadcaster.add({ number: 8, calldata });
  await first.broadcaster.step();
  const hash = first.events[0]?.transaction;
  ok(hash !== undefined);
  throws(() => rig(chain, who, place), /couldn't lock/);
  await first.broadcaster.close();
  await chain.node.request("hardhat_dropTransaction", [hash]);
  equal(await chain.node.transaction(hash), undefined);
  const second = rig(chain, who, place);
  second.broadcaster.add({ number: 8, calldata });
  await second.broadcaster.step();
  equal((await chain.node.transaction(hash))?.hash, hash, "the very same");
  await until(
    () => second.broadcaster.pending === 0,
    async () => {
      await mine(chain);
      await second.broadcaster.step();
    },
  );
  deepEqual(second.events, [{ kind: "settled", number: 8, transaction: hash }]);
  second.broadcaster.add({ number: 8, calldata });
  equal(second.broadcaster.pending, 0, "what has ended is not begun again");
  await automine(chain, true);
  await second.broadcaster.close();
}

/** A nonce used by another program with the same key, and several submissions at once. */
async function sharesItsKey(chain: RingChain): Promise<void> {
  const who = await chain.broadcaster("who shares a key");
  const { broadcaster, events } = rig(chain, who);
  await automine(chain, false);
  const calldatas = [await chain.submission(107n), await chain.submission(108n)];
  for (const [i, calldata] of calldatas.entries()) broadcaster.add({ number: 9 + i, calldata });
  await broadcaster.step();
  deepEqual(kinds(events), ["sent", "sent"]);
  await chain.node.request("hardhat_dropTransaction", [events[0]?.transaction]);
  await chain.node.request("hardhat_dropTransaction", [events[1]?.transaction]);
  const foreign = chain.account(who).send({ to: who.address, value: 1n });
  await until(
    async () => (await chain.node.nonce(who.address)) === 1,
    () => mine(chain),
  );
  await foreign;
  await until(
    () => broadcaster.pending === 0,
    async () => {
      await broadcaster.step();
      await mine(chain);
    },
  );
  equal(await filled(chain, 107n), 10n);
  equal(await filled(chain, 108n), 10n);
  equal(await chain.node.nonce(who.address), 3, "one each");
  await automine(chain, true);
  await broadcaster.close();
}

async function reorganises(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(103n);
  const { broadcaster, events } = rig(chain, await chain.broadcaster("who is reorganised"));
  const snapshot = await chain.node.request("evm_snapshot");
  broadcaster.add({ number: 4, calldata });
  await broadcaster.step();
  // A node mines at once when it comes to it.
  for (let tries = 0; (await filled(chain, 103n)) !== 10n && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  equal(await filled(chain, 103n), 10n);
  await chain.node.request("evm_revert", [snapshot]);
  equal(await filled(chain, 103n), 0n);
  await until(
    () => broadcaster.pending === 0,
    async () => {
      await broadcaster.step();
      await mine(chain);
    },
  );
  equal(await filled(chain, 103n), 10n);
  deepEqual(kinds(events), ["sent", "settled"], "the same transaction again");
  await broadcaster.close();
}

async function givesUp(chain: RingChain): Promise<void> {
  const { broadcaster, events } = rig(chain, await chain.broadcaster("who gives up"));
  const { time } = await chain.node.head();
  const garbage = await chain.submission(104n, { fill: 11n });
  const noMoney = await chain.submission(105n, { deadline: time + 30n });
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, 0n);
  deepEqual(broadcaster.add({ number: 5, calldata: new Uint8Array(90) }).ok, false);
  ok(broadcaster.add({ number: 6, calldata: garbage }).ok);
  ok(broadcaster.add({ number: 7, calldata: noMoney }).ok);
  await until(
    () => broadcaster.pending < 2,
    async () => {
      await broadcaster.step();
      await mine(chain);
    },
  );
  await chain.node.request("evm_increaseTime", [60]);
  await until(
    () => broadcaster.pending === 0,
    async () => {
      await mine(chain);
      await broadcaster.step();
    },
  );
  deepEqual(kinds(events), ["given_up Overfill", "given_up deadline"]);
  equal(await chain.node.nonce(broadcaster.sender), 0, "it cost nothing");
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, 10n ** 24n);
  await broadcaster.close();
}

async function scenes(kind: NodeKind): Promise<void> {
  const node = await startNode(kind);
  try {
    const chain = await openRingChain(node.url);
    await races(chain);
    await replaces(chain);
    await withdraws(chain);
    await reorganises(chain);
    await sendsAgain(chain);
    await sharesItsKey(chain);
    await givesUp(chain);
  } finally {
    node.stop();
  }
}

test("broadcasters on Hardhat's node", () => scenes(hardhatNode));

const anvil = findAnvil();
test("broadcasters on Anvil", { skip: typeof anvil === "string" ? anvil : false }, () =>
  typeof anvil === "string" ? undefined : scenes(anvil),
);
