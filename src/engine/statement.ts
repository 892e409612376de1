/** STAT and STATJSON: everything an account needs to begin anew from nothing but its key. */
import { time, type Time } from "../codec/time.ts";
import type { Entry } from "../letter/entry.ts";
import { printKey } from "../letter/orderid.ts";
import type { IssueEntry } from "../letter/securitiesentry.ts";
import { scheduledOf } from "./dividends.ts";
import { sortedByKey } from "./funds.ts";
import { sharesOf } from "./holders.ts";
import { keyEntry } from "./keys.ts";
import type { OfferEntry } from "../letter/ringentry.ts";
import { assetsOf, balanceOf } from "./purse.ts";
import { actionEntry, awaitedEntry, orderEntry, switchEntry, withdrawalEntry } from "./records.ts";
import { offerEntry } from "./ringrecords.ts";
import { ringOrdersOf } from "./rings.ts";
import type { Account, Deposit, Dividend, Order, State, Withdrawal } from "./state.ts";

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

/** What the account issues, by name. */
function issues(state: State, account: Account): readonly IssueEntry[] {
  return sortedByKey(state.issues).flatMap(([asset, { contract }]) => {
    if (state.configuration.issuers.get(asset) !== account.fingerprint) return [];
    return [{ kind: "issue", asset, shares: sharesOf(state, asset), hash: contract }];
  });
}

function scheduledEntry({ number, asset, tag }: Dividend): Entry {
  const said = { number, action: "dividend", asset, state: "scheduled" } as const;
  return actionEntry(said, 0, { id: undefined, tag });
}

/** When the account's switch fires. */
function switchTime(state: State, account: Account): Time | undefined {
  const at = state.floor.accounts.switches[account.number] ?? 0;
  return at === 0 ? undefined : time(at);
}

function switchOf(state: State, account: Account): readonly Entry[] {
  const at = switchTime(state, account);
  return at === undefined ? [] : [switchEntry(0, at)];
}

function seconds(at: Time | undefined): string | undefined {
  return at === undefined ? undefined : `${Math.floor(at / 1000)}`;
}

/** What may be absent is. */
function orderJson(order: Order): Record<string, string | undefined> {
  const { requested, open, price, trigger, cap, own, stands } = order;
  return {
    order: printKey(order.key),
    status: stands === "waiting" ? "waiting" : open === requested ? "resting" : "partly_filled",
    side: order.side,
    market: order.venue.market.name,
    requested: `${requested}`,
    price: price === undefined ? undefined : `${price}`,
    filled: `${requested - open}`,
    open: `${open}`,
    expiry: seconds(order.expiry),
    tif: order.tif,
    stop: trigger === undefined ? undefined : `${trigger}`,
    own: own === "newest" ? undefined : own,
    cap: cap === undefined ? undefined : `${cap}`,
    id: order.id,
    tag: order.tag,
  };
}

/** Nothing of an account that has the key that it began with, and no other in sight. */
function keysOf({ keys }: State, { key, fingerprint, change, frozen }: Account): readonly Entry[] {
  if (key === fingerprint && change === undefined && frozen === undefined) return [];
  const isRevoked = keys.get(key)?.standing === "revoked";
  const told = [keyEntry(isRevoked ? "revoked" : "in_force", { key })];
  if (change) told.push(keyEntry(change.kind, { key: change.key, at: change.expiry }));
  if (frozen === undefined) return told;
  return [...told, { kind: "frozen", line: 0, why: frozen, id: undefined, tag: undefined }];
}

/** The same; absent where there is nothing to say. */
function keysJson(state: State, account: Account): Record<string, unknown> {
  const told = keysOf(state, account);
  if (told.length === 0) return {};
  const keys = told.flatMap((entry) =>
    entry.kind === "key" ? [{ key: entry.key, state: entry.state, at: seconds(entry.at) }] : [],
  );
  return { keys, frozen: account.frozen };
}

/** The records of a STAT, but for the balances, which end the text. */
export function statement(state: State, account: Account): readonly Entry[] {
  const orders = [...account.orders.values()];
  return [
    ...orders.map((order) => orderEntry(order, 0)),
    ...switchOf(state, account),
    ...keysOf(state, account),
    ...offerEntries(state, account),
    ...deposits(state, account).map(awaitedEntry),
    ...withdrawals(state, account).map((each) => withdrawalEntry(each, each.status, undefined)),
    ...issues(state, account),
    ...scheduledOf(state, account).map(scheduledEntry),
    { kind: "mailbox", secret: account.mailbox, next: account.mail },
    ...sortedByKey(account.threads).map(([thread, { high }]): Entry => ({
      kind: "seq",
      thread,
      highest: high,
    })),
    { kind: "last", report: account.reports, hash: account.last },
  ];
}

/** Absent where there is nothing, as for everybody who issues nothing. */
function issuerJson(state: State, account: Account): Record<string, unknown> {
  const issued = issues(state, account).map(({ asset, shares, hash }) => {
    return { asset, shares: `${shares}`, hash };
  });
  const scheduled = scheduledOf(state, account).map(({ number, asset, tag }) => {
    return { number: `${number}`, action: "dividend", asset, state: "scheduled", tag };
  });
  return {
    issues: issued.length === 0 ? undefined : issued,
    actions: scheduled.length === 0 ? undefined : scheduled,
  };
}

/** The same as one JSON object, integers as strings. */
export function statementJson(state: State, account: Account): Entry {
  const { fingerprint, mailbox, mail, reports, last } = account;
  const balances = assetsOf(state, account).map((asset) => {
    const { total, held } = balanceOf(state, account, asset);
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
    orders: [...account.orders.values()].map(orderJson),
    // When its orders leave the books; absent where there is no switch.
    cancelAfter: seconds(switchTime(state, account)),
    // Absent where there is none, as before there was a ring venue.
    offers: offers.length === 0 ? undefined : offers,
    deposits: deposits(state, account).map(({ number, asset, announced, id, tag }) => {
      return { number: `${number}`, asset, announced: `${announced}`, id, tag };
    }),
    withdrawals: withdrawals(state, account).map((each) => {
      const { number, asset, amount, address, status, id, tag } = each;
      return { number: `${number}`, asset, amount: `${amount}`, address, status, id, tag };
    }),
    ...keysJson(state, account),
    ...issuerJson(state, account),
    mailbox: { secret: mailbox, next: `${mail}` },
    threads: sortedByKey(account.threads).map(([thread, { high }]) => {
      return { thread: `${thread}`, highest: `${high}` };
    }),
    last: { report: `${reports}`, hash: last },
  });
  return { kind: "json", text };
}
