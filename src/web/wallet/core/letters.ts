/**
 * Letters of an open wallet: composed as drafts that a person reads, then signed exactly as they
 * were read. A draft's text has a number and a deadline in it; if either cannot be kept any more,
 * nothing is signed and another draft is given instead, to be read.
 *
 * Everything here is done one after another, so that the number that was looked at is the number
 * that is taken.
 */
import { printSeconds, time, type Time } from "../../../codec/time.ts";
import type { Line as ParsedLine } from "../../../letter/command.ts";
import { parseLetter } from "../../../letter/parse.ts";
import { printLetter } from "../../../letter/print.ts";
import type { Account } from "../../../wallet/account.ts";
import { showAmount } from "../../../wallet/amounts.ts";
import { depositLine, pushLine, withdrawLine, type Line } from "../../../wallet/compose.ts";
import { worstOf } from "../../../wallet/costs.ts";
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import {
  commandsOf,
  findEntry,
  nextNumber,
  padStep,
  writeLetter,
  type OutboxEntry,
} from "../../../wallet/outbox.ts";
import {
  cancelAfterLine,
  cancelAllLine,
  cancelLine,
  placeLine,
  replaceLine,
  type ChangeAsked,
} from "../../../wallet/orderlines.ts";
import { statementHere } from "../../../wallet/sync.ts";
import { now, readDeadline, readDuration } from "../../../wallet/times.ts";
import { wordsOfLetter } from "./journeys.ts";
import { pageSettings } from "./pagesettings.ts";
import type { Draft, Money, OrderForm } from "./protocol.ts";

/** How long a letter is good for, if nothing is said: a person reads it first. */
const byDefault = "2m";
/** The same where nothing is posted: a person carries it first. */
const byCarried = "1h";
/** A letter with less time left than this is not signed. */
const leastMs = 30_000;
/** Drafts that are remembered. */
const draftsMost = 20;

/** What a letter says. `again`: the letter without effect that it says once more. */
type Saying = {
  readonly commands: readonly string[];
  readonly ids: readonly string[];
  readonly again?: string;
};

type Composed = {
  readonly saying: Saying;
  readonly by: Time;
  /** How far ahead `by` was set: to set it again. */
  readonly byMs: number;
  readonly text: string;
};

/** What came of signing: a letter of the outbox, or another draft. */
export type Signed =
  | { readonly kind: "signed"; readonly entry: OutboxEntry }
  | { readonly kind: "changed"; readonly draft: Draft };

export class Letters {
  readonly #account: () => Account;
  readonly #drafts = new Map<string, Composed>();
  #turn: Promise<unknown> = Promise.resolve();
  #made = 0;

  constructor(account: () => Account) {
    this.#account = account;
  }

