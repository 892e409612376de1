/**
 * Reading a snapshot: the exact inverse of `printSnapshot`. A snapshot is our own bytes, found by
 * their hash; anything in them that does not fit is our mistake and stops us (deleting it and
 * replaying the journal is then the way on).
 */
import { assert, at } from "../codec/assert.ts";
import { toLatin1 } from "../codec/bytes.ts";
import { digest, fingerprint, orderId, ref, type Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { openOrder } from "../floor/read.ts";
import { readSnapshot } from "../floor/snapshot.ts";
import type { PlaceCommand } from "../letter/command.ts";
import { parseEntry } from "../letter/entry.ts";
import { amount, price, quantity } from "../money/amount.ts";
import { emptyConfiguration, parseConfiguration, renamedConfiguration } from "./configuration.ts";
import { holdAgain } from "./dividends.ts";
import { setCall } from "./hours.ts";
import { usualPace, type Pace } from "./limits.ts";
import { accountOf, enter, enterVenue, venueAt } from "./orders.ts";
import { assetNumber, customerAt } from "./purse.ts";
import { newAccount } from "./register.ts";
import { readKeyLine } from "./keyrestore.ts";
import { RingReader } from "./ringrestore.ts";
import { Row } from "./row.ts";
import { enqueue } from "./statements.ts";
import {
  newReads,
  newState,
  stateVersion,
  untoldParts,
  type Account,
  type Both,
  type Dividend,
  type Notes,
  type State,
} from "./state.ts";
import { newNotes } from "./turn.ts";

/** The account whose lines are being read. */
type Reader = {
  readonly state: State;
  account: Account | undefined;
  /** The dividend whose lines are. */
  dividend: Dividend | undefined;
  /** Whose untold notes are. */
  untold: Notes | undefined;
  readonly rings: RingReader;
};

/** The state that canonical bytes say. */
export function parseSnapshot(bytes: Uint8Array, pace: Pace = usualPace): State {
  const headEnd = bytes.indexOf(10) + 1;
  const [version, textLength, floorLength, ...none] = toLatin1(
    bytes.subarray(0, headEnd - 1),
  ).split(" ");
  assert(version === stateVersion && none.length === 0, "a snapshot begins as it should");
  const floorStart = headEnd + Number(textLength);
  assert(floorStart + Number(floorLength) === bytes.length, "and is as long as it says");
  // A copy: its numbers begin at a multiple of eight.
  const floor = readSnapshot(bytes.slice(floorStart));
  const lines = toLatin1(bytes.subarray(headEnd, floorStart)).split("\n");
  assert(lines.pop() === "", "its text ends as it should");
  const [name, exchange, ...more] = (lines[0] ?? "").split("|");
  assert(
    name === "exchange" && exchange !== undefined && more.length === 0,
    "the exchange is named",
  );
  const state = newState(fingerprint(exchange), floor, pace);
  // Where nobody commits to reads nothing is said of them.
  state.reads = undefined;
  const rows = lines.slice(1).map((line) => line.split("|"));
  restoreConfiguration(state, rows);
  const reader: Reader = {
    state,
    account: undefined,
    dividend: undefined,
    untold: undefined,
    rings: new RingReader(state),
  };
  for (const [kind = "", ...fields] of rows) {
    const row = new Row(fields);
    readRow(reader, kind, row);
    row.end();
  }
  for (const dividend of state.dividends.values()) holdAgain(state, dividend);
  reader.rings.finish();
  return state;
}

/** Configuration, assets and markets: what other lines speak of. */
function restoreConfiguration(state: State, rows: readonly (readonly string[])[]): void {
  const of = (name: string): readonly (readonly string[])[] =>
    rows.filter(([kind]) => kind === name).map(([, ...fields]) => fields);
  for (const [asset = ""] of of("renamed")) state.renamed.add(asset);
  const numbered = of("asset").map(([number, asset = ""]) => ({ number: Number(number), asset }));
  numbered.sort((a, b) => a.number - b.number);
  for (const { number, asset } of numbered) state.assets.set(asset, number);
  const text = of("configuration")
    .map((fields) => fields.join("|"))
    .join("\n");
  if (text === emptyConfiguration.text) return;
  const parsed = parseConfiguration(text);
  assert(parsed.ok, "a configuration that took effect is read again");
  state.configuration = renamedConfiguration(parsed.value, state.renamed);
  for (const [number, [name = ""]] of of("market").entries()) {
    const market = state.configuration.markets.get(name);
    assert(market !== undefined, "a market stays");
    enterVenue(state, market, number);
  }
}

function readRow(reader: Reader, kind: string, row: Row): void {
  const { state } = reader;
  switch (kind) {
    case "counts":
      return readCounts(state, row);
    case "configuration":
    case "renamed":
    case "asset":
      row.rest();
      return;
    case "market":
      return readMarket(state, row);
    case "issue":
      return readIssue(state, row);
    case "account":
      reader.account = readAccount(row);
      enterNumbered(state, reader.account);
      return;
    case "thread":
    case "taken":
    case "read":
    case "id":
    case "freeze":
      assert(reader.account !== undefined, "an account's lines follow it");
      return readOfAccount(reader.account, kind, row);
    case "stranger":
      return readStranger(state, row);
    case "waiting":
      return readWaiting(state, row);
    case "order":
      return readOrder(state, row);
    case "deposit":
      return readDeposit(state, row);
    case "withdrawal":
      return readWithdrawal(state, row);
    case "dividend":
      reader.dividend = readDividend(state, row);
      return;
    case "owed":
      assert(reader.dividend !== undefined, "what a dividend owes follows it");
      return readOwed(reader.dividend, row);
    case "statement":
      return readStatement(state, row);
    case "notice":
      return readNotice(reader, row);
    case "notice-balance":
    case "notice-lines":
    case "notice-fills":
    case "notice-moves":
    case "notice-holds":
      assert(reader.untold !== undefined, "what somebody was not told follows them");
      return readUntold(reader.untold, kind, row);
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
    default: {
      const isRead = readKeyLine(state, kind, row) || reader.rings.read(kind, row);
      assert(isRead, `a snapshot has no line ${kind}`);
    }
  }
}

function readCounts(state: State, row: Row): void {
  state.at = time(row.number());
  state.logSize = row.number();
  state.deposits = row.number();
  state.withdrawals = row.number();
  state.actions = row.number();
}

function readStatement(state: State, row: Row): void {
  const market = row.number();
  const who = row.account();
  enqueue(bothOf(state, state.statements, who), market, who);
}

function readNotice(reader: Reader, row: Row): void {
  const { state } = reader;
  const who = row.account();
  reader.untold = newNotes();
  bothOf(state, state.untold, who).set(who, reader.untold);
}

function bothOf<Of>({ accounts }: State, both: Both<Of>, who: Fingerprint): Of {
  return accounts.has(who) ? both.customers : both.strangers;
}

function readUntold(notes: Notes, kind: string, row: Row): void {
  if (kind === "notice-balance") {
    notes.touched.add(row.text());
    return;
  }
  const part = untoldParts.find((each) => kind === `notice-${each}`);
  const entry = parseEntry(row.rest());
  assert(part !== undefined && entry.ok, "a record that we printed is one");
  notes[part].push(entry.value);
}

function readMarket(state: State, row: Row): void {
  const venue = state.venues.get(row.text());
  assert(venue !== undefined, "a market stays");
  venue.halted = row.truth();
  setCall(state, venue, readTime(row.maybe()));
}

function readIssue(state: State, row: Row): void {
  const asset = row.text();
  state.issues.set(asset, { contract: digest(row.text()), delisted: row.truth() });
}

/** Accounts come by name, and have the numbers that the floor knows them by. */
function enterNumbered(state: State, account: Account): void {
  const { number, fingerprint } = account;
  assert(number < state.floor.accounts.count && state.customers[number] === undefined, "its own");
  while (state.customers.length < state.floor.accounts.count) state.customers.push(undefined);
  state.customers[number] = account;
  state.accounts.set(fingerprint, account);
  state.keys.set(fingerprint, { account, standing: "in_force" });
}

function readAccount(row: Row): Account {
  const name = row.account();
  const number = row.number();
  const mailbox = row.text();
  const [mail, reports, last] = [row.number(), row.number(), digest(row.text())];
  const account = newAccount({ fingerprint: name, certificate: row.text(), mailbox });
  account.number = number;
  account.mail = mail;
  account.reports = reports;
  account.last = last;
  return account;
}

function readOfAccount(
  account: Account,
  kind: "thread" | "taken" | "read" | "id" | "freeze",
  row: Row,
): void {
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
      return;
    case "freeze":
      account.freezes.add(orderId(row.text()));
  }
}

