/** The office with threads: real threads, real letters, hostile ones too; on both sides of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { printLetter } from "../../letter/print.ts";
import { time } from "../../codec/time.ts";
import { openReport } from "../../seal/customer.ts";
import {
  correspondent,
  islandNow,
  sealedBy,
  testIsland,
  type Correspondent,
  type TestIsland,
} from "../../testing/island.ts";
import { officeLimits, WorkerOffice } from "./office.ts";

let island: TestIsland;
let people: readonly Correspondent[];
let office: WorkerOffice;
const notes: string[] = [];

before(async () => {
  island = await testIsland("nowhere");
  people = await Promise.all([1, 2, 3].map((number) => correspondent(number)));
  office = await WorkerOffice.start(island.settings.operating, island.certificate, {
    limits: { ...officeLimits(), threads: 2 },
    note: (sentence) => notes.push(sentence),
  });
  await office.learn(
    people.map(({ fingerprint, certificate }) => ({
      account: fingerprint,
      certificate: certificate.binary,
    })),
  );
});

after(() => office.close());

function textOf(seq: number): string {
  const { exchange } = island.settings;
  return printLetter({ exchange, seq: seq + 1, by: time(islandNow + 60_000), commands: ["NOOP"] });
}

test("what comes of each letter stands in its place", async () => {
  const letters = await Promise.all(
    Array.from({ length: 150 }, (_, i) => {
      const by = people[i % people.length];
      assert.ok(by);
      return sealedBy(by, island, textOf(i));
    }),
  );
  for (const round of [1, 2]) {
    const opened = await office.open(letters, islandNow, []);
    opened.forEach((one, i) => {
      assert.equal(one.kind, "opened", `${round} ${JSON.stringify(one)}`);
      if (one.kind !== "opened") return;
      assert.equal(one.text, textOf(i));
      assert.equal(one.signer, people[i % people.length]?.fingerprint);
    });
  }
  assert.deepEqual(notes, []);
});

test("each document is sealed to whom it goes", async () => {
  const documents = Array.from({ length: 150 }, (_, i) => ({
    to: people[i % people.length]?.fingerprint ?? island.settings.exchange,
    text: `document ${i}\n`,
  }));
  for (const _ of [1, 2]) {
    const sealed = await office.seal(documents, islandNow);
    for (const [i, bytes] of sealed.entries()) {
      const by = people[i % people.length];
      assert.ok(by && bytes);
      const opened = await openReport(bytes, {
        key: by.key,
        exchange: island.certificate,
        at: islandNow,
      });
      assert.ok(opened.ok, JSON.stringify(opened));
      assert.equal(opened.value, `document ${i}\n`);
    }
  }
});
