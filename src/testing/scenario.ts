/**
 * Trading days in plain words (scenarios/): each sentence is one step on the real engine, and what
 * the engine said is printed below it as the day's events, which are compared with the file beside
 * it.
 *
 * A sentence begins in the first column and ends with a point or, before a table, with `is`; a
 * table is the indented lines under it; a line that begins with `#` is for the reader. Every
 * sentence has one form below; one that fits none is an error, so that no step is skipped
 * silently.
 *
 * Amounts are decimals of the asset, prices of the market. Things that people do are letters;
 * things that are (`Alice has …`, `the book of … is`) are checked, but at the day's start `has`
 * makes it so.
 */
import { assert } from "../codec/assert.ts";
import { sha256Hex } from "../codec/bytes.ts";
import type { Output } from "../engine/input.ts";
import { levelsOf } from "../engine/marketread.ts";
import { balanceOf } from "../engine/purse.ts";
import { sums } from "../engine/audit.ts";
import { printEntry } from "../letter/entry.ts";
import { parseDecimal, printDecimal } from "../money/decimal.ts";
import type { Market } from "../money/market.ts";
import { Floor, fingerprintOf, floorExchange, opening } from "./floor.ts";

type Sentence = { readonly text: string; readonly table: readonly string[]; readonly line: number };

/** The sentences of a day. */
function read(text: string): readonly Sentence[] {
  const sentences: { text: string; table: string[]; line: number }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const last = sentences.at(-1);
    if (/^\s/.test(line)) last?.table.push(line.trim().replaceAll(/ +/g, " "));
    else sentences.push({ text: line.replace(/[.]$/, ""), table: [], line: index + 1 });
  }
  return sentences;
}

/** One trading day, as far as it has gone. */
class Day {
  readonly events: string[] = [];
  private readonly people = new Map<string, string>([[floorExchange, "nobody: a decoy"]]);
  private opened: Floor | undefined;
  private configuration = "";
  private started = false;

  /** The floor opens, with all assets, markets and operators named, at the first other sentence. */
  get floor(): Floor {
    this.opened ??= this.open();
    return this.opened;
  }

  private open(): Floor {
    const threshold = /^operators /m.test(this.configuration) ? "" : "operators 1\n";
    const operators = this.configuration.includes("operator ")
      ? ""
      : "operator the first operator\n";
    const named = `${this.configuration}${threshold}${operators}`;
    const floor = new Floor(
      named.replaceAll(
        /^(operator|issuer \S+) (the .*|Alice|Bob)$/gm,
        (_, fact: string, name: string) => `${fact} ${fingerprintOf(name)}`,
      ),
    );
    const names = [...named.matchAll(/^operator (the .*)$/gm)].map((match) => match[1] ?? "");
    for (const name of names) {
      floor.register(name);
      this.person(name);
    }
    return floor;
  }

  configure(fact: string): void {
    assert(this.opened === undefined, "assets, markets and operators are named first");
    this.configuration += `${fact}\n`;
  }

  person(name: string): string {
    this.people.set(fingerprintOf(name), name);
    return name;
  }

  /** What somebody has before the day's first letter: paid in, and left out of the events. */
  give(name: string, asset: string, amount: string): void {
    assert(!this.started, "what people have is said at the start");
    this.floor.fund(this.person(name), asset, this.units(asset, amount));
  }

  say(name: string, ...commands: readonly string[]): void {
    this.started = true;
    this.floor.register(this.person(name));
    this.tell(this.floor.post(name, this.floor.write(name, commands)));
  }

  get hasStarted(): boolean {
    return this.started;
  }

  start(): void {
    this.started = true;
  }

  /** Registers without anything else. */
  arrive(name: string): void {
    this.started = true;
    this.person(name);
    const command = "REGISTER|AAAA";
    this.tell(this.floor.post(name, this.floor.write(name, [command])));
  }

  pass(seconds: number): void {
    this.started = true;
    this.floor.pass(seconds * 1000);
    this.tell(this.floor.tick());
  }

  /** The engine's words, with people's names for fingerprints and short order names. */
  private tell(output: Output): void {
    for (const { to, text } of output.documents) {
      this.events.push(`  to ${this.people.get(to) ?? to}`);
      for (const entry of this.floor.read(text).records) {
        this.events.push(`    ${this.plain(printEntry(entry))}`);
      }
    }
    for (const leaf of output.leaves) this.events.push(`  log ${leaf}`);
    for (const { kind } of output.archive) this.events.push(`  ${kind}`);
  }

