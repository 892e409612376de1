/**
 * Two customers with nothing but gpg, curl and sha256sum trade with each other, the island is
 * killed in the middle, and nothing is lost (P3, P5, P9, P13).
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { signetCommand, TestExchange } from "../testing/exchange.ts";
import { curl, HandCustomer, record, run } from "../testing/hand.ts";
import { dockSignature } from "../testing/transcript.ts";

let exchange: TestExchange;
let alice: HandCustomer;
let bob: HandCustomer;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  alice = HandCustomer.create(exchange.url);
  bob = HandCustomer.create(exchange.url, "rsa2048");
});

after(async () => {
  alice.remove();
  bob.remove();
  await exchange.remove();
});

/** The operator credits whatever is awaited, on his own machine's wallet. */
function credit(deposit: string, amount: string): void {
  const words = ["hands", "credit", deposit, ...amount.split(" "), "bank-slip-1"];
  const out = ["--out", `${exchange.dir}/credit-${deposit}.asc`];
  run(signetCommand, [...words, ...out, "--home", `${exchange.dir}/hands`, "--send"]);
}

test("registration gives report 1 with a mailbox", () => {
  const text = alice.register();
  assert.match(text, /^signet-report\/1 /);
  assert.match(text, /^report 1$/m);
  assert.equal(record(text, "MAILBOX")[1]?.length, 64);
  assert.match(bob.register(), /^report 1$/m);
});

test("deposits are credited by the operator's hands", () => {
  const gold = record(bob.say(["DEPOSIT|GLD|1000"]), "DEPOSIT")[1] ?? "";
  const coins = record(alice.say(["DEPOSIT|BTC|1000000000"]), "DEPOSIT")[1] ?? "";
  credit(gold, "100 GLD");
  credit(coins, "10 BTC");
  const stat = alice.say(["STAT"]);
  assert.deepEqual(record(stat, "BALANCE").slice(1), ["BTC", "1000000000", "1000000000", "0"]);
});

test("a trade: the maker's report comes by mailbox, the taker's by reply", () => {
  const letter = bob.letter(["SELL|GLD/BTC|500|4215|id=gold-1"]);
  const sold = bob.open(bob.post(bob.seal(letter, ["-a"])));
  assert.equal(record(sold, "ORDER")[3], "resting");
  assert.equal(record(sold, "ORDER")[2], `${bob.orderId(letter)}.1`);
  const bought = alice.say(["BUY|GLD/BTC|200|4300"]);
  assert.equal(record(bought, "ORDER")[3], "filled");
  assert.equal(record(bought, "FILL")[6], "4215");
  const trades = JSON.parse(curl([`${exchange.url}/v1/trades?market=GLD/BTC`]));
  assert.equal(JSON.stringify(trades).includes("0.04215"), true);
});

test("the guide's functions: a letter may be posted twice, and a refusal be read", () => {
  const guide = readFileSync(new URL("../../docs/guide/trader.md", import.meta.url), "utf8");
  const functions = /^begin\(\) \{[^]*?(?=^```$)/m.exec(guide)?.[0] ?? "";
  const script = `set -o pipefail
    RELAY=${exchange.url} EXCHANGE=${alice.exchange} ME=${alice.gpg.fingerprint}
    ${functions}
    { begin 300; echo NOOP; } > 1.txt && post 1.txt && post 1.txt
    head -c 200000 /dev/urandom | base64 > 2.txt; post 2.txt && exit 1; cat 2.txt.reply`;
  const options = { cwd: alice.gpg.home, env: { ...process.env, GNUPGHOME: alice.gpg.home } };
  const done = spawnSync("bash", ["-c", script], { ...options, input: "" });
  const out = done.stdout.toString();
  assert.equal([...out.matchAll(/^DONE\|1\|NOOP$/gm)].length, 2, done.stderr.toString());
  assert.match(out, /"code": "too_large"/);
});

test("the island is killed between posting and answer: the same bytes get one answer", async () => {
  const letter = alice.letter(["BUY|GLD/BTC|100|4300|id=after-the-kill"]);
  const sealed = alice.seal(letter);
  exchange.killIsland();
  const reply = alice.open(alice.post(sealed));
  assert.equal(record(reply, "ORDER")[3], "filled");
  exchange.killIsland();
  assert.equal(alice.open(alice.post(sealed)), reply);
  const stat = alice.say(["STAT"]);
  assert.match(stat, /^BALANCE\|GLD\|300\|300\|0$/m);
});

test("Ctrl-C ends cleanly and the next start resumes", async () => {
  assert.equal(await exchange.stop(), 0);
  const replayed = JSON.parse(
    run(signetCommand, ["replay", "--data", exchange.dir, "--from-genesis", "--json"]),
  );
  assert.deepEqual(replayed.sums, { BTC: 0, EUR: 0, GLD: 0 });
  await exchange.start();
  assert.match(alice.say(["STAT"]), /^BALANCE\|GLD\|300\|300\|0$/m);
});

/** Says to the relay, as the dock, that letters shall have paid. */
async function askForPostage(bits: number): Promise<void> {
  const path = `/v1/dock/letters?after=0&price=${bits}`;
  const key = createPrivateKey(readFileSync(`${exchange.dir}/dock/relays.key`, "utf8"));
  const headers = { "signet-dock": dockSignature(key, "GET", path, new Date().toISOString()) };
  const answer = await fetch(exchange.url + path, { headers });
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
}

// The last one: letters are not free again at once.
test("a loaded relay: the guide's stamp, and the ticket of an answer", async () => {
  const guide = readFileSync(new URL("../../docs/guide/trader.md", import.meta.url), "utf8");
  const block = (name: string): string =>
    new RegExp(`^${name}\\(\\) \\{[^]*?(?=^\`\`\`$)`, "m").exec(guide)?.[0] ?? "";
  const use = /^post 7\.txt; paid[^]*?(?=^```$)/m.exec(guide)?.[0] ?? "";
  await askForPostage(14);
  const script = `set -o pipefail
    RELAY=${exchange.url} EXCHANGE=${alice.exchange} ME=${alice.gpg.fingerprint}
    ${block("begin")}
    ${block("stamp")}
    { begin 301; echo NOOP; } > 7.txt; { begin 302; echo NOOP; } > 8.txt
    post 7.txt && exit 1; cat 7.txt.reply
    ${use}`;
  const options = { cwd: alice.gpg.home, env: { ...process.env, GNUPGHOME: alice.gpg.home } };
  const done = spawnSync("bash", ["-c", script], { ...options, input: "" });
  const out = done.stdout.toString();
  assert.match(out, /"code": "postage_needed"/);
  assert.match(out, /"bits": 14\b/);
  assert.equal([...out.matchAll(/^DONE\|1\|NOOP$/gm)].length, 2, out + done.stderr.toString());
  assert.ok([...out.matchAll(/^TICKET\|/gm)].length >= 3);
});
