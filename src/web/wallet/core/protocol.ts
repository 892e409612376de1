/**
 * What the pages and the wallet's Worker say to each other. The Worker alone holds the key; the
 * page asks, is answered, and is told a new view whenever anything has changed.
 *
 *   page → Worker   { name, ask } and a MessagePort, on which the Worker says what came of it
 *   Worker → page   { view }
 *
 * Everything is plain data: decimals are texts, times are RFC 3339. What went wrong comes back as a
 * value with the wallet's own code and four sentences; nothing that a customer, a relay or the
 * exchange does is thrown.
 */
import type { Card } from "../../../letter/card.ts";
import type { ChangeAsked, OrderAsked } from "../../../wallet/orderlines.ts";

/** What went wrong: what happened, what it means for the money, what to do; by a stable code. */
export type Told = {
  readonly ok: false;
  readonly code: string;
  readonly what: string;
  readonly meaning: string;
  readonly next: string;
};

/** What came of a call. */
export type Said<Value> = { readonly ok: true; readonly value: Value } | Told;

/** An amount with its asset. */
export type Money = { readonly amount: string; readonly asset: string };

/** The exchange, as its signed card says. */
export type ExchangeView = {
  readonly keyNumber: string;
  readonly fingerprint: string;
  /** The host by which it is known here. */
  readonly name: string;
  readonly markets: Card["markets"];
  readonly assets: Card["assets"];
  readonly operators: Card["operators"];
  /** When its card was signed. */
  readonly at: string;
};

/** How a wallet that is kept in this browser can be opened. */
export type WayToOpen = "passphrase" | "passkey";

/** What the page needs to ask the authenticator for the secret of a passkey; neither is secret. */
export type PasskeyRequest = { readonly credential: Uint8Array; readonly salt: Uint8Array };

/** Everything that a page draws. */
export type WalletView =
  | { readonly kind: "starting" }
  /** Open in another tab; this one takes over when that one closes. */
  | { readonly kind: "elsewhere" }
  /** Nothing in this browser. `exchange`: as soon as a relay gave a card that checks. */
  | {
      readonly kind: "none";
      readonly exchange: ExchangeView | undefined;
      readonly trouble: Told | undefined;
    }
  | {
      readonly kind: "locked";
      readonly ways: readonly WayToOpen[];
      readonly passkey: PasskeyRequest | undefined;
    }
  /** Key made; words not checked: trading off. */
  | {
      readonly kind: "unchecked";
      readonly keyNumber: string;
      /** The places that are asked back, from 1; others after each wrong answer. */
      readonly ask: readonly number[];
    }
  | {
      readonly kind: "restoring";
      readonly done: number;
      readonly total: number | undefined;
      readonly sentence: string;
      /** It stopped; `restore` with the same words goes on. */
      readonly trouble: Told | undefined;
    }
  /** Words checked, or everything restored: how is it to be kept? */
  | { readonly kind: "choosing"; readonly keyNumber: string; readonly restored: boolean }
  | { readonly kind: "open"; readonly account: AccountView };

/** Where the wallet lies. */
export type StorageView =
  /** In memory: gone with this tab. */
  | { readonly kind: "memory" }
  /** In this browser, encrypted; `persistent`: the browser promised not to clear it by itself. */
  | { readonly kind: "kept"; readonly ways: readonly WayToOpen[]; readonly persistent: boolean };

/** Registered: the exchange answered; asking: the letter is under way. */
export type RegistrationView =
  | { readonly kind: "asking" }
  | { readonly kind: "failed"; readonly trouble: Told }
  | { readonly kind: "done" };

