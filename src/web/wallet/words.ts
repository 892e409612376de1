/**
 * Commands of a letter in plain English (docs/spec/letter.md §3): what is read before something is
 * signed, and what stands beside an order afterwards. Amounts are the card's decimals, exactly; a
 * market that the card does not name is told in lots and units, never guessed.
 */
import { checksummed, type Address } from "../../codec/ethereum.ts";
import { keyNumber } from "../../codec/keynumber.ts";
import { isFingerprint } from "../../codec/names.ts";
import { parseTime } from "../../codec/time.ts";
import type { Command, Letter, Line } from "../../letter/command.ts";
import { parseLine } from "../../letter/grammar.ts";
import { showAmount, type Steps } from "../../wallet/amounts.ts";
import { printUnits } from "../../wallet/ringamounts.ts";
import { issuerWords } from "./wordsissuer.ts";
import { keyCommandWords } from "./wordskeys.ts";
import {
  instantWords,
  orderWords,
  placeWords,
  replaceWords,
  takingWords,
  type Known,
} from "./wordsorders.ts";

/** One command as a sentence without its full stop. */
export function commandWords(card: Known, command: Command): string {
  const sum = (asset: string, units: number): string =>
    `${showAmount(card, asset, units)} ${asset}`;
  switch (command.kind) {
    case "place":
      return placeWords(card, command);
    case "register":
      return "Open an account for this key";
    case "cancel":
      return `Cancel ${orderWords(command.order)}`;
    case "cancelall":
    case "cancelafter":
      return takingWords(command);
    case "replace":
      return replaceWords(card, command);
    case "rotate":
    case "rekey":
    case "revoke":
    case "freeze":
    case "veto":
      return keyCommandWords(command);
    case "stat":
    case "statjson":
      return "Ask for a statement: balances, open orders, what is under way";
    case "push":
      return `Give ${sum(command.asset, command.amount)} to key number ${keyNumber(command.to)}`;
    case "deposit":
      return `Announce a deposit of ${sum(command.asset, command.amount)}`;
    case "withdraw":
      return `Withdraw ${sum(command.asset, command.amount)} to ${command.address}`;
    case "noop":
      return "Do nothing, and use up one letter number";
    case "resend":
      return command.from === command.to
        ? `Ask for report ${command.from} again`
        : `Ask for reports ${command.from} to ${command.to} again`;
    case "ring":
    case "unring":
    case "observe":
      return ringWords(card, command);
    case "credit":
    case "approve":
    case "refuse":
    case "paid":
    case "halt":
    case "resume":
    case "skip":
      return operatorWords(card, command);
    case "list":
    case "dividend":
    case "ratio":
    case "rename":
    case "delist":
    case "holders":
      return issuerWords(card, command);
  }
}

type RingKind = Extract<Command, { kind: "ring" | "unring" | "observe" }>;

function ringWords(card: Steps, command: RingKind): string {
  switch (command.kind) {
    case "ring": {
      const { order } = command;
      const sum = (address: Address, units: bigint): string => {
        const token = card.ring?.tokens.find((known) => known.address === address);
        return token === undefined
          ? `${units} units of ${checksummed(address)}`
          : `${printUnits(units, token.decimals)} ${token.name}`;
      };
      const sell = sum(order.sellToken, order.sellAmount);
      const buy = sum(order.buyToken, order.buyAmount);
      const whole = order.allOrNone ? ", all in one ring or nothing" : "";
      return `Offer rings to sell at most ${sell} for at least ${buy} in that proportion${whole}`;
    }
    case "unring": {
      const { order } = command;
      return `Take back the ring order ${order.kind === "own" ? order.id : order.hash}`;
    }
    case "observe":
      return `Tell of block ${command.block}: ${command.fact.kind}`;
  }
}

type OperatorKind = Extract<
  Command,
  { kind: "credit" | "approve" | "refuse" | "paid" | "halt" | "resume" | "skip" }
>;

function operatorWords(card: Steps, command: OperatorKind): string {
  switch (command.kind) {
    case "credit": {
      const { deposit, asset, amount, account, evidence } = command;
      const sum = `${showAmount(card, asset, amount)} ${asset}`;
      const whose = keyNumber(account);
      return `Credit deposit ${deposit}: ${sum} to key number ${whose}, seen as ${evidence}`;
    }
    case "approve": {
      const { withdrawal, asset, amount, address } = command;
      const sum = `${showAmount(card, asset, amount)} ${asset}`;
      return `Approve withdrawal ${withdrawal}: ${sum} to ${address}`;
    }
    case "refuse":
      return `Refuse withdrawal ${command.withdrawal}: ${command.evidence}`;
    case "paid":
      return `Withdrawal ${command.withdrawal} was paid: ${command.evidence}`;
    case "halt":
      return `Halt ${command.market}: ${command.evidence}`;
    case "resume":
      return `Let ${command.market} go on: ${command.evidence}`;
    case "skip":
      return `Let the exchange pass record ${command.record}: ${command.evidence}`;
  }
}

/** A line of a letter and what it says. */
export type Glossed = {
  readonly text: string;
  readonly gloss: string;
  /** What the line is: commands stand out. */
  readonly kind: "head" | "command" | "pad";
};

/** A command with its customer's names for it. */
function lineWords(card: Known, { command, id, tag, verb }: Line): string {
  if (!command.ok) return `${verb}: no exchange would take this line. ${command.detail}`;
  const named = id === undefined ? "" : `. You call it ${id}`;
  const tagged = tag === undefined ? "" : `. Marked ${tag}`;
  return `${commandWords(card, command.value)}${named}${tagged}.`;
}

/** What a read letter asks for: its commands as sentences. */
export function letterWords(card: Known, letter: Letter): readonly string[] {
  return letter.lines.map((line) => lineWords(card, line));
}

/** Every line of a letter's text, beside what it means. The text is one that `compose` made. */
export function glossLetter(card: Known, text: string): readonly Glossed[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let commands = 0;
  return lines.map((line, index): Glossed => {
    const head = index < 3 ? headGloss(line) : undefined;
    if (head !== undefined) return { text: line, gloss: head, kind: "head" };
    if (line === "pad" || line.startsWith("pad ")) {
      return { text: line, gloss: "Fills up, so that the size tells nothing.", kind: "pad" };
    }
    commands += 1;
    return { text: line, gloss: lineWords(card, parseLine(line, commands)), kind: "command" };
  });
}

function headGloss(line: string): string | undefined {
  const exchange = /^signet\/1 ([0-9a-f]{40})$/.exec(line)?.[1];
  if (exchange !== undefined && isFingerprint(exchange)) {
    return `A letter to the exchange with the key number ${keyNumber(exchange)}, and to no other.`;
  }
  const seq = /^seq (\d+)(?: thread (\d+))?$/.exec(line);
  if (seq !== null) {
    const thread = seq[2] === undefined ? "" : ` on thread ${seq[2]}`;
    return `Your letter number ${seq[1]}${thread}. It can take effect once, however often it comes.`;
  }
  const by = line.startsWith("by ") ? parseTime(line.slice(3)) : undefined;
  if (by === undefined) return undefined;
  return `Void if the exchange has not read it by ${instantWords(by)}.`;
}
