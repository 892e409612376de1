/**
 * `signet balance`, `orders`, `fills`, `statement` and `status`: what the account's own verified
 * reports say. New mail is fetched first if a relay answers; if none does, what is here is shown,
 * and as of when.
 */
import { shortId } from "../codec/names.ts";
import { printTime } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import type { FillEntry, OrderEntry } from "../letter/entry.ts";
import { printKey } from "../letter/orderid.ts";
import { showAmount, showPrice, showQuantity, withFormerNames } from "../wallet/amounts.ts";
import type { Account } from "../wallet/account.ts";
import { exits, trouble, type Trouble } from "../wallet/errors.ts";
import { openOffers, openOrders, ringsOf, type SaidOffer, type Statement } from "../wallet/fold.ts";
import { keyData, keyLine, keysStanding, keyWarnings } from "../wallet/keylines.ts";
import { namesIn } from "../wallet/home.ts";
import { findEntry, type OutboxEntry } from "../wallet/outbox.ts";
import { answerOf } from "../wallet/submit.ts";
import { statementHere, synchronise } from "../wallet/sync.ts";
import { foundHere } from "../wallet/reads.ts";
import { fillsOf, nameOf, standing } from "../wallet/fates.ts";
import { now } from "../wallet/times.ts";
import { hint } from "./called.ts";
import { accountOf, type CommonOptions, type Context, type Data, type Ended } from "./context.ts";
import { offerData, offerLine, offerName, printUntil, ringedLine } from "./ringlines.ts";
import {
  answeredEnding,
  exitFor,
  letterData,
  orderData,
  orderLine,
  openEnding,
  voidEnding,
} from "./fates.ts";
import { lieTroubles } from "./relay.ts";
import { securitiesData, securitiesLines, switchData, switchLine } from "./securitieslines.ts";

type ReadOptions = CommonOptions & { readonly all?: boolean };

/** An account with what its reports say. */
export type Read = {
  readonly account: Account;
  readonly statement: Statement;
  readonly troubles: readonly Trouble[];
};

/** The statement, as new as can be had. */
export async function readStatement(
  context: Context,
): Promise<({ readonly ok: true } & Read) | Trouble> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  if (context.offline) {
    const statement = statementHere(account.value.home);
    return { ok: true, account: knowingNames(account.value, statement), statement, troubles: [] };
  }
  const newest = await context.lookForCard(account.value);
  const synced = await synchronise(account.value);
  if (!synced.reached) context.say("○ no relay answered: this is what lies on this computer");
  const quick = await newest.soon();
  const exchange = knowsAll(quick.card, synced.statement) ? quick : await newest.patiently();
  return {
    ok: true,
    account: knowingNames({ ...account.value, exchange }, synced.statement),
    statement: synced.statement,
    troubles: synced.troubles,
  };
}

/** Whether the card has every asset that reports speak of: its decimals are nowhere else. */
function knowsAll({ assets }: Card, { balances }: Statement): boolean {
  return [...balances.keys()].every((asset) => assets.some(({ name }) => name === asset));
}

/** What was traded under a name that has changed is told in the same decimals. */
function knowingNames(account: Account, { renamed }: Statement): Account {
  const { exchange } = account;
  return { ...account, exchange: { ...exchange, card: withFormerNames(exchange.card, renamed) } };
}

/** Which report everything is as of, and what is missing. */
export function asOfLine(statement: Statement): string {
  const { asOf, missing } = statement;
  if (asOf === undefined) return "  no report is here yet";
  const holes = missing.length === 0 ? "none missing" : `missing ${listed(missing)}`;
  const when = printTime(asOf.at);
  const head = asOf.hash.slice(0, 16);
  return `  as of report ${asOf.report} at ${when} · ${holes} · chain head ${head}`;
}

function listed(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(", ");
  return numbers.length > 10 ? `${shown} and ${numbers.length - 10} more` : shown;
}

