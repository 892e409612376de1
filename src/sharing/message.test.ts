/** The note's format: one text for one message, and whatever comes is read or refused by name. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { fromAscii } from "../codec/bytes.ts";
import { addressOf, hashOf } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import { decodeNote, encodeNote } from "../log/note.ts";
import { testKey, testSigner } from "../testing/publisher.ts";
import { offerOf, person } from "../testing/ringminer.ts";
import { runs } from "../testing/runs.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { isSealedAuth, isSignedShare, printShare, readShare, type Share } from "./message.ts";
import { shareRefusals } from "./refusals.ts";

const plain = { noNullPrototype: true };
const signer = testSigner("alder", testKey(1));
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => addressOf(bytes));
const name = fc.stringMatching(/^[a-z0-9-]{1,28}$/);
const amount = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n });
const told = {
  domain: fc.record({ chainId: fc.bigInt({ min: 1n, max: 10n ** 15n }), contract: address }, plain),
  by: fc.constant("alder"),
  at: fc.nat(2_000_000_000_000).map(time),
};
const order = fc
  .tuple(address, address, amount, amount, fc.boolean())
  .filter(([sell, buy]) => sell !== buy)
  .map(([sellToken, buyToken, sellAmount, buyAmount, allOrNone]) => {
    const fields = { sellToken, buyToken, sellAmount, buyAmount, allOrNone };
    return offerOf(person("Alice"), person("Bob"), fields).order;
  });
const offered = {
  ...told,
  order,
  signature: fc
    .uint8Array({ minLength: 64, maxLength: 200 })
    .map((bytes) => (bytes.length === 65 ? bytes.with(64, 27).with(32, 1) : bytes)),
};
const auth = fc
  .uint8Array({ minLength: 30, maxLength: 300 })
  .map((bytes) => Buffer.from([0xc1, ...bytes]).toString("base64"));
const share: fc.Arbitrary<Share> = fc.oneof(
  fc.record({ kind: fc.constant("unmatchable" as const), ...offered, room: name }, plain),
  fc.record(
    {
      kind: fc.constant("matchable" as const),
      ...offered,
      miner: address,
      auth: fc.option(auth, { nil: undefined }),
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constant("withdrawal" as const),
      ...told,
      to: fc.oneof(
        name.map((room) => ({ kind: "room" as const, room })),
        address.map((miner) => ({ kind: "miner" as const, miner })),
      ),
      hash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hashOf(bytes)),
    },
    plain,
  ),
);

test("what is printed is read, and printed again it is the same", () => {
  fc.assert(
    fc.property(share, (message) => {
      const note = printShare(message, signer);
      const read = readShare(decodeNote(encodeNote(note)) ?? "");
      ok(read.ok, JSON.stringify(read.ok ? "" : read));
      deepEqual(read.value, message);
      equal(isSignedShare(note, signer, verifyEd25519).ok, true);
      equal(printShare(read.value, signer), note);
    }),
    { numRuns: runs(100) },
  );
});

test("a note with anything changed is refused by name", () => {
  const place = fc.nat(5000);
  const change = fc.constantFrom("", "x", "\n", " ", "0", "auth ", "\n\n", "\u2014");
  fc.assert(
    fc.property(share, place, change, (message, where, inserted) => {
      const note = printShare(message, signer);
      const at = where % note.length;
      const bent = `${note.slice(0, at)}${inserted}${note.slice(at + 1)}`;
      if (bent === note) return;
      const read = readShare(bent);
      if (!read.ok) return ok(shareRefusals.includes(read.name));
      // Read all the same: then the signature is not of this text, or names nobody's key.
      const signed = isSignedShare(bent, signer, verifyEd25519);
      ok(!signed.ok || printShare(read.value, signer) === note);
    }),
    { numRuns: runs(300) },
  );
});

test("no bytes break the reader, and no room ever gets an auth key", () => {
  const line = fc.constantFrom(
    "signet-share/1 order",
    "signet-share/1 withdrawal",
    "to room x",
    "auth wUA=",
    "order {}",
    "chain 1",
    "by a",
    "",
    "\u2014 a AAAA",
  );
  const lines = fc.array(fc.oneof(line, fc.string()), { maxLength: 14 });
  const text = fc.oneof(
    fc.string(),
    lines.map((all) => all.join("\n")),
  );
  fc.assert(
    fc.property(text, (garbage) => {
      const read = readShare(garbage);
      ok(!read.ok && shareRefusals.includes(read.name));
    }),
    { numRuns: runs(300) },
  );
});

test("an auth key in clear has not the form of a sealed one", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(key, (bytes) => {
      const hex = Buffer.from(bytes).toString("hex");
      for (const clear of [hex, `0x${hex}`, Buffer.from(fromAscii(hex)).toString("base64")]) {
        equal(isSealedAuth(clear), false);
      }
    }),
    { numRuns: runs(100) },
  );
});
