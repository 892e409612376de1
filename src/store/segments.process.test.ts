/**
 * The segment store in processes of its own: killed, locked out, and without permission to start
 * others.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { lockDirectory } from "./lock.ts";
import { openSegments } from "./segments.ts";

const lives = 20;
const segmentBytes = 65_536;

/** Appends frames of random records for ever, and prints each number once it is acknowledged. */
const appender = `
  import { openSegments } from ${JSON.stringify(import.meta.resolve("./segments.ts"))};
  import { writeSync } from "node:fs";
  const store = await openSegments(process.argv[1], { segmentBytes: ${segmentBytes} });
  for (;;) {
    const records = Array.from({ length: 1 + (store.last % 7) }, (_, i) => {
      const bytes = Buffer.alloc(8 + ((store.last * 131) % 3000), store.last % 251);
      bytes.writeBigUInt64BE(BigInt(store.last + i + 1));
      return bytes;
    });
    writeSync(1, (await store.append(records)) + "\\n");
  }
`;

function temporary(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "signet-store-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Kills it when the test ends, however that is. */
function startFor(t: TestContext, dir: string): ChildProcessByStdio<null, Readable, null> {
  const child = start(dir);
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** A process that may read our sources and the store, write the store, and nothing else. */
function start(dir: string): ChildProcessByStdio<null, Readable, null> {
  const root = dirname(dirname(import.meta.dirname));
  const allowed = [`--allow-fs-read=${root}`, `--allow-fs-read=${dir}`, `--allow-fs-write=${dir}`];
  const words = ["--permission", ...allowed, "--input-type=module", "--eval", appender, dir];
  return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
}

test(`kill -9, ${lives} times: every acknowledged record is there, and in its place`, async (t) => {
  const dir = temporary(t);
  let acknowledged = 0;
  for (let life = 0; life < lives; life += 1) {
    const child = startFor(t, dir);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const before = said.length;
      said += chunk.toString();
      // Not at the first word: some lives last longer than others.
      if (before === 0) setTimeout(() => child.kill("SIGKILL"), 5 + 7 * (life % 6));
    });
    const [, signal] = await once(child, "exit");
    equal(signal, "SIGKILL");
    acknowledged = Number(said.trimEnd().split("\n").at(-1));
    const store = await openSegments(dir, { segmentBytes });
    ok(store.last >= acknowledged && acknowledged > 0);
    let number = 0;
    for (const { bytes } of store.read(1)) {
      number += 1;
      equal(Buffer.from(bytes).readBigUInt64BE(), BigInt(number));
    }
    equal(number, store.last);
    await store.close();
  }
});

test("a second process is locked out until the first is dead, however it died", async (t) => {
  const dir = temporary(t);
  const child = startFor(t, dir);
  await once(child.stdout, "data");
  await rejects(
    openSegments(dir, { segmentBytes }),
    new RegExp(`process ${child.pid} has it open`),
  );
  const reader = await openSegments(dir, { readOnly: true });
  ok(reader.last > 0);
  await reader.close();
  child.kill("SIGKILL");
  await once(child, "exit");
  const store = await openSegments(dir, { segmentBytes });
  await rejects(openSegments(dir, { segmentBytes }), /couldn't lock/);
  await store.close();
  await store.close();
  const again = await openSegments(dir, { segmentBytes });
  deepEqual(again.last, store.last);
  await again.close();
});

test("a lock whose number now belongs to another process is taken over", (t) => {
  const dir = temporary(t);
  const path = join(dir, "lock");
  const mine = `${process.pid} `;
  // Ours, from an earlier life; somebody's who started at another time; half a line.
  for (const stale of [
    `${process.pid} 1 0123456789abcdef\n`,
    "1 99999999999 0123456789abcdef\n",
    "12",
  ]) {
    writeFileSync(path, stale);
    const unlock = lockDirectory(dir);
    match(readFileSync(path, "latin1"), new RegExp(`^${mine}`));
    unlock();
  }
});
