/**
 * Accounts from a real chain: two members mine each other's orders, and what they owe is netted.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, test } from "node:test";

import { at } from "../codec/assert.ts";
import { noAddress } from "../codec/ethereum.ts";
import { ChainAccount } from "../chain/account.ts";
import { readHistory } from "../chain/history.ts";
import { submitData } from "../chain/settlement.ts";
import { encodeSubmission, take } from "../ring/calldata.ts";
import { type Person, person } from "../testing/ringminer.ts";
import { compose, far } from "../testing/ringminer.ts";
import { type MinedChain, openMinedChain } from "../testing/standalone.ts";
import { accountsOf, gasShares } from "./consortium.ts";

let mined: MinedChain;
before(async () => {
  mined = await openMinedChain();
});
after(() => mined.close());

const alder = person("alder's miner");
const birch = person("birch's miner");
const members = new Map([
  [alder.address, "alder"],
  [birch.address, "birch"],
]);

/** A ring of three mined by one, its orders brought by the other; the miner takes the margins. */
async function settle(miner: Person, wallet: Person, nonce: bigint): Promise<void> {
  const offers = [0, 1, 2].map((who) => {
    const offer = mined.offer(who, nonce);
    const { owner, auth, order } = offer;
    const brought = { wallet: wallet.address, walletSplit: 20n };
    return { owner, auth, order: Object.assign({}, order, brought) };
  });
  const fill = 10n ** 18n;
  const submission = compose(mined.domain, () => 0n, {
    rings: [offers.map((offer) => ({ offer, fill, take: take.margin }))],
    miner,
    feeRecipient: miner.address,
    deadline: far,
    sender: noAddress,
  });
  const account = new ChainAccount(mined.node, at(mined.people, 0).key);
  const data = submitData(encodeSubmission(submission));
  await account.send({ to: mined.chain.settlement, data });
}

test("who brought, who mined, and one payment in each token settles it", async () => {
  await settle(alder, birch, 101n);
  await settle(alder, birch, 102n);
  await settle(birch, alder, 103n);
  const head = await mined.node.head();
  const range = { contract: mined.chain.settlement, from: 0, to: head.number };
  const { settled, unseen } = await readHistory(mined.node, range);
  deepEqual(unseen, []);
  const accounts = accountsOf(settled, { domain: mined.domain, members, percent: 50n });
  ok(accounts.ok);
  const { rings, statistics, debts, payments } = accounts.value;
  deepEqual(
    rings.map(({ minedBy, broughtBy }) => [minedBy, ...broughtBy]),
    [
      ["alder", "birch", "birch", "birch"],
      ["alder", "birch", "birch", "birch"],
      ["birch", "alder", "alder", "alder"],
    ],
  );
  ok(rings.every(({ gasUsed, gasCost }) => gasUsed > 0n && gasCost > gasUsed));
  equal(statistics.get("alder")?.rings, 2);
  equal(statistics.get("birch")?.produced.fillsShared, 6);
  // Margin 0.1, half of it the owner's by his split, a fifth of the rest the wallet's.
  const [first] = rings;
  const margins = Object.values(first?.margins ?? {}).map(BigInt);
  equal(margins.length, 3);
  equal(debts.length, 9);
  deepEqual(
    payments.map(({ from, to, amount }) => [from, to, amount]),
    margins.map((margin) => ["alder", "birch", margin / 2n]),
  );
});

test("a transaction's gas is divided without a rest", () => {
  deepEqual(gasShares(100n, [3, 3, 1]), [44n, 42n, 14n]);
  equal(
    gasShares(1_000_001n, [2, 10, 7]).reduce((sum, share) => sum + share, 0n),
    1_000_001n,
  );
});
