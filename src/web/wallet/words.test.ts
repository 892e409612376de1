/** Every verb of the grammar is told in plain words, and never in those that we do not say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseLine } from "../../letter/grammar.ts";
import { goldCard } from "../../testing/gold.ts";
import { commandWords, glossLetter } from "./words.ts";

const account = "1885085226279871822692468867440515074405";
const hash = `0x${"ab".repeat(32)}`;

/** One line a verb and a variant of it, with what it says. */
const lines: readonly (readonly [line: string, words: string])[] = [
  ["REGISTER|AAAA", "Open an account for this key"],
  [
    "BUY|GLD/BTC|1205|4215",
    "Buy 120.5 GLD for BTC at 0.04215 each or less, at most 5.08923315 BTC with the fee; until cancelled",
  ],
  [
    "SELL|GLD/BTC|1|4215|1795262400",
    "Sell 0.1 GLD for BTC at 0.04215 each or more, for at least 0.00420657 BTC after the fee; until 2026-11-21 12:00:00 UTC",
  ],
  [
    "BUY|GLD/BTC|1200",
    "Buy 120 GLD for BTC at once, at whatever the cheapest sellers ask; what finds nobody is dropped",
  ],
  [
    "SELL|GLD/BTC|1200",
    "Sell 120 GLD for BTC at once, at whatever the best buyers pay; what finds nobody is dropped",
  ],
  ["BUY|AU/XYZ|7|3", "Buy 7 lots AU for XYZ at 3 units each or less; until cancelled"],
  ["CANCEL|desk-41", "Cancel the order desk-41"],
  ["CANCEL|5c1e77d012ab90fe3310.1", "Cancel the order 5c1e-77d0-12ab-90fe-3310.1"],
  ["CANCELALL", "Cancel all open orders"],
  ["CANCELALL|GLD/BTC", "Cancel all open orders of GLD/BTC"],
  ["STAT", "Ask for a statement: balances, open orders, what is under way"],
  ["STATJSON", "Ask for a statement: balances, open orders, what is under way"],
  [
    `PUSH|BTC|${account}|150000000`,
    "Give 1.5 BTC to key number 86316 93726 92000 21347 37350 39133",
  ],
  ["DEPOSIT|BTC|25000000", "Announce a deposit of 0.25 BTC"],
  ["WITHDRAW|BTC|50000|bc1q7d3k9w0x", "Withdraw 0.0005 BTC to bc1q7d3k9w0x"],
  ["NOOP", "Do nothing, and use up one letter number"],
  ["RESEND|19|19", "Ask for report 19 again"],
  ["RESEND|1|100", "Ask for reports 1 to 100 again"],
  ["UNRING|mine", "Take back the ring order mine"],
  [`UNRING|${hash}`, `Take back the ring order ${hash}`],
  ["OBSERVE|12|clock|-|1795262400", "Tell of block 12: clock"],
  [
    `CREDIT|3|${account}|BTC|150000000|tx 1`,
    "Credit deposit 3: 1.5 BTC to key number 86316 93726 92000 21347 37350 39133, seen as tx 1",
  ],
  ["APPROVE|3|BTC|50000|bc1q", "Approve withdrawal 3: 0.0005 BTC to bc1q"],
  ["REFUSE|3|no such address", "Refuse withdrawal 3: no such address"],
  ["PAID|3|tx 2", "Withdrawal 3 was paid: tx 2"],
  ["SKIP|3|tripped", "Let the exchange pass record 3: tripped"],
];

test("each verb in words", () => {
  for (const [line, words] of lines) {
    const { command } = parseLine(line, 1);
    assert.ok(command.ok, line);
    assert.equal(commandWords(goldCard, command.value), words);
  }
});

test("every verb of the specification's table has words here", () => {
  const page = readFileSync(new URL("../../../docs/spec/letter.md", import.meta.url), "utf8");
  const table = page.slice(page.indexOf("| command | meaning |"), page.indexOf("1. The fields"));
  const verbs = [...table.matchAll(/`([A-Z]+)(?:[\\[`|])/g)].map(([, verb]) => verb);
  const told = new Set([...lines.map(([line]) => line.split("|")[0]), "RING"]);
  assert.ok(verbs.length >= 18, "the table was found");
  for (const verb of verbs) assert.ok(told.has(verb), verb);
});

test("every line of a letter has a gloss", () => {
  const text =
    "signet/1 49979888511191774776929750563049979888ab\nseq 42 thread 3\nby 2026-11-21T12:00:00Z\n" +
    "BUY|GLD/BTC|1200|4215|id=desk-42|tag=alice\nFOO|1\npad ....\n";
  const glossed = glossLetter(goldCard, text);
  assert.deepEqual(
    glossed.map(({ text: line }) => `${line}\n`).join(""),
    text,
    "what is shown is what is signed",
  );
  const kinds = ["head", "head", "head", "command", "command", "pad"];
  assert.deepEqual(
    glossed.map(({ kind }) => kind),
    kinds,
  );
  assert.match(glossed[0]?.gloss ?? "", /key number \d{5}( \d{5}){5}, and to no other/);
  assert.match(glossed[2]?.gloss ?? "", /by 2026-11-21 12:00:00 UTC/);
  assert.match(glossed[3]?.gloss ?? "", /^Buy 120 GLD .*You call it desk-42\. Marked alice\.$/);
  assert.match(glossed[4]?.gloss ?? "", /no exchange would take this line/);
  for (const { gloss } of glossed) assert.doesNotMatch(gloss, /fingerprint|certificate|subkey/i);
});
