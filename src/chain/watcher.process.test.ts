/** Watcher and history on real nodes: facts, their order, reorganisations, ten thousand orders. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";

import { at } from "../codec/assert.ts";
import { type Address, type Hash, hashOf, keccak } from "../codec/ethereum.ts";
import { fromAscii } from "../codec/bytes.ts";
import { cancelAllHash, cancelHash, orderHash } from "../ring/digest.ts";
import { type Fact, printFact } from "../ring/fact.ts";
import { settledRings } from "../ring/settledring.ts";
import { signDigest } from "../ring/signature.ts";
import { findAnvil, hardhatNode, type NodeKind, startNode } from "../testing/chainnodes.ts";
import { openRingChain, type RingChain } from "../testing/ringchain.ts";
import { readHistory } from "./history.ts";
import { readMany, submitData } from "./settlement.ts";
import { ChainWatcher } from "./watcher.ts";
import type { WatchedOrder, WatchedRing } from "./watchlist.ts";

const much = 10n ** 24n;

function orderOf(chain: RingChain, who: number, nonce: bigint): WatchedOrder {
  const { order } = chain.offer(who, nonce);
  const { owner, sellToken } = order;
  const hash = orderHash(chain.domain, order);
  return { hash, owner, nonce, sellToken, feeToken: undefined, signature: undefined };
}

function watcherOf(chain: RingChain, confirmations = 0): ChainWatcher {
  const { node, contract } = chain;
  return new ChainWatcher({ node, contract, confirmations });
}

/** What is new, without the clock. */
async function poll(watcher: ChainWatcher): Promise<readonly Fact[]> {
  const batches = await watcher.poll();
  return batches.flatMap(({ facts }) => facts).filter(({ kind }) => kind !== "clock");
}

const lines = (facts: readonly Fact[]): string[] => facts.map(printFact).toSorted();
const addressesOf = (chain: RingChain): Address[] => chain.people.map(({ address }) => address);

async function submit(chain: RingChain, calldata: Uint8Array): Promise<Hash> {
  const data = submitData(calldata);
  return (await chain.rich.send({ to: chain.contract, data })).transaction;
}

/** The hash of the ring that a transaction settled. */
async function ringOf(chain: RingChain, transaction: Hash): Promise<Hash> {
  const receipt = await chain.node.receipt(transaction);
  const told = receipt?.logs.find(({ address }) => address === chain.contract);
  return at(told?.topics ?? [], 1);
}

async function followsOrders(chain: RingChain): Promise<void> {
  const [alice, bob] = addressesOf(chain);
  const [gold, oil] = chain.tokens;
  const watcher = watcherOf(chain);
  const orders = [orderOf(chain, 0, 1n), orderOf(chain, 1, 1n)];
  watcher.watch({ orders, rings: [] });
  const first = await watcher.poll();
  equal(first.at(0)?.facts.at(-1)?.kind, "clock", "the clock comes last");
  const told = first.flatMap(({ facts }) => facts).filter(({ kind }) => kind !== "clock");
  deepEqual(
    lines(told),
    [
      `counter|${alice}/1|0`,
      `counter|${bob}/1|0`,
      `epoch|${alice}|0`,
      `epoch|${bob}|0`,
      `funds|${alice}/${gold}|${much}`,
      `funds|${bob}/${oil}|${much}`,
    ].toSorted(),
  );
  deepEqual(await poll(watcher), [], "only what changes");
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, 5n);
  deepEqual(lines(await poll(watcher)), [`funds|${alice}/${gold}|5`]);
  await chain.account(at(chain.people, 1)).cancel(chain.contract, [1n, 77n]);
  deepEqual(lines(await poll(watcher)), [`counter|${bob}/1|${2n ** 128n - 1n}`]);
  await chain.rich.mint(at(chain.tokens, 2), at(addressesOf(chain), 0), 1n);
  deepEqual(await poll(watcher), [], "a token that nobody watches");
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, much);
  // Watched anew, told anew; forgotten, all of it.
  watcher.watch({ orders: [orderOf(chain, 0, 1n), orderOf(chain, 0, 2n)], rings: [] });
  const again = lines(await poll(watcher));
  ok(again.includes(`epoch|${alice}|0`) && again.includes(`funds|${alice}/${gold}|${much}`));
  ok(again.includes(`counter|${alice}/2|0`) && !again.includes(`counter|${alice}/1|0`));
  watcher.forget();
  equal((await poll(watcher)).length, 4);
}

