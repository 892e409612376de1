/**
 * docs/spec/securities.md as code, one rule after the other: plain maps by name, BigInt, everything
 * counted anew whenever somebody asks. It is told what markets do (who traded what, what orders
 * hold, whether they are stopped) and says what issuers may do and what becomes of everybody.
 */
import { assert } from "../codec/assert.ts";

/** What the markets alone know. */
export type Markets = {
  /** What somebody's open orders hold of an asset. */
  readonly heldByOrders: (who: string, asset: string) => bigint;
  /** Whether every market with the asset is closed or halted. */
  readonly areStopped: (asset: string) => boolean;
};

type NaiveDividend = {
  readonly number: number;
  asset: string;
  pay: string;
  total: bigint;
  readonly float: bigint;
  readonly record: number;
  /** Once its day has come: who is still to get what. */
  owed: { readonly who: string; readonly units: bigint }[] | undefined;
};

/** The exchange's own, under a name that nobody has. */
export const fees = "fees";

/** An issuer's line, in words. */
export type Said =
  | { readonly verb: "LIST"; readonly asset: string; readonly shares: bigint }
  | {
      readonly verb: "DIVIDEND";
      readonly asset: string;
      readonly pay: string;
      readonly total: bigint;
      readonly float: bigint;
      readonly record: number | undefined;
    }
  | {
      readonly verb: "RATIO";
      readonly asset: string;
      readonly pay: string;
      readonly to: bigint;
      readonly from: bigint;
      readonly price: bigint;
    }
  | { readonly verb: "RENAME"; readonly asset: string; readonly name: string }
  | { readonly verb: "DELIST" | "HOLDERS"; readonly asset: string };

/** What the configuration says: supplies, issuers and reserved names by asset. */
export type Issuing = {
  readonly supplies: Map<string, bigint>;
  readonly issuers: Map<string, string>;
  readonly reserved: ReadonlyMap<string, string>;
};

/** Everybody's money, and what issuers did. */
export class NaiveIssuer {
  /** Customers in the order in which they registered. */
  readonly customers: string[] = [];
  /** `who asset`: customers' totals. */
  readonly totals = new Map<string, bigint>();
  /** `who asset payer`: what waits for whoever has not registered. */
  readonly waiting = new Map<string, bigint>();
  /** Waiting withdrawals, and those not paid. */
  withdrawals: { readonly who: string; asset: string; units: bigint; held: boolean }[] = [];
  readonly listed = new Set<string>();
  readonly delisted = new Set<string>();
  dividends: NaiveDividend[] = [];
  actions = 0;
  /** Holders that the input in hand may still pay. */
  private left = 0;
  private readonly supplies: Map<string, bigint>;
  private readonly issuers: Map<string, string>;
  private readonly reserved: ReadonlyMap<string, string>;
  private readonly markets: Markets;

  constructor({ supplies, issuers, reserved }: Issuing, markets: Markets) {
    this.supplies = supplies;
    this.issuers = issuers;
    this.reserved = reserved;
    this.markets = markets;
  }

  total(who: string, asset: string): bigint {
    const mine = this.totals.get(`${who} ${asset}`) ?? 0n;
    const waits = [...this.waiting].filter(([key]) => key.startsWith(`${who} ${asset} `));
    return waits.reduce((sum, [, units]) => sum + units, mine);
  }

  held(who: string, asset: string): bigint {
    const withdrawn = this.withdrawals
      .filter((each) => each.who === who && each.asset === asset && each.held)
      .reduce((sum, { units }) => sum + units, 0n);
    const declared = this.dividends
      .filter((each) => each.pay === asset && this.issuers.get(each.asset) === who)
      .flatMap(({ owed, total }) => owed?.map(({ units }) => units) ?? [total])
      .reduce((sum, units) => sum + units, 0n);
    return withdrawn + declared + this.markets.heldByOrders(who, asset);
  }

  free(who: string, asset: string): bigint {
    return this.total(who, asset) - this.held(who, asset);
  }

  /** All that is inside. */
  shares(asset: string): bigint {
    return this.holders(asset).reduce(
      (sum, { shares }) => sum + shares,
      this.totals.get(`${fees} ${asset}`) ?? 0n,
    );
  }

  /** In the order of rule 1.4. */
  holders(asset: string): { readonly who: string; readonly shares: bigint }[] {
    const waits = new Set([...this.waiting.keys()].map((key) => key.split(" ")[0] ?? ""));
    const all = [...this.customers, ...[...waits].sort()];
    return all
      .map((who) => ({ who, shares: this.total(who, asset) }))
      .filter(({ shares }) => shares > 0n);
  }

