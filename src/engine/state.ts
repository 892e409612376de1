/**
 * Everything the exchange knows: what a fold over the journal gives (docs/spec/journal.md).
 *
 * The state holds no texts that were sent and no clock. What could be computed from something else
 * in it (what an order holds, which orders are an account's, when the next one expires) is kept
 * beside it for speed, is not in a snapshot, and is compared by audit.ts.
 */
import type { Digest, Fingerprint, OrderId, Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { Book, type Place } from "../book/book.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { OrderKey, Side } from "../letter/command.ts";
import type { Amount, Price, Quantity } from "../money/amount.ts";
import type { Market } from "../money/market.ts";
import { emptyConfiguration, type Configuration } from "./configuration.ts";
import { Expiries } from "./expiries.ts";
import { newRingBook, type RingBook } from "./ringbook.ts";

/** The first line of a state's canonical text; another state or another text is another version. */
export const stateVersion = "signet-state/1";

/**
 * What an order, deposit or withdrawal is called by its customer: echoed in every record about it.
 */
export type Labels = { readonly id: string | undefined; readonly tag: string | undefined };

/** An open order: it rests in its market's book. */
export type Order = Labels & {
  /** 1, 2, 3 … in order of acceptance over all markets: the time in price-time priority. */
  readonly number: number;
  readonly account: Fingerprint;
  readonly key: OrderKey;
  readonly market: string;
  readonly side: Side;
  readonly price: Price;
  readonly requested: Quantity;
  readonly expiry: Time | undefined;
  /** The maker rate when it was accepted: a later change of fees does not touch an open order. */
  readonly makerRate: number;
  open: Quantity;
  /** The sum of its fills' notionals as a maker, on which its maker fee is owed. */
  makerNotional: Amount;
  /** What its account's ledger holds for it; always `needOf` it. */
  held: Amount;
  place: Place<Order> | undefined;
};

/** A market and its book. */
export type Venue = { market: Market; readonly book: Book<Order> };

/** The sequence numbers of one thread of one account (docs/spec/letter.md §2.3). */
export type Thread = {
  /** The highest accepted. */
  high: number;
  /** The letters that took the numbers inside the window. */
  readonly taken: Map<number, OrderId>;
};

export type Account = {
  readonly fingerprint: Fingerprint;
  /** Base64, as it was registered. */
  readonly certificate: string;
  /** Where the account's mail is derived from; it opens nothing. */
  readonly mailbox: string;
  /** The next entry of the mailbox. */
  mail: number;
  /** How many reports there have been, and the hash of the last (64 zeros before the first). */
  reports: number;
  last: Digest;
  readonly threads: Map<number, Thread>;
  /** The newest letters without a number, by order id, until their `by`; oldest first. */
  readonly reads: Map<OrderId, Time>;
  /** Every own id ever used. */
  readonly ids: Set<string>;
  /** Open orders, oldest first, by `printKey`. */
  readonly orders: Map<string, Order>;
  /** The same by own id, and by the short form of the key: 20 digits and line. */
  readonly ordersById: Map<string, Order>;
  readonly ordersByShort: Map<string, readonly Order[]>;
  /** Its deposits not yet credited and withdrawals not yet paid or refused, by number. */
  readonly awaited: Set<number>;
  readonly unpaid: Set<number>;
};

export type Deposit = Labels & {
  readonly number: number;
  readonly account: Fingerprint;
  readonly asset: string;
  readonly announced: Amount;
};

export type Withdrawal = Labels & {
  readonly number: number;
  readonly account: Fingerprint;
  readonly asset: string;
  readonly amount: Amount;
  readonly address: string;
  /** Waiting: held. Approved: gone from the account, not yet known to be paid. */
  status: "waiting" | "approved";
};

/** What a hold is for. */
export type HoldCause =
  | { readonly kind: "order"; readonly key: OrderKey }
  | { readonly kind: "withdrawal"; readonly number: number };

/** What waits for someone who has not registered: asset, then payer, then amount. */
export type Waiting = Map<string, Map<Fingerprint, Amount>>;

/** Where the decoys for someone who has not registered go: as if there were a customer. */
export type Stranger = { readonly mailbox: string; mail: number };

/** What was read and stands in no block yet (reads.ts). */
export type Reads = {
  /** Where the block in hand begins. */
  from: Time;
  readonly refs: Set<Ref>;
  /** Those that came at the very time `at`, which may be the block's end. */
  readonly now: Set<Ref>;
  at: Time;
  /** Where the hour in hand begins, and the refs of its blocks. */
  hourFrom: Time;
  readonly hour: Set<Ref>;
};

/** How many there were, and how many the log says. */
export type Signed = { total: number; told: number };

export type State = {
  readonly exchange: Fingerprint;
  /** The time of the last input. */
  at: Time;
  /** Leaves in the public log, the REPORT leaves of documents included. */
  logSize: number;
  /** The last number given to a trade, an accepted order, a deposit, a withdrawal. */
  trades: number;
  orders: number;
  deposits: number;
  withdrawals: number;
  configuration: Configuration;
  readonly venues: Map<string, Venue>;
  readonly accounts: Map<Fingerprint, Account>;
  readonly ledger: Ledger<HoldCause>;
  readonly waiting: Map<Fingerprint, Waiting>;
  /** Of everybody in `waiting`. */
  readonly strangers: Map<Fingerprint, Stranger>;
  /** Deposits announced and not yet credited; withdrawals not yet paid or refused. */
  readonly awaited: Map<number, Deposit>;
  readonly unpaid: Map<number, Withdrawal>;
  /** By request (`deposit 3`): each operator's newest line about it. */
  readonly votes: Map<string, Map<Fingerprint, string>>;
  readonly expiries: Expiries<Order>;
  readonly rings: RingBook;
  /** What customers have signed (signed.ts): by verb, and letters. */
  readonly signed: Map<string, Signed>;
  /** `undefined` where nobody commits to reads: the next tick that does begins a block. */
  reads: Reads | undefined;
};

/** An exchange at its beginning: no configuration, nobody, nothing. */
export function newState(exchange: Fingerprint): State {
  return {
    exchange,
    at: time(0),
    logSize: 0,
    trades: 0,
    orders: 0,
    deposits: 0,
    withdrawals: 0,
    configuration: emptyConfiguration,
    venues: new Map(),
    accounts: new Map(),
    ledger: new Ledger(),
    waiting: new Map(),
    strangers: new Map(),
    awaited: new Map(),
    unpaid: new Map(),
    votes: new Map(),
    expiries: new Expiries(),
    rings: newRingBook(),
    signed: new Map(),
    reads: newReads(time(0)),
  };
}

/** A block and an hour without refs. */
export function newReads(from: Time): Reads {
  return { from, refs: new Set(), now: new Set(), at: from, hourFrom: from, hour: new Set() };
}

/** A venue with an empty book. */
export function newVenue(market: Market): Venue {
  return { market, book: new Book() };
}

/** The certificate of an account, base64; `undefined` for whoever has none. */
export function certificateOf(state: State, fingerprint: Fingerprint): string | undefined {
  return state.accounts.get(fingerprint)?.certificate;
}

/** Who the operators are, registered or not. */
export function operators(state: State): readonly Fingerprint[] {
  return state.configuration.operators;
}
