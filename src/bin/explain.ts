/** `signet explain CODE`: the whole of what stands behind a code, or the list of all. */
import { allExplanations, exits, explain as find, trouble } from "../wallet/errors.ts";
import { hint } from "./called.ts";
import type { Context, Ended } from "./context.ts";

/** `signet explain [CODE]`. */
export async function explain(_context: Context, words: readonly string[]): Promise<Ended> {
  const [asked] = words;
  if (asked === undefined) {
    const all = [...allExplanations()];
    return {
      ok: true,
      exit: exits.done,
      lines: all.map(([code, { title, name }]) => `${code}  ${title}${name ? `  (${name})` : ""}`),
      data: { ok: true, codes: Object.fromEntries(all), exit: exits.done },
    };
  }
  const found = find(asked);
  if (!found) return trouble("E100", `There is no code ${asked}.`, { next: "signet explain" });
  const { code, title, meaning, exit } = found;
  const next = hint(found.next);
  return {
    ok: true,
    exit: exits.done,
    lines: [
      `${code}  ${title}`,
      `  ${meaning}`,
      `  ${next}`,
      `  A command that ends so has exit code ${exit}.`,
    ],
    data: { ok: true, code, title, meaning, next, codeExit: exit, exit: exits.done },
  };
}
