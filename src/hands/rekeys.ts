/**
 * Replacements of lost keys as the operators' reports tell them (docs/spec/keys.md §5): those for
 * which signatures are collected, and those that the public log has.
 */
import { printSeconds } from "../codec/time.ts";
import type { RekeyEntry } from "../letter/keyentry.ts";
import type { Statement } from "../wallet/fold.ts";

/** What was said last of each account's replacement, in words. */
export function rekeyLines({ approvals, rekeys }: Statement): readonly string[] {
  const collected = new Map<string, string>();
  for (const { verb, number: account, have, need } of approvals) {
    if (verb !== "REKEY" || typeof account === "number") continue;
    collected.delete(account);
    if (have < need) collected.set(account, `○ REKEY ${account}   signed by ${have} of ${need}`);
  }
  const asked = [...collected.values()].flatMap((line) => [
    line,
    "    agreed?  the very same certificate, proof and reason: hands rekey",
  ]);
  return [...asked, ...[...rekeys.values()].map(rekeyLine)];
}

function rekeyLine({ account, key, state, at }: RekeyEntry): string {
  const what = `REKEY ${account}   to ${key}`;
  switch (state) {
    case "begun":
      return `◐ ${what}   takes effect ${printSeconds(at)} unless its owner vetoes it`;
    case "done":
      return `● ${what}   done ${printSeconds(at)}`;
    case "vetoed":
    case "dismissed":
      return `✕ ${what}   ${state} ${printSeconds(at)}`;
  }
}
