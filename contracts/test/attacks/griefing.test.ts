/**
 * Griefing by cancel, allowance or balance: what no signature prevents, and what it costs.
 *
 * SEES a ring with its own order waiting in the mempool. DOES cancel the order, withdraw the
 * approval or move the tokens away, with a higher price for gas. GETS nothing, and nobody loses a
 * token; but the miner's transaction is refused, and the miner has paid for its gas until there.
 * So a miner simulates last, sends through a private channel where it can, and does no second
 * business with a relay whose customers do this: the counterpart's loss is some gas too.
 *
 * The gas is printed, for n = 2 and 10. A cancelled order is found before any transfer; a missing
 * allowance of the last owner only behind all of them, for as much as the whole ring costs.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { before, describe, test, type TestContext } from "node:test";

import type { Submission } from "../../../src/ring/calldata.ts";
import type { Deployed } from "../evm.ts";
import { e18, type Offer, openVenue, person, type Person, type Venue } from "../venue.ts";

let venue: Venue;
let tokens: readonly Deployed[];
let round = 0;

type Pending = {
  readonly submission: Submission;
  readonly owners: readonly Person[];
  readonly offers: readonly Offer[];
};

/** A ring of n new owners, signed by everybody and not yet sent. */
async function pending(n: number): Promise<Pending> {
  round += 1;
  const owners = Array.from({ length: n }, (_, i) => person(`round ${round}, owner ${i}`));
  const offers: Offer[] = [];
  for (const [i, owner] of owners.entries()) {
    const [sell, buy] = [tokens[i], tokens[(i + 1) % n]];
    if (sell === undefined || buy === undefined) throw new Error("ten tokens");
    await venue.mint(sell, owner.address, 10n * e18);
    await venue.approve(sell, owner.address);
    const amounts = { sellAmount: 10n * e18, buyAmount: 10n * e18 };
    offers.push(venue.offer(owner, { sellToken: sell.address, buyToken: buy.address, ...amounts }));
  }
  const parts = offers.map((offer) => ({ offer, fill: 10n * e18 }));
  const submission = await venue.compose({ rings: [parts], miner: person("the miner") });
  return { submission, owners, offers };
}

/** Gas of the newest transaction, which was refused. */
async function gasOfLast(): Promise<number> {
  const block = (await venue.evm.request("eth_getBlockByNumber", ["latest", false])) as {
    readonly gasUsed: string;
  };
  return Number(block.gasUsed);
}

type Mischief = {
  readonly name: string;
  readonly refused: string;
  readonly does: (who: Person, token: Deployed) => Promise<unknown>;
};

const send = (to: Deployed, name: string, args: readonly unknown[], who: Person): unknown =>
  venue.evm.send({ to, name, args, from: who.address });

const mischiefs: readonly Mischief[] = [
  {
    name: "cancels the order",
    refused: "OrderCancelled",
    does: async (who) => send(venue.settlement, "cancel", [[0n]], who),
  },
  {
    name: "cancels all orders",
    refused: "EpochNotCurrent",
    does: async (who) => send(venue.settlement, "cancelAll", [], who),
  },
  {
    name: "withdraws the approval",
    refused: "TransferFailed",
    does: (who, token) => venue.approve(token, who.address, 0n),
  },
  {
    name: "moves the tokens away",
    refused: "TransferFailed",
    does: async (who, token) =>
      send(token, "transfer", [person("another account").address, 10n * e18], who),
  },
];

describe("griefing", () => {
  before(async () => {
    venue = await openVenue();
    tokens = await Promise.all(Array.from({ length: 10 }, () => venue.token()));
  });

  for (const { name, refused, does } of mischiefs) {
    test(`an owner ${name}: refused, nothing moves, the miner has paid gas`, async (t: TestContext) => {
      for (const n of [2, 10]) {
        const { submission, owners } = await pending(n);
        const [first, token] = [owners[0], tokens[0]];
        if (first === undefined || token === undefined) throw new Error("a ring has owners");
        // The first owner's token is what the last order gets: its transfer comes last.
        await does(first, token);
        await rejects(venue.submit(submission), { name: refused });
        const gas = await gasOfLast();
        ok(gas > 21_000, "a refused transaction is paid for");
        t.diagnostic(`n=${n}: refused after ${gas} gas`);
        for (const [i, owner] of owners.entries()) {
          const bought = tokens[(i + 1) % n];
          if (bought === undefined) throw new Error("ten tokens");
          equal(await venue.balance(bought, owner.address), 0n);
          equal(
            await venue.filled(owner.address, 0n),
            i === 0 && name === "cancels the order" ? 2n ** 128n - 1n : 0n,
          );
        }
      }
    });
  }

  test("the control: undisturbed, the ring settles", async (t: TestContext) => {
    for (const n of [2, 10]) {
      const { submission, owners } = await pending(n);
      const { gasUsed } = await venue.submit(submission);
      t.diagnostic(`n=${n}: settled for ${gasUsed} gas`);
      deepEqual(await venue.filled(owners[0]?.address ?? person("").address, 0n), 10n * e18);
    }
  });
});
