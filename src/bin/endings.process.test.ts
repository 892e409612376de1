/**
 * What is said when something ends badly, or is done twice: a letter that was refused is never
 * passed over in silence, says which it was, and no file of an operator's is overwritten.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { signetCommand, TestExchange } from "../testing/exchange.ts";
import { at, endOf, listAt, WalletCustomer } from "../testing/walletcustomer.ts";

let exchange: TestExchange;
let operator: WalletCustomer;
const alice = new WalletCustomer();

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  operator = new WalletCustomer(exchange.dir, "hands");
  await alice.setup(exchange.url);
});

after(async () => {
  alice.remove();
  await exchange.remove();
});

/** The operator's letters that lie in the current folder. */
function files(): readonly string[] {
  return readdirSync(operator.dir).filter(
    (name) => name.endsWith(".asc") && !name.startsWith("certificate."),
  );
}

test("hands: a second letter about the same gets a name of its own, or none is written", async () => {
  assert.equal((await alice.run("deposit", "1", "BTC")).code, 0);
  assert.equal((await operator.run("hands", "list")).code, 0);
  const credit = (amount: string, ...more: readonly string[]) =>
    operator.run("hands", "credit", "1", amount, "slip", ...more);
  const first = await credit("1");
  assert.match(first.out, /once it is answered the file may go/);
  const [name = ""] = files();
  const letter = readFileSync(join(operator.dir, name), "latin1");
  assert.equal((await credit("1")).code, 0);
  assert.deepEqual(files(), [name], "the same decision is the same letter");
  assert.equal((await credit("2")).code, 0);
  assert.equal(files().length, 2);
  assert.equal(readFileSync(join(operator.dir, name), "latin1"), letter);
  const outbox = readdirSync(join(operator.home, "outbox")).length;
  const taken = await credit("3", "--out", name);
  assert.equal(taken.code, 3);
  assert.match(taken.err, /is there already[^]*not touched[^]*E118/);
  assert.equal(readFileSync(join(operator.dir, name), "latin1"), letter);
  assert.equal(readdirSync(join(operator.home, "outbox")).length, outbox, "nothing was signed");
});

test("hands send says which letter was refused", async () => {
  const sent = await operator.run("hands", "send");
  assert.equal(sent.code, 4, sent.err);
  assert.match(sent.out, /^● deposit 1 credited|^● CREDIT 1/m);
  assert.match(sent.out, /^✕ CREDIT 1 \(letter 0-\d+\): Rejected .*\(deposit_settled\)$/m);
  assert.equal((await alice.run("withdraw", "0.5", "BTC", "to", "bc1q")).code, 0);
  assert.equal((await operator.run("hands", "fetch")).code, 0);
  assert.equal((await operator.run("hands", "paid", "1", "tx 9", "--out", "paid.asc")).code, 0);
  const paid = await operator.run("hands", "send", "paid.asc");
  assert.equal(paid.code, 4);
  assert.match(paid.out, /^✕ PAID 1 \(paid\.asc\): Rejected .*\(withdrawal_not_approved\)$/m);
});

test("cancel --all is done, and its lines say so", async () => {
  for (const price of ["0.01", "0.02"]) {
    assert.equal((await alice.run("buy", "1", "GLD/BTC", "@", price)).code, 0);
  }
  const cancelled = await alice.run("cancel", "--all");
  assert.equal(cancelled.code, 0);
  assert.equal([...cancelled.out.matchAll(/^● cancelled /gm)].length, 2, cancelled.out);
});

test("hints name a command that works where npx runs the program", async () => {
  const bin = join(alice.dir, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const [node, signet] = signetCommand;
  symlinkSync(signet, join(bin, "signet"));
  const words = ["buy", "1", "GLD/BTC", "@", "0.01", "--id", "hinted", "--home", alice.home];
  const ended = await endOf(spawn(node, [join(bin, "signet"), ...words]));
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.out, /next: {2}npx signet status hinted +npx signet cancel hinted$/m);
  assert.match((await alice.run("status", "nothing")).err, /^ {2}signet orders /m);
});

// Refused as late, or, where the proof is there first, void: the same to the customer.
test("a letter that came too late is told as that, by retry as by status", async () => {
  process.kill(exchange.islandPid, "SIGKILL");
  await exchange.until(() => /island is process \d+ now/.test(exchange.said), 10_000);
  assert.match(exchange.said, new RegExp(`island is process ${exchange.islandPid} now`));
  assert.equal(await exchange.stop(), 0);
  assert.equal(existsSync(join(exchange.dir, "island/island.pid")), false);
  const ids = ["late-1", "late-2"];
  const wrote = Date.now();
  const buys = ids.map((id) =>
    alice.run("buy", "1", "GLD/BTC", "@", "0.01", "--id", id, "--by", "3s"),
  );
  for (const { code } of await Promise.all(buys)) assert.equal(code, 8);
  await sleep(Math.max(0, wrote + 5000 - Date.now()));
  await exchange.start();
  const named = await alice.run("outbox", "retry", "late-1");
  assert.equal(named.code, 4, named.err);
  assert.doesNotMatch(named.out, /every letter has its answer/);
  assert.match(named.err, /late-1 \(letter 0-\d+\): (?:Rejected .*\(late\)[^]*E420|Void[^]*E508)/);
  const rest = await alice.json("outbox", "retry");
  assert.equal(rest.code, 4);
  const codes = listAt(rest.data, "letters").map(
    (letter) => Reflect.get(Object(letter), "code") ?? at(letter, "refused", "code"),
  );
  assert.match(codes.join(), /^(?:E420|E508)$/);
  assert.match((await alice.run("status", "late-1")).err, /\(late\)[^]*E420|Void[^]*E508/);
  assert.match((await alice.run("outbox", "retry")).out, /every letter has its answer/);
});

test("where the second relay's port is taken, the first lets go of its own and the start ends", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await exchange.addRelays(`birch http://127.0.0.1:${port} here`);
  const [node, signet] = signetCommand;
  const child = spawn(node, [signet, "start", "--data", exchange.dir, "--chain", "none"]);
  const ended = await Promise.race([endOf(child), sleep(20_000, undefined, { ref: false })]);
  child.kill("SIGKILL");
  server.close();
  assert.equal(ended?.code, 1);
  assert.match(ended?.err ?? "", /E902/);
});
