/**
 * Whatever a customer with gpg and curl can get wrong is refused by its name, changes nothing, and
 * the next good letter is taken, with the number that the bad one had (docs/spec/refusals.md).
 * Together with the vectors and the tests of the engine and of the seals, every name on that page
 * is reached.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { TestExchange } from "../testing/exchange.ts";
import { GpgCustomer, gpgBytes } from "../testing/gpg.ts";
import { curl, HandCustomer, record } from "../testing/hand.ts";
import { credit } from "../testing/ready.ts";
import { at } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let alice: HandCustomer;
let stranger: GpgCustomer;
/** Alice's balances, before and after everything. */
let balances: readonly string[];
const reached = new Set<string>();

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  alice = HandCustomer.create(exchange.url);
  stranger = GpgCustomer.create();
  stranger.import(curl([`${exchange.url}/v1/exchange/certificate`]));
  alice.register();
  const deposit = record(alice.say(["DEPOSIT|BTC|1000000000|id=money"]), "DEPOSIT")[1] ?? "";
  const { fingerprint: account } = alice.gpg;
  await credit(exchange, { number: deposit, account, asset: "BTC", units: 1_000_000_000 });
  balances = standing();
});

after(async () => {
  alice.remove();
  stranger.remove();
  await exchange.remove();
});

function standing(): readonly string[] {
  const lines = alice.say(["STAT"]).split("\n");
  return lines.filter((line) => /^(?:BALANCE|ORDER|WITHDRAWAL)\|/.test(line));
}

/** The next good letter is taken, and nothing has changed. */
function allIsWell(after: string): void {
  const text = alice.say(["NOOP", "STAT"]);
  assert.match(text, /^DONE\|1\|NOOP$/m, `after ${after}`);
  const lines = text.split("\n").filter((line) => /^(?:BALANCE|ORDER|WITHDRAWAL)\|/.test(line));
  assert.deepEqual(lines, balances, `after ${after}`);
}

test("what is no letter at all is refused by the relay, under its signature", () => {
  const good = alice.seal(alice.letter(["NOOP"], { seq: alice.nextSeq }));
  const { home, fingerprint } = alice.gpg;
  const gpg = (...words: string[]): Buffer => gpgBytes(home, words, "BUY|GLD/BTC|1|1");
  const posts: readonly (readonly [string, Uint8Array])[] = [
    ["empty", Buffer.alloc(0)],
    ["too_large", Buffer.alloc(10_000_000, 0xc1)],
    ["not_openpgp", Buffer.from("BUY|GLD/BTC|1|1\n")],
    ["not_openpgp", Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])],
    ["secret_key_block", gpg("--export-secret-keys", fingerprint)],
    ["key_block", gpg("--armor", "--export", fingerprint)],
    ["not_encrypted", gpg("--sign")],
    ["not_encrypted", gpg("--clear-sign")],
    ["password_not_offered", gpg("--passphrase", "secret", "--symmetric")],
    ["packet_truncated", good.subarray(0, good.length - 100)],
    ["trailing_data", Buffer.concat([good, Buffer.from([1])])],
    [
      "armor_malformed",
      Buffer.from("-----BEGIN PGP MESSAGE-----\n\n????\n-----END PGP MESSAGE-----\n"),
    ],
  ];
  for (const [name, bytes] of posts) {
    const problem: unknown = JSON.parse(alice.post(bytes));
    assert.equal(at(problem, "code"), name);
    const note = String(at(problem, "refusal"));
    assert.match(note, new RegExp(`^signet-refusal/1 ${alice.exchange}\n`));
    assert.match(note, new RegExp(`^reason ${name}$`, "m"));
    for (const part of ["title", "detail", "fate", "money", "next"]) {
      assert.ok(String(at(problem, part)).length > 5, `${name} says its ${part}`);
    }
    reached.add(name);
  }
  allIsWell("posts that are no letters");
});