/** The trouble that a gap is. */
function gapTroubles(statement: Statement): readonly Trouble[] {
  const { missing } = statement;
  if (missing.length === 0) return [];
  const are = missing.length === 1 ? "is" : "are";
  return [trouble("E505", `Report ${listed(missing)} ${are} missing.`)];
}

/** How a command ends that reads the statement: with what is missing of it. */
export function readEnding(
  statement: Statement,
  troubles: readonly Trouble[],
  lines: readonly string[],
  data: { readonly [key: string]: Data },
): Ended {
  const { asOf, missing } = statement;
  const all = [...troubles, ...gapTroubles(statement)];
  const exit = missing.length > 0 ? exits.unknown : exits.done;
  return {
    ok: true,
    exit,
    lines,
    data: {
      ok: exit === exits.done,
      asOf: asOf ? { ...asOf, at: printTime(asOf.at) } : null,
      missing,
      ...data,
      troubles: all.map((found) => ({ code: found.code, what: found.what })),
      exit,
    },
    troubles: all,
  };
}

/** What stands before everything else. */
function warningLines(statement: Statement): readonly string[] {
  return keyWarnings(statement).map((line) => hint(line));
}

function balanceLines(card: Card, statement: Statement): readonly string[] {
  const rows = [...statement.balances].sort(([a], [b]) => (a < b ? -1 : 1));
  const cells = rows.map(([asset, { total, free, held }]) => [
    asset,
    showAmount(card, asset, total),
    showAmount(card, asset, free),
    held === 0 ? "–" : showAmount(card, asset, held),
  ]);
  return table(["asset", "total", "free", "held"], cells);
}

/** Rows under a head, in columns. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ")}`.trimEnd(),
  );
}

function balanceData(card: Card, statement: Statement): Data {
  return Object.fromEntries(
    [...statement.balances].map(([asset, { total, free, held }]) => [
      asset,
      {
        total: showAmount(card, asset, total),
        free: showAmount(card, asset, free),
        held: showAmount(card, asset, held),
      },
    ]),
  );
}

/** `signet balance`. */
export async function balance(context: Context): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const { statement, troubles } = read;
  const { card } = read.account.exchange;
  const lines = [...warningLines(statement), ...balanceLines(card, statement), asOfLine(statement)];
  return readEnding(statement, troubles, lines, { balances: balanceData(card, statement) });
}

/** `signet orders [--all]`. */
export async function orders(
  context: Context,
  _words: readonly string[],
  options: ReadOptions,
): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const { statement, troubles } = read;
  const { card } = read.account.exchange;
  const all = options.all === true ? [...statement.orders.values()] : openOrders(statement);
  const fillsBy = fillsByOrder(statement);
  const lines = [...warningLines(statement)];
  for (const order of all) {
    lines.push(`${orderLine(card, order, fillsBy(order))}   ${nameOf(order)}`);
  }
  if (all.length === 0) lines.push("  no open orders");
  const switchAt = statement.switch?.until;
  if (switchAt !== undefined) lines.push(switchLine(switchAt));
  const data: Data[] = [];
  for (const order of all) {
    data.push({ ...orderData(card, order, fillsBy(order)), since: printTime(order.since) });
  }
  return readEnding(statement, troubles, [...lines, asOfLine(statement)], {
    orders: data,
    cancelAfter: switchData(switchAt),
  });
}

/** The trades of each order, found once for all of them. */
function fillsByOrder(statement: Statement): (order: OrderEntry) => readonly FillEntry[] {
  const found = Map.groupBy(statement.fills, (fill) => printKey(fill.key));
  return (order) => found.get(printKey(order.key)) ?? [];
}

