/**
 * `statements on-close` (docs/spec/securities.md §7): when a market with a calendar closes,
 * everybody who holds one of its assets, or has an order open on it, gets a statement as a report.
 *
 * Who is to get one is written down when the market closes; with each tick so many are sent. Who
 * holds and has not registered gets a decoy, as with everything else that a customer would get.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { noReport } from "../letter/report.ts";
import { strangersWith } from "./holders.ts";
import { statementRecordsMax } from "./limits.ts";
import { assetNumber, assetsOf } from "./purse.ts";
import { report } from "./reports.ts";
import type { Account, Queues, State, Venue } from "./state.ts";
import { statement } from "./statement.ts";
import { note, notesOf, recordsOf, type Turn } from "./turn.ts";

/** A market has closed: whom it concerns gets a statement soon. */
export function queueStatements(state: State, venue: Venue): void {
  const { statementsOnClose, days } = state.configuration;
  if (!statementsOnClose || !days.has(venue.market.name)) return;
  const { base, quote } = venue.market;
  const numbers = [assetNumber(state, base), assetNumber(state, quote)];
  const open = new Set<Fingerprint>();
  for (const order of state.orders.values()) {
    if (order.venue === venue) open.add(order.account.fingerprint);
  }
  const { balances } = state.floor;
  const { customers, strangers } = state.statements;
  for (const account of state.customers) {
    if (account === undefined) continue;
    const { number, fingerprint } = account;
    const holds = numbers.some((asset) => balances.read(number, asset).total !== 0);
    if (holds || open.has(fingerprint)) enqueue(customers, venue.number, fingerprint);
  }
  for (const who of strangersWith(state, [base, quote])) enqueue(strangers, venue.number, who);
}

/** Writes somebody down behind whoever waits in the same queue. */
export function enqueue(queues: Queues, market: number, who: Fingerprint): void {
  const queue = queues.get(market) ?? new Set();
  queues.set(market, queue.add(who));
}

/** Who was a stranger, and is a customer's key now, waits with the customers, behind them. */
export function willBeCustomer(state: State, who: Fingerprint, account: Account): void {
  const { customers, strangers } = state.statements;
  for (const [market, queue] of strangers) {
    if (queue.has(who)) enqueue(customers, market, account.fingerprint);
  }
  forget(strangers, who);
}

/** Told for one market is told for all. */
function forget(queues: Queues, who: Fingerprint): void {
  for (const [market, queue] of queues) {
    if (queue.delete(who) && queue.size === 0) queues.delete(market);
  }
}

/** The first of the queue whose turn it is, which then is the last of the queues. */
function nextOf(queues: Queues): Fingerprint | undefined {
  for (const [market, queue] of queues) {
    queues.delete(market);
    queues.set(market, queue);
    for (const who of queue) {
      forget(queues, who);
      return who;
    }
  }
  return undefined;
}

/** Sends as many as one tick may: customers first, of each market's queue one after the other. */
export function tellStatements(turn: Turn): void {
  const { state } = turn;
  assert(turn.notes.size === 0, "what else there is to tell was told before");
  const { customers, strangers } = state.statements;
  let [sent, records] = [0, 0];
  while (sent < state.pace.statements && records < statementRecordsMax) {
    const who = nextOf(customers) ?? nextOf(strangers);
    if (who === undefined) break;
    noteStatement(turn, who);
    sent += 1;
    records += recordsOf(turn, who);
  }
  if (sent > 0) report(turn, undefined);
}

function noteStatement(turn: Turn, who: Fingerprint): void {
  const { state } = turn;
  const account = state.accounts.get(who);
  const { touched } = notesOf(turn, who);
  if (account) {
    for (const entry of statement(state, account)) note(turn, who, entry);
    for (const asset of assetsOf(state, account)) touched.add(asset);
    return;
  }
  const stranger = state.strangers.get(who);
  assert(stranger !== undefined, "who held and never registered gets decoys");
  note(turn, who, { kind: "mailbox", secret: stranger.mailbox, next: stranger.mail });
  note(turn, who, { kind: "last", report: stranger.mail, hash: noReport });
  for (const asset of state.waiting.get(who)?.keys() ?? []) touched.add(asset);
}
