/**
 * Writing, sending and following a letter from the command line: what buy, cancel, push and others
 * share.
 */
import { time, type Time } from "../codec/time.ts";
import { shortId } from "../codec/names.ts";
import { printLetter } from "../letter/print.ts";
import type { Account } from "../wallet/account.ts";
import { exits, exitOf, trouble, type Outcome } from "../wallet/errors.ts";
import type { Line } from "../wallet/compose.ts";
import { findEntry, nextNumber, padStep, writeLetter, type OutboxEntry } from "../wallet/outbox.ts";
import { standing, type LineFate } from "../wallet/fates.ts";
import { isOfferOpen } from "../wallet/fold.ts";
import { sendEntry, type Sent } from "../wallet/send.ts";
import { restoreAccount } from "../wallet/restore.ts";
import { watch } from "../wallet/sync.ts";
import { now, readDeadline, readDuration } from "../wallet/times.ts";
import { parseWhole } from "../money/amount.ts";
import {
  accountOf,
  interruption,
  sayTrouble,
  troubleData,
  type CommonOptions,
  type Context,
  type Ended,
} from "./context.ts";
import { called } from "./called.ts";
import { answeredEnding, letterData, openEnding, voidEnding } from "./fates.ts";
import { tellJourney } from "./journey.ts";

/** Options of every command that writes a letter. */
export type FollowOptions = CommonOptions & {
  readonly by?: string;
  readonly thread?: string;
  readonly wait?: "carried" | "read" | "done";
  readonly timeout?: string;
  readonly dryRun?: boolean;
  /** What to call the letter where others are followed too. */
  readonly title?: string;
};

/** How long a letter is good for, if nothing is said. */
const byDefault = "60s";

/** Opens the account, composes, and either shows the letter or delivers it. */
export async function deliver(
  context: Context,
  options: FollowOptions,
  compose: (account: Account, at: Time) => Promise<Outcome<Line>>,
): Promise<Ended> {
  const opened = await accountOf(context);
  if (!opened.ok) return opened;
  const at = now();
  const thread = threadIn(options, at);
  if (!thread.ok) return thread;
  const { account, line } = await composed(context, opened.value, (whose) => compose(whose, at));
  if (!line.ok) return line;
  // From now on: composing may have waited for a person at another wallet.
  const by = readDeadline(options.by ?? byDefault, now());
  if (!by.ok) return by;
  const commands = [line.value.text];
  const head = { by: by.value, thread: thread.value };
  if (options.dryRun === true) return dryRun(account, commands, head);
  const draft = { commands, ...head, ids: line.value.ids };
  const entry = await writeLetter(account, draft);
  if (!entry.ok) return entry;
  await context.lookForCard(account);
  const ended = await followEntry(context, account, entry.value, options);
  if (!isNumberTaken(account, entry.value)) return ended;
  // Refused as a whole, so it had no effect: the same words under a number that nobody has used.
  context.say("○ another copy of this wallet used that number; writing the letter again");
  const learnt = await restoreAccount(account);
  if (!learnt.ok) return learnt;
  const again = await writeLetter(account, draft);
  return again.ok ? followEntry(context, account, again.value, options) : again;
}

/** What is wrong with the options of every letter is said before anything is composed. */
function threadIn(options: FollowOptions, at: Time): Outcome<number> {
  const by = readDeadline(options.by ?? byDefault, at);
  if (!by.ok) return by;
  const timeout = options.timeout === undefined ? undefined : readDuration(options.timeout);
  if (timeout?.ok === false) return timeout;
  const thread = parseWhole(options.thread ?? "0");
  return thread === undefined || thread > 254
    ? trouble("E100", "A thread is a number from 0 to 254; 255 is for letters by hand.")
    : { ok: true, value: thread };
}

type Composed = { readonly account: Account; readonly line: Outcome<Line> };

/** No such market, asset, ring venue, token. */
const newerCardMayKnow: ReadonlySet<string> = new Set(["E106", "E107", "E119", "E120"]);

/** Composes by the card that is here; if it has no such market or asset, by the newest. */
async function composed(
  context: Context,
  account: Account,
  compose: (account: Account) => Promise<Outcome<Line>>,
): Promise<Composed> {
  const line = await compose(account);
  if (line.ok || !newerCardMayKnow.has(line.code)) return { account, line };
  const newest = await context.lookForCard(account);
  const fresh = { ...account, exchange: await newest.patiently() };
  return { account: fresh, line: await compose(fresh) };
}

