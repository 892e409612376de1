/**
 * `signet broadcast`: brings the submissions of one or more relays onto the chain, paying the gas
 * (docs/guide/chain.md). Anybody may run it, without an account at the exchange; it earns nothing
 * and can take nothing. Ends at SIGINT or SIGTERM, and goes on where it was at the next start.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type BroadcastEvent, openBroadcaster, type Broadcaster } from "../chain/broadcaster.ts";
import type { ChainNode } from "../chain/node.ts";
import { type FeedVenue, submissionsOf, venueOf } from "../chain/relayfeed.ts";
import { isSettlement } from "../chain/settlement.ts";
import { parseKey } from "../chain/transaction.ts";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { nameOfUrl } from "../codec/reach.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";
import { readInputText } from "./input.ts";
import { isWebAddress, nodeAt, type Running } from "./nodewait.ts";
import { reasonsOf, sayingOnce } from "./reasons.ts";

export type BroadcastOptions = CommonOptions & {
  /** A node of the chain; SIGNET_CHAIN if not given. */
  readonly chain?: string;
  /** 64 hex digits; else SIGNET_BROADCAST_KEY holds them. */
  readonly keyFile?: string;
  /** Where it keeps what it sent; `broadcast` in the home if not given. */
  readonly dir?: string;
  /** The settlement; if not given, the first that a relay names and the chain confirms. */
  readonly contract?: string;
  readonly confirmations?: string;
};

const troubledSeconds = 5;
/** A relay of another contract is asked again so often: its operators may mend it. */
const strangeSeconds = 60;
/** Racing strangers are given a moment: who sees a ring settled sends nothing. */
const hesitateMilliseconds = 1500;

/** Runs until it is told to end. */
export async function broadcast(
  context: Context,
  _words: readonly string[],
  options: BroadcastOptions,
): Promise<Ended> {
  const wishes = await wishesIn(context, options);
  if (!wishes.ok) return wishes;
  const { key, relays, chain, dir, confirmations } = wishes.value;
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const running: Running = { say: sayingOnce((line) => context.say(line)), signal: stop.signal };
  const wanted = wishes.value.contract;
  const found = await nodeAt(chain, wanted === undefined ? {} : { contract: wanted }, running);
  if (found?.ok === false) return found;
  const node = found?.value;
  const place =
    wanted !== undefined || node === undefined
      ? { ok: true as const, value: wanted }
      : await contractOf(relays, node, running);
  if (!place.ok) return place;
  const contract = place.value;
  if (node === undefined || contract === undefined) return stopped(0);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { say } = running;
  const broadcaster = openBroadcaster({
    node,
    contract,
    key,
    dir,
    confirmations,
    hesitateMilliseconds,
    onEvent: (event) => say(sentenceOf(event)),
    onTrouble: (cause) => say(`◌ ${reasonsOf(cause)}; trying again`),
  });
  say(`● broadcasting for ${contract} from ${broadcaster.sender}`);
  const feeds = relays.map(async (relay) => {
    await untilOf(relay, { chainId: node.chainId, contract }, running);
    await feed(broadcaster, relay, running);
  });
  await Promise.all([broadcaster.run(stop.signal), ...feeds]);
  await broadcaster.close();
  return stopped(broadcaster.pending);
}

function stopped(pending: number): Ended {
  const lines = [`○ stopped; ${pending} submissions are still open`];
  return { ok: true, exit: exits.done, lines, data: { ok: true, pending, exit: exits.done } };
}

