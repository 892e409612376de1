/**
 * `signet start`: the whole exchange on this machine. The relays and the dock run in this process,
 * the island in one of its own without a network (keeper.ts). Everything is made at the first
 * start and resumed at each later one; Ctrl-C ends it cleanly, `kill -9` loses nothing.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startDock, type Dock } from "../dock/dock.ts";
import { startRelay, type Relay } from "../relay/server.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { finish } from "./context.ts";
import { portDefault } from "./defaults.ts";
import { found, publicHalf, whyNotThere } from "./found.ts";
import { lockDirectory } from "../store/lock.ts";
import { freshPages } from "./pages.ts";
import { askSecret } from "./prompt.ts";
import { Keeper } from "./keeper.ts";
import { isWebAddress } from "./nodewait.ts";
import { isRegistered, registerOperator } from "./operator.ts";
import {
  readExchange,
  readIslandKey,
  readKey,
  readLogKey,
  readRelays,
  writeIslandFacts,
  type RelayPlace,
} from "./places.ts";
import { parseTime } from "../codec/time.ts";
import { trouble } from "../wallet/errors.ts";
import { fetchJson } from "../wallet/client.ts";
import { objectOf, textOf } from "../wallet/json.ts";
import { chainPortAbove, Venue } from "./venue.ts";

const say = (sentence: string): void => console.error(sentence);

export async function run(options: {
  data?: string;
  port?: string;
  chain?: string;
  json?: boolean;
}): Promise<number> {
  const dir = resolve(options.data ?? "signet-data");
  const port = options.port === undefined ? undefined : Number(options.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    return finish(trouble("E100", "--port wants a number from 1 to 65535."), options);
  }
  const chain = options.chain ?? "local";
  if (chain !== "local" && chain !== "none" && !isWebAddress(chain)) {
    const what = "--chain wants a node's address (it begins with http), or local, or none.";
    return finish(trouble("E100", what, { meaning: "Nothing was started or made." }), options);
  }
  say(`signet on Node ${process.version}, data in ${dir}`);
  const first = !existsSync(join(dir, "exchange"));
  if (first) {
    const why = whyNotThere(dir);
    if (why !== undefined) {
      say(`✕ An exchange cannot be made there: ${why}.\n  Nothing was made.`);
      say("  Name an empty folder, or one that does not exist yet: --data DIR");
      return 3;
    }
    // Before the keys are made and a passphrase is asked for: it may have to be another port.
    await tryPort(port ?? portDefault);
    say("● first start: making the root, operating and log keys");
    const passphrase = await askRootPassphrase();
    await found(dir, { passphrase, port: port ?? portDefault });
  }
  return serve(dir, { port, first, chain });
}

/**
 * The root key is offered a passphrase; where nobody can be asked it gets none, and start says so.
 */
async function askRootPassphrase(): Promise<string> {
  for (;;) {
    const first = await askSecret("  Passphrase for the root key (Enter = none): ");
    if (first === undefined) say("  nobody to ask: the root key has no passphrase");
    if (first === undefined || first === "") return "";
    if ((await askSecret("  Once more: ")) === first) return first;
    say("  These differ.");
  }
}

/** Throws, as the relay would, if it could not listen there. */
async function tryPort(port: number): Promise<void> {
  const host = "127.0.0.1";
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    throw new Error(`couldn't listen on ${host}:${port}`, { cause });
  }
  await new Promise((resolve) => server.close(resolve));
}

type Serving = {
  readonly port: number | undefined;
  readonly first: boolean;
  /** `local`, `none` or a node's address. */
  readonly chain: string;
};

async function serve(dir: string, { port, first, chain }: Serving): Promise<number> {
  const unlock = lockDirectory(dir);
  const relays = readRelays(dir, port);
  const chainPort = Number(new URL(relays[0]?.reach ?? "").port) + chainPortAbove;
  let venue: Venue | undefined;
  let running: OuterHalf;
  try {
    venue = await Venue.open({ dir, chain, port: chainPort, say });
    writeIslandFacts(dir, relays);
    running = await startOuterHalf(dir, relays);
  } catch (cause) {
    await venue?.close();
    unlock();
    throw cause;
  }
  const begun = Date.now();
  // A tick of now at every relay means that the island is up. Any news would not do: what an
  // earlier island published may still be on its way to a relay, and this one about to refuse.
  const isUp = async (): Promise<boolean> =>
    running.relays.length > 0
      ? running.relays.every((relay) => (relay.tick() ?? 0) >= begun)
      : (await tickAt(relays[0]?.reach ?? "")) >= begun;
  const ended = Promise.withResolvers<number>();
  const over = new AbortController();
  const keeper = new Keeper({
    islandDir: join(dir, "island"),
    airlockDir: join(dir, "airlock"),
    say: (sentence) => say(`● ${sentence}`),
    onRefusal: (text) => {
      say(`✕ The island refuses to start. Nothing was changed.\n${text}`);
      ended.resolve(1);
    },
  });
  // First: a start that is ended before it can end its island would leave that running alone.
  const interrupt = (): void => ended.resolve(0);
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  keeper.start();
  sayIsolation(keeper);
  const ready = welcome(dir, relays, { isUp, first, venue, over: over.signal });
  const code = await ended.promise;
  over.abort();
  await ready;
  say("\n● stopping: the island finishes its batch");
  await venue?.close();
  await keeper.stop();
  await running.dock.close();
  for (const relay of running.relays) await relay.close();
  unlock();
  say("● stopped. Everything is on disk; the next start resumes.");
  return code;
}

