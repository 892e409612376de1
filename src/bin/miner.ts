/**
 * `signet miner`: a node that shares ring orders with its members and mines rings of them, or with
 * `--orders-only` shares and mines nothing (docs/guide/miner.md). Its folder is made at the first
 * start; Ctrl-C ends it cleanly, `kill -9` loses nothing.
 */
import { createPrivateKey, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { fromAscii, fromBase64, toBase64, toHex } from "../codec/bytes.ts";
import { checksummed, parseAddress } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import { type Broadcaster, openBroadcaster } from "../chain/broadcaster.ts";
import type { ChainNode } from "../chain/node.ts";
import { parseKey } from "../chain/transaction.ts";
import { findRings } from "../finder/round.ts";
import { openSolver } from "../miner/highs.ts";
import { MinerKeys } from "../miner/keys.ts";
import { makeMinerKeys, readMinerSecret } from "../seal/authkey.ts";
import { parseMembers } from "../sharing/members.ts";
import { type MinerParts, startSharing } from "../sharing/node.ts";
import { type NodeSettings, parseSettings } from "../sharing/settings.ts";
import { writeDurablySync } from "../store/durable.ts";
import { exits, type Outcome, trouble } from "../wallet/errors.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";
import { newKey } from "./found.ts";
import { readInputText } from "./input.ts";
import { isWebAddress, nodeAt, type Running, type Wanted } from "./nodewait.ts";
import { harmless, sayingOnce } from "./reasons.ts";

export type MinerOptions = CommonOptions & {
  readonly dir?: string;
  /** A node of the chain; SIGNET_CHAIN if not given. */
  readonly chain?: string;
  /** The settlement; for the first start. */
  readonly contract?: string;
  /** What others call it; for the first start. */
  readonly name?: string;
  readonly port?: string;
  /** Who pays the gas: 64 hex digits; SIGNET_BROADCAST_KEY if not given; nobody if neither. */
  readonly keyFile?: string;
  /** Without a miner's keys; for the first start. */
  readonly ordersOnly?: boolean;
};

const nameDefault = "alder";
const portDefault = "8400";

/** Runs until it is told to end. */
export async function miner(
  context: Context,
  _words: readonly string[],
  options: MinerOptions,
): Promise<Ended> {
  const dir = resolve(options.dir ?? "signet-miner");
  const url = options.chain ?? process.env["SIGNET_CHAIN"] ?? "";
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const running: Running = {
    say: sayingOnce((line) => context.say(line)),
    signal: stop.signal,
  };
  const isNew = !existsSync(join(dir, "miner.conf"));
  const wanted = isNew ? readFirst(options, url) : settingsIn(dir);
  if (!wanted.ok) return wanted;
  const found = await chainAt(url, wanted.value.domain, running);
  if (found === undefined) return stopped(0);
  if (!found.ok) return found;
  const chain = found.value;
  // Only now: a miner.conf for the wrong chain would refuse the right one.
  if (isNew && chain !== undefined) await makeFolder(dir, chain.chainId, options);
  const settings = settingsIn(dir);
  if (!settings.ok) return settings;
  const membership = parseMembers(readFileSync(join(dir, "members.conf"), "utf8"));
  if (!membership.ok) return trouble("E100", `members.conf: ${membership.detail}.`);
  const isMiner = existsSync(join(dir, "miner.key"));
  if (chain === undefined && isMiner) return trouble("E127");
  const sending = await openSender(dir, chain, { settings: settings.value, options, running });
  if (!sending.ok) return sending;
  const broadcaster = sending.value;
  const node = await startSharing({
    dir,
    settings: withPort(settings.value, options.port),
    membership: membership.value,
    memberKey: createPrivateKey(readFileSync(join(dir, "member.key"))),
    chain,
    miner: isMiner ? await readMiner(dir, broadcaster) : undefined,
    say: (sentence) => running.say(`○ ${harmless(sentence)}`),
  });
  context.say(`● ${settings.value.name} on ${node.url}`);
  if (node.miner !== undefined) context.say(`● mining as ${checksummed(node.miner)}`);
  if (node.miner !== undefined && broadcaster === undefined) {
    context.say("◌ no --key-file: rings wait for whoever broadcasts them");
  }
  await (broadcaster?.run(stop.signal) ?? waitFor(stop.signal));
  await node.close();
  await broadcaster?.close();
  return stopped(node.held.size);
}

function stopped(held: number): Ended {
  const lines = [`○ stopped; ${held} orders are held`];
  return { ok: true, exit: exits.done, lines, data: { ok: true, held, exit: exits.done } };
}

function settingsIn(dir: string): Outcome<NodeSettings> {
  const settings = parseSettings(readFileSync(join(dir, "miner.conf"), "utf8"));
  return settings.ok ? settings : trouble("E100", `miner.conf: ${settings.detail}.`);
}

/** The node, once it answers; none, where none is named. */
async function chainAt(
  url: string,
  wanted: Wanted,
  running: Running,
): Promise<Outcome<ChainNode | undefined> | undefined> {
  if (url === "") return { ok: true, value: undefined };
  if (!isWebAddress(url)) return trouble("E100", "--chain is an address that begins with http.");
  return nodeAt(url, wanted, running);
}

function waitFor(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => {
    // What listens keeps the process; without a chain nothing else does.
    signal.addEventListener("abort", () => done());
  });
}

