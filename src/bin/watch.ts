/**
 * `signet watch`: tells the exchange what happens on the ring venue's chain, as one of the watchers
 * that signet.conf names (docs/guide/chain.md). Its home is a wallet like any other. Ends at SIGINT
 * or SIGTERM; the next start tells everything anew.
 */
import { ChainWatcher } from "../chain/watcher.ts";
import { exits, trouble } from "../wallet/errors.ts";
import { watchChain } from "../watcher/watcher.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import { isWebAddress, nodeAt } from "./nodewait.ts";
import { harmless } from "./reasons.ts";

/** As many blocks on top as `start` waits for on a real chain. */
export const confirmationsDefault = 3;

export type WatchOptions = CommonOptions & {
  readonly chain?: string;
  readonly confirmations?: string;
};

/** Runs until it is told to end. */
export async function watch(
  context: Context,
  _words: readonly string[],
  options: WatchOptions,
): Promise<Ended> {
  const url = options.chain ?? process.env["SIGNET_CHAIN"];
  if (url === undefined || url === "") return trouble("E127");
  if (!isWebAddress(url)) {
    return trouble("E100", "--chain is an address that begins with http.");
  }
  const confirmations = options.confirmations ?? String(confirmationsDefault);
  if (!/^\d{1,4}$/.test(confirmations)) return trouble("E100", "--confirmations is a number.");
  const account = await accountOf(context);
  if (!account.ok) return account;
  await context.lookForCard(account.value);
  const { ring } = context.cardOf(account.value);
  if (ring === undefined) return trouble("E119");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const { chainId, contract } = ring;
  const say = (line: string): void => context.say(line);
  const node = await nodeAt(url, { chainId, contract }, { say, signal: stop.signal });
  if (node === undefined) return stopped;
  if (!node.ok) return node;
  context.say(`● watching ${contract}, ${confirmations} blocks behind the newest`);
  await watchChain({
    account: account.value,
    chain: new ChainWatcher({
      node: node.value,
      contract,
      confirmations: Number(confirmations),
    }),
    stop: stop.signal,
    say: (sentence) => context.say(`◌ ${harmless(sentence)}`),
  });
  return stopped;
}

const stopped: Ended = {
  ok: true,
  exit: exits.done,
  lines: ["○ stopped; the next start tells everything anew"],
  data: { ok: true, exit: exits.done },
};