  add(who: string, asset: string, units: bigint): void {
    const key = `${who} ${asset}`;
    this.totals.set(key, (this.totals.get(key) ?? 0n) + units);
  }

  /** From a customer to anybody. */
  pay(from: string, to: string, asset: string, units: bigint): void {
    this.add(from, asset, -units);
    if (this.customers.includes(to)) return this.add(to, asset, units);
    const key = `${to} ${asset} ${from}`;
    this.waiting.set(key, (this.waiting.get(key) ?? 0n) + units);
  }

  register(who: string): void {
    if (this.customers.includes(who)) return;
    this.customers.push(who);
    for (const [key, units] of this.waiting) {
      const [to = "", asset = ""] = key.split(" ");
      if (to !== who) continue;
      this.waiting.delete(key);
      this.add(who, asset, units);
    }
  }

  /** Why a line is refused, by the first name of the page that applies; `accepted` if none. */
  judge(who: string, said: Said, now: number): string {
    const { verb, asset } = said;
    const pay = "pay" in said ? said.pay : asset;
    const isRatio = said.verb === "RATIO";
    const paid = said.verb === "DIVIDEND" || said.verb === "HOLDERS";
    const counted = isRatio ? this.count(said) : undefined;
    const shares = this.shares(asset);
    const supply = this.supplies.get(asset) ?? 0n;
    const record = said.verb === "DIVIDEND" ? said.record : undefined;
    const isOf = (each: NaiveDividend): boolean => this.issuers.get(each.asset) === who;
    const rules: readonly (readonly [string, boolean])[] = [
      ["asset_unknown", !this.supplies.has(asset) || !this.supplies.has(pay)],
      ["asset_unknown", isRatio && pay === asset],
      ["asset_not_issued", !this.issuers.has(asset)],
      ["not_the_issuer", this.issuers.get(asset) !== who],
      ["already_delisted", this.delisted.has(asset) && !paid],
      ["already_listed", verb === "LIST" && this.listed.has(asset)],
      ["asset_not_listed", verb !== "LIST" && !this.listed.has(asset)],
      ["shares_over_supply", said.verb === "LIST" && shares + said.shares > supply],
      ["shares_over_supply", counted !== undefined && counted.shares > supply],
      ["float_too_small", said.verb === "DIVIDEND" && said.float < shares],
      ["record_passed", record !== undefined && record <= now],
      ["record_too_far", record !== undefined && record > now + 100 * 86_400_000],
      ["actions_limit", verb === "DIVIDEND" && this.dividends.filter(isOf).length >= 100],
      ["name_not_reserved", said.verb === "RENAME" && this.reserved.get(asset) !== said.name],
      ["market_not_stopped", isRatio && !this.markets.areStopped(asset)],
      ["dividend_pending", isRatio && this.dividends.some((each) => each.asset === asset)],
      [
        "withdrawals_unpaid",
        isRatio && this.withdrawals.some((each) => each.asset === asset && !each.held),
      ],
      ["amount_too_large", counted !== undefined && counted.cost >= 2n ** 53n],
      ["funds_short", said.verb === "DIVIDEND" && said.total > this.free(who, said.pay)],
      ["funds_short", counted !== undefined && counted.cost > this.free(who, pay)],
      ["dividend_pays_nobody", said.verb === "DIVIDEND" && this.paysNobody(said)],
    ];
    return rules.find(([, applies]) => applies)?.[0] ?? "accepted";
  }

  /** Of one without RECORD; of a later day nobody knows. */
  private paysNobody(said: Extract<Said, { verb: "DIVIDEND" }>): boolean {
    const { asset, total, float, record } = said;
    const others = this.holders(asset).filter(({ who }) => who !== this.issuers.get(asset));
    return record === undefined && others.every(({ shares }) => total * shares < float);
  }

  /** Shares after a ratio, and what its fractions cost. */
  private count(said: Extract<Said, { verb: "RATIO" }>): { shares: bigint; cost: bigint } {
    const { asset, to, from, price } = said;
    const own = ((this.totals.get(`${fees} ${asset}`) ?? 0n) * to) / from;
    let [shares, cost] = [own, 0n];
    for (const { who, shares: before } of this.holders(asset)) {
      shares += (before * to) / from;
      if (who !== this.issuers.get(asset)) cost += (((before * to) % from) * price) / from;
    }
    return { shares, cost };
  }

