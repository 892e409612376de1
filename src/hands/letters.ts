/**
 * The operators' words: one line of a letter each, from what a person types. Two operators agree if
 * their lines are equal byte for byte, so the same decision must always print the same line.
 */
import { isRemark } from "../letter/atoms.ts";
import type { Card } from "../letter/card.ts";
import type { Command } from "../letter/command.ts";
import { printCommand } from "../letter/print.ts";
import { parseWhole } from "../money/amount.ts";
import { assetOf, printable, readAmount } from "../wallet/amounts.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import type { Statement } from "../wallet/fold.ts";
import { taskOf } from "./tasks.ts";

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
  | { readonly verb: "skip"; readonly number: string; readonly evidence: string };

/** The line that says a decision. */
export function decisionLine(
  card: Card,
  statement: Statement,
  decision: Decision,
): Outcome<string> {
  const number = parseWhole(decision.number);
  if (number === undefined || number === 0) {
    return trouble("E100", `${printable(decision.number)} is no number.`);
  }
  if ("evidence" in decision && !isRemark(decision.evidence)) return trouble("E111");
  const command = commandOf(card, statement, decision, number);
  return command.ok ? { ok: true, value: printCommand(command.value) } : command;
}

function commandOf(
  card: Card,
  statement: Statement,
  decision: Decision,
  number: number,
): Outcome<Command> {
  switch (decision.verb) {
    case "skip":
      return { ok: true, value: { kind: "skip", record: number, evidence: decision.evidence } };
    case "credit": {
      // The decimals are the asset's, and which asset it is only the request says.
      const task = taskOf(statement, "deposit", number);
      if (!task) return unknown("deposit", number);
      const asset = assetOf(card, task.asset);
      if (!asset.ok) return asset;
      if (decision.asset !== undefined && decision.asset.toUpperCase() !== task.asset) {
        const said = printable(decision.asset);
        return trouble("E107", `Deposit ${number} was announced in ${task.asset}, not in ${said}.`);
      }
      const amount = readAmount(asset.value, decision.amount);
      if (!amount.ok) return amount;
      const { evidence } = decision;
      return {
        ok: true,
        value: { kind: "credit", deposit: number, amount: amount.value, evidence },
      };
    }
    case "approve":
      if (!taskOf(statement, "withdrawal", number)) return unknown("withdrawal", number);
      return { ok: true, value: { kind: "approve", withdrawal: number } };
    case "refuse":
    case "paid": {
      if (!taskOf(statement, "withdrawal", number)) return unknown("withdrawal", number);
      const { verb, evidence } = decision;
      return { ok: true, value: { kind: verb, withdrawal: number, evidence } };
    }
  }
}

function unknown(subject: "deposit" | "withdrawal", number: number): Outcome<Command> {
  return trouble("E114", `No report here speaks of ${subject} ${number}.`, {
    next: "signet hands list FILES     or, online: signet hands fetch",
  });
}
