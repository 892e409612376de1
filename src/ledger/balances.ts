/**
 * The ledger in numbers: account × asset → total and held (docs/spec/ledger.md). Double entry,
 * integers only.
 *
 *   balance  16 bytes: total, held (float64 each, safe integers)
 *   page     the balances of 16 accounts in one asset: 256 bytes, made when the first of them is
 *            touched. A list of pages for each asset; a balance is page × 16 + account % 16 and
 *            stays where it is, so that orders remember theirs
 *
 * By asset and not by account, because commands of one market touch many accounts in the same two
 * assets. Ten thousand accounts that hold only the quote asset are 160 KiB. Strangers to each other
 * in one page cost at most 16 times what they need.
 *
 * Account 0 is the world outside, account 1 the fees. Invariants, checked always: 0 ≤ held ≤ total
 * of everybody but the world; the halves of a settlement sum to zero. Every asset sums to zero over
 * all accounts (`sums`).
 */
import { assert } from "../codec/assert.ts";
import { amountMax } from "../money/amount.ts";

/** The counter-account of the world: its total is minus all that came in. */
export const outsideAccount = 0;
/** The exchange's own. */
export const feesAccount = 1;

const pageShift = 4;
const pageSize: number = 1 << pageShift;
const firstPages = 64;

/** One half of an entry, when postings are asked for. */
export type Posting = {
  readonly account: number;
  readonly asset: number;
  readonly change: number;
  readonly after: number;
};

/** The columns of `legs`: what a settlement moves. */
export const leg = {
  /** Quote that the buyer pays, fee included. */
  paid: 0,
  /** Quote that the seller gets, less its fee. */
  got: 1,
  /** Quote that goes to the fees. */
  fees: 2,
  /** Base that goes from seller to buyer. */
  base: 3,
} as const;

/** Which balances a settlement moves. */
export type Parties = {
  buyerQuote: number;
  sellerQuote: number;
  feesQuote: number;
  sellerBase: number;
  buyerBase: number;
};

/** All balances. */
export class Balances {
  /** What the next `settle` moves: numbers in a column are not garbage, arguments may be. */
  readonly legs: Float64Array = new Float64Array(4);
  /** Set it, and every half of every entry is kept until `takePostings`. */
  recording = false;
  private postings: Posting[] = [];
  /** total, held, total, held … */
  private rows: Float64Array = new Float64Array(firstPages * pageSize * 2);
  /** Whose page it is: asset and first account, two for each page. */
  private owners: Int32Array = new Int32Array(firstPages * 2);
  /** By asset, by account >> 4: the page, or 0. */
  private readonly pages: Int32Array[] = [];
  private readonly supplies: number[] = [];
  /** Pages in use; page 0 is none. */
  private used = 1;

  /** How many assets there are. */
  get assets(): number {
    return this.supplies.length;
  }

  /** A new asset, by its number; no more than `supplyMax` of it will ever be inside. */
  addAsset(supplyMax: number): number {
    assert(
      Number.isSafeInteger(supplyMax) && supplyMax >= 0,
      "an asset's supply is a safe integer",
    );
    this.supplies.push(supplyMax);
    this.pages.push(new Int32Array(firstPages));
    return this.supplies.length - 1;
  }

  supplyOf(asset: number): number {
    const supply = this.supplies[asset];
    assert(supply !== undefined, "an asset stays");
    return supply;
  }

  /** Another limit for what may be inside; no less than is. */
  setSupply(asset: number, supplyMax: number): void {
    assert(Number.isSafeInteger(supplyMax), "an asset's supply is a safe integer");
    assert(-this.read(outsideAccount, asset).total <= supplyMax, "what is inside stays");
    this.supplies[asset] = supplyMax;
  }

