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
import { statementRecordsMax, statementsMax } from "./limits.ts";
import { assetNumber, assetsOf } from "./purse.ts";
import { report } from "./reports.ts";
import type { State, Venue } from "./state.ts";
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
  for (const account of state.customers) {
    if (account === undefined) continue;
    const { number, fingerprint } = account;
    const holds = numbers.some((asset) => balances.read(number, asset).total !== 0);
    if (holds || open.has(fingerprint)) state.statements.add(fingerprint);
  }
  for (const who of strangersWith(state, [base, quote])) state.statements.add(who);
}

/** Sends as many as one tick may, in the order in which they were written down. */
export function tellStatements(turn: Turn): void {
  const { state } = turn;
  assert(turn.notes.size === 0, "what else there is to tell was told before");
  let [sent, records] = [0, 0];
  for (const who of [...state.statements].slice(0, statementsMax)) {
    if (records >= statementRecordsMax) break;
    state.statements.delete(who);
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
