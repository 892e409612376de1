/** Sealed letters as stock GnuPG makes them, the same letter however it is framed, and garbage. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as fc from "fast-check";
import { fromAscii } from "../codec/bytes.ts";
import { runs } from "../testing/runs.ts";
import { armor, dearmor } from "./armor.ts";
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

type Slow = { readonly tag: number; readonly body: readonly number[] };

/** Packets read the slow way, octet by octet after RFC 9580 §4.2, sharing nothing with the reader. */
function slowPackets(bytes: Uint8Array): readonly Slow[] {
  const queue = [...bytes];
  const take = (count: number): number[] => queue.splice(0, count);
  const integer = (octets: number[]): number => Number(`0x${Buffer.from(octets).toString("hex")}`);
  const packets: Slow[] = [];
  while (queue.length > 0) {
    const [octet = 0] = take(1);
    if ((octet & 64) === 0) {
      const size = integer(take([1, 2, 4][octet & 3] ?? 0));
      packets.push({ tag: (octet & 60) / 4, body: take(size) });
      continue;
    }
    const body: number[] = [];
    for (let more = true; more;) {
      const [first = 0] = take(1);
      more = first > 223 && first < 255;
      if (more) body.push(...take(2 ** (first - 224)));
      else if (first === 255) body.push(...take(integer(take(4))));
      else if (first > 191) body.push(...take((first - 192) * 256 + integer(take(1)) + 192));
      else body.push(...take(first));
    }
    packets.push({ tag: octet & 63, body });
  }
  return packets;
}

function slowRef(bytes: Uint8Array): string {
  const data = slowPackets(bytes).filter(({ tag }) => tag === 18);
  assert.equal(data.length, 1);
  return createHash("sha256")
    .update(Buffer.from(data[0]?.body ?? []))
    .digest("hex");
}

/** New-format framing of one packet; with `parts`, that many octets of each partial length first. */
function frame({ tag, body }: Slow, parts: readonly number[] = []): number[] {
  const framed = [0xc0 | tag];
  const rest = [...body];
  for (const bits of parts) {
    if (rest.length < 2 ** bits) break;
    framed.push(0xe0 | bits, ...rest.splice(0, 2 ** bits));
  }
  const size = Buffer.alloc(4);
  size.writeUInt32BE(rest.length);
  return [...framed, 255, ...size, ...rest];
}

/** Every way of framing the same packets that a carrier may choose. */
function reframings(binary: Uint8Array): readonly Uint8Array[] {
  const packets = slowPackets(binary);
  const keys = packets.slice(0, -1).flatMap((packet) => frame(packet));
  const data = packets.at(-1);
  assert.ok(data !== undefined);
  const chosen = [[], [9], [9, 0, 1, 2], [10, 9, 0, 0, 5]];
  return chosen.map((parts) => Uint8Array.from([...keys, ...frame(data, parts)]));
}

const hasGpg = spawnSync("gpg", ["--version"]).status === 0;

describe("stock GnuPG", { skip: hasGpg ? false : "gpg is not installed" }, () => {
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

  test("a dropped recipient, other framing and other armor leave the ref as it is, and it opens", () => {
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

/** A session key and sealed data that are whole, though they open to nothing. */
const synthetic = fc
  .tuple(
    fc.uint8Array({ minLength: 20, maxLength: 99 }),
    fc.uint8Array({ minLength: 41, maxLength: 2000 }),
  )
  .map(([key, data]) =>
    Uint8Array.from([
      ...frame({ tag: 1, body: [3, ...key] }),
      ...frame({ tag: 18, body: [1, ...data] }),
    ]),
  );

test("whatever the framing, the same packets have the same ref", () => {
  fc.assert(
    fc.property(synthetic, (binary) => {
      const ref = slowRef(binary);
      for (const bytes of [binary, ...reframings(binary)]) {
        assert.equal(accepted(bytes).ref, ref);
        const armored = armor(bytes);
        assert.deepEqual(dearmor(armored), { ok: true, value: bytes });
        assert.equal(accepted(fromAscii(armored)).ref, ref);
      }
    }),
    { numRuns: runs(60) },
  );
});

test("a letter cut short anywhere is refused", () => {
  fc.assert(
    fc.property(synthetic, fc.nat(), (binary, at) => {
      const cut = binary.subarray(0, at % binary.length);
      assert.notEqual(refusal(cut), "accepted");
    }),
    { numRuns: runs(500) },
  );
});

test("garbage is refused, and never throws", () => {
  const piece = fc.oneof(
    fc.constantFrom("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----", "\n", "\r\n", "="),
    fc.constantFrom("-----BEGIN PGP PRIVATE KEY BLOCK-----", "Version: x", "AAAA", " ", "signet/1"),
    fc.constantFrom(
      "\u00c1\u00e9",
      "\u00d2",
      "\u00ff",
      "\u0003",
      "\u0084\u000d",
      "\u00ef\u00bb\u00bf",
    ),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  const garbage = fc.array(piece, { maxLength: 20 });
  fc.assert(
    fc.property(garbage, (pieces) => {
      assert.notEqual(refusal(Buffer.from(pieces.join(""), "latin1")), "accepted");
    }),
    { numRuns: runs(3000) },
  );
});

test("a bit flipped anywhere is refused or still frames the same data", () => {
  fc.assert(
    fc.property(synthetic, fc.nat(), fc.nat({ max: 7 }), (binary, at, bit) => {
      const flipped = Uint8Array.from(binary);
      const place = at % flipped.length;
      flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
      const verdict = readEnvelope(flipped);
      if (verdict.ok) assert.equal(verdict.value.ref, slowRef(flipped));
    }),
    { numRuns: runs(500) },
  );
});
