/**
 * An open account as a page draws it: a pure function of the home and of what this wallet met since
 * it was opened (met.ts). Everything of it but relays, clock and storage is read from verified
 * reports, receipts and proofs; a wiped browser shows the same after a restore.
 */
import { keyNumber } from "../../../codec/keynumber.ts";
import { nameOfUrl } from "../../../codec/reach.ts";
import { printSeconds, printTime, type Time } from "../../../codec/time.ts";
import { printKey } from "../../../letter/orderid.ts";
import type { Account } from "../../../wallet/account.ts";
import { showAmount, showPrice, showQuantity, withFormerNames } from "../../../wallet/amounts.ts";
import { loadArchive, type Archive } from "../../../wallet/archive.ts";
import { relaysAdded, type Exchange } from "../../../wallet/exchange.ts";
import { executionOf } from "../../../wallet/execution.ts";
import { nameOf } from "../../../wallet/fates.ts";
import { foldReports, isOpen, type Said, type Statement } from "../../../wallet/fold.ts";
import type { FillEntry } from "../../../letter/entry.ts";
import { readOutbox } from "../../../wallet/outbox.ts";
import { liesIn, plainUrl, removedIn, type Lie } from "../../../wallet/relays.ts";
import { termsWords, whyWords } from "../../../wallet/terms.ts";
import { entryWords } from "../wordsrecords.ts";
import { journeyOf } from "./journeys.ts";
import type { Met, RelayMet } from "./met.ts";
import { pageSettings } from "./pagesettings.ts";
import type {
  AccountView,
  ExchangeView,
  FillView,
  OrderView,
  RegistrationView,
  RelayView,
  ReportView,
  StorageView,
} from "./protocol.ts";
import { told } from "./told.ts";
import { wayOf } from "./ways.ts";

/** What is known beside the home. */
export type Beside = {
  readonly met: Met;
  readonly storage: StorageView;
  readonly registration: RegistrationView;
  readonly cold: boolean;
  readonly now: Time;
};

/** Letters that a page draws; older ones are in the reports. */
const journeysMost = 100;

/** The account as it stands. */
export function accountView(account: Account, beside: Beside): AccountView {
  const { home, fingerprint } = account;
  const { met } = beside;
  const archive = loadArchive(home);
  const statement = foldReports(archive);
  // What was traded under a name that has changed is told in the same decimals.
  const card = withFormerNames(account.exchange.card, statement.renamed);
  const exchange = { ...account.exchange, card };
  const until = statement.switch?.until;
  const entries = readOutbox(home).toReversed().slice(0, journeysMost);
  return {
    keyNumber: keyNumber(fingerprint),
    fingerprint,
    registered: statement.asOf !== undefined,
    registration: statement.asOf === undefined ? beside.registration : { kind: "done" },
    cold: beside.cold,
    storage: beside.storage,
    exchange: exchangeView(account.exchange),
    isCompared: pageSettings(home).compared,
    clock: met.clockOffset === undefined ? undefined : { offsetMs: met.clockOffset },
    relays: relayViews(account, met),
    balances: balancesOf(exchange, statement),
    journeys: entries.map((entry) => {
      const known = { statement, met: met.letters.get(entry.name), now: beside.now };
      return journeyOf(wayOf({ ...account, exchange }, entry, known));
    }),
    orders: ordersOf(exchange, statement),
    cancelAfter: until === undefined ? undefined : printSeconds(until),
    fills: fillsView(exchange, statement),
    deposits: depositsOf(exchange, statement),
    withdrawals: withdrawalsOf(exchange, statement),
    reports: reportsOf(exchange, archive),
    lastHeard: met.lastHeard === undefined ? undefined : printTime(met.lastHeard),
    isSynchronising: met.isSynchronising,
    troubles: [...(met.clockWarning ? [met.clockWarning] : []), ...met.troubles].map(told),
  };
}

/** The exchange as its card says. */
export function exchangeView({ card, fingerprint, urls }: Exchange): ExchangeView {
  return {
    keyNumber: card.keyNumber,
    fingerprint,
    name: nameOfUrl(urls[0] ?? "").replace(/^https?:\/\//, ""),
    markets: card.markets,
    assets: card.assets,
    operators: card.operators,
    at: printTime(card.at),
  };
}

function relayViews({ home, exchange }: Account, met: Met): readonly RelayView[] {
  const lies = liesIn(home);
  const removed = new Set(removedIn(home));
  const onCard = new Map(exchange.card.relays.map(({ name, url }) => [plainUrl(url), name]));
  const urls = [...new Set([...onCard.keys(), ...relaysAdded(home), ...removed])];
  return urls.map((url) => {
    const known = onCard.get(url);
    const base = { name: known ?? nameOfUrl(url), url, isOnCard: known !== undefined };
    return relayView(base, removed.has(url), lies.get(url), met.relays.get(url));
  });
}

function relayView(
  base: Pick<RelayView, "name" | "url" | "isOnCard">,
  isRemoved: boolean,
  lie: Lie | undefined,
  met: RelayMet | undefined,
): RelayView {
  const nothing = { ms: undefined, why: undefined, code: undefined, at: undefined };
  if (lie !== undefined) {
    const { code, what, at } = lie;
    return { ...base, state: "lied", ms: undefined, why: what, code, at: printTime(at) };
  }
  if (isRemoved) return { ...base, state: "removed", ...nothing };
  if (met === undefined) return { ...base, state: "unasked", ...nothing };
  const { state, ms, why, at } = met;
  return { ...base, state, ms, why, code: undefined, at: printTime(at) };
}

function balancesOf({ card }: Exchange, { balances }: Statement): AccountView["balances"] {
  return [...balances]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([asset, { total, free, held }]) => ({
      asset,
      total: showAmount(card, asset, total),
      free: showAmount(card, asset, free),
      held: showAmount(card, asset, held),
    }));
}

