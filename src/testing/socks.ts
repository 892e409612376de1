/**
 * A SOCKS 5 server small enough to lie on demand: it notes whom it was asked for, knows names that
 * no other name server knows, and answers as a test says. The faithful ones in the tests are
 * microsocks, and this one without a word.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "./exchange.ts";

/** What it does in place of SOCKS, with a connection that was just opened. */
export type Trick = (socket: Socket) => void;

/** Whom a client asked for: a name as it came, or a number. */
export type Wanted = { readonly type: number; readonly host: string; readonly port: number };

export class TestSocks {
  readonly port: number;
  readonly wanted: Wanted[] = [];
  /** The names and passwords that clients made up. */
  readonly logins: string[] = [];
  /** Where a name's connections go. */
  readonly names: Map<string, number> = new Map();
  trick: Trick | undefined;
  /** What it says of every wish; 0: it connects. */
  reply = 0;
  asksForName = false;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  private constructor(port: number) {
    this.port = port;
    this.#server = createServer((socket) => {
      this.#hold(socket);
      if (this.trick) this.trick(socket);
      else void this.#serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(): Promise<TestSocks> {
    const socks = new TestSocks(await freePort());
    socks.#server.listen(socks.port, "127.0.0.1");
    await once(socks.#server, "listening");
    return socks;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }

  async #serve(socket: Socket): Promise<void> {
    const [, methods = 0] = await bytes(socket, 2);
    await bytes(socket, methods);
    socket.write(Buffer.of(5, this.asksForName ? 2 : 0));
    if (this.asksForName) {
      const [, length = 0] = await bytes(socket, 2);
      const name = await bytes(socket, length);
      const [wordLength = 0] = await bytes(socket, 1);
      this.logins.push(`${name.toString()}:${(await bytes(socket, wordLength)).toString()}`);
      socket.write(Buffer.of(1, 0));
    }
    const [, , , type = 0] = await bytes(socket, 4);
    const length = type === 3 ? ((await bytes(socket, 1))[0] ?? 0) : type === 1 ? 4 : 16;
    const address = await bytes(socket, length);
    const host = type === 3 ? address.toString() : [...address].join(".");
    const port = (await bytes(socket, 2)).readUInt16BE();
    this.wanted.push({ type, host, port });
    if (this.reply !== 0) return void socket.end(Buffer.of(5, this.reply, 0, 1, 0, 0, 0, 0, 0, 0));
    const there = connect(this.names.get(host) ?? port, "127.0.0.1");
    this.#hold(there);
    await once(there, "connect");
    socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    socket.pipe(there).pipe(socket);
  }
}

async function bytes(socket: Socket, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const part: unknown = socket.read(count);
    if (part instanceof Buffer) return part;
    if (socket.readableEnded) throw new Error("couldn't read on: the client hung up");
    await sleep(1);
  }
}