/** An open account. */
export type AccountView = {
  readonly keyNumber: string;
  readonly fingerprint: string;
  readonly registered: boolean;
  readonly registration: RegistrationView;
  /** Nothing is posted from here: letters leave as QR codes. */
  readonly cold: boolean;
  readonly storage: StorageView;
  readonly exchange: ExchangeView;
  /** Whether its owner has said that the exchange's key number was compared. */
  readonly isCompared: boolean;
  /** Ours minus the exchange's; a warning above 30 s. `undefined`: nobody has told the time yet. */
  readonly clock: { readonly offsetMs: number } | undefined;
  readonly relays: readonly RelayView[];
  readonly balances: readonly BalanceView[];
  /** Newest first, as are all lists below. */
  readonly journeys: readonly JourneyView[];
  readonly orders: readonly OrderView[];
  /** The dead man's switch: when all open orders are cancelled; `undefined`: it is off. */
  readonly cancelAfter: string | undefined;
  readonly fills: readonly FillView[];
  readonly deposits: readonly DepositView[];
  readonly withdrawals: readonly WithdrawalView[];
  /** In order of number, missing ones among them. */
  readonly reports: readonly ReportView[];
  /** When a relay last answered. */
  readonly lastHeard: string | undefined;
  /** Whether a question to the relays is under way. */
  readonly isSynchronising: boolean;
  /** What the last synchronisation found wrong. */
  readonly troubles: readonly Told[];
};

/** A relay as this wallet met it; `unasked`: not yet. */
export type RelayView = {
  readonly name: string;
  readonly url: string;
  readonly state: "unasked" | "good" | "silent" | "refused" | "lied" | "removed";
  /** How long its last answer took. */
  readonly ms: number | undefined;
  /** Of what is not good: the sentence. */
  readonly why: string | undefined;
  /** Of a lie: the code of what was caught, and when. */
  readonly code: string | undefined;
  readonly at: string | undefined;
  /** On the card, or added by hand. */
  readonly isOnCard: boolean;
};

/** What the account has of one asset. */
export type BalanceView = {
  readonly asset: string;
  readonly total: string;
  readonly free: string;
  readonly held: string;
};

/** One dot of a letter's way. */
export type DotView = {
  readonly key: "written" | "carried" | "read" | "matched" | "final";
  readonly state: "done" | "now" | "todo" | "failed";
  readonly label: string;
  readonly at: string | undefined;
  readonly detail: string;
  /** The name of the file behind the dot; the call `proof` gives the file. */
  readonly proof: string | undefined;
  /** The name of a second file, which comes with it. */
  readonly beside?: string | undefined;
};

/** Where a letter's way ended, for now. */
export type FateView = {
  readonly kind:
    | "travelling"
    | "resting"
    | "filled"
    | "cancelled"
    | "rejected"
    | "done"
    | "void"
    | "unknown";
  readonly sentence: string;
  /** Not known until then. */
  readonly until: string | undefined;
  readonly code: string | undefined;
};

/** A letter's way. */
export type JourneyView = {
  /** `THREAD-SEQ`. */
  readonly name: string;
  readonly id: string | undefined;
  /** What it says, in words. */
  readonly words: string;
  /** Exactly what was signed. */
  readonly text: string;
  readonly ref: string;
  readonly orderId: string;
  readonly at: string;
  readonly by: string;
  readonly bytes: number;
  readonly dots: readonly DotView[];
  readonly fate: FateView;
  /** Whether the letter can be sent again: the same bytes, or, if it is void, anew. */
  readonly again: "same" | "anew" | undefined;
};

/** An order as the newest report says. */
export type OrderView = {
  /** Order id and line: what `cancel` takes. */
  readonly key: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  /** `undefined`: a market order. */
  readonly price: string | undefined;
  readonly filled: string;
  readonly open: string;
  readonly status: "waiting" | "resting" | "partly_filled" | "filled" | "cancelled" | "expired";
  readonly isOpen: boolean;
  /** The price that a stop waits, or has waited, for. */
  readonly stop: string | undefined;
  /** Its other terms in short, each where it says something. */
  readonly terms: readonly string[];
  /** Why it was cancelled, where nobody asked for that. */
  readonly why: string | undefined;
  /** Of its trades, if all are known. */
  readonly averagePrice: string | undefined;
  readonly fee: Money | undefined;
  readonly expiry: string | undefined;
  readonly since: string;
  readonly at: string;
  readonly report: number;
};

