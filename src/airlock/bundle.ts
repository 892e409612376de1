/**
 * A bundle: consecutive payloads of one lane, signed by the sending half (docs/spec/airlock.md §1).
 *
 *   signet-bundle/1 LF lane … LF epoch … LF first … LF count … LF previous … LF bytes … LF LF
 *   count × (length 4, payload) | Ed25519 signature 64, over everything before it
 *
 * `bytes` is the size of the payloads with their lengths. `previous` is the chain before the first
 * payload. Decoding checks in the order size, head, signature, count: nothing behind a head is
 * looked at, and nothing of a payload, before the peer is known to have written it.
 */
import { assert } from "../codec/assert.ts";
import { digest, type Digest } from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import {
  bundleBytesMax,
  headBytesMax,
  isLaneName,
  payloadBytesMax,
  payloadsMax,
  type Sign,
  signatureBytes,
  type Verify,
} from "./lane.ts";

export type Bundle = {
  readonly lane: string;
  readonly epoch: number;
  readonly first: number;
  readonly previous: Digest;
  readonly payloads: readonly Uint8Array[];
};

/** In order of precedence. */
export const bundleRefusals = [
  "size_invalid",
  "head_invalid",
  "lane_other",
  "epoch_other",
  "signature_invalid",
  "count_invalid",
] as const;
export type BundleRefusal = (typeof bundleRefusals)[number];

const headPattern = new RegExp(
  "^signet-bundle/1\nlane ([a-z0-9-]{1,32})\nepoch ([1-9][0-9]{0,14})\nfirst ([1-9][0-9]{0,14})\n" +
    "count ([1-9][0-9]{0,2})\nprevious ([0-9a-f]{64})\nbytes ([1-9][0-9]{0,7})\n\n$",
);

/** The bytes of a bundle. */
export function encodeBundle(bundle: Bundle, sign: Sign): Uint8Array {
  const { lane, epoch, first, previous, payloads } = bundle;
  assert(isLaneName(lane), "a lane has a name");
  assert(
    payloads.length >= 1 && payloads.length <= payloadsMax,
    "a bundle holds 1 to 256 payloads",
  );
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const payload of payloads) {
    assert(payload.length <= payloadBytesMax, "a payload is at most 9 MiB");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(payload.length);
    parts.push(length, payload);
    size += 4 + payload.length;
  }
  const head =
    `signet-bundle/1\nlane ${lane}\nepoch ${epoch}\nfirst ${first}\ncount ${payloads.length}\n` +
    `previous ${previous}\nbytes ${size}\n\n`;
  const signed = Buffer.concat([Buffer.from(head, "latin1"), ...parts]);
  assert(signed.length + signatureBytes <= bundleBytesMax, "a bundle is at most 10 MiB");
  return Buffer.concat([signed, sign(signed)]);
}

/** The bundle, if it is one of this lane and epoch. Payloads are views of `bytes`. */
export function decodeBundle(
  bytes: Uint8Array,
  expected: { readonly lane: string; readonly epoch: number; readonly verify: Verify },
): Verdict<Bundle, BundleRefusal> {
  if (bytes.length > bundleBytesMax) return refuse("size_invalid", "a bundle is at most 10 MiB");
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const headEnd = whole.subarray(0, headBytesMax).indexOf("\n\n") + 2;
  const match = headPattern.exec(whole.toString("latin1", 0, headEnd));
  if (match === null) return refuse("head_invalid", "the head is not that of signet-bundle/1");
  const [lane = "", epoch, first, count, previous = "", size] = match.slice(1);
  const signedEnd = whole.length - signatureBytes;
  if (headEnd + Number(size) !== signedEnd) {
    return refuse("head_invalid", `the head says ${size} bytes of payloads, which is not so`);
  }
  if (lane !== expected.lane) return refuse("lane_other", `it is of lane ${lane}`);
  if (Number(epoch) !== expected.epoch) return refuse("epoch_other", `it is of epoch ${epoch}`);
  if (!expected.verify(whole.subarray(0, signedEnd), whole.subarray(signedEnd))) {
    return refuse("signature_invalid", "the signature is not that of the sending half");
  }
  const payloads = payloadsIn(whole.subarray(headEnd, signedEnd), Number(count));
  if (payloads === undefined) {
    return refuse("count_invalid", `${count} payloads do not fill the bundle`);
  }
  return accept({
    lane,
    epoch: Number(epoch),
    first: Number(first),
    previous: digest(previous),
    payloads,
  });
}

function payloadsIn(bytes: Buffer, count: number): readonly Uint8Array[] | undefined {
  if (count > payloadsMax) return undefined;
  const payloads: Uint8Array[] = [];
  let at = 0;
  while (payloads.length < count) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    if (length > payloadBytesMax || at > bytes.length) return undefined;
    payloads.push(bytes.subarray(at - length, at));
  }
  return at === bytes.length ? payloads : undefined;
}
