/**
 * Surreptitious forwarding: an order that Alice signed and sealed, with stock GnuPG, for another
 * exchange, whose operator unwraps it and seals it to us. GnuPG names no intended recipient, so the
 * signature is good and the letter opens; the text itself, which names the exchange it is for, must
 * have it refused.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fingerprint } from "../../codec/names.ts";
import { time } from "../../codec/time.ts";
import { parseLetter } from "../../letter/parse.ts";
import { printLetter } from "../../letter/print.ts";
import { readCertificate, type Certificate } from "../../seal/certificate.ts";
import { newExchange, open, type Exchange } from "../../seal/attacks/forge.ts";
import { message, targetOf } from "../../seal/attacks/wire.ts";
import { unseal } from "../../seal/unseal.ts";
import { writePacket } from "../../seal/packets.ts";
import { GpgCustomer, gpgBytes } from "../../testing/gpg.ts";

let [ours, theirs]: Exchange[] = [];
let alice: GpgCustomer;
let certificate: Certificate;
before(async () => {
  const made = time(Date.now() - 60_000);
  [ours, theirs] = [await newExchange(made), await newExchange(made)];
  alice = GpgCustomer.create();
  alice.import(theirs.certificate.key.armor());
  const read = await readCertificate(
    Buffer.from(alice.certificate(), "base64"),
    time(Date.now() + 1000),
  );
  assert.ok(read.ok);
  certificate = read.value;
});

after(() => alice.remove());

test("an order for another exchange, sealed on to us", async () => {
  assert.ok(ours && theirs);
  const at = time(Date.now() + 5000);
  const other = fingerprint(theirs.keys.fingerprint);
  const order = printLetter({ exchange: other, seq: 1, by: time(at + 60_000), commands: ["NOOP"] });
  const text = typeof order === "string" ? order : "";
  const sealed = alice.seal(text, theirs.keys.fingerprint, ["-z", "0"]);
  // What their operator holds once it is opened: the signed message, without its seal.
  const key = theirs.keys.key;
  const inside = await unseal(new Uint8Array(sealed), { key, bytesMax: 1e5, contentMax: 1e5 });
  assert.ok(inside.ok);
  const signature = inside.value.signatures[0]?.body;
  assert.ok(signature);
  const literal = writePacket(11, new Uint8Array([0x62, 0, 0, 0, 0, 0, ...inside.value.bytes]));
  const issuer = Buffer.from(alice.fingerprint.slice(24), "hex");
  const hash = signature[3] ?? 0;
  const head = writePacket(4, new Uint8Array([3, 0, hash, 22, ...issuer, 1]));
  const again = new Uint8Array([...head, ...literal, ...writePacket(2, signature)]);
  const forwarded = message(again, targetOf(ours.certificate.key));
  const opened = await open(forwarded, ours, { registered: [{ certificate }], at });
  assert.ok(opened.kind === "opened", "the signature cannot tell");
  const letter = parseLetter(opened.text, ours.keys.fingerprint);
  assert.ok(!letter.ok);
  assert.equal(letter.name, "exchange_wrong");
  assert.ok(parseLetter(opened.text, other).ok, "it was a good order there");
});

test("GnuPG names no recipient in what it signs", () => {
  assert.ok(theirs);
  const sealed = alice.seal("x\n", theirs.keys.fingerprint);
  const listed = gpgBytes(alice.home, ["--list-packets", "--list-only"], sealed).toString();
  assert.doesNotMatch(listed, /subpkt 35/);
});