  private plain(record: string): string {
    return record
      .replaceAll(/[0-9a-f]{64}(?=\.)/g, (id) => id.slice(0, 8))
      .replaceAll(/\b[0-9a-f]{64}\b/g, "(secret)")
      .replaceAll(/\b[0-9a-f]{40}\b/g, (id) => this.people.get(id) ?? id);
  }

  units(asset: string, text: string): number {
    const decimals = this.decimals(asset);
    const units = parseDecimal(text, decimals);
    assert(units !== undefined, `${text} ${asset} is exact to ${decimals} decimals`);
    return units;
  }

  decimals(asset: string): number {
    const found = this.floor.state.configuration.assets.get(asset);
    assert(found !== undefined, `the asset ${asset} is named first`);
    return found.decimals;
  }

  /**
   * The market on which a base asset is traded, by its full name or, if it is the only one, by the
   * asset.
   */
  market(name: string): Market {
    const all = [...this.floor.state.venues.values()].map((venue) => venue.market);
    const found = all.filter((market) => market.name === name || market.base === name);
    const [only, ...more] = found;
    assert(only !== undefined && more.length === 0, `one market trades ${name}`);
    return only;
  }
}

type Rule = readonly [
  form: RegExp,
  act: (day: Day, parts: readonly string[], table: Table) => void,
];
type Table = readonly string[];

const who = "(Alice|Bob|[Tt]he \\w+ (?:customer|operator))";

function lower(name: string): string {
  return name.replace(/^The /, "the ");
}

function lots(day: Day, market: Market, text: string): number {
  const units = day.units(market.base, text);
  assert(units % market.lot === 0, `${text} ${market.base} is a number of lots`);
  return units / market.lot;
}

function priceOf(market: Market, text: string): number {
  const price = parseDecimal(text, market.priceDecimals);
  assert(price !== undefined, `${text} is a price of ${market.name}`);
  return price;
}

/** `Bob sells 100 GLD at 0.04215 for 60 seconds as b1`. */
function order(day: Day, parts: readonly string[]): void {
  const [name = "", verb = "", quantity = "", base = "", price, seconds, id] = parts;
  const market = day.market(base);
  const fields = [verb === "buys" ? "BUY" : "SELL", market.name, lots(day, market, quantity)];
  if (price !== undefined) fields.push(priceOf(market, price));
  if (seconds !== undefined) fields.push(day.floor.now / 1000 + Number(seconds));
  if (id !== undefined) fields.push(`id=${id}`);
  day.say(lower(name), fields.join("|"));
}

function checkBalance(day: Day, parts: readonly string[]): void {
  const [name = "", amount = "", asset = "", held] = parts;
  if (!day.hasStarted) return day.give(lower(name), asset, amount);
  const balance = day.floor.balance(lower(name), asset);
  const decimals = day.decimals(asset);
  const shown = (units: number): string => printDecimal(units, decimals);
  const expected = { total: day.units(asset, amount), held: day.units(asset, held ?? "0") };
  const same = balance.total === expected.total && balance.held === expected.held;
  const truth = `${name} has ${shown(balance.total)} ${asset}, ${shown(balance.held)} of it held`;
  if (!same) throw new Error(truth);
}

/** Sells from the highest down, then buys from the highest down: as books are drawn. */
function checkBook(day: Day, parts: readonly string[], table: Table): void {
  const market = day.market(parts[0] ?? "");
  const decimals = day.decimals(market.base);
  const draw = (side: "buy" | "sell"): string[] => {
    return levelsOf(day.floor.state, market.name, side).map((level) => {
      const price = printDecimal(level.price, market.priceDecimals);
      return `${side} ${printDecimal(level.quantity * market.lot, decimals)} at ${price}`;
    });
  };
  const book = [...draw("sell").toReversed(), ...draw("buy")];
  const drawn = book.length === 0 ? ["empty"] : book;
  if (drawn.join("\n") !== table.join("\n")) throw new Error(`the book is\n${drawn.join("\n")}`);
}

/** The newest deposit or withdrawal. */
function newest(day: Day, what: string): number {
  return what === "deposit" ? day.floor.state.deposits : day.floor.state.withdrawals;
}

function hand(day: Day, parts: readonly string[]): void {
  const [name = "", verb = "", evidence] = parts;
  const number = newest(day, "withdrawal");
  const said = verb === "refuses" ? "REFUSE" : "PAID";
  const line =
    verb === "approves" ? day.floor.approveLine(number) : `${said}|${number}|${evidence ?? ""}`;
  day.say(lower(name), line);
}

