/** A lock against real processes: one that lives, one that ended and that nobody waited for. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { lockDirectory, releaseDead } from "./lock.ts";

const dir = mkdtempSync(join(tmpdir(), "lock-"));
const path = join(dir, "lock");
const linux = { skip: process.platform !== "linux" };

after(() => rmSync(dir, { recursive: true, force: true }));

/** A parent that never waits for its child, and the child's number. */
async function parentOf(child: string): Promise<{ parent: ChildProcess; pid: number }> {
  const script = `${child} & echo $!; exec sleep 60`;
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  const said = await new Promise<Buffer>((resolve) => parent.stdout?.once("data", resolve));
  return { parent, pid: Number(said.toString()) };
}

function statOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !isSo(); await sleep(10)) assert.ok(Date.now() < end);
}

function lockBy(pid: number): void {
  writeFileSync(path, `${pid} ${statOf(pid)[19]} 0123456789abcdef\n`);
}

test("a zombie holds no lock", linux, async () => {
  const { parent, pid } = await parentOf("sleep 0.1");
  try {
    await until(() => statOf(pid)[0] === "Z");
    process.kill(pid, 0);
    lockBy(pid);
    releaseDead(dir);
    assert.equal(existsSync(path), false);
    lockBy(pid);
    lockDirectory(dir)();
  } finally {
    parent.kill("SIGKILL");
  }
});

test("a process that lives holds it, however it is called", linux, async () => {
  // The name may itself look like the end of its field.
  const name = join(dir, "a) Z (b");
  writeFileSync(name, "#!/bin/sh\nwhile :; do sleep 1; done\n", { mode: 0o755 });
  const { parent, pid } = await parentOf(`'${name}'`);
  try {
    await until(() => readFileSync(`/proc/${pid}/comm`, "latin1") === "a) Z (b\n");
    lockBy(pid);
    releaseDead(dir);
    assert.throws(() => lockDirectory(dir), new RegExp(`process ${pid} has it open`));
  } finally {
    process.kill(pid, "SIGKILL");
    parent.kill("SIGKILL");
  }
});