test("what does not open, or is by nobody known, is listed as unopenable, all alike", () => {
  const text = alice.letter(["NOOP"], { seq: alice.nextSeq });
  alice.gpg.import(
    gpgBytes(stranger.home, ["--export", "--armor", stranger.fingerprint], "").toString(),
  );
  const { home, fingerprint } = alice.gpg;
  const always = ["--trust-model", "always"];
  const spoilt = Buffer.from(alice.seal(text));
  spoilt[spoilt.length - 10] = (spoilt[spoilt.length - 10] ?? 0) ^ 1;
  const sealed = [
    alice.gpg.seal(text, stranger.fingerprint),
    stranger.seal(text, alice.exchange),
    gpgBytes(home, [...always, "-r", alice.exchange, "-e"], text),
    spoilt,
  ];
  for (const letter of sealed) {
    const notice = alice.post(letter);
    assert.match(notice, new RegExp(`^signet-unopenable/1 ${alice.exchange}\n`));
    assert.doesNotMatch(notice, new RegExp(fingerprint, "i"));
  }
  allIsWell("letters that do not open");
});

/** Seals and posts a letter that is refused as a whole. */
function refusedWhole(name: string, text: string, options: readonly string[] = []): void {
  const answer = alice.open(alice.post(alice.seal(text, options)));
  assert.match(answer, /^signet-answer\/1 /, name);
  assert.equal(record(answer, "REFUSED")[1], name, answer);
  reached.add(name);
}

/** The time in gpg's form, so many seconds from now. */
function gpgTime(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
}

test("signatures that the policy forbids are told to their owner by name", async () => {
  const { home } = alice.gpg;
  const text = (): string => alice.letter(["NOOP"], { seq: alice.nextSeq });
  gpgBytes(home, ["--quick-generate-key", "second", "future-default", "default", "never"], "");
  refusedWhole("signatures_many", text(), ["-u", "second"]);
  allIsWell("two signatures");
  refusedWhole("signature_from_future", text(), ["--faked-system-time", gpgTime(86_400)]);
  allIsWell("a signature from tomorrow");
  const brief = alice.seal(text(), ["--default-sig-expire", "seconds=1"]);
  await sleep(2100);
  const answer = alice.open(alice.post(brief));
  assert.equal(record(answer, "REFUSED")[1], "signature_expired", answer);
  reached.add("signature_expired");
  allIsWell("an expired signature");
});

test("a key that has expired since it was registered", async () => {
  const words = ["--quick-generate-key", "brief", "future-default", "default", "seconds=10"];
  const brief = HandCustomer.create(exchange.url);
  try {
    gpgBytes(brief.gpg.home, words, "");
    const born = Date.now();
    const listed = gpgBytes(brief.gpg.home, ["--list-keys", "--with-colons", "brief"], "");
    const fingerprint = (
      /^fpr:{9}([0-9A-F]{40})/m.exec(listed.toString())?.[1] ?? ""
    ).toLowerCase();
    const gpg = new GpgCustomer(brief.gpg.home, fingerprint);
    const expiring = HandCustomer.with(gpg, exchange.url, brief.exchange);
    assert.match(expiring.register(), /^report 1$/m);
    const letter = expiring.seal(expiring.letter(["NOOP"]));
    await sleep(Math.max(0, born + 11_000 - Date.now()));
    const reply = expiring.post(letter);
    const opened = expiring.open(reply);
    assert.equal(record(opened, "REFUSED")[1], "key_expired", opened);
    reached.add("key_expired");
  } finally {
    brief.remove();
  }
  allIsWell("an expired key");
});