type OuterHalf = { readonly relays: readonly Relay[]; readonly dock: Dock };

async function startOuterHalf(dir: string, places: readonly RelayPlace[]): Promise<OuterHalf> {
  const exchange = readExchange(dir);
  const dockKey = readKey(join(dir, "dock/relays.key"));
  const relays: Relay[] = [];
  const logKey = readLogKey(dir);
  const pages = await freshPages(say);
  try {
    for (const { dir: folder, name, url: origin, reach } of places) {
      if (folder === undefined) continue;
      const { hostname: host, port } = new URL(reach);
      const at = { dir: folder, name, origin, host, port: Number(port), ...(pages && { pages }) };
      const key = readKey(join(folder, "relay.key"));
      relays.push(await startRelay({ ...at, exchange, logKey, dockKey: publicHalf(dockKey), key }));
      say(`● relay ${name} on ${reach}`);
    }
  } catch (cause) {
    // Those that listen already would keep this process running.
    for (const relay of relays) await relay.close();
    throw cause;
  }
  const dock = await startDock({
    dir: join(dir, "dock"),
    airlock: join(dir, "airlock"),
    lane: "dock-1",
    laneKey: readKey(join(dir, "dock/lane.key")),
    islandKey: readIslandKey(dir),
    exchange,
    logKey,
    relaysKey: dockKey,
    relays: places.map(({ name, reach: url }) => ({ name, url })),
    say: (sentence) => say(`  ${sentence}`),
  });
  say(`● dock collects from ${places.map(({ name }) => name).join(", ")}`);
  return { relays, dock };
}

function sayIsolation(keeper: Keeper): void {
  if (keeper.isolated) {
    say(`● island is process ${keeper.pid}, its network taken away by a namespace`);
  } else {
    say(`● island is process ${keeper.pid}`);
    say("  This system gives no network namespace (`unshare --net` fails), so the island is kept");
    say(
      "  from the network by its code alone: it opens no socket. Do not run real money like this.",
    );
  }
}

/** The last tick that a relay elsewhere has; 0 if it has none, or does not answer. */
async function tickAt(url: string): Promise<number> {
  const answer = await fetchJson(url, "/v1/relay");
  const tick = answer.kind === "failed" ? undefined : textOf(objectOf(answer.value)["tick"]);
  return parseTime(tick ?? "") ?? 0;
}

/** Waits for the island's first word, then says who this exchange is and what to try. */
async function welcome(
  dir: string,
  places: readonly RelayPlace[],
  {
    isUp,
    first,
    venue,
    over,
  }: { isUp: () => Promise<boolean>; first: boolean; venue: Venue | undefined; over: AbortSignal },
): Promise<void> {
  while (!over.aborted && !(await isUp())) await sleep(25);
  if (over.aborted) return;
  const exchange = readExchange(dir);
  const url = places[0]?.reach ?? "";
  say("");
  say(`  exchange     ${exchange}`);
  say(`  key number   ${keyNumber(exchange)}`);
  for (const place of places) say(`  relay        ${place.name}  ${place.url}`);
  say(`  pages        ${url}/ and ${url}/wallet`);
  for (const line of marketLines(dir)) say(`  ${line}`);
  if (!isRegistered(join(dir, "hands"))) {
    await registerOperator(join(dir, "hands"), url, exchange);
  }
  await venue?.run(url, exchange);
  const where = url.endsWith(`:${portDefault}`) ? "" : ` --relay ${url}`;
  say("\n  In another terminal:");
  if (venue?.elsewhere !== undefined) say(`    export SIGNET_CHAIN=${venue.elsewhere}`);
  say(`    npx signet setup${where}`);
  say("    npx signet deposit 10 BTC");
  say(`    npx signet hands list --home ${join(dir, "hands")}`);
  say("\n  Ctrl-C stops; the next start resumes.");
  if (first) say(`  Keep ${join(dir, "root")} somewhere else: nothing here needs it to run.`);
}

function marketLines(dir: string): readonly string[] {
  const lines = readFileSync(join(dir, "signet.conf"), "utf8").split("\n");
  return lines
    .filter((line) => line.startsWith("market "))
    .map((line) =>
      line.replace(
        /^market (\S+) .*maker (\S+) taker (\S+)$/,
        "market       $1  maker $2, taker $3",
      ),
    );
}
