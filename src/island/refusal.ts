/**
 * The island will not run until a person has done something. Said in the log in four parts: what
 * happened, what it means for the money, what to do, and the name.
 */

import type { RecordUnreadable } from "../journal/record.ts";
import type { StoreDamaged } from "../store/segments.ts";

export class StartRefused extends Error {
  override readonly name = "StartRefused";
  readonly code: string;

  constructor(code: string, parts: { what: string; money: string; next: string }, cause?: unknown) {
    super(`${parts.what}\n${parts.money}\n${parts.next}\n(${code})`, { cause });
    this.code = code;
  }
}

export function journalShort(last: number, answered: number): StartRefused {
  return new StartRefused("journal_short", {
    what: `The journal ends at record ${last}, but answers up to record ${answered} were given.`,
    money: "Letters that were acknowledged are missing here: running would forget trades.",
    next: "Bring back the journal that belongs to this said/ folder; do not delete said/.",
  });
}

export function letterFaults(number: number, cause: unknown): StartRefused {
  return new StartRefused(
    "letter_faults",
    {
      what: `Journal record ${number} breaks a rule that must never break: ${String(cause)}`,
      money: "Nothing after it was decided. Everything before it stands.",
      next:
        `Operators pass it over with \`npx signet hands skip ${number} REASON\`; put their letters` +
        " into island/skips/ and start again. Keep the journal for whoever mends the engine.",
    },
    cause,
  );
}

export function journalUnreadable(cause: RecordUnreadable): StartRefused {
  return new StartRefused(
    "journal_unreadable",
    {
      what: `The journal is of another build: ${cause.message}`,
      money: "Nothing was folded and nothing was changed; all that was said stands in said/.",
      next: "Start it with the build that wrote it, or found a new exchange in another folder.",
    },
    cause,
  );
}

export function configurationRefused(detail: string): StartRefused {
  return new StartRefused("configuration_refused", {
    what: `signet.conf cannot be used: ${detail}`,
    money: "Nothing changed; the last configuration still stands in the journal.",
    next: "Mend signet.conf and start again.",
  });
}

export function keysUnfinished(file: string): StartRefused {
  return new StartRefused("keys_unfinished", {
    what: `${file} has not the secret of the newest signing key of its certificate.`,
    money: "Nothing was changed. What it would sign, no customer would believe.",
    next: "Put the rotation in place again: npx signet exchange install FOLDER",
  });
}

export function restoredBackup(seen: number, here: number): StartRefused {
  return new StartRefused("backup_restored", {
    what: `A log of ${seen} leaves was published and signed here; this copy has another of ${here}.`,
    money: "This looks like a restored backup. Going on would tell two histories.",
    next: "Bring back the newest journal/ and said/ folders. Nothing was changed.",
  });
}

export function storeDamaged(cause: StoreDamaged): StartRefused {
  return new StartRefused(
    cause.code,
    {
      what: cause.message,
      money: "Nothing was changed. What stands before the damage is whole.",
      next: "Bring back this folder from a copy; keep the damaged one. Do not delete segments.",
    },
    cause,
  );
}
