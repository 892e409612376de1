/** Small files replaced as a whole, on the real disk. */
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readIfPresent, writeDurably, writeDurablySync, writeSharedSync } from "./durable.ts";

test("a file is absent, then there, then another one; nothing else is left behind", async () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-durable-"));
  try {
    const path = join(dir, "position");
    equal(readIfPresent(path), undefined);
    await writeDurably(path, Uint8Array.of(1, 2, 3));
    deepEqual(readIfPresent(path), Buffer.from([1, 2, 3]));
    // A temporary file that a crash left does not disturb the next write.
    writeFileSync(`${path}.tmp`, "half a file, and longer");
    writeDurablySync(path, Uint8Array.of(4));
    deepEqual(readIfPresent(path), Buffer.from([4]));
    writeFileSync(`${path}.tmp`, "half a file, and longer");
    await writeDurably(path, Uint8Array.of(5));
    deepEqual(readIfPresent(path), Buffer.from([5]));
    deepEqual(readdirSync(dir), ["position"]);
    await rejects(writeDurably(join(dir, "none", "x"), Uint8Array.of(1)), /couldn't write/);
    throws(() => writeDurablySync(join(dir, "none", "x"), Uint8Array.of(1)), /couldn't write/);
    throws(() => readIfPresent(dir), /couldn't read/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("where programs share a path, the half-written file of another is never put there", () => {
  const dir = mkdtempSync(join(tmpdir(), "signet-durable-"));
  try {
    const path = join(dir, "relays.json");
    writeFileSync(`${path}.tmp`, "half");
    writeFileSync(`${path}.${process.pid + 1}.tmp`, "half");
    writeSharedSync(path, Uint8Array.of(4));
    deepEqual(readIfPresent(path), Buffer.from([4]));
    equal(readdirSync(dir).length, 3);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
