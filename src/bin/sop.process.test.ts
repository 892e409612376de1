/** `signet sop` as an outside suite drives it: each subcommand, and the draft's exit codes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { signetCommand } from "../testing/exchange.ts";

const dir = mkdtempSync(join(tmpdir(), "sop-"));

after(() => rmSync(dir, { recursive: true, force: true }));

function sop(words: readonly string[], input: Uint8Array | string = "") {
  const [node, program] = signetCommand;
  const ended = spawnSync(node, ["--no-warnings", program, "sop", ...words], { cwd: dir, input });
  return { code: ended.status, out: ended.stdout, err: ended.stderr.toString() };
}

function done(words: readonly string[], input: Uint8Array | string = ""): Buffer {
  const { code, out, err } = sop(words, input);
  assert.equal(code, 0, `${words.join(" ")}: ${err}`);
  return out;
}

before(() => {
  for (const name of ["alice", "bob"]) {
    const key = done(["generate-key", `${name} <${name}@example.org>`]);
    writeFileSync(join(dir, `${name}.key`), key);
    writeFileSync(join(dir, `${name}.cert`), done(["extract-cert"], key));
  }
});

test("every byte comes back, signed or not, armored or not", () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i & 0xff);
  const sealed = done(["encrypt", "--no-armor", "--sign-with=alice.key", "bob.cert"], bytes);
  assert.ok((sealed[0] ?? 0) >= 0x80, "binary");
  const out = ["decrypt", "--verify-with=alice.cert", "--verifications-out=found", "bob.key"];
  assert.deepEqual(new Uint8Array(done(out, sealed)), bytes);
  const [line = "", ...rest] = readFileSync(join(dir, "found"), "utf8").split("\n");
  assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [0-9A-F]{40} [0-9A-F]{40} mode:binary$/);
  assert.deepEqual(rest, [""]);
  const unsigned = done(["encrypt", "bob.cert", "alice.cert"], bytes);
  assert.match(unsigned.toString("latin1"), /^-----BEGIN PGP MESSAGE-----/);
  assert.deepEqual(new Uint8Array(done(["decrypt", "alice.key"], unsigned)), bytes);
});

test("a signature beside its text is made and verified, over bytes and over text", () => {
  for (const as of ["binary", "text"]) {
    writeFileSync(join(dir, "sig"), done(["sign", `--as=${as}`, "alice.key"], "a\nb\n"));
    assert.match(done(["verify", "sig", "alice.cert"], "a\nb\n").toString(), /mode:/);
    assert.equal(sop(["verify", "sig", "alice.cert"], "a\nc\n").code, 3);
    assert.equal(sop(["verify", "sig", "bob.cert"], "a\nb\n").code, 3);
    const early = ["verify", "--verify-not-after=2020-01-01T00:00:00Z", "sig", "alice.cert"];
    assert.equal(sop(early, "a\nb\n").code, 3);
  }
});

test("each failure has the draft's exit code, and nothing comes out", () => {
  const sealed = done(["encrypt", "--sign-with=alice.key", "bob.cert"], "text");
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
  for (const [code, says, words, input] of cases) {
    const ended = sop(words, input);
    assert.equal(ended.code, code, `${words.join(" ")}: ${ended.err}`);
    assert.match(ended.err, new RegExp(says), words.join(" "));
    assert.equal(ended.out.length, 0, words.join(" "));
  }
  assert.equal(existsSync(join(dir, "other")), false);
});
