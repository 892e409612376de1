/**
 * The state as canonical bytes, and back (docs/spec/journal.md §5). The same state gives the same
 * bytes whatever its history: maps are printed by key, letters without a number oldest first, and
 * nothing that can be computed from the rest is printed at all.
 *
 *   signet-state/2 TEXT FLOOR     how many bytes each of the two is
 *   text                          one line, one fact: a name, then fields parted by `|`; a field
 *                                 that may be absent is then empty
 *   floor                         balances, markets and orders in numbers (src/floor/snapshot.ts)
 */
import { assert } from "../codec/assert.ts";
import { concat, fromAscii, sha256, toHex } from "../codec/bytes.ts";
import { digest, type Digest } from "../codec/names.ts";
import { writeSnapshot } from "../floor/snapshot.ts";
import { printEntry } from "../letter/entry.ts";
import { sortedByKey } from "./funds.ts";
import { ringLines } from "./ringsnapshot.ts";
import { printRow as row } from "./row.ts";
import { stateVersion, untoldParts, type Account, type Order, type State } from "./state.ts";

export { parseSnapshot } from "./restore.ts";

/** The canonical bytes. */
export function printSnapshot(state: State): Uint8Array {
  const text = fromAscii(printText(state));
  const floor = writeSnapshot(state.floor);
  const head = fromAscii(`${stateVersion} ${text.length} ${floor.length}\n`);
  return concat([head, text, floor]);
}

/** SHA-256 of the canonical bytes. */
export function stateHash(state: State): Digest {
  return digest(toHex(sha256(printSnapshot(state))));
}

function printText(state: State): string {
  const { at, logSize, deposits, withdrawals } = state;
  const lines = [
    row("exchange", state.exchange),
    row("counts", at, logSize, deposits, withdrawals, state.actions),
    ...[...state.renamed].sort().map((asset) => row("renamed", asset)),
    ...state.configuration.text.split("\n").map((line) => row("configuration", line)),
    ...[...state.assets].map(([name, number]) => row("asset", number, name)).sort(),
  ];
  for (const { market, halted, callUntil } of state.markets) {
    lines.push(row("market", market.name, halted ? 1 : 0, callUntil));
  }
  for (const [asset, { contract, delisted }] of sortedByKey(state.issues)) {
    lines.push(row("issue", asset, contract, delisted ? 1 : 0));
  }
  // Line by line: a call takes no more arguments than fit on the stack.
  for (const [, account] of sortedByKey(state.accounts)) {
    for (const line of accountLines(account)) lines.push(line);
  }
  for (const line of keyLines(state)) lines.push(line);
  for (const line of waitingLines(state)) lines.push(line);
  for (const [, order] of sortedByKey(state.orders)) lines.push(orderLine(order));
  for (const [, { number, account, asset, announced, id, tag }] of sortedByKey(state.awaited)) {
    lines.push(row("deposit", number, account, asset, announced, id, tag));
  }
  for (const [, each] of sortedByKey(state.unpaid)) {
    const { number, account, asset, amount, address, status, id, tag } = each;
    lines.push(row("withdrawal", number, account, asset, amount, address, status, id, tag));
  }
  for (const line of dividendLines(state)) lines.push(line);
  for (const line of untoldLines(state)) lines.push(line);
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

/** Whoever is paid already is not told. */
function dividendLines({ dividends }: State): string[] {
  const lines: string[] = [];
  for (const [number, each] of sortedByKey(dividends)) {
    const { asset, pay, total, float, record, tag, owed } = each;
    const isFixed = owed === undefined ? 0 : 1;
    lines.push(row("dividend", number, asset, pay, total, float, record, isFixed, tag));
    for (const { to, shares, units } of owed?.list.slice(owed.next) ?? []) {
      lines.push(row("owed", to, shares, units));
    }
  }
  return lines;
}

/** In order: whose turn is next is first. */
function untoldLines({ statements, untold }: State): string[] {
  const lines: string[] = [];
  for (const queues of [statements.customers, statements.strangers]) {
    for (const [market, queue] of queues) {
      for (const who of queue) lines.push(row("statement", market, who));
    }
  }
  for (const map of [untold.customers, untold.strangers]) {
    for (const [who, { touched, ...told }] of map) {
      lines.push(row("notice", who));
      for (const asset of [...touched].sort()) lines.push(row("notice-balance", asset));
      for (const part of untoldParts) {
        for (const entry of told[part]) lines.push(row(`notice-${part}`, printEntry(entry)));
      }
    }
  }
  return lines;
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
  const { fingerprint, number, mailbox, mail, reports, last, certificate } = account;
  const lines = [row("account", fingerprint, number, mailbox, mail, reports, last, certificate)];
  for (const [thread, { high, taken }] of sortedByKey(account.threads)) {
    lines.push(row("thread", thread, high));
    for (const [number, letter] of sortedByKey(taken)) {
      lines.push(row("taken", thread, number, letter));
    }
  }
  // As they came: which one is forgotten next depends on it.
  for (const [letter, by] of account.reads) lines.push(row("read", letter, by));
  for (const id of [...account.ids].sort()) lines.push(row("id", id));
  for (const letter of [...account.freezes].sort()) lines.push(row("freeze", letter));
  return lines;
}

/** Nothing of an account that has the key that it began with, and no other in sight. */
function keyLines({ accounts, keys }: State): string[] {
  const lines: string[] = [];
  for (const [name, { key, frozen, change }] of sortedByKey(accounts)) {
    if (key !== name || frozen !== undefined) lines.push(row("keys", name, key, frozen));
    if (change === undefined) continue;
    const { kind, certificate, expiry } = change;
    lines.push(row("change", name, kind, change.key, certificate, expiry));
  }
  for (const [key, { account, standing }] of sortedByKey(keys)) {
    if (key === account.fingerprint && standing === "in_force") continue;
    lines.push(row("key", key, account.fingerprint, standing));
  }
  return lines;
}

function waitingLines(state: State): string[] {
  const lines: string[] = [];
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

/** What the floor does not know of an order. */
function orderLine({ number, key, own, cap, trigger, id, tag }: Order): string {
  return row("order", number, key.letter, key.line, own, cap, trigger, id, tag);
}