/** Cancellations by signature, brought by somebody else; and a contract's word. */
async function followsSignatures(chain: RingChain): Promise<void> {
  const [one] = chain.people.slice(2);
  ok(one !== undefined);
  const watcher = watcherOf(chain);
  const byWallet = { ...orderOf(chain, 2, 5n), signature: new Uint8Array(64) };
  watcher.watch({ orders: [byWallet], rings: [] });
  const first = lines(await poll(watcher));
  ok(first.includes(`accepts|${byWallet.hash}|0`), "who has no code accepts nothing");
  const request = { owner: one.address, deadline: 2n ** 33n };
  const nonces = [5n];
  const signature = signDigest(cancelHash(chain.domain, { ...request, nonces }), one.key);
  await chain.rich.cancelFor(chain.contract, { ...request, nonces, signature });
  deepEqual(lines(await poll(watcher)), [`counter|${one.address}/5|${2n ** 128n - 1n}`]);
  const all = signDigest(cancelAllHash(chain.domain, { ...request, epoch: 0n }), one.key);
  await chain.rich.cancelFor(chain.contract, { ...request, nonces: "all", signature: all });
  deepEqual(lines(await poll(watcher)), [`epoch|${one.address}|1`]);
}

async function followsRings(chain: RingChain): Promise<void> {
  const calldata = await chain.submission(10n, { fill: 4n });
  const snapshot = await chain.node.request("evm_snapshot");
  const transaction = await submit(chain, calldata);
  const ring: WatchedRing = { hash: await ringOf(chain, transaction), submission: 1, calldata };
  const orders = [orderOf(chain, 0, 10n)];
  // One who comes later finds it all the same, and one who was not asked about this ring yet.
  for (const rings of [[ring], []]) {
    const late = watcherOf(chain);
    late.watch({ orders, rings });
    equal(printFact(at(await poll(late), 0)), `settled|${ring.hash}|${transaction}`);
  }
  await chain.node.request("evm_revert", [snapshot]);

  const watcher = watcherOf(chain);
  watcher.watch({ orders, rings: [ring] });
  ok(lines(await poll(watcher)).includes("fails|1|-"));
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, 0n);
  ok(lines(await poll(watcher)).includes("fails|1|TransferFailed"));
  await chain.account(at(chain.people, 0)).approve(at(chain.tokens, 0), chain.contract, much);
  ok(lines(await poll(watcher)).includes("fails|1|-"));
  const before = await chain.node.request("evm_snapshot");
  const settledIn = await submit(chain, calldata);
  const [first, ...rest] = await poll(watcher);
  deepEqual(first, { kind: "settled", ring: ring.hash, transaction: settledIn });
  const [alice] = addressesOf(chain);
  deepEqual(lines(rest), [
    `counter|${alice}/10|4`,
    `funds|${alice}/${chain.tokens[0]}|${much - 4n}`,
  ]);

  // The chain forgets it, and goes another way that is as long.
  await chain.node.request("evm_revert", [before]);
  await chain.rich.send({ to: at(addressesOf(chain), 1), value: 1n });
  await chain.rich.send({ to: at(addressesOf(chain), 1), value: 1n });
  const undone = lines(await poll(watcher));
  ok(undone.includes(`counter|${alice}/10|0`), undone.join());
  ok(undone.includes(`funds|${alice}/${chain.tokens[0]}|${much}`));
  const anew = await submit(chain, calldata);
  const facts = lines(await poll(watcher));
  ok(facts.includes(`settled|${ring.hash}|${anew}`) && facts.includes(`counter|${alice}/10|4`));
}

async function waitsForDepth(chain: RingChain): Promise<void> {
  const watcher = watcherOf(chain, 3);
  watcher.watch({ orders: [orderOf(chain, 0, 20n)], rings: [] });
  for (let i = 0; i < 3; i += 1) await chain.node.request("evm_mine");
  await poll(watcher);
  await chain.account(at(chain.people, 0)).cancel(chain.contract, [20n]);
  for (let depth = 0; depth < 3; depth += 1) {
    deepEqual(await poll(watcher), [], `only ${depth} blocks on top`);
    await chain.node.request("evm_mine");
  }
  deepEqual(lines(await poll(watcher)), [`counter|${addressesOf(chain)[0]}/20|${2n ** 128n - 1n}`]);
}