/** `signet fills`. */
export async function fills(context: Context): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const { statement, troubles } = read;
  const { card } = read.account.exchange;
  const data = statement.fills.map((fill) => ({
    trade: fill.trade,
    time: printTime(fill.at),
    side: fill.side,
    market: fill.market,
    quantity: showQuantity(card, fill.market, fill.quantity),
    price: showPrice(card, fill.market, fill.price),
    amount: showAmount(card, quoteOf(fill.market), fill.quote),
    fee: showAmount(card, quoteOf(fill.market), fill.fee),
    feeAsset: quoteOf(fill.market),
    role: fill.role,
    order: printKey(fill.key),
    id: fill.id,
    tag: fill.tag,
    report: fill.report,
  }));
  const rows = data.map((fill) => [
    String(fill.trade),
    fill.time,
    fill.side,
    `${fill.quantity} ${fill.market}`,
    fill.price,
    `${fill.fee} ${fill.feeAsset}`,
    fill.role,
    fill.id ?? shortOrder(fill.order),
  ]);
  const head = ["trade", "time", "side", "quantity", "price", "fee", "role", "order"];
  const lines = rows.length === 0 ? ["  no fills"] : table(head, rows);
  return readEnding(statement, troubles, [...lines, asOfLine(statement)], { fills: data });
}

function shortOrder(key: string): string {
  return key.replace(/^(.{20}).*(\.\d+)$/, "$1$2");
}

function quoteOf(market: string): string {
  return market.slice(market.indexOf("/") + 1);
}

/** `signet statement`. */
export async function statement(context: Context): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  return statementEnding(read.account.exchange.card, read.statement, read.troubles);
}

/** The whole statement. */
export function statementEnding(
  card: Card,
  statement: Statement,
  troubles: readonly Trouble[],
): Ended {
  const open = openOrders(statement);
  const fillsBy = fillsByOrder(statement);
  const lines = [...warningLines(statement), asOfLine(statement), ...balanceLines(card, statement)];
  for (const order of open) {
    lines.push(`${orderLine(card, order, fillsBy(order))}   ${nameOf(order)}`);
  }
  const keys = keysStanding(statement);
  lines.push(...keys.map(keyLine), ...securitiesLines(card, statement));
  const offers = openOffers(statement);
  for (const offer of offers) lines.push(`${offerLine(card, offer)}   ${offerName(offer)}`);
  for (const deposit of statement.deposits.values()) {
    const { number, asset, announced, credited, state } = deposit;
    const amount = showAmount(card, asset, state === "credited" ? credited : announced);
    lines.push(
      `${state === "credited" ? "●" : "○"} deposit ${number} ${state}   ${amount} ${asset}`,
    );
  }
  for (const withdrawal of statement.withdrawals.values()) {
    const { number, asset, amount, address, state, evidence } = withdrawal;
    const sign = state === "paid" ? "●" : state === "refused" ? "✕" : "○";
    const what = `${showAmount(card, asset, amount)} ${asset} to ${address}`;
    const why = evidence === undefined ? "" : `   ${evidence}`;
    lines.push(`${sign} withdrawal ${number} ${state}   ${what}${why}`);
  }
  return readEnding(statement, troubles, lines, {
    balances: balanceData(card, statement),
    open: open.map((order) => orderData(card, order, fillsBy(order))),
    fills: statement.fills.length,
    keys: keys.flatMap((entry) => (entry.kind === "key" ? [keyData(entry)] : [])),
    frozen: keys.some((entry) => entry.kind === "frozen"),
    ...securitiesData(card, statement),
    offers: offers.map((offer) => offerData(card, offer, ringsOf(statement, offer.hash))),
    deposits: [...statement.deposits.values()].map((deposit) => ({
      number: deposit.number,
      asset: deposit.asset,
      announced: showAmount(card, deposit.asset, deposit.announced),
      credited: showAmount(card, deposit.asset, deposit.credited),
      state: deposit.state,
      id: deposit.id,
      evidence: deposit.evidence,
    })),
    withdrawals: [...statement.withdrawals.values()].map((withdrawal) => ({
      number: withdrawal.number,
      asset: withdrawal.asset,
      amount: showAmount(card, withdrawal.asset, withdrawal.amount),
      address: withdrawal.address,
      state: withdrawal.state,
      id: withdrawal.id,
      evidence: withdrawal.evidence,
    })),
  });
}

