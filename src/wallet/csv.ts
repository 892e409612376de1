/**
 * The account's history for a spreadsheet or a tax program (RFC 4180, times in UTC): orders, fills,
 * and what came in and went out. Everything is read from verified reports; decimals are exact.
 *
 *   orders   opened and completed, what was asked, what it came to, fee and its asset, the letter's
 *            ref and the report that said it last
 *   fills    one side of one match a row; `trade` is its number in the public log
 *   funds    deposits, withdrawals and pushes, and what corporate actions brought or took
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe in front.
 */
import { printSeconds, printTime } from "../codec/time.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { printKey } from "../letter/orderid.ts";
import { showAmount, showPrice, showQuantity, withFormerNames, type Steps } from "./amounts.ts";
import { executionOf } from "./execution.ts";
import { fillsOf } from "./fates.ts";
import { isOpen, type Statement } from "./fold.ts";

/** What there is a file of. */
export type CsvKind = "orders" | "fills" | "funds";

type Cell = string | number | undefined;

/** The file's text, with its head. */
export function printCsv(kind: CsvKind, card: Steps, statement: Statement): string {
  const steps = withFormerNames(card, statement.renamed);
  const { head, rows } = tables[kind](steps, statement);
  return [head.split(" "), ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: Cell): string {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

type Table = { readonly head: string; readonly rows: readonly (readonly Cell[])[] };

const tables: Readonly<Record<CsvKind, (card: Steps, statement: Statement) => Table>> = {
  orders: ordersTable,
  fills: fillsTable,
  funds: fundsTable,
};

function refOf(statement: Statement, letter: string): string {
  const found = [...statement.answers.values()].find(({ orderId }) => orderId === letter);
  return found?.ref ?? "";
}

function ordersTable(card: Steps, statement: Statement): Table {
  const head =
    "opened completed market side quantity price filled average_price amount fee fee_asset " +
    "status expiry time_in_force stop own cap why order id tag ref report";
  const rows = [...statement.orders.values()].map((order): readonly Cell[] => {
    const { market, price, key, status, trigger, cap } = order;
    const quote = market.slice(market.indexOf("/") + 1);
    const quantity = (lots: number): string => showQuantity(card, market, lots);
    const done = executionOf(card, order, fillsOf(key, statement.fills));
    return [
      printTime(order.since),
      isOpen(order) ? "" : printTime(order.at),
      market,
      order.side,
      quantity(order.requested),
      price === undefined ? "market" : showPrice(card, market, price),
      quantity(order.filled),
      done?.price,
      done?.amount,
      done?.fee,
      done?.feeAsset,
      status,
      order.expiry === undefined ? "" : printSeconds(order.expiry),
      order.tif.toUpperCase(),
      trigger === undefined ? "" : showPrice(card, market, trigger),
      order.own,
      cap === undefined ? "" : showAmount(card, quote, cap),
      order.why,
      printKey(key),
      order.id,
      order.tag,
      refOf(statement, key.letter),
      order.report,
    ];
  });
  return { head, rows };
}

function fillsTable(card: Steps, statement: Statement): Table {
  const head =
    "time trade market side quantity price amount amount_asset fee fee_asset role order id tag " +
    "ref report";
  const rows = statement.fills.map((fill): readonly Cell[] => {
    const { market, key } = fill;
    const quote = market.slice(market.indexOf("/") + 1);
    return [
      printTime(fill.at),
      fill.trade,
      market,
      fill.side,
      showQuantity(card, market, fill.quantity),
      showPrice(card, market, fill.price),
      showAmount(card, quote, fill.quote),
      quote,
      showAmount(card, quote, fill.fee),
      quote,
      fill.role,
      printKey(key),
      fill.id,
      fill.tag,
      refOf(statement, key.letter),
      fill.report,
    ];
  });
  return { head, rows };
}

function fundsTable(card: Steps, statement: Statement): Table {
  const { deposits, withdrawals, pushes, actionMoves } = statement;
  const rows = [
    ...[...deposits.values()].map((deposit) => {
      const { asset, state, announced, credited, evidence } = deposit;
      const amount = showAmount(card, asset, state === "credited" ? credited : announced);
      return { said: deposit, kind: "deposit", number: deposit.number, amount, state, evidence };
    }),
    ...[...withdrawals.values()].map((withdrawal) => {
      const { asset, state, amount: units, evidence } = withdrawal;
      const amount = showAmount(card, asset, units);
      const { address, number } = withdrawal;
      return { said: withdrawal, kind: "withdrawal", number, amount, state, evidence, address };
    }),
    ...pushes.map((push) => {
      const amount = showAmount(card, push.asset, push.amount);
      const kind = push.line === 0 ? "push in" : "push out";
      return { said: push, kind, amount, state: "done", address: keyNumber(push.to) };
    }),
    ...actionMoves.map((move) => {
      const amount = showAmount(card, move.asset, Math.abs(move.change));
      const kind = `${move.cause.kind} ${move.change < 0 ? "out" : "in"}`;
      const said = { ...move, id: undefined, tag: undefined };
      return { said, kind, number: move.cause.number, amount, state: "done" };
    }),
  ].map(({ said, kind, amount, state, ...more }): readonly Cell[] => [
    printTime(said.at),
    kind,
    "number" in more ? more.number : "",
    said.asset,
    amount,
    state,
    "address" in more ? more.address : "",
    "evidence" in more ? more.evidence : "",
    said.id,
    said.tag,
    said.report,
  ]);
  const head = "time kind number asset amount state to_or_from evidence id tag report";
  return { head, rows: rows.sort((a, b) => Number(a[10]) - Number(b[10])) };
}
