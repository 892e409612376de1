/** STAT and STATJSON: everything an account needs to begin anew from nothing but its key. */
import type { Entry } from "../letter/entry.ts";
import { printKey } from "../letter/orderid.ts";
import { sortedByKey } from "./funds.ts";
import type { OfferEntry } from "../letter/ringentry.ts";
import { awaitedEntry, openStatus, orderEntry, withdrawalEntry } from "./records.ts";
import { offerEntry } from "./ringrecords.ts";
import { ringOrdersOf } from "./rings.ts";
import type { Account, Deposit, State, Withdrawal } from "./state.ts";

function deposits(state: State, account: Account): readonly Deposit[] {
  return [...account.awaited].flatMap((number) => state.awaited.get(number) ?? []);
}

function withdrawals(state: State, account: Account): readonly Withdrawal[] {
  return [...account.unpaid].flatMap((number) => state.unpaid.get(number) ?? []);
}

/** Ring orders as their customer knows them to stand. */
function offerEntries(state: State, account: Account): readonly OfferEntry[] {
  return ringOrdersOf(state, account.fingerprint).map((offer) => {
    return offerEntry(state, offer, { status: offer.told, line: 0 });
  });
}

/** The records of a STAT, but for the balances, which end the text. */
export function statement(state: State, account: Account): readonly Entry[] {
  const orders = [...account.orders.values()];
  return [
    ...orders.map((order) => orderEntry(order, openStatus(order), 0)),
    ...offerEntries(state, account),
    ...deposits(state, account).map(awaitedEntry),
    ...withdrawals(state, account).map((each) => withdrawalEntry(each, each.status, undefined)),
    { kind: "mailbox", secret: account.mailbox, next: account.mail },
    ...sortedByKey(account.threads).map(([thread, { high }]): Entry => ({
      kind: "seq",
      thread,
      highest: high,
    })),
    { kind: "last", report: account.reports, hash: account.last },
  ];
}

/** The same as one JSON object, integers as strings. */
export function statementJson(state: State, account: Account): Entry {
  const { fingerprint, mailbox, mail, reports, last } = account;
  const balances = state.ledger.assets(fingerprint).map((asset) => {
    const { total, held } = state.ledger.balance(fingerprint, asset);
    return { asset, total: `${total}`, free: `${total - held}`, held: `${held}` };
  });
  const offers = offerEntries(state, account).map((offer) => ({
    offer: offer.hash,
    status: offer.status,
    sell: offer.sellToken,
    sellAmount: `${offer.sellAmount}`,
    buy: offer.buyToken,
    buyAmount: `${offer.buyAmount}`,
    sold: `${offer.sold}`,
    received: `${offer.received}`,
    until: `${offer.until}`,
    id: offer.id,
    tag: offer.tag,
  }));
  const text = JSON.stringify({
    account: fingerprint,
    balances,
    orders: [...account.orders.values()].map((order) => ({
      order: printKey(order.key),
      status: openStatus(order),
      side: order.side,
      market: order.market,
      requested: `${order.requested}`,
      price: `${order.price}`,
      filled: `${order.requested - order.open}`,
      open: `${order.open}`,
      expiry: order.expiry === undefined ? undefined : `${order.expiry / 1000}`,
      id: order.id,
      tag: order.tag,
    })),
    // Absent where there is none, as before there was a ring venue.
    offers: offers.length === 0 ? undefined : offers,
    deposits: deposits(state, account).map(({ number, asset, announced, id, tag }) => {
      return { number: `${number}`, asset, announced: `${announced}`, id, tag };
    }),
    withdrawals: withdrawals(state, account).map((each) => {
      const { number, asset, amount, address, status, id, tag } = each;
      return { number: `${number}`, asset, amount: `${amount}`, address, status, id, tag };
    }),
    mailbox: { secret: mailbox, next: `${mail}` },
    threads: sortedByKey(account.threads).map(([thread, { high }]) => {
      return { thread: `${thread}`, highest: `${high}` };
    }),
    last: { report: `${reports}`, hash: last },
  });
  return { kind: "json", text };
}
