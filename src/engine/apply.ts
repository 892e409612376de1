/**
 * The engine: the only place that decides. `apply` takes one journaled input, changes the state,
 * and gives what the world is told. It names no clock, no disk and no chance: the same inputs give
 * the same state and the same outputs on any machine (docs/spec/journal.md).
 *
 * An input is done in this order: orders whose time is up leave the books and the ring venue; then
 * what the input asks, one command after the other, each of which ends with its ledger balanced;
 * then what follows from it for rings; then one report per account.
 */
import { assert, at } from "../codec/assert.ts";
import type { Line } from "../letter/command.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { parseLetter } from "../letter/parse.ts";
import { printLeaf } from "../log/leaf.ts";
import { configure } from "./configure.ts";
import { payOwed } from "./dividends.ts";
import { passOver } from "./fault.ts";
import { vettedCommand, type Input, type Output, type Vetting } from "./input.ts";
import { changeKeys } from "./keychange.ts";
import { nameOf, refuseKey } from "./keys.ts";
import { obey } from "./obey.ts";
import { passTime } from "./phases.ts";
import { commitReads, noteRead } from "./reads.ts";
import { answerLines, isReading } from "./read.ts";
import { doneEntry } from "./records.ts";
import { newAccount } from "./register.ts";
import {
  answerAgain,
  answerRefused,
  notePassive,
  report,
  tellApart,
  type Answered,
} from "./reports.ts";
import { refreshRings } from "./ringfates.ts";
import { submit } from "./ringsubmission.ts";
import { forgetExpired } from "./ringtakenback.ts";
import { tellWatchers } from "./ringwatch.ts";
import { tellStatements } from "./statements.ts";
import { remember, standing, type Heard } from "./seq.ts";
import { countSigned } from "./signed.ts";
import type { Account, State } from "./state.ts";
import { noteUntold } from "./untold.ts";
import { beginTurn, endCommand, endTurn, note, recordsOf, type Turn } from "./turn.ts";

type LetterInput = Extract<Input, { kind: "letter" }>;

/** Applies one input: changes `state` and gives what is to be published and answered. */
export function apply(state: State, input: Input): Output {
  const turn = beginTurn(state, input);
  if ("ref" in input) noteRead(state, input.ref);
  if (input.kind === "letter") tellApart(turn, nameOf(state, input.signer));
  if (input.kind !== "fault") {
    passTime(turn);
    changeKeys(turn);
    payOwed(turn);
    noteUntold(turn);
    endCommand(turn);
    refreshRings(turn);
  }
  switch (input.kind) {
    case "configure":
      configure(turn, input.text);
      endCommand(turn);
      refreshRings(turn);
      report(turn, undefined);
      break;
    case "tick":
      turn.leaves.push(printLeaf({ kind: "tick", at: input.at }));
      commitReads(turn, input.commits === true);
      tellWatchers(turn);
      forgetExpired(state.rings.takenBack, input.at);
      report(turn, undefined);
      tellStatements(turn);
      break;
    case "submission":
      submit(turn, input.calldata);
      report(turn, undefined);
      break;
    case "letter":
      hear(turn, input);
      break;
    case "refused":
      report(turn, undefined);
      turnAway(turn, input);
      break;
    case "fault":
      passOver(turn, input);
      break;
  }
  return endTurn(turn);
}

/**
 * A letter whose signature is good and yet not acceptable: its customer is told, nothing is done.
 */
function turnAway(turn: Turn, input: Extract<Input, { kind: "refused" }>): void {
  const { ref, signer, text } = input;
  const account = turn.state.keys.get(signer)?.account.fingerprint;
  // A stranger has no certificate here that an answer could be sealed to.
  if (account === undefined) return;
  const answers = { orderId: orderIdOf(account, text), ref };
  answerRefused(turn, { account, answers }, input);
}

/** A letter: refused as a whole, or answered once more, or only read, or obeyed line by line. */
function hear(turn: Turn, input: LetterInput): void {
  const { state } = turn;
  const { ref, signer, text } = input;
  const name = nameOf(state, signer);
  const orderId = orderIdOf(name, text);
  const parsed = parseLetter(text, state.exchange);
  if (!parsed.ok) {
    report(turn, undefined);
    if (state.accounts.has(name)) {
      answerRefused(turn, { account: name, answers: { orderId, ref } }, parsed);
    }
    return;
  }
  const heard: Heard = { letter: parsed.value, orderId, at: input.at };
  const known = state.accounts.get(name);
  const account = known ?? stranger(heard, input);
  if (account === undefined) return report(turn, undefined);
  const answered = { account: name, answers: { orderId, ref, seq: heard.letter.seq } };
  const ended = refuseKey(state, signer, heard.letter);
  if (ended) {
    report(turn, undefined);
    return answerRefused(turn, answered, ended);
  }
  const stands = standing(account, heard);
  switch (stands.kind) {
    case "repeat":
      report(turn, undefined);
      answerAgain(turn, ref, orderId);
      return;
    case "refused":
      report(turn, undefined);
      // A stranger has no certificate here yet that an answer could be sealed to.
      if (known) answerRefused(turn, answered, stands.refusal);
      return;
    case "new":
      accept(turn, account, { ...heard, vetted: input.vetted }, answered);
      return;
  }
}

type HeardVetted = Heard & { readonly vetted: readonly Vetting[] };

/** From here on the letter counts: its number is taken, and each line stands or falls alone. */
function accept(turn: Turn, account: Account, heard: HeardVetted, answered: Answered): void {
  remember(account, heard);
  const { lines } = heard.letter;
  countSigned(turn, lines);
  const vetted = vettingsByLine(lines, heard.vetted);
  if (isReading(lines)) {
    // Reports first, so that what is read is what stands after them: the reader's own in any case,
    // those of others as far as this input tells them.
    notePassive(turn);
    tellApart(turn, account.fingerprint);
    report(turn, undefined);
    answerLines(turn, account, lines, answered);
    return;
  }
  const owed = recordsOf(turn, account.fingerprint);
  for (const line of lines) {
    obey(turn, account, line, { ...heard, vetted, owed });
    endCommand(turn);
  }
  refreshRings(turn);
  if (recordsOf(turn, account.fingerprint) === 0) {
    // A letter of nothing but observations: it is answered, once for all of them.
    note(turn, account.fingerprint, doneEntry(at(lines, lines.length - 1)));
  }
  report(turn, answered);
}

/** What was found of each line that was vetted, by the line's number. */
function vettingsByLine(
  lines: readonly Line[],
  vetted: readonly Vetting[],
): ReadonlyMap<number, Vetting> {
  const looked = lines.filter((line) => vettedCommand(line) !== undefined);
  assert(looked.length === vetted.length, "every line that is to be vetted was");
  return new Map(looked.map(({ number }, i) => [number, at(vetted, i)]));
}

/**
 * Somebody without an account registers here and now. If not, the letter came behind a registration
 * that was refused in the same batch: nothing can be done for it.
 */
function stranger(heard: Heard, input: LetterInput): Account | undefined {
  const command = heard.letter.lines[0]?.command;
  if (command === undefined || !command.ok || command.value.kind !== "register") return undefined;
  const { certificate } = command.value;
  return newAccount({ fingerprint: input.signer, certificate, mailbox: input.random });
}
