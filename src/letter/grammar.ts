/**
 * The commands of a letter (docs/spec/letter.md §3): `VERB|field|…`, then `key=value` options.
 *
 * One table row a verb. A row's first `least` fields are fixed: they stand where they stand, and
 * may contain `=` (an address may). Up to `most` fields follow as long as they contain no `=`;
 * everything after that is an option. A fixed field that begins with `id=`, `tag=` or an option of
 * its verb was forgotten, not meant.
 *
 * Each reader checks its fields in the order of `lineRefusals`, not of the line: when several
 * apply, the first in that list is the answer.
 */
import { at } from "../codec/assert.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import { parseCount, quoted } from "./atoms.ts";
import type { Command, Line, LineRefusal } from "./command.ts";
import { readFingerprint, readSum, refuseRemark, type Read } from "./fieldgrammar.ts";
import { approve, credit, ofMarket, paidRead, refuseRead, skipRead } from "./handsgrammar.ts";
import { refuseCertificate, rekey, revoke, rotate } from "./keygrammar.ts";
import { resendMax } from "./limits.ts";
import { readOptions, type OptionSet } from "./optiongrammar.ts";
import { cancel, cancelAfter, cancelAll, place, replace } from "./ordergrammar.ts";
import { readObserve, readRing, readUnring } from "./ringgrammar.ts";
import { dividend, list, ofAsset, ratio, rename } from "./securitiesgrammar.ts";

type Rule = {
  /** What follows the verb, in words: a sentence in a record has no `|`. */
  readonly form: string;
  readonly least: number;
  readonly most: number;
  readonly options: OptionSet;
  readonly read: Read;
};

const derivatives: ReadonlySet<string> = new Set(["SPLIT", "MKOPT", "MKFUT", "EXERCISE"]);

/** Reads command `number` of a letter. `text` is one line of printable ASCII. */
export function parseLine(text: string, number: number): Line {
  const parts = text.split("|");
  const verb = at(parts, 0);
  const none = { id: undefined, tag: undefined };
  const rule = rules.get(verb);
  if (rule === undefined) return { number, verb, ...none, command: refuseVerb(verb) };
  const split = splitFields(verb, rule, parts.slice(1));
  if (!split.ok) return { number, verb, ...none, command: split };
  const options = readOptions(rule.options, split.value.options);
  if (!options.ok) return { number, verb, ...none, command: options };
  const { id, tag } = options.value;
  return { number, verb, id, tag, command: rule.read(split.value.fields, options.value) };
}

