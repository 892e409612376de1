/**
 * `signet broadcast`: brings the submissions of one or more relays onto the chain, paying the gas
 * (docs/guide/chain.md). Anybody may run it, without an account at the exchange; it earns nothing
 * and can take nothing. Ends at SIGINT or SIGTERM, and goes on where it was at the next start.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type BroadcastEvent, openBroadcaster, type Broadcaster } from "../chain/broadcaster.ts";
import { openNode } from "../chain/node.ts";
import { submissionsOf, venueOf } from "../chain/relayfeed.ts";
import { isSettlement } from "../chain/settlement.ts";
import { parseKey } from "../chain/transaction.ts";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";
import { readInputText } from "./input.ts";

export type BroadcastOptions = CommonOptions & {
  /** A node of the chain; SIGNET_CHAIN if not given. */
  readonly chain?: string;
  /** 64 hex digits; else SIGNET_BROADCAST_KEY holds them. */
  readonly keyFile?: string;
  /** Where it keeps what it sent; `broadcast` in the home if not given. */
  readonly dir?: string;
  /** The settlement; what the first relay says if not given. */
  readonly contract?: string;
  readonly confirmations?: string;
};

const troubledSeconds = 5;
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
  const contract = wishes.value.contract ?? (await venueOf(relays[0] ?? "")).contract;
  const node = await openNode(chain);
  for (const relay of relays) {
    const venue = await venueOf(relay);
    if (venue.chainId !== node.chainId) {
      return trouble("E125", `The node is of chain ${node.chainId}; ${relay} of ${venue.chainId}.`);
    }
    if (venue.contract !== contract) {
      return trouble("E100", `${relay} has submissions for another contract, ${venue.contract}.`);
    }
  }
  if (!(await isSettlement(node, contract))) {
    return trouble("E125", `The node's chain has no settlement at ${contract}.`);
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const say = saying(context);
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
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const feeds = relays.map((relay) => feed(broadcaster, relay, { say, signal: stop.signal }));
  await Promise.all([broadcaster.run(stop.signal), ...feeds]);
  await broadcaster.close();
  const { pending } = broadcaster;
  const lines = [`○ stopped; ${pending} submissions are still open`];
  return { ok: true, exit: exits.done, lines, data: { ok: true, pending, exit: exits.done } };
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
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
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
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
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
        say(`✕ submission ${submission.number} of ${relay}: ${taken.name}`);
      }
      after = last;
    } catch (cause) {
      if (signal.aborted) return;
      say(`◌ ${reasonsOf(cause)}; trying again`);
      await sleep(troubledSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The same sentence is not said twice in a row: a node may be away for hours. */
function saying(context: Context): (line: string) => void {
  let last = "";
  return (line) => {
    if (line !== last) context.say(line);
    last = line;
  };
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

function reasonsOf(cause: unknown): string {
  const reasons: string[] = [];
  for (let at: unknown = cause; at instanceof Error; at = at.cause) reasons.push(at.message);
  return reasons.join(": ") || "something failed";
}
