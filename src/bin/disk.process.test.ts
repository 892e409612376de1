/**
 * What the island does about its disk, with the real program on real files: a torn tail, a flipped
 * bit, lost records, a restored backup, a full disk, and a letter that faults. Each is what
 * docs/spec/journal.md says, and in each nothing that was acknowledged is lost.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { assert as mustHold } from "../codec/assert.ts";
import { fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { apply } from "../engine/apply.ts";
import { portDefault } from "./defaults.ts";
import { found } from "./found.ts";
import { fetchReply, post, type SentLetter, type TestCustomer } from "../testing/customer.ts";
import { signetCommand, TestExchange } from "../testing/exchange.ts";
import { readyCustomers } from "../testing/ready.ts";
import { recover } from "../island/recovery.ts";
import { readSettings } from "../island/settings.ts";
import { passedOver } from "../island/skips.ts";

let exchange: TestExchange;
let alice: TestCustomer;
let letter: SentLetter;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  const [customer] = await readyCustomers(exchange, 1, { BTC: 1_000_000, GLD: 1000 });
  mustHold(customer !== undefined, "there is one customer");
  alice = customer;
  letter = await alice.write(["SELL|GLD/BTC|10|5000|id=the-one"]);
  assert.ok(await post(exchange.url, letter));
  await exchange.until(
    async () => (await fetchReply(exchange.url, letter.ref)) !== undefined,
    20_000,
  );
});

after(() => exchange.remove());

const segmentOf = (store: string): string => {
  const dir = join(exchange.dir, "island", store);
  return join(
    dir,
    readdirSync(dir)
      .filter((name) => name.endsWith(".seg"))
      .sort()
      .at(-1) ?? "",
  );
};

/** Where the frames of a segment end: a frame's length stands at its beginning, zero at the end. */
function framesOf(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length && bytes.readUInt32BE(at) > 0;) {
    at = Math.ceil((at + 8 + bytes.readUInt32BE(at)) / 8) * 8;
    ends.push(at);
  }
  return ends;
}

/** Starts an exchange that must refuse, and gives what it said. */
async function refusal(): Promise<string> {
  await assert.rejects(exchange.start(), /the exchange ended/);
  assert.match(exchange.said, /The island refuses to start/);
  return exchange.said;
}

test("a torn tail is cut, and everything acknowledged is there", async () => {
  exchange.killIsland();
  await exchange.stop();
  const path = segmentOf("journal");
  const bytes = readFileSync(path);
  const end = framesOf(bytes).at(-1) ?? 0;
  bytes.writeUInt32BE(400, end);
  bytes.fill(0xa5, end + 4, end + 90);
  writeFileSync(path, bytes);
  await exchange.start();
  const stat = await alice.say(exchange.url, ["STAT"]);
  assert.ok(stat.records.some((entry) => entry.kind === "order" && entry.id === "the-one"));
  await exchange.stop();
});

test("a flipped bit in the middle refuses to start, names the place, and changes nothing", async () => {
  const path = segmentOf("journal");
  const whole = readFileSync(path);
  const damaged = Buffer.from(whole);
  const middle = (framesOf(whole)[2] ?? 0) + 60;
  damaged.writeUInt8(damaged.readUInt8(middle) ^ 4, middle);
  writeFileSync(path, damaged);
  const said = await refusal();
  assert.match(said, /journal_damaged/);
  assert.match(said, /00000001\.seg/);
  assert.ok(readFileSync(path).equals(damaged));
  writeFileSync(path, whole);
  await exchange.start();
  await exchange.stop();
});

test("a journal that ends before what was answered refuses to start", async () => {
  const path = segmentOf("journal");
  const whole = readFileSync(path);
  const short = Buffer.from(whole);
  short.fill(0, framesOf(whole).at(-4));
  writeFileSync(path, short);
  assert.match(await refusal(), /journal_short/);
  writeFileSync(path, whole);
  await exchange.start();
});