function refuseVerb(verb: string): Refused<LineRefusal> {
  if (derivatives.has(verb)) {
    return refuse("derivatives_not_offered", `${verb} is for derivatives, which are not offered.`);
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
  let end = Math.min(rule.least, parts.length);
  const fixed = parts.slice(0, end);
  const forgotten = fixed.some((field) => field.includes("=") && isMeant(field, rule));
  if (end < rule.least || forgotten) return refuseFields(verb, rule);
  while (end < rule.most && end < parts.length && !at(parts, end).includes("=")) end += 1;
  const options = parts.slice(end);
  if (options.some((option) => !option.includes("="))) return refuseFields(verb, rule);
  return accept({ fields: parts.slice(0, end), options });
}

/** Whether a fixed field begins as an option of its verb does. */
function isMeant(field: string, { options }: Rule): boolean {
  return ["id", "tag", ...options.keys].some((key) => field.startsWith(`${key}=`));
}

function refuseFields(verb: string, { form }: Rule): Refused<LineRefusal> {
  return refuse("fields_wrong", `${verb} takes ${form}.`);
}

function register(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const certificate = at(fields, 0);
  return refuseCertificate(certificate) ?? accept({ kind: "register", certificate });
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

function rule(
  form: string,
  counts: readonly [number, number],
  read: Read,
  options: OptionSet = { keys: ["tag"], tifs: [] },
): Rule {
  return { form, least: counts[0], most: counts[1], options, read };
}

const orderForm = "MARKET, QUANTITY and, if wanted, PRICE and EXPIRY";
const replaceForm = "ORDER, QUANTITY and, if wanted, PRICE";
const dividendForm = "ASSET, PAYASSET, TOTAL, FLOAT and, if wanted, RECORD";
const rekeyForm = "ACCOUNT, FINGERPRINT, CERTIFICATE, PROOF and EVIDENCE";
const named: OptionSet = { keys: ["id", "tag"], tifs: [] };
const placed: OptionSet = {
  keys: ["id", "tag", "tif", "stop", "own", "cap"],
  tifs: ["gtc", "day", "ioc", "fok", "post_only"],
};
const replaced: OptionSet = { keys: ["tag", "tif", "stop"], tifs: ["post_only"] };

const rules: ReadonlyMap<string, Rule> = new Map([
  ["REGISTER", rule("CERTIFICATE", [1, 1], register)],
  ["BUY", rule(orderForm, [2, 4], place("buy"), placed)],
  ["SELL", rule(orderForm, [2, 4], place("sell"), placed)],
  ["REPLACE", rule(replaceForm, [2, 3], replace, replaced)],
  ["CANCEL", rule("ORDER", [1, 1], cancel)],
  ["CANCELALL", rule("MARKET and SIDE, MARKET or no field", [0, 2], cancelAll)],
  ["CANCELAFTER", rule("SECONDS", [1, 1], cancelAfter)],
  ["STAT", rule("no field", [0, 0], () => accept({ kind: "stat" }))],
  ["STATJSON", rule("no field", [0, 0], () => accept({ kind: "statjson" }))],
  ["PUSH", rule("ASSET, FINGERPRINT and AMOUNT", [3, 3], push)],
  ["DEPOSIT", rule("ASSET and AMOUNT", [2, 2], deposit, named)],
  ["WITHDRAW", rule("ASSET, AMOUNT and ADDRESS", [3, 3], withdraw, named)],
  ["ROTATE", rule("FINGERPRINT, CERTIFICATE and PROOF", [3, 3], rotate)],
  ["REVOKE", rule("FINGERPRINT and REVOCATION", [2, 2], revoke)],
  ["FREEZE", rule("no field", [0, 0], () => accept({ kind: "freeze" }))],
  ["VETO", rule("no field", [0, 0], () => accept({ kind: "veto" }))],
  ["NOOP", rule("no field", [0, 0], () => accept({ kind: "noop" }))],
  ["RESEND", rule("FROM and TO", [2, 2], resend)],
  ["RING", rule("ORDERJSON, SIGNATURE and AUTH", [3, 3], readRing, named)],
  ["UNRING", rule("ORDER", [1, 1], readUnring)],
  ["OBSERVE", rule("BLOCK, KIND, SUBJECT and VALUE", [4, 4], readObserve)],
  ["LIST", rule("ASSET, SHARES and HASH", [3, 3], list)],
  ["DIVIDEND", rule(dividendForm, [4, 5], dividend)],
  ["RATIO", rule("ASSET, NEW, OLD, PAYASSET and PRICE", [5, 5], ratio)],
  ["RENAME", rule("ASSET and NEWASSET", [2, 2], rename)],
  ["DELIST", rule("ASSET", [1, 1], ofAsset("delist"))],
  ["HOLDERS", rule("ASSET", [1, 1], ofAsset("holders"))],
  ["CREDIT", rule("DEPOSIT, ACCOUNT, ASSET, AMOUNT and EVIDENCE", [5, 5], credit)],
  ["APPROVE", rule("WITHDRAWAL, ASSET, AMOUNT and ADDRESS", [4, 4], approve)],
  ["REFUSE", rule("WITHDRAWAL and EVIDENCE", [2, 2], refuseRead)],
  ["PAID", rule("WITHDRAWAL and EVIDENCE", [2, 2], paidRead)],
  ["HALT", rule("MARKET and EVIDENCE", [2, 2], ofMarket("halt"))],
  ["RESUME", rule("MARKET and EVIDENCE", [2, 2], ofMarket("resume"))],
  ["REKEY", rule(rekeyForm, [5, 5], rekey)],
  ["SKIP", rule("RECORD and EVIDENCE", [2, 2], skipRead)],
]);