function ordersOf({ card }: Exchange, statement: Statement): readonly OrderView[] {
  const fills = Map.groupBy(statement.fills, ({ key }) => printKey(key));
  const orders = [...statement.orders].map(([key, order]): OrderView => {
    const quantity = (lots: number): string => showQuantity(card, order.market, lots);
    const done = executionOf(card, order, fills.get(key) ?? []);
    const { status } = order;
    return {
      key,
      name: nameOf(order),
      id: order.id,
      market: order.market,
      side: order.side,
      quantity: quantity(order.requested),
      price: order.price === undefined ? undefined : showPrice(card, order.market, order.price),
      filled: quantity(order.filled),
      open: quantity(order.open),
      status,
      isOpen: order.open > 0 && isOpen(order),
      stop: order.trigger === undefined ? undefined : showPrice(card, order.market, order.trigger),
      terms: termsWords(card, order),
      why: order.why && whyWords(order.why),
      averagePrice: done?.price,
      fee: done && { amount: done.fee, asset: done.feeAsset },
      expiry: order.expiry === undefined ? undefined : printSeconds(order.expiry),
      since: printTime(order.since),
      at: printTime(order.at),
      report: order.report,
    };
  });
  return orders.toReversed();
}

function fillsView({ card }: Exchange, statement: Statement): readonly FillView[] {
  const fills = statement.fills.map((fill: Said<FillEntry>): FillView => {
    const key = printKey(fill.key);
    const asset = fill.market.slice(fill.market.indexOf("/") + 1);
    const order = statement.orders.get(key);
    return {
      trade: fill.trade,
      order: key,
      orderName: fill.id ?? (order === undefined ? key.slice(0, 20) : nameOf(order)),
      market: fill.market,
      side: fill.side,
      quantity: showQuantity(card, fill.market, fill.quantity),
      price: showPrice(card, fill.market, fill.price),
      amount: { amount: showAmount(card, asset, fill.quote), asset },
      fee: { amount: showAmount(card, asset, fill.fee), asset },
      role: fill.role,
      at: printTime(fill.at),
      report: fill.report,
    };
  });
  return fills.toReversed();
}

function depositsOf({ card }: Exchange, { deposits }: Statement): AccountView["deposits"] {
  return [...deposits.values()].toReversed().map((deposit) => ({
    number: deposit.number,
    asset: deposit.asset,
    announced: showAmount(card, deposit.asset, deposit.announced),
    credited: showAmount(card, deposit.asset, deposit.credited),
    state: deposit.state,
    reference: `deposit ${deposit.number}`,
    at: printTime(deposit.at),
    report: deposit.report,
  }));
}

function withdrawalsOf({ card }: Exchange, statement: Statement): AccountView["withdrawals"] {
  return [...statement.withdrawals.values()].toReversed().map((withdrawal) => ({
    number: withdrawal.number,
    asset: withdrawal.asset,
    amount: showAmount(card, withdrawal.asset, withdrawal.amount),
    address: withdrawal.address,
    state: withdrawal.state,
    at: printTime(withdrawal.at),
    report: withdrawal.report,
  }));
}

/** Kinds of records that say nothing new of money or orders. */
const quiet: ReadonlySet<string> = new Set(["balance", "mailbox", "seq", "last", "hold", "move"]);

function reportsOf({ card }: Exchange, archive: Archive): readonly ReportView[] {
  const here = archive.reports.map(({ number, report }): ReportView => {
    const told = report.records.filter((entry) => !quiet.has(entry.kind));
    const what = told.map((entry) => entryWords(card, entry)).slice(0, 3);
    return { number, at: printTime(report.at), missing: false, what: what.join(" ") };
  });
  const missing = archive.missing.map((number): ReportView => {
    const what = "Missing. Nothing is lost: the exchange keeps it.";
    return { number, at: "", missing: true, what };
  });
  return [...here, ...missing].toSorted((a, b) => a.number - b.number);
}