/** Nothing may wait for them any more: a reverse split leaves nothing of little. */
function readStranger(state: State, row: Row): void {
  const who = row.account();
  state.strangers.set(who, { mailbox: row.text(), mail: row.number() });
  state.waiting.set(who, new Map());
}

function readDividend(state: State, row: Row): Dividend {
  const [number, asset, pay] = [row.number(), row.text(), row.text()];
  const [total, float] = [amount(row.number()), amount(row.number())];
  const record = time(row.number());
  const owed = row.truth() ? { list: [], next: 0, left: 0 } : undefined;
  const dividend: Dividend = { number, asset, pay, total, float, record, tag: row.maybe(), owed };
  state.dividends.set(number, dividend);
  return dividend;
}

function readOwed({ owed }: Dividend, row: Row): void {
  assert(owed !== undefined, "a dividend owes once its day has come");
  const [to, shares, units] = [row.account(), amount(row.number()), amount(row.number())];
  owed.list.push({ to, shares, units });
  owed.left += units;
}

function readWaiting(state: State, row: Row): void {
  const [to, asset, payer] = [row.account(), row.text(), row.account()];
  const waiting = state.waiting.get(to) ?? new Map();
  const payers = waiting.get(asset) ?? new Map();
  state.waiting.set(to, waiting.set(asset, payers.set(payer, amount(row.number()))));
}

