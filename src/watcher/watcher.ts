/**
 * A watcher: hears from the exchange what to watch, reads it on the chain, writes what it sees
 * (docs/decisions/0012). What it was asked is kept (watchlist.ts); what it told is not: after a
 * restart it tells everything anew, and so it does after a letter that got no answer.
 *
 * A letter's lines are in the order of the chain's reader: that a ring is settled before that its
 * counters moved.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { submissionsOf } from "../chain/relayfeed.ts";
import type { ChainWatcher } from "../chain/watcher.ts";
import { printCommand } from "../letter/print.ts";
import type { Account } from "../wallet/account.ts";
import { keyLine } from "../wallet/keylines.ts";
import { Correspondent } from "./correspondent.ts";
import { WatchList } from "./watchlist.ts";

/** Lines in one letter: far below what a letter holds. */
const linesMax = 250;
const pauseMs = 500;
/** A relay that has none of them would wait for one. */
const patienceMs = 2000;

export type WatcherOptions = {
  readonly account: Account;
  readonly chain: ChainWatcher;
  readonly stop: AbortSignal;
  readonly say: (sentence: string) => void;
};

/** Watches until stopped. Throws only if the exchange cannot be asked where we stand. */
export async function watchChain(options: WatcherOptions): Promise<void> {
  const { account, chain, stop, say } = options;
  const { list, next } = WatchList.load(account.home);
  const correspondent = await Correspondent.begin(account, stop, next);
  chain.watch({ orders: list.orders, rings: list.rings });
  let trouble: string | undefined;
  while (!stop.aborted) {
    try {
      await hear(options, correspondent, list);
      await tell(chain, correspondent);
      if (trouble !== undefined) say("watcher: all is well again");
      trouble = undefined;
    } catch (error) {
      if (stop.aborted) return;
      const why = error instanceof Error ? error.message : "failed";
      if (why !== trouble) say(`watcher: ${why}; trying again`);
      trouble = why;
    }
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** What the exchange asks for now. */
async function hear(
  { account, chain, stop, say }: WatcherOptions,
  correspondent: Correspondent,
  list: WatchList,
): Promise<void> {
  const reports = await correspondent.mail();
  const records = reports.flatMap((report) => report.records);
  for (const record of records) {
    // Nobody reads a watcher's statement: what somebody does to its key must be said where it runs.
    if (record.kind === "key" || record.kind === "frozen") say(`watcher: ${keyLine(record)}`);
  }
  const changes = records.filter((record) => list.take(record));
  if (reports.length > 0) list.keep(account.home, correspondent.next);
  if (changes.length === 0) return;
  // What is asked for again, whatever was told before, is asked by somebody who does not know it.
  const asked = new Set(changes.flatMap((record) => (record.kind === "watch" ? record.hash : [])));
  chain.watch({
    orders: list.orders.filter(({ hash }) => !asked.has(hash)),
    rings: list.rings.filter(({ hash }) => !asked.has(hash)),
  });
  const calldata = await calldataOf(account, list, stop);
  const rings = list.rings.map((ring) => ({ ...ring, calldata: calldata.get(ring.submission) }));
  chain.watch({ orders: list.orders, rings });
}

/**
 * The calldata of submissions, so that the chain can be asked why they would fail. From any relay,
 * and not verified: it decides nothing but the words in which a failure is explained.
 */
async function calldataOf(
  { exchange }: Account,
  { rings }: WatchList,
  stop: AbortSignal,
): Promise<ReadonlyMap<number, Uint8Array>> {
  if (rings.length === 0) return new Map();
  const after = Math.min(...rings.map(({ submission }) => submission)) - 1;
  for (const relay of exchange.urls) {
    try {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]);
      const { open } = await submissionsOf(relay, { after, signal });
      return new Map(open.map(({ number, calldata }) => [number, calldata] as const));
    } catch {
      // Another relay may answer; without any, a failure is explained in fewer words.
    }
  }
  return new Map();
}

/** What has changed on the chain. */
async function tell(chain: ChainWatcher, correspondent: Correspondent): Promise<void> {
  for (const { block, facts } of await chain.poll()) {
    for (let i = 0; i < facts.length; i += linesMax) {
      const some = facts.slice(i, i + linesMax);
      const lines = some.map((fact) => printCommand({ kind: "observe", block, fact }));
      const answer = await correspondent.say(lines);
      const refused = answer?.records.find((record) => record.kind === "refused");
      if (answer !== undefined && refused === undefined) continue;
      chain.forget();
      if (refused === undefined) return;
      await correspondent.resume();
      throw new Error(`the exchange did not take a letter (${refused.name}): ${refused.sentence}`);
    }
  }
}