test("a restored backup refuses to start: two histories cannot be told", async () => {
  await exchange.stop();
  const island = join(exchange.dir, "island");
  cpSync(island, `${island}.backup`, { recursive: true });
  await exchange.start();
  await alice.say(exchange.url, ["CANCEL|the-one"]);
  await exchange.stop();
  renameSync(island, `${island}.newest`);
  renameSync(`${island}.backup`, island);
  assert.match(await refusal(), /backup_restored/);
  rmSync(island, { recursive: true });
  renameSync(`${island}.newest`, island);
  await exchange.start();
  const stat = await alice.say(exchange.url, ["STAT"]);
  assert.ok(!stat.records.some((entry) => entry.kind === "order"));
});

test("a letter that faults stops the island until m of n operators pass it over", async () => {
  await exchange.stop();
  const dir = join(exchange.dir, "island");
  const settings = await readSettings(dir);
  const faulty: typeof apply = (state, input) => {
    if (input.kind === "letter") mustHold(!input.text.includes("the-one"), "a rule that breaks");
    return apply(state, input);
  };
  rmSync(join(dir, "snapshots"), { recursive: true });
  const at = time(Date.now());
  const options = {
    dir,
    exchange: fingerprint(settings.exchange),
    apply: faulty,
    passedOver: (number: number, state: Parameters<typeof passedOver>[2]) =>
      passedOver({ dir, keys: settings.operating, at }, number, state),
  };
  const attempt = async (): Promise<unknown> => {
    const outcome: unknown = await recover(options).catch((error: unknown) => error);
    // The process that was refused would have ended; this one goes on in its place.
    for (const store of ["journal", "said"]) rmSync(join(dir, store, "lock"), { force: true });
    return outcome;
  };
  const passed: string[] = [];
  for (;;) {
    const record = /Journal record (\d+) breaks/.exec(String(await attempt()))?.[1];
    if (record === undefined) break;
    assert.ok(!passed.includes(record), "what the operators passed over stays passed over");
    passed.push(record);
    const words = ["hands", "skip", record, "it breaks a rule"];
    const out = join(dir, "skips", `skip-${record}.asc`);
    const [node, signet] = signetCommand;
    const home = join(exchange.dir, "hands");
    const made = spawnSync(node, [signet, ...words, "--out", out, "--home", home]);
    assert.equal(made.status, 0, String(made.stderr));
  }
  assert.equal(passed.length, 2, "the order and its cancellation");
  const recovered = await recover(options);
  await recovered.journal.close();
  await recovered.said.close();
  const afterMending = async (): Promise<readonly number[]> => {
    rmSync(join(dir, "skips"), { recursive: true });
    mkdirSync(join(dir, "skips"));
    const mended = await recover({ ...options, apply });
    await mended.journal.close();
    await mended.said.close();
    const account = mended.state.accounts.get(alice.key.fingerprint);
    return [account?.orders.size ?? -1, account?.ids.size ?? -1];
  };
  assert.deepEqual(await afterMending(), [0, 0], "a mended engine does not obey it after all");
  const account = recovered.state.accounts.get(alice.key.fingerprint);
  assert.equal(account?.orders.size, 0);
  assert.ok(
    (account?.threads.get(0)?.high ?? 0) >= 4,
    "its number is used up, and those behind it count",
  );
  await recovered.journal.close();
  await recovered.said.close();
});

test("a full disk: the island ends, says so, and comes back when there is room", async (t) => {
  const full = await TestExchange.create();
  await found(full.dir, { passphrase: "", port: portDefault });
  const journal = join(full.dir, "island/journal");
  mkdirSync(journal, { recursive: true });
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", journal]);
  if (mount.status !== 0) {
    t.skip("SKIPPED: this system lets us mount no small disk (the store's tests simulate one)");
    return;
  }
  try {
    const starting = full.start();
    await full.until(() => full.said.includes("the island ended with code 1 "), 20_000);
    assert.match(readFileSync(join(full.dir, "island/island.log"), "utf8"), /ENOSPC/);
    spawnSync("mount", ["-o", "remount,size=200m", journal]);
    await starting;
    const [customer] = await readyCustomers(full, 1, { BTC: 5 });
    assert.ok(customer);
  } finally {
    await full.stop();
    spawnSync("umount", [journal]);
    await full.remove();
  }
});
