/**
 * The island has no way in and no way out but the airlock: looked at from outside, in /proc, while
 * it runs and answers. What it imports is checked in tidy.test.ts.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { TestExchange } from "../testing/exchange.ts";
import { readyCustomers } from "../testing/ready.ts";

let exchange: TestExchange;
let proc: string;

before(async () => {
  exchange = await TestExchange.create();
  await exchange.start();
  // It has opened, decided, sealed and published by now: whatever it opens, it has opened.
  await readyCustomers(exchange, 1, { BTC: 1000 });
  proc = `/proc/${exchange.islandPid}`;
});

after(() => exchange.remove());

test("no socket among its descriptors; standard streams are files; no channel to its parent", () => {
  const targets = readdirSync(join(proc, "fd")).map((fd) => readlinkSync(join(proc, "fd", fd)));
  assert.deepEqual(
    targets.filter((target) => target.startsWith("socket:")),
    [],
  );
  assert.equal(readlinkSync(join(proc, "fd/0")), "/dev/null");
  assert.match(readlinkSync(join(proc, "fd/1")), /island\/island\.out$/);
  assert.match(readlinkSync(join(proc, "fd/2")), /island\/island\.log$/);
  const environment = readFileSync(join(proc, "environ"), "latin1").split("\0");
  assert.deepEqual(
    environment.filter((entry) => entry.startsWith("NODE_CHANNEL")),
    [],
  );
});

test("its network is another one, in which nothing listens and there is no interface", (t) => {
  if (exchange.said.includes("gives no network namespace")) {
    t.skip("SKIPPED: this system gives no network namespace, and `signet start` said so");
    return;
  }
  assert.match(exchange.said, /its network taken away by a namespace/);
  assert.notEqual(readlinkSync(join(proc, "ns/net")), readlinkSync("/proc/self/ns/net"));
  for (const kind of ["tcp", "tcp6", "udp", "udp6", "raw", "unix"]) {
    const lines = readFileSync(join(proc, "net", kind), "latin1")
      .trim()
      .split("\n");
    assert.equal(lines.length, 1, `${kind}: ${lines.slice(1).join()}`);
  }
  const interfaces = readFileSync(join(proc, "net/dev"), "latin1").trim().split("\n").slice(2);
  assert.deepEqual(
    interfaces.map((line) => line.trim().split(":")[0]),
    ["lo"],
  );
});

test("it may touch its own folder and the airlock, and start nothing", () => {
  const [node = "", ...words] = readFileSync(join(proc, "cmdline"), "latin1").split("\0");
  const flags = words.filter((word) => word.startsWith("--"));
  assert.ok(flags.includes("--permission"));
  const attempt = (program: string): string =>
    spawnSync(node, [...flags, "-e", program], { encoding: "utf8" }).stderr;
  const reading = (path: string): string => `require("fs").readFileSync(${JSON.stringify(path)})`;
  assert.match(attempt(reading(join(exchange.dir, "root/root.key.asc"))), /ERR_ACCESS_DENIED/);
  assert.match(attempt(reading("/etc/passwd")), /ERR_ACCESS_DENIED/);
  assert.equal(attempt(reading(join(exchange.dir, "island/island.conf"))), "");
  assert.match(attempt(`require("child_process").execSync("true")`), /ERR_ACCESS_DENIED/);
  const write = `require("fs").writeFileSync(${JSON.stringify(join(exchange.dir, "x"))}, "")`;
  assert.match(attempt(write), /ERR_ACCESS_DENIED/);
});

test("the root key is nowhere in the island's folder", () => {
  const key = readFileSync(join(exchange.dir, "island/keys/operating.key.asc"), "utf8");
  const listed = spawnSync("gpg", ["--batch", "--list-packets"], { input: key, encoding: "utf8" });
  assert.match(listed.stdout, /gnu-dummy/);
});
