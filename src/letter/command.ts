/**
 * What a customer may say, once read: the commands of a letter as values (docs/spec/letter.md §3).
 * Reading is `parse.ts`; whether the engine agrees is the engine's business.
 */
import type { Hash } from "../codec/ethereum.ts";
import type { Digest, Fingerprint, OrderId } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { Amount, Price, Quantity } from "../money/amount.ts";
import type { Fact } from "../ring/fact.ts";
import type { RingOrder } from "../ring/order.ts";

/** Which way an order goes. */
export type Side = "buy" | "sell";

/** How long an order stands (docs/spec/book.md §3). `gtd`: exactly where there is an expiry. */
export type Tif = "gtc" | "day" | "gtd" | "ioc" | "fok" | "post_only";

/** Which of the two ends when an order meets one of its own account (docs/spec/book.md §5). */
export type OwnMode = "newest" | "oldest" | "both";

/**
 * An order as its customer names it: by own `id=` or by order id (at least 20 hex digits) and line.
 */
export type OrderName =
  | { readonly kind: "own"; readonly id: string }
  | { readonly kind: "line"; readonly prefix: string; readonly line: number };

/** A ring order as its customer names it: by own `id=` or by the hash that its owner signed. */
export type RingName =
  | { readonly kind: "own"; readonly id: string }
  | { readonly kind: "hash"; readonly hash: Hash };

/** RING: an order for the ring venue (docs/spec/ring.md). Who signed it is not looked at here. */
export type RingCommand = {
  readonly kind: "ring";
  readonly order: RingOrder;
  /** The owner's; a key's is compact, 64 bytes, however it was written. */
  readonly signature: Uint8Array;
  /** The auth key sealed to the miner, in base64; `undefined`: the auth address is the miner's. */
  readonly auth: string | undefined;
};

/** BUY and SELL. */
export type PlaceCommand = {
  readonly kind: "place";
  readonly side: Side;
  readonly market: string;
  readonly quantity: Quantity;
  /** `undefined`: a market order. */
  readonly price: Price | undefined;
  readonly expiry: Time | undefined;
  readonly tif: Tif;
  /** A stop waits until a trade reaches it; `undefined`: no stop. */
  readonly trigger: Price | undefined;
  readonly own: OwnMode;
  /** The most that a market buy may pay, fees included; `undefined`: what is free. */
  readonly cap: Amount | undefined;
};

/** REPLACE: what is `undefined` stays as it was. */
export type ReplaceCommand = {
  readonly kind: "replace";
  readonly order: OrderName;
  readonly quantity: Quantity | undefined;
  readonly price: Price | undefined;
  readonly trigger: Price | undefined;
  readonly postOnly: boolean;
};

/** What an asset's issuer may say of it. */
export type IssuerCommand =
  | {
      readonly kind: "list";
      readonly asset: string;
      readonly shares: Amount;
      /** SHA-256 of the contract that the issuer signed. */
      readonly hash: Digest;
    }
  | {
      readonly kind: "dividend";
      readonly asset: string;
      /** The asset that it is paid in. */
      readonly pay: string;
      readonly total: Amount;
      /** The number of shares that TOTAL is divided by. */
      readonly float: Amount;
      /** Whoever holds then is paid; `undefined`: now. */
      readonly record: Time | undefined;
    }
  | {
      readonly kind: "ratio";
      readonly asset: string;
      /** So many shares are there for `denominator` of before. */
      readonly numerator: number;
      readonly denominator: number;
      /** Fractions are paid in this asset, at so much for a whole share. */
      readonly pay: string;
      readonly price: Amount;
    }
  | { readonly kind: "rename"; readonly asset: string; readonly to: string }
  | { readonly kind: "delist" | "holders"; readonly asset: string };

/** What a customer says of the account's keys, and operators of a lost one's. */
export type KeyCommand =
  /** The account's certificate is replaced, or renewed if it is the same primary key's. */
  | {
      readonly kind: "rotate";
      /** The certificate's. */
      readonly key: Fingerprint;
      /** Base64. */
      readonly certificate: string;
      /** Base64: the new key's signature; `undefined`: a renewal needs none. */
      readonly proof: string | undefined;
    }
  | {
      readonly kind: "rekey";
      readonly account: Fingerprint;
      readonly key: Fingerprint;
      readonly certificate: string;
      /** `undefined`: the key stays. */
      readonly proof: string | undefined;
      readonly evidence: string;
    }
  /** Anybody's, about any key: the revocation certificate proves itself. Base64. */
  | { readonly kind: "revoke"; readonly key: Fingerprint; readonly revocation: string }
  | { readonly kind: "freeze" | "veto" };

