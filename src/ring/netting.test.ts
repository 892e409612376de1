/** Netting conserves every balance, needs few payments, and does not depend on any order. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { addressOf } from "../codec/ethereum.ts";
import { runs } from "../testing/runs.ts";
import { balancesOf, type Debt, netted } from "./netting.ts";

const tokens = [1, 2].map((n) => addressOf(new Uint8Array(20).fill(n)));
const names = ["Alice", "Bob", "a third", "a fourth", "a fifth"];
const debt: fc.Arbitrary<Debt> = fc
  .record({
    both: fc.shuffledSubarray(names, { minLength: 2, maxLength: 2 }),
    token: fc.constantFrom(...tokens),
    amount: fc.oneof(fc.bigInt({ min: 1n, max: 3n }), fc.bigInt({ min: 1n, max: 2n ** 130n })),
  })
  .map(({ both: [from = "", to = ""], token, amount }) => ({ from, to, token, amount }));
const debts = fc.array(debt, { maxLength: 40 });

test("payments change every balance as the debts would, with at most members − 1 of them", () => {
  fc.assert(
    fc.property(debts, (owed) => {
      const payments = netted(owed);
      deepEqual(balancesOf(payments), balancesOf(owed));
      for (const token of tokens) {
        const ofToken = payments.filter((payment) => payment.token === token);
        const members = owed.filter((one) => one.token === token).flatMap((d) => [d.from, d.to]);
        ok(ofToken.length <= Math.max(0, new Set(members).size - 1));
        const both = new Set(ofToken.map(({ to }) => to));
        ok(ofToken.every(({ from, amount }) => amount > 0n && !both.has(from)));
      }
    }),
    { numRuns: runs(300) },
  );
});

test("balances sum to zero", () => {
  fc.assert(
    fc.property(debts, (owed) => {
      for (const balances of balancesOf(owed).values()) {
        equal(
          [...balances.values()].reduce((sum, balance) => sum + balance, 0n),
          0n,
        );
      }
    }),
    { numRuns: runs(100) },
  );
});

test("the payments depend neither on the order of the debts nor on their division", () => {
  const shuffled = debts.chain((owed) =>
    fc.tuple(fc.constant(owed), fc.shuffledSubarray(owed, { minLength: owed.length })),
  );
  fc.assert(
    fc.property(shuffled, ([owed, other]) => {
      deepEqual(netted(other), netted(owed));
      const halves = owed.flatMap((one) => {
        const half = one.amount / 2n;
        return half === 0n
          ? [one]
          : [
              { ...one, amount: half },
              { ...one, amount: one.amount - half },
            ];
      });
      deepEqual(netted(halves), netted(owed));
    }),
    { numRuns: runs(100) },
  );
});

test("a circle of equal debts needs no payment; a debt to oneself is none", () => {
  const [token] = tokens;
  if (token === undefined) throw new Error("two tokens");
  const owes = (from: string, to: string): Debt => ({ from, to, token, amount: 7n });
  deepEqual(netted([owes("Alice", "Bob"), owes("Bob", "a third"), owes("a third", "Alice")]), []);
  throws(() => netted([owes("Alice", "Alice")]));
});
