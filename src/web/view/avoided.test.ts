/** A relay that gave nothing: gone to ever more rarely, never given up, forgiven by the truth. */
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { AvoidedRelays, looksAvoided } from "./avoided.ts";

test("twice as many looks after each visit for nothing, up to a bound; none once forgiven", () => {
  const avoided = new AvoidedRelays();
  const url = "https://birch.example";
  const visits: number[] = [];
  for (let asked = 0; asked < 1000; asked += 1) {
    if (avoided.has({ url, asked })) continue;
    visits.push(asked);
    avoided.add({ url, asked });
  }
  const waits = visits.slice(1).map((asked, index) => asked - (visits[index] ?? 0));
  deepEqual(
    waits,
    [1, 2, 4, 8, 16, 16, 16, 16, 16].map((times) => times * looksAvoided),
  );
  avoided.forgive(url);
  equal(avoided.has({ url, asked: 1000 }), false);
  avoided.add({ url, asked: 1000 });
  equal(avoided.has({ url, asked: 1000 + looksAvoided }), false);
});
