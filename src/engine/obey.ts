/** One command line of a letter: refused by name, or carried out by the file of its verb. */
import { assert } from "../codec/assert.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import type { Command, KeyCommand, Line, LineRefusal } from "../letter/command.ts";
import { cancel, cancelAfter, cancelAll } from "./cancel.ts";
import { deposit, push, withdraw } from "./funds.ts";
import { credit, haltOrResume, settle } from "./hands.ts";
import type { Vetting } from "./input.ts";
import { observe } from "./observe.ts";
import { freezeOwn } from "./freeze.ts";
import { rekey } from "./rekey.ts";
import { revoke, rotate, veto } from "./rotate.ts";
import { place, replace } from "./place.ts";
import { act } from "./issuer.ts";
import { readLine } from "./read.ts";
import { doneEntry, rejectEntry } from "./records.ts";
import type { EngineRefusal } from "./refusals.ts";
import { open } from "./register.ts";
import { ring, unring } from "./ringorder.ts";
import type { Heard } from "./seq.ts";
import type { Account } from "./state.ts";
import { answerRecordsMax } from "./limits.ts";
import { note, notesOf, recordsOf, type Turn } from "./turn.ts";

/**
 * A letter that counts, what was found of lines that were vetted, by number, and how many records
 * its account was owed before its first line: what time and others did is no reason to refuse one.
 */
export type Obeyed = Heard & {
  readonly vetted: ReadonlyMap<number, Vetting>;
  readonly owed: number;
};

/** What reads, takes back, lets money in, or is about the keys. */
const allowedFrozen: ReadonlySet<Command["kind"]> = new Set([
  "stat",
  "statjson",
  "resend",
  "holders",
  "noop",
  "register",
  "deposit",
  "cancel",
  "cancelall",
  "cancelafter",
  "unring",
  "rotate",
  "revoke",
  "freeze",
  "veto",
]);

/** Does what one line asks, or says why not. */
export function obey(turn: Turn, account: Account, line: Line, heard: Obeyed): void {
  const { fingerprint } = account;
  const refused = refuseAny(turn, account, line, heard);
  if (refused) return note(turn, fingerprint, rejectEntry(line, refused));
  assert(line.command.ok, "a malformed line is refused");
  const command = line.command.value;
  switch (command.kind) {
    case "register":
      return turn.state.accounts.has(fingerprint)
        ? reject(turn, account, line, "already_registered", "This account is registered.")
        : open(turn, account, line);
    case "place":
      return place(turn, account, line, command, { letter: heard.orderId, line: line.number });
    case "cancel":
      return cancel(turn, account, line, command.order);
    case "replace":
      return replace(turn, account, line, command);
    case "cancelall":
      return cancelAll(turn, account, line, command);
    case "cancelafter":
      return cancelAfter(turn, account, line, command);
    case "stat":
    case "statjson":
    case "resend":
      return readLine(
        { turn, account, line, lines: heard.letter.lines },
        notesOf(turn, fingerprint),
      );
    case "push":
      return push(turn, account, line, command);
    case "deposit":
      return deposit(turn, account, line, command);
    case "withdraw":
      return withdraw(turn, account, line, command);
    case "noop":
      return note(turn, fingerprint, doneEntry(line));
    case "credit":
      return credit(turn, account, line, command);
    case "approve":
    case "refuse":
    case "paid":
      return settle(turn, account, line, command);
    case "halt":
    case "resume":
      return haltOrResume(turn, account, line, command);
    case "list":
    case "dividend":
    case "ratio":
    case "rename":
    case "delist":
    case "holders":
      return act(turn, { account, line, lines: heard.letter.lines }, command);
    case "ring":
      return ring(turn, account, line, { command, vetting: vettingOf(heard, line) });
    case "rotate":
    case "rekey":
    case "revoke":
    case "veto":
    case "freeze":
      return obeyKeys(turn, account, line, { command, heard });
    case "unring":
      return unring(turn, account, line, command.order);
    case "observe":
      return observe(turn, account, line, command);
    case "skip":
      return reject(turn, account, line, "skip_not_by_letter", "SKIP is read from a file only.");
  }
}

/** What stands in the way of a line, whatever its verb. */
function refuseAny(
  turn: Turn,
  { fingerprint, frozen }: Account,
  { command }: Line,
  { owed }: Obeyed,
): Refused<LineRefusal | EngineRefusal> | undefined {
  if (recordsOf(turn, fingerprint) - owed >= answerRecordsMax) {
    const sentence = `This letter made ${answerRecordsMax} records; send this in another one.`;
    return refuse("answer_full", sentence);
  }
  if (!command.ok) return command;
  if (frozen === undefined || allowedFrozen.has(command.value.kind)) return undefined;
  const sentence = "The account is frozen: only reading, and what changes its keys, is left.";
  return refuse("account_frozen", sentence);
}

type Keyed = { readonly command: KeyCommand; readonly heard: Obeyed };

/** What is about keys. */
function obeyKeys(turn: Turn, account: Account, line: Line, { command, heard }: Keyed): void {
  switch (command.kind) {
    case "rotate":
      return rotate(turn, account, line, { command, vetting: vettingOf(heard, line) });
    case "rekey":
      return rekey(turn, account, line, { command, vetting: vettingOf(heard, line) });
    case "revoke":
      return revoke(turn, account, line, { command, vetting: vettingOf(heard, line) });
    case "veto":
      return veto(turn, account, line);
    case "freeze":
      return freezeOwn(turn, account, line);
  }
}

function vettingOf({ vetted }: Obeyed, line: Line): Vetting {
  const vetting = vetted.get(line.number);
  assert(vetting !== undefined, "every line that is to be vetted was");
  return vetting;
}

function reject(
  turn: Turn,
  account: Account,
  line: Line,
  name: EngineRefusal,
  sentence: string,
): void {
  note(turn, account.fingerprint, rejectEntry(line, refuse(name, sentence)));
}
