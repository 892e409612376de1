/**
 * `signet hands …`: the operators' side. What comes in are files or the mailbox; what goes out are
 * sealed letters as files, to be posted by any machine to any relay. This machine needs no network.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Card } from "../letter/card.ts";
import type { Ref } from "../codec/names.ts";
import { printSeconds } from "../codec/time.ts";
import type { RekeyEntry } from "../letter/keyentry.ts";
import { reachOf } from "../codec/reach.ts";
import { mailboxOf } from "../letter/report.ts";
import { armor } from "../letter/armor.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { haltLines, haltsOf } from "../hands/halts.ts";
import { decisionLine, subjectOf, type Decision } from "../hands/letters.ts";
import { takeFile } from "../hands/incoming.ts";
import { rekeyLines } from "../hands/rekeys.ts";
import { readPayments, reconcile as compare, totals, type Difference } from "../hands/reconcile.ts";
import { isOver, taskLines, tasksOf, type Task } from "../hands/tasks.ts";
import { writeDurably } from "../store/durable.ts";
import type { Account } from "../wallet/account.ts";
import { showAmount } from "../wallet/amounts.ts";
import { exits, trouble, type Exit, type Outcome, type Trouble } from "../wallet/errors.ts";
import type { Statement } from "../wallet/fold.ts";
import { namesIn } from "../wallet/home.ts";
import {
  findEntry,
  keepEntry,
  readOutbox,
  sealedOf,
  textOfLetter,
  writeLetter,
  type OutboxEntry,
} from "../wallet/outbox.ts";
import { Payer } from "../wallet/postage.ts";
import { settleKept, statementHere, synchronise } from "../wallet/sync.ts";
import { now, readDeadline } from "../wallet/times.ts";
import { accountOf, type CommonOptions, type Context, type Data, type Ended } from "./context.ts";
import { called, hint } from "./called.ts";
import { followEntry } from "./deliver.ts";
import { withPhase } from "./halted.ts";
import { readInput, readInputText } from "./input.ts";
import { followSeveral, titleOf, type Followed } from "./several.ts";

/** Options of the words that write a letter. */
export type HandsOptions = CommonOptions & {
  readonly by?: string;
  readonly out?: string;
  readonly send?: boolean;
  readonly all?: boolean;
};

/** SKIP letters never travel to the exchange; they count on a thread of their own. */
const skipThread = 254;

/** `signet hands list [FILES…]`: takes files in, then shows what is asked, in words. */
export async function list(
  context: Context,
  files: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  for (const file of files) {
    const input = await readInput(file);
    if (!input.ok) return input;
    const taken = await takeFile(account.value, file, input.value);
    if (!taken.ok) return taken;
    context.say(`● ${file}: ${taken.value} new, the exchange's signature good`);
  }
  settleKept(account.value);
  const online = files.length === 0 && !context.offline;
  if (online) await context.lookForCard(account.value);
  const statement = online
    ? (await synchronise(account.value)).statement
    : statementHere(account.value.home);
  return tasksEnding({ context, account: account.value }, statement, options.all === true);
}

/** `signet hands fetch`: what `list` shows, from the relays. */
export async function fetch(
  context: Context,
  _words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  await context.lookForCard(account.value);
  const synced = await synchronise(account.value);
  if (!synced.reached) return trouble("E801", "No relay answered. Nothing was fetched.");
  context.say(`● ${synced.fresh} new reports`);
  return tasksEnding({ context, account: account.value }, synced.statement, options.all === true);
}

function tasksEnding(
  { context, account }: { readonly context: Context; readonly account: Account },
  statement: Statement,
  all: boolean,
): Ended {
  const card = context.cardOf(account);
  const tasks = tasksOf(statement).filter((task) => all || isWork(task));
  const { homeOption } = context;
  const signed = signedHere(account);
  const signedFor = (task: Task): string | undefined =>
    signed.get(`${task.subject} ${task.number}`);
  const lines = tasks.flatMap((task) =>
    taskLines(card, task, { signedHere: signedFor(task), program: called, homeOption }),
  );
  const halts = haltsOf(statement);
  lines.push(...haltLines(halts, called, homeOption), ...rekeyLines(statement));
  if (lines.length === 0) lines.push("  nothing is asked of the operators");
  const { asOf, missing } = statement;
  if (asOf)
    lines.push(
      `  as of report ${asOf.report}${missing.length > 0 ? `, missing ${missing.join(", ")}` : ""}`,
    );
  const exit = missing.length > 0 ? exits.unknown : exits.done;
  const data = tasks.map((task) => taskData(card, task, signedFor(task)));
  const rekeys = [...statement.rekeys.values()].map(rekeyData);
  const told = { ok: exit === exits.done, tasks: data, halts, rekeys, missing, exit };
  return { ok: true, exit, lines, data: told };
}

