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
 *
 * A request costs us more than its sender, so each connection has one that is being answered. One
 * that comes behind it waits until that answer is taken; with a third the connection ends. Of
 * answers that are not taken yet, the bytes of all together are bounded: whoever has more than an
 * equal part, and has had it longest, goes.
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
  /** Bytes of all answers that are not taken yet. */
  readonly untakenMax: number;
  /** Requests that wait for the reply to their letter. */
  readonly waitingMax: number;
};

/** The usual bounds. */
export const limitsDefault: ConnectionLimits = {
  connectionsMax: 6000,
  headMs: 10_000,
  requestMs: 30_000,
  takeMs: 60_000,
  takeBytes: 32,
  untakenMax: 268_435_456,
  waitingMax: 2000,
};

/** Of the files that the process may open, this part at most is for connections. */
const filesPart = 0.8;
const sweepMs = 1000;
/** What is not taken is counted no oftener than this: it takes a look at every connection. */
const countMs = 25;

/** A request that came whole as far as its head, and who makes the answer. */
type Asked = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: () => void;
};
type Held = { readonly request: IncomingMessage; readonly response: ServerResponse; end: number };

/** Answers whose bytes are there once for all. */
const shared: WeakSet<ServerResponse> = new WeakSet();

/** Says that an answer's bytes cost no memory of their own. */
export function markShared(response: ServerResponse): void {
  shared.add(response);
}

/** Holds all connections of one server. */
export class Connections {
  readonly #max: number;
  readonly #limits: ConnectionLimits;
  /** In the order in which they fell idle. */
  readonly #idle: Set<Socket> = new Set();
  /** In the order of their requests. */
  readonly #busy: Map<Socket, Held> = new Map();
  /** What came behind the request that is being answered. */
  readonly #next: Map<Socket, Asked> = new Map();
  readonly #all: Set<Socket> = new Set();
  #countedAt = -Infinity;
  readonly #sweeping: NodeJS.Timeout;

  constructor(server: Server, limits: ConnectionLimits) {
    this.#max = Math.min(limits.connectionsMax, Math.floor(filesMost() * filesPart));
    this.#limits = limits;
    server.on("connection", (socket: Socket) => this.#come(socket));
    // In the application's place: it hears of a request when it is that one's turn.
    const listeners = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const words = [request, response];
      const answer = (): void => listeners.forEach((each) => Reflect.apply(each, server, words));
      this.#ask({ request, response, answer });
    });
    // Nobody else would count what is answered before it is a request.
    server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) =>
      this.#ask({ request, response, answer: () => void response.writeHead(417).end() }),
    );
    // From here on stream.ts counts it.
    server.on("upgrade", ({ socket }: IncomingMessage) => {
      if (this.#busy.has(socket)) socket.destroy();
      this.#leave(socket);
    });
    this.#sweeping = setInterval(() => this.#sweep(), Math.min(limits.takeMs, sweepMs));
    this.#sweeping.unref();
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  #come(socket: Socket): void {
    if (this.#all.size >= this.#max) {
      const last = this.#longest();
      this.#end(last ?? socket);
      if (last === undefined) return;
    }
    this.#all.add(socket);
    this.#idle.add(socket);
    socket.once("close", () => this.#forget(socket));
  }

  #ask(asked: Asked): void {
    const { socket } = asked.request;
    // It was ended, and this came in the same piece.
    if (!this.#all.has(socket)) return;
    if (!this.#busy.has(socket)) this.#begin(asked);
    else if (!this.#next.has(socket)) this.#next.set(socket, asked);
    else this.#end(socket);
  }

  #begin({ request, response, answer }: Asked): void {
    const { socket } = request;
    this.#makeRoom();
    this.#idle.delete(socket);
    this.#busy.set(socket, { request, response, end: 0 });
    response.once("close", () => {
      this.#busy.delete(socket);
      const next = this.#next.get(socket);
      this.#next.delete(socket);
      if (next !== undefined && socket.writable) this.#begin(next);
      else if (this.#all.has(socket)) this.#idle.add(socket);
    });
    answer();
  }

  /** Of answers that are not taken yet there is only so much. */
  #makeRoom(): void {
    const now = performance.now();
    if (now < this.#countedAt + countMs) return;
    this.#countedAt = now;
    const untaken = [...this.#busy].map(
      ([socket, held]) => [socket, untakenOf(socket, held)] as const,
    );
    let sum = untaken.reduce((before, [, bytes]) => before + bytes, 0);
    const part = sum / untaken.length;
    for (const [socket, bytes] of untaken) {
      if (sum <= this.#limits.untakenMax) return;
      if (bytes < part) continue;
      sum -= bytes;
      this.#end(socket);
    }
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
    this.#next.delete(socket);
  }

  /** Its place is free at once, not only when the system has closed it. */
  #end(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#leave(socket);
    this.#all.delete(socket);
  }

  /** Ends whoever does not take an answer. */
  #sweep(): void {
    this.#makeRoom();
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

/** Bytes of an answer that wait here for its reader. */
function untakenOf(socket: Socket, { response }: Held): number {
  if (shared.has(response)) return 0;
  return Math.max(socket.writableLength, response.writableLength);
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