const owns = ["newest", "oldest", "both"] as const;
const tifs = ["gtc", "ioc", "fok", "post_only", "day", "gtd"] as const;

/** What its customer knows of an order that is on the floor. */
function readOrder(state: State, row: Row): void {
  const number = row.number();
  const key = { letter: orderId(row.text()), line: row.number() };
  const word = row.text();
  const own: PlaceCommand["own"] | undefined = owns.find((each) => each === word);
  const [cap, trigger] = [row.maybe(), row.maybe()];
  const labels = { id: row.maybe(), tag: row.maybe() };
  const standing = openOrder(state.floor, number);
  assert(standing !== undefined && own !== undefined, "an open order stands on the floor");
  enter(state, {
    ...labels,
    number,
    key,
    own,
    account: customerAt(state, standing.account),
    venue: venueAt(state, standing.market),
    side: standing.side === 0 ? "buy" : "sell",
    cap: cap === undefined ? undefined : amount(Number(cap)),
    expiry: standing.expiry === 0 ? undefined : time(standing.expiry),
    tif: at(tifs, standing.tif),
    price: standing.price === 0 ? undefined : price(standing.price),
    trigger: trigger === undefined ? undefined : price(Number(trigger)),
    requested: quantity(standing.requested),
    open: quantity(standing.open),
    held: amount(standing.held),
    stands: standing.trigger === 0 ? "book" : "waiting",
    ended: undefined,
  });
}

function readTime(text: string | undefined): Time | undefined {
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
  const whose = accountOf(state, account);
  whose.unpaid.add(number);
  if (status !== "waiting") return;
  // The floor restores what orders hold, and nothing else.
  const { balances } = state.floor;
  balances.hold(balances.place(whose.number, assetNumber(state, asset)), units);
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
