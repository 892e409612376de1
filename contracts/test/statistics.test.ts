/**
 * Statistics from a real chain's log: three members mine each other's orders with fees, margins and
 * rewards, and what the log says each earned is what the balances say.
 */
import { deepEqual, equal } from "node:assert/strict";
import { before, test } from "node:test";

import { at } from "../../src/codec/assert.ts";
import type { Address } from "../../src/codec/ethereum.ts";
import { take } from "../../src/ring/calldata.ts";
import { type LogEntry, logQuery } from "../../src/ring/eventlog.ts";
import { balancesOf, debtsOf, netted, shareOfEarnings } from "../../src/ring/netting.ts";
import { settledRings, type SettledRing, type SubmitCall } from "../../src/ring/settledring.ts";
import { type Members, type Statistics, statisticsOf } from "../../src/ring/statistics.ts";
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
type Call = SubmitCall & { readonly hash: string };
/** Every transaction that settled, with its log. */
let calls: readonly Call[] = [];
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

/** As anybody can ask a node: the log, then the transactions in which it was written. */
async function callsOf({ evm, settlement }: Venue): Promise<readonly Call[]> {
  const query = logQuery(settlement.address, { fromBlock: 0n, toBlock: 1_000_000n });
  const logs = (await evm.request("eth_getLogs", [query])) as readonly (LogEntry & {
    readonly transactionHash: string;
  })[];
  const hashes = [...new Set(logs.map(({ transactionHash }) => transactionHash))];
  return Promise.all(
    hashes.map(async (hash) => {
      const { from, to, input } = (await evm.request("eth_getTransactionByHash", [
        hash,
      ])) as SubmitCall;
      const own = logs.filter(({ transactionHash }) => transactionHash === hash);
      return { hash, from, to, input, logs: own };
    }),
  );
}

function read(of: readonly SubmitCall[]): readonly SettledRing[] {
  const settled = settledRings(venue.domain, of);
  if (!settled.ok) throw new Error(`${settled.name}: ${settled.detail}`);
  return settled.value;
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
    for (const plan of plans) await venue.settle({ rings: plan, miner });
    // Without a signature of the miner's, which is the sender itself.
    await venue.settle({ rings: [partsOf(4 * i + 3)], miner, sender: miner.address });
  }
  calls = await callsOf(venue);
  rings = read(calls);
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
  equal(rings.length, 15);
  const kinds = rings.flatMap(({ fills }) => fills.flatMap(({ paid }) => paid?.kind ?? []));
  equal(kinds.filter((kind) => kind === "fee").length, 15);
  equal(kinds.filter((kind) => kind === "margin").length, 15);
  for (const { fills } of rings) {
    for (const { paid, reward } of fills) equal(reward !== undefined, paid?.kind === "margin");
  }
  for (const name of names) {
    const own = statistics.get(name);
    deepEqual([own?.rings, own?.ringsShared], [5, 5]);
    deepEqual([own?.consumed.fills, own?.consumed.fillsShared], [15, 10]);
    deepEqual([own?.produced.fills, own?.produced.fillsShared], [15, 10]);
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

test("whole receipts, with the tokens' logs, say the same as the query", async () => {
  const whole = calls.map(async ({ hash, from, to, input }): Promise<SubmitCall> => {
    const receipt = await venue.evm.request("eth_getTransactionReceipt", [hash]);
    return { from, to, input, logs: (receipt as SubmitCall).logs };
  });
  deepEqual(read(await Promise.all(whole)), rings);
});

test("one transaction's log with another's call is refused by name", () => {
  const [first, second] = calls;
  if (first === undefined || second === undefined) throw new Error("there are several");
  const name = (call: SubmitCall): string => {
    const settled = settledRings(venue.domain, [call]);
    return settled.ok ? "read" : settled.name;
  };
  equal(name(first), "read");
  equal(name({ ...first, input: second.input }), "call_differs");
  equal(name({ ...first, logs: second.logs }), "call_differs");
  equal(name({ ...first, logs: [...first.logs, ...first.logs] }), "call_differs");
  equal(name({ ...first, to: at(tokens, 0).address }), "not_submit");
});