/** One command, well formed. */
export type Command =
  | PlaceCommand
  | KeyCommand
  | { readonly kind: "register"; readonly certificate: string }
  | { readonly kind: "cancel"; readonly order: OrderName }
  | ReplaceCommand
  | {
      readonly kind: "cancelall";
      readonly market: string | undefined;
      readonly side: Side | undefined;
    }
  /** The dead man's switch; `undefined`: off. */
  | { readonly kind: "cancelafter"; readonly at: Time | undefined }
  | IssuerCommand
  | { readonly kind: "stat" }
  | { readonly kind: "statjson" }
  | {
      readonly kind: "push";
      readonly asset: string;
      readonly to: Fingerprint;
      readonly amount: Amount;
    }
  | { readonly kind: "deposit"; readonly asset: string; readonly amount: Amount }
  | {
      readonly kind: "withdraw";
      readonly asset: string;
      readonly amount: Amount;
      readonly address: string;
    }
  | { readonly kind: "noop" }
  | { readonly kind: "resend"; readonly from: number; readonly to: number }
  // The operators' hands (docs/spec/hands.md): take effect when m of n signed the same line, which
  // therefore says all that money may do: whose, how much, where to.
  | {
      readonly kind: "credit";
      readonly deposit: number;
      readonly account: Fingerprint;
      readonly asset: string;
      readonly amount: Amount;
      readonly evidence: string;
    }
  | {
      readonly kind: "approve";
      readonly withdrawal: number;
      readonly asset: string;
      readonly amount: Amount;
      readonly address: string;
    }
  | { readonly kind: "refuse"; readonly withdrawal: number; readonly evidence: string }
  | { readonly kind: "paid"; readonly withdrawal: number; readonly evidence: string }
  | { readonly kind: "halt" | "resume"; readonly market: string; readonly evidence: string }
  | RingCommand
  | { readonly kind: "unring"; readonly order: RingName }
  // A watcher's word about the chain, as it was in that block.
  | { readonly kind: "observe"; readonly block: number; readonly fact: Fact }
  // Read from a file by an island that cannot start (docs/spec/journal.md §6), not by the engine.
  | { readonly kind: "skip"; readonly record: number; readonly evidence: string };

/**
 * One command line of a letter. What came of its options is kept even when the command is refused.
 */
export type Line = {
  /** From 1; `pad` lines are not counted. */
  readonly number: number;
  /** As written: everything before the first `|`, at most one line of printable ASCII. */
  readonly verb: string;
  /** The customer's own `id=`, if any: only orders, deposits and withdrawals carry one. */
  readonly id: string | undefined;
  readonly tag: string | undefined;
  readonly command:
    | { readonly ok: true; readonly value: Command }
    | { readonly ok: false; readonly name: LineRefusal; readonly detail: string };
};

/** A letter's text, once read. */
export type Letter = {
  readonly exchange: Fingerprint;
  /** `undefined`: only STAT, STATJSON and RESEND may go without. */
  readonly seq: { readonly number: number; readonly thread: number } | undefined;
  readonly by: Time;
  readonly lines: readonly Line[];
};

/** Refusals of a whole letter's text, in order of precedence (docs/spec/refusals.md). */
export const letterRefusals = [
  "letter_too_long",
  "letter_not_ascii",
  "letter_has_cr",
  "letter_has_tab",
  "line_too_long",
  "line_has_trailing_blank",
  "line_empty",
  "header_missing",
  "version_unknown",
  "header_malformed",
  "exchange_wrong",
  "seq_malformed",
  "by_malformed",
  "commands_missing",
  "commands_too_many",
  "seq_missing",
  // From here on the engine decides, with its state and its clock.
  "key_not_in_force",
  "seq_passed",
  "seq_reused",
  "seq_jumped",
  "by_too_far",
  "late",
  "papers_limit",
] as const;
/** A name from `letterRefusals`. */
export type LetterRefusal = (typeof letterRefusals)[number];

/** Refusals of one line by the grammar alone, in order of precedence. */
export const lineRefusals = [
  "derivatives_not_offered",
  "verb_unknown",
  "fields_wrong",
  "option_unknown",
  "option_repeated",
  "id_malformed",
  "tag_malformed",
  "tif_malformed",
  "stop_malformed",
  "own_malformed",
  "cap_malformed",
  "market_malformed",
  "asset_malformed",
  "quantity_malformed",
  "quantity_zero",
  "price_malformed",
  "price_zero",
  "expiry_malformed",
  "expiry_on_market_order",
  "expiry_against_tif",
  "cap_not_here",
  "side_malformed",
  "time_malformed",
  "amount_malformed",
  "amount_zero",
  "fingerprint_malformed",
  "address_malformed",
  "order_malformed",
  "range_malformed",
  "range_too_long",
  "number_malformed",
  "evidence_malformed",
  "hash_malformed",
  "ratio_malformed",
  "certificate_malformed",
  "proof_malformed",
  "revocation_malformed",
  "ring_order_malformed",
  "ring_signature_malformed",
  "ring_auth_malformed",
  "ring_name_malformed",
  "observation_malformed",
] as const;
/** A name from `lineRefusals`. */
export type LineRefusal = (typeof lineRefusals)[number];

/** Where an order comes from: its letter and line. Printed `<64 hex>.<line>`. */
export type OrderKey = { readonly letter: OrderId; readonly line: number };
