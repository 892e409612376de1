/**
 * Verified views for the tests of what they find out: begun, waited for, ended. Nothing here is
 * shipped.
 */
import type { Storage } from "./memory.ts";
import type { Seen } from "./seen.ts";
import { VerifiedView, type ViewOptions } from "./verifiedview.ts";

/** A browser's storage: a map. */
export function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => kept.set(name, text),
  };
}

const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Waits until the view is as wanted. */
export async function until(view: VerifiedView, is: (seen: Seen) => boolean): Promise<Seen> {
  for (const end = Date.now() + 20_000; !is(view.seen); await sleep()) {
    if (Date.now() > end)
      throw new Error(`couldn't wait for ${JSON.stringify(view.seen.standing)}`);
  }
  return view.seen;
}

export const isLive = ({ standing }: Seen): boolean => standing.kind === "live";
export const isWrong = ({ standing }: Seen): boolean => standing.kind === "wrong";

/** The price of the newest trade that is shown. */
export function lastPrice(seen: Seen): number | undefined {
  return seen.view?.board.view("GLD/BTC", 10)?.trades.at(-1)?.price;
}

/** Runs with a view of `origin`, ten times as quick as usual, and ends it. The card checks. */
export async function looking(
  origin: string,
  work: (view: VerifiedView) => Promise<void>,
  options: Partial<ViewOptions> = {},
): Promise<void> {
  const checkCard = (): Promise<undefined> => Promise.resolve(undefined);
  const view = new VerifiedView({ origin, storage: storage(), checkCard, pace: 10, ...options });
  view.start();
  try {
    await work(view);
  } finally {
    view.stop();
  }
}