/** `signet status NAME`. Relays that lied about any letter are named. */
export async function status(context: Context, words: readonly string[]): Promise<Ended> {
  const ended = await statusOf(context, words);
  const lies = lieTroubles(context);
  if (!ended.ok || lies.length === 0) return ended;
  const notAsked = lies.map(({ code, what }) => ({ code, what }));
  const data = Object.fromEntries(Object.entries(ended.data ?? {}));
  return {
    ...ended,
    data: { ...data, notAsked },
    troubles: [...(ended.troubles ?? []), ...lies],
  };
}

async function statusOf(context: Context, words: readonly string[]): Promise<Ended> {
  const read = await readStatement(context);
  if (!read.ok) return read;
  const { account } = read;
  const [name = ""] = words;
  const entry = findEntry(account.home, name);
  if (entry) return letterStatus(context, account, read.statement, entry);
  const order = [...read.statement.orders.values()].find(
    (found) => found.id === name || matches(printKey(found.key), name),
  );
  const { card } = account.exchange;
  if (!order) {
    const offer = offerCalled(read.statement, name);
    if (offer) return offerEnding(read, offer);
    return trouble("E114", `Nothing here is called ${name}.`);
  }
  const trades = fillsOf(order.key, read.statement.fills);
  const lines = [orderLine(card, order, trades), `  as of report ${order.report}`];
  return readEnding(read.statement, read.troubles, lines, {
    order: orderData(card, order, trades),
  });
}

/** The ring order of this id or order hash. */
export function offerCalled(statement: Statement, name: string): SaidOffer | undefined {
  const hash = name.toLowerCase();
  return [...statement.offers.values()].findLast(
    (offer) => offer.id === name || offer.hash === hash,
  );
}

/** One ring order, with what became of it. */
export function offerEnding({ account, statement, troubles }: Read, offer: SaidOffer): Ended {
  const { card } = account.exchange;
  const rings = ringsOf(statement, offer.hash);
  const lines = [
    offerLine(card, offer),
    ...rings.map((ringed) => ringedLine(card, offer, ringed)),
    `  order ${offer.hash}   until ${printUntil(offer.until)}`,
    asOfLine(statement),
  ];
  return readEnding(statement, troubles, lines, { offer: offerData(card, offer, rings) });
}

function matches(key: string, name: string): boolean {
  const digits = name.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{20,64}(\.\d+)?$/.test(digits) && key.startsWith(digits.replace(/\.\d+$/, ""));
}

/** What became of a letter, as the newest reports tell it. */
export function letterStatus(
  context: Context,
  account: Account,
  statement: Statement,
  entry: OutboxEntry,
): Ended {
  const { card } = account.exchange;
  const carriers = namesIn(account.home, "receipts")
    .filter((file) => file.startsWith(`${entry.ref}.`))
    .map((file) => file.slice(65));
  context.say(`● written                 ${printTime(entry.at)}   ref ${shortId(entry.ref)}`);
  if (carriers.length > 0)
    context.say(
      `● carried by ${carriers.length} of ${card.relays.length}       ${carriers.join(" · ")}`,
    );
  const told = answerOf(account, entry);
  if (told) {
    const lines = standing(told.lines, statement);
    // An order that was cancelled since had its effect all the same.
    const exit = exitFor(told.lines, told.refused);
    return answeredEnding(card, { entry, ...told, lines, report: entry.report, exit });
  }
  if (entry.state === "dropped") return openEnding(entry, "written", exits.refused);
  if (entry.state === "void") return voidEnding(entry, undefined);
  const read = foundHere(account.home, account.exchange, entry);
  const isRead = read?.kind === "read";
  if (isRead) {
    const span = `between ${printTime(read.from)} and ${printTime(read.to)}`;
    context.say(`● read                    ${span}   leaf ${read.leaf}`);
  }
  const found = now() > entry.by ? trouble("E502") : trouble("E501");
  return {
    ok: true,
    exit: exits.unknown,
    lines: [],
    data: {
      ok: false,
      state: isRead ? "read" : carriers.length > 0 ? "carried" : "written",
      carried: carriers,
      ...letterData(entry),
      code: found.code,
      exit: exits.unknown,
    },
    troubles: [found],
  };
}