  /** Does what was not refused. */
  perform(who: string, said: Said, now: number): void {
    if (said.verb !== "HOLDERS") this.actions += 1;
    switch (said.verb) {
      case "LIST":
        this.listed.add(said.asset);
        this.add(who, said.asset, said.shares);
        return;
      case "DIVIDEND": {
        const { asset, pay, total, float, record } = said;
        const declared = { number: this.actions, asset, pay, total, float, owed: undefined };
        this.dividends.push({ ...declared, record: record ?? now });
        if (record !== undefined) return;
        this.fixBefore(now + 1);
        this.payNext();
        return;
      }
      case "RATIO":
        return this.divide(who, said);
      case "RENAME":
        return this.rename(said.asset, said.name);
      case "DELIST":
        this.delisted.add(said.asset);
        return;
      case "HOLDERS":
    }
  }

  /** An input begins: dividends pay some, before anything that it asks. */
  begin(now: number, payments: number): void {
    this.fixBefore(now + 1);
    this.left = payments;
    this.payNext();
  }

  /** Fixes what the dividends owe whose day came before that time. */
  fixBefore(before: number): void {
    const due = this.dividends.filter(({ record, owed }) => owed === undefined && record < before);
    for (const each of due) {
      const { asset, total, float } = each;
      const shares = this.shares(asset);
      const by = float > shares ? float : shares;
      each.owed = this.holders(asset)
        .map(({ who, shares: mine }) => ({ who, units: (total * mine) / by }))
        .filter(({ who, units }) => who !== this.issuers.get(asset) && units > 0n);
    }
    this.forgetPaid();
  }

  /** Pays what was fixed, the oldest dividend first: nobody's shares are counted again. */
  private payNext(): void {
    for (const { asset, pay, owed } of this.dividends) {
      const issuer = this.issuers.get(asset);
      assert(issuer !== undefined, "who declared it issues it");
      for (const { who, units } of owed?.splice(0, this.left) ?? []) {
        this.pay(issuer, who, pay, units);
        this.left -= 1;
      }
    }
    this.forgetPaid();
  }

  private forgetPaid(): void {
    this.dividends = this.dividends.filter(({ owed }) => owed?.length !== 0);
  }

  private divide(issuer: string, said: Extract<Said, { verb: "RATIO" }>): void {
    const { asset, to, from, price, pay } = said;
    const before = this.holders(asset);
    // Approved ones were refused the line.
    this.withdrawals = this.withdrawals.filter((each) => each.asset !== asset);
    for (const each of this.dividends.filter((paying) => paying.pay === asset)) {
      each.total = (each.total * to) / from;
      each.owed = each.owed
        ?.map(({ who, units }) => ({ who, units: (units * to) / from }))
        .filter(({ units }) => units > 0n);
    }
    this.forgetPaid();
    for (const who of [...this.customers, fees]) {
      const key = `${who} ${asset}`;
      this.totals.set(key, ((this.totals.get(key) ?? 0n) * to) / from);
    }
    for (const { who, shares } of before) {
      const keys = [...this.waiting.keys()].filter((key) => key.startsWith(`${who} ${asset} `));
      let sum = 0n;
      for (const key of keys.sort()) {
        const old = this.waiting.get(key) ?? 0n;
        this.waiting.set(key, ((sum + old) * to) / from - (sum * to) / from);
        sum += old;
      }
      const cash = (((shares * to) % from) * price) / from;
      if (who !== issuer && cash > 0n) this.pay(issuer, who, pay, cash);
    }
  }

  private rename(asset: string, name: string): void {
    const moved = (map: Map<string, bigint>): void => {
      for (const [key, units] of map) {
        const [who = "", of = "", ...payer] = key.split(" ");
        if (of !== asset) continue;
        map.delete(key);
        map.set([who, name, ...payer].join(" "), units);
      }
    };
    moved(this.totals);
    moved(this.waiting);
    rekey(this.supplies, asset, name);
    rekey(this.issuers, asset, name);
    for (const set of [this.listed, this.delisted]) if (set.delete(asset)) set.add(name);
    for (const each of this.withdrawals) if (each.asset === asset) each.asset = name;
    for (const each of this.dividends) {
      if (each.asset === asset) each.asset = name;
      if (each.pay === asset) each.pay = name;
    }
  }
}

function rekey<Value>(map: Map<string, Value>, from: string, to: string): void {
  const value = map.get(from);
  map.delete(from);
  if (value !== undefined) map.set(to, value);
}
