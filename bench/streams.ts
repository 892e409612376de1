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
 * The first `prefill` commands build the books; they are hashed and not timed.
 */

export const headerBytes = 64;
export const recordBytes = 32;
const magic = 0x42534f31;

export const streamOp = { enter: 1, cancel: 2, move: 3, reduce: 4 } as const;
export const marketFlag = 1;

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

/** Reads a stream; throws if it is none. */
export function readStream(file: Uint8Array): Stream {
  // An aligned copy: words are read in place.
  const bytes = new Uint8Array(file);
  const view = new DataView(bytes.buffer);
  if (bytes.length < headerBytes || view.getUint32(0, true) !== magic) {
    throw new Error("couldn't read the stream: it begins with another magic");
  }
  const value = (name: (typeof headFields)[number]): number =>
    view.getUint32(8 + 4 * headFields.indexOf(name), true);
  const head = {
    commands: value("commands"),
    prefill: value("prefill"),
    instruments: value("instruments"),
    accounts: value("accounts"),
    maxOrderId: value("maxOrderId"),
    seed: value("seed"),
    minPrice: value("minPrice"),
    maxPrice: value("maxPrice"),
  };
  if (bytes.length !== headerBytes + recordBytes * head.commands) {
    throw new Error("couldn't read the stream: its length is not what its head says");
  }
  return { ...head, bytes, words: new Int32Array(bytes.buffer, headerBytes) };
}

/** Writes the head over the first 64 bytes. */
export function writeHead(bytes: Uint8Array, head: StreamHead): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, 1, true);
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
