/** Trades to a webhook from a real relay: at least once, in order, and none that never was. */
import { test } from "node:test";
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifierKey } from "../log/note.ts";
import { verifyEd25519 } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { Cursor } from "./cursor.ts";
import { runTicker, type Sink } from "./run.ts";
import { webhookSink } from "./webhook.ts";

const market = "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8";
const trade = (number: number): string =>
  `TRADE|${number}|GLD/BTC|10|4210|2026-11-21T11:59:31.000Z|buy`;

type Posted = { readonly key: string; readonly body: { readonly number: number } };

/** A receiver that answers as `status` says. */
async function receiver(
  status: (posted: Posted) => number,
): Promise<{ readonly url: string; readonly posted: Posted[]; readonly server: Server }> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (data) => (text += String(data)));
    request.on("end", () => {
      const key = String(request.headers["idempotency-key"]);
      const each: Posted = { key, body: JSON.parse(text) as Posted["body"] };
      posted.push(each);
      response.writeHead(status(each)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}/hook`, posted, server };
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; !done(); i += 1) {
    ok(i < 1000, "it did not happen");
    await sleep(10);
  }
}

type Setting = { readonly world: RelayWorld; readonly dir: string };

async function within(work: (setting: Setting) => Promise<void>): Promise<void> {
  const world = await RelayWorld.start();
  const dir = mkdtempSync(join(tmpdir(), "signet-ticker-"));
  try {
    await world.put(1, world.publisher.publish({ leaves: [market, trade(1), trade(2)] }));
    await work({ world, dir });
  } finally {
    await world.close();
    rmSync(dir, { recursive: true });
  }
}

/** A ticker; `end` stops it and waits. */
function start(
  { world, dir }: Setting,
  sink: Sink | undefined,
  about: { readonly after?: number; readonly relays?: readonly string[] } = {},
): { readonly end: () => Promise<void>; readonly said: string[]; readonly cursor: Cursor } {
  if (sink === undefined) throw new Error("couldn't make the sink");
  const { log } = world.publisher;
  const key = verifierKey(log.name, log.publicKey);
  const cursor = new Cursor(dir, { log: key, trade: about.after });
  const stop = new AbortController();
  const said: string[] = [];
  const running = runTicker(
    {
      relays: about.relays ?? [world.relay.address],
      source: { log, verify: verifyEd25519 },
      cursor,
      sink,
      askMs: 10,
      say: (sentence) => said.push(sentence),
    },
    stop.signal,
  );
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { end, said, cursor };
}

function hook(setting: Setting, url: string): Sink | undefined {
  const { exchange } = setting.world.publisher;
  return webhookSink({ url, exchange, pauseMs: 5, pauseMsMax: 20, say: () => undefined });
}

test("each trade is posted in order under its own key, whatever the receiver does", () =>
  within(async (setting) => {
    const refusals = new Map<number, number>();
    const { url, posted, server } = await receiver(({ body: { number } }) => {
      const before = refusals.get(number) ?? 0;
      refusals.set(number, before + 1);
      return [503, 302, 204][before] ?? 204;
    });
    const { world } = setting;
    const ticker = start(setting, hook(setting, url), { after: 1 });
    await world.put(2, world.publisher.publish({ leaves: [trade(3), trade(4)] }));
    await until(() => refusals.get(4) === 3);
    await until(() => ticker.cursor.position.trade === 4);
    await ticker.end();
    deepEqual(
      posted.map(({ body }) => body.number),
      [2, 2, 2, 3, 3, 3, 4, 4, 4],
    );
    for (const { key, body } of posted) {
      match(key, new RegExp(`^"tag:signet\\.invalid,2026:[0-9a-f]{40}/trades/${body.number}"$`));
    }
    // The next start goes on behind the last one.
    const again = start(setting, hook(setting, url));
    await world.put(3, world.publisher.publish({ leaves: [trade(5)] }));
    await until(() => refusals.get(5) === 3);
    await again.end();
    equal(refusals.get(4), 3);
    server.close();
  }));

test("a market goes on under its new name; what else a log says is passed over", () =>
  within(async (setting) => {
    const { url, posted, server } = await receiver(() => 204);
    const { world } = setting;
    const ticker = start(setting, hook(setting, url), { after: 2 });
    const others = ["RATIO|1|GLD|10|1", "PHASE|GLD/BTC|halt|2026-11-21T09:00:00.000Z"];
    const renamed = trade(4)
      .replace("GLD/BTC", "XAU/BTC")
      .replace(/(buy|sell)$/, "call");
    const leaves = [trade(3), ...others, "RENAMED|GLD|XAU", renamed, "DELISTED|XAU"];
    await world.put(2, world.publisher.publish({ leaves }));
    await until(() => posted.length === 2);
    await ticker.end();
    deepEqual(
      posted.map(({ body }) => [
        body.number,
        Reflect.get(body, "market"),
        Reflect.get(body, "side"),
      ]),
      [
        [3, "GLD/BTC", "buy"],
        [4, "XAU/BTC", "call"],
      ],
    );
    server.close();
  }));

test("one that dies before it noted a trade posts it again under the same key", () =>
  within(async (setting) => {
    const { url, posted, server } = await receiver(() => 204);
    const sink = hook(setting, url);
    if (sink === undefined) throw new Error("couldn't make the sink");
    // Dies after the post and before the note.
    const dying: Sink = {
      ...sink,
      hand: async (each, signal) => {
        await sink.hand(each, signal);
        throw new Error("died");
      },
    };
    const first = start(setting, dying, { after: 0 });
    await until(() => posted.length >= 1);
    await first.end();
    const second = start(setting, sink);
    await until(() => second.cursor.position.trade === 2);
    await second.end();
    const keys = posted.map(({ key }) => key);
    ok(keys.length > 2);
    equal(new Set(keys).size, 2);
    server.close();
  }));

test("without --after it begins with the next new trade", () =>
  within(async (setting) => {
    const { url, posted, server } = await receiver(() => 204);
    const { world } = setting;
    const ticker = start(setting, hook(setting, url));
    await until(() => ticker.cursor.position.trade === 2);
    await world.put(2, world.publisher.publish({ leaves: [trade(3)] }));
    await until(() => ticker.cursor.position.trade === 3);
    await ticker.end();
    deepEqual(
      posted.map(({ body }) => body.number),
      [3],
    );
    server.close();
  }));

/** A relay that serves what another one has, bent. */
async function bent(honest: string, bend: (text: string, path: string) => string): Promise<Server> {
  const server = createServer((request, response) => {
    void fetch(honest + (request.url ?? ""))
      .then(async (answer) => response.end(bend(await answer.text(), request.url ?? "")))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const lies: readonly (readonly [what: string, bend: (text: string, path: string) => string])[] = [
  ["a trade that never was", (text) => text.replace("|4210|", "|9999|")],
  ["a trade left out", (text) => text.replace(/"TRADE\|2[^"]*",?/, "").replace(",]", "]")],
  ["no leaves", (text) => text.replace(/"leaves":\[[^\]]*\]/, '"leaves":[]')],
  ["no JSON", (text, path) => (path.includes("leaves") ? "<html>" : text)],
  ["another checkpoint", (text, path) => (path.includes("checkpoint") ? `x${text}` : text)],
  ["without end", (text, path) => (path.includes("leaves") ? " ".repeat(5_000_000) : text)],
];

test("a relay that lies says nothing through us; the honest one beside it does", () =>
  within(async (setting) => {
    for (const [what, bend] of lies) {
      const liar = await bent(setting.world.relay.address, bend);
      const address = liar.address();
      const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
      const { url: to, posted, server } = await receiver(() => 204);
      const dir = mkdtempSync(join(tmpdir(), "signet-ticker-"));
      const relays = [url, setting.world.relay.address];
      const ticker = start({ ...setting, dir }, hook(setting, to), { after: 0, relays });
      await until(() => ticker.cursor.position.trade === 2);
      await ticker.end();
      deepEqual(
        posted.map(({ body }) => body.number),
        [1, 2],
        what,
      );
      ok(ticker.said.length > 0, `${what} was noticed`);
      liar.closeAllConnections();
      liar.close();
      server.close();
      rmSync(dir, { recursive: true });
    }
  }));

test("a folder follows one log; an address that is none makes no sink", () =>
  within(async (setting) => {
    const { log } = setting.world.publisher;
    const first = new Cursor(setting.dir, { log: verifierKey(log.name, log.publicKey), trade: 7 });
    first.move({ trade: 8 });
    throws(() => new Cursor(setting.dir, { log: "other", trade: 0 }), /another exchange/);
    equal(hook(setting, "ftp://x"), undefined);
    await Promise.resolve();
  }));
