/** Whatever people do with their keys: money is conserved, and a frozen account never pays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Floor, fingerprintOf, plainConfiguration } from "../testing/floor.ts";
import { runs } from "../testing/runs.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import { parseSnapshot, printSnapshot, stateHash } from "./snapshot.ts";
import { newState } from "./state.ts";

const people = ["Alice", "Bob"] as const;
const keys = ["Alice", "Bob", "red", "green"] as const;
const operator = "the first operator";
const person = fc.constantFrom(...people);
const key = fc.constantFrom(...keys);

const line = fc.oneof(
  fc.constantFrom("FREEZE", "VETO", "STAT", "BUY|GLD/BTC|10|4000", "SELL|GLD/BTC|10|4000"),
  fc.constantFrom("WITHDRAW|BTC|500|bc1q", "PUSH|GLD|" + fingerprintOf("red") + "|3"),
  key.map((name) => `ROTATE|${fingerprintOf(name)}|AAAA|AAAA`),
  key.map((name) => `ROTATE|${fingerprintOf(name)}|AAAA|-`),
  key.map((name) => `REVOKE|${fingerprintOf(name)}|AAAA`),
  key.map((name) => `PUSH|BTC|${fingerprintOf(name)}|5`),
);
const rekey = fc
  .tuple(person, key)
  .map(([of, to]) => `REKEY|${fingerprintOf(of)}|${fingerprintOf(to)}|AAAA|AAAA|lost`);
const step = fc.oneof(
  fc.record({ account: person, signer: key, line }),
  fc.record({ account: fc.constant(operator), signer: fc.constant(operator), line: rekey }),
  fc.record({
    account: fc.constant(operator),
    signer: fc.constant(operator),
    line: fc.integer({ min: 1, max: 3 }).map((number) => `APPROVE|${number}|BTC|500|bc1q`),
  }),
  fc.record({ pass: fc.constantFrom(1000, 3_600_000, 11 * 86_400_000) }),
);

function frozen(floor: Floor): ReadonlyMap<string, number> {
  const totals = people.flatMap((name) => {
    const isFrozen = floor.state.accounts.get(fingerprintOf(name))?.frozen !== undefined;
    const of = (asset: string): [string, number] => [
      `${name} ${asset}`,
      floor.balance(name, asset).total,
    ];
    return isFrozen ? [of("BTC"), of("GLD")] : [];
  });
  return new Map(totals);
}

test("money is conserved, frozen accounts never pay, and every fold is the same", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const floor = new Floor(`${plainConfiguration}keys rotation 1h replacement 10d\n`);
      floor.fund("Alice", "BTC", 100_000_000);
      floor.fund("Bob", "GLD", 1000);
      for (const each of steps) {
        const before = frozen(floor);
        if ("pass" in each) {
          floor.pass(each.pass);
          floor.tick();
        } else {
          // The letter is in the account's own numbers, whichever key signs it.
          const letter = floor.letter(each.account, floor.write(each.account, [each.line]));
          floor.give({ ...letter, signer: fingerprintOf(each.signer) });
        }
        for (const sum of sums(floor.state).values()) assert.equal(sum, 0);
        for (const [what, total] of frozen(floor)) {
          assert.ok(total >= (before.get(what) ?? 0), `${what} is not paid out of`);
        }
      }
      const bytes = printSnapshot(floor.state);
      assert.deepEqual(printSnapshot(parseSnapshot(bytes)), bytes);
      const replayed = newState(floor.state.exchange);
      for (const input of floor.journal) apply(replayed, input);
      assert.equal(stateHash(replayed), stateHash(floor.state));
    }),
    { numRuns: runs(60) },
  );
});
