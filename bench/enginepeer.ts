/**
 * nodejs-order-book, the best-known order book in TypeScript, on one-instrument streams: its bare
 * book, without accounts. It plays in a process of its own, started as its users would (plain
 * `node`), because the floor's is started with options that are the floor's.
 *
 * `fork` of this file with a stream's name: plays whenever it is sent something, and answers with
 * processor seconds, those of collecting garbage included.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { streamOp, type Stream } from "../src/floor/stream.ts";
import { processSeconds } from "./gauge.ts";
import { soundStream } from "./soundstream.ts";

const peerName = "nodejs-order-book";

type Answer = { readonly done: readonly unknown[] };
type PeerBook = {
  limit(order: {
    readonly id: string;
    readonly side: string;
    readonly size: number;
    readonly price: number;
    readonly timeInForce: string;
  }): Answer;
  cancel(id: string): { readonly order: { readonly size: number } } | undefined;
};
type Library = { readonly OrderBook: new () => PeerBook };

/** The peer in its process. */
export class Peer {
  readonly #child: ChildProcess;

  constructor(stream: string) {
    const { GLIBC_TUNABLES: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
    this.#child = fork(import.meta.filename, [stream], { execArgv: [], env });
  }

  /** Plays the stream once more: processor seconds of its timed part. */
  async play(): Promise<number> {
    const answer = once(this.#child, "message");
    const ended = once(this.#child, "exit").then(() => {
      throw new Error(`couldn't play the stream on ${peerName}`);
    });
    this.#child.send("play");
    const [seconds] = await Promise.race([answer, ended]);
    return Number(seconds);
  }

  end(): void {
    this.#child.disconnect();
  }
}

/** Plays a stream; a move is a cancel and a new order, as the book has no other. */
function playPeer(library: Library, stream: Stream): number {
  const book = new library.OrderBook();
  let started = 0;
  for (let i = 0; i < stream.commands; i += 1) {
    if (i === stream.prefill) started = processSeconds();
    const first = i << 3;
    const codes = stream.words[first] ?? 0;
    const id = String(stream.words[first + 2] ?? 0);
    const price = stream.words[first + 4] ?? 0;
    const what = codes & 0xff;
    const side = ((codes >> 8) & 0xff) === 0 ? "buy" : "sell";
    if (what === streamOp.enter) {
      const timeInForce = ((codes >> 16) & 0xff) === 1 ? "IOC" : "GTC";
      const size = stream.words[first + 5] ?? 0;
      book.limit({ id, side, size, price, timeInForce });
    } else {
      const cancelled = book.cancel(id);
      if (what === streamOp.move && cancelled !== undefined) {
        const { size } = cancelled.order;
        book.limit({ id, side, size, price, timeInForce: "GTC" });
      }
    }
  }
  return processSeconds() - started;
}

if (process.argv[1] === import.meta.filename) {
  const stream = soundStream(process.argv[2] ?? "", { say: () => undefined });
  // Its types need packages that it does not bring.
  const library: Library = createRequire(import.meta.url)(peerName);
  process.on("message", () => process.send?.(playPeer(library, stream)));
}
