/**
 * Everything the exchange knows: what a fold over the journal gives (docs/spec/journal.md).
 *
 * The state holds no texts that were sent and no clock. What could be computed from something else
 * in it (what an order holds, which orders are an account's, when the next one expires) is kept
 * beside it for speed, is not in a snapshot, and is compared by audit.ts.
 */
import type { Digest, Fingerprint, OrderId, Ref } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { assert } from "../codec/assert.ts";
import { Floor } from "../floor/floor.ts";
import type { Entry } from "../letter/entry.ts";
import type { OrderKey, PlaceCommand, Side } from "../letter/command.ts";
import type { Amount, Price, Quantity } from "../money/amount.ts";
import type { Market } from "../money/market.ts";
import { emptyConfiguration, type Configuration } from "./configuration.ts";
import { Expiries } from "./expiries.ts";
import { newHours, type Hours } from "./hours.ts";
import { ordersOpenMax, usualPace, type Pace } from "./limits.ts";
import { newRingBook, type RingBook } from "./ringbook.ts";

/** The first line of a state's canonical text; another state or another text is another version. */
export const stateVersion = "signet-state/2";

/**
 * What an order, deposit or withdrawal is called by its customer: echoed in every record about it.
 */
export type Labels = { readonly id: string | undefined; readonly tag: string | undefined };

/** Why an order ended with something open; a customer's own cancel needs no reason. */
export type EndCause =
  | "cancelled"
  | "expired"
  | "immediate"
  | "own_order"
  | "cap"
  | "funds"
  | "switch"
  | "ratio"
  | "delisted";

/**
 * An open order: what its customer knows of it. What it holds and where it stands is the floor's,
 * under the same number; `open` and `held` are kept here as well, to tell what has changed.
 */
export type Order = Labels & {
  /** 1, 2, 3 … in order of acceptance over all markets: its id on the floor. */
  readonly number: number;
  readonly account: Account;
  readonly key: OrderKey;
  readonly venue: Venue;
  readonly side: Side;
  readonly own: PlaceCommand["own"];
  readonly cap: Amount | undefined;
  readonly expiry: Time | undefined;
  tif: PlaceCommand["tif"];
  /** `undefined`: a market order. */
  price: Price | undefined;
  /** Of a stop; it stays when it was set off. */
  trigger: Price | undefined;
  requested: Quantity;
  open: Quantity;
  held: Amount;
  /** Where it stands now: in the book, in the waiting room of stops, or (on its way) nowhere. */
  stands: "book" | "waiting" | "nowhere";
  ended: EndCause | undefined;
};

/** A market, and its number on the floor. */
export type Venue = {
  market: Market;
  readonly number: number;
  /** Operators have stopped it. */
  halted: boolean;
  /** When its volatility call ends (`setCall`). */
  callUntil: Time | undefined;
};

/** The sequence numbers of one thread of one account (docs/spec/letter.md §2.3). */
export type Thread = {
  /** The highest accepted. */
  high: number;
  /** The letters that took the numbers inside the window. */
  readonly taken: Map<number, OrderId>;
};

/**
 * How a key stands that is, or was, some account's: it signs and is sealed to (`in_force`); it
 * signs already (`coming`: the customer's rotation); it will, unless that is vetoed (`replacing`:
 * the operators'); it does not sign any more.
 */
export type KeyStanding = "in_force" | "coming" | "replacing" | "retired" | "revoked";

/** A primary key, and whose it is for ever. */
export type AccountKey = { readonly account: Account; standing: KeyStanding };

/** A certificate that takes effect at `expiry`, unless it is vetoed; an account has one at most. */
export type KeyChange = {
  readonly account: Account;
  readonly number: number;
  readonly kind: "coming" | "replacing";
  readonly key: Fingerprint;
  /** Base64. */
  readonly certificate: string;
  readonly expiry: Time;
  /** Without one it is done, or was ended. */
  place: object | undefined;
};