function withPort(settings: NodeSettings, port: string | undefined): NodeSettings {
  return port === undefined ? settings : { ...settings, port: Number(port) };
}

async function readMiner(dir: string, broadcaster: Broadcaster | undefined): Promise<MinerParts> {
  const read = (name: string): string => readFileSync(join(dir, name), "utf8").trim();
  const signing = parseKey(read("miner.key"));
  const certificate = fromBase64(read("miner.cert"));
  if (signing === undefined || certificate === undefined) {
    throw new Error(`couldn't read the miner's keys in ${dir}`);
  }
  const keys = new MinerKeys(signing, await readMinerSecret(read("miner.key.asc")));
  const solve = await openSolver();
  return {
    keys,
    certificate,
    find: (offers, tokens, gasPerOrder) => findRings(tokens, offers, { gasPerOrder, solve }),
    broadcast: broadcaster && ((number, calldata) => void broadcaster.add({ number, calldata })),
  };
}

async function openSender(
  dir: string,
  node: ChainNode | undefined,
  {
    settings,
    options,
    running,
  }: {
    readonly settings: NodeSettings;
    readonly options: MinerOptions;
    readonly running: Running;
  },
): Promise<Outcome<Broadcaster | undefined>> {
  const text: Outcome<string> =
    options.keyFile === undefined
      ? { ok: true, value: process.env["SIGNET_BROADCAST_KEY"] ?? "" }
      : await readInputText(options.keyFile);
  if (!text.ok) return text;
  if (node === undefined || text.value === "") return { ok: true, value: undefined };
  const key = parseKey(text.value);
  if (key === undefined) return trouble("E100", "The key file holds 64 hex digits.");
  const place = join(dir, "broadcaster");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const value = openBroadcaster({
    node,
    contract: settings.domain.contract,
    key,
    dir: place,
    confirmations: settings.finality,
    onTrouble: () => running.say("◌ the chain does not answer; trying again"),
  });
  return { ok: true, value };
}

/** What the first start must be told. */
function readFirst(
  { contract: text = "", name = nameDefault }: MinerOptions,
  url: string,
): Outcome<{ readonly domain: Wanted }> {
  const contract = parseAddress(text);
  if (contract === undefined) {
    return trouble("E100", "At the first start say --contract: the settlement's address.");
  }
  if (url === "") return trouble("E127");
  if (!/^[a-z0-9-]{1,28}$/.test(name)) {
    return trouble("E100", "--name is 1 to 28 of a to z, 0 to 9 and -.");
  }
  return { ok: true, value: { domain: { contract } } };
}

/** The first start. `miner.conf` comes last: without it, nothing was made. */
async function makeFolder(dir: string, chainId: bigint, options: MinerOptions): Promise<void> {
  const { contract = "", ordersOnly = false } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const write = (file: string, content: string): void => {
    const path = join(dir, file);
    if (!existsSync(path)) writeDurablySync(path, fromAscii(content));
  };
  write("member.key", newKey());
  if (!ordersOnly && !existsSync(join(dir, "miner.key.asc"))) {
    const made = await makeMinerKeys({ at: time(Date.now()) });
    // The key comes last: it is what says that both are there.
    writeDurablySync(join(dir, "miner.cert"), fromAscii(`${toBase64(made.certificate)}\n`));
    write("miner.key.asc", made.secret);
  }
  if (!ordersOnly) write("miner.key", `${toHex(new Uint8Array(randomBytes(32)))}\n`);
  write("members.conf", membersHelp);
  write("miner.conf", settingsText(chainId, contract, options));
}

const membersHelp = `# Who shares orders with whom (docs/spec/sharing.md, section 1).
# member NAME URL VERIFIER-KEY      its key: curl URL/v1/miner
# room NAME MEMBER MEMBER...        who is told what is told to the room; name yourself as well
# miner MEMBER ADDRESS              by which address it mines
# address MEMBER ADDRESS            other addresses of it, for \`signet ring accounts\`
`;

function settingsText(
  chainId: bigint,
  contract: string,
  { name = nameDefault, port = portDefault }: MinerOptions,
): string {
  return `# A node that shares ring orders (docs/spec/sharing.md, section 1).
name ${name}
listen 127.0.0.1:${port}
ring chain ${chainId} contract ${contract} gas-per-order 0 deadline 300 round 1
finality 6
# What may be mined, and what one whole token is worth in any one measure:
# token GOLD address 0x... decimals 18 price 1.0
`;
}
