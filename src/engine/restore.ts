/**
 * Reading a snapshot: the exact inverse of `printSnapshot`. A snapshot is our own text, found by
 * its hash; anything in it that does not fit is our mistake and stops us (deleting it and replaying
 * the journal is then the way on).
 */
import { assert } from "../codec/assert.ts";
import { digest, fingerprint, orderId, ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import type { Holder } from "../ledger/ledger.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { emptyConfiguration, parseConfiguration } from "./configuration.ts";
import { needOf } from "./needs.ts";
import { accountOf, enter, venueOf } from "./orders.ts";
import { newAccount } from "./register.ts";
import { RingReader } from "./ringrestore.ts";
import { Row } from "./row.ts";
import {
  newReads,
  newState,
  newVenue,
  stateVersion,
  type Account,
  type Order,
  type State,
} from "./state.ts";

/** The account whose lines are being read. */
type Reader = {
  readonly state: State;
  account: Account | undefined;
  readonly rings: RingReader;
};

/** The state that a canonical text says. */
export function parseSnapshot(text: string): State {
  const lines = text.split("\n");
  assert(
    lines[0] === stateVersion && lines.pop() === "",
    "a snapshot begins and ends as it should",
  );
  const [name, exchange, ...more] = (lines[1] ?? "").split("|");
  assert(
    name === "exchange" && exchange !== undefined && more.length === 0,
    "the exchange is named",
  );
  const state = newState(fingerprint(exchange));
  // A snapshot from before there were blocks says nothing of them: the next tick begins one.
  state.reads = undefined;
  const rows = lines.slice(2).map((line) => line.split("|"));
  restoreConfiguration(state, rows);
  const reader: Reader = { state, account: undefined, rings: new RingReader(state) };
  const orders: Order[] = [];
  for (const [kind = "", ...fields] of rows) {
    const row = new Row(fields);
    readRow(reader, orders, kind, row);
    row.end();
  }
  // Account by account the oldest order comes first; at one price in a book it does, too.
  orders.sort((a, b) => a.number - b.number);
  for (const order of orders) {
    enter(state, order);
    order.held = needOf(order, venueOf(state, order.market).market);
  }
  reader.rings.finish();
  return state;
}

function restoreConfiguration(state: State, rows: readonly (readonly string[])[]): void {
  const lines = rows
    .filter(([kind]) => kind === "configuration")
    .map(([, ...fields]) => fields.join("|"));
  const text = lines.join("\n");
  if (text === emptyConfiguration.text) return;
  const parsed = parseConfiguration(text);
  assert(parsed.ok, "a configuration that took effect is read again");
  state.configuration = parsed.value;
  for (const market of parsed.value.markets.values()) {
    state.venues.set(market.name, newVenue(market));
  }
}

function readRow(reader: Reader, orders: Order[], kind: string, row: Row): void {
  const { state } = reader;
  switch (kind) {
    case "counts":
      state.at = time(row.number());
      state.logSize = row.number();
      state.trades = row.number();
      state.orders = row.number();
      state.deposits = row.number();
      state.withdrawals = row.number();
      return;
    case "configuration":
      row.rest();
      return;
    case "account":
      reader.account = readAccount(row);
      state.accounts.set(reader.account.fingerprint, reader.account);
      return;
    case "thread":
    case "taken":
    case "read":
    case "id":
      assert(reader.account !== undefined, "an account's lines follow it");
      return readOfAccount(reader.account, kind, row);
    case "balance":
      return readBalance(state, row);
    case "stranger":
      state.strangers.set(row.account(), { mailbox: row.text(), mail: row.number() });
      return;
    case "waiting":
      return readWaiting(state, row);
    case "order":
      orders.push(readOrder(row));
      return;
    case "deposit":
      return readDeposit(state, row);
    case "withdrawal":
      return readWithdrawal(state, row);
    case "vote":
      return readVote(state, row);
    case "signed":
      state.signed.set(row.text(), { total: row.number(), told: row.number() });
      return;
    case "reads":
    case "reading":
    case "reading-now":
    case "read-hour":
      return readReads(state, kind, row);
    default:
      assert(reader.rings.read(kind, row), `a snapshot has no line ${kind}`);
  }
}

function readAccount(row: Row): Account {
  const name = row.account();
  const mailbox = row.text();
  const [mail, reports, last] = [row.number(), row.number(), digest(row.text())];
  const account = newAccount({ fingerprint: name, certificate: row.text(), mailbox });
  account.mail = mail;
  account.reports = reports;
  account.last = last;
  return account;
}

function readOfAccount(account: Account, kind: "thread" | "taken" | "read" | "id", row: Row): void {
  switch (kind) {
    case "thread":
      account.threads.set(row.number(), { high: row.number(), taken: new Map() });
      return;
    case "taken": {
      const thread = account.threads.get(row.number());
      assert(thread !== undefined, "a thread's numbers follow it");
      thread.taken.set(row.number(), orderId(row.text()));
      return;
    }
    case "read":
      account.reads.set(orderId(row.text()), time(row.number()));
      return;
    case "id":
      account.ids.add(row.text());
  }
}

function holderOf(text: string): Holder {
  if (text === "fees" || text === "outside") return text;
  const waits = "waiting ";
  return text.startsWith(waits)
    ? `waiting ${fingerprint(text.slice(waits.length))}`
    : fingerprint(text);
}

function readBalance(state: State, row: Row): void {
  const holder = holderOf(row.text());
  const asset = row.text();
  state.ledger.restore(holder, asset, { total: row.number(), held: row.number() });
}

function readWaiting(state: State, row: Row): void {
  const [to, asset, payer] = [row.account(), row.text(), row.account()];
  const waiting = state.waiting.get(to) ?? new Map();
  const payers = waiting.get(asset) ?? new Map();
  state.waiting.set(to, waiting.set(asset, payers.set(payer, amount(row.number()))));
}

function readOrder(row: Row): Order {
  return {
    number: row.number(),
    account: row.account(),
    key: { letter: orderId(row.text()), line: row.number() },
    market: row.text(),
    side: row.side(),
    price: price(row.number()),
    requested: quantity(row.number()),
    open: quantity(row.number()),
    makerNotional: amount(row.number()),
    makerRate: row.number(),
    expiry: readTime(row.maybe()),
    id: row.maybe(),
    tag: row.maybe(),
    held: amount(0),
    place: undefined,
  };
}

function readTime(text: string | undefined): Order["expiry"] {
  return text === undefined ? undefined : time(Number(text));
}

function readDeposit(state: State, row: Row): void {
  const [number, account] = [row.number(), row.account()];
  const [asset, announced] = [row.text(), amount(row.number())];
  const labels = { id: row.maybe(), tag: row.maybe() };
  state.awaited.set(number, { number, account, asset, announced, ...labels });
  accountOf(state, account).awaited.add(number);
}

function readWithdrawal(state: State, row: Row): void {
  const [number, account, asset] = [row.number(), row.account(), row.text()];
  const [units, address, status] = [amount(row.number()), row.text(), row.text()];
  assert(
    status === "waiting" || status === "approved",
    "an unpaid withdrawal waits or is approved",
  );
  const labels = { id: row.maybe(), tag: row.maybe() };
  state.unpaid.set(number, { number, account, asset, amount: units, address, status, ...labels });
  accountOf(state, account).unpaid.add(number);
}

function readReads(
  state: State,
  kind: "reads" | "reading" | "reading-now" | "read-hour",
  row: Row,
): void {
  if (kind === "reads") {
    const reads = newReads(time(row.number()));
    reads.at = time(row.number());
    reads.hourFrom = time(row.number());
    state.reads = reads;
    return;
  }
  const { reads } = state;
  assert(reads !== undefined, "the refs of a block follow it");
  const name = ref(row.text());
  if (kind === "reading") reads.refs.add(name);
  else if (kind === "reading-now") reads.now.add(name);
  else reads.hour.add(name);
}

function readVote(state: State, row: Row): void {
  const [request, operator] = [row.text(), row.account()];
  const votes = state.votes.get(request) ?? new Map();
  state.votes.set(request, votes.set(operator, row.rest()));
}
