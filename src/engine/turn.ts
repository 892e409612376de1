/**
 * One input's work in progress: the leaves so far, and for each account what its report will say.
 *
 * The state is changed as the commands go; the turn collects what must be told about it, and
 * reports.ts makes texts of it all at the end.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint, Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { Side } from "../letter/command.ts";
import type { Entry } from "../letter/entry.ts";
import { printLeaf } from "../log/leaf.ts";
import { quantity, type Price } from "../money/amount.ts";
import type { ArchiveRequest, Document, Input, Output, SubmissionOut } from "./input.ts";
import type { RingOffer } from "./ringbook.ts";
import type { Notes, Order, State, Venue } from "./state.ts";

export type Turn = {
  readonly state: State;
  readonly at: Time;
  /** The input's randomness, 64 hex; empty if the input is no letter, and so needs none. */
  readonly random: string;
  /** For whoever is answered. */
  readonly tickets: readonly Entry[];
  /** The log's size before this input. */
  readonly log: number;
  readonly leaves: string[];
  readonly documents: Document[];
  readonly archive: ArchiveRequest[];
  readonly submissions: SubmissionOut[];
  readonly reads: Ref[];
  /** Accounts whose certificates are other ones now. */
  readonly keys: Set<Fingerprint>;
  readonly notes: Map<Fingerprint, Notes>;
  /** Holders that this input may still pay (dividends.ts). */
  readonly payments: { left: number };
  /** Whether it concerns so many that some are told with the next inputs (untold.ts). */
  concerns: "some" | "all";
  /** Another input of the same batch follows, and others are told with the last of them. */
  readonly goesOn: boolean;
  /** Orders that others, or time, have changed. */
  readonly passive: Set<Order>;
  /** Levels changed by the command in hand. */
  readonly levels: Map<Venue, Map<Side, Set<Price>>>;
  /** What ringfates.ts has to look at again. */
  readonly touched: { readonly offers: Set<RingOffer>; readonly submissions: Set<number> };
};

/** Begins the work on one input. */
export function beginTurn(state: State, input: Input): Turn {
  const { at } = input;
  assert(at >= state.at, "time never goes back");
  state.at = at;
  return {
    state,
    at,
    random: input.kind === "letter" ? input.random : "",
    tickets: ticketsOf(input),
    log: state.logSize,
    leaves: [],
    documents: [],
    archive: [],
    submissions: [],
    reads: [],
    keys: new Set(),
    notes: new Map(),
    payments: { left: state.pace.payments },
    concerns: "some",
    goesOn: input.kind === "letter" && input.more === true,
    passive: new Set(),
    levels: new Map(),
    touched: { offers: new Set(), submissions: new Set() },
  };
}

function ticketsOf(input: Input): readonly Entry[] {
  const tickets = input.kind === "letter" ? (input.tickets ?? []) : [];
  return tickets.map((text) => ({ kind: "ticket", text }));
}

/** What the world is told; each document and each request adds one REPORT leaf of the island's. */
export function endTurn(turn: Turn): Output {
  const { leaves, documents, archive, submissions, reads, keys, notes, passive, touched } = turn;
  assert(notes.size === 0 && passive.size === 0, "everything noted is told");
  const isLooked = touched.offers.size === 0 && touched.submissions.size === 0;
  assert(isLooked, "everything touched was looked at again");
  turn.state.logSize += leaves.length + documents.length + archive.length;
  const said = { leaves, documents, archive, submissions, reads };
  return keys.size === 0 ? said : { ...said, keys: [...keys] };
}

/** The notes of one account: begun, if there are none yet, with what it was not told before. */
export function notesOf(turn: Turn, account: Fingerprint): Notes {
  const found = turn.notes.get(account);
  if (found) return found;
  const { customers, strangers } = turn.state.untold;
  const notes = customers.get(account) ?? strangers.get(account) ?? newNotes();
  customers.delete(account);
  strangers.delete(account);
  turn.notes.set(account, notes);
  return notes;
}

/** How long an account's report is by now. */
export function recordsOf(turn: Turn, account: Fingerprint): number {
  const notes = turn.notes.get(account);
  if (!notes) return 0;
  return notes.lines.length + notes.fills.length + notes.moves.length + notes.holds.length;
}

/** Nothing to tell yet. */
export function newNotes(): Notes {
  return { lines: [], fills: [], moves: [], holds: [], touched: new Set() };
}

/** A record for one account about a line or an event. */
export function note(turn: Turn, account: Fingerprint, entry: Entry): void {
  notesOf(turn, account).lines.push(entry);
}

/** The quantity resting at a price has changed: a LEVEL leaf will say so. */
export function touchLevel(turn: Turn, venue: Venue, level: { side: Side; price: Price }): void {
  const sides = turn.levels.get(venue) ?? new Map<Side, Set<Price>>();
  turn.levels.set(venue, sides);
  const prices = sides.get(level.side) ?? new Set<Price>();
  sides.set(level.side, prices);
  prices.add(level.price);
}

/** Ends one command: the log is told of the levels that it changed. */
export function endCommand(turn: Turn): void {
  printLevels(turn);
}

/** LEVEL leaves: sells by ascending, then buys by descending price (docs/spec/log.md §3.1). */
function printLevels(turn: Turn): void {
  for (const [venue, sides] of turn.levels) {
    const market = venue.market.name;
    const say = (side: Side, price: Price): void => {
      const resting = quantity(quantityAt(turn.state, venue, side, price));
      turn.leaves.push(printLeaf({ kind: "level", market, side, price, quantity: resting }));
    };
    const sells = sides.get("sell");
    const buys = sides.get("buy");
    if (sells) for (const price of [...sells].sort((a, b) => a - b)) say("sell", price);
    if (buys) for (const price of [...buys].sort((a, b) => b - a)) say("buy", price);
  }
  turn.levels.clear();
}

/** What rests at a price. */
function quantityAt(state: State, venue: Venue, side: Side, price: Price): number {
  const market = state.floor.markets[venue.number];
  assert(market !== undefined, "a market stays");
  return (side === "buy" ? market.buys : market.sells).quantityAt(price / market.tick);
}
