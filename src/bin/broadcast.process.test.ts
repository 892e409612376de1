/** `signet broadcast` as a process: a real relay, a real node, and kill -9 whenever it hurts. */
import { equal, match, ok } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "../codec/assert.ts";
import { sha256, toHex } from "../codec/bytes.ts";
import { readMany } from "../chain/settlement.ts";
import { encodePublication } from "../log/publication.ts";
import { hardhatNode, startNode } from "../testing/chainnodes.ts";
import { openRingChain, type RingChain } from "../testing/ringchain.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";
import { RelayWorld } from "../testing/relayworld.ts";

const dir = mkdtempSync(join(tmpdir(), "broadcast-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const kills = 4;
const nonces = [300n, 301n, 302n];

/** Publishes venue and submissions as the exchange does. */
async function publish(world: RelayWorld, chain: RingChain): Promise<void> {
  const { contract, miner } = chain;
  const venue = `VENUE|${chain.node.chainId}|${contract}|${miner.address}|${miner.address}`;
  const token = `TOKEN|GOLD|${chain.tokens[0]}|18`;
  const submissions: { readonly number: number; readonly calldata: Uint8Array }[] = [];
  for (const [i, nonce] of nonces.entries()) {
    submissions.push({ number: i + 1, calldata: await chain.submission(nonce) });
  }
  const leaves = submissions.flatMap(({ number, calldata }) => [
    `SUBMISSION|${number}|8589934592|${toHex(sha256(calldata))}`,
    `RING|${number}|${number}|0x${"5".repeat(64)}|3`,
  ]);
  const all = { leaves: [venue, token, ...leaves] };
  const publication = world.publisher.next(all, (honest) => ({ ...honest, submissions }));
  const { status } = await world.put(publication.number, encodePublication(publication));
  equal(status, 200);
}

type Running = { readonly child: ChildProcess; said: string };

function start(words: readonly string[]): Running {
  const script = `
    import { contextOf, finish } from "./src/bin/context.ts";
    import { broadcast } from "./src/bin/broadcast.ts";
    const [relay, chain, keyFile, dir] = process.argv.slice(1);
    const options = { relay: [relay], chain, keyFile, dir, confirmations: "1", plain: true };
    process.exitCode = finish(await broadcast(contextOf(options), [], options), options);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, "--", ...words], {
    cwd: join(import.meta.dirname, "..", ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = { child, said: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (running.said += chunk.toString()));
  }
  return running;
}

async function until(isSo: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo(); await sleep(20)) ok(Date.now() < end, what());
}

async function filled(chain: RingChain): Promise<readonly bigint[]> {
  const owner = at(chain.people, 0).address;
  const counters = nonces.map((nonce) => ({ owner, nonce }));
  const questions = { counters, epochs: [], funds: [] };
  const { node, contract } = chain;
  return (await readMany(node, { contract, at: "latest", questions })).counters;
}

test("killed again and again, each submission settles once and costs gas once", async (t) => {
  const node = await startNode(hardhatNode);
  const world = await RelayWorld.start();
  const chain = await openRingChain(node.url);
  const who = await chain.broadcaster("who is killed");
  const keyFile = join(dir, "key");
  writeFileSync(keyFile, `0x${toHex(who.key)}\n`, { mode: 0o600 });
  await publish(world, chain);
  await chain.node.request("evm_setAutomine", [false]);
  const words = [world.relay.address, node.url, keyFile, join(dir, "state")];
  const seed = seedOf("BROADCAST_SEED");
  t.diagnostic(`BROADCAST_SEED=${seed}`);
  const dice = randomFrom(seed);
  const rest = new AbortController();
  const mining = (async () => {
    for (; !rest.signal.aborted; await sleep(300)) await chain.node.request("evm_mine");
  })();
  for (let i = 0; i < kills; i += 1) {
    const running = start(words);
    await until(
      () => running.said.includes("broadcasting for"),
      () => running.said,
    );
    await sleep(dice(1800));
    const ended = new Promise((resolve) => running.child.once("exit", resolve));
    running.child.kill("SIGKILL");
    await ended;
    ok(!running.said.includes(toHex(who.key)), "no key in what it says");
  }
  const last = start(words);
  let counters = await filled(chain);
  for (const end = Date.now() + 30_000; counters.some((value) => value === 0n);) {
    ok(Date.now() < end, last.said);
    await sleep(100);
    counters = await filled(chain);
  }
  const ended = new Promise((resolve) => last.child.once("exit", resolve));
  last.child.kill("SIGTERM");
  equal(await ended, 0, last.said);
  match(last.said, /stopped; \d submissions are still open/);
  equal(await chain.node.nonce(who.address), nonces.length, "three submissions, three nonces");
  rest.abort();
  await mining;
  await world.close();
  node.stop();
});
