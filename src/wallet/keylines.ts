/** What is said about an account's keys (docs/spec/keys.md): records in a line, and as data. */
import { keyNumber } from "../codec/keynumber.ts";
import { printSeconds } from "../codec/time.ts";
import type { FrozenEntry, KeyEntry } from "../letter/keyentry.ts";
import type { Statement } from "./fold.ts";

/** KEY or FROZEN in words. */
export function keyLine(entry: KeyEntry | FrozenEntry): string {
  if (entry.kind === "frozen") {
    return entry.why === "no" ? "● account not frozen any more" : "✕ account frozen";
  }
  const { state, key, at } = entry;
  const when = at === undefined ? "its time" : printSeconds(at);
  switch (state) {
    case "in_force":
      return `● key in force   ${key}`;
    case "renewed":
      return `● key renewed    ${key}`;
    case "coming":
      return `○ key coming     ${key}   signs from now on, alone from ${when}`;
    case "replacing":
      return `○ key replacing  ${key}   by the operators, from ${when}, unless you veto it`;
    case "vetoed":
    case "dismissed":
      return `– key ${state.padEnd(10)} ${key}   does not become this account's`;
    case "revoked":
      return `✕ key revoked    ${key}`;
  }
}

/** What everything else depends on: the account is frozen, its key revoked, or it changes. */
export function keyWarnings({ keys }: Statement): readonly string[] {
  let frozen = false;
  let isRevoked = false;
  let inForce: string | undefined;
  let waits: KeyEntry | undefined;
  for (const entry of keys) {
    if (entry.kind === "frozen") {
      frozen = entry.why !== "no";
    } else if (entry.state === "in_force") {
      [isRevoked, inForce, waits] = [false, entry.key, undefined];
    } else if (entry.state === "coming" || entry.state === "replacing") {
      waits = entry;
    } else if (entry.state === "revoked") {
      // Of a retired key it changes nothing; of one that was to come, that it comes.
      if (entry.key === waits?.key) waits = undefined;
      else if (inForce === undefined || inForce === entry.key) isRevoked = true;
    } else if (entry.state !== "renewed") {
      waits = undefined;
    }
  }
  const lines: string[] = [];
  if (isRevoked) {
    lines.push("✕ Your key is revoked: it signs nothing more. The operators can replace it.");
  }
  if (frozen) {
    lines.push("✕ The account is frozen: nothing leaves it until its key is another.");
  }
  if (waits !== undefined) {
    const until = waits.at === undefined ? "its time" : printSeconds(waits.at);
    const to = `to key number ${keyNumber(waits.key)}`;
    lines.push(`◐ A change of your key waits until ${until}, ${to}`);
    lines.push("  If that was not you:  signet key veto");
  }
  return lines;
}

/** KEY as data. */
export function keyData({ state, key, at }: KeyEntry): {
  readonly status: string;
  readonly key: string;
  readonly at: string | null;
} {
  return { status: state, key, at: at === undefined ? null : printSeconds(at) };
}

/** How the account's keys stand: the last that was said, and whether the account is frozen. */
export function keysStanding({ keys }: Statement): readonly (KeyEntry | FrozenEntry)[] {
  const frozen = keys.findLast((entry) => entry.kind === "frozen");
  const key = keys.findLast((entry) => entry.kind === "key");
  const isFrozen = frozen?.kind === "frozen" && frozen.why !== "no";
  return [...(key ? [key] : []), ...(isFrozen ? [frozen] : [])];
}
