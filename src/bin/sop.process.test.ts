/** `signet sop` as an outside suite drives it: each subcommand, and the draft's exit codes. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { signetCommand } from "../testing/exchange.ts";
import { endOf } from "../testing/walletcustomer.ts";

const dir = mkdtempSync(join(tmpdir(), "sop-"));

after(() => rmSync(dir, { recursive: true, force: true }));

type Input = Uint8Array | string;

async function sop(words: readonly string[], input: Input = "", env: NodeJS.ProcessEnv = {}) {
  const [node, program] = signetCommand;
  const options = { cwd: dir, env: { ...process.env, ...env } };
  const child = spawn(node, ["--no-warnings", program, "sop", ...words], options);
  const out: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => out.push(part));
  // Whoever refuses by its words alone reads no input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const { code, err } = await endOf(child);
  return { code, out: Buffer.concat(out), err };
}

async function done(words: readonly string[], input: Input = "", env: NodeJS.ProcessEnv = {}) {
  const { code, out, err } = await sop(words, input, env);
  assert.equal(code, 0, `${words.join(" ")}: ${err}`);
  return out;
}

before(async () => {
  for (const name of ["alice", "bob"]) {
    const key = await done(["generate-key", `${name} <${name}@example.org>`]);
    writeFileSync(join(dir, `${name}.key`), key);
    writeFileSync(join(dir, `${name}.cert`), await done(["extract-cert"], key));
  }
});

test("every byte comes back, signed or not, armored or not", async () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
  const sealed = await done(["encrypt", "--no-armor", "--sign-with=alice.key", "bob.cert"], bytes);
  assert.ok((sealed[0] ?? 0) >= 0x80, "binary");
  const out = ["decrypt", "--verify-with=alice.cert", "--verifications-out=found", "bob.key"];
  assert.deepEqual(new Uint8Array(await done(out, sealed)), bytes);
  const [line = "", ...rest] = readFileSync(join(dir, "found"), "utf8").split("\n");
  assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [0-9A-F]{40} [0-9A-F]{40} mode:binary$/);
  assert.deepEqual(rest, [""]);
  const unsigned = await done(["encrypt", "bob.cert", "alice.cert"], bytes);
  assert.match(unsigned.toString("latin1"), /^-----BEGIN PGP MESSAGE-----/);
  assert.deepEqual(new Uint8Array(await done(["decrypt", "alice.key"], unsigned)), bytes);
});

test("a signature beside its text is made and verified, over bytes and over text", async () => {
  for (const as of ["binary", "text"]) {
    writeFileSync(join(dir, "sig"), await done(["sign", `--as=${as}`, "alice.key"], "a\nb\n"));
    const found = await done(["verify", "sig", "alice.cert"], "a\nb\n");
    assert.match(found.toString(), /mode:/);
    assert.equal((await sop(["verify", "sig", "alice.cert"], "a\nc\n")).code, 3);
    assert.equal((await sop(["verify", "sig", "bob.cert"], "a\nb\n")).code, 3);
    const early = ["verify", "--verify-not-after=2020-01-01T00:00:00Z", "sig", "alice.cert"];
    assert.equal((await sop(early, "a\nb\n")).code, 3);
  }
});

test("each failure has the draft's exit code, and nothing comes out", async () => {
  const sealed = await done(["encrypt", "--sign-with=alice.key", "bob.cert"], "text");
  writeFileSync(join(dir, "taken"), "");
  const cases: readonly (readonly [number, string, readonly string[], (Uint8Array | string)?])[] = [
    [3, "signer_unknown", ["decrypt", "--verify-with=bob.cert", "bob.key"], sealed],
    [19, "MISSING_ARG", ["encrypt"]],
    [19, "MISSING_ARG", ["decrypt"], sealed],
    [19, "MISSING_ARG", ["encrypt", "--sign-with", "alice.key", "bob.cert"]],
    [23, "INCOMPLETE_VERIFICATION", ["decrypt", "--verifications-out=other", "bob.key"], sealed],
    [29, "sealed_to_another", ["decrypt", "alice.key"], sealed],
    [37, "session-key-out", ["decrypt", "--session-key-out=other", "bob.key"], sealed],
    [37, "--as=mime", ["encrypt", "--as=mime", "bob.cert"]],
    [41, "BAD_DATA", ["decrypt", "bob.key"], "nothing of the kind"],
    [41, "BAD_DATA", ["encrypt", "bob.key"], "text"],
    [53, "EXPECTED_TEXT", ["encrypt", "--as=text", "bob.cert"], new Uint8Array([0xff])],
    [
      59,
      "OUTPUT_EXISTS",
      ["decrypt", "--verify-with=alice.cert", "--verifications-out=taken", "bob.key"],
      sealed,
    ],
    [61, "MISSING_INPUT", ["encrypt", "nobody.cert"], "text"],
    [69, "UNSUPPORTED_SUBCOMMAND", ["inline-sign", "alice.key"], "text"],
    [71, "UNSUPPORTED_SPECIAL_PREFIX", ["encrypt", "@CARD:1"], "text"],
    [89, "UNSUPPORTED_PROFILE", ["generate-key", "--profile=other", "Alice"]],
  ];
  const check = async (from: number): Promise<void> => {
    for (const [code, says, words, input] of cases.filter((_, i) => i % 2 === from)) {
      const ended = await sop(words, input);
      assert.equal(ended.code, code, `${words.join(" ")}: ${ended.err}`);
      assert.match(ended.err, new RegExp(says), words.join(" "));
      assert.equal(ended.out.length, 0, words.join(" "));
    }
  };
  await Promise.all([check(0), check(1)]);
  assert.equal(existsSync(join(dir, "other")), false);
});

for (const other of ["sqop", "gosop"]) {
  const skip = spawnSync(other, ["version"]).error !== undefined && `${other} is not installed`;
  test(`${other} and we open each other's messages, on both paths`, { skip }, async () => {
    const run = (words: readonly string[], input: Input = ""): Buffer => {
      const { status, stdout, stderr } = spawnSync(other, words, { cwd: dir, input });
      assert.equal(status, 0, `${other} ${words.join(" ")}: ${stderr.toString()}`);
      return stdout;
    };
    const key = run(["generate-key", "other <other@example.org>"]);
    writeFileSync(join(dir, `${other}.key`), key);
    writeFileSync(join(dir, `${other}.cert`), run(["extract-cert"], key));
    for (const path of ["fast", "reference"]) {
      const env = { SIGNET_OPENPGP: path };
      const theirs = run(["encrypt", `--sign-with=${other}.key`, "bob.cert"], "theirs\n");
      const opening = ["decrypt", `--verify-with=${other}.cert`, "bob.key"];
      assert.equal((await done(opening, theirs, env)).toString(), "theirs\n", path);
      const sealing = ["encrypt", "--sign-with=bob.key", `${other}.cert`];
      const ours = await done(sealing, "ours\n", env);
      const out = other === "sqop" ? "--verifications-out" : "--verify-out";
      const found = `${other}-${path}`;
      const words = ["decrypt", "--verify-with=bob.cert", `${out}=${found}`, `${other}.key`];
      assert.equal(run(words, ours).toString(), "ours\n", path);
      assert.notEqual(readFileSync(join(dir, found), "utf8"), "");
    }
  });
}
