/** Letters of the outbox, followed one after the other: what went wrong names its letter. */
import type { Account } from "../wallet/account.ts";
import { exitOf, exits, type Exit, type Trouble } from "../wallet/errors.ts";
import { textOfLetter, type OutboxEntry } from "../wallet/outbox.ts";
import type { Context, Data, Ending } from "./context.ts";
import { followEntry, type FollowOptions } from "./deliver.ts";

/** A letter to be followed. */
export type Followed = {
  readonly entry: OutboxEntry;
  /** What a person calls it. */
  readonly title: string;
  readonly options: FollowOptions;
};

/**
 * Follows them all. What was refused or is not known is said of each; the first such is the exit.
 */
export async function followSeveral(
  context: Context,
  account: Account,
  letters: readonly Followed[],
): Promise<Ending> {
  const results: Data[] = [];
  const lines: string[] = [];
  const troubles: Trouble[] = [];
  let exit: Exit = exits.done;
  for (const { entry, title, options } of letters) {
    if (letters.length > 1) context.say(`  ${title}`);
    const ended = await followEntry(context, account, entry, { ...options, title });
    if (ended.ok) {
      lines.push(...ended.lines);
      troubles.push(...(ended.troubles ?? []));
    } else {
      troubles.push({ ...ended, what: `${title}: ${ended.what}` });
    }
    const code = ended.ok ? ended.exit : exitOf(ended);
    exit = exit === exits.done ? code : exit;
    results.push(ended.ok ? ended.data : { letter: entry.name, code: ended.code, exit: code });
  }
  if (letters.length === 0) lines.push("  every letter has its answer");
  const data = { ok: exit === exits.done, letters: results, exit };
  return { ok: true, exit, lines, data, troubles };
}

/** A letter's first command in two words, such as `PAID 1`, and in brackets where it lies. */
export function titleOf(account: Account, entry: OutboxEntry, where?: string): string {
  const [, command = ""] =
    /^([A-Z]+(?:\|[^|=]{1,20}(?=[|\n]))?)/m.exec(commandsOf(account, entry)) ?? [];
  const name = entry.ids[0] ?? command.replace("|", " ");
  return `${name} (${where ?? `letter ${entry.name}`})`;
}

/** The letter's text behind its head. */
function commandsOf(account: Account, entry: OutboxEntry): string {
  return textOfLetter(account.home, entry).replace(/^(?:signet\/1|seq|by|pad)\b.*\n/gm, "");
}
