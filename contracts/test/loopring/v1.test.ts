/**
 * The rings of Loopring 1.x's own tests, settled by our contract: to the last unit what
 * vectors/ring/loopring-v1.json says, and equal to theirs exactly where it names no difference.
 * Then their cases about cancelling, among them the one that could not fail.
 */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { before, describe, test } from "node:test";

import { e18, type Offer, person, type Person, type Plan, type PlannedPart } from "../venue.ts";
import { at, type AttemptV1, type Balances, takeOf, v1, type ScenarioV1 } from "./fixtures.ts";
import { type Market, openMarket } from "./market.ts";

let market: Market;

const ringSize = (scenario: ScenarioV1): number => v1.rings[scenario.ring]?.length ?? 0;

/** Everybody in a scenario, by the name that the file uses. */
function castOf(scenario: ScenarioV1): ReadonlyMap<string, Person> {
  const owners = Array.from({ length: ringSize(scenario) }, (_, i) => `o${i + 1}`);
  return new Map([...owners, "fee", "wal"].map((who) => [who, person(`${scenario.id} ${who}`)]));
}

function of(cast: ReadonlyMap<string, Person>, who: string): Person {
  const found = cast.get(who);
  if (found === undefined) throw new Error(`nobody is ${who}`);
  return found;
}

function offersOf(scenario: ScenarioV1, cast: ReadonlyMap<string, Person>): readonly Offer[] {
  return (v1.rings[scenario.ring] ?? []).map((order, i) =>
    market.venue.offer(of(cast, `o${i + 1}`), {
      sellToken: market.addressOf(order.sell),
      buyToken: market.addressOf(order.buy),
      sellAmount: BigInt(order.sellAmount),
      buyAmount: BigInt(order.buyAmount),
      feeToken: market.addressOf("LRC"),
      feeAmount: BigInt(order.fee),
      marginSplit: BigInt(order.marginSplit),
      wallet: of(cast, "wal").address,
      walletSplit: 20n,
      buyDriven: order.buyDriven,
    }),
  );
}

/** Mints what the scenario starts with. Owners approve what they sell and LRC, the miner LRC. */
async function fund(scenario: ScenarioV1, cast: ReadonlyMap<string, Person>): Promise<void> {
  for (const [name, amount] of Object.entries(scenario.balances)) {
    const [who = "", symbol = ""] = name.split(".");
    await market.mint(symbol, of(cast, who).address, BigInt(amount));
  }
  for (const [i, { sell }] of (v1.rings[scenario.ring] ?? []).entries()) {
    await market.approve(of(cast, `o${i + 1}`).address, [sell, "LRC"]);
  }
  await market.approve(of(cast, "fee").address, ["LRC"]);
}

function planOf(scenario: ScenarioV1, attempt: AttemptV1, cast: ReadonlyMap<string, Person>): Plan {
  const parts = offersOf(scenario, cast).map((offer, i): PlannedPart => {
    return { offer, fill: BigInt(at(scenario.fills, i)), take: takeOf(attempt.take[i]) };
  });
  return { rings: [parts], miner: of(cast, "fee") };
}

async function balances(cast: ReadonlyMap<string, Person>): Promise<Balances> {
  const found: Record<string, string> = {};
  for (const [who, { address }] of cast) {
    for (const symbol of market.symbols) {
      const held = await market.balance(symbol, address);
      if (held > 0n) found[`${who}.${symbol}`] = held.toString();
    }
  }
  return found;
}

const sorted = (of: Balances): unknown =>
  Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));

