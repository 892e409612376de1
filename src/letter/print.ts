/**
 * Writing letters: the exact inverse of `parse.ts` and `grammar.ts`. What is printed here and read
 * there is the same value again.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { printSeconds, type Time } from "../codec/time.ts";
import { isLabel, isOwnId } from "./atoms.ts";
import type { Command } from "./command.ts";
import { printUnix } from "./fieldgrammar.ts";
import { printKeyCommand } from "./keygrammar.ts";
import { commandsMax, lineMax, seqMax, textBytesMax, threadMax } from "./limits.ts";
import { printCancelAll, printPlace, printReplace } from "./ordergrammar.ts";
import { printOrderName } from "./orderid.ts";
import { padBytes, padLine } from "./padding.ts";
import { printObserve, printRing, printRingName } from "./ringgrammar.ts";
import { printIssuer } from "./securitiesgrammar.ts";

/** What goes into a letter. */
export type LetterParts = {
  readonly exchange: Fingerprint;
  readonly seq?: number | undefined;
  readonly thread?: number | undefined;
  /** Whole seconds; a fraction is cut off. */
  readonly by: Time;
  /** As `printCommand` prints them. */
  readonly commands: readonly string[];
  /** Pads the text to a multiple of this many bytes, if that still fits. */
  readonly pad?: number | undefined;
};

/** The options that a command may carry. */
export type CommandOptions = {
  readonly id?: string | undefined;
  readonly tag?: string | undefined;
};

/** A letter's text, ending with LF. */
export function printLetter(parts: LetterParts): string {
  const { exchange, seq, thread = 0, by, commands, pad } = parts;
  assert(seq === undefined || (seq >= 1 && seq <= seqMax), "a seq is 1 to 281474976710655");
  assert(thread >= 0 && thread <= threadMax, "a thread is 0 to 255");
  assert(commands.length >= 1 && commands.length <= commandsMax, "1 to 1,000 commands");
  const seqLine = thread === 0 ? `seq ${seq}` : `seq ${seq} thread ${thread}`;
  const head = [`signet/1 ${exchange}`, ...(seq === undefined ? [] : [seqLine])];
  const text = `${[...head, `by ${printSeconds(by)}`, ...commands].join("\n")}\n`;
  assert(text.length <= textBytesMax, "the letter's text fits");
  const padded = pad === undefined ? text : text + padLines(text.length, pad);
  return padded.length <= textBytesMax ? padded : text;
}

/** Pad lines no longer than a line may be, up to a multiple of `step`. */
function padLines(length: number, step: number): string {
  assert(Number.isSafeInteger(step) && step >= 1, "padding goes to a multiple of a whole number");
  let left = padBytes(length, step);
  let lines = "";
  while (left > lineMax + 1) {
    // 16 bytes are kept back, so that the last line is one that can exist.
    const bytes = Math.min(lineMax + 1, left - 16);
    lines += padLine(bytes);
    left -= bytes;
  }
  return lines + padLine(left);
}

/** One command line, without LF. */
export function printCommand(command: Command, options: CommandOptions = {}): string {
  const { id, tag } = options;
  assert(id === undefined || isOwnId(id), "an id= is well formed");
  assert(tag === undefined || isLabel(tag), "a tag= is well formed");
  const idField = id === undefined ? [] : [`id=${id}`];
  const tagField = tag === undefined ? [] : [`tag=${tag}`];
  return [...printFields(command), ...idField, ...tagField].join("|");
}

function printFields(command: Command): readonly (string | number)[] {
  switch (command.kind) {
    case "place":
      return printPlace(command);
    case "register":
      return ["REGISTER", command.certificate];
    case "cancel":
      return ["CANCEL", printOrderName(command.order)];
    case "cancelall":
      return printCancelAll(command);
    case "replace":
      return printReplace(command);
    case "cancelafter":
      return ["CANCELAFTER", command.at === undefined ? 0 : printUnix(command.at)];
    case "rotate":
    case "rekey":
    case "revoke":
    case "freeze":
    case "veto":
      return printKeyCommand(command);
    case "stat":
      return ["STAT"];
    case "statjson":
      return ["STATJSON"];
    case "push":
      return ["PUSH", command.asset, command.to, command.amount];
    case "deposit":
      return ["DEPOSIT", command.asset, command.amount];
    case "withdraw":
      return ["WITHDRAW", command.asset, command.amount, command.address];
    case "noop":
      return ["NOOP"];
    case "resend":
      return ["RESEND", command.from, command.to];
    case "credit":
      return printCredit(command);
    case "approve":
      return ["APPROVE", command.withdrawal, command.asset, command.amount, command.address];
    case "refuse":
      return ["REFUSE", command.withdrawal, command.evidence];
    case "paid":
      return ["PAID", command.withdrawal, command.evidence];
    case "halt":
    case "resume":
      return [command.kind.toUpperCase(), command.market, command.evidence];
    case "list":
    case "dividend":
    case "ratio":
    case "rename":
    case "delist":
    case "holders":
      return printIssuer(command);
    case "ring":
      return printRing(command);
    case "unring":
      return ["UNRING", printRingName(command.order)];
    case "observe":
      return printObserve(command);
    case "skip":
      return ["SKIP", command.record, command.evidence];
  }
}

function printCredit(command: Extract<Command, { kind: "credit" }>): readonly (string | number)[] {
  const { deposit, account, asset, amount, evidence } = command;
  return ["CREDIT", deposit, account, asset, amount, evidence];
}