  /** Where a balance is; it is made if it is not there. */
  place(account: number, asset: number): number {
    const pages = this.pages[asset];
    if (pages === undefined) assert(false, "an asset stays");
    const index = account >> pageShift;
    const page = index < pages.length ? (pages[index] ?? 0) : 0;
    const found = page === 0 ? this.addPage(asset, index) : page;
    return (found << pageShift) + (account & (pageSize - 1));
  }

  total(place: number): number {
    return this.rows[place << 1] ?? 0;
  }

  held(place: number): number {
    return this.rows[(place << 1) | 1] ?? 0;
  }

  free(place: number): number {
    return (this.rows[place << 1] ?? 0) - (this.rows[(place << 1) | 1] ?? 0);
  }

  /** A balance without making it. */
  read(account: number, asset: number): { readonly total: number; readonly held: number } {
    const page = this.pages[asset]?.[account >> pageShift] ?? 0;
    if (page === 0) return { total: 0, held: 0 };
    const place = (page << pageShift) + (account & (pageSize - 1));
    return { total: this.total(place), held: this.held(place) };
  }

  /** Sets `change` more (below zero: less) aside. */
  hold(place: number, change: number): void {
    const at = place << 1;
    const held = (this.rows[at + 1] ?? 0) + change;
    if (!(held >= 0 && held <= (this.rows[at] ?? 0))) {
      assert(false, "what is held is part of the total");
    }
    this.rows[at + 1] = held;
  }

  /** The same, if so much is free; whether it was. */
  holdFree(place: number, change: number): boolean {
    const { rows } = this;
    const at = place << 1;
    const held = (rows[at + 1] ?? 0) + change;
    if (held > (rows[at] ?? 0)) return false;
    if (!(held >= 0)) assert(false, "what is held is part of the total");
    rows[at + 1] = held;
    return true;
  }

  /**
   * Moves `legs` between the balances of a trade. What the payers had on hold for it has been let
   * go before.
   */
  settle(parties: Parties): void {
    const { rows, legs } = this;
    const { buyerQuote, sellerQuote, feesQuote, sellerBase, buyerBase } = parties;
    const paid = legs[leg.paid] ?? 0;
    const got = legs[leg.got] ?? 0;
    const fees = legs[leg.fees] ?? 0;
    const base = legs[leg.base] ?? 0;
    const before =
      (rows[buyerQuote << 1] ?? 0) + (rows[sellerQuote << 1] ?? 0) + (rows[feesQuote << 1] ?? 0);
    const buyer = (rows[buyerQuote << 1] ?? 0) - paid;
    if (!(buyer >= (rows[(buyerQuote << 1) | 1] ?? 0))) {
      assert(false, "nobody pays what is not free");
    }
    const seller = (rows[sellerBase << 1] ?? 0) - base;
    if (!(seller >= (rows[(sellerBase << 1) | 1] ?? 0))) {
      assert(false, "nobody delivers what is not free");
    }
    rows[buyerQuote << 1] = buyer;
    rows[sellerQuote << 1] = (rows[sellerQuote << 1] ?? 0) + got;
    rows[feesQuote << 1] = (rows[feesQuote << 1] ?? 0) + fees;
    rows[sellerBase << 1] = seller;
    rows[buyerBase << 1] = (rows[buyerBase << 1] ?? 0) + base;
    const after =
      (rows[buyerQuote << 1] ?? 0) + (rows[sellerQuote << 1] ?? 0) + (rows[feesQuote << 1] ?? 0);
    // Sums of one asset's totals are safe integers: no asset has more than 2^53 - 1 inside.
    if (!(after === before && paid >= 0 && got >= 0 && base >= 0)) {
      assert(false, "a trade creates nothing");
    }
    if (this.recording) this.recordTrade(parties);
  }