function rekeyData({ account, key, state, at }: RekeyEntry): Data {
  return { account, key, state, at: printSeconds(at) };
}

function isWork(task: Task): boolean {
  return task.state === "open" || task.state === "approved";
}

/** What was signed on this machine and has no answer yet, by `deposit 1` and the like. */
function signedHere(account: Account): ReadonlyMap<string, string> {
  const signed = new Map<string, string>();
  const receipts = namesIn(account.home, "receipts");
  for (const entry of readOutbox(account.home)) {
    if (entry.state !== "written" || entry.by <= now()) continue;
    const isSent = receipts.some((name) => name.startsWith(`${entry.ref}.`));
    for (const line of textOfLetter(account.home, entry).split("\n")) {
      const [, verb = "", number = ""] = /^(CREDIT|APPROVE|REFUSE|PAID)\|(\d+)\|/.exec(line) ?? [];
      const subject = verb === "CREDIT" ? "deposit" : "withdrawal";
      const how = isSent ? "sent, not answered yet" : "not sent from here";
      if (number !== "") signed.set(`${subject} ${number}`, `${verb} signed here, ${how}`);
    }
  }
  return signed;
}

function taskData(card: Card, task: Task, signed: string | undefined): Data {
  const { subject, number, asset, address, state, evidence, approvals } = task;
  return {
    subject,
    number,
    asset,
    amount: showAmount(card, asset, task.amount),
    announced: showAmount(card, asset, task.announced),
    account: task.account,
    address,
    state,
    evidence,
    approvals,
    signedHere: signed,
  };
}

/** `signet hands credit DEPOSIT AMOUNT [ASSET] EVIDENCE`. */
export async function credit(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [number = "", amount = "", ...rest] = words;
  // With four words the third is the asset, said again to be compared with the request's.
  const asset = rest.length > 1 ? rest[0] : undefined;
  const evidence = rest.slice(rest.length > 1 ? 1 : 0).join(" ");
  return decide(context, { verb: "credit", number, amount, asset, evidence }, options);
}

/** `signet hands approve WITHDRAWAL`. */
export async function approve(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  return decide(context, { verb: "approve", number: words[0] ?? "" }, options);
}

/** `signet hands refuse WITHDRAWAL REASON`. */
export async function refuse(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [number = "", evidence = ""] = words;
  return decide(context, { verb: "refuse", number, evidence }, options);
}

/** `signet hands paid WITHDRAWAL EVIDENCE`. */
export async function paid(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [number = "", evidence = ""] = words;
  return decide(context, { verb: "paid", number, evidence }, options);
}

/** `signet hands halt MARKET REASON`. */
export async function halt(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [market = "", ...reason] = words;
  return decide(context, { verb: "halt", market, evidence: reason.join(" ") }, options);
}

/** `signet hands resume MARKET REASON`. */
export async function resume(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [market = "", ...reason] = words;
  return decide(context, { verb: "resume", market, evidence: reason.join(" ") }, options);
}

/** `signet hands skip RECORD REASON`: a file for the island's folder skips/, never sent. */
export async function skip(
  context: Context,
  words: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const [number = "", evidence = ""] = words;
  return decide(context, { verb: "skip", number, evidence }, options);
}

