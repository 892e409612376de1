/**
 * Nodes and relays that are away, wrong or spiteful when somebody starts who runs for weeks: he
 * says so once, goes on with the others and tries again.
 */
import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "../codec/assert.ts";
import { sha256, toHex } from "../codec/bytes.ts";
import { type DevChain, startDevChain } from "../chain/devchain.ts";
import { readMany } from "../chain/settlement.ts";
import { encodePublication } from "../log/publication.ts";
import { hardhatNode, startNode } from "../testing/chainnodes.ts";
import { Door } from "../testing/door.ts";
import { freePort, signetCommand, TestExchange } from "../testing/exchange.ts";
import { openRingChain } from "../testing/ringchain.ts";
import { RelayWorld } from "../testing/relayworld.ts";

const dir = mkdtempSync(join(tmpdir(), "away-"));
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
  rmSync(dir, { recursive: true, force: true });
});

type Running = { readonly child: ChildProcess; said: string };

function start(...words: readonly string[]): Running {
  const [node, signet] = signetCommand;
  const child = spawn(node, [signet, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  ends.push(() => child.kill("SIGKILL"));
  const running = { child, said: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (running.said += chunk.toString()));
  }
  return running;
}

async function ended({ child }: Running): Promise<number | null> {
  if (child.exitCode === null) await new Promise((resolve) => child.once("close", resolve));
  return child.exitCode;
}

async function until(isSo: () => boolean | Promise<boolean>, running: Running): Promise<void> {
  for (const end = Date.now() + 30_000; !(await isSo()); await sleep(50)) {
    ok(Date.now() < end, running.said);
  }
}

async function doorBefore(url: string): Promise<Door> {
  const door = await Door.before(url);
  ends.push(() => door.close());
  return door;
}

async function chainOf(chainId?: number): Promise<DevChain> {
  const chain = await startDevChain({
    idleSeconds: 0,
    ...(chainId === undefined ? {} : { chainId }),
  });
  ends.push(() => chain.close());
  return chain;
}

/** A server that says the same to everybody. */
async function saying(body: object): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

const times = (text: string, what: string): number => text.split(what).length - 1;

test("a broadcaster goes on with the relays that answer and agree", async () => {
  const node = await startNode(hardhatNode);
  ends.push(node.stop);
  const world = await RelayWorld.start();
  ends.push(() => world.close());
  const chain = await openRingChain(node.url);
  const who = await chain.broadcaster("who has bad relays");
  const keyFile = join(dir, "gas.key");
  writeFileSync(keyFile, toHex(who.key), { mode: 0o600 });
  const { contract, miner } = chain;
  const calldata = await chain.submission(7n);
  const { chainId } = chain.node;
  const leaves = [
    `VENUE|${chainId}|${contract}|${miner.address}|${miner.address}`,
    `TOKEN|GOLD|${chain.tokens[0]}|18`,
    `SUBMISSION|1|8589934592|${toHex(sha256(calldata))}`,
    `RING|1|1|0x${"5".repeat(64)}|3`,
  ];
  const submissions = [{ number: 1, calldata }];
  const publication = world.publisher.next({ leaves }, (honest) => ({ ...honest, submissions }));
  equal((await world.put(publication.number, encodePublication(publication))).status, 200);

  const door = await doorBefore(node.url);
  const dead = "http://alice:hunter2@127.0.0.1:1";
  const wrong = `0x${"12".repeat(20)}`;
  const liar = await saying({ chainId: `${chainId}`, contract: wrong });
  const stranger = await saying({ chainId: "5", contract });
  const relays = [dead, liar, stranger, world.relay.address].flatMap((url) => ["--relay", url]);
  const options = ["--chain", door.url, "--key-file", keyFile, "--dir", join(dir, "state")];
  const running = start("broadcast", ...relays, ...options);
  await until(() => door.turnedAway > 2, running);
  equal(times(running.said, "couldn't ask the chain"), 1, running.said);
  door.isOpen = true;
  const owner = at(chain.people, 0).address;
  const questions = { counters: [{ owner, nonce: 7n }], epochs: [], funds: [] };
  await until(async () => {
    const { counters } = await readMany(chain.node, { contract, at: "latest", questions });
    return counters[0] !== 0n;
  }, running);
  // The good relay does not wait until something is known of the bad ones.
  for (const said of [
    new RegExp(`names ${wrong}, which is no settlement`),
    /is of chain 5, the node of/,
    /couldn't get \/v1\/ring\/venue from http:\/\/127\.0\.0\.1:1\b/,
  ]) {
    await until(() => said.test(running.said), running);
  }
  doesNotMatch(running.said, /hunter2|alice/);
  running.child.kill("SIGTERM");
  equal(await ended(running), 0, running.said);

  const alone = start("broadcast", "--relay", stranger, ...options);
  equal(await ended(alone), 3, alone.said);
  match(alone.said, /The node is of chain \d+; http:\S+ of 5\.[^]*E125/);
});

test("a miner waits for its node; one of another chain leaves no settings behind", async () => {
  const chain = await chainOf();
  const door = await doorBefore(chain.url);
  const folder = join(dir, "miner");
  const port = String(await freePort());
  const about = ["--dir", folder, "--contract", chain.settlement, "--port", port];
  const wrong = start(
    "miner",
    "--chain",
    (await chainOf(5)).url,
    ...about.with(3, at(chain.tokens, 0).address),
  );
  equal(await ended(wrong), 3, wrong.said);
  match(wrong.said, /no settlement at .*[^]*E125/);
  ok(!existsSync(join(folder, "miner.conf")));
  const running = start("miner", "--chain", door.url, ...about);
  await until(() => door.turnedAway > 0, running);
  door.isOpen = true;
  await until(() => running.said.includes("mining as"), running);
  match(readFileSync(join(folder, "miner.conf"), "utf8"), new RegExp(`listen 127.0.0.1:${port}\n`));
  running.child.kill("SIGTERM");
  equal(await ended(running), 0, running.said);
  // Told to end while it waits.
  door.isOpen = false;
  const waiting = start("miner", "--chain", door.url, "--dir", folder);
  await until(() => waiting.said.includes("trying again"), waiting);
  waiting.child.kill("SIGINT");
  equal(await ended(waiting), 0, waiting.said);
});

test("an exchange is up without its chain's node, and with one of another chain", async () => {
  const exchange = await TestExchange.create("local");
  ends.push(() => exchange.remove());
  await exchange.start();
  await exchange.stop();
  const chainedTo = (chain: string): TestExchange => {
    const other = new TestExchange(exchange.dir, exchange.port, chain);
    ends.unshift(() => other.stop());
    return other;
  };
  const away = chainedTo("http://alice:hunter2@127.0.0.1:1/KEY");
  await away.start();
  await away.until(
    () => /couldn't ask the chain at 127\.0\.0\.1:1 .*trying again/.test(away.said),
    5000,
  );
  doesNotMatch(away.said, /hunter2|KEY/);
  equal(await away.stop(), 0);
  const other = chainedTo((await chainOf(5)).url);
  await other.start();
  await other.until(
    () => /The ring venue does not run: The node is of chain 5/.test(other.said),
    5000,
  );
  equal(await other.stop(), 0);
});
