/**
 * What the operators are asked and what they did, from their own verified reports: one task for
 * each deposit or withdrawal, with the last thing that was said of it. Shown in words, so that a
 * person can compare it with what really happened at the bank or on the chain.
 */
import type { Fingerprint } from "../codec/names.ts";
import { printTime, type Time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import { showAmount } from "../wallet/amounts.ts";
import type { Statement } from "../wallet/fold.ts";

/** Where a task stands. */
export type TaskState = "open" | "credited" | "approved" | "paid" | "refused";

/** One request and its fate. */
export type Task = {
  readonly subject: "deposit" | "withdrawal";
  readonly number: number;
  readonly asset: string;
  /** What was asked; of a credited deposit, what was credited. */
  readonly amount: number;
  readonly announced: number;
  readonly account: Fingerprint | undefined;
  readonly address: string | undefined;
  readonly state: TaskState;
  readonly evidence: string | undefined;
  /** Signatures so far, where they do not suffice yet. */
  readonly approvals:
    | { readonly verb: string; readonly have: number; readonly need: number }
    | undefined;
  readonly asked: Time | undefined;
};

/** Every task that the reports speak of, deposits first, by number. */
export function tasksOf(statement: Statement): readonly Task[] {
  const tasks = new Map<string, Task>();
  for (const request of statement.requests) {
    const { subject, number, asset, amount, account, at } = request;
    tasks.set(`${subject} ${number}`, {
      subject,
      number,
      asset,
      amount,
      announced: amount,
      account,
      address: request.subject === "withdrawal" ? request.address : undefined,
      state: "open",
      evidence: undefined,
      approvals: undefined,
      asked: at,
    });
  }
  for (const { verb, number, have, need } of statement.approvals) {
    const name = `${verb === "CREDIT" ? "deposit" : "withdrawal"} ${number}`;
    const task = tasks.get(name);
    if (task) tasks.set(name, { ...task, approvals: { verb, have, need } });
  }
  for (const settled of statement.settled) {
    const { subject, number, asset, amount, outcome } = settled;
    const task = tasks.get(`${subject} ${number}`);
    tasks.set(`${subject} ${number}`, {
      subject,
      number,
      asset,
      amount,
      announced: task?.announced ?? amount,
      account: task?.account,
      address: task?.address,
      state: outcome,
      evidence: settled.evidence ?? task?.evidence,
      approvals: undefined,
      asked: task?.asked,
    });
  }
  return [...tasks.values()].sort(
    (a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0) || a.number - b.number,
  );
}

/** Whether the operators have done already what this verb of `signet hands` would do or forbid. */
export function isOver(task: Task, verb: "credit" | "approve" | "refuse" | "paid"): boolean {
  if (verb === "paid") return task.state === "paid" || task.state === "refused";
  return task.state !== "open";
}

/** What is known of a task beside the reports. */
export type Aside = {
  /** What was signed on this machine and has no answer yet. */
  readonly signedHere?: string | undefined;
  /** How this program is called here. */
  readonly program: string;
  /** What the next command must say to find this home. */
  readonly homeOption: string;
};

/** A task in words, and the command that comes next. */
export function taskLines(card: Card, task: Task, aside: Aside): readonly string[] {
  const { number, asset, account, address, state, evidence } = task;
  const amount = `${showAmount(card, asset, task.amount)} ${asset}`;
  const who = account === undefined ? "" : ` for ${account}`;
  const sofar = task.approvals;
  const counted =
    sofar === undefined ? "" : `   ${sofar.verb} signed by ${sofar.have} of ${sofar.need}`;
  const signed = counted + (aside.signedHere === undefined ? "" : `   ${aside.signedHere}`);
  const home = aside.homeOption;
  const when = task.asked === undefined ? "" : `   asked ${printTime(task.asked)}`;
  if (task.subject === "deposit") {
    if (state !== "open")
      return [`● deposit ${number}   ${amount} credited${who}   ${evidence ?? ""}`];
    return [
      `○ deposit ${number}   ${amount} announced${who}${when}${signed}`,
      `    has it arrived?  ${aside.program} hands credit ${number} AMOUNT EVIDENCE${home}`,
    ];
  }
  const what = `withdrawal ${number}   ${amount} to ${address ?? "?"}${who}`;
  if (state === "open") {
    const refuse = `${aside.program} hands refuse ${number} REASON${home}`;
    return [
      `○ ${what}${when}${signed}`,
      `    ${aside.program} hands approve ${number}${home}     or: ${refuse}`,
    ];
  }
  if (state === "approved") {
    return [
      `◐ ${what}   approved, to be paid${signed}`,
      `    once paid:  ${aside.program} hands paid ${number} EVIDENCE${home}`,
    ];
  }
  return [`${state === "paid" ? "●" : "✕"} ${what}   ${state}   ${evidence ?? ""}`];
}