  compose(form: OrderForm): Outcome<Draft> {
    const { id, by, ...order } = form;
    const line = placeLine(this.#account().exchange.card, order, { id }, now());
    return line.ok ? this.#draft(line.value, by) : line;
  }

  deposit(asked: { readonly asset: string; readonly amount: string }): Outcome<Draft> {
    const line = depositLine(this.#account().exchange.card, asked, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  withdraw(asked: {
    readonly asset: string;
    readonly amount: string;
    readonly to: string;
  }): Outcome<Draft> {
    const { asset, amount, to: address } = asked;
    const line = withdrawLine(this.#account().exchange.card, { asset, amount, address }, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  push(asked: {
    readonly asset: string;
    readonly amount: string;
    readonly to: string;
  }): Outcome<Draft> {
    const line = pushLine(this.#account().exchange.card, asked, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  /** Signs exactly the draft's text, or nothing. */
  sign(name: string): Promise<Outcome<Signed>> {
    return this.#inTurn(async () => {
      const composed = this.#drafts.get(name);
      if (composed === undefined) return trouble("E724");
      const { saying, by, byMs, text } = composed;
      const isStale = by - now() < Math.min(leastMs, byMs / 4);
      const written = isStale ? trouble("E724") : await this.#write(saying, by, text);
      if (!written.ok && written.code !== "E724") return written;
      this.#drafts.delete(name);
      if (!written.ok) {
        return { ok: true, value: { kind: "changed", draft: this.#keep(saying, byMs) } };
      }
      return { ok: true, value: { kind: "signed", entry: written.value } };
    });
  }

  cancel(order: string): Outcome<Draft> {
    const line = cancelLine(order, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  cancelAll(market: string | undefined): Outcome<Draft> {
    const line = cancelAllLine(this.#account().exchange.card, { market }, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  replace(asked: ChangeAsked): Outcome<Draft> {
    const { home, exchange } = this.#account();
    const market = statementHere(home).orders.get(asked.order)?.market;
    if (market === undefined) return trouble("E114", "No report here speaks of this order.");
    const line = replaceLine(exchange.card, { ...asked, market }, {});
    return line.ok ? this.#draft(line.value) : line;
  }

  cancelAfter(when: string): Outcome<Draft> {
    const line = cancelAfterLine(when, {}, now());
    return line.ok ? this.#draft(line.value) : line;
  }

  /** The registration, which nobody reads first. */
  write({ text, ids }: Line, forMs: number): Promise<Outcome<OutboxEntry>> {
    return this.#inTurn(() => this.#write({ commands: [text], ids }, ahead(forMs)));
  }

  /** The words of a letter without effect, once more. */
  anew(name: string): Outcome<Draft> {
    const { home } = this.#account();
    const again = findEntry(home, name);
    const isVoid = again?.state === "void" || again?.refused !== undefined;
    if (again === undefined || !isVoid) return trouble("E114", `No letter ${name} is void.`);
    return this.#draftOf({ commands: commandsOf(home, again), ids: again.ids, again: name });
  }

  #draft({ text, ids }: Line, asked?: string): Outcome<Draft> {
    return this.#draftOf({ commands: [text], ids }, asked);
  }

  #draftOf(saying: Saying, asked?: string): Outcome<Draft> {
    const by = asked ?? (pageSettings(this.#account().home).cold ? byCarried : byDefault);
    const read = readDeadline(by, now());
    if (!read.ok) return read;
    const duration = readDuration(by);
    const byMs = duration.ok ? duration.value : read.value - now();
    return { ok: true, value: this.#keep(saying, byMs) };
  }

  #keep(saying: Saying, byMs: number): Draft {
    const by = ahead(byMs);
    const text = this.#print(saying, by);
    this.#made += 1;
    const draft = String(this.#made);
    this.#drafts.set(draft, { saying, by, byMs, text });
    const [oldest] = this.#drafts.keys();
    if (this.#drafts.size > draftsMost && oldest !== undefined) this.#drafts.delete(oldest);
    const { exchange, home } = this.#account();
    const words = wordsOfLetter(exchange, text, () => statementHere(home));
    return { draft, text, words, ...costs(this.#account(), text), by: printSeconds(by) };
  }

  #print({ commands }: Saying, by: Time): string {
    const { exchange, home } = this.#account();
    const thread = this.#thread;
    const seq = nextNumber(home, thread);
    const head = { exchange: exchange.fingerprint, seq, thread, by };
    return printLetter({ ...head, commands, pad: padStep });
  }

  #write(saying: Saying, by: Time, shown?: string): Promise<Outcome<OutboxEntry>> {
    const { commands, ids } = saying;
    const again =
      saying.again === undefined ? undefined : findEntry(this.#account().home, saying.again);
    return writeLetter(this.#account(), {
      commands,
      by,
      thread: this.#thread,
      ids,
      ...(shown === undefined ? {} : { shown }),
      ...(again === undefined ? {} : { again }),
    });
  }

  /** All letters of this copy of the wallet are on one thread. */
  get #thread(): number {
    return pageSettings(this.#account().home).thread;
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

/** In whole seconds, never earlier than asked. */
function ahead(ms: number): Time {
  return time(Math.ceil((now() + ms) / 1000) * 1000);
}

type Costs = Pick<Draft, "cost" | "fee" | "total">;

/** What the text's order comes to at most, read back from the text. */
function costs({ exchange }: Account, text: string): Costs {
  const none = { cost: undefined, fee: undefined, total: undefined };
  const letter = parseLetter(text, exchange.fingerprint);
  const line: ParsedLine | undefined = letter.ok ? letter.value.lines[0] : undefined;
  if (line?.command.ok !== true || line.command.value.kind !== "place") return none;
  const order = line.command.value;
  const market = exchange.card.markets.find((known) => known.name === order.market);
  const worst = market && worstOf(market, order);
  if (market === undefined || worst === undefined) return none;
  const money = (units: number | undefined): Money | undefined =>
    units === undefined
      ? undefined
      : { amount: showAmount(exchange.card, market.quote, units), asset: market.quote };
  return { cost: money(worst.notional), fee: money(worst.feeMost), total: money(worst.bound) };
}
