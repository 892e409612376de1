/**
 * A watcher: hears from the exchange what to watch, reads it on the chain, writes what it sees
 * (docs/decisions/0012). Keeps nothing: after a restart it asks for the list and tells everything
 * anew.
 *
 * What was told in a letter that got no answer is told again. A letter's lines are in the order of
 * the chain's reader: that a ring is settled before that its counters moved.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { ChainWatcher } from "../chain/watcher.ts";
import { printCommand } from "../letter/print.ts";
import type { Report } from "../letter/report.ts";
import type { Account } from "../wallet/account.ts";
import { Correspondent } from "./correspondent.ts";
import { WatchList } from "./watchlist.ts";

/** Lines in one letter: far below what a letter holds. */
const linesMax = 250;
const mailMs = 500;

export type WatcherOptions = {
  readonly account: Account;
  readonly chain: ChainWatcher;
  readonly stop: AbortSignal;
  readonly say: (sentence: string) => void;
};

/** Watches until stopped. Throws only if the exchange cannot be asked where we stand. */
export async function watchChain({ account, chain, stop, say }: WatcherOptions): Promise<void> {
  const { correspondent, statement } = await Correspondent.begin(account, stop);
  const list = new WatchList();
  take(list, statement, chain);
  let chainOff = false;
  while (!stop.aborted) {
    for (const report of await correspondent.mail()) take(list, report, chain);
    try {
      for (const { block, facts } of await chain.poll()) {
        for (let i = 0; i < facts.length; i += linesMax) {
          const some = facts.slice(i, i + linesMax);
          const lines = some.map((fact) => printCommand({ kind: "observe", block, fact }));
          const answer = await correspondent.say(lines);
          // Nobody heard it: say everything anew.
          if (answer === undefined) chain.forget();
        }
      }
      if (chainOff) say("watcher: the chain's node answers again");
      chainOff = false;
    } catch (error) {
      if (stop.aborted) return;
      const why = error instanceof Error ? error.message : "failed";
      if (!chainOff) say(`watcher: ${why}; trying again`);
      chainOff = true;
    }
    await sleep(mailMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

function take(list: WatchList, report: Report, chain: ChainWatcher): void {
  const changed = report.records.filter((record) => list.take(record)).length;
  if (changed > 0) chain.watch({ orders: list.orders, rings: list.rings });
}
