/**
 * Random days of issuers, against the naive reading of docs/spec/securities.md: after every input
 * everybody has what it says, what is held is what it says, and every line is refused for what it
 * says. Money is conserved, reports add up by name, and the journal gives the same bytes again.
 */
import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { printEntry } from "../letter/entry.ts";
import { Floor, fingerprintOf, floorExchange, opening } from "../testing/floor.ts";
import { NaiveIssuer, fees, type Said } from "../testing/naiveissuer.ts";
import { runs } from "../testing/runs.ts";
import { apply } from "./apply.ts";
import { sums } from "./audit.ts";
import { phaseOf } from "./execution.ts";
import type { Output } from "./input.ts";
import { balanceOf } from "./purse.ts";
import { parseSnapshot, printSnapshot } from "./snapshot.ts";
import { newState } from "./state.ts";

const [alice, bob, issuer] = ["Alice", "Bob", "the issuer"];
/** Who may register some day, in an input of any kind; or never. */
const strangers = ["late", "later", "latest", "never"] as const;
const people = [alice, bob, issuer, ...strangers];
/** So that what is done to everybody takes several inputs. */
const pace = { payments: 2, notices: 2, statements: 2 };
const operator = "the first operator";
const minute = 60_000;
const hash = "0".repeat(64);

/** S is issued and renamed, D is issued and trades in S, whose fees it pays. */
const configuration = [
  "asset BTC decimals 0 supply 9007199254740991",
  "asset S decimals 0 supply 20000",
  "asset D decimals 0 supply 9007199254740991",
  "market S/BTC lot 1 step 1 tick 1 maximum-price 100 quantity 1 to 100 maker 0% taker 0%",
  "market D/S lot 1 step 1 tick 1 maximum-price 100 quantity 1 to 100 maker 0% taker 9%",
  "day S/BTC sat continuous 11:00 closing 12:04 closed 12:06",
  "day S/BTC sat continuous 12:09 closing 12:14 closed 12:16",
  `issuer S ${fingerprintOf(issuer)}`,
  `issuer D ${fingerprintOf(alice)}`,
  "rename S S.N",
  "statements on-close",
  "operators 1",
  `operator ${fingerprintOf(operator)}`,
  "",
].join("\n");

const assets = ["BTC", "S", "D"] as const;
const few = fc.integer({ min: 1, max: 30 });
const many = fc.constantFrom(1, 2, 3, 7, 999, 1000, 4000, 2 ** 40, Number.MAX_SAFE_INTEGER);
const some = fc.oneof(few, many);
const issued = fc.constantFrom("S", "S", "S", "D");
const person = fc.constantFrom(...people);

type Command = { readonly kind: "line" | "issuer"; readonly fields: readonly (string | number)[] };
const line = (...fields: readonly (string | number)[]): Command => ({ kind: "line", fields });
const said = (...fields: readonly (string | number)[]): Command => ({ kind: "issuer", fields });

const trading = fc
  .tuple(
    fc.constantFrom("BUY", "SELL"),
    fc.constantFrom("S/BTC", "S/BTC", "D/S"),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 3, max: 6 }),
    fc.constantFrom("", "", "", "tif=DAY", "stop=4"),
  )
  .map(([verb, market, lots, price, term]) => {
    return line(...[verb, market, lots, price, term].filter((field) => field !== ""));
  });
const pushing = fc
  .tuple(fc.constantFrom("S", "S", "D", "BTC"), person, few)
  .map(([asset, to, units]) => line("PUSH", asset, fingerprintOf(to), units));
const record = fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 12 }));
const float = fc.oneof(fc.constantFrom(999, 1000, 1300, 5000, 20_000), many);
const price = fc.constantFrom(0, 1, 10, 999, 4000, Number.MAX_SAFE_INTEGER);
const issuing = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(issued, some).map((part) => said("LIST", ...part)) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(issued, fc.constantFrom("BTC", "BTC", "D", "S"), some, float, record)
      .map((part) => said("DIVIDEND", ...part)),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(issued, fc.constantFrom(1, 1, 2, 3, 7, 2 ** 50), fc.constantFrom(1, 2, 3, 10, 2 ** 50))
      .chain((ratio) => price.map((at) => said("RATIO", ...ratio, "BTC", at))),
  },
  { weight: 1, arbitrary: fc.constant(said("RENAME", "S", "S.N")) },
  { weight: 1, arbitrary: fc.constant(said("HOLDERS", "S")) },
);
const withdrawing = fc
  .tuple(fc.constantFrom("S", "D"), few)
  .map(([asset, units]) => line("WITHDRAW", asset, units, "paper"));

