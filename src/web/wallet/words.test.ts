/** Every verb of the grammar is told in plain words, and never in those that we do not say. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { OrderName } from "../../letter/command.ts";
import { parseLine } from "../../letter/grammar.ts";
import { goldCard } from "../../testing/gold.ts";
import { commandWords, glossLetter } from "./words.ts";

const account = "1885085226279871822692468867440515074405";
const hash = `0x${"ab".repeat(32)}`;

/** One order is known by its own id; of another nobody knows on which market it is. */
const known = {
  ...goldCard,
  marketOf: (name: OrderName) => (name.kind === "own" ? "GLD/BTC" : undefined),
};

/** One line a verb and a variant of it, with what it says. */
const lines: readonly (readonly [line: string, words: string])[] = [
  ["REGISTER|AAAA", "Open an account for this key"],
  [
    `ROTATE|${account}|AAAA|AAAA`,
    "Let key number 86316 93726 92000 21347 37350 39133 sign for this account from now on",
  ],
  [
    `REKEY|${account}|${account}|AAAA|AAAA|by a notary`,
    "Move account 86316 93726 92000 21347 37350 39133 to key number 86316 93726 92000 21347 37350 39133 after the delay",
  ],
  [`REVOKE|${account}|AAAA`, "Revoke key number 86316 93726 92000 21347 37350 39133 for ever"],
  ["FREEZE", "Freeze this account: no order, payment or withdrawal until its key is another"],
  ["VETO", "Stop the change of this account's key that is under way"],
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
  [
    "BUY|GLD/BTC|1200|cap=506000000|tif=FOK",
    "Buy 120 GLD for BTC at once, at whatever the cheapest sellers ask, for 5.06 BTC at most with the fee; all of it at the same time, or nothing",
  ],
  [
    "BUY|GLD/BTC|10|4215|tif=DAY|own=oldest",
    "Buy 1 GLD for BTC at 0.04215 each or less, at most 0.0422343 BTC with the fee; until its market's day ends; an order of your own that it meets ends",
  ],
  [
    "BUY|GLD/BTC|10|4215|tif=IOC|own=both",
    "Buy 1 GLD for BTC at 0.04215 each or less, at most 0.0422343 BTC with the fee; what does not trade at once is dropped; if it meets an order of your own, both end",
  ],
  [
    "SELL|GLD/BTC|10|4215|tif=FOK",
    "Sell 1 GLD for BTC at 0.04215 each or more, for at least 0.0420657 BTC after the fee; all of it at once, or nothing",
  ],
  [
    "SELL|GLD/BTC|10|4215|tif=POST_ONLY",
    "Sell 1 GLD for BTC at 0.04215 each or more, for at least 0.0420657 BTC after the fee; refused if it would trade at once; until cancelled",
  ],
  [
    "SELL|GLD/BTC|1200|stop=4150",
    "Once the last trade is at 0.0415 or below: sell 120 GLD for BTC at once, at whatever the best buyers pay; what finds nobody is dropped; it waits until cancelled",
  ],
  [
    "BUY|GLD/BTC|1200||1795262400|stop=4300|cap=520000000",
    "Once the last trade is at 0.043 or above: buy 120 GLD for BTC at once, at whatever the cheapest sellers ask, for 5.2 BTC at most with the fee; what finds nobody is dropped; it waits until 2026-11-21 12:00:00 UTC",
  ],
  [
    "SELL|GLD/BTC|10|4100|stop=4150|tif=DAY",
    "Once the last trade is at 0.0415 or below: sell 1 GLD for BTC at 0.041 each or more, for at least 0.040918 BTC after the fee; until its market's day ends",
  ],
  [
    "BUY|GLD/BTC|10|4300|stop=4250|tif=IOC",
    "Once the last trade is at 0.0425 or above: buy 1 GLD for BTC at 0.043 each or less, at most 0.043086 BTC with the fee; what does not trade at once is dropped; it waits until cancelled",
  ],
  [
    "REPLACE|desk-41|800|4200|stop=4150|tif=POST_ONLY",
    "Change the order desk-41: 80 GLD in all, price 0.042 BTC, stop 0.0415 BTC; what was filled before counts; refused if it would then trade at once",
  ],
  ["REPLACE|desk-41|-|4200", "Change the order desk-41: price 0.042 BTC"],
  [
    "REPLACE|5c1e77d012ab90fe3310.1|800|-|tif=POST_ONLY",
    "Change the order 5c1e-77d0-12ab-90fe-3310.1: 800 lots in all; what was filled before counts; refused if it would then trade at once",
  ],
  ["CANCELALL|GLD/BTC|buy", "Cancel all open buy orders of GLD/BTC"],
  ["CANCELALL|-|sell", "Cancel all open sell orders"],
  [
    "CANCELAFTER|1795262400",
    "Cancel all open orders at 2026-11-21 12:00:00 UTC, unless another letter moves that time",
  ],
  ["CANCELAFTER|0", "Turn the dead man's switch off"],
  [
    `LIST|GLD|10000|${"ab".repeat(32)}`,
    `Bring 1000 GLD into being on your account, once, by the contract ${"ab".repeat(32)}`,
  ],
  [
    "DIVIDEND|GLD|BTC|500000000|10000",
    "Pay 5 BTC for 1000 GLD: whoever holds now gets their part, rounded down",
  ],
  [
    "DIVIDEND|GLD|BTC|500000000|10000|1795262400",
    "Pay 5 BTC for 1000 GLD: whoever holds at 2026-11-21 12:00:00 UTC gets their part, rounded down",
  ],
  [
    "RATIO|GLD|1|10|BTC|421500",
    "Turn every 10 GLD into 1; what is left over is paid at 0.004215 BTC for 0.1 GLD, rounded down",
  ],
  ["RENAME|GLD|GOLD", "Give GLD the name GOLD"],
  ["DELIST|GLD", "Delist GLD: end all its orders and close its markets for ever"],
  ["HOLDERS|GLD", "Ask for the list of holders of GLD"],
  ["HALT|GLD/BTC|a wrong trade", "Halt GLD/BTC: a wrong trade"],
  ["RESUME|GLD/BTC|put right", "Let GLD/BTC go on: put right"],
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
    assert.equal(commandWords(known, command.value), words);
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