describe("Loopring 1.x", () => {
  before(async () => {
    market = await openMarket(["EOS", "NEO", "QTUM", "LRC"]);
  });

  for (const scenario of v1.scenarios) {
    test(`${scenario.id}: ${scenario.title}`, async (t) => {
      const cast = castOf(scenario);
      await fund(scenario, cast);
      for (const attempt of scenario.ours) {
        const plan = planOf(scenario, attempt, cast);
        if (attempt.refused !== undefined) {
          const untouched = await balances(cast);
          await rejects(market.venue.settle(plan), { name: attempt.refused });
          deepEqual(await balances(cast), untouched);
          continue;
        }
        const { gasUsed } = await market.venue.settle(plan);
        deepEqual(sorted(await balances(cast)), sorted(attempt.final ?? {}));
        t.diagnostic(`gas: ${gasUsed}, Loopring 1.5.1 ${scenario.theirs.gas}`);
      }
      equal(await market.balance("LRC", market.venue.settlement.address), 0n);
    });

    test(`${scenario.id}: names a difference exactly if there is one`, () => {
      const [first] = scenario.ours;
      const same = JSON.stringify(sorted(first?.final ?? {}));
      equal(
        same === JSON.stringify(sorted(scenario.theirs["1.5.1"])),
        scenario.differs.length === 0,
        "final balances of the first attempt, and theirs",
      );
    });
  }

  /** An order of theirs that counts what it buys, and one that sells it. */
  async function cancellable(name: string): Promise<{ owner: Person; plan: Plan; offer: Offer }> {
    const { venue } = market;
    const [owner, seller] = [person(`${name} owner`), person(`${name} seller`)];
    await market.mint("EOS", owner.address, 5000n * e18);
    await market.mint("LRC", seller.address, 8000n * e18);
    await market.approve(owner.address, ["EOS"]);
    await market.approve(seller.address, ["LRC"]);
    const [eos, lrc] = [market.addressOf("EOS"), market.addressOf("LRC")];
    const offer = venue.offer(owner, {
      sellToken: eos,
      buyToken: lrc,
      sellAmount: 1000n * e18,
      buyAmount: 8000n * e18,
      buyDriven: true,
    });
    const other = venue.offer(seller, {
      sellToken: lrc,
      buyToken: eos,
      sellAmount: 8000n * e18,
      buyAmount: 1000n * e18,
    });
    const parts = [
      { offer, fill: 875n * e18 },
      { offer: other, fill: 7000n * e18 },
    ];
    return { owner, offer, plan: { rings: [parts], miner: person(`${name} miner`) } };
  }

  function caseTitle(id: string): string {
    const found = v1.cases.find((one) => one.id === id);
    if (found === undefined) throw new Error(`the file has no case ${id}`);
    return `${id}: ${found.title}`;
  }

  test(caseTitle("C1"), async () => {
    const { owner, offer, plan } = await cancellable("C1");
    const { evm, settlement } = market.venue;
    await evm.send({ to: settlement, name: "cancel", args: [[0n]], from: owner.address });
    await rejects(market.venue.settle(plan), { name: "OrderCancelled" });
    equal(await market.venue.filled(owner.address, offer.order.nonce), 2n ** 128n - 1n);
    equal(await market.balance("EOS", owner.address), 5000n * e18);
  });

  test("the control of C1: without the cancellation the very same ring settles", async () => {
    const { owner, plan } = await cancellable("C1 control");
    await market.venue.settle(plan);
    equal(await market.balance("LRC", owner.address), 7000n * e18);
  });

  test(caseTitle("C2"), async () => {
    const { owner, plan } = await cancellable("C2");
    const { evm, settlement } = market.venue;
    await evm.send({ to: settlement, name: "cancelAll", args: [], from: owner.address });
    await rejects(market.venue.settle(plan), { name: "EpochNotCurrent" });
  });

  test(caseTitle("C4"), async () => {
    const { owner, plan } = await cancellable("C4");
    const { evm, settlement } = market.venue;
    const stranger = person("C4 stranger");
    await market.venue.meet(stranger.address);
    const signature = `0x${"11".repeat(64)}`;
    const args = [owner.address, [0n], 2n ** 33n, signature];
    const call = { to: settlement, name: "cancelFor", args, from: stranger.address };
    await rejects(evm.send(call), { name: "BadCancelSignature" });
    await evm.send({ to: settlement, name: "cancel", args: [[0n]], from: stranger.address });
    await market.venue.settle(plan);
    equal(await market.balance("LRC", owner.address), 7000n * e18);
  });
});