type Step =
  | { readonly kind: "say"; readonly who: string; readonly command: Command }
  | { readonly kind: "minutes"; readonly count: number }
  | { readonly kind: "first"; readonly who: string; readonly command: Command }
  | { readonly kind: "end"; readonly who: string; readonly asset: string }
  | { readonly kind: "hand"; readonly verb: string }
  | { readonly kind: "credit"; readonly who: string; readonly units: number };

/** Mostly whoever may say it. */
const act = fc.tuple(fc.constantFrom("", "", "", "", "", alice, issuer), issuing);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(alice, bob, issuer, issuer), fc.oneof(trading, pushing, withdrawing))
      .map(([who, command]) => ({ kind: "say" as const, who, command })),
  },
  {
    weight: 8,
    arbitrary: act.map(([who, command]) => {
      const right = command.fields[1] === "D" ? alice : issuer;
      return { kind: "say" as const, who: who === "" ? right : who, command };
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("S", "D").map((asset) => {
      const who = asset === "D" ? alice : issuer;
      return { kind: "end" as const, who, asset };
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom<"say" | "first">("say", "first"), fc.constantFrom(...strangers))
      .map(([kind, who]) => ({ kind, who, command: line("NOOP") })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...people), pushing)
      .map(([who, command]) => ({ kind: "first" as const, who, command })),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((count) => ({ kind: "minutes" as const, count })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom("APPROVE", "REFUSE", "PAID", "HALT", "HALT", "HALT", "RESUME")
      .map((verb) => ({ kind: "hand" as const, verb })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(alice, bob), few)
      .map(([who, units]) => ({ kind: "credit" as const, who, units })),
  },
);

/** The engine and the naive issuer, side by side. */
class Day {
  readonly floor = new Floor(configuration, pace);
  readonly naive: NaiveIssuer;
  shares = "S";

  constructor() {
    const issuers = { S: fingerprintOf(issuer), D: fingerprintOf(alice) };
    this.naive = new NaiveIssuer(
      {
        supplies: new Map([
          ["BTC", 2n ** 53n - 1n],
          ["S", 20_000n],
          ["D", 2n ** 53n - 1n],
        ]),
        issuers: new Map(Object.entries(issuers)),
        reserved: new Map([["S", "S.N"]]),
      },
      {
        heldByOrders: (who, asset) => this.heldByOrders(who, asset),
        areStopped: (asset) => this.areStopped(asset),
      },
    );
    for (const name of [operator, alice, bob, issuer]) {
      this.floor.register(name);
      this.naive.register(fingerprintOf(name));
    }
    for (const name of [alice, bob, issuer]) this.credit(name, "BTC", 100_000);
    this.say(issuer, ["LIST", "S", 1000, hash]);
    this.say(alice, ["LIST", "D", 1000, hash]);
    for (const [name, units] of [
      [alice, 301],
      [bob, 100],
      ["late", 59],
      ["later", 20],
      ["latest", 11],
    ] as const) {
      this.say(issuer, ["PUSH", "S", fingerprintOf(name), units]);
      this.say(alice, ["PUSH", "D", fingerprintOf(name === alice ? issuer : name), units]);
    }
  }

  /** What the asset of the configuration is called now. */
  named(text: string | number): string {
    return `${text}`.replace(/^S(?=\/|$)/, this.shares).replace(/(?<=\/)S$/, this.shares);
  }

  private heldByOrders(who: string, asset: string): bigint {
    let sum = 0n;
    for (const { account, side, venue, held } of this.floor.state.orders.values()) {
      const of = side === "buy" ? venue.market.quote : venue.market.base;
      if (account.fingerprint === who && of === asset) sum += BigInt(held);
    }
    return sum;
  }

  private areStopped(asset: string): boolean {
    const { state } = this.floor;
    return state.markets.every((venue) => {
      const { base, quote } = venue.market;
      if (base !== asset && quote !== asset) return true;
      return ["closed", "halt"].includes(phaseOf(state, venue));
    });
  }

  credit(name: string, asset: string, units: number): void {
    const before = this.naive.shares(asset);
    this.begin();
    this.floor.fund(name, asset, units);
    // Announced, and credited.
    this.begin();
    const room = asset === "BTC" || asset === "D" ? 2n ** 53n - 1n : 20_000n;
    const fits = before + BigInt(units) <= room;
    if (fits) this.naive.add(fingerprintOf(name), asset, BigInt(units));
  }

  private begin(): void {
    this.naive.begin(this.floor.now, pace.payments);
  }

  /** One line in a letter; what is said of it, `accepted` if nothing is wrong. */
  say(name: string, fields: readonly (string | number)[]): string {
    this.begin();
    return this.tell(name, fields);
  }

  /** A letter is the first to come after what a whole minute brings about. */
  first(name: string, fields: readonly (string | number)[]): void {
    this.floor.pass(minute);
    this.naive.fixBefore(this.floor.now);
    this.tell(name, fields, () => this.begin());
  }

  private tell(
    name: string,
    fields: readonly (string | number)[],
    begin = (): void => undefined,
  ): string {
    const text = fields.map((field) => this.named(field)).join("|");
    const known = this.floor.state.accounts.has(fingerprintOf(name));
    const commands = known ? [text] : ["REGISTER|AAAA", text];
    const output = this.floor.post(name, this.floor.write(name, commands));
    const who = fingerprintOf(name);
    this.trade(output);
    begin();
    this.naive.register(who);
    const entries = this.floor.records(output);
    const reject = entries.find((entry) => entry.kind === "reject");
    const word = reject?.kind === "reject" ? reject.name : "accepted";
    this.follow(who, fields, word);
    return word;
  }

  /** What the naive issuer is told of lines that are not an issuer's. */
  private follow(who: string, fields: readonly (string | number)[], word: string): void {
    const [verb, first = "", second = "", third = 0] = fields;
    const asset = this.named(first);
    const { naive } = this;
    if (verb === "PUSH") {
      const [to, units] = [`${second}`, BigInt(third)];
      const wrong =
        to === who ? "push_to_self" : units > naive.free(who, asset) ? "funds_short" : "accepted";
      assert.equal(word, wrong);
      if (word === "accepted") naive.pay(who, to, asset, units);
    } else if (verb === "WITHDRAW" && word === "accepted") {
      naive.withdrawals.push({ who, asset, units: BigInt(second), held: true });
    } else if (verb === "LIST") {
      const said: Said = { verb, asset, shares: BigInt(second) };
      assert.equal(word, naive.judge(who, said, this.floor.now));
      if (word === "accepted") naive.perform(who, said, this.floor.now);
    }
  }

  /** FILL records move money on the naive side as they say. */
  private trade(output: Output): void {
    for (const { to, text } of output.documents) {
      for (const entry of this.floor.read(text).records) {
        if (entry.kind !== "fill") continue;
        const [base = "", quote = ""] = entry.market.split("/");
        const sign = entry.side === "buy" ? 1n : -1n;
        this.naive.add(to, base, sign * BigInt(entry.quantity));
        this.naive.add(to, quote, -sign * BigInt(entry.quote) - BigInt(entry.fee));
        this.naive.add(fees, quote, BigInt(entry.fee));
      }
    }
  }

  /** An issuer's line: judged by both, done by both. */
  act(name: string, fields: readonly (string | number)[]): void {
    const [verb, first = "", ...rest] = fields;
    const who = fingerprintOf(name);
    const asset = this.named(first);
    const [second = 0, third = 0, fourth = 0, fifth = 0] = rest;
    const now = this.floor.now;
    let said: Said;
    let sent: readonly (string | number)[] = fields;
    switch (verb) {
      case "LIST":
        this.say(name, ["LIST", first, second, hash]);
        return;
      case "DIVIDEND": {
        const pay = this.named(second);
        const at = Number(fifth) < 0 ? undefined : now + Number(fifth) * 30_000;
        const total = BigInt(third);
        said = { verb, asset, pay, total, float: BigInt(fourth), record: at };
        sent = [...fields.slice(0, 5), ...(at === undefined ? [] : [at / 1000])];
        break;
      }
      case "RATIO": {
        const [to, from, price] = [BigInt(second), BigInt(third), BigInt(fifth)];
        if (to === from) return;
        said = { verb, asset, to, from, pay: `${fourth}`, price };
        break;
      }
      case "RENAME":
        said = { verb, asset, name: `${second}` };
        break;
      case "DELIST":
      case "HOLDERS":
        said = { verb, asset };
        break;
      default:
        throw new Error("a line is one of an issuer's");
    }
    this.begin();
    const expected = this.naive.judge(who, said, now);
    assert.equal(this.tell(name, sent), expected, JSON.stringify(fields));
    if (expected !== "accepted") return;
    this.naive.perform(who, said, now);
    if (said.verb === "RENAME") this.shares = said.name;
  }

  /** A minute at a time: what its end brings about stands apart from what came before. */
  minutes(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.floor.pass(minute);
      this.naive.fixBefore(this.floor.now);
      this.trade(this.floor.tick());
      this.begin();
    }
  }

  hand(verb: string): void {
    const market = `${this.shares}/BTC`;
    if (verb === "HALT" || verb === "RESUME") {
      this.begin();
      const lines = [`${verb}|${market}|x`, `${verb}|D/${this.shares}|x`];
      this.trade(this.floor.post(operator, this.floor.write(operator, lines)));
      return;
    }
    const numbers = [...this.floor.state.unpaid.values()];
    const index = numbers.findIndex(({ status }) => (status === "waiting") === (verb !== "PAID"));
    const found = numbers[index];
    const naive = this.naive.withdrawals[index];
    if (found === undefined || naive === undefined) return;
    const { number } = found;
    const text = verb === "APPROVE" ? this.floor.approveLine(number) : `${verb}|${number}|x`;
    this.begin();
    this.floor.post(operator, this.floor.write(operator, [text]));
    naive.held = false;
    if (verb === "APPROVE") this.naive.add(naive.who, naive.asset, -naive.units);
    else this.naive.withdrawals.splice(index, 1);
  }

  take(each: Step): void {
    switch (each.kind) {
      case "say":
        if (each.command.kind === "issuer") this.act(each.who, each.command.fields);
        else this.say(each.who, each.command.fields);
        return;
      case "first":
        return this.first(each.who, each.command.fields);
      case "minutes":
        return this.minutes(each.count);
      case "end":
        // Seldom: nothing much happens to an asset afterwards.
        if (this.floor.journal.length > 45) this.act(each.who, ["DELIST", each.asset]);
        return;
      case "hand":
        return this.hand(each.verb);
      case "credit":
        this.credit(each.who, this.shares, each.units);
    }
  }

  /** Everybody has and holds what the page says. */
  compare(): void {
    const { state } = this.floor;
    for (const name of assets) {
      const asset = this.named(name);
      for (const who of people.map((each) => fingerprintOf(each))) {
        const account = state.accounts.get(who);
        const payers = state.waiting.get(who)?.get(asset);
        const has = account
          ? balanceOf(state, account, asset)
          : { total: [...(payers?.values() ?? [])].reduce((sum, n) => sum + n, 0), held: 0 };
        assert.equal(BigInt(has.total), this.naive.total(who, asset), `${who} ${asset}`);
        assert.equal(BigInt(has.held), this.naive.held(who, asset), `${who} holds ${asset}`);
        for (const [payer, units] of payers ?? []) {
          assert.equal(this.naive.waiting.get(`${who} ${asset} ${payer}`), BigInt(units));
        }
      }
      const inside = BigInt(-balanceOf(state, "outside", asset).total);
      assert.equal(inside, this.naive.shares(asset), `all ${asset}`);
    }
    assert.equal(state.actions, this.naive.actions);
    assert.equal(state.dividends.size, this.naive.dividends.length);
    for (const sum of sums(state).values()) assert.equal(sum, 0);
  }

  /** Each account's books, folded from its reports by name alone, are the engine's. */
  checkReports(): void {
    const { untold } = this.floor.state;
    for (let i = 0; i < 30; i += 1) this.floor.tick();
    assert.equal(untold.customers.size + untold.strangers.size, 0);
    for (const [account, told] of this.floor.told) {
      const books = new Map<string, { total: number; held: number }>();
      for (const report of told) {
        if (report.kind !== "report") continue;
        for (const entry of report.records) {
          if (entry.kind !== "move" && entry.kind !== "hold" && entry.kind !== "balance") continue;
          const book = books.get(entry.asset) ?? { total: 0, held: 0 };
          books.set(entry.asset, book);
          if (entry.kind === "balance") {
            // Each report by itself says no more and no less than is so when it is made.
            assert.deepEqual(book, { total: entry.total, held: entry.held }, printEntry(entry));
            continue;
          }
          const which = entry.kind === "move" ? "total" : "held";
          book[which] += entry.change;
          const after = entry.kind === "move" ? entry.total : entry.held;
          assert.equal(book[which], after, printEntry(entry));
        }
      }
      const whose = this.floor.state.accounts.get(account);
      for (const [asset, book] of books) {
        const isThere = whose !== undefined && this.floor.state.assets.has(asset);
        const known = isThere ? balanceOf(this.floor.state, whose, asset) : { total: 0, held: 0 };
        assert.deepEqual(known, book);
      }
    }
  }

  /** The journal again, from its beginning and from a snapshot before the input `cut`. */
  checkReplay(cut: number): void {
    const { floor } = this;
    let state = newState(floorExchange, undefined, pace);
    for (const [index, input] of floor.journal.entries()) {
      if (index === cut) {
        const bytes = printSnapshot(state);
        state = parseSnapshot(bytes, pace);
        assert.deepEqual(printSnapshot(state), bytes);
        sums(state);
      }
      assert.deepEqual(apply(state, input), floor.outputs[index]);
    }
    assert.deepEqual(printSnapshot(state), printSnapshot(floor.state));
  }
}

test("every day of issuers goes as the page says", () => {
  assert.equal(opening % minute, 0);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 45, size: "max" }), fc.nat(1000), (steps, cut) => {
      const day = new Day();
      day.compare();
      for (const each of steps) {
        day.take(each);
        day.compare();
      }
      day.checkReports();
      day.checkReplay(cut % day.floor.journal.length);
    }),
    { numRuns: runs(50) },
  );
});