async function readsMany(chain: RingChain): Promise<void> {
  const orders = Array.from({ length: 10_000 }, (_, i): WatchedOrder => {
    const hash = hashOf(keccak(fromAscii(`order ${i}`)));
    const { people, tokens } = chain;
    const owner = at(people, i % 3).address;
    const common = { hash, nonce: BigInt(1000 + i), signature: undefined, feeToken: undefined };
    const other: WatchedOrder = { ...common, owner, sellToken: at(tokens, i % 3) };
    return i % 2 === 0 ? other : { ...other, owner: at(people, (i + 1) % 3).address };
  });
  const watcher = watcherOf(chain);
  watcher.watch({ orders, rings: [] });
  ok((await poll(watcher)).length > 10_000);
  deepEqual(await poll(watcher), []);
}

async function readsHistory(chain: RingChain): Promise<void> {
  const from = (await chain.node.head()).number + 1;
  await submit(chain, await chain.submission(30n, { fill: 3n }));
  const to = (await chain.node.head()).number;
  const { settled, unseen } = await readHistory(chain.node, { contract: chain.contract, from, to });
  deepEqual(unseen, []);
  equal(settled.length, 1);
  ok(at(settled, 0).gasUsed > 100_000n && at(settled, 0).gasPrice > 0n);
  const rings = settledRings(
    chain.domain,
    settled.flatMap(({ calls }) => calls),
  );
  ok(rings.ok && rings.value.length === 1);

  // Through a contract that hands on whatever it is called with.
  const settlement = chain.contract.slice(2);
  const code = `365f5f375f5f365f5f73${settlement}5af16026575f5ffd5b00`;
  const size = (code.length / 2).toString(16).padStart(2, "0");
  const { contract: passer } = await chain.rich.send({ data: `0x60${size}8060095f395ff3${code}` });
  ok(passer !== undefined);
  const data = submitData(await chain.submission(31n, { fill: 3n }));
  const { block } = await chain.rich.send({ to: passer, data });
  const range = { contract: chain.contract, from: block, to: block };
  const passed = await readHistory(chain.node, range);
  deepEqual(passed.unseen, []);
  const found = settledRings(
    chain.domain,
    passed.settled.flatMap(({ calls }) => calls),
  );
  ok(found.ok && found.value.length === 1);
  equal(passed.settled[0]?.calls[0]?.from, passer);
}

/** A contract that accepts every signature, and one that burns all the gas that it is given. */
async function readsOddContracts(chain: RingChain): Promise<void> {
  const yes = `7f1626ba7e${"0".repeat(56)}5f5260205ff3`;
  const install = async (code: string): Promise<Address> => {
    const size = (code.length / 2).toString(16).padStart(2, "0");
    const { contract } = await chain.rich.send({ data: `0x60${size}8060095f395ff3${code}` });
    ok(contract !== undefined && (await chain.node.hasCode(contract)));
    return contract;
  };
  const owner = await install(yes);
  const watcher = watcherOf(chain);
  const order = { ...orderOf(chain, 0, 6n), owner, signature: new Uint8Array(300) };
  watcher.watch({ orders: [order], rings: [] });
  ok(lines(await poll(watcher)).includes(`accepts|${order.hash}|1`));

  const burner = await install("fe");
  const alice = at(chain.people, 0).address;
  const funds = Array.from({ length: 100 }, () => ({ owner: alice, token: burner }));
  const honest = { owner: alice, token: at(chain.tokens, 0) };
  const questions = { counters: [], epochs: [], funds: [...funds, honest, ...funds] };
  const answers = await readMany(chain.node, {
    contract: chain.contract,
    at: "latest",
    questions,
  });
  ok(at(answers.funds, 100) > 0n);
  equal(answers.funds.filter((value) => value !== 0n).length, 1);
}

async function scenes(kind: NodeKind): Promise<void> {
  const node = await startNode(kind);
  try {
    const chain = await openRingChain(node.url);
    await followsOrders(chain);
    await followsRings(chain);
    await waitsForDepth(chain);
    await readsMany(chain);
    await readsHistory(chain);
    await readsOddContracts(chain);
    await followsSignatures(chain);
  } finally {
    node.stop();
  }
}

test("a watcher on Hardhat's node", () => scenes(hardhatNode));

const anvil = findAnvil();
test("a watcher on Anvil", { skip: typeof anvil === "string" ? anvil : false }, () =>
  typeof anvil === "string" ? undefined : scenes(anvil),
);
