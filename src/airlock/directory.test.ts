/** The directory carrier and its watcher on the real disk, with whatever else may lie there. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openDirectory } from "./directory.ts";
import { watchDirectory } from "./watch.ts";

function temporary(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "signet-airlock-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test("files are put whole, read within a bound, and removed; hidden ones are not there", (t) => {
  const dir = temporary(t);
  const directory = openDirectory(dir);
  directory.put("a.bundle", Uint8Array.of(1, 2, 3));
  directory.put("a.bundle", Uint8Array.of(4, 5, 6, 7));
  writeFileSync(join(dir, ".b.bundle.tmp"), "half");
  deepEqual(directory.names(), ["a.bundle"]);
  deepEqual(directory.read("a.bundle", 100), Buffer.from([4, 5, 6, 7]));
  // One byte more than the bound tells the reader that the file is too large.
  equal(directory.read("a.bundle", 2)?.length, 3);
  directory.remove("a.bundle");
  directory.remove("a.bundle");
  equal(directory.read("a.bundle", 100), undefined);
  directory.put("b.bundle", Uint8Array.of(8));
  deepEqual(readdirSync(dir), ["b.bundle"]);
});

test("a link or a folder with a bundle's name is neither followed nor read", (t) => {
  const dir = temporary(t);
  const secret = join(temporary(t), "secret");
  writeFileSync(secret, "secret");
  symlinkSync(secret, join(dir, "a.bundle"));
  symlinkSync(secret, join(dir, ".c.bundle.tmp"));
  mkdirSync(join(dir, "b.bundle"));
  const directory = openDirectory(dir);
  deepEqual(directory.names(), []);
  throws(() => directory.read("a.bundle", 100), /couldn't read/);
  throws(() => directory.read("b.bundle", 100), /couldn't read/);
  directory.put("c.bundle", Uint8Array.of(1));
  deepEqual(openDirectory(join(secret, "..")).read("secret", 10), Buffer.from("secret"));
});

test("a watcher hints at the start, when something comes, and every so often without", async (t) => {
  const dir = temporary(t);
  const heard: string[] = [];
  let wake: () => void = () => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const hint = (name: string): void => {
    heard.push(name);
    wake();
  };
  const first = next();
  const watcher = watchDirectory(dir, () => hint("watched"), 3_600_000);
  await first;
  const second = next();
  writeFileSync(join(dir, "a.bundle"), "1");
  await second;
  watcher.close();
  // A directory that is not there cannot be watched, only looked at.
  const third = next();
  const poller = watchDirectory(join(dir, "none"), () => hint("polled"), 20);
  await third;
  await next();
  poller.close();
  ok(heard.filter((name) => name === "watched").length >= 2);
  ok(heard.filter((name) => name === "polled").length >= 2);
});
