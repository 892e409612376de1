/**
 * Trades by HTTP POST to one address: at least once, in order, with the trade's id as idempotency
 * key (docs/spec/api.md §8). The receiver's word is its status: 200 to 299 is taken, anything else
 * is tried again, for as long as it takes; nothing later goes out before.
 */
import type { Fingerprint } from "../codec/names.ts";
import { reachOf, type Reach } from "../codec/reach.ts";
import { tagUri } from "../market/feed.ts";
import { tradeJson } from "../market/json.ts";
import type { MarketTrade } from "./follow.ts";
import { reasonsOf, rest, type Sink } from "./run.ts";

const postMs = 15_000;

export type WebhookOptions = {
  readonly url: string;
  readonly exchange: Fingerprint;
  /** The first pause after a failure, milliseconds; each is twice the one before. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  readonly say: (sentence: string) => void;
};

/** The sink; `undefined`: the address is none. */
export function webhookSink(options: WebhookOptions): Sink | undefined {
  const reach = reachOf(options.url);
  if (reach === undefined) return undefined;
  return {
    atMostOnce: false,
    ready: () => Promise.resolve(),
    hand: async (trade, signal) => {
      for (let pause = options.pauseMs; ; pause = Math.min(pause * 2, options.pauseMsMax)) {
        const wrong = await post(reach, options.exchange, trade, signal);
        if (wrong === undefined) return;
        signal.throwIfAborted();
        options.say(`trade ${trade.trade.number}: ${wrong}; trying again`);
        await rest(pause, signal);
      }
    },
  };
}

/** What was wrong; nothing if the trade was taken. */
async function post(
  { url, name, authorization }: Reach,
  exchange: Fingerprint,
  { market, trade }: MarketTrade,
  signal: AbortSignal,
): Promise<string | undefined> {
  const id = tagUri(exchange, `trades/${trade.number}`);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": `"${id}"`,
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: `${JSON.stringify({ id, exchange, ...tradeJson(market, trade) })}\n`,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(postMs)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `${name} answered ${response.status}`;
  } catch (cause) {
    return `couldn't post to ${name}: ${reasonsOf(cause)}`;
  }
}
