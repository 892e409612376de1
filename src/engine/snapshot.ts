/**
 * The state as canonical text, and back (docs/spec/journal.md §5). The same state gives the same
 * bytes whatever its history: maps are printed by key, orders in price-time order, letters without
 * a number oldest first, and nothing that can be computed from the rest is printed at all.
 *
 * One line, one fact: a name, then fields parted by `|`. A field that may be absent is then empty.
 */
import { assert } from "../codec/assert.ts";
import { sha256Hex } from "../codec/bytes.ts";
import { digest, type Digest } from "../codec/names.ts";
import { sortedByKey } from "./funds.ts";
import { ringLines } from "./ringsnapshot.ts";
import { printRow as row } from "./row.ts";
import { stateVersion, type Account, type Order, type State } from "./state.ts";

export { parseSnapshot } from "./restore.ts";

/** The canonical text, ending with LF. */
export function printSnapshot(state: State): string {
  const { at, logSize, trades, orders, deposits, withdrawals } = state;
  const lines = [
    stateVersion,
    row("exchange", state.exchange),
    row("counts", at, logSize, trades, orders, deposits, withdrawals),
    ...state.configuration.text.split("\n").map((line) => row("configuration", line)),
  ];
  // Line by line: a call takes no more arguments than fit on the stack.
  for (const [, account] of sortedByKey(state.accounts)) {
    for (const line of accountLines(account)) lines.push(line);
  }
  for (const line of ledgerLines(state)) lines.push(line);
  for (const [, venue] of sortedByKey(state.venues)) {
    for (const side of ["sell", "buy"] as const) {
      for (const order of venue.book.orders(side)) lines.push(orderLine(order));
    }
  }
  for (const [, { number, account, asset, announced, id, tag }] of sortedByKey(state.awaited)) {
    lines.push(row("deposit", number, account, asset, announced, id, tag));
  }
  for (const [, each] of sortedByKey(state.unpaid)) {
    const { number, account, asset, amount, address, status, id, tag } = each;
    lines.push(row("withdrawal", number, account, asset, amount, address, status, id, tag));
  }
  for (const [request, votes] of sortedByKey(state.votes)) {
    // The operator's line contains `|`, and is therefore last.
    for (const [operator, line] of sortedByKey(votes)) {
      lines.push(row("vote", request, operator, line));
    }
  }
  for (const line of ringLines(state.rings)) lines.push(line);
  for (const [verb, { total, told }] of sortedByKey(state.signed)) {
    lines.push(row("signed", verb, total, told));
  }
  for (const line of readLines(state)) lines.push(line);
  assert(!lines.some((line) => line.includes("\n")), "a fact is one line");
  return `${lines.join("\n")}\n`;
}

/** SHA-256 of the canonical text. */
export function stateHash(state: State): Digest {
  return digest(sha256Hex(printSnapshot(state)));
}

/** Nothing where nobody commits to reads. */
function readLines({ reads }: State): string[] {
  if (reads === undefined) return [];
  const lines = [row("reads", reads.from, reads.at, reads.hourFrom)];
  for (const [name, refs] of [
    ["reading", reads.refs],
    ["reading-now", reads.now],
    ["read-hour", reads.hour],
  ] as const) {
    for (const ref of [...refs].sort()) lines.push(row(name, ref));
  }
  return lines;
}

function accountLines(account: Account): string[] {
  const { fingerprint, mailbox, mail, reports, last, certificate } = account;
  const lines = [row("account", fingerprint, mailbox, mail, reports, last, certificate)];
  for (const [thread, { high, taken }] of sortedByKey(account.threads)) {
    lines.push(row("thread", thread, high));
    for (const [number, letter] of sortedByKey(taken)) {
      lines.push(row("taken", thread, number, letter));
    }
  }
  // As they came: which one is forgotten next depends on it.
  for (const [letter, by] of account.reads) lines.push(row("read", letter, by));
  for (const id of [...account.ids].sort()) lines.push(row("id", id));
  return lines;
}

function ledgerLines(state: State): string[] {
  const lines: string[] = [];
  for (const holder of state.ledger.holders()) {
    for (const asset of state.ledger.assets(holder)) {
      const { total, held } = state.ledger.balance(holder, asset);
      lines.push(row("balance", holder, asset, total, held));
    }
  }
  for (const [to, { mailbox, mail }] of sortedByKey(state.strangers)) {
    lines.push(row("stranger", to, mailbox, mail));
  }
  for (const [to, waiting] of sortedByKey(state.waiting)) {
    for (const [asset, payers] of sortedByKey(waiting)) {
      for (const [payer, amount] of sortedByKey(payers)) {
        lines.push(row("waiting", to, asset, payer, amount));
      }
    }
  }
  return lines;
}

function orderLine(order: Order): string {
  const { number, account, key, market, side, price, requested, open } = order;
  const where = [number, account, key.letter, key.line, market, side, price];
  const { makerNotional, makerRate, expiry, id, tag } = order;
  return row("order", ...where, requested, open, makerNotional, makerRate, expiry, id, tag);
}
