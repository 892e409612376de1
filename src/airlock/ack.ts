/**
 * An acknowledgement: how far the receiving half has one lane on disk (docs/spec/airlock.md §2).
 *
 *   signet-ack/1 LF lane … LF epoch … LF next … LF chain … LF have … LF at … LF LF BASE64 LF
 *
 * The signature is over the lines up to and with `at`, each with its LF. `have` lists what lies
 * aside beyond a gap, in ascending ranges, or is `-`; it is a hint to the sender, never a promise.
 */
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import { digest, type Digest } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { ackBytesMax, type Sign, type Verify, windowMax } from "./lane.ts";

/** Payload numbers, both ends included. */
export type Range = { readonly from: number; readonly to: number };

export type Ack = {
  readonly lane: string;
  readonly epoch: number;
  readonly next: number;
  readonly chain: Digest;
  readonly have: readonly Range[];
  readonly at: Time;
};

/** In order of precedence. */
export const ackRefusals = [
  "size_invalid",
  "form_invalid",
  "lane_other",
  "signature_invalid",
  "epoch_other",
] as const;
export type AckRefusal = (typeof ackRefusals)[number];

const pattern = new RegExp(
  "^(signet-ack/1\nlane ([a-z0-9-]{1,32})\nepoch ([1-9][0-9]{0,14})\nnext ([1-9][0-9]{0,14})\n" +
    "chain ([0-9a-f]{64})\nhave (-|[0-9 -]{3,2500})\nat ([0-9TZ:.-]{24})\n)\n" +
    "([A-Za-z0-9+/]{86}==)\n$",
);

/** The text of an acknowledgement. */
export function printAck(ack: Ack, sign: Sign): string {
  const ranges = ack.have.slice(0, windowMax).map(({ from, to }) => `${from}-${to}`);
  const text =
    `signet-ack/1\nlane ${ack.lane}\nepoch ${ack.epoch}\nnext ${ack.next}\nchain ${ack.chain}\n` +
    `have ${ranges.length === 0 ? "-" : ranges.join(" ")}\nat ${printTime(ack.at)}\n`;
  return `${text}\n${toBase64(sign(Buffer.from(text, "latin1")))}\n`;
}

/** The acknowledgement, if it is one of this lane and epoch. */
export function parseAck(
  bytes: Uint8Array,
  expected: { readonly lane: string; readonly epoch: number; readonly verify: Verify },
): Verdict<Ack, AckRefusal> {
  if (bytes.length > ackBytesMax) return refuse("size_invalid", "an ack is at most 4,096 bytes");
  const match = pattern.exec(Buffer.from(bytes).toString("latin1"));
  const [text = "", lane = "", epoch, next, chain = "", haveText = "", atText = "", base64 = ""] =
    match?.slice(1) ?? [];
  const have = parseRanges(haveText);
  const at = parseTime(atText);
  const signature = fromBase64(base64);
  if (match === null || have === undefined || at === undefined || signature === undefined) {
    return refuse("form_invalid", "it does not have the form of signet-ack/1");
  }
  if (lane !== expected.lane) return refuse("lane_other", `it is of lane ${lane}`);
  if (!expected.verify(Buffer.from(text, "latin1"), signature)) {
    return refuse("signature_invalid", "the signature is not that of the receiving half");
  }
  if (Number(epoch) !== expected.epoch) return refuse("epoch_other", `it is of epoch ${epoch}`);
  const value = { lane, epoch: Number(epoch), next: Number(next), chain: digest(chain), have, at };
  return accept(value);
}

function parseRanges(text: string): readonly Range[] | undefined {
  if (text === "-") return [];
  const ranges: Range[] = [];
  let last = 0;
  for (const part of text.split(" ")) {
    const match = /^([1-9]\d{0,14})-([1-9]\d{0,14})$/.exec(part);
    if (match === null) return undefined;
    const range = { from: Number(match[1]), to: Number(match[2]) };
    if (range.from <= last || range.to < range.from) return undefined;
    last = range.to;
    ranges.push(range);
  }
  return ranges.length > windowMax ? undefined : ranges;
}
