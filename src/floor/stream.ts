/**
 * Order streams: the bytes on which independent engines agree, and the hash of what they trade.
 *
 *   header   64 bytes, u32 little endian: magic version commands prefill instruments accounts
 *            maxOrderId seed minPrice maxPrice 0 …
 *   record   32 bytes: u8 op side tif flags · u32 instrument order account price quantity seq 0
 *   op       1 new, 2 cancel, 3 move (another price, what is open stays), 4 reduce
 *   hash     two u32 lanes for each instrument over (taker, maker, price, quantity) of every trade,
 *            then folded in the order of instruments
 *
 * The first `prefill` commands build the books; they are hashed and not timed. A stream may come
 * from anywhere: what its head announces is bounded before anything is made for it, and every
 * record is checked against the head before it is played.
 */
import { accept, refuse, type Verdict } from "../codec/verdict.ts";

export const headerBytes = 64;
export const recordBytes = 32;
/** The first word of a stream, little endian. */
export const streamMagic = 0x42534f31;
const version = 1;

export const streamOp = { enter: 1, cancel: 2, move: 3, reduce: 4 } as const;
export const marketFlag = 1;
const tifMax = 3;

/** A market costs some 130 KiB before its first order, a balance 16 bytes. */
const instrumentsMax = 2048;
const accountsMax = 1_000_000;
const balancesMax = 4_000_000;

/** Refusals of a stream, in order of precedence. */
export const streamRefusals = [
  "stream_short",
  "stream_magic",
  "stream_version",
  "stream_head",
  "stream_too_large",
  "stream_length",
  "stream_record",
] as const;
/** A name from `streamRefusals`. */
export type StreamRefusal = (typeof streamRefusals)[number];

/** What a stream says of itself. */
export type StreamHead = {
  readonly commands: number;
  readonly prefill: number;
  readonly instruments: number;
  readonly accounts: number;
  readonly maxOrderId: number;
  readonly seed: number;
  readonly minPrice: number;
  readonly maxPrice: number;
};

const headFields = [
  "commands",
  "prefill",
  "instruments",
  "accounts",
  "maxOrderId",
  "seed",
  "minPrice",
  "maxPrice",
] as const;

/** A stream in memory. */
export type Stream = StreamHead & {
  readonly bytes: Uint8Array;
  /** The records, eight words each; the first four fields are the bytes of the first word. */
  readonly words: Int32Array;
};

/** Reads the first bytes of a stream of `size` bytes. */
export function readHead(first: Uint8Array, size: number): Verdict<StreamHead, StreamRefusal> {
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  if (size < headerBytes || first.length < headerBytes) {
    return refuse("stream_short", `It has ${size} bytes; the head alone has ${headerBytes}.`);
  }
  if (view.getUint32(0, true) !== streamMagic) {
    return refuse("stream_magic", "It does not begin as a stream does.");
  }
  const said = view.getUint32(4, true);
  if (said !== version) {
    return refuse("stream_version", `It is of version ${said}; this reads version ${version}.`);
  }
  const value = (name: (typeof headFields)[number]): number =>
    view.getUint32(8 + 4 * headFields.indexOf(name), true);
  const head: StreamHead = {
    commands: value("commands"),
    prefill: value("prefill"),
    instruments: value("instruments"),
    accounts: value("accounts"),
    maxOrderId: value("maxOrderId"),
    seed: value("seed"),
    minPrice: value("minPrice"),
    maxPrice: value("maxPrice"),
  };
  return checkHead(head, size);
}

function checkHead(head: StreamHead, size: number): Verdict<StreamHead, StreamRefusal> {
  const { commands, prefill, instruments, accounts, minPrice, maxPrice } = head;
  const sound =
    prefill <= commands && instruments > 0 && accounts > 0 && minPrice > 0 && minPrice <= maxPrice;
  if (!sound) return refuse("stream_head", `Its head contradicts itself: ${JSON.stringify(head)}.`);
  const balances = (instruments + 1) * accounts;
  if (instruments > instrumentsMax || accounts > accountsMax || balances > balancesMax) {
    const most = `${instrumentsMax} instruments, ${accountsMax} accounts, ${balancesMax} balances`;
    const has = `${instruments} instruments of ${accounts} accounts`;
    return refuse("stream_too_large", `It announces ${has}; at most ${most} are played.`);
  }
  const announced = headerBytes + recordBytes * commands;
  if (size !== announced) {
    const is = `It has ${size} bytes; ${commands} commands have ${announced}.`;
    return refuse("stream_length", is);
  }
  return accept(head);
}

