/**
 * The stream: WebSocket connections, their subscriptions and their bounds (docs/spec/api.md §4).
 *
 * Nothing is ever left out of a connection: every message has the next number, and a reader who
 * does not keep up is dropped with a code instead. What waits for readers is bounded for each and
 * for all together, and so is everything that a client may send.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { Channels, channels, topicKey, type Topic } from "./channels.ts";
import type { Mirror, News } from "./mirror.ts";
import { printProblem, sendProblem } from "./problem.ts";

/** Where it is. */
const path = "/v1/stream";
/** A client's message, its frames, and how many are waited for in pieces. */
const framing = { maxPayload: 1024, maxFragments: 4, maxBufferedChunks: 64 };
const subscriptionsMax = 64;
/** The window in which a client's messages are counted. */
const messagesMs = 10_000;
/** What waits for all readers together; beyond it each has its equal part. */
const waitingMax = 67_108_864;
/** When the relay stops, readers have this long to say farewell. */
const partingMs = 200;

/** Close codes of our own. */
const codes = { silent: 4000, slow: 4008, lost: 4009, many: 4029 } as const;

/** Bounds that a test sets lower. */
export type StreamLimits = {
  readonly connectionsMax: number;
  /** Bytes that wait for one reader. */
  readonly queueMax: number;
  readonly pingMs: number;
  /** The time in which a client must subscribe to something. */
  readonly silentMs: number;
  /** A dropped reader has this long to take what waits and the reason. */
  readonly farewellMs: number;
  /** Messages of one client within ten seconds. */
  readonly messagesMax: number;
};

const limitsDefault: StreamLimits = {
  connectionsMax: 2000,
  queueMax: 524_288,
  pingMs: 15_000,
  silentMs: 10_000,
  farewellMs: 2000,
  messagesMax: 40,
};

type Connection = {
  readonly socket: WebSocket;
  readonly keys: Set<string>;
  readonly silence: NodeJS.Timeout;
  /** The last message's number. */
  number: number;
  isAlive: boolean;
  /** Messages of the window that began then. */
  messages: number;
  since: number;
};

/** Whether a request is one for the stream; any other upgrade is passed over, as HTTP allows. */
export function isStreamRequest({ url = "" }: IncomingMessage): boolean {
  return url === path || url.startsWith(`${path}?`);
}

export class Stream {
  readonly #server: WebSocketServer;
  readonly #limits: StreamLimits;
  readonly #channels: Channels;
  readonly #connections: Set<Connection> = new Set();
  readonly #topics: Map<string, Set<Connection>> = new Map();
  readonly #pinging: NodeJS.Timeout;

