/**
 * `fetch` through a SOCKS 5 proxy (RFC 1928): Tor's, `ssh -D`, any other. A host's name is handed
 * to the proxy as it stands and never looked up here, so that `.onion` names work and nobody on the
 * way learns them. Nothing goes around the proxy: whatever it does not do is a failure.
 *
 * Every relay gets a name and a password made up for this run, if the proxy asks for one: Tor then
 * uses a circuit of its own for each, and no two relays see the same exit (its documentation:
 * IsolateSOCKSAuth). Each request has a connection of its own; redirects are not followed.
 *
 * What the proxy says is bounded and read strictly:
 *
 *   05 02 00 02 → 05 METHOD      02: 01 LENGTH NAME LENGTH WORD → 01 00
 *   05 01 00 TYPE ADDRESS PORT → 05 REPLY 00 TYPE ADDRESS PORT
 */
import { randomBytes } from "node:crypto";
import { request, type IncomingMessage } from "node:http";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { parseWhole } from "../money/amount.ts";
import { ProxyFailed } from "./client.ts";

/** Where a proxy listens. */
export type SocksProxy = { readonly host: string; readonly port: number };

/** Circuits to hidden services take their time. */
const handshakeMsDefault = 30_000;
const nameLengthMax = 255;

/**
 * The proxy at `HOST:PORT`. HOST is a number or `localhost`: any other name would have to be looked
 * up outside the proxy.
 */
export function readSocks(text: string): SocksProxy | undefined {
  const [, bracketed, plain, digits = ""] =
    /^(?:socks5h?:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+|localhost)):([0-9]{1,5})$/.exec(text) ??
    [];
  const host = bracketed ?? (plain === "localhost" ? "127.0.0.1" : plain) ?? "";
  const port = parseWhole(digits);
  if (isIP(host) === 0 || port === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

type Target = { readonly host: string; readonly port: number };

/** A `fetch` that knows no other way than the proxy. */
export function fetchThrough(
  proxy: SocksProxy,
  handshakeMs: number = handshakeMsDefault,
): typeof fetch {
  const logins = new Map<string, string>();
  return async (input, init) => {
    const asked = new Request(input, init);
    const { signal } = asked;
    const url = new URL(asked.url);
    const isTls = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const target = { host, port: Number(url.port) || (isTls ? 443 : 80) };
    const login = logins.get(url.host) ?? randomBytes(8).toString("hex");
    logins.set(url.host, login);
    const body = asked.body === null ? undefined : new Uint8Array(await asked.arrayBuffer());
    const socket = connect({ host: proxy.host, port: proxy.port });
    // Whoever waits for something hears of it there; later the request does.
    socket.on("error", () => undefined);
    const limit = AbortSignal.timeout(handshakeMs);
    const end = (): unknown => socket.destroy();
    for (const each of [signal, limit]) each.addEventListener("abort", end, { once: true });
    try {
      signal.throwIfAborted();
      await shakeHands(socket, { target, login });
      limit.removeEventListener("abort", end);
      const stream = isTls ? await secured(socket, host) : socket;
      return await ask(stream, asked, body);
    } catch (cause) {
      socket.destroy();
      signal.throwIfAborted();
      if (limit.aborted) throw new ProxyFailed(`did nothing for ${handshakeMs / 1000} s`);
      throw cause;
    }
  };
}

/** A connection through the proxy for what is not HTTP; it was not read from yet. */
export async function connectThrough(
  proxy: SocksProxy,
  target: Target,
  handshakeMs: number = handshakeMsDefault,
): Promise<Socket> {
  const socket = connect({ host: proxy.host, port: proxy.port });
  socket.on("error", () => undefined);
  const limit = setTimeout(() => socket.destroy(), handshakeMs);
  try {
    await shakeHands(socket, { target, login: randomBytes(8).toString("hex") });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw cause;
  } finally {
    clearTimeout(limit);
  }
}

async function shakeHands(
  socket: Socket,
  { target, login }: { readonly target: Target; readonly login: string },
): Promise<void> {
  const address = addressOf(target);
  await once(socket, "connect", () => new ProxyFailed("does not answer"));
  await whileReading(socket, async (take) => {
    socket.write(Uint8Array.of(5, 2, 0, 2));
    await identify(socket, take, login);
    socket.write(Buffer.concat([Buffer.of(5, 1, 0), address]));
    await readReply(take);
  });
}

async function identify(socket: Socket, take: Take, login: string): Promise<void> {
  const [version, method] = await take(2);
  if (version !== 5) throw new ProxyFailed("is none: what answers does not speak SOCKS 5");
  if (method === 2) {
    const word = Buffer.from(login, "ascii");
    socket.write(Buffer.concat([Buffer.of(1, word.length), word, Buffer.of(word.length), word]));
    const [, status] = await take(2);
    if (status !== 0) throw new ProxyFailed("wants a name and a password, which are not supported");
  } else if (method !== 0) {
    throw new ProxyFailed("wants to know who we are in a way that is not supported");
  }
}

async function readReply(take: Take): Promise<void> {
  const [again, reply = 1, reserved, type] = await take(4);
  const lengths: ReadonlyMap<number | undefined, number> = new Map([
    [1, 4],
    [4, 16],
  ]);
  if (again !== 5 || reserved !== 0) throw new ProxyFailed("answers what SOCKS 5 does not have");
  // Some break off after the reason.
  if (reply !== 0)
    throw new Error(`the SOCKS proxy says: ${reasons.get(reply) ?? `no (${reply})`}`);
  const length = type === 3 ? (await take(1))[0] : lengths.get(type);
  if (length === undefined) throw new ProxyFailed("answers what SOCKS 5 does not have");
  await take(length + 2);
}

const reasons: ReadonlyMap<number, string> = new Map([
  [1, "it did not work"],
  [2, "it is not allowed to go there"],
  [3, "the network cannot be reached"],
  [4, "the host cannot be reached"],
  [5, "nobody listens there"],
  [6, "it took too long"],
  [7, "it does not connect anybody"],
  [8, "it does not know this kind of address"],
]);

/** Numbers as numbers, names as they are. */
function addressOf({ host, port }: Target): Buffer {
  const tail = Buffer.of(port >> 8, port & 255);
  if (isIP(host) === 4) return Buffer.concat([Buffer.of(1, ...host.split(".").map(Number)), tail]);
  if (isIP(host) === 6) return Buffer.concat([Buffer.of(4), sixteen(host), tail]);
  const name = Buffer.from(host, "ascii");
  if (name.length > nameLengthMax) throw new Error("the host's name is too long");
  return Buffer.concat([Buffer.of(3, name.length), name, tail]);
}

/** An IPv6 address as a URL has it: hex groups, at most one `::`. */
function sixteen(host: string): Buffer {
  const [head = [], tail = []] = host
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** Waits for one event; its end or error before that is the failure. */
async function once(socket: Socket, event: string, failure: () => Error): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const events = ["error", "end", "close"];
    const clear = (): void => {
      socket.off(event, done);
      for (const name of events) socket.off(name, broken);
    };
    const done = (): void => {
      clear();
      resolve();
    };
    const broken = (): void => {
      clear();
      reject(failure());
    };
    socket.once(event, done);
    for (const name of events) socket.once(name, broken);
  });
}