/** What arrived, of the asset that was announced. */
function credit(day: Day, parts: readonly string[]): void {
  const [name = "", amount = "", asset = "", evidence = ""] = parts;
  const line = day.floor.creditLine(newest(day, "deposit"), day.units(asset, amount), evidence);
  assert(line.includes(`|${asset}|`), `the deposit is in ${asset}`);
  day.say(lower(name), line);
}

const number = "([0-9.]+)";
const asset = "([A-Z][A-Z0-9.]*)";

/** The words that begin a line of a configuration. */
const facts = [
  "asset",
  "market",
  "operators",
  "limits",
  "day",
  "volatility",
  "issuer",
  "rename",
  "statements",
  "keys",
] as const;

/** What issuers do, and operators to markets. */
const issuerRules: readonly Rule[] = [
  [
    new RegExp(`^${who} lists ${number} ${asset} \\((.*)\\)$`),
    (day, [name = "", shares = "", unit = "", contract = ""]) => {
      const hash = sha256Hex(contract);
      day.say(lower(name), `LIST|${unit}|${day.units(unit, shares)}|${hash}`);
    },
  ],
  [
    new RegExp(
      `^${who} pays a dividend of ${number} ${asset} on ${number} ${asset}` +
        "(?:, whoever holds in ([0-9]+) seconds)?$",
    ),
    (day, [name = "", total = "", pay = "", float = "", unit = "", seconds]) => {
      const fields = ["DIVIDEND", unit, pay, day.units(pay, total), day.units(unit, float)];
      if (seconds !== undefined) fields.push(day.floor.now / 1000 + Number(seconds));
      day.say(lower(name), fields.join("|"));
    },
  ],
  [
    new RegExp(
      `^${who} makes ([0-9]+) ${asset} of ([0-9]+), and pays ${number} ${asset} for a whole one$`,
    ),
    (day, [name = "", to = "", unit = "", from = "", price = "", pay = ""]) => {
      day.say(lower(name), `RATIO|${unit}|${to}|${from}|${pay}|${day.units(pay, price)}`);
    },
  ],
  [
    new RegExp(`^${who} renames ${asset} to ${asset}$`),
    (day, [name = "", unit = "", to = ""]) => day.say(lower(name), `RENAME|${unit}|${to}`),
  ],
  [
    new RegExp(`^${who} delists ${asset}$`),
    (day, [name = "", unit = ""]) => day.say(lower(name), `DELIST|${unit}`),
  ],
  [
    new RegExp(`^${who} asks who holds ${asset}$`),
    (day, [name = "", unit = ""]) => day.say(lower(name), `HOLDERS|${unit}`),
  ],
  [
    new RegExp(`^${who} (halts|resumes) (\\S+) \\((.*)\\)$`),
    (day, [name = "", verb = "", market = "", reason = ""]) => {
      day.say(lower(name), `${verb === "halts" ? "HALT" : "RESUME"}|${market}|${reason}`);
    },
  ],
];

/** A key goes by a name, as people do; what its certificate says is nobody's matter here. */
function keyRest(day: Day, name: string): string {
  return `${fingerprintOf(day.person(`the key ${name}`))}|AAAA|AAAA`;
}

/** What customers say of their keys, and operators of lost ones. */
const keyRules: readonly Rule[] = [
  [
    new RegExp(`^${who} rotates to the key (\\w+)$`),
    (day, [name = "", key = ""]) => day.say(lower(name), `ROTATE|${keyRest(day, key)}`),
  ],
  [
    new RegExp(`^${who} (vetoes|freezes)$`),
    (day, [name = "", verb]) => day.say(lower(name), verb === "vetoes" ? "VETO" : "FREEZE"),
  ],
  [
    new RegExp(`^${who} brings the revocation of the key of ${who}$`),
    (day, [name = "", other = ""]) => {
      day.say(lower(name), `REVOKE|${fingerprintOf(lower(other))}|AAAA`);
    },
  ],
  [
    new RegExp(`^${who} gives the account of ${who} to the key (\\w+) \\((.*)\\)$`),
    (day, [name = "", other = "", key = "", evidence = ""]) => {
      const account = fingerprintOf(lower(other));
      day.say(lower(name), `REKEY|${account}|${keyRest(day, key)}|${evidence}`);
    },
  ],
];

