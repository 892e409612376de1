/**
 * The commands of a letter (docs/spec/letter.md §3): `VERB|field|…`, then `key=value` options.
 *
 * One table row a verb. A row's first `least` fields are fixed: they stand where they stand, and
 * may contain `=` (an address may). Up to `most` fields follow as long as they contain no `=`;
 * everything after that is an option. A fixed field that begins with `id=` or `tag=` was forgotten,
 * not meant.
 *
 * Each reader checks its fields in the order of `lineRefusals`, not of the line: when several
 * apply, the first in that list is the answer.
 */
import { at } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { amount, parseWhole, price, quantity, type Amount } from "../money/amount.ts";
import {
  isAsset,
  isLabel,
  isMarket,
  isOwnId,
  isRemark,
  looksLikeKey,
  parseCount,
  parseFingerprint,
  quoted,
} from "./atoms.ts";
import type { Command, Line, LineRefusal, Side } from "./command.ts";
import { resendMax } from "./limits.ts";
import { parseOrderName } from "./orderid.ts";
import { readObserve, readRing, readUnring } from "./ringgrammar.ts";

type Read = (fields: readonly string[]) => Verdict<Command, LineRefusal>;
type Rule = {
  /** What follows the verb, in words: a sentence in a record has no `|`. */
  readonly form: string;
  readonly least: number;
  readonly most: number;
  /** Whether the command may carry the customer's own `id=`. */
  readonly id: boolean;
  readonly read: Read;
};
type Options = { readonly id: string | undefined; readonly tag: string | undefined };

/** 9999-12-31T23:59:59Z in unix seconds. */
const expiryMax = 253_402_300_799;

const derivatives: ReadonlySet<string> = new Set(["SPLIT", "MKOPT", "MKFUT", "EXERCISE"]);
const reserved: ReadonlySet<string> = new Set([
  "DIVIDEND",
  "REPLACE",
  "CANCELAFTER",
  "RATIO",
  "FREEZE",
  "ROTATE",
  "REVOKE",
  "LIST",
]);

/** Reads command `number` of a letter. `text` is one line of printable ASCII. */
export function parseLine(text: string, number: number): Line {
  const parts = text.split("|");
  const verb = at(parts, 0);
  const none: Options = { id: undefined, tag: undefined };
  const rule = rules.get(verb);
  if (rule === undefined) return { number, verb, ...none, command: refuseVerb(verb) };
  const split = splitFields(verb, rule, parts.slice(1));
  if (!split.ok) return { number, verb, ...none, command: split };
  const options = readOptions(rule, split.value.options);
  if (!options.ok) return { number, verb, ...none, command: options };
  return { number, verb, ...options.value, command: rule.read(split.value.fields) };
}

function refuseVerb(verb: string): Refused<LineRefusal> {
  if (derivatives.has(verb)) {
    return refuse("derivatives_not_offered", `${verb} is for derivatives, which are not offered.`);
  }
  if (reserved.has(verb)) {
    return refuse("verb_not_offered", `${verb} is reserved and not offered yet.`);
  }
  const upper = verb.trim().toUpperCase();
  const hint = rules.has(upper) ? ` Write ${upper}.` : "";
  return refuse("verb_unknown", `There is no command ${quoted(verb)}.${hint}`);
}

function splitFields(
  verb: string,
  rule: Rule,
  parts: readonly string[],
): Verdict<{ fields: readonly string[]; options: readonly string[] }, LineRefusal> {
  const wrong = refuse<LineRefusal>("fields_wrong", `${verb} takes ${rule.form}.`);
  let end = Math.min(rule.least, parts.length);
  const fixed = parts.slice(0, end);
  if (end < rule.least || fixed.some((field) => /^(id|tag)=/.test(field))) return wrong;
  while (end < rule.most && end < parts.length && !at(parts, end).includes("=")) end += 1;
  const options = parts.slice(end);
  if (options.some((option) => !option.includes("="))) return wrong;
  return accept({ fields: parts.slice(0, end), options });
}

function readOptions(rule: Rule, texts: readonly string[]): Verdict<Options, LineRefusal> {
  const given = texts.map((text) => {
    const equals = text.indexOf("=");
    return { key: text.slice(0, equals), value: text.slice(equals + 1) };
  });
  const unknown = given.find(({ key }) => key !== "tag" && (key !== "id" || !rule.id));
  if (unknown !== undefined) {
    const known = rule.id ? "id= and tag=" : "tag=";
    return refuse("option_unknown", `${quoted(unknown.key)} is not an option here; use ${known}.`);
  }
  if (new Set(given.map(({ key }) => key)).size < given.length) {
    return refuse("option_repeated", "An option may be given once.");
  }
  const id = given.find(({ key }) => key === "id")?.value;
  const tag = given.find(({ key }) => key === "tag")?.value;
  const label = "1 to 36 of A-Z a-z 0-9 . _ : / -";
  if (id !== undefined && looksLikeKey(id)) {
    return refuse("id_malformed", "An own id cannot look like an order id and line.");
  }
  if (id !== undefined && !isOwnId(id)) {
    return refuse("id_malformed", `${quoted(id)} is not ${label}.`);
  }
  if (tag !== undefined && !isLabel(tag)) {
    return refuse("tag_malformed", `${quoted(tag)} is not ${label}.`);
  }
  return accept({ id, tag });
}

