/** The stream's log: a reader who folds what comes has the tree that each checkpoint signs. */
import { test } from "node:test";
import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { equalBytes } from "../codec/bytes.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import { encodeHandover } from "../log/handover.ts";
import { appendLeaf, rootHash } from "../log/tree.ts";
import { Past } from "../testing/past.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";

type Said = {
  readonly channel: string;
  readonly type: string;
  readonly from: number;
  readonly leaves: readonly string[];
  readonly checkpoint?: string;
};

class Reader {
  readonly said: Said[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as Said;
      if (message.channel !== "stream") this.said.push(message);
    });
  }

  static async open(world: RelayWorld, ...asks: readonly object[]): Promise<Reader> {
    const socket = new WebSocket(`${world.relay.address.replace("http", "ws")}/v1/stream`);
    const reader = new Reader(socket);
    await once(socket, "open");
    for (const ask of asks) socket.send(JSON.stringify(ask));
    await reader.until(() => reader.said.length >= asks.length);
    return reader;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.#socket, "message");
  }

  close(): void {
    this.#socket.close();
  }
}

test("leaves and checkpoints follow one another, however large the publication", async () => {
  const world = await RelayWorld.start();
  const past = new Past();
  const put = async (): Promise<void> => void (await world.put(past.last, past.get(past.last)));
  try {
    past.grow(1);
    await put();
    const reader = await Reader.open(world, { subscribe: "log" });
    deepEqual([reader.said[0]?.from, reader.said[0]?.leaves], [past.view.size, []]);
    ok(reader.said[0]?.checkpoint !== undefined);
    const first = past.view.size;
    let frontier = past.frontier;
    past.grow(1, { leaves: 5000 });
    await put();
    past.publish({});
    await put();
    const isLast = (): boolean => reader.said.filter(({ checkpoint }) => checkpoint).length === 3;
    await reader.until(isLast);
    let size = first;
    for (const { from, leaves, checkpoint } of reader.said) {
      equal(from, size);
      size += leaves.length;
      ok(leaves.join("").length < 40_000);
      for (const line of leaves) frontier = appendLeaf(frontier, line);
      if (checkpoint === undefined) continue;
      const opened = openCheckpoint(checkpoint, past.publisher.log, verifyEd25519);
      ok(opened.ok && opened.value.size === frontier.size);
      ok(equalBytes(opened.value.root, rootHash(frontier)));
    }
    ok(reader.said.length > 5);
    equal(size, past.view.size);
    reader.close();
  } finally {
    await world.close();
  }
});

test("a snapshot that was taken is told as whole books, and as leaves from another place on", async () => {
  const world = await RelayWorld.start();
  const past = new Past();
  try {
    past.grow(2);
    for (const [i, bytes] of past.publications.entries()) await world.put(i + 1, bytes);
    const market = "GLD/BTC";
    const asks = [
      { subscribe: "log" },
      { subscribe: "book", market },
      { subscribe: "trades", market },
    ];
    const reader = await Reader.open(world, ...asks);
    past.grow(20);
    const { index, parts } = past.snapshot();
    const base = past.view.size;
    past.grow(1, { signs: true });
    reader.said.splice(0);
    const path = "/v1/dock/snapshot";
    const body = encodeHandover({ index, parts, publications: [past.get(past.last)] });
    const headers = { "signet-dock": world.signature("PUT", path) };
    const response = await fetch(world.relay.address + path, {
      method: "PUT",
      headers,
      body: new Uint8Array(body),
    });
    equal(response.status, 200);
    await reader.until(() => reader.said.some(({ channel }) => channel === "log"));
    const told = reader.said.map(({ channel, type }) => `${channel} ${type}`);
    deepEqual(told.toSorted(), ["book snapshot", "log leaves", "trades trades"]);
    const log = reader.said.find(({ channel }) => channel === "log");
    equal(log?.from, base);
    ok(log?.leaves[0]?.startsWith(`SNAPSHOT|${base}|`));
    reader.close();
  } finally {
    await world.close();
  }
});