/** Writes the letter that says a decision, as a file, and sends it if that is asked. */
export async function decide(
  context: Context,
  decision: Decision,
  options: HandsOptions,
): Promise<Ended> {
  const opened = await accountOf(context);
  if (!opened.ok) return opened;
  const account = { value: opened.value };
  if (options.send === true) {
    // A market may be younger than the card that lies here.
    const newest = await context.lookForCard(opened.value);
    await synchronise(opened.value);
    account.value = { ...opened.value, exchange: await newest.patiently() };
  }
  const written = await writeDecision(account.value, decision, options);
  if (!written.ok) return written;
  const { entry, line } = written.value;
  const letter = armor(sealedOf(account.value.home, entry));
  const subject = subjectOf(decision).replace("/", "-");
  const name = `${decision.verb}-${subject}-${account.value.fingerprint.slice(0, 8)}`;
  const file = options.out === undefined ? freeName(name, letter) : resolve(options.out);
  if (!isFree(file, letter)) return fileThere(file);
  await writeDurably(file, new TextEncoder().encode(letter));
  context.say(`● ${line}`);
  if (options.send === true && decision.verb !== "skip") {
    const follow = (): Promise<Ended> => followEntry(context, account.value, entry, options);
    return "market" in decision ? withPhase(account.value, decision, follow) : follow();
  }
  const next =
    decision.verb === "skip"
      ? ["  next:  carry it into the island's folder skips/ and start the island"]
      : [
          `  next:  ${called} hands send${context.homeOption}     or on any machine: curl --data-binary @FILE RELAY/v1/letters`,
          "  The file is for carrying: the letter is kept in the outbox, and once it is answered the file may go.",
        ];
  return {
    ok: true,
    exit: exits.done,
    lines: [`● signed and sealed   ${file}`, ...next],
    data: { ok: true, line, file, letter: entry.name, ref: entry.ref, exit: exits.done },
  };
}

/** A name in the current folder under which no other letter lies. */
function freeName(name: string, letter: string): string {
  for (let number = 1; ; number += 1) {
    const file = resolve(`${name}${number === 1 ? "" : `-${number}`}.asc`);
    if (isFree(file, letter)) return file;
  }
}

/** Whether the letter may be written there: nothing is, or this very letter. */
function isFree(file: string, letter: string): boolean {
  return !existsSync(file) || readFileSync(file, "latin1") === letter;
}

function fileThere(file: string): Trouble {
  return trouble("E118", `${file} is there already, and is another file.`);
}

async function writeDecision(
  account: Account,
  decision: Decision,
  options: HandsOptions,
): Promise<Outcome<{ readonly entry: OutboxEntry; readonly line: string }>> {
  const isSkip = decision.verb === "skip";
  const over = alreadyDone(account, decision);
  if (over) return over;
  const line = decisionLine(account.exchange.card, statementHere(account.home), decision);
  if (!line.ok) return line;
  const waiting = readOutbox(account.home).find(
    (entry) =>
      entry.state === "written" &&
      entry.by > now() &&
      textOfLetter(account.home, entry).split("\n").includes(line.value),
  );
  if (waiting) return { ok: true, value: { entry: waiting, line: line.value } };
  // Before anything is signed: what is in the way cannot be this letter.
  if (options.out !== undefined && existsSync(options.out)) return fileThere(resolve(options.out));
  const by = readDeadline(isSkip ? "7d" : (options.by ?? "24h"), now());
  if (!by.ok) return by;
  const entry = await writeLetter(account, {
    commands: [line.value],
    by: by.value,
    thread: isSkip ? skipThread : 0,
    ids: [],
  });
  if (!entry.ok) return entry;
  if (isSkip) keepEntry(account.home, { ...entry.value, state: "dropped" });
  return { ok: true, value: { entry: entry.value, line: line.value } };
}

/** Refused before it is signed: what the operators' own reports say was settled already. */
function alreadyDone(account: Account, decision: Decision): Trouble | undefined {
  // A market may be halted as often as operators want it.
  if (decision.verb === "skip" || decision.verb === "rekey" || "market" in decision) {
    return undefined;
  }
  const { verb, number } = decision;
  const subject = verb === "credit" ? "deposit" : "withdrawal";
  const task = tasksOf(statementHere(account.home)).find(
    (known) => known.subject === subject && String(known.number) === number,
  );
  if (!task || !isOver(task, verb)) return undefined;
  const amount = `${showAmount(account.exchange.card, task.asset, task.amount)} ${task.asset}`;
  return trouble("E117", `The ${subject} ${number} is ${task.state} already: ${amount}.`);
}

