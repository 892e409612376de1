/** `signet outbox list|retry|drop`: letters whose fate is open, and the same bytes again. */
import { shortId } from "../codec/names.ts";
import { printSeconds, time } from "../codec/time.ts";
import { exits, trouble } from "../wallet/errors.ts";
import {
  commandsOf,
  findEntry,
  isGone,
  keepEntry,
  readOutbox,
  writeLetter,
  type OutboxEntry,
} from "../wallet/outbox.ts";
import { homeHasKey, type Account } from "../wallet/account.ts";
import { synchronise } from "../wallet/sync.ts";
import { now } from "../wallet/times.ts";
import { accountOf, type CommonOptions, type Context, type Data, type Ended } from "./context.ts";
import { letterData } from "./fates.ts";
import { letterStatus } from "./read.ts";
import { followSeveral, titleOf } from "./several.ts";

/** `signet outbox [list|retry|drop] [NAME]`. */
export async function outbox(
  context: Context,
  words: readonly string[],
  options: CommonOptions & { readonly all?: boolean },
): Promise<Ended> {
  const [act = "list", name] = words;
  const missing = homeHasKey(context.home);
  if (!missing.ok) return missing;
  if (act === "list") return list(context, options.all === true);
  if (act === "retry") return retry(context, name, options);
  if (act === "drop") return drop(context, name);
  return trouble("E100", "Say outbox list, outbox retry [NAME] or outbox drop NAME.");
}

function list(context: Context, all: boolean): Ended {
  const entries = readOutbox(context.home).filter((entry) => all || entry.state === "written");
  const lines = entries.map((entry) => {
    const sign = entry.state === "answered" ? "●" : isGone(entry) ? "✕" : "◌";
    const past = entry.state === "written" && now() > entry.by ? " (passed)" : "";
    const ids = entry.ids.join(" ");
    const name = `${sign} ${entry.name.padEnd(8)} ${shortId(entry.ref)}`;
    return `${name}   by ${printSeconds(entry.by)}${past}   ${ids}`.trimEnd();
  });
  if (lines.length === 0)
    lines.push(all ? "  the outbox is empty" : "  every letter has its answer");
  const data: Data[] = [];
  for (const entry of entries) data.push({ ...letterData(entry), state: entry.state });
  return { ok: true, exit: exits.done, lines, data: { ok: true, letters: data, exit: exits.done } };
}

async function retry(
  context: Context,
  name: string | undefined,
  options: CommonOptions,
): Promise<Ended> {
  const account = await accountOf(context);
  if (!account.ok) return account;
  await context.lookForCard(account.value);
  const open = readOutbox(context.home).filter((entry) => entry.state === "written");
  const named = name === undefined ? undefined : latest(context, name);
  if (name !== undefined && !named) return trouble("E114", `No letter here is called ${name}.`);
  if (named && isVoid(named)) return sayAgain(context, account.value, named, options);
  if (named?.state === "answered") {
    // Its answer is here; what it says of orders may be old news.
    const { statement } = await synchronise(account.value);
    return letterStatus(context, account.value, statement, named);
  }
  const letters = (named ? [named] : open).map((entry) => ({
    entry,
    title: titleOf(account.value, entry),
    // Past its deadline a letter can only be asked about: a few seconds are enough.
    options: { ...options, ...(entry.by < now() ? { timeout: "4s" } : {}) },
  }));
  return followSeveral(context, account.value, letters);
}

/** The letter of this name, or the last one that says the same again. */
function latest(context: Context, name: string): OutboxEntry | undefined {
  let found = findEntry(context.home, name);
  for (let next = found; next !== undefined;) {
    found = next;
    next = found.next === undefined ? undefined : findEntry(context.home, found.next);
  }
  return found;
}

/** Proved void, or answered that it came too late: it never has an effect. */
function isVoid(entry: OutboxEntry): boolean {
  return entry.state === "void" || entry.refused === "late";
}

/** The same words in a new letter, good for as long as the old one was; once. */
async function sayAgain(
  context: Context,
  account: Account,
  old: OutboxEntry,
  options: CommonOptions,
): Promise<Ended> {
  const by = time(Math.ceil((now() + old.by - old.at) / 1000) * 1000);
  const { thread } = old.seq;
  const commands = commandsOf(account.home, old);
  const draft = { commands, by, thread, ids: old.ids, again: old };
  const entry = await writeLetter(account, draft);
  if (!entry.ok) return entry;
  context.say(`○ letter ${old.name} is void; letter ${entry.value.name} says the same again`);
  if (entry.value.state !== "written") {
    const { statement } = await synchronise(account);
    return letterStatus(context, account, statement, entry.value);
  }
  return followSeveral(context, account, [
    { entry: entry.value, title: titleOf(account, entry.value), options },
  ]);
}

function drop(context: Context, name: string | undefined): Ended {
  const entry: OutboxEntry | undefined =
    name === undefined ? undefined : findEntry(context.home, name);
  if (!entry) return trouble("E114", `No letter here is called ${name ?? "nothing"}.`);
  if (entry.state === "answered" || entry.state === "void") {
    return trouble("E100", `The fate of letter ${entry.name} is known; there is nothing to drop.`);
  }
  keepEntry(context.home, { ...entry, state: "dropped" });
  return {
    ok: true,
    exit: exits.done,
    lines: [
      `✕ ${entry.name} is not sent again. If a relay carried it, it may still be read until ` +
        `${printSeconds(entry.by)}.`,
    ],
    data: { ok: true, ...letterData(entry), state: "dropped", exit: exits.done },
  };
}
