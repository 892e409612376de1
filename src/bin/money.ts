/** `signet deposit`, `withdraw` and `push`: money in, out and across. */
import { depositLine, placeIn, pushLine, withdrawLine } from "../wallet/compose.ts";
import type { Context, Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";

type MoneyOptions = FollowOptions & { readonly id?: string; readonly tag?: string };

/** `signet deposit AMOUNT ASSET`. */
export async function deposit(
  context: Context,
  words: readonly string[],
  options: MoneyOptions,
): Promise<Ended> {
  const [amount = "", asset = ""] = words;
  const names = { id: options.id, tag: options.tag };
  return deliver(context, options, async (account) =>
    depositLine(account.exchange.card, { amount, asset }, names),
  );
}

/** `signet withdraw AMOUNT ASSET to ADDRESS`. */
export async function withdraw(
  context: Context,
  words: readonly string[],
  options: MoneyOptions,
): Promise<Ended> {
  const [amount = "", asset = "", ...rest] = words;
  const address = placeIn(rest);
  if (!address.ok) return address;
  const names = { id: options.id, tag: options.tag };
  return deliver(context, options, async (account) =>
    withdrawLine(account.exchange.card, { amount, asset, address: address.value }, names),
  );
}

/** `signet push AMOUNT ASSET to FINGERPRINT`. */
export async function push(
  context: Context,
  words: readonly string[],
  options: MoneyOptions,
): Promise<Ended> {
  const [amount = "", asset = "", ...rest] = words;
  const to = placeIn(rest);
  if (!to.ok) return to;
  return deliver(context, options, async (account) =>
    pushLine(account.exchange.card, { amount, asset, to: to.value }, { tag: options.tag }),
  );
}
