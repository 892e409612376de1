/**
 * `signet ring cancel`: soft, by a letter, after which no further ring of this exchange's miner
 * uses the order; or on the chain, after which no contract fills it, whoever has its auth key.
 */
import type { OfferEntry } from "../letter/ringentry.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import type { Account } from "../wallet/account.ts";
import { printable } from "../wallet/amounts.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { findEntry, textOfLetter } from "../wallet/outbox.ts";
import { cancelAllData, cancelData } from "../wallet/ringchain.ts";
import { ringOf } from "../wallet/ringamounts.ts";
import { domainOf, orderInLine, unringLine } from "../wallet/ringorder.ts";
import { statementHere } from "../wallet/sync.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { offerCalled } from "./read.ts";
import { offerName } from "./ringlines.ts";
import { transact } from "./ringsend.ts";
import { nodeNeeded, type ChainOptions, type SignerOptions } from "./ringwallet.ts";

type CancelOptions = FollowOptions &
  SignerOptions &
  ChainOptions & { readonly onChain?: boolean; readonly all?: boolean; readonly tag?: string };

/** `signet ring cancel ID|HASH [--on-chain]`, `signet ring cancel --all --on-chain`. */
export async function cancel(
  context: Context,
  words: readonly string[],
  options: CancelOptions,
): Promise<Ended> {
  const [name] = words;
  if ((name === undefined) === (options.all !== true)) {
    return trouble("E100", "Name one ring order, or say --all --on-chain.");
  }
  if (options.onChain === true) return cancelOnChain(context, name, options);
  if (name === undefined) {
    return trouble("E100", "All at once is cancelled on the chain: --all --on-chain", {
      next: "signet ring list     names them; each can be taken back by a letter",
    });
  }
  return deliver(context, options, (_account) =>
    Promise.resolve(unringLine(name, { tag: options.tag })),
  );
}

async function cancelOnChain(
  context: Context,
  name: string | undefined,
  options: CancelOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const ring = ringOf(account.value.exchange.card);
  if (!ring.ok) return ring;
  const order =
    name === undefined ? undefined : orderCalled(account.value, domainOf(ring.value), name);
  if (order?.ok === false) return order;
  const node = await nodeNeeded(ring.value, options);
  if (!node.ok) return node;
  const { contract: to } = ring.value;
  const { title, data } =
    order === undefined
      ? { title: "no order of this epoch can be filled any more", data: cancelAllData() }
      : {
          title: `ring order ${order.value.name} can never be filled`,
          data: cancelData([order.value.nonce]),
        };
  const call = { to, data };
  return transact(context, account.value, { title, call, node: node.value }, options);
}

/** The nonce stands in the order, and the order in the letter that is kept in this home. */
function orderCalled(
  account: Account,
  domain: Domain,
  name: string,
): Outcome<{ readonly name: string; readonly nonce: bigint }> {
  const { home } = account;
  const offer = offerCalled(statementHere(home), name);
  if (offer !== undefined && isOverOnChain(offer)) {
    const what = `Ring order ${offerName(offer)} is ${offer.status}: there is nothing to cancel.`;
    return trouble("E128", what);
  }
  const entry = findEntry(home, offer?.hash ?? name) ?? findEntry(home, name);
  const lines = entry === undefined ? [] : textOfLetter(home, entry).split("\n");
  const orders = lines.flatMap((line) => orderInLine(line) ?? []);
  // A letter may hold several.
  const order = orders.find((one) => orderHash(domain, one) === offer?.hash) ?? orders[0];
  if (order !== undefined) {
    const shown = offer === undefined ? name : offerName(offer);
    return { ok: true, value: { name: shown, nonce: order.nonce } };
  }
  return trouble("E114", `The letter with ring order ${printable(name)} is not in this home.`, {
    next: "signet ring cancel --all --on-chain     ends all orders of this epoch",
  });
}

/** Taken back, crowded out or refused, it may still be filled by who has its auth key. */
function isOverOnChain({ status }: OfferEntry): boolean {
  return status === "filled" || status === "cancelled" || status === "expired";
}