  constructor(mirror: Mirror, limits: Partial<StreamLimits> = {}) {
    this.#limits = { ...limitsDefault, ...limits };
    this.#channels = new Channels(mirror);
    this.#server = new WebSocketServer({
      ...framing,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
    });
    mirror.listen((news) => this.#published(news));
    this.#pinging = setInterval(() => this.#ping(), this.#limits.pingMs);
    this.#pinging.unref();
  }

  /** Adds the route, and takes over the connections that are upgraded. */
  attach(app: FastifyInstance): void {
    app.get(path, (_request, reply) =>
      sendProblem(reply.header("upgrade", "websocket"), "upgrade_required", "Ask for an upgrade."),
    );
    app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      if (!isStreamRequest(request)) return refuse(socket, "path_unknown");
      if (this.#connections.size >= this.#limits.connectionsMax) {
        return refuse(socket, "streams_full");
      }
      this.#server.handleUpgrade(request, socket, head, (client) => this.#open(client));
    });
  }

  /** Ends every connection; who does not answer in time is not waited for. */
  async close(): Promise<void> {
    clearInterval(this.#pinging);
    const leaving = [...this.#connections];
    for (const connection of leaving) this.#forget(connection);
    const gone = leaving.map(
      ({ socket }) => new Promise((resolve) => socket.once("close", resolve)),
    );
    for (const { socket } of leaving) socket.close(1001);
    const late = setTimeout(() => {
      for (const { socket } of leaving) socket.terminate();
    }, partingMs);
    await Promise.all(gone);
    clearTimeout(late);
  }

  #open(socket: WebSocket): void {
    const silence = setTimeout(() => this.#drop(connection, codes.silent), this.#limits.silentMs);
    const connection: Connection = {
      socket,
      keys: new Set(),
      silence,
      number: 0,
      isAlive: true,
      messages: 0,
      since: 0,
    };
    this.#connections.add(connection);
    socket.on("pong", () => (connection.isAlive = true));
    socket.on("error", () => this.#forget(connection));
    socket.on("close", () => this.#forget(connection));
    socket.on("message", (data, isBinary) => {
      if (!this.#connections.has(connection)) return;
      if (isBinary || this.#isTooMany(connection)) this.#drop(connection, codes.many);
      else this.#take(connection, textOf(data));
    });
  }

  #isTooMany(connection: Connection): boolean {
    const now = performance.now();
    if (now - connection.since > messagesMs) {
      connection.since = now;
      connection.messages = 0;
    }
    connection.messages += 1;
    return connection.messages > this.#limits.messagesMax;
  }

  #forget(connection: Connection): void {
    clearTimeout(connection.silence);
    this.#connections.delete(connection);
    for (const key of connection.keys) this.#leave(connection, key);
  }

  #leave(connection: Connection, key: string): void {
    connection.keys.delete(key);
    const members = this.#topics.get(key);
    members?.delete(connection);
    if (members?.size === 0) this.#topics.delete(key);
  }

  /** Ends a connection: the code comes after what waits, if the reader still takes it in time. */
  #drop(connection: Connection, code: number): void {
    this.#forget(connection);
    connection.socket.close(code);
    setTimeout(() => connection.socket.terminate(), this.#limits.farewellMs).unref();
  }

  #take(connection: Connection, text: string): void {
    const asked = parseAsked(text);
    if (asked === undefined) {
      return this.#refuse(connection, "message_malformed", "Say subscribe and market.");
    }
    const { topic, after } = asked;
    const key = topicKey(topic);
    const about = { to: topic.channel, ...(topic.market === "" ? {} : { market: topic.market }) };
    if (!asked.wants) {
      this.#leave(connection, key);
      return this.#send(connection, said({ channel: "stream", type: "unsubscribed", ...about }));
    }
    if (!this.#channels.has(topic)) {
      return this.#refuse(connection, "market_unknown", "See /v1/markets.");
    }
    if (connection.keys.size >= subscriptionsMax && !connection.keys.has(key)) {
      const detail = `At most ${subscriptionsMax} on one connection.`;
      return this.#refuse(connection, "subscriptions_too_many", detail);
    }
    clearTimeout(connection.silence);
    const members = this.#topics.get(key) ?? new Set();
    this.#topics.set(key, members.add(connection));
    connection.keys.add(key);
    this.#send(connection, said({ channel: "stream", type: "subscribed", ...about }));
    this.#send(connection, this.#channels.first(topic, after));
  }

  #refuse(connection: Connection, code: string, detail: string): void {
    this.#send(connection, said({ channel: "stream", type: "refused", code, detail }));
  }

  #published(news: News): void {
    if (this.#connections.size > 0) this.#makeRoom();
    const messages = this.#channels.published(news, (key) => this.#topics.has(key));
    for (const { key, text } of messages) {
      for (const connection of this.#topics.get(key) ?? []) this.#send(connection, text);
    }
  }

  /** When too much waits for all together, whoever has more than an equal part is dropped. */
  #makeRoom(): void {
    let waiting = 0;
    for (const { socket } of this.#connections) waiting += socket.bufferedAmount;
    if (waiting <= waitingMax) return;
    const part = waitingMax / this.#connections.size;
    for (const connection of this.#connections) {
      if (connection.socket.bufferedAmount > part) this.#drop(connection, codes.slow);
    }
  }

  #send(connection: Connection, text: string): void {
    const { socket } = connection;
    if (!this.#connections.has(connection)) return;
    if (socket.bufferedAmount > this.#limits.queueMax) return this.#drop(connection, codes.slow);
    connection.number += 1;
    socket.send(`{"number":${connection.number},${text.slice(1)}`);
  }

  #ping(): void {
    for (const connection of this.#connections) {
      if (!connection.isAlive) {
        this.#drop(connection, codes.lost);
        continue;
      }
      connection.isAlive = false;
      connection.socket.ping();
    }
  }
}

function said(message: object): string {
  return JSON.stringify(message);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}

type Asked = {
  readonly wants: boolean;
  readonly topic: Topic;
  readonly after: number | undefined;
};

/** Reads a client's message. */
function parseAsked(text: string): Asked | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(read));
  const wants = fields.has("subscribe");
  const named = fields.get(wants ? "subscribe" : "unsubscribe");
  const channel = channels.find((each) => each === named);
  const [market, after] = [fields.get("market") ?? "", fields.get("after")];
  if (channel === undefined || typeof market !== "string") return undefined;
  if (after === undefined) return { wants, topic: { channel, market }, after };
  if (typeof after !== "number" || !Number.isSafeInteger(after) || after < 0) return undefined;
  return { wants, topic: { channel, market }, after };
}

/** A plain answer to an upgrade that is not made. */
function refuse(socket: Duplex, code: "path_unknown" | "streams_full"): void {
  const { status, body } = printProblem(code, "No WebSocket here now.");
  const head = [
    `HTTP/1.1 ${status} No`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), partingMs).unref();
}
