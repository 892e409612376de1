/** Sealed letters as stock GnuPG makes them: read, re-framed, and opened again. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fromAscii } from "../codec/bytes.ts";
import { frame, reframings, slowPackets, slowRef } from "../testing/framing.ts";
import { armor } from "./armor.ts";
import { readEnvelope, type Envelope } from "./envelope.ts";
import { readPacket } from "./packets.ts";

function accepted(bytes: Uint8Array): Envelope {
  const verdict = readEnvelope(bytes);
  assert.ok(verdict.ok, JSON.stringify(verdict));
  return verdict.value;
}

function refusal(bytes: Uint8Array): string {
  const verdict = readEnvelope(bytes);
  return verdict.ok ? "accepted" : verdict.name;
}

describe("stock GnuPG", () => {
  let home = "";
  const letter = "signet/1 49979888511191774776929750563049979888ab\nseq 1\nNOOP\n";

  function gpg(args: readonly string[], input: string | Uint8Array): Buffer {
    const quiet = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
    const all = ["--homedir", home, ...quiet, "--trust-model", "always", ...args];
    const result = spawnSync("gpg", all, { input, maxBuffer: 1e7 });
    assert.equal(result.status, 0, result.stderr.toString());
    return result.stdout;
  }

  const seal = (...args: string[]): Buffer => gpg(["-se", "-u", "alice", ...args], letter);

  before(() => {
    home = mkdtempSync(join(tmpdir(), "signet-gpg-"));
    for (const name of ["alice", "exchange"]) {
      gpg(["--quick-generate-key", name, "future-default", "default", "never"], "");
    }
  });

  after(() => {
    spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    rmSync(home, { recursive: true, force: true });
  });

  test("binary, armored, compressed or not, with hidden or several recipients", () => {
    const to = ["-r", "exchange"];
    const ways = [
      to,
      ["--compress-algo", "none", ...to],
      ["--compress-algo", "zip", ...to],
      ["--compress-algo", "bzip2", ...to],
      ["-R", "exchange"],
      ["--throw-keyids", ...to],
      ["-r", "alice", ...to],
      ["--textmode", ...to],
    ];
    for (const args of ways) {
      const binary = seal(...args);
      assert.equal(accepted(binary).ref, slowRef(binary), args.join(" "));
      assert.ok(binary.equals(accepted(binary).binary));
      const armored = seal("--armor", "--comment", "hello", "--emit-version", ...args);
      const inside = gpg(["--dearmor"], armored);
      assert.equal(accepted(armored).ref, slowRef(inside));
      assert.ok(inside.equals(accepted(armored).binary));
      const crlf = Buffer.from(armored.toString().replaceAll("\n", "\r\n"));
      assert.equal(accepted(crlf).ref, slowRef(inside));
    }
  });

  test("a dropped recipient, other framing or armor: the ref stays, and the letter opens", () => {
    const binary = seal("-r", "alice", "-r", "exchange");
    const { ref } = accepted(binary);
    const [first, ...rest] = slowPackets(binary);
    assert.equal(first?.tag, 1);
    const dropped = Uint8Array.from(rest.flatMap((packet) => frame(packet)));
    const again = [dropped, ...reframings(binary), fromAscii(armor(binary))];
    for (const bytes of again) {
      assert.equal(accepted(bytes).ref, ref);
      assert.equal(gpg(["-d"], bytes).toString(), letter);
    }
  });

  test("a letter of 64 KiB comes in partial lengths", () => {
    const file = join(home, "letter.txt");
    writeFileSync(file, randomBytes(32_768).toString("hex"));
    const binary = gpg(["-se", "-u", "alice", "-r", "exchange", "-o", "-", file], "");
    assert.equal(accepted(binary).ref, slowRef(binary));
    const keys = readPacket(binary, 0);
    const data = readPacket(binary, keys.ok ? keys.value.next : 0);
    assert.ok(data.ok && data.value.parts.length > 1);
    const armored = gpg(["-se", "-a", "-u", "alice", "-r", "exchange", "-o", "-", file], "");
    accepted(armored);
  });

  test("what is no sealed letter is refused by its own name", () => {
    const password = ["--passphrase", "correct horse", "-c"];
    assert.equal(refusal(gpg(password, letter)), "password_not_offered");
    const both = gpg([...password, "-e", "-r", "exchange"], letter);
    assert.equal(refusal(both), "password_not_offered");
    assert.equal(refusal(gpg(["-s", "-u", "alice"], letter)), "not_encrypted");
    assert.equal(refusal(gpg(["-s", "-a", "-u", "alice"], letter)), "not_encrypted");
    assert.equal(refusal(gpg(["--clearsign", "-u", "alice"], letter)), "not_encrypted");
    assert.equal(refusal(gpg(["-b", "-a", "-u", "alice"], letter)), "not_encrypted");
    assert.equal(refusal(gpg(["--export", "alice"], "")), "key_block");
    assert.equal(refusal(gpg(["-a", "--export", "alice"], "")), "key_block");
    assert.equal(refusal(gpg(["--export-secret-keys", "alice"], "")), "secret_key_block");
    assert.equal(refusal(gpg(["-a", "--export-secret-keys", "alice"], "")), "secret_key_block");
    assert.equal(refusal(gpg(["--store"], letter)), "not_encrypted");
  });
});
