/**
 * The rings of Loopring 2.1's own tests, settled by our contract: what
 * vectors/ring/loopring-v2.json says is refused by that name, what settles fills and pays exactly;
 * and it is what theirs did exactly where the file names no difference.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { before, describe, test } from "node:test";

import type { Address } from "../../../src/codec/ethereum.ts";
import type { Ring, Submission } from "../../../src/ring/calldata.ts";
import { far, type Offer, person, type Person, type Plan } from "../venue.ts";
import { at, type AttemptV2, type OrderV2, type ScenarioV2, takeOf, v2 } from "./fixtures.ts";
import { type Market, openMarket } from "./market.ts";

let market: Market;

/** One scenario's people and signed orders. */
type Play = {
  readonly scenario: ScenarioV2;
  readonly miner: Person;
  readonly owner: (number: number) => Person;
  readonly wallet: (number: number) => Address;
  readonly offers: readonly Offer[];
};

function playOf(scenario: ScenarioV2): Play {
  const owner = (number: number): Person => person(`${scenario.id} owner ${number}`);
  const wallet = (number: number): Address => person(`${scenario.id} wallet ${number}`).address;
  const offers = scenario.orders.map((order, i) => {
    const { recipient } = order;
    return market.venue.offer(
      owner(order.owner),
      {
        sellToken: market.addressOf(order.sell),
        buyToken: market.addressOf(order.buy),
        sellAmount: BigInt(order.sellAmount),
        buyAmount: BigInt(order.buyAmount),
        validUntil: order.validUntil === undefined ? far : BigInt(order.validUntil),
        nonce: BigInt(i),
        feeToken: market.addressOf(order.feeToken),
        feeAmount: BigInt(order.feeAmount),
        marginSplit: 100n,
        wallet: wallet(order.wallet),
        walletSplit: BigInt(order.walletSplit),
        allOrNone: order.allOrNone ?? false,
        ...(recipient === undefined ? {} : { recipient: owner(recipient).address }),
      },
      person(`auth key ${order.auth}`),
    );
  });
  return { scenario, miner: person(`${scenario.id} miner`), owner, wallet, offers };
}

async function fund({ scenario, miner, owner }: Play): Promise<void> {
  for (const [number, symbol, amount] of scenario.balances) {
    await market.mint(symbol, owner(number).address, BigInt(amount));
  }
  for (const order of scenario.orders) {
    await market.approve(owner(order.owner).address, [order.sell, order.feeToken]);
  }
  const rewards = scenario.ours.some(({ take }) => take.flat().includes(2));
  if (rewards) await market.mint("LRC", miner.address, minersStart);
  await market.approve(miner.address, ["LRC"]);
}

const minersStart = 10n ** 19n;

const ringsOf = ({ rings }: ScenarioV2, { use }: AttemptV2): readonly number[] =>
  use ?? rings.map((_, i) => i);

function planOf({ scenario, offers, miner }: Play, attempt: AttemptV2): Plan {
  const rings = ringsOf(scenario, attempt).map((index, r) =>
    at(scenario.rings, index).map((order, i) => {
      const fill = BigInt(at(at(attempt.fills, r), i));
      return { offer: at(offers, order), fill, take: takeOf(attempt.take[r]?.[i]) };
    }),
  );
  return { rings, miner };
}

/** Makes wrong what the scenario is about. */
function spoilt(submission: Submission, spoil: AttemptV2["spoil"]): Submission {
  const nobodys = new Uint8Array(64).fill(7);
  if (spoil === "owner 0") {
    const orders = submission.orders.map((owned, i) =>
      i === 0 ? { ...owned, signature: nobodys } : owned,
    );
    return { ...submission, orders };
  }
  const rings = submission.rings.map((ring): Ring => {
    const [first = nobodys] = ring.authSignatures;
    if (spoil === "auth 1") return { ...ring, authSignatures: [first, nobodys] };
    return spoil === "no auth 1" ? { ...ring, authSignatures: [first] } : ring;
  });
  return { ...submission, rings };
}

/** Who was paid what of fees and margins, by the numbers of the file alone. */
function takings({ scenario }: Play, attempt: AttemptV2): ReadonlyMap<string, bigint> {
  const paid = new Map<string, bigint>();
  const pay = (who: string, symbol: string, amount: bigint): void => {
    paid.set(`${who}.${symbol}`, (paid.get(`${who}.${symbol}`) ?? 0n) + amount);
  };
  const share = (order: OrderV2, symbol: string, amount: bigint): void => {
    const part = (amount * BigInt(order.walletSplit)) / 100n;
    pay("miner", symbol, amount - part);
    pay(`wallet ${order.wallet}`, symbol, part);
  };
  for (const [r, index] of ringsOf(scenario, attempt).entries()) {
    const ring = at(scenario.rings, index);
    const fills = at(attempt.fills, r).map(BigInt);
    for (const [i, number] of ring.entries()) {
      const order = at(scenario.orders, number);
      const fee = (BigInt(order.feeAmount) * at(fills, i)) / BigInt(order.sellAmount);
      const take = attempt.take[r]?.[i] ?? 0;
      if (take === 1) share(order, order.feeToken, fee);
      if (take !== 2) continue;
      const [sell, buy] = [BigInt(order.sellAmount), BigInt(order.buyAmount)];
      const least = (at(fills, i) * buy + sell - 1n) / sell;
      share(order, order.buy, at(fills, (i + 1) % ring.length) - least);
      pay("miner", order.feeToken, -fee);
    }
  }
  return paid;
}

