/**
 * nodejs-order-book, the best-known order book in TypeScript, on one-instrument streams: its bare
 * book, without accounts.
 */
import { createRequire } from "node:module";
import { processSeconds } from "./gauge.ts";
import { streamOp, type Stream } from "../src/floor/stream.ts";

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
/** The peer. */
export type Peer = { readonly OrderBook: new () => PeerBook };

/** The peer; a development dependency. */
export function loadPeer(): Peer {
  // Its types need packages that it does not bring.
  return createRequire(import.meta.url)(peerName);
}

/** Plays a stream; a move is a cancel and a new order, as the book has no other. */
export function playPeer(peer: Peer, stream: Stream): number {
  const book = new peer.OrderBook();
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