function refuseMarket(text: string): Refused<LineRefusal> | undefined {
  if (isMarket(text)) return undefined;
  return refuse("market_malformed", `${quoted(text)} is not a market like GLD/BTC.`);
}

function refuseAsset(text: string): Refused<LineRefusal> | undefined {
  if (isAsset(text)) return undefined;
  return refuse("asset_malformed", `${quoted(text)} is not an asset like BTC.`);
}

const digits = "decimal digits without sign, point or leading zero, at most 9007199254740991";

/**
 * A whole number above zero, refused by one name when it is no number and by another when it is
 * zero.
 */
function readPositive<Name extends LineRefusal>(
  text: string,
  what: string,
  names: { readonly malformed: Name; readonly zero: Name },
): Verdict<number, Name> {
  const value = parseWhole(text);
  if (value === undefined) {
    return refuse(names.malformed, `The ${what} ${quoted(text)} is not ${digits}.`);
  }
  return value === 0 ? refuse(names.zero, `The ${what} is zero.`) : accept(value);
}

function readAmount(text: string): Verdict<Amount, LineRefusal> {
  const names = { malformed: "amount_malformed", zero: "amount_zero" } as const;
  const value = readPositive(text, "amount", names);
  return value.ok ? accept(amount(value.value)) : value;
}

/** So much of an asset. */
function readSum(
  asset: string,
  text: string,
): Verdict<{ readonly asset: string; readonly amount: Amount }, LineRefusal> {
  const assetRefused = refuseAsset(asset);
  if (assetRefused) return assetRefused;
  const units = readAmount(text);
  return units.ok ? accept({ asset, amount: units.value }) : units;
}

function readFingerprint(text: string): Verdict<Fingerprint, LineRefusal> {
  const found = parseFingerprint(text);
  if (found !== undefined) return accept(found);
  return refuse("fingerprint_malformed", "A fingerprint is 40 hex digits without blanks.");
}

function readNumber(text: string, what: string): Verdict<number, LineRefusal> {
  const value = parseCount(text);
  if (value !== undefined) return accept(value);
  return refuse("number_malformed", `${quoted(text)} is not the number of a ${what}.`);
}

function refuseRemark(
  text: string,
  name: "address_malformed" | "evidence_malformed",
): Refused<LineRefusal> | undefined {
  if (isRemark(text)) return undefined;
  return refuse(
    name,
    "It must be 1 to 100 printable characters, no blank at either end, not '-' alone.",
  );
}

function readExpiry(text: string): Verdict<Time, LineRefusal> {
  const seconds = parseWhole(text);
  if (seconds === undefined || seconds > expiryMax) {
    return refuse("expiry_malformed", `The expiry ${quoted(text)} is not in unix seconds.`);
  }
  return accept(time(seconds * 1000));
}

function place(side: Side): Read {
  return (fields) => {
    const market = at(fields, 0);
    const marketRefused = refuseMarket(market);
    if (marketRefused) return marketRefused;
    const lots = readPositive(at(fields, 1), "quantity", {
      malformed: "quantity_malformed",
      zero: "quantity_zero",
    });
    if (!lots.ok) return lots;
    const order = { kind: "place", side, market, quantity: quantity(lots.value) } as const;
    const [, , priceText, expiryText] = fields;
    if (priceText === undefined) return accept({ ...order, price: undefined, expiry: undefined });
    // `BUY|GLD/BTC|1200||1795262400`: no price, but an expiry.
    const isMarketOrder = priceText === "" && expiryText !== undefined;
    const limit = isMarketOrder
      ? accept(undefined)
      : readPositive(priceText, "price", { malformed: "price_malformed", zero: "price_zero" });
    if (!limit.ok) return limit;
    const expiry = expiryText === undefined ? accept(undefined) : readExpiry(expiryText);
    if (!expiry.ok) return expiry;
    if (limit.value === undefined) {
      return refuse("expiry_on_market_order", "A market order never rests, so it cannot expire.");
    }
    return accept({ ...order, price: price(limit.value), expiry: expiry.value });
  };
}

function register(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const certificate = at(fields, 0);
  const bytes = fromBase64(certificate);
  if (bytes === undefined || bytes.length === 0) {
    return refuse("certificate_malformed", "The certificate is not padded base64 on one line.");
  }
  return accept({ kind: "register", certificate });
}

function cancel(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const order = parseOrderName(at(fields, 0));
  if (order !== undefined) return accept({ kind: "cancel", order });
  return refuse(
    "order_malformed",
    "It must be your own id, or 20 to 64 digits of the order id, a point and the line from 1.",
  );
}

function cancelAll(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [market] = fields;
  return (
    (market === undefined ? undefined : refuseMarket(market)) ??
    accept({ kind: "cancelall", market })
  );
}

