/**
 * Armor that says more than its block: headers that make tools treat it otherwise (Hash:, Charset),
 * two blocks, text around it, line ends of NUL, form feed or CR only, a byte order mark, dashes of
 * Unicode, a binary message with armor in it and the other way round. At the door such a thing is
 * refused by name; what is let in is exactly the one message, and it opens on every path.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { concat, equalBytes, fromAscii } from "../../codec/bytes.ts";
import { armor } from "../../letter/armor.ts";
import { readEnvelope } from "../../letter/envelope.ts";
import {
  content,
  newCustomer,
  newExchange,
  now,
  open,
  text,
  type Customer,
  type Exchange,
} from "../../seal/attacks/forge.ts";
import { message, targetOf } from "../../seal/attacks/wire.ts";

let exchange: Exchange;
let alice: Customer;
let binary: Uint8Array;
let block: string;
before(async () => {
  [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  binary = message(content({ by: alice.key }), targetOf(exchange.certificate.key));
  block = armor(binary);
});

const begin = "-----BEGIN PGP MESSAGE-----";
const end = "-----END PGP MESSAGE-----";

/** The name of the refusal, or `in` if it is the one message and opens. */
async function outcome(posted: string | Uint8Array): Promise<string> {
  const bytes = typeof posted === "string" ? new Uint8Array(Buffer.from(posted)) : posted;
  const envelope = readEnvelope(bytes);
  if (!envelope.ok) return envelope.name;
  assert.ok(equalBytes(envelope.value.binary, binary), "no other message comes out");
  const opened = await open(envelope.value.binary, exchange, { registered: [alice] });
  assert.ok(opened.kind === "opened");
  assert.equal(opened.text, text);
  return "in";
}

async function expectEach(cases: readonly (readonly [string, string | Uint8Array, string])[]) {
  for (const [label, posted, expected] of cases) {
    assert.equal(await outcome(posted), expected, label);
  }
}

const withHeader = (line: string): string => block.replace(`${begin}\n`, `${begin}\n${line}\n`);

test("headers", async () => {
  await expectEach([
    ["none", block, "in"],
    ["Comment", withHeader("Comment: hello"), "in"],
    ["Version", withHeader("Version: 1"), "in"],
    ["Hash", withHeader("Hash: SHA256"), "armor_malformed"],
    ["Hash after Comment", withHeader("Comment: a\nHash: MD5"), "armor_malformed"],
    ["MessageID", withHeader("MessageID: 1"), "armor_malformed"],
    ["NotDashEscaped", withHeader("NotDashEscaped: yes"), "armor_malformed"],
    ["no colon", withHeader("Comment"), "armor_malformed"],
    ["folded", withHeader("Comment: a\n b"), "armor_malformed"],
    ["a block in a comment", withHeader(`Comment: ${begin}`), "in"],
    ["text in a header's place", withHeader("BUY|GLD/BTC|1|1"), "armor_malformed"],
    ["no blank line", block.replace("\n\n", "\n"), "armor_malformed"],
  ]);
});

