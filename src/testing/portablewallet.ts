/**
 * A customer's life with nothing but the wallet's portable part and a home in memory, against a
 * real exchange: an account, a deposit, an order, a cancel, everything back from the words, and
 * everything there again when the program is started anew. It names no machine: machinelike.ts runs
 * it as a browser would.
 */
import { inflate } from "#primitives";

import { time } from "../codec/time.ts";
import {
  certificateOf,
  makeKey,
  openAccount,
  registration,
  type Account,
} from "../wallet/account.ts";
import { depositLine, type Line } from "../wallet/compose.ts";
import type { Outcome } from "../wallet/errors.ts";
import { exportEvidence, verifyEvidence } from "../wallet/evidence.ts";
import { fetchVerified, pinExchange } from "../wallet/exchange.ts";
import type { Statement } from "../wallet/fold.ts";
import type { Home } from "../wallet/home.ts";
import { memoryHome } from "../wallet/memoryhome.ts";
import { cancelLine, placeLine } from "../wallet/orderlines.ts";
import { sealedOf, writeLetter, type OutboxEntry } from "../wallet/outbox.ts";
import { pause } from "../wallet/pause.ts";
import { restoreAccount } from "../wallet/restore.ts";
import { sendEntry } from "../wallet/send.ts";
import { statementHere, synchronise, watch } from "../wallet/sync.ts";
import { now } from "../wallet/times.ts";
import { makeWords, seedOf } from "../wallet/words.ts";

/** What a life came to. */
export type Life = {
  /** Whether this machine inflates: Node does, a browser does not. */
  readonly inflates: boolean;
  readonly account: string;
  readonly fates: readonly string[];
  readonly balance: number | undefined;
  /** Whether what the words brought back is what was there. */
  readonly isRestored: boolean;
  /** Whether what lasted is what was there. */
  readonly isKept: boolean;
  readonly receipts: number;
  /** The files of the home as they lasted. */
  readonly files: readonly (readonly [path: string, bytes: Uint8Array])[];
};

function worth<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.code}: ${outcome.what}`);
}

/** A storage that answers only later, and knows what came before what. */
class SlowStorage {
  readonly files = new Map<string, Uint8Array>();

  home(): Home {
    const onChange = async (path: string, bytes: Uint8Array): Promise<void> => {
      await pause(2);
      this.files.set(path, bytes);
    };
    return memoryHome({ name: "this program", files: this.files, onChange });
  }
}

const nobody = (): Promise<undefined> => Promise.resolve(undefined);

async function accountIn(home: Home, words: string, relay: string): Promise<Account> {
  const exchange = worth(await fetchVerified([relay], undefined));
  pinExchange(home, exchange);
  worth(await makeKey(home, worth(seedOf(words)), ""));
  return worth(await openAccount(home, { ask: nobody, relays: [] }));
}

/** Writes and sends a letter; it must lie in the storage before it is sent. */
async function say(
  account: Account,
  line: Line,
  storage: SlowStorage,
): Promise<readonly [OutboxEntry, string]> {
  const by = time(Math.ceil((now() + 60_000) / 1000) * 1000);
  const draft = { commands: [line.text], by, thread: 0, ids: line.ids };
  const entry = worth(await writeLetter(account, draft));
  const lasting = storage.files.get(`outbox/${entry.name}.pgp`);
  if (lasting?.join() !== sealedOf(account.home, entry).join()) throw new Error("it did not last");
  const sent = await sendEntry(account, entry, { wait: "read" });
  if (sent.kind !== "answered") return [entry, sent.kind];
  const fates = sent.lines.map((fate) => (fate.kind === "order" ? fate.order.status : fate.kind));
  return [entry, [...fates, sent.refused?.code ?? "answered"].join(" ")];
}

function balanceIn(statement: Statement): number | undefined {
  return statement.balances.get("BTC")?.total;
}

/** Lives it; `onDeposit` is told the deposit's number, which somebody then has to credit. */
export async function livePortably(
  relay: string,
  onDeposit: (number: number) => void,
): Promise<Life> {
  const words = makeWords();
  const storage = new SlowStorage();
  const account = await accountIn(storage.home(), words, relay);
  const { card } = account.exchange;
  const fates: string[] = [];
  const sayIt = async (line: Line): Promise<OutboxEntry> => {
    const [entry, fate] = await say(account, line, storage);
    fates.push(fate);
    return entry;
  };
  await sayIt({ text: registration(account), ids: [] });
  await sayIt(worth(depositLine(card, { amount: "1", asset: "BTC" }, {})));
  for (const { number } of statementHere(account.home).deposits.values()) onDeposit(number);
  const isDone = (statement: Statement): boolean => balanceIn(statement) !== undefined;
  if (!(await watch(account, { isDone, until: now() + 30_000 }))) throw new Error("no credit");
  const order = { side: "buy", quantity: "1", market: "GLD/BTC", price: "0.001" } as const;
  const bought = await sayIt(worth(placeLine(card, order, { id: "one" }, now())));
  await sayIt(worth(cancelLine("one", {})));
  const { statement } = await synchronise(account);
  const evidence = worth(await verifyEvidence(exportEvidence(account, bought)));

  // Another machine, with the words alone.
  const other = await accountIn(memoryHome({ name: "elsewhere" }), words, relay);
  const restored = worth(await restoreAccount(other));
  // The same machine, started anew.
  const again = storage.home();
  worth(await openAccount(again, { ask: nobody, relays: [] }));
  const same = (a: Statement): boolean => print(a) === print(statement);
  return {
    inflates: inflate !== undefined,
    account: account.fingerprint,
    fates,
    balance: balanceIn(statement),
    isRestored: same(restored) && certificateOf(other).join() === certificateOf(account).join(),
    isKept: same(statementHere(again)),
    receipts: evidence.receipts.length,
    files: [...storage.files],
  };
}

/** A statement as a text, but for answers to questions, which only their asker has. */
function print({ balances, orders, fills, deposits, asOf, threads }: Statement): string {
  const lists = [[...balances], [...orders], [...deposits], [...threads]];
  return JSON.stringify([lists, fills, asOf]);
}