function push(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 0), at(fields, 2));
  if (!sum.ok) return sum;
  const to = readFingerprint(at(fields, 1));
  return to.ok ? accept({ kind: "push", to: to.value, ...sum.value }) : to;
}

function deposit(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 0), at(fields, 1));
  return sum.ok ? accept({ kind: "deposit", ...sum.value }) : sum;
}

function withdraw(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 0), at(fields, 1));
  if (!sum.ok) return sum;
  const address = at(fields, 2);
  const addressRefused = refuseRemark(address, "address_malformed");
  return addressRefused ?? accept({ kind: "withdraw", address, ...sum.value });
}

function resend(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [from, to] = [parseCount(at(fields, 0)), parseCount(at(fields, 1))];
  if (from === undefined || to === undefined || from > to) {
    return refuse("range_malformed", "FROM and TO are report numbers from 1, FROM not above TO.");
  }
  if (to - from >= resendMax) {
    return refuse("range_too_long", `At most ${resendMax} reports are sent again at once.`);
  }
  return accept({ kind: "resend", from, to });
}

function credit(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 2), at(fields, 3));
  if (!sum.ok) return sum;
  const account = readFingerprint(at(fields, 1));
  if (!account.ok) return account;
  const number = readNumber(at(fields, 0), "deposit");
  if (!number.ok) return number;
  const evidence = at(fields, 4);
  const said = { deposit: number.value, account: account.value, ...sum.value, evidence };
  return refuseRemark(evidence, "evidence_malformed") ?? accept({ kind: "credit", ...said });
}

function approve(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 1), at(fields, 2));
  if (!sum.ok) return sum;
  const address = at(fields, 3);
  const addressRefused = refuseRemark(address, "address_malformed");
  if (addressRefused) return addressRefused;
  const number = readNumber(at(fields, 0), "withdrawal");
  if (!number.ok) return number;
  return accept({ kind: "approve", withdrawal: number.value, ...sum.value, address });
}

/** REFUSE, PAID and SKIP: a number and a piece of evidence. */
function settle(what: string, make: (number: number, evidence: string) => Command): Read {
  return (fields) => {
    const number = readNumber(at(fields, 0), what);
    if (!number.ok) return number;
    const evidence = at(fields, 1);
    const evidenceRefused = refuseRemark(evidence, "evidence_malformed");
    return evidenceRefused ?? accept(make(number.value, evidence));
  };
}

const refuseRead = settle("withdrawal", (withdrawal, evidence) => ({
  kind: "refuse",
  withdrawal,
  evidence,
}));
const paidRead = settle("withdrawal", (withdrawal, evidence) => ({
  kind: "paid",
  withdrawal,
  evidence,
}));
const skipRead = settle("record", (record, evidence) => ({ kind: "skip", record, evidence }));

function rule(form: string, counts: readonly [number, number], read: Read, id = false): Rule {
  return { form, least: counts[0], most: counts[1], id, read };
}

const orderForm = "MARKET, QUANTITY and, if wanted, PRICE and EXPIRY";

const rules: ReadonlyMap<string, Rule> = new Map([
  ["REGISTER", rule("CERTIFICATE", [1, 1], register)],
  ["BUY", rule(orderForm, [2, 4], place("buy"), true)],
  ["SELL", rule(orderForm, [2, 4], place("sell"), true)],
  ["CANCEL", rule("ORDER", [1, 1], cancel)],
  ["CANCELALL", rule("MARKET or no field", [0, 1], cancelAll)],
  ["STAT", rule("no field", [0, 0], () => accept({ kind: "stat" }))],
  ["STATJSON", rule("no field", [0, 0], () => accept({ kind: "statjson" }))],
  ["PUSH", rule("ASSET, FINGERPRINT and AMOUNT", [3, 3], push)],
  ["DEPOSIT", rule("ASSET and AMOUNT", [2, 2], deposit, true)],
  ["WITHDRAW", rule("ASSET, AMOUNT and ADDRESS", [3, 3], withdraw, true)],
  ["NOOP", rule("no field", [0, 0], () => accept({ kind: "noop" }))],
  ["RESEND", rule("FROM and TO", [2, 2], resend)],
  ["RING", rule("ORDERJSON, SIGNATURE and AUTH", [3, 3], readRing, true)],
  ["UNRING", rule("ORDER", [1, 1], readUnring)],
  ["OBSERVE", rule("BLOCK, KIND, SUBJECT and VALUE", [4, 4], readObserve)],
  ["CREDIT", rule("DEPOSIT, ACCOUNT, ASSET, AMOUNT and EVIDENCE", [5, 5], credit)],
  ["APPROVE", rule("WITHDRAWAL, ASSET, AMOUNT and ADDRESS", [4, 4], approve)],
  ["REFUSE", rule("WITHDRAWAL and EVIDENCE", [2, 2], refuseRead)],
  ["PAID", rule("WITHDRAWAL and EVIDENCE", [2, 2], paidRead)],
  ["SKIP", rule("RECORD and EVIDENCE", [2, 2], skipRead)],
]);
