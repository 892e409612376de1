/**
 * The tour's last part: three people who never met trade three tokens in one Ethereum transaction,
 * on the development chain of `npm start`. The wallets of the two strangers sign like Alice's; the
 * exchange's island, which has no network, authors the ring.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { assert } from "../codec/assert.ts";

/** How the tour shows and runs things. */
export type Telling = {
  /** Runs a command of somebody's, shows it with its output, and gives that. */
  readonly run: (who: string, command: string) => string;
  /** Runs one without showing it. */
  readonly ask: (command: string) => string;
  readonly title: (text: string) => void;
  readonly say: (text: string) => void;
};

type Member = {
  readonly who: string;
  readonly home: string;
  readonly sells: string;
  readonly buys: string;
};

const members: readonly Member[] = [
  { who: "Alice", home: "alice", sells: "GOLD", buys: "OIL" },
  { who: "A stranger", home: "second", sells: "OIL", buys: "WHEAT" },
  { who: "Another", home: "third", sells: "WHEAT", buys: "GOLD" },
];

const patienceMs = 60_000;

/** Plays it; throws if anything is not as it should be. */
export async function playRing({ run, ask, title, say }: Telling): Promise<void> {
  title("── Rings. No two of three people want what the other has; together they do.");
  for (const { who, home, sells, buys } of members) {
    if (who !== "Alice") {
      run(who, `signet setup --home ${home} --relay $RELAY --words-file ${home}.txt --yes`);
    }
    run(who, `signet ring faucet 100 ${sells} --home ${home}`);
    run(who, `signet ring approve 100 ${sells} --home ${home}`);
    run(who, `signet ring offer 100 ${sells} for 90 ${buys} --id tour-${home} --home ${home}`);
  }
  say("    The island finds the ring, signs it with each order's auth key, and hands out bytes");
  say("    that anybody may send to the chain, and nobody can make into anything else.");
  for (const end = Date.now() + patienceMs; !isFilled(ask);) {
    if (Date.now() > end) {
      for (const { who, home } of members) run(who, `signet ring list --all --home ${home}`);
      throw new Error("couldn't see the ring settle");
    }
    await sleep(500);
  }
  const transactions = members.map(({ who, home }) => {
    const shown = run(who, `signet ring status tour-${home} --home ${home}`);
    return /transaction (0x[0-9a-f]{64})/.exec(shown)?.[1];
  });
  const [one, ...others] = transactions;
  assert(one !== undefined && others.every((other) => other === one), "it is one transaction");
  say("    Each report names the same transaction: all three traded in it, or none would have.");
}

function isFilled(ask: Telling["ask"]): boolean {
  return members.every(({ home }) => {
    const shown = ask(`signet ring status tour-${home} --home ${home}`);
    return shown.includes("filled") && shown.includes("transaction 0x");
  });
}
