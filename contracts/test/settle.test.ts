/** The smallest whole journey: two and three people trade in one transaction. */
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";

import { e18, openVenue, person } from "./venue.ts";

test("a ring of three settles in one transaction", async () => {
  const venue = await openVenue();
  const people = [person("Alice"), person("Bob"), person("a third")];
  const tokens = await Promise.all(people.map(() => venue.token()));
  const parts = [];
  for (const [i, owner] of people.entries()) {
    const [sell, buy] = [tokens[i], tokens[(i + 1) % 3]];
    if (sell === undefined || buy === undefined) throw new Error("three tokens");
    await venue.mint(sell, owner.address, 100n * e18);
    await venue.approve(sell, owner.address);
    const amounts = { sellAmount: 10n * e18, buyAmount: 10n * e18 };
    const tokensOf = { sellToken: sell.address, buyToken: buy.address };
    parts.push({ offer: venue.offer(owner, { ...tokensOf, ...amounts }), fill: 4n * e18 });
  }
  await venue.settle({ rings: [parts], miner: person("the miner") });
  for (const [i, owner] of people.entries()) {
    const balances = await Promise.all(tokens.map((token) => venue.balance(token, owner.address)));
    deepEqual(
      balances,
      [0, 1, 2].map((j) => (j === i ? 96n * e18 : j === (i + 1) % 3 ? 4n * e18 : 0n)),
    );
    deepEqual(await venue.filled(owner.address, 0n), 4n * e18);
  }
});
