/** `signet buy`, `sell` and `cancel`. */
import { randomBytes } from "node:crypto";

import type { Side } from "../letter/command.ts";
import { cancelAllLine, cancelLine, placeLine, priceIn } from "../wallet/compose.ts";
import { trouble } from "../wallet/errors.ts";
import type { Context, Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";

type PlaceOptions = FollowOptions & {
  readonly id?: string;
  readonly tag?: string;
  readonly expiry?: string;
};

/** `signet buy QTY MARKET [@ PRICE]`. */
export async function buy(
  context: Context,
  words: readonly string[],
  options: PlaceOptions,
): Promise<Ended> {
  return place(context, "buy", words, options);
}

/** `signet sell QTY MARKET [@ PRICE]`. */
export async function sell(
  context: Context,
  words: readonly string[],
  options: PlaceOptions,
): Promise<Ended> {
  return place(context, "sell", words, options);
}

async function place(
  context: Context,
  side: Side,
  words: readonly string[],
  options: PlaceOptions,
): Promise<Ended> {
  const [quantity = "", market = "", ...rest] = words;
  const price = priceIn(rest);
  if (!price.ok) return price;
  const names = { id: options.id ?? freshId(side), tag: options.tag };
  const order = { side, quantity, market, price: price.value, expiry: options.expiry };
  return deliver(context, options, async (account, at) =>
    placeLine(account.exchange.card, order, names, at),
  );
}

/** An order always has a name of the customer's, so that it can be asked for before any answer. */
function freshId(side: Side): string {
  return `${side}-${randomBytes(5).toString("hex")}`;
}

/** `signet cancel ID` and `signet cancel --all [MARKET]`. */
export async function cancel(
  context: Context,
  words: readonly string[],
  options: FollowOptions & { readonly all?: boolean | string; readonly tag?: string },
): Promise<Ended> {
  const [name] = words;
  const { all, tag } = options;
  if ((name === undefined) === (all === undefined)) {
    return trouble("E100", "Name one order, or say --all.");
  }
  return deliver(context, options, async (account) =>
    name === undefined
      ? cancelAllLine(account.exchange.card, typeof all === "string" ? all : undefined, { tag })
      : cancelLine(name, { tag }),
  );
}