/** Reads a whole stream. */
export function readStream(file: Uint8Array): Verdict<Stream, StreamRefusal> {
  const head = readHead(file.subarray(0, headerBytes), file.length);
  if (!head.ok) return head;
  // Words are read in place, which needs them aligned.
  const bytes = file.byteOffset % 4 === 0 ? file : new Uint8Array(file);
  const words = new Int32Array(
    bytes.buffer,
    bytes.byteOffset + headerBytes,
    commandWords(head.value),
  );
  const checked = checkRecords(head.value, words, 0);
  return checked.ok ? accept({ ...head.value, bytes, words }) : checked;
}

function commandWords({ commands }: StreamHead): number {
  return (commands * recordBytes) / 4;
}

/** Whether the records in `words`, of which the first is command `first`, are what they may be. */
export function checkRecords(
  head: StreamHead,
  words: Int32Array,
  first: number,
): Verdict<undefined, StreamRefusal> {
  for (let at = 0; at < words.length; at += 8) {
    if (isSound(head, words, at)) continue;
    const text = Array.from(words.subarray(at, at + 8), (word) => word >>> 0).join(" ");
    const number = first + at / 8 + 1;
    return refuse("stream_record", `Command ${number} is none that its head allows: ${text}.`);
  }
  return accept(undefined);
}

function isSound(head: StreamHead, words: Int32Array, at: number): boolean {
  const codes = words[at] ?? 0;
  const op = codes & 0xff;
  const flags = codes >>> 24;
  const id = (words[at + 2] ?? 0) >>> 0;
  const price = (words[at + 4] ?? 0) >>> 0;
  const priced = op === streamOp.move || (op === streamOp.enter && flags !== marketFlag);
  const counted = op === streamOp.enter || op === streamOp.reduce;
  return (
    op >= streamOp.enter &&
    op <= streamOp.reduce &&
    ((codes >> 8) & 0xff) <= 1 &&
    ((codes >> 16) & 0xff) <= tifMax &&
    flags <= marketFlag &&
    (words[at + 1] ?? 0) >>> 0 < head.instruments &&
    id > 0 &&
    id <= head.maxOrderId &&
    (words[at + 3] ?? 0) >>> 0 < head.accounts &&
    (!priced || (price >= head.minPrice && price <= head.maxPrice)) &&
    (!counted || (words[at + 5] ?? 0) !== 0)
  );
}

/** Writes the head over the first 64 bytes. */
export function writeHead(bytes: Uint8Array, head: StreamHead): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, streamMagic, true);
  view.setUint32(4, version, true);
  headFields.forEach((name, i) => view.setUint32(8 + 4 * i, head[name], true));
}

/** The hash of all trades. */
export class TradeHash {
  trades = 0;
  declare private readonly lanes: Int32Array;

  constructor(instruments: number) {
    this.lanes = new Int32Array(instruments * 2);
    for (let i = 0; i < instruments; i += 1) {
      this.lanes[2 * i] = 0x811c9dc5;
      this.lanes[2 * i + 1] = 0x2545f491;
    }
  }

  trade(instrument: number, taker: number, maker: number, price: number, lots: number): void {
    this.trades += 1;
    let one = this.lanes[instrument << 1] ?? 0;
    let two = this.lanes[(instrument << 1) + 1] ?? 0;
    one = Math.imul(one ^ taker, 0x01000193);
    two = Math.imul(((two << 13) | (two >>> 19)) ^ taker, 0x9e3779b1);
    one = Math.imul(one ^ maker, 0x01000193);
    two = Math.imul(((two << 13) | (two >>> 19)) ^ maker, 0x9e3779b1);
    one = Math.imul(one ^ price, 0x01000193);
    two = Math.imul(((two << 13) | (two >>> 19)) ^ price, 0x9e3779b1);
    one = Math.imul(one ^ lots, 0x01000193);
    two = Math.imul(((two << 13) | (two >>> 19)) ^ lots, 0x9e3779b1);
    this.lanes[instrument << 1] = one;
    this.lanes[(instrument << 1) + 1] = two;
  }

  digest(): string {
    let one = 0x811c9dc5;
    let two = 0x2545f491;
    for (const lane of this.lanes) {
      one = Math.imul(one ^ lane, 0x01000193);
      two = Math.imul(((two << 13) | (two >>> 19)) ^ lane, 0x9e3779b1);
    }
    return [one, two].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
