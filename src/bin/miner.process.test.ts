/** `signet miner` as a process: killed with -9 again and again, it loses no order and no ring. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { fromBase64, toHex } from "../codec/bytes.ts";
import { readMany } from "../chain/settlement.ts";
import { orderHash } from "../ring/digest.ts";
import { type Offer, person } from "../testing/ringminer.ts";
import { randomFrom, seedOf } from "../testing/seed.ts";
import {
  ask,
  freePort,
  postOrder,
  sealedAuth,
  signedOrder,
  until,
} from "../testing/sharingnodes.ts";
import { type MinedChain, openMinedChain } from "../testing/standalone.ts";

const dir = mkdtempSync(join(tmpdir(), "miner-"));
const kills = 6;
const rings = 5;
let mined: MinedChain;
let port: number;
const url = (): string => `http://127.0.0.1:${port}`;

before(async () => {
  mined = await openMinedChain();
  port = await freePort();
  const sender = person("who pays the gas");
  await mined.chain.faucet(sender.address, { ether: 10n ** 19n });
  writeFileSync(join(dir, "gas.key"), toHex(sender.key), { mode: 0o600 });
});
after(async () => {
  await mined.close();
  rmSync(dir, { recursive: true, force: true });
});

type Running = { readonly child: ChildProcess; said: string };

function start(command: "miner" | "accounts", options: Readonly<Record<string, string>>): Running {
  const script = `
    import { contextOf, finish } from "./src/bin/context.ts";
    import { miner } from "./src/bin/miner.ts";
    import { accounts } from "./src/bin/ringaccounts.ts";
    const [command, text] = process.argv.slice(1);
    const options = JSON.parse(text);
    const act = { miner, accounts }[command];
    process.exitCode = finish(await act(contextOf(options), [], options), options);`;
  const words = ["--input-type=module", "-e", script, "--", command, JSON.stringify(options)];
  const child = spawn(process.execPath, words, {
    cwd: join(import.meta.dirname, "..", ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = { child, said: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (running.said += chunk.toString()));
  }
  return running;
}

function ended({ child }: Running): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

function startMiner(): Running {
  const options = { dir: join(dir, "node"), chain: mined.chain.url, keyFile: join(dir, "gas.key") };
  const contract = mined.chain.settlement;
  return start("miner", { ...options, contract, port: String(port) });
}

async function isUp(): Promise<boolean> {
  try {
    return (await ask(url(), "/v1/miner")).status === 200;
  } catch {
    return false;
  }
}

/** Gives an order until it is taken, whoever dies meanwhile. */
async function give(offer: Offer, auth: string): Promise<void> {
  const given = { ...signedOrder(mined.domain, offer), auth };
  await until(async () => {
    try {
      const { status, json } = await postOrder(url(), given);
      return status < 300 || json["code"] === "order_over";
    } catch {
      return false;
    }
  });
}

test("killed again and again: every order that was taken is filled, each ring once", async (t) => {
  const seed = seedOf("MINER_SEED");
  t.diagnostic(`MINER_SEED=${seed}`);
  const dice = randomFrom(seed);
  let running = startMiner();
  await until(isUp);
  // The first start made everything; tokens are the operator's to list.
  running.child.kill("SIGTERM");
  equal(await ended(running), 0, running.said);
  const tokens = mined.chain.tokens.map(
    ({ name, address, decimals }) =>
      `token ${name} address ${address} decimals ${decimals} price 1`,
  );
  const conf = join(dir, "node", "miner.conf");
  writeFileSync(conf, readFileSync(conf, "utf8").replace("round 1", "round 0.1"));
  appendFileSync(conf, `${tokens.join("\n")}\nfinality 1\n`);
  running = startMiner();
  await until(isUp);
  const { json: card } = await ask(url(), "/v1/miner");
  const certificate = fromBase64(String(card["certificate"])) ?? new Uint8Array();

  const offers: Offer[] = [];
  for (let nonce = 1n; nonce <= BigInt(rings); nonce += 1n) {
    for (const who of [0, 1, 2]) offers.push(mined.offer(who, nonce));
  }
  const giving = (async () => {
    for (const offer of offers) await give(offer, await sealedAuth(offer, [certificate]));
  })();
  for (let i = 0; i < kills; i += 1) {
    await sleep(300 + dice(900));
    running.child.kill("SIGKILL");
    await ended(running);
    running = startMiner();
    await until(isUp);
  }
  await giving;
  const counters = offers.map(({ order }) => ({ owner: order.owner, nonce: order.nonce }));
  const questions = { counters, epochs: [], funds: [] };
  const { node } = mined;
  const filled = async (): Promise<readonly bigint[]> =>
    (await readMany(node, { contract: mined.chain.settlement, at: "latest", questions })).counters;
  await until(async () => (await filled()).every(isFull));
  type Ring = { state: string; size: number; reason?: string };
  const settled = async (): Promise<readonly Ring[]> =>
    ((await ask(url(), "/v1/rings")).json["rings"] as Ring[]).filter(
      ({ state }) => state === "settled",
    );
  // Its books have every order that the chain has, each as often as a ring had it.
  await until(async () => (await settled()).reduce((sum, { size }) => sum + size, 0) >= 3 * rings);
  const path = `/v1/orders/${orderHash(mined.domain, at0(offers).order)}`;
  // It hears of the last block a moment later than we do.
  await until(async () => {
    const kept = await ask(url(), path);
    return kept.status === 404 || kept.json["status"] === "filled";
  });
  running.child.kill("SIGTERM");
  equal(await ended(running), 0, running.said);
  ok(!running.said.includes(Buffer.from(at0(offers).auth.key).toString("hex")));

  await accountsAdd(String(card["miner"]), (await ledger()).length);
});

/** The finder leaves less than a millionth, if it leaves anything. */
function isFull(sum: bigint): boolean {
  return sum <= 10n ** 18n && sum > 10n ** 18n - 10n ** 12n;
}

function at0(offers: readonly Offer[]): Offer {
  const [first] = offers;
  if (first === undefined) throw new Error("there are offers");
  return first;
}

/** Transactions of the settlement on the chain. */
async function ledger(): Promise<readonly unknown[]> {
  const head = await mined.node.head();
  const query = { address: mined.chain.settlement, from: 0, to: head.number };
  return mined.node.logs(query);
}

/** `signet ring accounts` sees as many rings, all mined by this miner, and nobody owes. */
async function accountsAdd(miner: string, count: number): Promise<void> {
  const file = join(dir, "members.conf");
  const key = "alder+ee8fe13d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
  writeFileSync(file, `member alder - ${key}\nminer alder ${miner}\n`);
  const contract = mined.chain.settlement;
  const options = { chain: mined.chain.url, contract, members: file };
  const wrong = start("accounts", options);
  equal(await ended(wrong), 2);
  match(wrong.said, /line 1: no verifier key of alder/);
  writeFileSync(file, "");
  const running = start("accounts", { ...options, share: "101" });
  equal(await ended(running), 2);
  const script = start("accounts", options);
  equal(await ended(script), 0, script.said);
  match(script.said, new RegExp(`${count} rings`));
  match(script.said, /mined by 0x[0-9a-f]{40}, gas \d+ wei; margins/);
  match(script.said, /nobody owes anybody/);
  deepEqual(script.said.match(/mined by (0x[0-9a-f]{40})/)?.[1], miner);
}
