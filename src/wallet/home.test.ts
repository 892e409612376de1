/** Homes keep what they say, on a disk and in memory alike; and what lasts, lasts in order. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { fromAscii, toLatin1 } from "../codec/bytes.ts";
import { diskHome } from "./diskhome.ts";
import { hasKey, keep, namesIn, readJson, readText, type Home } from "./home.ts";
import { memoryHome } from "./memoryhome.ts";
import { pause } from "./pause.ts";

const base = mkdtempSync(join(tmpdir(), "signet-home-"));
after(() => rmSync(base, { recursive: true }));

const kinds: readonly (readonly [string, (name: string) => Home])[] = [
  ["disk", (name) => diskHome(join(base, name))],
  ["memory", (name) => memoryHome({ name })],
];

for (const [kind, make] of kinds) {
  test(`${kind}: files are kept whole, and read back at once`, async () => {
    const home = make("files");
    assert.equal(readText(home, "key.asc"), undefined);
    assert.deepEqual(namesIn(home, "reports"), []);
    keep(home, "one", "reports", "1.txt");
    keep(home, "two", "reports", "1.txt");
    keep(home, Uint8Array.of(0, 255), "outbox", "ids", "x");
    assert.equal(readText(home, "reports", "1.txt"), "two");
    assert.deepEqual([...(home.read("outbox", "ids", "x") ?? [])], [0, 255]);
    assert.deepEqual(namesIn(home, "reports"), ["1.txt"]);
    keep(home, '{"a":1}', "numbers.json");
    assert.deepEqual(readJson(home, "numbers.json"), { a: 1 });
    keep(home, "{", "numbers.json");
    assert.equal(readJson(home, "numbers.json"), undefined);
    assert.equal(hasKey(home), false);
    keep(home, "secret", "key.asc");
    assert.equal(hasKey(home), true);
    // A file where a folder should be: there is nothing behind it.
    assert.equal(home.read("key.asc", "x"), undefined);
    await home.settled();
  });

  test(`${kind}: a name is taken once`, () => {
    const home = make("once");
    assert.equal(home.create(fromAscii("a"), "outbox", "0-1.letter"), true);
    assert.equal(home.create(fromAscii("b"), "outbox", "0-1.letter"), false);
    assert.equal(readText(home, "outbox", "0-1.letter"), "a");
  });

  test(`${kind}: what was handed in or out may change and changes nothing here`, () => {
    const home = make("copies");
    const bytes = fromAscii("abc");
    home.keep(bytes, "x");
    bytes.fill(0);
    home.read("x")?.fill(0);
    assert.equal(readText(home, "x"), "abc");
  });

  test(`${kind}: no name leads out of the home`, () => {
    const home = make("names");
    for (const name of ["..", ".", "", "a/b", "../x", "a\\b", "a\0"]) {
      assert.throws(() => home.keep(fromAscii("x"), "receipts", name), /couldn't name/);
      assert.throws(() => home.read(name), /couldn't name/);
      assert.throws(() => home.create(fromAscii("x"), name), /couldn't name/);
    }
    assert.throws(() => home.read(), /couldn't name/);
    home.keep(fromAscii("x"), "receipts", "ab.alder.example");
  });

  test(`${kind}: one at a time, in the order of asking, whatever becomes of those before`, async () => {
    const home = make("turns");
    const said: string[] = [];
    const work = (name: string) => async () => {
      said.push(`+${name}`);
      await pause(5);
      said.push(`-${name}`);
      if (name === "b") throw new Error("so");
      return { ok: true, value: name } as const;
    };
    const runs = ["a", "b", "c"].map((name) => home.exclusively(work(name)));
    const ended = await Promise.allSettled(runs);
    assert.deepEqual(
      ended.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(said, ["+a", "-a", "+b", "-b", "+c", "-c"]);
  });
}

test("disk: files are their owner's only, and a lock that nobody lets go is E706", async (t) => {
  const home = diskHome(join(base, "modes"));
  home.keep(fromAscii("x"), "outbox", "ids", "y");
  for (const path of ["", "outbox", "outbox/ids"]) {
    assert.equal(statSync(join(home.dir, path)).mode & 0o777, 0o700, path);
  }
  assert.equal(statSync(join(home.dir, "outbox/ids/y")).mode & 0o777, 0o600);
  await home.exclusively(() => {
    assert.ok(existsSync(join(home.dir, "outbox/lock")));
    return Promise.resolve({ ok: true, value: 1 });
  });
  assert.ok(!existsSync(join(home.dir, "outbox/lock")));
  // The same folder under another name, as another program might have it.
  symlinkSync(home.dir, join(base, "link"));
  const other = diskHome(join(base, "link"));
  const begun = Promise.withResolvers<undefined>();
  const over = Promise.withResolvers<undefined>();
  const first = home.exclusively(async () => {
    begun.resolve(undefined);
    await over.promise;
    return { ok: true, value: 1 };
  });
  await begun.promise;
  t.mock.timers.enable({ apis: ["Date", "setTimeout"], now: Date.now() });
  const second = other.exclusively(() => Promise.resolve({ ok: true, value: 2 }));
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
  t.mock.timers.tick(31_000);
  const ended = await second;
  assert.ok(!ended.ok && ended.code === "E706");
  t.mock.timers.reset();
  over.resolve(undefined);
  assert.ok((await first).ok);
});

test("disk: a folder made by an earlier version, and a file beside it, are as they were", () => {
  const home = diskHome(join(base, "old"));
  keep(home, "x", "exchange.json");
  writeFileSync(join(home.dir, "mailbox.json"), '{"from":3}');
  assert.deepEqual(readJson(home, "mailbox.json"), { from: 3 });
  assert.equal(readFileSync(join(home.dir, "exchange.json"), "latin1"), "x");
});

test("memory: files last in the order in which they were kept, one after the other", async () => {
  const lasted: string[] = [];
  let busy = false;
  const home = memoryHome({
    name: "memory",
    files: [["a", fromAscii("0")]],
    onChange: async (path, bytes) => {
      assert.ok(!busy);
      busy = true;
      await pause(path === "a" ? 10 : 1);
      busy = false;
      lasted.push(`${path}=${toLatin1(bytes)}`);
    },
  });
  assert.equal(readText(home, "a"), "0");
  const bytes = fromAscii("1");
  home.keep(bytes, "a");
  bytes.fill(0);
  keep(home, "2", "b");
  home.create(fromAscii("3"), "c");
  home.create(fromAscii("4"), "c");
  assert.deepEqual(lasted, []);
  await home.settled();
  assert.deepEqual(lasted, ["a=1", "b=2", "c=3"]);
});

test("memory: after a file that did not last nothing does, and whoever asks is told", async () => {
  const lasted: string[] = [];
  const home = memoryHome({
    name: "memory",
    onChange: (path) => {
      if (path === "b") return Promise.reject(new Error("no room"));
      lasted.push(path);
      return Promise.resolve();
    },
  });
  keep(home, "1", "a");
  await home.settled();
  keep(home, "2", "b");
  keep(home, "3", "c");
  await assert.rejects(home.settled(), /no room/);
  keep(home, "4", "d");
  await assert.rejects(home.settled(), /no room/);
  assert.deepEqual(lasted, ["a"]);
  assert.equal(readText(home, "d"), "4");
});

test("a pause ends when it is over, or when it is stopped", async () => {
  const stop = new AbortController();
  const long = pause(60_000, stop.signal);
  stop.abort();
  await long;
  await pause(60_000, stop.signal);
  await pause(1, new AbortController().signal);
});
