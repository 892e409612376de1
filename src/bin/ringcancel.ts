/**
 * `signet ring cancel`: soft, by a letter, after which no further ring of this exchange's miner
 * uses the order; or on the chain, after which no contract fills it, whoever has its auth key.
 */
import { epochOf } from "../ring/order.ts";
import type { Account } from "../wallet/account.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import { findEntry, textOfLetter } from "../wallet/outbox.ts";
import { cancelAllData, cancelData } from "../wallet/ringchain.ts";
import { ringOf } from "../wallet/ringamounts.ts";
import { orderInLine, unringLine } from "../wallet/ringorder.ts";
import { statementHere } from "../wallet/sync.ts";
import { accountOf, type Context, type Ended } from "./context.ts";
import { deliver, type FollowOptions } from "./deliver.ts";
import { offerCalled } from "./read.ts";
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
  const nonce = name === undefined ? undefined : nonceOf(account.value, name);
  if (nonce?.ok === false) return nonce;
  const node = await nodeNeeded(ring.value, options);
  if (!node.ok) return node;
  const { contract: to } = ring.value;
  const all = { title: "no order of this epoch can be filled any more", data: cancelAllData() };
  const one = (value: bigint) => ({
    title: `order ${value & (2n ** 64n - 1n)} of epoch ${epochOf(value)} can never be filled`,
    data: cancelData([value]),
  });
  const { title, data } = nonce === undefined ? all : one(nonce.value);
  const call = { to, data };
  return transact(context, account.value, { title, call, node: node.value }, options);
}

/** The nonce stands in the order, and the order in the letter that is kept in this home. */
function nonceOf(account: Account, name: string): Outcome<bigint> {
  const { home } = account;
  const offer = offerCalled(statementHere(home), name);
  const entry = findEntry(home, offer?.hash ?? name) ?? findEntry(home, name);
  const lines = entry === undefined ? [] : textOfLetter(home, entry).split("\n");
  const order = lines.flatMap((line) => orderInLine(line) ?? [])[0];
  if (order !== undefined) return { ok: true, value: order.nonce };
  return trouble("E114", `The letter with ring order ${name} is not in this home.`, {
    next: "signet ring cancel --all --on-chain     ends all orders of this epoch",
  });
}
