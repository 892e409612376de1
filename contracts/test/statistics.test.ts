/**
 * Statistics from a real chain's log: three members mine each other's orders with fees, margins and
 * rewards, and what the log says each earned is what the balances say.
 */
import { deepEqual, equal } from "node:assert/strict";
import { before, test } from "node:test";

import { at } from "../../src/codec/assert.ts";
import type { Address } from "../../src/codec/ethereum.ts";
import { take } from "../../src/ring/calldata.ts";
import type { RingEvent } from "../../src/ring/chain.ts";
import { type LogEntry, logQuery, readEvents } from "../../src/ring/eventlog.ts";
import { balancesOf, debtsOf, netted, shareOfEarnings } from "../../src/ring/netting.ts";
import {
  type Members,
  ringsOf,
  type SettledRing,
  type Statistics,
  statisticsOf,
} from "../../src/ring/statistics.ts";
import type { Deployed } from "./evm.ts";
import { e18, openVenue, person, type PlannedPart, type Venue } from "./venue.ts";

const names = ["Alice", "Bob", "a third"];
const miners = names.map((name) => person(`${name}, mining`));
const wallets = names.map((name) => person(`${name}'s wallet`).address);
const members: Members = new Map(
  names.flatMap((name, i) => [
    [at(miners, i).address, name],
    [at(wallets, i), name],
  ]),
);
const owners = [0, 1, 2].map((i) => person(`customer ${i}`));
const initial = 1_000_000n * e18;

let venue: Venue;
/** Three tokens to trade, and one for fees. */
const tokens: Deployed[] = [];
const receipts: LogEntry[] = [];
let rings: readonly SettledRing[] = [];
let statistics: ReadonlyMap<string, Statistics> = new Map();

/**
 * One ring of three. Every order is for more than it sells at a limit 10 % below the ring's price;
 * `offset` chooses who brought which order, and what is taken of it.
 */
function partsOf(offset: number): readonly PlannedPart[] {
  const takes = [take.fee, take.margin, take.none];
  return owners.map((owner, i) => {
    const isBuyDriven = (i + offset) % 2 === 0;
    const fields = {
      sellToken: at(tokens, i).address,
      buyToken: at(tokens, (i + 1) % 3).address,
      sellAmount: 1000n * e18,
      buyAmount: 900n * e18 + 7n,
      nonce: BigInt(offset),
      feeToken: at(tokens, (i + offset) % 4).address,
      feeAmount: 50n * e18 + 1n,
      marginSplit: 33n,
      wallet: at(wallets, (i + offset) % 3),
      walletSplit: 20n,
      buyDriven: isBuyDriven,
    };
    const offer = venue.offer(owner, fields);
    return { offer, fill: 100n * e18 + BigInt(offset), take: at(takes, (i + 2 * offset) % 3) };
  });
}

before(async () => {
  venue = await openVenue();
  for (let i = 0; i < 4; i += 1) tokens.push(await venue.token());
  for (const token of tokens) {
    for (const { address } of [...owners, ...miners]) {
      await venue.mint(token, address, initial);
      await venue.approve(token, address);
    }
  }
  // Each member mines rings alone and two at a time.
  for (const [i, miner] of miners.entries()) {
    const first = partsOf(4 * i);
    const plans = [[first], [first, partsOf(4 * i + 1)], [partsOf(4 * i + 2)]];
    for (const plan of plans) receipts.push(...(await venue.settle({ rings: plan, miner })).logs);
  }
  const events = readEvents(receipts, venue.settlement.address);
  if (!events.ok) throw new Error(events.detail);
  const read = ringsOf(events.value);
  if (!read.ok) throw new Error(read.detail);
  rings = read.value;
  statistics = statisticsOf(rings, members);
});

test("what the log says each member earned is what the balances say", async () => {
  for (const [i, name] of names.entries()) {
    const own = statistics.get(name);
    for (const token of tokens) {
      const { address } = token;
      const asMiner = await venue.balance(token, at(miners, i).address);
      const asWallet = await venue.balance(token, at(wallets, i));
      const { consumed, produced, rewards } = own ?? {};
      const sum = (...maps: readonly (ReadonlyMap<Address, bigint> | undefined)[]): bigint =>
        maps.reduce((total, map) => total + (map?.get(address) ?? 0n), 0n);
      equal(sum(consumed?.fees, consumed?.margins) - sum(rewards), asMiner - initial, name);
      equal(sum(produced?.fees, produced?.margins), asWallet, name);
    }
  }
});

test("fees and margins are what was meant to be taken", () => {
  equal(rings.length, 12);
  const kinds = rings.flatMap(({ fills }) => fills.flatMap(({ paid }) => paid?.kind ?? []));
  equal(kinds.filter((kind) => kind === "fee").length, 12);
  equal(kinds.filter((kind) => kind === "margin").length, 12);
  for (const { fills } of rings) {
    for (const { paid, reward } of fills) equal(reward !== undefined, paid?.kind === "margin");
  }
  for (const name of names) {
    const own = statistics.get(name);
    deepEqual([own?.rings, own?.ringsShared], [4, 4]);
    deepEqual([own?.consumed.fills, own?.consumed.fillsShared], [12, 8]);
    deepEqual([own?.produced.fills, own?.produced.fillsShared], [12, 8]);
  }
});

test("payments between members settle what the rule says, and sum to zero", () => {
  const debts = debtsOf(rings, members, shareOfEarnings(40n));
  const payments = netted(debts);
  deepEqual(balancesOf(payments), balancesOf(debts));
  equal(payments.length > 0, true);
  for (const token of tokens) {
    equal(payments.filter((payment) => payment.token === token.address).length <= 2, true);
  }
});

test("the node's log by the query says the same as the receipts", async () => {
  const query = logQuery(venue.settlement.address, { fromBlock: 0n, toBlock: 1_000_000n });
  const logs = (await venue.evm.request("eth_getLogs", [query])) as readonly LogEntry[];
  const read = (of: readonly LogEntry[]): readonly RingEvent[] => {
    const events = readEvents(of, venue.settlement.address);
    if (!events.ok) throw new Error(events.detail);
    return events.value;
  };
  deepEqual(read(logs), read(receipts));
});
