/**
 * What is said of a command line before any account or exchange is needed: one object with `--json`
 * however it ends, files that are not there, stdin that is slow to come.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { signetCommand } from "../testing/exchange.ts";
import { at, endOf, type CommandEnd } from "../testing/walletcustomer.ts";

const dir = mkdtempSync(join(tmpdir(), "usage-"));

after(() => rmSync(dir, { recursive: true, force: true }));

async function signet(
  words: readonly string[],
  stdin: readonly string[] = [],
): Promise<CommandEnd> {
  const [node, program] = signetCommand;
  const env = { ...process.env, SIGNET_HOME: join(dir, "home") };
  const child = spawn(node, [program, ...words], { cwd: dir, env });
  const ended = endOf(child);
  for (const part of stdin) {
    await sleep(200);
    child.stdin.write(part);
  }
  child.stdin.end();
  return ended;
}

test("a pipe that is slow is read to its end", async () => {
  const ended = await signet(["raw", "send"], ["no ", "letter\n"]);
  assert.equal(ended.code, 3, ended.err);
  assert.match(ended.err, /This is no sealed letter/);
});

test("with --json every end is one object, and its exit is the program's", async () => {
  const cases: readonly (readonly [number, string, readonly string[]])[] = [
    [2, "E100", ["trade"]],
    [2, "E100", []],
    [2, "E100", ["buy", "--frob"]],
    [2, "E100", ["start", "--port", "many"]],
    [2, "E100", ["explain", "E999"]],
    [3, "E115", ["raw", "send", "nowhere.asc"]],
    [3, "E115", ["raw", "send", "."]],
    [3, "E115", ["restore", "--words-file", "nowhere.txt"]],
    [3, "E115", ["replay", "--data", "nowhere"]],
    [7, "E701", ["balance"]],
  ];
  const check = async (from: number): Promise<void> => {
    for (const [code, name, words] of cases.filter((_, i) => i % 2 === from)) {
      const { code: exit, out, err } = await signet([...words, "--json"]);
      const data: unknown = JSON.parse(out);
      assert.equal(exit, code, `${words.join(" ")}: ${err}`);
      assert.deepEqual([at(data, "ok"), at(data, "exit"), at(data, "code")], [false, code, name]);
    }
  };
  await Promise.all([check(0), check(1)]);
  const explained: unknown = JSON.parse((await signet(["explain", "E464", "--json"])).out);
  assert.deepEqual(
    [at(explained, "ok"), at(explained, "exit"), at(explained, "codeExit")],
    [true, 0, 4],
  );
});

test("a port that is taken is said with what to do", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const ended = await signet(["start", "--data", "exchange", "--port", port]);
  server.close();
  assert.equal(ended.code, 1);
  assert.match(ended.err, /--port N +E902/);
  assert.doesNotMatch(ended.err, /keys/, "looked at before the keys are made");
  assert.equal(existsSync(join(dir, "exchange")), false, "nothing was made, as it says");
});