const rules: readonly Rule[] = [
  [
    new RegExp(`^((?:${facts.join("|")}) .*|operator the \\w+ operator)$`),
    (day, [fact = ""]) => day.configure(fact),
  ],
  [
    new RegExp(`^${who} has ${number} ${asset}(?:, of which ${number} is held)?$`),
    (day, parts) => checkBalance(day, parts),
  ],
  [
    new RegExp(`^${who} has no ${asset}$`),
    (day, [name = "", held = ""]) => checkBalance(day, [name, "0", held]),
  ],
  [/^The day begins$/, (day) => day.start()],
  [new RegExp(`^${who} registers$`), (day, [name = ""]) => day.arrive(lower(name))],
  [
    new RegExp(
      `^${who} (buys|sells) ${number} ${asset}(?: at ${number})?` +
        `(?: for ([0-9]+) seconds)?(?: as (\\w+))?$`,
    ),
    (day, parts) => order(day, parts),
  ],
  [
    // A command as letters have it: in lots, price units and seconds.
    new RegExp(`^${who} writes (\\S.*)$`),
    (day, [name = "", line = ""]) => day.say(lower(name), line),
  ],
  [
    new RegExp(`^${who} cancels (\\w+)$`),
    (day, [name = "", id = ""]) =>
      day.say(lower(name), id === "everything" ? "CANCELALL" : `CANCEL|${id}`),
  ],
  [
    new RegExp(`^${who} pushes ${number} ${asset} to ${who}$`),
    (day, [name = "", amount = "", unit = "", to = ""]) => {
      const receiver = fingerprintOf(day.person(lower(to)));
      day.say(lower(name), `PUSH|${unit}|${receiver}|${day.units(unit, amount)}`);
    },
  ],
  [
    new RegExp(`^${who} announces a deposit of ${number} ${asset}$`),
    (day, [name = "", amount = "", unit = ""]) => {
      day.say(lower(name), `DEPOSIT|${unit}|${day.units(unit, amount)}`);
    },
  ],
  [
    new RegExp(`^${who} withdraws ${number} ${asset} to (\\S+)$`),
    (day, [name = "", amount = "", unit = "", to = ""]) => {
      day.say(lower(name), `WITHDRAW|${unit}|${day.units(unit, amount)}|${to}`);
    },
  ],
  [
    new RegExp(`^${who} credits ${number} ${asset} to the deposit \\((.*)\\)$`),
    (day, parts) => credit(day, parts),
  ],
  [
    new RegExp(`^${who} (approves|refuses|has paid) the withdrawal(?: \\((.*)\\))?$`),
    (day, parts) => hand(day, parts),
  ],
  [
    new RegExp(`^${who} approves the withdrawal as ${number} ${asset} to (\\S+)$`),
    (day, [name = "", amount = "", unit = "", to = ""]) => {
      const sum = `${unit}|${day.units(unit, amount)}`;
      day.say(lower(name), `APPROVE|${newest(day, "withdrawal")}|${sum}|${to}`);
    },
  ],
  ...issuerRules,
  ...keyRules,
  [/^([0-9]+) seconds pass$/, (day, [seconds = ""]) => day.pass(Number(seconds))],
  [/^The book of (\S+) is$/, (day, parts, table) => checkBook(day, parts, table)],
  [
    new RegExp(`^The fees are ${number} ${asset}$`),
    (day, [amount = "", unit = ""]) => {
      const { total } = balanceOf(day.floor.state, "fees", unit);
      const shown = printDecimal(total, day.decimals(unit));
      if (shown !== amount) throw new Error(`the fees are ${shown} ${unit}`);
    },
  ],
];

/**
 * Runs a day and gives its events. Throws, with the line, where the day is not as the text says.
 */
export function runScenario(text: string): string {
  const day = new Day();
  day.events.push(
    `# The events of this day. SCENARIO_UPDATE=1 writes this file anew; read the difference.`,
  );
  for (const { text: sentence, table, line } of read(text)) {
    const rule = rules.find(([form]) => form.test(sentence));
    if (!rule) throw new Error(`line ${line}: no sentence is like: ${sentence}`);
    const before = day.events.length;
    try {
      // A group that did not take part is `undefined`, whatever the type says.
      rule[1](day, rule[0].exec(sentence)?.slice(1) ?? [], table);
      if (day.hasStarted) sums(day.floor.state);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`line ${line}: ${sentence}: ${why}`, { cause });
    }
    if (day.events.length > before) day.events.splice(before, 0, "", sentence);
  }
  assert(day.floor.now >= opening, "a day has a beginning");
  return `${day.events.join("\n")}\n`;
}
