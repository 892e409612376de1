/**
 * The program killed with -9 at any moment, and two programs in one home: every number is given
 * once, every letter that was ever sent is on disk with the very bytes, and no row of a file is
 * sent twice.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { equalBytes } from "../codec/bytes.ts";
import { time } from "../codec/time.ts";
import { signetCommand } from "../testing/exchange.ts";
import { TinyExchange } from "../testing/tinyexchange.ts";
import { makeKey, openAccount, registration, type Account } from "./account.ts";
import { diskHome } from "./diskhome.ts";
import { fetchVerified, pinExchange } from "./exchange.ts";
import { readOutbox, sealedOf, writeLetter } from "./outbox.ts";
import { sendEntry } from "./send.ts";

let exchange: TinyExchange;
let base: string;
let account: Account;
let sent = 0;

before(async () => {
  base = mkdtempSync(join(tmpdir(), "signet-kill-"));
  exchange = await TinyExchange.create(2);
  const home = diskHome(join(base, "home"));
  assert.ok((await makeKey(home, new Uint8Array(32).fill(7), "")).ok);
  const verified = await fetchVerified(exchange.urls, undefined);
  assert.ok(verified.ok);
  pinExchange(home, verified.value);
  const opened = await openAccount(home, { ask: () => Promise.resolve(undefined), relays: [] });
  assert.ok(opened.ok);
  account = opened.value;
  const entry = await writeLetter(account, {
    commands: [registration(account)],
    by: time(Math.ceil(Date.now() / 1000) * 1000 + 60_000),
    thread: 0,
    ids: [],
  });
  assert.ok(entry.ok);
  await sendEntry(account, entry.value, { wait: "read" });
  sent = exchange.posted.length;
});

after(async () => {
  await exchange.close();
  rmSync(base, { recursive: true });
});

/** Runs the program; kills it after `ms`, if it still runs. Gives the exit code, or `undefined`. */
async function signet(words: readonly string[], ms?: number): Promise<number | undefined> {
  const [node, program] = signetCommand;
  const child = spawn(node, [program, ...words, "--home", account.home.name], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<number | undefined>((resolve) =>
    child.once("exit", (code) => resolve(code ?? undefined)),
  );
  if (ms !== undefined) {
    await Promise.race([ended, sleep(ms)]);
    child.kill("SIGKILL");
  }
  return ended;
}

function rowsFile(name: string, rows: readonly string[]): string {
  const file = join(base, name);
  writeFileSync(file, `${rows.join("\n")}\n`);
  return file;
}

/** What must hold however the programs ended. */
function check(): void {
  const outbox = readOutbox(account.home);
  const byRef = new Map(outbox.map((entry) => [entry.ref, entry]));
  const names = new Set(outbox.map((entry) => entry.name));
  assert.equal(names.size, outbox.length);
  assert.equal(byRef.size, outbox.length);
  for (const { ref, bytes } of exchange.posted.slice(sent)) {
    const entry = byRef.get(ref);
    assert.ok(entry, "what was sent is in the outbox");
    assert.ok(equalBytes(bytes, sealedOf(account.home, entry)), "and has the same bytes");
  }
}

test("killed anywhere and started again, a file of rows is sent once", async () => {
  const ids = Array.from({ length: 40 }, (_, i) => `row-${i}`);
  const file = rowsFile(
    "rows.txt",
    ids.map((id) => `NOOP|tag=${id}`),
  );
  let kills = 0;
  for (let ms = 300; ms <= 700; ms += 50) {
    const code = await signet(["submit", file, "--threads", "3", "--json"], ms);
    if (code === undefined) kills += 1;
    check();
  }
  assert.ok(kills > 0, "some runs were killed");
  assert.equal(await signet(["submit", file, "--threads", "3", "--json"]), 0);
  check();
  const tagged = readOutbox(account.home).flatMap((entry) => entry.ids);
  assert.deepEqual(tagged.sort(), ids.map((id) => `tag=${id}`).sort());
});

test("two programs in one home never take the same number", async () => {
  const files = ["a", "b"].map((name) =>
    rowsFile(
      `${name}.txt`,
      Array.from({ length: 15 }, (_, i) => `NOOP|tag=${name}-${i}`),
    ),
  );
  const before = readOutbox(account.home).length;
  const codes = await Promise.all(
    files.map((file) => signet(["submit", file, "--threads", "1", "--json"])),
  );
  assert.deepEqual(codes, [0, 0]);
  check();
  assert.equal(readOutbox(account.home).length, before + 30);
});

test("no secret leaves the home, and nothing half written stays in the way", () => {
  const { name: dir } = account.home;
  const key = readFileSync(join(dir, "key.asc"), "utf8").split("\n").slice(2, 5).join("");
  for (const { bytes } of exchange.posted) {
    assert.ok(!Buffer.from(bytes).toString("latin1").includes(key));
  }
  for (const name of readdirSync(join(dir, "outbox"))) {
    assert.match(name, /^(ids|lock|\d+-\d+\.(letter|pgp|json|answer))(\.\d+\.tmp)?$/);
  }
});