function isNumberTaken(account: Account, entry: OutboxEntry): boolean {
  const refused = findEntry(account.home, entry.name)?.refused;
  return refused === "seq_reused" || refused === "seq_passed";
}

function dryRun(
  account: Account,
  commands: readonly string[],
  head: { readonly by: Time; readonly thread: number },
): Ended {
  const exchange = account.exchange.fingerprint;
  // The number is only looked at: the next letter takes it, whichever that is.
  const seq = nextNumber(account.home, head.thread);
  const text = printLetter({ exchange, seq, ...head, commands, pad: padStep });
  return {
    ok: true,
    exit: exits.done,
    lines: text.trimEnd().split("\n"),
    data: { ok: true, state: "dry-run", text, exit: exits.done },
  };
}

/** Follows a letter of the outbox as far as the options say. */
export async function followEntry(
  context: Context,
  account: Account,
  entry: OutboxEntry,
  options: FollowOptions,
): Promise<Ended> {
  const timeout = options.timeout === undefined ? undefined : readDuration(options.timeout);
  if (timeout?.ok === false) return timeout;
  const until = timeout && time(now() + timeout.value);
  const journey = tellJourney(context, entry, account.exchange.urls.length);
  const stop = interruption(context);
  const sent = await sendEntry(account, entry, {
    wait: options.wait === "carried" ? "carried" : "read",
    stop,
    onStep: journey.onStep,
    ...(until === undefined ? {} : { until }),
  });
  journey.end();
  const { title } = options;
  const ended = endingOf(context, account, sent, title);
  if (options.wait !== "done" || sent.kind !== "answered") return ended;
  return followToEnd(context, account, sent, { until, stop, title });
}

/** How a command ends with what became of its letter. */
function endingOf(
  context: Context,
  account: Account,
  sent: Sent,
  title: string | undefined,
): Ended {
  if (sent.kind === "carried") return openEnding(sent.entry, "carried", exits.done);
  if (sent.kind === "answered") {
    context.say(`● answered               +${sent.ms} ms   the exchange's signature is good`);
    const { entry, lines, refused, report } = sent;
    const told = { entry, lines, refused, report: report.report, title };
    return answeredEnding(context.cardOf(account), told);
  }
  if (sent.kind === "void") return voidEnding(sent.entry, title);
  return troubled(context, sent);
}

/** Not known: the four lines, with the letter's own names in them. */
function troubled(context: Context, sent: Extract<Sent, { kind: "trouble" }>): Ended {
  const { entry } = sent;
  const name = entry.ids[0] ?? entry.name;
  const next =
    sent.trouble.next ?? `${called} outbox retry ${name}     the same bytes, always safe`;
  const isOpen = sent.trouble.code.startsWith("E5") || sent.trouble.code.startsWith("E8");
  const found = isOpen ? { ...sent.trouble, next } : sent.trouble;
  if (!context.json) return found;
  const exit = exitOf(found);
  const data = { ok: false, state: "not known", ...letterData(entry), trouble: troubleData(found) };
  sayTrouble(found, {});
  return { ok: true, exit, lines: [], data: { ...data, exit } };
}

function isOver(fate: LineFate): boolean {
  if (fate.kind === "ring") return !isOfferOpen(fate.offer);
  return fate.kind !== "order" || fate.order.open === 0;
}

/** Watches the mail until no order of the letter is open any more. */
async function followToEnd(
  context: Context,
  account: Account,
  sent: Extract<Sent, { kind: "answered" }>,
  limits: {
    readonly until: Time | undefined;
    readonly stop: AbortSignal;
    readonly title: string | undefined;
  },
): Promise<Ended> {
  let lines = sent.lines;
  const isDone = (): boolean => lines.every(isOver);
  if (!isDone()) context.say(`○ waiting for the end of ${shortId(sent.entry.orderId)}`);
  const done = await watch(account, {
    until: limits.until ?? Number.POSITIVE_INFINITY,
    stop: limits.stop,
    isDone: (statement) => {
      lines = standing(lines, statement);
      return isDone();
    },
  });
  const { entry, refused, report } = sent;
  const told = { entry, lines, refused, report: report.report, title: limits.title };
  const ended = done ? {} : { exit: exits.unknown };
  return answeredEnding(context.cardOf(account), { ...told, ...ended });
}
