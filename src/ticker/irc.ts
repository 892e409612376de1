/**
 * One IRC connection (RFC 2812, as much as a bot needs): it registers, joins one channel, says
 * lines at a pace that no server takes for a flood, and hands on what is said there. It comes back
 * after every loss. What a server sends is bounded; what goes out is one line, whatever it holds.
 */
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { chatLine } from "../market/chat.ts";
import { rest } from "./run.ts";

/** Bytes of one line that a server may send; RFC 2812 has 512, tags make it longer. */
const lineMax = 8704;
/** Nothing heard for so long: a question; for twice as long: the connection is lost. */
const quietMs = 90_000;
const backMsMax = 60_000;

export type IrcOptions = {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly channel: string;
  readonly nick: string;
  readonly password: string | undefined;
  /** Milliseconds between lines; the first few of a burst go at once. */
  readonly paceMs: number;
  /** How the server is reached: directly, or through a proxy. */
  readonly dial: (host: string, port: number) => Promise<Socket>;
  readonly say: (sentence: string) => void;
  /** A line of the channel. */
  readonly onLine: (text: string) => void;
};

/** Goes to the server itself. */
export async function dialDirectly(host: string, port: number): Promise<Socket> {
  const socket = connectPlain(port, host);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  return socket;
}

/** Lines that may go out at once after a pause. */
const burst = 4;

export class IrcConnection {
  readonly #options: IrcOptions;
  #socket: Socket | undefined;
  #nick: string;
  #isJoined = false;
  #waiting: (() => void)[] = [];
  /** When the next line may go out, if lines were evenly spaced. */
  #due = 0;

  constructor(options: IrcOptions) {
    this.#options = options;
    this.#nick = options.nick;
  }

  /** Connects, again and again, until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    for (let back = 1000; !signal.aborted; back = Math.min(back * 2, backMsMax)) {
      const reason = await this.#live(signal);
      if (this.#isJoined) back = 1000;
      this.#isJoined = false;
      this.#socket = undefined;
      if (signal.aborted) return;
      this.#options.say(`not in ${this.#options.channel}: ${reason}; trying again`);
      await rest(back, signal);
    }
  }

  /** Resolves when the channel is joined. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.#isJoined) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** Says a line in the channel, at its pace; a line for a connection that is lost is lost. */
  async sayInChannel(text: string, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#due = Math.max(this.#due, now - burst * this.#options.paceMs) + this.#options.paceMs;
    if (this.#due > now) await rest(this.#due - now, signal);
    if (this.#isJoined) this.#send(`PRIVMSG ${this.#options.channel} :${chatLine(text)}`);
  }

  /** One connection from beginning to end; gives the reason of its end. */
  async #live(signal: AbortSignal): Promise<string> {
    const { host, port, tls, dial } = this.#options;
    try {
      const plain = await dial(host, port);
      if (signal.aborted) {
        plain.destroy();
        return "stopped";
      }
      if (!tls) return await this.#speak(plain, signal);
      const secured = connectTls({ socket: plain, servername: isIP(host) === 0 ? host : "" });
      secured.once("secureConnect", () => this.#greet());
      return await this.#speak(secured, signal);
    } catch (cause) {
      return cause instanceof Error ? cause.message : "it could not be reached";
    }
  }

  #greet(): void {
    const { password } = this.#options;
    if (password !== undefined) this.#send(`PASS ${password}`);
    this.#send(`NICK ${this.#nick}`);
    this.#send("USER signet 0 * :Signet ticker");
  }

  #speak(socket: Socket, signal: AbortSignal): Promise<string> {
    this.#socket = socket;
    this.#nick = this.#options.nick;
    return new Promise((resolve) => {
      let [buffer, reason] = ["", "the server closed the connection"];
      const end = (why: string): void => {
        reason = why;
        socket.destroy();
      };
      const leave = (): void => {
        this.#send("QUIT :stopped");
        socket.end();
        end("stopped");
      };
      signal.addEventListener("abort", leave, { once: true });
      socket.setEncoding("latin1").setTimeout(quietMs);
      let isAsked = false;
      socket.on("timeout", () => {
        if (isAsked) end("nothing was heard for long");
        isAsked = true;
        this.#send("PING :signet");
      });
      socket.on("data", (data) => {
        isAsked = false;
        const lines = (buffer + String(data)).split(/\r?\n/);
        buffer = lines.pop() ?? "";
        for (const line of lines) {
          const wrong = line.length > lineMax ? "a line without end" : this.#hear(line);
          if (wrong !== undefined) return end(wrong);
        }
        if (buffer.length > lineMax) end("a line without end");
      });
      socket.on("error", (cause) => (reason = cause.message));
      socket.once("close", () => {
        signal.removeEventListener("abort", leave);
        resolve(reason);
      });
      // A proxy's handshake leaves it paused.
      socket.resume();
      if (!this.#options.tls) this.#greet();
    });
  }

  /** One line of the server; gives a reason to leave it, if there is one. */
  #hear(line: string): string | undefined {
    const { channel, onLine } = this.#options;
    const [, from = "", command = "", rest = ""] =
      /^(?:@[^ ]+ +)?(?::([^ ]+) +)?([A-Za-z]+|\d{3})(?: +(.*))?$/.exec(line) ?? [];
    const [middle = "", ...texts] = ` ${rest}`.split(" :");
    const words = middle.trim().split(/ +/);
    const text = texts.join(" :");
    switch (command.toUpperCase()) {
      case "PING":
        this.#send(`PONG :${chatLine(text === "" ? (words[0] ?? "") : text)}`);
        return undefined;
      case "001":
        this.#send(`JOIN ${channel}`);
        return undefined;
      case "366":
        this.#join();
        return undefined;
      case "433":
        this.#nick = `${this.#nick.slice(0, 8)}${Math.floor(Math.random() * 10)}`;
        this.#send(`NICK ${this.#nick}`);
        return undefined;
      case "403":
      case "405":
      case "464":
      case "465":
      case "471":
      case "473":
      case "474":
      case "475":
      case "ERROR":
        return chatLine(text === "" ? line : text);
      case "KICK":
        return words[1]?.toLowerCase() === this.#nick.toLowerCase() ? "kicked" : undefined;
      case "PRIVMSG": {
        const own = from.split("!")[0]?.toLowerCase() === this.#nick.toLowerCase();
        if (!own && words[0]?.toLowerCase() === channel.toLowerCase()) onLine(text);
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #join(): void {
    this.#isJoined = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #send(line: string): void {
    // One line is one command: what would begin another one is cut off.
    const socket = this.#socket;
    if (socket?.writable === true) socket.write(`${line.replace(/[\r\n\0][^]*$/, "")}\r\n`);
  }
}
