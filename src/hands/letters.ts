/**
 * The operators' words: one line of a letter each, from what a person types and what the operator's
 * own verified reports say of the request. Two operators agree if their lines are equal byte for
 * byte, so the same decision must always print the same line; and the lines that move money repeat
 * the request, so that operators who were shown different requests never agree.
 */
import type { Fingerprint } from "../codec/names.ts";
import { isRemark } from "../letter/atoms.ts";
import type { Card } from "../letter/card.ts";
import type { Command } from "../letter/command.ts";
import { printEntry } from "../letter/entry.ts";
import type { RequestEntry } from "../letter/handsentry.ts";
import { printCommand } from "../letter/print.ts";
import { parseWhole } from "../money/amount.ts";
import { assetOf, marketOf, printable, readAmount } from "../wallet/amounts.ts";
import { trouble, type Outcome, type Trouble } from "../wallet/errors.ts";
import type { Statement } from "../wallet/fold.ts";

type RequestOf<Subject extends RequestEntry["subject"]> = Extract<
  RequestEntry,
  { readonly subject: Subject }
>;

/** What an operator decides, as typed. */
export type Decision =
  | {
      readonly verb: "credit";
      readonly number: string;
      readonly amount: string;
      readonly asset: string | undefined;
      readonly evidence: string;
    }
  | { readonly verb: "approve"; readonly number: string }
  | { readonly verb: "refuse" | "paid"; readonly number: string; readonly evidence: string }
  | { readonly verb: "halt" | "resume"; readonly market: string; readonly evidence: string }
  | {
      readonly verb: "rekey";
      readonly account: Fingerprint;
      readonly key: Fingerprint;
      /** In base64, as the line has them. */
      readonly certificate: string;
      readonly proof: string | undefined;
      readonly evidence: string;
    }
  | { readonly verb: "skip"; readonly number: string; readonly evidence: string };

/** What a decision is about. */
export function subjectOf(decision: Decision): string {
  if (decision.verb === "rekey") return decision.account;
  return "market" in decision ? decision.market.toUpperCase() : decision.number;
}

/** The line that says a decision. */
export function decisionLine(
  card: Card,
  statement: Statement,
  decision: Decision,
): Outcome<string> {
  if ("market" in decision) return haltLine(card, decision);
  if (decision.verb === "rekey") return rekeyLine(decision);
  const number = parseWhole(decision.number);
  if (number === undefined || number === 0) {
    return trouble("E100", `${printable(decision.number)} is no number.`);
  }
  if ("evidence" in decision && !isRemark(decision.evidence)) return trouble("E111");
  const command = commandOf(card, statement, decision, number);
  return command.ok ? { ok: true, value: printCommand(command.value) } : command;
}

function rekeyLine(decision: Extract<Decision, { readonly verb: "rekey" }>): Outcome<string> {
  const { verb: kind, ...said } = decision;
  if (!isRemark(said.evidence)) return tooLong();
  return { ok: true, value: printCommand({ kind, ...said }) };
}

function tooLong(): Trouble {
  const what = "The reason is not 1 to 100 printable characters without |.";
  return trouble("E111", what, { next: "Say it shorter: every operator signs the same words." });
}

function haltLine(
  card: Card,
  { verb: kind, market: name, evidence }: Extract<Decision, { readonly market: string }>,
): Outcome<string> {
  if (!isRemark(evidence)) return tooLong();
  const market = marketOf(card, name);
  if (!market.ok) return market;
  return { ok: true, value: printCommand({ kind, market: market.value.name, evidence }) };
}

function commandOf(
  card: Card,
  statement: Statement,
  decision: Exclude<Decision, { readonly market: string } | { readonly verb: "rekey" }>,
  number: number,
): Outcome<Command> {
  if (decision.verb === "skip") {
    return { ok: true, value: { kind: "skip", record: number, evidence: decision.evidence } };
  }
  if (decision.verb === "credit") {
    const request = requestOf(statement, "deposit", number);
    return request.ok ? creditOf(card, request.value, decision) : request;
  }
  const request = requestOf(statement, "withdrawal", number);
  if (!request.ok) return request;
  if (decision.verb === "approve") {
    const { asset, amount, address } = request.value;
    return { ok: true, value: { kind: "approve", withdrawal: number, asset, amount, address } };
  }
  const { verb, evidence } = decision;
  return { ok: true, value: { kind: verb, withdrawal: number, evidence } };
}

function creditOf(
  card: Card,
  request: RequestOf<"deposit">,
  decision: Extract<Decision, { readonly verb: "credit" }>,
): Outcome<Command> {
  const { number: deposit, account, asset: name } = request;
  const asset = assetOf(card, name);
  if (!asset.ok) return asset;
  if (decision.asset !== undefined && decision.asset.toUpperCase() !== name) {
    const said = printable(decision.asset);
    return trouble("E107", `Deposit ${deposit} was announced in ${name}, not in ${said}.`);
  }
  const amount = readAmount(asset.value, decision.amount);
  if (!amount.ok) return amount;
  const { evidence } = decision;
  const said = { deposit, account, asset: name, amount: amount.value, evidence };
  return { ok: true, value: { kind: "credit", ...said } };
}

/**
 * What the exchange asked of this operator under a number. It may ask again, of an operator who was
 * appointed anew, but never for something else: a person may have read one and would sign another.
 */
function requestOf<Subject extends RequestEntry["subject"]>(
  statement: Statement,
  subject: Subject,
  number: number,
): Outcome<RequestOf<Subject>> {
  const isIt = (request: RequestEntry): request is RequestOf<Subject> =>
    request.subject === subject && request.number === number;
  const all: readonly RequestEntry[] = statement.requests;
  const [request, ...again] = all.filter(isIt);
  if (request === undefined) {
    return trouble("E114", `No report here asks for ${subject} ${number}.`, {
      next: "signet hands list FILES     or, online: signet hands fetch",
    });
  }
  const text = printEntry(request);
  const other = again.map(printEntry).find((said) => said !== text);
  if (other === undefined) return { ok: true, value: request };
  return trouble("E608", `The exchange asked twice: ${text} and ${other}.`);
}
