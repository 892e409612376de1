/** Every record of the specification's table becomes a sentence, and the mailbox's secret none. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseEntry } from "../../letter/entry.ts";
import { goldCard } from "../../testing/gold.ts";
import { entryWords, reportWords } from "./wordsrecords.ts";

const key = `${"5c1e77d012ab90fe3310".padEnd(64, "0")}.1`;
const owner = "1885085226279871822692468867440515074405";
const secret = "ab".repeat(32);

const records: readonly (readonly [record: string, words: RegExp])[] = [
  [
    `ORDER|1|${key}|partly_filled|buy|GLD/BTC|1205|4215|400|805|-|id=desk-42`,
    /^Order desk-42 \(buy 120\.5 GLD\/BTC at 0\.04215\) is partly filled.*, 40 of it so far\.$/,
  ],
  [
    `ORDER|1|${key}|waiting|sell|GLD/BTC|1205|4100|0|1205|-|tif=DAY|stop=4150|own=both|id=guard-1`,
    /^Order guard-1 \(sell 120\.5 GLD\/BTC at 0\.041, stop 0\.0415, day, own both\) waits for its stop\.$/,
  ],
  [
    `ORDER|1|${key}|cancelled|buy|GLD/BTC|1205|-|400|0|-|cap=168736800|why=cap`,
    /at the market, cap 1\.687368 BTC\) is cancelled, 40 of it so far: its cap pays for no more\.$/,
  ],
  ["SWITCH|1|1795262400", /^All open orders are cancelled at 2026-11-21 12:00:00 UTC, unless/],
  ["SWITCH|0|-", /^The dead man's switch is off\.$/],
  ["HOLD|BTC|+100|100|dividend 8", /is set aside \(dividend 8\)/],
  ["MOVE|BTC|+750|900|dividend 8", /came in \(dividend 8\)/],
  [
    "ACTION|1|8|dividend|GLD|scheduled",
    /^Your corporate action 8, dividend of GLD, is scheduled\.$/,
  ],
  ["ENTITLED|8|GLD|1500|BTC|750000", /^Corporate action 8: 150 GLD counted, for 0\.0075 BTC\.$/],
  [
    "HOLDER|GLD|1885085226279871822692468867440515074405|400",
    /^Key number \d{5}( \d{5}){5} holds 40 GLD\.$/,
  ],
  [`ISSUE|GLD|10000|${"cd".repeat(32)}`, /^You issued 1000 GLD, by the contract (?:cd){32}\.$/],
  ["CLOSING|GLD|400", /^GLD was delisted; you held 40 GLD\.$/],
  [
    `FILL|17|${key}|buy|GLD/BTC|400|4215|168600000|337200|taker`,
    /^Bought 40 GLD\/BTC at 0\.04215: 1\.686 BTC, fee 0\.003372 BTC as taker; trade 17\.$/,
  ],
  ["MOVE|GLD|+400|400|trade 17", /^40 GLD came in \(trade 17\); you have 40 GLD\.$/],
  ["MOVE|BTC|-100|0|push out", /^0\.000001 BTC went out \(given to another\)/],
  [`HOLD|BTC|+100|100|order ${key}`, /is set aside \(order 5c1e-77d0-12ab-90fe-3310\.1\)/],
  ["BALANCE|BTC|300|200|100", /^BTC: 0\.000003 BTC in all/],
  ["REJECT|1|BUY|funds_short|Not enough.", /^BUY in line 1 was rejected: Not enough\./],
  ["DONE|1|CANCEL", /^CANCEL in line 1 is done\.$/],
  ["DEPOSIT|3|BTC|25000000|awaited|0|-", /^Deposit 3 of 0\.25 BTC is awaited\.$/],
  ["DEPOSIT|3|BTC|25000000|credited|24000000|tx", /0\.24 BTC was credited/],
  ["WITHDRAWAL|4|BTC|50000|bc1q|waiting|-", /0\.0005 BTC to bc1q waits for the operators\.$/],
  ["WITHDRAWAL|4|BTC|50000|bc1q|paid|tx 9", /is paid \(tx 9\)\.$/],
  ["PUSH|1|BTC|1885085226279871822692468867440515074405|100", /went to key number \d{5}/],
  [`MAILBOX|${secret}|5`, /the next is number 5\.$/],
  ["SEQ|0|41", /thread 0 is 41/],
  [`LAST|16|${secret}`, /number 16\.$/],
  ['JSON|{"a":1}', /for programs\.$/],
  [`KEY|1|coming|${owner}|1795262400`, /signs from now on, and becomes the only key at 2026-11-21/],
  [`KEY|0|in_force|${owner}|-`, /^Key number \d{5}( \d{5}){5} is the key of this account\.$/],
  [`KEY|1|renewed|${owner}|-`, /is renewed\.$/],
  [`KEY|0|replacing|${owner}|1795262400`, /the operators say at 2026-11-21.* unless you veto it/],
  [`KEY|1|vetoed|${owner}|-`, /that was vetoed\.$/],
  [`KEY|0|dismissed|${owner}|-`, /a key was revoked\.$/],
  [`KEY|1|revoked|${owner}|-`, /is revoked\.$/],
  ["FROZEN|1|letter", /^The account is frozen/],
  ["FROZEN|0|no", /not frozen any more/],
  [`REKEY|${owner}|${owner}|begun|1795262400`, /^Account \d{5}.* to key number .*: begun, /],
  ["RESENT|7|AAAA", /^Report 7 again\.$/],
  ["REFUSED|late|Too late.", /refused as a whole: Too late\. \(late\)/],
  [
    `OFFER|1|0x${secret}|live|AAA|10|BBB|20|0|0|1795262400|id=r1`,
    /^Ring order r1 \(10 units AAA for 20 units BBB\) is live\.$/,
  ],
  [`RINGED|7|0x${secret}|0x${secret}|settled|1|2|0x${secret}|-`, /^Ring 7 .* is settled\.$/],
  [`WATCH|ring|0x${secret}|4|1795262400`, /^To watch/],
  [`UNWATCH|order|0x${secret}`, /^No more to watch/],
  [
    "REQUEST|deposit|3|BTC|25000000|1885085226279871822692468867440515074405",
    /asked for deposit 3 of 0\.25 BTC, key number \d{5}/,
  ],
  ["APPROVAL|1|CREDIT|3|1|2", /signed by 1 of the 2 operators/],
  ["NEWS|of|some|day", /does not know yet: NEWS\|of\|some\|day$/],
  [`TICKET|2026-12-05.${"A".repeat(16)}.${"A".repeat(86)}`, /pays once/],
  ["SETTLED|deposit|3|BTC|25000000|credited|tx", /deposit 3 of 0\.25 BTC is credited/],
];

test("each record in words, without the words that we do not say", () => {
  for (const [record, words] of records) {
    const entry = parseEntry(record);
    assert.ok(entry.ok, record);
    const sentence = entryWords(goldCard, entry.value);
    assert.match(sentence, words);
    assert.doesNotMatch(sentence, /fingerprint|certificate|subkey/i);
    assert.ok(!sentence.includes(secret), "no secret is on the screen");
  }
});

test("every record of the specification's table has words here", () => {
  const page = readFileSync(new URL("../../../docs/spec/report.md", import.meta.url), "utf8");
  const table = page.slice(
    page.indexOf("| record | fields |"),
    page.indexOf("Statuses of an order"),
  );
  const names = [...table.matchAll(/`([A-Z]{3,})`(?=[^|]*\|)/g)].map(([, name]) => name ?? "");
  const told = new Set(records.map(([record]) => record.split("|")[0]));
  assert.ok(names.length >= 20, "the table was found");
  for (const name of names) {
    if (/^(STAT|STATJSON|RESEND|HOLDERS|DELIST)$/.test(name)) continue;
    assert.ok(told.has(name), name);
  }
});

test("a text that is no report is none", () => {
  assert.equal(reportWords(goldCard, "signet/1 …"), undefined);
});