export type Account = {
  /** That of the first certificate: the account's name, whatever its keys are by now. */
  readonly fingerprint: Fingerprint;
  /** Its number on the floor; 0 until it is entered. */
  number: number;
  /** The primary key in force; frozen accounts may have a revoked one. */
  key: Fingerprint;
  /** Its certificate: base64, as it was registered, rotated to or renewed. */
  certificate: string;
  change: KeyChange | undefined;
  /** Nothing leaves a frozen account, and why it is one. */
  frozen: "letter" | "revocation" | undefined;
  /** Each FREEZE without a number that the key in force signed: it takes effect once. */
  readonly freezes: Set<OrderId>;
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
  /** Open orders by number, oldest first. */
  readonly orders: Map<number, Order>;
  /** The same by own id, and by 20 digits of the letter's order id, oldest first. */
  readonly ordersById: Map<string, Order>;
  readonly ordersByShort: Map<string, Order[]>;
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

/** An asset whose issuer has listed it; its shares are whatever is inside. */
export type Issue = {
  /** SHA-256 of the contract that the issuer signed. */
  readonly contract: Digest;
  delisted: boolean;
};

/** What a corporate action owes one holder. */
export type Entitlement = {
  readonly to: Fingerprint;
  /** Those that counted. */
  readonly shares: Amount;
  readonly units: Amount;
};

/** A dividend that was declared and is not paid whole yet (dividends.ts). */
export type Dividend = {
  /** The corporate action's. */
  readonly number: number;
  readonly asset: string;
  readonly pay: string;
  readonly total: Amount;
  readonly float: Amount;
  readonly record: Time;
  readonly tag: string | undefined;
  /** Once its day has come: who gets what, who is next, and what is left to pay. */
  owed: { readonly list: Entitlement[]; next: number; left: number } | undefined;
};

/** What one account will be told, in the order of a report (docs/spec/report.md §3). */
export type Notes = {
  /** What its own lines did, line by line, and what others did to it. */
  readonly lines: Entry[];
  readonly fills: Entry[];
  readonly moves: Entry[];
  readonly holds: Entry[];
  /** The assets whose balances end the report. */
  readonly touched: Set<string>;
};

/** Those of a report's records that are written down in a snapshot if they are not told yet. */
export const untoldParts = ["lines", "fills", "moves", "holds"] as const;

/** The same of either: there may be any number of strangers, and customers do not wait for them. */
export type Both<Of> = { readonly customers: Of; readonly strangers: Of };

/** By number of a market that has closed: who is to get a statement, in that order. */
export type Queues = Map<number, Set<Fingerprint>>;

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
  /** Not a fact but a rule of this program's: it is in no snapshot. */
  readonly pace: Pace;
  /** The time of the last input. */
  at: Time;
  /** Leaves in the public log, the REPORT leaves of documents included. */
  logSize: number;
  /** The last number given to a deposit, a withdrawal. */
  deposits: number;
  withdrawals: number;
  /** The last number given to a corporate action. */
  actions: number;
  configuration: Configuration;
  /** Balances and books, all in numbers (src/floor). */
  readonly floor: Floor;
  /** The floor's numbers of assets, by name. */
  readonly assets: Map<string, number>;
  /** When phases change next (hours.ts). */
  readonly hours: Hours;
  /** Markets by name. */
  readonly venues: Map<string, Venue>;
  /** The same by number on the floor. */
  readonly markets: Venue[];
  readonly accounts: Map<Fingerprint, Account>;
  /** Every primary key that is or was an account's, or is to be. */
  readonly keys: Map<Fingerprint, AccountKey>;
  readonly changes: Expiries<KeyChange>;
  /** The same by number on the floor; none at 0 to 2. */
  readonly customers: (Account | undefined)[];
  /** Open orders by number. */
  readonly orders: Map<number, Order>;
  /** By asset, those of issuers that are listed. */
  readonly issues: Map<string, Issue>;
  /** The first names of assets that have taken their reserved ones. */
  readonly renamed: Set<string>;
  /** Those not paid whole, by number. */
  readonly dividends: Map<number, Dividend>;
  /** Who is to get a statement; whose turn is next is first (statements.ts). */
  readonly statements: Both<Queues>;
  /** What a corporate action did, to whom that is not told yet: in that order (untold.ts). */
  readonly untold: Both<Map<Fingerprint, Notes>>;
  readonly waiting: Map<Fingerprint, Waiting>;
  /** Of everybody in `waiting`. */
  readonly strangers: Map<Fingerprint, Stranger>;
  /** Deposits announced and not yet credited; withdrawals not yet paid or refused. */
  readonly awaited: Map<number, Deposit>;
  readonly unpaid: Map<number, Withdrawal>;
  /** By request (`deposit 3`): each operator's newest line about it. */
  readonly votes: Map<string, Map<Fingerprint, string>>;
  readonly rings: RingBook;
  /** What customers have signed (signed.ts): by verb, and letters. */
  readonly signed: Map<string, Signed>;
  /** `undefined` where nobody commits to reads: the next tick that does begins a block. */
  reads: Reads | undefined;
};

/** An exchange at its beginning: no configuration, nobody, nothing. */
export function newState(
  exchange: Fingerprint,
  floor: Floor = newFloor(),
  pace: Pace = usualPace,
): State {
  const markets: Venue[] = [];
  return {
    exchange,
    pace,
    at: time(0),
    logSize: 0,
    deposits: 0,
    withdrawals: 0,
    actions: 0,
    configuration: emptyConfiguration,
    floor,
    assets: new Map(),
    hours: newHours(markets),
    venues: new Map(),
    markets,
    accounts: new Map(),
    keys: new Map(),
    changes: new Expiries(),
    customers: [undefined, undefined, undefined],
    orders: new Map(),
    issues: new Map(),
    renamed: new Set(),
    dividends: new Map(),
    statements: { customers: new Map(), strangers: new Map() },
    untold: { customers: new Map(), strangers: new Map() },
    waiting: new Map(),
    strangers: new Map(),
    awaited: new Map(),
    unpaid: new Map(),
    votes: new Map(),
    rings: newRingBook(),
    signed: new Map(),
    reads: newReads(time(0)),
  };
}

/** A block and an hour without refs. */
export function newReads(from: Time): Reads {
  return { from, refs: new Set(), now: new Set(), at: from, hourFrom: from, hour: new Set() };
}

/** The account on the floor that keeps what was pushed to whoever has not registered. */
export const waitingAccount = 2;

function newFloor(): Floor {
  const floor = new Floor({ ordersOpenMax });
  assert(floor.addAccount() === waitingAccount, "customers come after it");
  return floor;
}

/** Who the operators are, registered or not. */
export function operators(state: State): readonly Fingerprint[] {
  return state.configuration.operators;
}
