/**
 * `signet buy`, `sell`, `replace`, `cancel` and `cancel-after`: orders of every kind, and what
 * takes them back.
 */
import { randomBytes } from "node:crypto";

import type { Side } from "../letter/command.ts";
import { parseLine } from "../letter/grammar.ts";
import type { Account } from "../wallet/account.ts";
import { printable } from "../wallet/amounts.ts";
import { trouble } from "../wallet/errors.ts";
import {
  cancelAfterLine,
  cancelAllLine,
  cancelLine,
  isCalled,
  placeLine,
  priceIn,
  readOrderName,
  replaceLine,
} from "../wallet/orderlines.ts";
import { commandsOf, entryOfId } from "../wallet/outbox.ts";
import { statementHere } from "../wallet/sync.ts";
import type { Context, Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";

type PlaceOptions = FollowOptions & {
  readonly id?: string;
  readonly tag?: string;
  readonly until?: string;
  readonly tif?: string;
  readonly postOnly?: boolean;
  readonly stop?: string;
  readonly own?: string;
  readonly cap?: string;
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
  const { tif, postOnly, stop, own, cap, until: expiry } = options;
  if (postOnly === true && tif !== undefined) {
    return trouble("E129", "--post-only is a time in force of its own.", {
      next: "Leave out --tif, or --post-only.",
    });
  }
  const names = { id: options.id ?? freshId(side), tag: options.tag };
  const terms = { tif: postOnly === true ? "POST_ONLY" : tif, stop, own, cap, expiry };
  const order = { side, quantity, market, price: price.value, ...terms };
  return deliver(context, options, async (account, at) =>
    placeLine(account.exchange.card, order, names, at),
  );
}

/** An order always has a name of the customer's, so that it can be asked for before any answer. */
function freshId(side: Side): string {
  return `${side}-${randomBytes(5).toString("hex")}`;
}

/** `signet replace ORDER [QTY] [@ PRICE]`. */
export async function replace(
  context: Context,
  words: readonly string[],
  options: FollowOptions & {
    readonly stop?: string;
    readonly postOnly?: boolean;
    readonly market?: string;
    readonly tag?: string;
  },
): Promise<Ended> {
  const [order = "", ...rest] = words;
  const quantity = rest[0]?.startsWith("@") === false ? rest[0] : undefined;
  const price = priceIn(quantity === undefined ? rest : rest.slice(1));
  if (!price.ok) return price;
  const { stop, postOnly, tag } = options;
  const change = { order, quantity, price: price.value, stop, postOnly };
  return deliver(context, options, async (account) => {
    const market = options.market ?? marketOfOrder(account, order);
    if (market !== undefined) {
      return replaceLine(account.exchange.card, { ...change, market }, { tag });
    }
    return trouble("E132", `On which market the order ${printable(order)} is, is not known here.`);
  });
}

/** By what reports say of the order, or by the letter that placed it. */
function marketOfOrder({ home }: Account, name: string): string | undefined {
  const order = readOrderName(name);
  if (!order.ok) return undefined;
  const known = [...statementHere(home).orders];
  const said = known.find(([key, { id }]) => isCalled({ key, id }, order.value))?.[1];
  if (said) return said.market;
  const entry = entryOfId(home, name);
  for (const text of entry === undefined ? [] : commandsOf(home, entry)) {
    const { id, command } = parseLine(text, 1);
    if (id === name && command.ok && command.value.kind === "place") return command.value.market;
  }
  return undefined;
}

/** `signet cancel ID` and `signet cancel --all [MARKET] [--side SIDE]`. */
export async function cancel(
  context: Context,
  words: readonly string[],
  options: FollowOptions & {
    readonly all?: boolean | string;
    readonly side?: Side;
    readonly tag?: string;
  },
): Promise<Ended> {
  const [name] = words;
  const { all, side, tag } = options;
  if ((name === undefined) === (all === undefined)) {
    return trouble("E100", "Name one order, or say --all.");
  }
  if (side !== undefined && all === undefined) {
    return trouble("E100", "--side goes with --all.");
  }
  const market = typeof all === "string" ? all : undefined;
  return deliver(context, options, async (account) =>
    name === undefined
      ? cancelAllLine(account.exchange.card, { market, side }, { tag })
      : cancelLine(name, { tag }),
  );
}

/** `signet cancel-after TIME|off`: the dead man's switch. */
export async function cancelAfter(
  context: Context,
  words: readonly string[],
  options: FollowOptions & { readonly tag?: string },
): Promise<Ended> {
  const [when = ""] = words;
  return deliver(context, options, async (_account, at) =>
    cancelAfterLine(when, { tag: options.tag }, at),
  );
}