/** One side of a trade. */
export type FillView = {
  readonly trade: number;
  readonly order: string;
  readonly orderName: string;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly price: string;
  readonly amount: Money;
  readonly fee: Money;
  readonly role: "maker" | "taker";
  readonly at: string;
  readonly report: number;
};

/** An announced payment. */
export type DepositView = {
  readonly number: number;
  readonly asset: string;
  readonly announced: string;
  readonly credited: string;
  readonly state: "awaited" | "credited";
  /** What to write on the payment. */
  readonly reference: string;
  readonly at: string;
  readonly report: number;
};

/** A payment asked for. */
export type WithdrawalView = {
  readonly number: number;
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly state: "waiting" | "approved" | "paid" | "refused";
  readonly at: string;
  readonly report: number;
};

/** One bead of the ribbon. */
export type ReportView = {
  readonly number: number;
  readonly at: string;
  readonly missing: boolean;
  readonly what: string;
};

/** An order as a person fills it in. `by`: how long the letter is good for (2m; carried 1h). */
export type OrderForm = OrderAsked & {
  readonly by: string | undefined;
  readonly id: string | undefined;
};

/** A letter that is composed and not signed. */
export type Draft = {
  /** What `send` takes. */
  readonly draft: string;
  /** Exactly what `send` signs, or refuses to. */
  readonly text: string;
  /** What the text says, read back from the text. */
  readonly words: string;
  /** Of an order with a price: quantity × price. */
  readonly cost: Money | undefined;
  /** What the fee can be at most. */
  readonly fee: Money | undefined;
  /** What is held until it is over, or, of a sale, what comes in at least if all of it trades. */
  readonly total: Money | undefined;
  readonly by: string;
};

/** What came of `send`. */
export type SendEnd =
  /** It is on its way: watch the journey of this name. */
  | { readonly kind: "sent"; readonly name: string }
  /** Its number was taken or its deadline too near: show this one instead. Nothing was signed. */
  | { readonly kind: "changed"; readonly draft: Draft };

/** How the wallet is to be kept. */
export type Lock =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "passkey"; readonly request: PasskeyRequest; readonly secret: Uint8Array }
  /** In memory, for this tab alone. */
  | { readonly kind: "memory" };

/** What opens it. */
export type Opening =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "passkey"; readonly secret: Uint8Array };

/** What there is to know about a letter that was carried for another device. */
export type Carried = {
  readonly ref: string;
  readonly receipts: readonly { readonly relay: string; readonly note: string }[];
  /** The sealed reply, for the device that wrote the letter; `undefined`: none came in time. */
  readonly reply: Uint8Array | undefined;
};

/** A file for the person to keep. */
export type KeptFile = { readonly name: string; readonly type: string; readonly text: string };

/** Nothing. */
export type Nothing = { readonly [name: string]: never };