/** `signet hands reconcile PAYMENTS.csv`. */
export async function reconcile(context: Context, words: readonly string[]): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const { card } = account.value.exchange;
  const text = await readInputText(words[0] ?? "-");
  if (!text.ok) return text;
  const payments = readPayments(card, text.value);
  if (!payments.ok) return payments;
  const statement = statementHere(account.value.home);
  const tasks = tasksOf(statement);
  const differences = compare(card, payments.value, tasks);
  const sums = [...totals(payments.value, tasks)];
  const lines = differences.map((found) => `✕ ${sentenceOf(found)}  (${found.name})`);
  for (const [asset, { world, ledger }] of sums) {
    const sign = world === ledger ? "✓" : "✕";
    const show = (units: number): string => showAmount(card, asset, units);
    lines.push(
      `  ${asset}   in less out: really ${show(world)}, in the ledger ${show(ledger)}  ${sign}`,
    );
  }
  const { asOf } = statement;
  if (asOf)
    lines.push(
      `  ledger as of report ${asOf.report}, ${tasks.length} requests, ${payments.value.length} payments`,
    );
  const exit: Exit =
    statement.missing.length > 0
      ? exits.unknown
      : differences.length > 0
        ? exits.rejected
        : exits.done;
  if (differences.length === 0) lines.unshift("● no difference");
  return {
    ok: true,
    exit,
    lines,
    data: {
      ok: exit === exits.done,
      differences,
      totals: sums.map(([asset, { world, ledger }]) => ({
        asset,
        world: showAmount(card, asset, world),
        ledger: showAmount(card, asset, ledger),
      })),
      missing: statement.missing,
      exit,
    },
  };
}

/** A difference in words; those of one that names a command hold nothing that others wrote. */
function sentenceOf({ name, sentence }: Difference): string {
  return name === "not_recorded" ? hint(sentence) : sentence;
}

/** `signet hands send [FILES…]`: every letter that has no answer yet, or those of the files. */
export async function send(
  context: Context,
  files: readonly string[],
  options: HandsOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const follow = (entry: OutboxEntry, file?: string): Followed => {
    const title = titleOf(account.value, entry, file);
    return { entry, title, options: { ...options, timeout: "20s" } };
  };
  if (files.length === 0) {
    const open = readOutbox(account.value.home).filter((entry) => entry.state === "written");
    return followSeveral(
      context,
      account.value,
      open.map((entry) => follow(entry)),
    );
  }
  const foreign: string[] = [];
  const ours: Followed[] = [];
  for (const letter of await Promise.all(files.map((file) => readSealed(file)))) {
    if (!letter.ok) return letter;
    const entry = findEntry(account.value.home, letter.value.ref);
    if (entry) ours.push(follow(entry, letter.value.file));
    // Written elsewhere, by another operator: carried all the same, followed there.
    else foreign.push(await carryForeign(account.value, letter.value));
  }
  if (ours.length === 0) {
    const data = { ok: true, letters: [], exit: exits.done };
    return { ok: true, exit: exits.done, lines: foreign, data };
  }
  const ended = await followSeveral(context, account.value, ours);
  return { ...ended, lines: [...foreign, ...ended.lines] };
}

type SealedFile = { readonly binary: Uint8Array; readonly ref: Ref; readonly file: string };

async function readSealed(file: string): Promise<Outcome<SealedFile>> {
  const input = await readInput(file);
  if (!input.ok) return input;
  const envelope = readEnvelope(input.value);
  if (envelope.ok) return { ok: true, value: { ...envelope.value, file } };
  return trouble("E115", `${file} is no sealed letter: ${envelope.detail}`);
}

async function carryForeign(account: Account, letter: SealedFile): Promise<string> {
  let carried = 0;
  const payer = new Payer({ ref: letter.ref, sealed: letter.binary }, undefined);
  for (const url of account.exchange.urls) {
    const posted = await payer.post(url, undefined);
    if (posted.kind === "receipt") carried += 1;
  }
  const sign = carried > 0 ? "●" : "◌";
  const all = account.exchange.urls.length;
  return `${sign} ${letter.file}: carried by ${carried} of ${all}`;
}

/** `signet hands mailbox`: the addresses that another machine may fetch without any key. */
export async function mailbox(context: Context): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  const statement = statementHere(account.value.home);
  if (statement.mailbox === undefined) {
    return trouble("E114", "No report here names the mailbox; the account is not registered.");
  }
  const { mailbox: secret } = statement;
  const mail = statement.asOf?.report ?? 0;
  // The address of the newest mail is at most the number of reports away; one before it and one
  // after.
  const tags = [0, 1].map((box) => mailboxOf(secret, Math.floor(mail / 256) * 256 + box * 256).tag);
  const lines = account.value.exchange.urls.flatMap((url) =>
    tags.map(
      (tag) => `curl -s ${reachOf(url)?.url ?? ""}/v1/mailboxes/${tag} -o ${tag.slice(0, 12)}.json`,
    ),
  );
  return { ok: true, exit: exits.done, lines, data: { ok: true, tags, exit: exits.done } };
}