/** Every relay's word, or nothing of those that did not answer. */
async function venuesOf(
  relays: readonly string[],
  { say }: Running,
): Promise<readonly (FeedVenue & { readonly relay: string })[]> {
  const asked = relays.map(async (relay) => {
    try {
      return [{ ...(await venueOf(relay)), relay }];
    } catch (cause) {
      say(`◌ ${reasonsOf(cause)}; trying again`);
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}

/**
 * The settlement: of the first relay whose word the node's chain confirms. Relays that are away or
 * wrong are asked again, unless all of them say that the node is of another chain.
 */
async function contractOf(
  relays: readonly string[],
  node: ChainNode,
  running: Running,
): Promise<Outcome<Address | undefined>> {
  const { say, signal } = running;
  while (!signal.aborted) {
    const venues = await venuesOf(relays, running);
    const strange = venues.filter(({ chainId }) => chainId !== node.chainId);
    const [first] = strange;
    if (first !== undefined && strange.length === relays.length) {
      const what = `The node is of chain ${node.chainId}; ${nameOfUrl(first.relay)} of `;
      return trouble("E125", `${what}${first.chainId}.`);
    }
    for (const { relay, chainId, contract } of venues) {
      if (chainId !== node.chainId) {
        say(`◌ ${nameOfUrl(relay)} is of chain ${chainId}, the node of ${node.chainId}`);
        continue;
      }
      try {
        if (await isSettlement(node, contract)) return { ok: true, value: contract };
        say(`◌ ${nameOfUrl(relay)} names ${contract}, which is no settlement on the node's chain`);
      } catch (cause) {
        say(`◌ ${reasonsOf(cause)}; trying again`);
      }
    }
    await pause(troubledSeconds, signal);
  }
  return { ok: true, value: undefined };
}

/** Waits until the relay has submissions for this contract. */
async function untilOf(relay: string, wanted: FeedVenue, running: Running): Promise<void> {
  const { say, signal } = running;
  while (!signal.aborted) {
    const [venue] = await venuesOf([relay], running);
    const { chainId, contract } = venue ?? {};
    if (chainId === wanted.chainId && contract === wanted.contract) return;
    if (venue !== undefined) {
      const what = `submissions for ${contract} on chain ${chainId}`;
      say(`◌ ${nameOfUrl(relay)} has ${what}: it is passed over, and asked again later`);
    }
    await pause(venue === undefined ? troubledSeconds : strangeSeconds, signal);
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<unknown> {
  return sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
}

type Wishes = {
  readonly key: Uint8Array;
  readonly relays: readonly string[];
  readonly chain: string;
  readonly dir: string;
  readonly contract: Address | undefined;
  readonly confirmations: number;
};

async function wishesIn(context: Context, options: BroadcastOptions): Promise<Outcome<Wishes>> {
  const { relays } = context;
  if (relays.length === 0) return trouble("E100", "Say whose submissions: --relay URL.");
  const chain = options.chain ?? process.env["SIGNET_CHAIN"];
  if (chain === undefined || chain === "") return trouble("E127");
  for (const url of [...relays, chain]) {
    if (!isWebAddress(url)) {
      return trouble("E100", "--relay and --chain are addresses that begin with http.");
    }
  }
  const contract = options.contract === undefined ? undefined : parseAddress(options.contract);
  if (options.contract !== undefined && contract === undefined) return trouble("E124");
  const confirmations = options.confirmations ?? "6";
  if (!/^\d{1,4}$/.test(confirmations)) return trouble("E100", "--confirmations is a number.");
  const key = await keyIn(options);
  if (!key.ok) return key;
  const dir = options.dir ?? join(context.home.dir, "broadcast");
  const found = { key: key.value, relays, chain, dir, contract };
  return { ok: true, value: { ...found, confirmations: Number(confirmations) } };
}

async function keyIn({ keyFile }: BroadcastOptions): Promise<Outcome<Uint8Array>> {
  const text: Outcome<string> =
    keyFile === undefined
      ? { ok: true, value: process.env["SIGNET_BROADCAST_KEY"] ?? "" }
      : await readInputText(keyFile);
  if (!text.ok) return text;
  const key = parseKey(text.value);
  const wanted = "The key is 64 hex digits in the file of --key-file, or in SIGNET_BROADCAST_KEY.";
  return key === undefined ? trouble("E100", wanted) : { ok: true, value: key };
}

/** Hands over what a relay has, and waits for more. */
export async function feed(
  broadcaster: Broadcaster,
  relay: string,
  { say, signal }: Running,
): Promise<void> {
  // From the beginning at each start: what has ended is known by its bytes.
  let after = 0;
  while (!signal.aborted) {
    try {
      const { open, last } = await submissionsOf(relay, { after, signal });
      for (const submission of open) {
        const taken = broadcaster.add(submission);
        if (taken.ok) continue;
        if (taken.name === "submissions_too_many") throw new Error(taken.detail);
        say(`✕ submission ${submission.number} of ${nameOfUrl(relay)}: ${taken.name}`);
      }
      after = last;
    } catch (cause) {
      if (signal.aborted) return;
      say(`◌ ${reasonsOf(cause)}; trying again`);
      await pause(troubledSeconds, signal);
    }
  }
}

/** What happened, for people. */
export function sentenceOf({ kind, number, transaction, reason }: BroadcastEvent): string {
  const name = `submission ${number}`;
  switch (kind) {
    case "sent":
      return `◐ ${name} sent in ${transaction}`;
    case "replaced":
      return `◐ ${name} was stuck; sent again with a higher fee in ${transaction}`;
    case "withdrawn":
      return `○ ${name} would be refused now; withdrawn by ${transaction}`;
    case "settled":
      return `● ${name} settled in ${transaction}`;
    case "lost":
      return `✕ ${name} was refused on chain in ${transaction}`;
    case "given_up":
      return `○ ${name} given up: ${reason ?? ""}`;
  }
}
