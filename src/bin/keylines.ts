/** What is said about an account's keys (docs/spec/keys.md): records in a line, and as data. */
import { printSeconds } from "../codec/time.ts";
import type { FrozenEntry, KeyEntry } from "../letter/keyentry.ts";
import type { Data } from "./context.ts";

/** KEY in words. */
export function keyLine({ state, key, at }: KeyEntry): string {
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

/** KEY as data. */
export function keyData({ state, key, at }: KeyEntry): { readonly [name: string]: Data } {
  return { status: state, key, at: at === undefined ? null : printSeconds(at) };
}

/** FROZEN in words. */
export function frozenLine({ why }: FrozenEntry): string {
  return why === "no" ? "● account not frozen any more" : "● account frozen";
}
