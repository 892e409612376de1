/** The stream against real WebSockets: no gap in its sequences, bounds, readers who misbehave. */
import { test } from "node:test";
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { encodePublication } from "../log/publication.ts";
import { CopyBook } from "../market/copybook.ts";
import type { DiffJson, SnapshotJson } from "../market/bookdiff.ts";
import { Publisher, testKey } from "../testing/publisher.ts";
import { dockSignature } from "../testing/transcript.ts";
import { relayOptions } from "../testing/relayworld.ts";
import { startRelay, type Relay } from "./server.ts";
import type { StreamLimits } from "./stream.ts";

const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const decimals = { priceDecimals: 5, baseDecimals: 1 };
type Message = Readonly<Record<string, unknown>> & {
  readonly number: number;
  readonly channel: string;
  readonly type: string;
};

/** A relay with its publisher, and readers of its stream. */
class Scene {
  readonly publisher: Publisher = new Publisher(
    "49979888511191774776929750563049979888ab",
    testKey(1),
  );
  readonly relay: Relay;
  readonly #dir: string;
  readonly #readers: Reader[] = [];

  private constructor(relay: Relay, dir: string) {
    this.relay = relay;
    this.#dir = dir;
  }

  static async start(stream: Partial<StreamLimits> = {}): Promise<Scene> {
    const dir = mkdtempSync(join(tmpdir(), "signet-stream-"));
    const scene = new Scene(await startRelay({ ...relayOptions(dir), stream }), dir);
    await scene.publish([market]);
    return scene;
  }

  async publish(leaves: readonly string[]): Promise<void> {
    const publication = this.publisher.next({ leaves });
    const path = `/v1/dock/publications/${publication.number}`;
    const signature = dockSignature(testKey(9), "PUT", path, new Date().toISOString());
    const response = await fetch(this.relay.address + path, {
      method: "PUT",
      headers: { "signet-dock": signature },
      body: new Uint8Array(encodePublication(publication)),
    });
    equal(response.status, 200);
  }

  async reader(): Promise<Reader> {
    const reader = await Reader.open(this.relay.address);
    this.#readers.push(reader);
    return reader;
  }

  /** A connection of plain bytes. */
  raw(): Socket {
    const { port, hostname } = new URL(this.relay.address);
    return connect(Number(port), hostname).on("error", () => undefined);
  }

