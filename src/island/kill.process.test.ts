/**
 * The island is killed with SIGKILL at random moments, under load and during its own recovery, 200
 * times. Afterwards: every letter a relay acknowledged is in the journal once and has one answer,
 * every customer's reports are gapless and chained, money sums to zero, and the state hash that
 * the island wrote down is that of a replay from genesis (P5, P8, P9, P10).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { decodeRecord } from "../journal/record.ts";
import { mailboxOf, reportHash } from "../letter/report.ts";
import { openSegments } from "../store/segments.ts";
import {
  fetchMail,
  fetchReply,
  post,
  type SentLetter,
  type TestCustomer,
} from "../testing/customer.ts";
import { signetCommand, TestExchange } from "../testing/exchange.ts";
import { readyCustomers } from "../testing/ready.ts";
import { runs } from "../testing/runs.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";

const kills = runs(200);
const seed = seedOf("KILL_SEED");
const random = randomFrom(seed);

let exchange: TestExchange;
let customers: readonly TestCustomer[];
/** Letters for which a relay gave its signed receipt. */
const acknowledged = new Map<TestCustomer, SentLetter[]>();

before(async () => {
  console.log(`# reproduce: KILL_SEED=${seed} node --test src/island/kill.process.test.ts`);
  exchange = await TestExchange.create();
  await exchange.start();
  customers = await readyCustomers(exchange, 4, { BTC: 1_000_000_000, GLD: 100_000 });
});

after(() => exchange.remove());

/** One customer's load: small crossing orders, one after the other, until told to stop. */
async function trade(customer: TestCustomer, stop: AbortSignal): Promise<void> {
  const mine: SentLetter[] = [];
  acknowledged.set(customer, mine);
  while (!stop.aborted) {
    const side = random(2) === 0 ? "BUY" : "SELL";
    const letter = await customer.write([`${side}|GLD/BTC|${1 + random(5)}|${4200 + random(20)}`]);
    if (await post(exchange.url, letter)) mine.push(letter);
    await sleep(random(120));
  }
}

test(`${kills} kills under load`, { timeout: 600_000 }, async () => {
  const stop = new AbortController();
  const load = customers.map((customer) => trade(customer, stop.signal));
  let killed = 0;
  let pid = exchange.islandPid;
  while (killed < kills) {
    await sleep(random(900));
    exchange.killIsland();
    killed += 1;
    const before = pid;
    await exchange.until(() => exchange.islandPid !== before, 20_000);
    pid = exchange.islandPid;
  }
  stop.abort();
  await Promise.all(load);
  assert.equal(killed, kills);
});

test("every acknowledged letter has exactly one answer; reports are gapless and chained", async () => {
  for (const [customer, letters] of acknowledged) {
    const texts = new Map<number, string>();
    let secret = "";
    const take = async (sealed: Uint8Array): Promise<string> => {
      const { text, report } = await customer.open(sealed);
      assert.equal(report.kind, "report");
      const number = report.kind === "report" ? report.report : 0;
      assert.equal(texts.get(number) ?? text, text, "one report, one text");
      texts.set(number, text);
      return report.answers?.orderId ?? "";
    };
    for (const letter of [...customer.sent, ...letters]) {
      await exchange.until(
        async () => (await fetchReply(exchange.url, letter.ref)) !== undefined,
        60_000,
      );
      const reply = await fetchReply(exchange.url, letter.ref);
      assert.ok(reply);
      assert.equal(await take(reply), letter.orderId);
    }
    secret = /^MAILBOX\|([0-9a-f]{64})/m.exec(texts.get(1) ?? "")?.[1] ?? "";
    for (let block = 0; ; block += 1) {
      const mail = await fetchMail(exchange.url, mailboxOf(secret, block * 256).tag);
      for (const sealed of mail) await take(sealed);
      if (mail.length < 256) break;
    }
    let previous = "0".repeat(64);
    for (let number = 1; number <= texts.size; number += 1) {
      const text = texts.get(number);
      assert.ok(text !== undefined, `report ${number} of ${texts.size} is missing`);
      assert.match(text, new RegExp(`^previous ${previous}$`, "m"));
      previous = reportHash(text);
    }
  }
});

test("each is in the journal once; the state hash is that of a replay; money sums to zero", async () => {
  await exchange.stop();
  const journal = await openSegments(join(exchange.dir, "island/journal"), { readOnly: true });
  const times = new Map<string, number>();
  for (const { bytes } of journal.read(1)) {
    const record = decodeRecord(bytes);
    assert.ok(record.ok);
    if (record.value.kind !== "input" || record.value.input.kind !== "letter") continue;
    const { ref } = record.value.input;
    times.set(ref, (times.get(ref) ?? 0) + 1);
  }
  const letters = [...acknowledged.values()].flat();
  assert.ok(letters.length > kills / 2, `only ${letters.length} letters went through`);
  for (const { ref } of letters) assert.equal(times.get(ref), 1);
  const [node, signet] = signetCommand;
  const words = [signet, "replay", "--data", exchange.dir, "--from-genesis", "--json"];
  const replayed = JSON.parse(execFileSync(node, words, { encoding: "utf8" }));
  assert.deepEqual(replayed.sums, { BTC: 0, GLD: 0, EUR: 0 });
  const folder = join(exchange.dir, "island/snapshots");
  const heads = readdirSync(folder).map(
    (name) => readFileSync(join(folder, name), "utf8").split("\n")[0],
  );
  assert.ok(heads.includes(`signet-snapshot/2 ${replayed.records} ${replayed.stateHash}`));
  console.log(`# ${letters.length} letters, ${journal.last} journal records, ${kills} kills`);
});
