/** Balances keep their invariants or stop, and are where they were when the columns grow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { runs } from "../testing/runs.ts";
import { Balances, feesAccount, leg, outsideAccount } from "./balances.ts";

const [quote, base, alice, bob] = [0, 1, 2, 3];

function funded(): Balances {
  const balances = new Balances();
  balances.addAsset(1_000_000);
  balances.addAsset(1_000_000);
  balances.transfer(quote, outsideAccount, alice, 1000);
  balances.transfer(base, outsideAccount, bob, 50);
  return balances;
}

/** Alice buys `lots` of Bob for `price` in all. */
function trade(balances: Balances, paid: number, fees: number, lots: number): void {
  balances.legs[leg.paid] = paid + fees;
  balances.legs[leg.got] = paid - fees;
  balances.legs[leg.fees] = 2 * fees;
  balances.legs[leg.base] = lots;
  balances.settle({
    buyerQuote: balances.place(alice, quote),
    sellerQuote: balances.place(bob, quote),
    feesQuote: balances.place(feesAccount, quote),
    sellerBase: balances.place(bob, base),
    buyerBase: balances.place(alice, base),
  });
}

test("a trade moves both assets and the fees, and posts every half", () => {
  const balances = funded();
  balances.recording = true;
  trade(balances, 300, 3, 10);
  assert.deepEqual(balances.takePostings(), [
    { account: alice, asset: quote, change: -303, after: 697 },
    { account: bob, asset: quote, change: 297, after: 297 },
    { account: feesAccount, asset: quote, change: 6, after: 6 },
    { account: bob, asset: base, change: -10, after: 40 },
    { account: alice, asset: base, change: 10, after: 10 },
  ]);
  balances.audit();
});

test("what is held cannot be paid, delivered or moved", () => {
  const balances = funded();
  balances.hold(balances.place(alice, quote), 800);
  assert.throws(() => trade(balances, 201, 0, 1), /nobody pays/);
  assert.equal(balances.transfer(quote, alice, bob, 201), false);
  assert.equal(balances.transfer(quote, alice, bob, 200), true);
  balances.hold(balances.place(bob, base), 50);
  assert.throws(() => trade(balances, 0, 0, 1), /nobody delivers/);
  assert.throws(() => balances.hold(balances.place(bob, base), 1), /part of the total/);
  assert.throws(() => balances.hold(balances.place(bob, base), -51), /part of the total/);
});

test("a trade that creates something stops", () => {
  const balances = funded();
  balances.legs.set([100, 101, 0, 1]);
  const parties = {
    buyerQuote: balances.place(alice, quote),
    sellerQuote: balances.place(bob, quote),
    feesQuote: balances.place(feesAccount, quote),
    sellerBase: balances.place(bob, base),
    buyerBase: balances.place(alice, base),
  };
  assert.throws(() => balances.settle(parties), /creates nothing/);
});

test("no more comes in than the asset's supply", () => {
  const balances = funded();
  assert.equal(balances.transfer(quote, outsideAccount, bob, 999_001), false);
  assert.equal(balances.transfer(quote, outsideAccount, bob, 999_000), true);
  assert.equal(balances.transfer(quote, bob, outsideAccount, 999_000), true);
  balances.audit();
});

test("balances are those of a map, however many accounts and assets", () => {
  const move = fc.record({
    asset: fc.nat(5),
    from: fc.nat(3000),
    to: fc.nat(3000),
    amount: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 300 }), (moves) => {
      const balances = new Balances();
      const totals = new Map<string, number>();
      const total = (account: number, asset: number): number =>
        totals.get(`${asset} ${account}`) ?? 0;
      for (let asset = 0; asset < 6; asset += 1) balances.addAsset(1e9);
      for (const { asset, from, to, amount } of moves) {
        const there = from === outsideAccount || total(from, asset) >= amount;
        const done = to !== outsideAccount && from !== to;
        if (!done) continue;
        assert.equal(balances.transfer(asset, from, to, amount), there);
        if (!there) continue;
        totals.set(`${asset} ${from}`, total(from, asset) - amount);
        totals.set(`${asset} ${to}`, total(to, asset) + amount);
      }
      balances.audit();
      const listed: [string, number][] = [];
      balances.each((asset, account, sum) => listed.push([`${asset} ${account}`, sum]));
      assert.deepEqual(new Map(listed), new Map([...totals].filter(([, sum]) => sum !== 0)));
      const copy = new Balances();
      for (let asset = 0; asset < 6; asset += 1) copy.addAsset(1e9);
      balances.each((asset, account, sum) => copy.restore(account, asset, sum));
      copy.audit();
      assert.equal(copy.count(), balances.count());
    }),
    { numRuns: runs(60) },
  );
});