  async close(): Promise<void> {
    for (const { socket } of this.#readers) socket.terminate();
    await this.relay.close();
    rmSync(this.#dir, { recursive: true });
  }
}

class Reader {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("message", (data) => this.messages.push(JSON.parse(String(data)) as Message));
    socket.on("error", () => undefined);
  }

  static async open(address: string): Promise<Reader> {
    const socket = new WebSocket(`${address.replace("http", "ws")}/v1/stream`);
    const reader = new Reader(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return reader;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves when `count` messages have come. */
  async has(count: number): Promise<readonly Message[]> {
    for (let i = 0; this.messages.length < count; i += 1) {
      ok(i < 500, `only ${this.messages.length} of ${count} messages came`);
      await sleep(10);
    }
    return this.messages;
  }
}

async function within(
  limits: Partial<StreamLimits>,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const scene = await Scene.start(limits);
  try {
    await work(scene);
  } finally {
    await scene.close();
  }
}

const level = (i: number): string => {
  const quantity = i % 4;
  const buys = `LEVEL|GLD/BTC|buy|${4000 + (i % 14)}|${quantity}`;
  return i % 2 === 0 ? buys : `LEVEL|GLD/BTC|sell|${4300 - (i % 15)}|${quantity}`;
};
const trade = (number: number): string =>
  `TRADE|${number}|GLD/BTC|10|4210|2026-11-21T11:59:31.000Z|buy`;
const tick = "TICK|2026-11-21T11:59:32.000Z";

test("a book from a snapshot and diffs is the book, for who was there and who came back", () =>
  within({}, async (scene) => {
    const early = await scene.reader();
    early.say({ subscribe: "book", market: "GLD/BTC" });
    await early.has(2);
    const copies: CopyBook[] = [];
    const follow = (messages: readonly Message[]): CopyBook => {
      let copy: CopyBook | undefined;
      for (const [i, message] of messages.entries()) {
        equal(message.number, i + 1);
        if (message.type === "snapshot") {
          copy = new CopyBook(message as unknown as SnapshotJson, decimals);
        }
        if (message.type === "diff") {
          equal(copy?.apply(message as unknown as DiffJson), "applied");
        }
      }
      if (copy === undefined) throw new Error("couldn't find a snapshot");
      return copy;
    };
    for (let i = 0; i < 20; i += 1) {
      await scene.publish([level(3 * i + 1), level(5 * i + 2), level(7 * i)]);
      // A publication that touches no book belongs to the next diff.
      await scene.publish([tick]);
    }
    copies.push(follow(await early.has(22)));
    early.socket.terminate();
    await scene.publish([level(1), level(2)]);
    const late = await scene.reader();
    late.say({ subscribe: "book", market: "GLD/BTC" });
    await late.has(2);
    for (let i = 0; i < 5; i += 1) await scene.publish([level(11 * i + 3)]);
    copies.push(follow(await late.has(7)));
    const book = await fetch(`${scene.relay.address}/v1/book?market=GLD/BTC&depth=1000`);
    const said = (await book.json()) as { crc32: number; sequence: number };
    equal(copies[1]?.checksum(), said.crc32);
    equal(copies[1]?.sequence, said.sequence);
  }));

test("trades come once each by number, also to who was away; tickers and ticks with them", () =>
  within({}, async (scene) => {
    await scene.publish([trade(1), trade(2), tick]);
    const reader = await scene.reader();
    for (const channel of ["trades", "ticker"])
      reader.say({ subscribe: channel, market: "GLD/BTC" });
    reader.say({ subscribe: "tick" });
    await reader.has(6);
    await scene.publish([trade(3), "LEVEL|GLD/BTC|buy|4000|7", tick]);
    await scene.publish([tick]);
    const seen = await reader.has(10);
    deepEqual(
      seen.map(({ type }) => type),
      [
        "subscribed trades subscribed ticker subscribed tick".split(" "),
        "trades ticker tick tick".split(" "),
      ].flat(),
    );
    const numbers = (message: Message | undefined): unknown =>
      (message?.["trades"] as readonly { number: number }[] | undefined)?.map(
        ({ number }) => number,
      );
    deepEqual(numbers(seen[1]), [1, 2]);
    deepEqual(numbers(seen[6]), [3]);
    equal((seen[7]?.["day"] as { trades: number } | undefined)?.trades, 3);
    equal(seen[8]?.["at"], "2026-11-21T11:59:32.000Z");
    match(String(seen[9]?.["checkpoint"]), /^signet\.log\/[0-9a-f]{40}\n/);
    const again = await scene.reader();
    again.say({ subscribe: "trades", market: "GLD/BTC", after: 2 });
    deepEqual(numbers((await again.has(2))[1]), [3]);
    reader.say({ unsubscribe: "tick" });
    await reader.has(11);
    await scene.publish([tick]);
    await scene.publish([trade(4)]);
    const rest = (await reader.has(13)).slice(10).map(({ channel }) => channel);
    deepEqual(rest, ["stream", "trades", "ticker"]);
  }));

test("a publication with very many levels is a snapshot", () =>
  within({}, async (scene) => {
    const reader = await scene.reader();
    reader.say({ subscribe: "book", market: "GLD/BTC" });
    await reader.has(2);
    await scene.publish(Array.from({ length: 1500 }, (_, i) => `LEVEL|GLD/BTC|buy|${i + 1}|1`));
    const last = (await reader.has(3))[2];
    const buys = last?.["buys"] as readonly object[] | undefined;
    deepEqual([last?.type, last?.["whole"], buys?.length], ["snapshot", false, 1000]);
  }));

test("what is no message is refused by name, and too many end the connection", () =>
  within({}, async (scene) => {
    const reader = await scene.reader();
    const wrong: readonly (readonly [text: string, code: string])[] = [
      ["", "message_malformed"],
      ["null", "message_malformed"],
      ['{"subscribe":"everything"}', "message_malformed"],
      ['{"subscribe":"book","market":7}', "message_malformed"],
      ['{"subscribe":"trades","market":"GLD/BTC","after":-1}', "message_malformed"],
      ['{"subscribe":"book","market":"GLD/XYZ"}', "market_unknown"],
      ['{"subscribe":"book"}', "market_unknown"],
      ['{"subscribe":"tick","market":"GLD/BTC"}', "market_unknown"],
    ];
    for (const [text] of wrong) reader.socket.send(text);
    deepEqual(
      (await reader.has(wrong.length)).map((message) => message["code"]),
      wrong.map(([, code]) => code),
    );
    for (let i = 0; i < 50; i += 1) reader.say({ unsubscribe: "tick" });
    equal(await reader.closed, 4029);
    const binary = await scene.reader();
    binary.socket.send(Buffer.alloc(10));
    equal(await binary.closed, 4029);
  }));

test("oversized frames, fragments without end and wrong UTF-8 end the connection", () =>
  within({}, async (scene) => {
    const large = await scene.reader();
    large.socket.send(" ".repeat(1025));
    equal(await large.closed, 1009);
    const pieces = await scene.reader();
    for (let i = 0; i < 10; i += 1) pieces.socket.send(" ", { fin: false });
    equal(await pieces.closed, 1008);
    const latin = await scene.reader();
    latin.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    equal(await latin.closed, 1007);
    // A head that promises four gigabytes is enough.
    const raw = scene.raw();
    raw.write(handshake);
    const ended = new Promise((resolve) => raw.once("close", resolve));
    raw.once("data", () => raw.write(Buffer.from("81ff00000001000000000000000061", "hex")));
    raw.resume();
    await ended;
    equal((await fetch(`${scene.relay.address}/v1/relay`)).status, 200);
  }));

const handshake = [
  "GET /v1/stream HTTP/1.1",
  "host: relay",
  "upgrade: websocket",
  "connection: upgrade",
  "sec-websocket-version: 13",
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n");

test("who says nothing, answers no ping, or does not read, is let go; the others stay", () =>
  within(
    { silentMs: 200, pingMs: 400, queueMax: 20_000, farewellMs: 300, messagesMax: 300 },
    async (scene) => {
      const silent = await scene.reader();
      equal(await silent.closed, 4000);
      const good = await scene.reader();
      good.say({ subscribe: "book", market: "GLD/BTC" });
      await good.has(2);
      const deaf = scene.raw();
      deaf.write(handshake);
      const mask = Buffer.from([0, 0, 0, 0]);
      const text = Buffer.from('{"subscribe":"book","market":"GLD/BTC"}');
      deaf.write(Buffer.concat([Buffer.from([0x81, 0x80 + text.length]), mask, text]));
      // It reads, but never answers a ping.
      let heard = Buffer.alloc(0);
      deaf.on("data", (data) => (heard = Buffer.concat([heard, data])));
      await new Promise((resolve) => deaf.once("close", resolve));
      ok(heard.includes(Buffer.from([0x88, 0x02, 4009 >> 8, 4009 & 0xff])), "the code was said");
      const levels = Array.from({ length: 2000 }, (_, j) =>
        j < 1000 ? `LEVEL|GLD/BTC|buy|${j + 1}|7123451` : `LEVEL|GLD/BTC|sell|${j + 1000}|9123451`,
      );
      await scene.publish(levels);
      // Two hundred times this is more than the system buffers for who does not read.
      const slow = scene.raw();
      slow.write(handshake);
      await new Promise((resolve) => slow.once("data", resolve));
      slow.pause();
      const ask = Buffer.concat([Buffer.from([0x81, 0x80 + text.length]), mask, text]);
      for (let i = 0; i < 200; i += 1) slow.write(ask);
      await sleep(300);
      let last = Buffer.alloc(0);
      let bytes = 0;
      slow.on("data", (data) => {
        bytes += data.length;
        last = data;
      });
      slow.resume();
      await new Promise((resolve) => slow.once("close", resolve));
      ok(bytes < 200 * 80_000, `it got ${bytes} bytes, not all`);
      ok(last.includes(Buffer.from([0x88, 0x02, 4008 >> 8, 4008 & 0xff])), "the code came last");
      await scene.publish([level(1)]);
      await good.has(4);
      equal(good.socket.readyState, WebSocket.OPEN);
    },
  ));

test("connections are counted; other upgrades are passed over; stopping is said", () =>
  within({ connectionsMax: 5 }, async (scene) => {
    const readers: Reader[] = [];
    for (let i = 0; i < 5; i += 1) readers.push(await scene.reader());
    const answer = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const raw = scene.raw();
        raw.once("data", (data) => resolve(String(data)));
        raw.write(text);
      });
    match(await answer(handshake), /^HTTP\/1\.1 503[^]*"code": "streams_full"/);
    readers[4]?.socket.close();
    await readers[4]?.closed;
    match(await answer(handshake.replace("13", "12")), /^HTTP\/1\.1 400 /);
    readers[0]?.socket.close();
    await readers[0]?.closed;
    match(await answer(handshake), /^HTTP\/1\.1 101 /);
    const h2c = "GET /v1/relay HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n";
    match(await answer(h2c), /^HTTP\/1\.1 200 /);
    await scene.relay.close();
    equal(await readers[1]?.closed, 1001);
  }));

/** A client's text in a frame whose mask is zero. */
function masked(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

test("who writes a frame or reads an answer drop by drop is let go by time", () =>
  within({ pingMs: 300, queueMax: 1e9, farewellMs: 100, messagesMax: 300 }, async (scene) => {
    const subscribe = masked('{"subscribe":"book","market":"GLD/BTC"}');
    const writes = scene.raw();
    writes.write(handshake);
    await new Promise((resolve) => writes.once("data", resolve));
    writes.write(subscribe);
    // No pong can stand within a frame.
    writes.write(Buffer.from([0x81, 0xfe, 0x03, 0xe8, 0, 0, 0, 0]));
    const dripping = setInterval(() => writes.write("x"), 20);
    writes.resume();
    await new Promise((resolve) => writes.once("close", resolve));
    clearInterval(dripping);
    await scene.publish(
      Array.from({ length: 1000 }, (_, j) => `LEVEL|GLD/BTC|buy|${j + 1}|712345`),
    );
    const reads = scene.raw();
    reads.write(handshake);
    await new Promise((resolve) => reads.once("data", resolve));
    reads.pause();
    for (let i = 0; i < 250; i += 1) reads.write(subscribe);
    let bytes = 0;
    const sipping = setInterval(() => {
      const part: unknown = reads.read(1000);
      if (part instanceof Buffer) bytes += part.length;
    }, 20);
    // Whoever is dropped is told, and hangs up when it has taken what was on its way.
    await sleep(1500);
    clearInterval(sipping);
    reads.on("data", (data) => (bytes += data.length)).resume();
    await new Promise((resolve) => reads.once("close", resolve));
    ok(bytes < 250 * 40_000, `it got ${bytes} bytes, not all`);
    equal((await fetch(`${scene.relay.address}/v1/relay`)).status, 200);
  }));

test("a request whose head comes drop by drop is given up", () =>
  within({}, async (scene) => {
    const slow = scene.raw();
    slow.write("GET /v1/stream HTTP/1.1\r\n");
    const dripping = setInterval(() => slow.write("x"), 5);
    let heard = "";
    slow.on("data", (data) => (heard += String(data)));
    slow.write(`a: ${"b".repeat(20_000)}`);
    await new Promise((resolve) => slow.once("close", resolve));
    clearInterval(dripping);
    match(heard, /^HTTP\/1\.1 4\d\d /);
  }));