async function checkTakings(play: Play, attempt: AttemptV2): Promise<void> {
  const expected = takings(play, attempt);
  const wallets = [...new Set(play.scenario.orders.map(({ wallet }) => wallet))];
  const people = [
    ["miner", play.miner.address] as const,
    ...wallets.map((number) => [`wallet ${number}`, play.wallet(number)] as const),
  ];
  for (const [who, address] of people) {
    for (const symbol of market.symbols) {
      const minted = play.scenario.ours.some(({ take }) => take.flat().includes(2));
      const start = who === "miner" && symbol === "LRC" && minted ? minersStart : 0n;
      const got = (await market.balance(symbol, address)) - start;
      equal(got, expected.get(`${who}.${symbol}`) ?? 0n, `${who} of ${symbol}`);
    }
  }
}

async function checkFilled(play: Play, attempt: AttemptV2): Promise<void> {
  const { scenario, offers } = play;
  const sold = new Map<number, bigint>();
  for (const [r, index] of ringsOf(scenario, attempt).entries()) {
    for (const [i, number] of at(scenario.rings, index).entries()) {
      sold.set(number, (sold.get(number) ?? 0n) + BigInt(at(at(attempt.fills, r), i)));
    }
  }
  for (const [number, { order }] of offers.entries()) {
    const filled = await market.venue.filled(order.owner, order.nonce);
    equal(filled, sold.get(number) ?? 0n, `order ${number} sold`);
  }
}

describe("Loopring 2.1", () => {
  before(async () => {
    market = await openMarket(["LRC", "REP", "RDN", "GTO", "WETH"]);
  });

  for (const scenario of v2.scenarios) {
    test(`${scenario.id}: ${scenario.title}`, async () => {
      const play = playOf(scenario);
      await fund(play);
      for (const attempt of scenario.ours) {
        const composed = await market.venue.compose(planOf(play, attempt));
        const submission = spoilt(composed, attempt.spoil);
        if (attempt.refused === undefined) {
          await market.venue.submit(submission);
          await checkFilled(play, attempt);
          await checkTakings(play, attempt);
        } else {
          await rejects(market.venue.submit(submission), { name: attempt.refused });
          const { owner, nonce } = at(play.offers, 0).order;
          equal(await market.venue.filled(owner, nonce), 0n);
        }
      }
      for (const symbol of market.symbols) {
        equal(await market.balance(symbol, market.venue.settlement.address), 0n);
      }
    });
  }

  const near = (a: number, b: number): boolean =>
    Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

  /** Whether a settled ring of ours did what theirs did: fractions, margins, every fee taken. */
  function sameRing(scenario: ScenarioV2, attempt: AttemptV2, r: number, index: number): boolean {
    const theirs = at(scenario.theirs, index);
    const ring = at(scenario.rings, index);
    const orders = ring.map((number) => at(scenario.orders, number));
    const fills = at(attempt.fills, r);
    if (theirs.fails === true) return false;
    return orders.every((order, i) => {
      const fill = BigInt(at(fills, i));
      const inflow = BigInt(at(fills, (i + 1) % fills.length));
      const saved = inflow * BigInt(order.sellAmount) - fill * BigInt(order.buyAmount);
      const next = (i + 1) % ring.length;
      return (
        near(Number(fill) / Number(order.sellAmount), at(theirs.filled, i)) &&
        near((theirs.margins?.[next] ?? 0) / 1e18, 0) &&
        saved < BigInt(order.sellAmount) * 100n &&
        attempt.take[r]?.[i] === 1
      );
    });
  }

  /** Whether the last attempt, and it alone, ended as theirs did. */
  function sameAsTheirs(scenario: ScenarioV2): boolean {
    const refused = scenario.ours.filter((attempt) => attempt.refused !== undefined);
    if (scenario.theirs.every(({ fails }) => fails === true)) {
      return refused.length === scenario.ours.length;
    }
    const last = at(scenario.ours, scenario.ours.length - 1);
    if (refused.length > 0) return false;
    const used = ringsOf(scenario, last);
    return (
      used.length === scenario.rings.length &&
      used.every((index, r) => sameRing(scenario, last, r, index))
    );
  }

  test("a scenario names a difference exactly if there is one", () => {
    const wrong = v2.scenarios.filter((one) => sameAsTheirs(one) !== (one.differs.length === 0));
    deepEqual(
      wrong.map(({ id }) => id),
      [],
    );
  });

  test("where both take the margin, it is the same margin", () => {
    let compared = 0;
    for (const scenario of v2.scenarios) {
      if (scenario.differs.some((name) => name === "percentages")) continue;
      for (const attempt of scenario.ours) {
        for (const [r, index] of ringsOf(scenario, attempt).entries()) {
          const { margins } = at(scenario.theirs, index);
          if (attempt.refused !== undefined || margins === undefined) continue;
          for (const [i, number] of at(scenario.rings, index).entries()) {
            const order = at(scenario.orders, number);
            const [fill, inflow] = [i, (i + 1) % at(attempt.fills, r).length].map((place) =>
              BigInt(at(at(attempt.fills, r), place)),
            );
            const [sell, buy] = [BigInt(order.sellAmount), BigInt(order.buyAmount)];
            const least = ((fill ?? 0n) * buy + sell - 1n) / sell;
            const margin = (inflow ?? 0n) - least;
            const theirs = at(margins, (i + 1) % margins.length);
            ok(near(Number(margin) / 1e18, theirs / 1e18), `${scenario.id}: ${margin}, ${theirs}`);
            compared += theirs > 0 ? 1 : 0;
          }
        }
      }
    }
    equal(compared, 3);
  });
});