/** Every call: what is asked, what is given. */
export type Calls = {
  /** The words leave the Worker once, to be shown; the view has the places asked back. */
  readonly make: {
    readonly ask: { readonly compared: boolean };
    readonly gives: { readonly words: readonly string[] };
  };
  /** The words at the asked places, in that order. */
  readonly check: {
    readonly ask: { readonly answers: readonly string[] };
    readonly gives: Nothing;
  };
  readonly lockWith: { readonly ask: Lock; readonly gives: Nothing };
  readonly unlock: { readonly ask: Opening; readonly gives: Nothing };
  readonly lock: { readonly ask: Nothing; readonly gives: Nothing };
  readonly restore: {
    readonly ask: { readonly words: string; readonly compared: boolean };
    readonly gives: Nothing;
  };
  /** Deletes the wallet from this browser; `typed` must be `forget`. */
  readonly forget: { readonly ask: { readonly typed: string }; readonly gives: Nothing };
  readonly compose: { readonly ask: OrderForm; readonly gives: Draft };
  readonly deposit: {
    readonly ask: { readonly asset: string; readonly amount: string };
    readonly gives: Draft;
  };
  readonly withdraw: {
    readonly ask: { readonly asset: string; readonly amount: string; readonly to: string };
    readonly gives: Draft;
  };
  /** To another account, or to whoever will open one with that key: 40 hex digits. */
  readonly push: {
    readonly ask: { readonly asset: string; readonly amount: string; readonly to: string };
    readonly gives: Draft;
  };
  readonly send: { readonly ask: { readonly draft: string }; readonly gives: SendEnd };
  /** `order`: an OrderView's `key`. */
  readonly cancel: {
    readonly ask: { readonly order: string };
    readonly gives: Draft;
  };
  readonly cancelAll: {
    readonly ask: { readonly market: string | undefined };
    readonly gives: Draft;
  };
  /** `order`: an OrderView's `key`; what is not said stays. */
  readonly replace: { readonly ask: ChangeAsked; readonly gives: Draft };
  /** The dead man's switch: a duration, a time, or `off`. */
  readonly cancelAfter: { readonly ask: { readonly when: string }; readonly gives: Draft };
  /** The words of a void letter once more, with a new number and deadline. */
  readonly anew: { readonly ask: { readonly name: string }; readonly gives: Draft };
  /** Sends the same bytes of a letter again. */
  readonly sendAgain: {
    readonly ask: { readonly name: string };
    readonly gives: { readonly name: string };
  };
  /** Fetches the reports that are missing; says how many came. */
  readonly resendReports: { readonly ask: Nothing; readonly gives: { readonly kept: number } };
  readonly csv: {
    readonly ask: { readonly kind: "orders" | "fills" | "funds" };
    readonly gives: KeptFile;
  };
  /** The file that `signet receipt verify` checks. */
  readonly evidence: { readonly ask: { readonly name: string }; readonly gives: KeptFile };
  /** A file behind one dot of a letter's way: `proof`, or the one `beside` it. */
  readonly proof: {
    readonly ask: {
      readonly name: string;
      readonly dot: DotView["key"];
      readonly which?: "proof" | "beside";
    };
    readonly gives: KeptFile;
  };
  /** A report as the exchange signed it. */
  readonly report: { readonly ask: { readonly number: number }; readonly gives: KeptFile };
  /** A letter's sealed bytes, to be shown as a QR code. */
  readonly sealed: {
    readonly ask: { readonly name: string };
    readonly gives: { readonly bytes: Uint8Array };
  };
  /** Posts a letter that another device wrote, and waits for its reply. */
  readonly carry: { readonly ask: { readonly sealed: Uint8Array }; readonly gives: Carried };
  /** Takes a sealed reply that another device fetched. */
  readonly open: {
    readonly ask: { readonly sealed: Uint8Array };
    readonly gives: { readonly what: string };
  };
  readonly cold: { readonly ask: { readonly on: boolean }; readonly gives: Nothing };
  readonly addRelay: { readonly ask: { readonly url: string }; readonly gives: Nothing };
  readonly removeRelay: { readonly ask: { readonly url: string }; readonly gives: Nothing };
  readonly forgiveRelay: { readonly ask: { readonly url: string }; readonly gives: Nothing };
  /** Somebody is here: the wallet locks itself after 15 minutes without. */
  readonly active: { readonly ask: Nothing; readonly gives: Nothing };
};

/** A call's name. */
export type CallName = keyof Calls;
/** What a call is asked. */
export type AskOf<Name extends CallName> = Calls[Name]["ask"];
/** What a call gives. */
export type GivesOf<Name extends CallName> = Calls[Name]["gives"];

/** From the page, with the port on which the answer is awaited. */
export type FromPage = {
  readonly [Name in CallName]: { readonly name: Name; readonly ask: AskOf<Name> };
}[CallName];

/** From the Worker, unasked; without a view: it locked itself, and wants to be ended. */
export type FromWorker = { readonly view: WalletView | undefined };
