/** Bundles and acknowledgements: the published cases, every refusal among them, and garbage. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { AssertionFailed } from "../codec/assert.ts";
import { digest } from "../codec/names.ts";
import { runs } from "../testing/runs.ts";
import { type Ack, ackRefusals, parseAck, printAck } from "./ack.ts";
import { bundleRefusals, decodeBundle, encodeBundle } from "./bundle.ts";
import {
  bundleBytesMax,
  chainAfter,
  laneStart,
  parseBundleName,
  payloadBytesMax,
  printBundleName,
  signer,
  verifier,
} from "./lane.ts";

type Keys = { readonly seed: string; readonly publicKey: string };
type BundleCase = {
  readonly file: string;
  readonly bytes: string;
  readonly bundle: {
    readonly lane: string;
    readonly epoch: number;
    readonly first: number;
    readonly previous: string;
    readonly payloads: readonly string[];
  };
};
type Refused = { readonly what: string; readonly refusal: string };
type Vectors = {
  readonly keys: { readonly sender: Keys; readonly receiver: Keys };
  readonly chain: readonly { readonly payload: string; readonly chain: string }[];
  readonly bundles: {
    readonly accepted: readonly BundleCase[];
    readonly refused: readonly (Refused & { readonly bytes: string })[];
  };
  readonly acks: {
    readonly accepted: readonly { readonly text: string; readonly ack: Ack }[];
    readonly refused: readonly (Refused & { readonly text: string })[];
  };
};

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../vectors/airlock.json", import.meta.url), "utf8"),
);
const { sender, receiver } = vectors.keys;
const lane = "dock-1";
const epoch = 1;

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

/** The private key of a seed, in the fixed frame of PKCS #8 (RFC 8410). */
function keyOf(seed: string): KeyObject {
  const key = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex");
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

const bySender = { lane, epoch, verify: verifier(hex(sender.publicKey)) };
const byReceiver = { lane, epoch, verify: verifier(hex(receiver.publicKey)) };

test("the keys are those of their seeds", () => {
  for (const { seed, publicKey } of [sender, receiver]) {
    const spki = createPublicKey(keyOf(seed)).export({ format: "der", type: "spki" });
    equal(spki.subarray(-32).toString("hex"), publicKey);
  }
});

test("the published bundles and acknowledgements say what is said there", () => {
  let { chain } = laneStart;
  for (const step of vectors.chain) {
    chain = chainAfter(chain, hex(step.payload));
    equal(chain, step.chain);
  }
  for (const { file, bytes, bundle } of vectors.bundles.accepted) {
    const decoded = decodeBundle(hex(bytes), bySender);
    ok(decoded.ok);
    const { payloads, ...head } = decoded.value;
    deepEqual({ ...head, payloads: payloads.map((p) => Buffer.from(p).toString("hex")) }, bundle);
    equal(
      Buffer.from(encodeBundle(decoded.value, signer(keyOf(sender.seed)))).toString("hex"),
      bytes,
    );
    equal(printBundleName({ ...head, count: payloads.length }), file);
    deepEqual(parseBundleName(file), { lane, epoch, first: head.first, count: payloads.length });
  }
  for (const { text, ack } of vectors.acks.accepted) {
    const parsed = parseAck(Buffer.from(text, "latin1"), byReceiver);
    ok(parsed.ok);
    deepEqual(parsed.value, ack);
    equal(printAck(parsed.value, signer(keyOf(receiver.seed))), text);
  }
});

test("every published refusal is refused by that name, and every name is among them", () => {
  const shown = new Set<string>();
  for (const { what, bytes, refusal } of vectors.bundles.refused) {
    const decoded = decodeBundle(hex(bytes), bySender);
    equal(decoded.ok ? "accepted" : decoded.name, refusal, what);
    shown.add(refusal);
  }
  const large = decodeBundle(new Uint8Array(bundleBytesMax + 1), bySender);
  deepEqual(large.ok ? "accepted" : large.name, "size_invalid");
  deepEqual([...shown, "size_invalid"].sort(), [...bundleRefusals].sort());
  shown.clear();
  for (const { what, text, refusal } of vectors.acks.refused) {
    const parsed = parseAck(Buffer.from(text, "latin1"), byReceiver);
    equal(parsed.ok ? "accepted" : parsed.name, refusal, what);
    shown.add(refusal);
  }
  deepEqual([...shown].sort(), [...ackRefusals].sort());
});

test("a bundle or acknowledgement with any bit changed is refused, whatever its name", () => {
  const [first] = vectors.bundles.accepted;
  const [ack] = vectors.acks.accepted;
  ok(first !== undefined && ack !== undefined);
  const bundle = hex(first.bytes);
  for (let bit = 0; bit < bundle.length * 8; bit += 1) {
    const harmed = bundle.slice();
    harmed[bit >> 3] = (harmed[bit >> 3] ?? 0) ^ (1 << (bit % 8));
    ok(!decodeBundle(harmed, bySender).ok, `bit ${bit} of the bundle`);
  }
  const text = Buffer.from(ack.text, "latin1");
  for (let bit = 0; bit < text.length * 8; bit += 1) {
    const harmed = Uint8Array.from(text);
    harmed[bit >> 3] = (harmed[bit >> 3] ?? 0) ^ (1 << (bit % 8));
    ok(!parseAck(harmed, byReceiver).ok, `bit ${bit} of the acknowledgement`);
  }
});

test("garbage is refused by name, also when the signature would be good", () => {
  const any = { lane, epoch, verify: () => true };
  const head = fc.constantFrom(
    "signet-bundle/1\nlane dock-1\nepoch 1\nfirst 7\ncount 2\n",
    "signet-ack/1\nlane dock-1\nepoch 1\nnext 7\n",
    "",
  );
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const bytes = Buffer.concat([Buffer.from(start), rest]);
      const bundle = decodeBundle(bytes, any);
      ok(bundle.ok || bundleRefusals.includes(bundle.name));
      const ack = parseAck(bytes, any);
      ok(ack.ok || ackRefusals.includes(ack.name));
    }),
    { numRuns: runs(1000) },
  );
  const body = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 256 }), body, (count, payloads) => {
      const text =
        `signet-bundle/1\nlane dock-1\nepoch 1\nfirst 7\ncount ${count}\n` +
        `previous ${"0".repeat(64)}\nbytes ${payloads.length}\n\n`;
      const bytes = Buffer.concat([Buffer.from(text), payloads, new Uint8Array(64)]);
      const decoded = decodeBundle(bytes, any);
      if (decoded.ok) equal(decoded.value.payloads.length, count);
      else ok(["head_invalid", "count_invalid"].includes(decoded.name));
    }),
    { numRuns: runs(1000) },
  );
});

test("what may not be sent is our mistake", () => {
  const sign = signer(keyOf(sender.seed));
  const previous = digest("0".repeat(64));
  const attempt = (payloads: readonly Uint8Array[]) => () =>
    encodeBundle({ lane, epoch, first: 1, previous, payloads }, sign);
  throws(attempt([]), AssertionFailed);
  throws(attempt(Array.from({ length: 257 }, () => new Uint8Array(1))), AssertionFailed);
  throws(attempt([new Uint8Array(payloadBytesMax + 1)]), AssertionFailed);
  throws(attempt([new Uint8Array(payloadBytesMax), new Uint8Array(1 << 20)]), AssertionFailed);
  const largest = [new Uint8Array(payloadBytesMax), new Uint8Array((1 << 20) - 512)];
  ok(decodeBundle(attempt(largest)(), bySender).ok, "what may be sent is taken");
});