test("a letter that is wrong as a whole is refused by name, and its number stays free", () => {
  const by = (ms: number): string => `by ${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
  const other = "0123456789abcdef0123456789abcdef01234567";
  const numbers = /^seq (\d+)/m;
  const letters: readonly (readonly [string, (good: string) => string])[] = [
    ["letter_too_long", (good) => good + `pad ${"x".repeat(990)}\n`.repeat(70)],
    ["letter_not_ascii", (good) => `${good}BUY|GLD/BTC|1|1|tag=M\u00fcller\n`],
    ["letter_not_ascii", (good) => `\ufeff${good}`],
    ["letter_has_cr", (good) => good.replaceAll("\n", "\r\n")],
    ["letter_has_tab", (good) => `${good}NOOP\t\n`],
    ["line_too_long", (good) => `${good}BUY|${"x".repeat(1000)}\n`],
    ["line_has_trailing_blank", (good) => `${good}NOOP \n`],
    ["line_empty", (good) => `${good}\n`],
    ["header_missing", (good) => good.slice(good.indexOf("\n") + 1)],
    ["version_unknown", (good) => good.replace("signet/1", "signet/2")],
    ["header_malformed", (good) => good.replace(alice.exchange, "the-exchange")],
    ["exchange_wrong", (good) => good.replace(alice.exchange, other)],
    ["seq_malformed", (good) => good.replace(numbers, "seq NaN")],
    ["seq_malformed", (good) => good.replace(numbers, "seq 00$1")],
    ["by_malformed", (good) => good.replace(/^by .*/m, "by tomorrow")],
    ["commands_missing", (good) => good.replace("NOOP\n", "pad\n")],
    ["commands_too_many", (good) => good + "NOOP\n".repeat(1000)],
    ["seq_missing", (good) => good.replace(/^seq .*\n/m, "")],
    ["seq_jumped", (good) => good.replace(numbers, "seq 9$1000")],
    ["by_too_far", (good) => good.replace(/^by .*/m, by(8 * 86_400_000))],
    ["late", (good) => good.replace(/^by .*/m, by(-1000))],
    [
      "late",
      (good) => good.replace("NOOP", "BUY|GLD/BTC|100|4000").replace(/^by .*/m, by(-60_000)),
    ],
  ];
  for (const [name, spoil] of letters) {
    refusedWhole(name, spoil(alice.letter(["NOOP"], { seq: alice.nextSeq })));
    allIsWell(name);
  }
});

test("a number used for another text, or too far behind", () => {
  const seq = alice.nextSeq;
  const first = alice.letter(["NOOP"]);
  const answer = alice.open(alice.post(alice.seal(first)));
  refusedWhole("seq_reused", first.replace("NOOP", "BUY|GLD/BTC|100|4000"));
  assert.equal(alice.open(alice.post(alice.seal(first))), answer, "the first text stands");
  const thread = (number: number): string =>
    alice.letter(["NOOP"], { seq }).replace(/^seq .*/m, `seq ${number} thread 9`);
  for (const number of [1000, 2000]) {
    assert.match(alice.open(alice.post(alice.seal(thread(number)))), /^DONE\|/m);
  }
  refusedWhole("seq_passed", thread(976));
  allIsWell("numbers");
});

/** One letter with a line for each case; every line is refused by its own name. */
function refusedLines(lines: readonly (readonly [string, string])[]): void {
  const text = alice.say(lines.map(([, line]) => line));
  const rejects = text.split("\n").filter((line) => line.startsWith("REJECT|"));
  const names = new Map(rejects.map((line) => [line.split("|")[1], line.split("|")[3]]));
  lines.forEach(([name, line], i) => {
    assert.equal(names.get(String(i + 1)), name, line);
    reached.add(name);
  });
}

test("lines that are no commands, numbers that are none", () => {
  const numbers = ["NaN", "Infinity", "-1", "+1", "1e3", "0x10", "1.5", "1,5", "01", " 1", "1_0"];
  const huge = ["9007199254740992", "99999999999999999999", "0".repeat(30)];
  const nothing = "BUY|GLD/BTC|1|1";
  refusedLines([
    ...[...numbers, ...huge].map(
      (number) => ["quantity_malformed", `BUY|GLD/BTC|${number}|1`] as const,
    ),
    ...[...numbers, ...huge].map(
      (number) => ["price_malformed", `SELL|GLD/BTC|1|${number}`] as const,
    ),
    ...[...numbers, ...huge].map(
      (number) => ["amount_malformed", `DEPOSIT|BTC|${number}`] as const,
    ),
    ["quantity_zero", "BUY|GLD/BTC|0|1"],
    ["price_zero", "BUY|GLD/BTC|1|0"],
    ["amount_zero", "WITHDRAW|BTC|0|bc1q"],
    ["verb_unknown", "buy|GLD/BTC|1|1"],
    ["verb_unknown", "GIVE|ME|EVERYTHING"],
    ["fields_wrong", "FREEZE|desk-1"],
    ["derivatives_not_offered", "MKOPT|GLD/BTC|1|1"],
    ["fields_wrong", "BUY|GLD/BTC"],
    ["fields_wrong", `${nothing}|1|1|1|1`],
    ["option_unknown", `${nothing}|note=hello`],
    ["option_repeated", `${nothing}|id=a|id=b`],
    ["id_malformed", `${nothing}|id=two words`],
    ["id_malformed", `${nothing}|id=${"x".repeat(37)}`],
    ["tag_malformed", `${nothing}|tag=`],
    ["market_malformed", "BUY|gold|1|1"],
    ["asset_malformed", "DEPOSIT|bitcoin|1"],
    ["expiry_malformed", `${nothing}|tomorrow`],
    ["expiry_on_market_order", "BUY|GLD/BTC|1||1893456000"],
    ["fingerprint_malformed", "PUSH|BTC|Bob|1"],
    ["address_malformed", "WITHDRAW|BTC|1|-"],
    ["order_malformed", "CANCEL|no such order"],
    ["range_malformed", "RESEND|2|1"],
    ["range_too_long", "RESEND|1|101"],
    ["fields_wrong", "APPROVE|1"],
    ["number_malformed", "APPROVE|x|BTC|1|bc1q"],
    ["evidence_malformed", "PAID|1|-"],
    ["certificate_malformed", "REGISTER|AAA"],
  ]);
  allIsWell("lines that are no commands");
});

test("commands that cannot be carried out", () => {
  const { fingerprint } = alice.gpg;
  refusedLines([
    ["already_registered", `REGISTER|${alice.gpg.certificate()}`],
    ["id_reused", "BUY|GLD/BTC|1|1|id=money"],
    ["market_unknown", "BUY|OIL/BTC|1|1"],
    ["price_not_on_tick", "BUY|BTC/EUR|1|7"],
    ["price_too_high", "BUY|GLD/BTC|1|10000001"],
    ["quantity_too_large", "BUY|GLD/BTC|1000001|1"],
    ["expiry_passed", "BUY|GLD/BTC|1|1|1000000000"],
    ["funds_short", "BUY|GLD/BTC|1000000|4000"],
    ["funds_short", "SELL|GLD/BTC|1|4000"],
    ["order_not_open", "CANCEL|nothing"],
    ["order_not_open", `CANCEL|${"ab".repeat(32)}.1`],
    ["asset_unknown", "DEPOSIT|XAU|1"],
    ["push_to_self", `PUSH|BTC|${fingerprint}|1`],
    ["funds_short", `PUSH|BTC|${"cd".repeat(20)}|1000000001`],
    ["funds_short", "WITHDRAW|BTC|1000000001|bc1q"],
    ["operators_only", `CREDIT|1|${fingerprint}|BTC|1000000000|I say so`],
    ["operators_only", "APPROVE|1|BTC|1|bc1q"],
    ["resend_not_alone", "RESEND|1|1"],
    ["skip_not_by_letter", "SKIP|1|please"],
  ]);
  allIsWell("commands that cannot be carried out");
});

test("every name on the page of refusals is reached by a test", () => {
  const root = new URL("../../", import.meta.url);
  const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
  const page = read("docs/spec/refusals.md");
  const names = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map((row) => row[1] ?? "");
  const vectors = readdirSync(new URL("vectors/", root)).filter((name) => name.endsWith(".json"));
  const texts = vectors.map((name) => read(`vectors/${name}`));
  for (const folder of ["bin", "engine", "island", "seal", "seal/attacks", "letter"]) {
    const files = readdirSync(new URL(`src/${folder}/`, root));
    const tests = files.filter((name) => name.endsWith(".test.ts"));
    texts.push(...tests.map((name) => read(`src/${folder}/${name}`)));
  }
  const missing = names.filter(
    (name) => !reached.has(name) && !texts.some((text) => text.includes(`"${name}"`)),
  );
  assert.ok(names.length > 120, `${names.length} names on the page`);
  assert.deepEqual(missing, []);
  console.log(`# ${reached.size} of ${new Set(names).size} names reached by gpg and curl`);
});
