/**
 * The ledger: who has how much of what. Double entry, integers only.
 *
 *   holders   a customer (by fingerprint), `fees`, `waiting FINGERPRINT` (pushed to someone who
 *             has not registered), and `outside`, the counter-account of the world
 *             (docs/spec/hands.md §3)
 *   transfer  the only way a total changes: the same amount leaves one holder and reaches another
 *   hold      part of a customer's total set aside for an open order or a waiting withdrawal
 *
 * Invariants, checked always: every asset sums to zero over all holders; only `outside` is below
 * zero; 0 ≤ held ≤ total. A holder with nothing has no entry, so that the ledger is a function of
 * what people have and not of how they came to have it.
 */
import { assert } from "../codec/assert.ts";
import { isFingerprint, type Fingerprint } from "../codec/names.ts";
import { amount, amountMax, type Amount } from "../money/amount.ts";

export type Holder = Fingerprint | "fees" | "outside" | `waiting ${Fingerprint}`;

/** Why a total changed; printed as the cause of a MOVE (docs/spec/report.md §3). */
export type MoveCause =
  | { readonly kind: "trade" | "fee" | "deposit" | "withdrawal"; readonly number: number }
  | { readonly kind: "push out" | "push in" };

/** One line of the ledger: one holder's half of a transfer. */
export type Posting = {
  readonly holder: Holder;
  readonly asset: string;
  readonly change: number;
  readonly after: number;
  readonly cause: MoveCause;
};

/** One change of what a customer has on hold. `Cause` is the caller's: an order or a withdrawal. */
export type Holding<Cause> = {
  readonly holder: Fingerprint;
  readonly asset: string;
  readonly change: number;
  readonly after: number;
  readonly cause: Cause;
};

export type Balance = { readonly total: number; readonly held: number };

export type Transfer = {
  readonly asset: string;
  readonly from: Holder;
  readonly to: Holder;
  readonly amount: Amount;
  /** The cause as each half sees it; they differ only for a push. */
  readonly cause: MoveCause;
  readonly causeTo?: MoveCause;
};

const nothing: Balance = { total: 0, held: 0 };

/** All balances, and what changed since the last `close`. */
export class Ledger<HoldCause> {
  private readonly balances = new Map<Holder, Map<string, Balance>>();
  private postings: Posting[] = [];
  private holdings: Holding<HoldCause>[] = [];

  balance(holder: Holder, asset: string): Balance {
    return this.balances.get(holder)?.get(asset) ?? nothing;
  }

  /** What a customer may spend: the total less what is held. */
  free(holder: Fingerprint, asset: string): Amount {
    const { total, held } = this.balance(holder, asset);
    return amount(total - held);
  }

  /** The assets that a holder has anything of, by name. */
  assets(holder: Holder): readonly string[] {
    return [...(this.balances.get(holder)?.keys() ?? [])].sort();
  }

  /** Every holder with anything, by name. */
  holders(): readonly Holder[] {
    return [...this.balances.keys()].sort();
  }

  /** Moves `amount`; the caller has checked that it is there and free. */
  transfer(transfer: Transfer): void {
    const { asset, from, to, cause, amount } = transfer;
    if (amount === 0) return;
    this.post(from, asset, -amount, cause);
    this.post(to, asset, amount, transfer.causeTo ?? cause);
  }

  /** Sets `change` more (or less, below zero) of a customer's total aside. */
  hold(holder: Fingerprint, asset: string, change: number, cause: HoldCause): void {
    if (change === 0) return;
    const { total, held } = this.balance(holder, asset);
    const after = held + change;
    this.set(holder, asset, { total, held: after });
    this.holdings.push({ holder, asset, change, after, cause });
  }

  /**
   * Ends a command: its postings must sum to zero in every asset, and every balance it touched must
   * be sound. Gives what changed, in order.
   */
  close(): {
    readonly postings: readonly Posting[];
    readonly holdings: readonly Holding<HoldCause>[];
  } {
    const { postings, holdings } = this;
    this.postings = [];
    this.holdings = [];
    const sums = new Map<string, number>();
    for (const { asset, change, holder } of postings) {
      sums.set(asset, (sums.get(asset) ?? 0) + change);
      this.check(holder, asset);
    }
    for (const sum of sums.values()) assert(sum === 0, "a command's postings sum to zero");
    for (const { asset, holder } of holdings) this.check(holder, asset);
    return { postings, holdings };
  }

  /** A balance as a snapshot has it. Only for an empty ledger being filled. */
  restore(holder: Holder, asset: string, balance: Balance): void {
    assert(this.balance(holder, asset) === nothing, "a balance is restored once");
    this.set(holder, asset, balance);
    this.check(holder, asset);
  }

  private post(holder: Holder, asset: string, change: number, cause: MoveCause): void {
    const { total, held } = this.balance(holder, asset);
    const after = total + change;
    this.set(holder, asset, { total: after, held });
    this.postings.push({ holder, asset, change, after, cause });
  }

  private set(holder: Holder, asset: string, balance: Balance): void {
    const of = this.balances.get(holder) ?? new Map<string, Balance>();
    if (balance.total === 0 && balance.held === 0) of.delete(asset);
    else of.set(asset, balance);
    if (of.size === 0) this.balances.delete(holder);
    else this.balances.set(holder, of);
  }

  private check(holder: Holder, asset: string): void {
    const { total, held } = this.balance(holder, asset);
    assert(Math.abs(total) <= amountMax, "a total is a safe integer");
    if (holder === "outside") assert(total <= 0, "the world never owes us");
    else assert(total >= 0, "no holder but the world is below zero");
    assert(held >= 0 && held <= Math.max(total, 0), "what is held is part of the total");
    assert(held === 0 || isFingerprint(holder), "only customers hold");
  }

  /**
   * Each asset's sum over all holders, which must be zero, after checking every balance. For
   * audits.
   */
  sums(): ReadonlyMap<string, number> {
    const sums = new Map<string, bigint>();
    for (const holder of this.holders()) {
      for (const asset of this.assets(holder)) {
        this.check(holder, asset);
        sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(this.balance(holder, asset).total));
      }
    }
    for (const sum of sums.values()) assert(sum === 0n, "every asset sums to zero");
    return new Map([...sums].map(([asset, sum]) => [asset, Number(sum)]));
  }
}