/** Gives exactly so many bytes, one wish after the other. */
type Take = (bytes: number) => Promise<Uint8Array>;

/**
 * Reads while the handshake lasts; what came after it goes back to whoever reads next. (Waiting for
 * `readable` instead would spin while a part of what is wanted lies there.)
 */
async function whileReading(socket: Socket, work: (take: Take) => Promise<void>): Promise<void> {
  let held = Buffer.alloc(0);
  const hungUp = (): Error => new ProxyFailed("hung up");
  const hold = (part: Buffer): void => {
    held = Buffer.concat([held, part]);
  };
  socket.on("data", hold);
  await work(async (bytes) => {
    while (held.length < bytes) {
      if (socket.destroyed || socket.readableEnded) throw hungUp();
      await once(socket, "data", hungUp);
    }
    const part = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return part;
  });
  socket.pause().off("data", hold);
  if (held.length > 0) socket.unshift(held);
}

async function secured(socket: Socket, host: string): Promise<Socket> {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const stream = connectTls({ socket, host, ...servername });
  let cause: Error | undefined;
  stream.on("error", (error) => (cause = error));
  await once(stream, "secureConnect", () => cause ?? new Error("the connection broke off"));
  return stream;
}

async function ask(
  stream: Socket,
  asked: Request,
  body: Uint8Array | undefined,
): Promise<Response> {
  const { method, signal } = asked;
  const { host, pathname, search } = new URL(asked.url);
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  const headers = { accept: "*/*", ...Object.fromEntries(asked.headers), host, ...length };
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = pathname + search;
    // Without an agent, or the agent would connect by itself, around the proxy.
    const sent = request({ createConnection: () => stream, method, path, headers });
    sent.once("response", resolve).once("error", reject);
    // The handshake left it paused.
    sent.once("socket", () => stream.resume());
    sent.end(body);
  });
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599 || (status >= 300 && status < 400)) {
    throw new Error(`it answers with status ${status}`);
  }
  const said = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) said.set(name, String(value));
  const isEmpty = status === 204 || status === 205 || method === "HEAD";
  if (isEmpty) incoming.resume();
  return new Response(isEmpty ? null : streamOf(incoming, signal), { status, headers: said });
}

function streamOf(incoming: IncomingMessage, signal: AbortSignal): ReadableStream<Uint8Array> {
  const parts: AsyncIterator<unknown> = incoming[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (to) => {
      try {
        const { value, done } = await parts.next();
        if (value instanceof Uint8Array) to.enqueue(value);
        if (done === true) to.close();
      } catch (cause) {
        to.error(signal.aborted ? signal.reason : cause);
      }
    },
    cancel: () => {
      incoming.destroy();
    },
  });
}
