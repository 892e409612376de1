/**
 * The relay's connections, bounded in number and in time (docs/spec/api.md §9). A full house must
 * not lock out who comes with a request: whoever holds a connection and asks nothing makes room.
 *
 *   idle      no whole head of a request is here: just come, between two requests, or dripping
 *   sending   the head is here, the body is not whole
 *   taking    the answer is given and not taken
 *   asking    the request is whole, the answer is being made: never dropped for others
 *   streams   WebSockets, which stream.ts bounds: never dropped for others
 *
 * Who comes when all are taken is let in for the one that was idle longest; if nobody idles, for
 * the longest that is sending, then taking; if there is none, it is turned away. Nothing is kept
 * of who they are.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

/** Bounds that a test sets lower. */
export type ConnectionLimits = {
  readonly connectionsMax: number;
  /** Until the head of a request is here; also between two requests: whoever is silent goes. */
  readonly headMs: number;
  /** Until a request is here whole, with its body. */
  readonly requestMs: number;
  /** Until an answer is taken whole: this, and more for a large one. */
  readonly takeMs: number;
  /** For so many bytes of it a millisecond more. */
  readonly takeBytes: number;
};

/** The usual bounds. */
export const limitsDefault: ConnectionLimits = {
  connectionsMax: 6000,
  headMs: 10_000,
  requestMs: 30_000,
  takeMs: 60_000,
  takeBytes: 32,
};

/** Of the files that the process may open, this part at most is for connections. */
const filesPart = 0.8;
const sweepMs = 1000;

type Held = { readonly request: IncomingMessage; readonly response: ServerResponse; end: number };

/** Holds all connections of one server. */
export class Connections {
  readonly #max: number;
  readonly #limits: ConnectionLimits;
  /** In the order in which they fell idle. */
  readonly #idle: Set<Socket> = new Set();
  /** In the order of their requests. */
  readonly #busy: Map<Socket, Held> = new Map();
  readonly #all: Set<Socket> = new Set();
  readonly #sweeping: NodeJS.Timeout;

  constructor(server: Server, limits: ConnectionLimits) {
    this.#max = Math.min(limits.connectionsMax, Math.floor(filesMost() * filesPart));
    this.#limits = limits;
    server.on("connection", (socket: Socket) => this.#come(socket));
    // Before the application, which may answer at once.
    server.prependListener("request", (request: IncomingMessage, response: ServerResponse) =>
      this.#ask(request, response),
    );
    // From here on stream.ts counts it.
    server.on("upgrade", ({ socket }: IncomingMessage) => this.#leave(socket));
    this.#sweeping = setInterval(() => this.#sweep(), Math.min(limits.takeMs, sweepMs));
    this.#sweeping.unref();
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #come(socket: Socket): void {
    if (this.#all.size >= this.#max) {
      const last = this.#longest();
      // Its place is free at once, not only when the system has closed it.
      this.#forget(last ?? socket);
      (last ?? socket).destroy();
      if (last === undefined) return;
    }
    this.#all.add(socket);
    this.#idle.add(socket);
    socket.once("close", () => this.#forget(socket));
  }

  #ask(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (!this.#all.has(socket)) return;
    this.#idle.delete(socket);
    this.#busy.set(socket, { request, response, end: 0 });
    response.once("close", () => {
      // Of requests that came behind each other the last one speaks for the connection.
      if (this.#busy.get(socket)?.response !== response) return;
      this.#busy.delete(socket);
      if (this.#all.has(socket)) this.#idle.add(socket);
    });
  }

  #longest(): Socket | undefined {
    const [idle] = this.#idle;
    if (idle !== undefined) return idle;
    let taking: Socket | undefined;
    for (const [socket, { request, response }] of this.#busy) {
      if (!request.complete) return socket;
      if (response.writableEnded) taking ??= socket;
    }
    return taking;
  }

  /** Stays in the count of all, and is dropped for nobody. */
  #leave(socket: Socket): void {
    this.#idle.delete(socket);
    this.#busy.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#leave(socket);
    this.#all.delete(socket);
  }

  /** Ends whoever does not take an answer. */
  #sweep(): void {
    const now = performance.now();
    const { takeMs, takeBytes } = this.#limits;
    for (const [socket, held] of this.#busy) {
      if (!held.response.writableEnded) continue;
      const waiting = Math.max(socket.writableLength, held.response.writableLength);
      if (held.end === 0) held.end = now + takeMs + waiting / takeBytes;
      else if (held.end < now) socket.destroy();
    }
  }
}

/** How many files this process may open, where the system tells. */
function filesMost(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const [, soft = ""] = /^Max open files +(\d+) /m.exec(limits) ?? [];
    return soft === "" ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