  /**
   * Moves `amount` from one account to another, outside of trades. Refused if it is not free, or if
   * more would come in than the asset's supply.
   */
  transfer(asset: number, from: number, to: number, amount: number): boolean {
    assert(Number.isSafeInteger(amount) && amount >= 0, "what moves is a safe integer");
    const source = this.place(from, asset);
    const target = this.place(to, asset);
    const rest = this.total(source) - amount;
    if (from === outsideAccount ? -rest > this.supplyOf(asset) : rest < this.held(source)) {
      return false;
    }
    this.rows[source << 1] = rest;
    this.rows[target << 1] = this.total(target) + amount;
    assert(to !== outsideAccount || this.total(target) <= 0, "the world never owes us");
    if (this.recording) {
      this.record(source, -amount);
      this.record(target, amount);
    }
    return true;
  }

  /** The postings since they were last taken, in order. */
  takePostings(): readonly Posting[] {
    const taken = this.postings;
    this.postings = [];
    return taken;
  }

  /** Every balance that is not zero, by asset, then account. */
  each(visit: (asset: number, account: number, total: number, held: number) => void): void {
    for (const [asset, pages] of this.pages.entries()) {
      for (const [index, page] of pages.entries()) {
        if (page === 0) continue;
        for (let i = 0; i < pageSize; i += 1) {
          const place = (page << pageShift) + i;
          const total = this.total(place);
          if (total !== 0) visit(asset, (index << pageShift) + i, total, this.held(place));
        }
      }
    }
  }

  /** How many balances are not zero. */
  count(): number {
    let count = 0;
    this.each(() => {
      count += 1;
    });
    return count;
  }

  /**
   * A balance as a snapshot has it; its holds come with the orders. Only while it is being filled.
   */
  restore(account: number, asset: number, total: number): void {
    // A new page may replace the rows: the place comes first.
    const place = this.place(account, asset);
    this.rows[place << 1] = total;
  }

  /** Each asset's sum over all accounts, which must be zero, after checking every balance. */
  audit(): void {
    const sums = this.supplies.map(() => 0n);
    this.each((asset, account, total, held) => {
      assert(Number.isSafeInteger(total) && Math.abs(total) <= amountMax, "totals are safe");
      if (account === outsideAccount) {
        assert(total <= 0 && -total <= this.supplyOf(asset), "no more is inside than may be");
        assert(held === 0, "the world holds nothing");
      } else {
        assert(total > 0 && held >= 0 && held <= total, "held is a part of the total");
      }
      sums[asset] = (sums[asset] ?? 0n) + BigInt(total);
    });
    for (const sum of sums) assert(sum === 0n, "every asset sums to zero");
  }

  private recordTrade(parties: Parties): void {
    const [paid = 0, got = 0, fees = 0, base = 0] = this.legs;
    this.record(parties.buyerQuote, -paid);
    this.record(parties.sellerQuote, got);
    if (fees > 0) this.record(parties.feesQuote, fees);
    this.record(parties.sellerBase, -base);
    this.record(parties.buyerBase, base);
  }

  private record(place: number, change: number): void {
    const page = place >> pageShift;
    const asset = this.owners[page << 1] ?? 0;
    const account = (this.owners[(page << 1) | 1] ?? 0) + (place & (pageSize - 1));
    this.postings.push({ account, asset, change, after: this.total(place) });
  }

  private addPage(asset: number, index: number): number {
    let pages = this.pages[asset];
    assert(pages !== undefined, "an asset stays");
    if (index >= pages.length) {
      const longer = new Int32Array(Math.max(pages.length * 2, index + 1));
      longer.set(pages);
      this.pages[asset] = longer;
      pages = longer;
    }
    if (this.used === this.owners.length >> 1) this.grow();
    const page = this.used;
    this.used += 1;
    pages[index] = page;
    this.owners[page << 1] = asset;
    this.owners[(page << 1) | 1] = index << pageShift;
    return page;
  }

  private grow(): void {
    const rows = new Float64Array(this.rows.length * 2);
    rows.set(this.rows);
    this.rows = rows;
    const owners = new Int32Array(this.owners.length * 2);
    owners.set(this.owners);
    this.owners = owners;
  }
}