test("two blocks, and text around one", async () => {
  const other = armor(message(content({ by: alice.key }), targetOf(exchange.certificate.key)));
  const clear = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nBUY\n${block}`;
  const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n";
  await expectEach([
    ["twice", block + block, "armor_malformed"],
    ["two", block + other, "armor_malformed"],
    ["one in the other", block.replace(end, other + end), "armor_malformed"],
    ["text before", `Dear exchange,\n${block}`, "armor_malformed"],
    ["text behind", `${block}Yours\n`, "armor_malformed"],
    ["blank lines around", `\n\n${block}\n\n`, "in"],
    ["a clear-signed head", clear, "not_encrypted"],
    ["a key before", key + block, "key_block"],
    ["a key behind", block + key, "key_block"],
    ["no end", block.slice(0, block.indexOf(end)), "armor_malformed"],
    ["another end", block.replace("END PGP MESSAGE", "END PGP SIGNATURE"), "armor_malformed"],
    ["parts of a message", block.replaceAll("MESSAGE", "MESSAGE, PART 1/2"), "armor_malformed"],
  ]);
});

test("line ends and characters that are none", async () => {
  const lines = block.split("\n");
  const middle = (put: string): string => lines.with(3, `${lines[3] ?? ""}${put}`).join("\n");
  await expectEach([
    ["CR LF", block.replaceAll("\n", "\r\n"), "in"],
    ["blanks at line ends", block.replaceAll("\n", " \t\n"), "in"],
    ["CR only", block.replaceAll("\n", "\r"), "armor_malformed"],
    ["NUL for LF", block.replaceAll("\n", "\0"), "armor_malformed"],
    ["form feed for LF", block.replaceAll("\n", "\f"), "armor_malformed"],
    ["vertical tab for LF", block.replaceAll("\n", "\v"), "armor_malformed"],
    ["next line for LF", block.replaceAll("\n", "\u0085"), "armor_malformed"],
    ["line separator for LF", block.replaceAll("\n", "\u2028"), "armor_malformed"],
    ["NUL inside", middle("\0"), "armor_malformed"],
    ["form feed inside", middle("\f"), "armor_malformed"],
    ["CR inside", middle("\rAAAA"), "armor_malformed"],
    ["a blank inside", middle(" AAAA"), "armor_malformed"],
    ["a byte order mark", `\ufeff${block}`, "armor_malformed"],
    ["a mark before the base64", block.replace("\n\n", "\n\n\ufeff"), "armor_malformed"],
    ["no-break space", block.replace("PGP MESSAGE", "PGP\u00a0MESSAGE"), "not_openpgp"],
    ["hyphens", block.replaceAll("-----", "\u2010\u2010\u2010\u2010\u2010"), "not_openpgp"],
    ["dashes", block.replaceAll("-----", "\u2014\u2014"), "not_openpgp"],
    ["minus signs", block.replaceAll("-----", "\u2212".repeat(5)), "not_openpgp"],
    ["escaped", `- ${block}`, "armor_malformed"],
    ["zero-width", block.replace("BEGIN", "BE\u200bGIN"), "not_openpgp"],
    ["UTF-16", new Uint8Array(Buffer.from(block, "utf16le")), "not_openpgp"],
  ]);
});

test("base64 that means two things", async () => {
  const lines = block.trimEnd().split("\n");
  const last = lines.length - 3;
  const body = (put: (line: string) => string): string =>
    `${lines.with(last, put(lines[last] ?? "")).join("\n")}\n`;
  await expectEach([
    ["another checksum", block.replace(/\n=.{4}\n/, "\n=AAAA\n"), "in"],
    ["none", block.replace(/\n=.{4}\n/, "\n"), "in"],
    ["two checksums", block.replace(/\n(=.{4})\n/, "\n$1\n$1\n"), "armor_malformed"],
    ["data behind the checksum", block.replace(/\n(=.{4})\n/, "\n$1\nAAAA\n"), "armor_malformed"],
    ["padding in the middle", block.replace("\n\n", "\n\nAA==\n"), "armor_malformed"],
    ["URL alphabet", body((line) => `-_${line.slice(2)}`), "armor_malformed"],
    ["other characters", body((line) => `*${line.slice(1)}`), "armor_malformed"],
    ["a digit left over", body((line) => `${line.replace(/=*$/, "")}A`), "armor_malformed"],
    ["nothing", `${begin}\n\n=twTO\n${end}\n`, "armor_malformed"],
    ["a million lines", `${begin}\n\n${"A\n".repeat(1_000_000)}${end}\n`, "too_large"],
  ]);
});

test("polyglots", async () => {
  await expectEach([
    ["binary, then armor", concat([binary, fromAscii(block)]), "trailing_data"],
    ["armor, then binary", concat([fromAscii(block), binary]), "armor_malformed"],
    ["armor of armor", armor(fromAscii(block)), "not_openpgp"],
    ["a letter before", `signet/1 ${"0".repeat(40)}\n${block}`, "not_encrypted"],
    ["HTML", `<!-- ${block} -->`, "armor_malformed"],
    ["a script", `#!/bin/sh\n${block}`, "armor_malformed"],
    ["mail", `From: alice\nSubject: x\n\n${block}`, "armor_malformed"],
    ["MIME", `Content-Type: multipart/encrypted\n\n--x\n${block}\n--x--`, "armor_malformed"],
    ["PDF", `%PDF-1.4\n${block}`, "armor_malformed"],
    ["JSON", JSON.stringify({ letter: block }), "armor_malformed"],
  ]);
});
