/**
 * `signet explain WORD`: the whole of what stands behind a code or a refusal's name, why an order
 * ended by a word such as `own_order`, or the list of all codes.
 */
import { allExplanations, exits, explain as find, trouble } from "../wallet/errors.ts";
import { whyOf } from "../wallet/terms.ts";
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
  const why = whyOf(asked.toLowerCase().replace(/^why=/, ""));
  if (why !== undefined) return whyEnding(asked.toLowerCase().replace(/^why=/, ""), why);
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

/** Of what ended an order that nobody asked to cancel. */
function whyEnding(word: string, why: string): Ended {
  const title = `An order ends so because ${why}.`;
  const meaning = "What it had traded counts; what was set aside for the rest is free again.";
  return {
    ok: true,
    exit: exits.done,
    lines: [`why=${word}  ${title}`, `  ${meaning}`, `  ${hint("signet orders --all")}`],
    data: { ok: true, why: word, title, meaning, exit: exits.done },
  };
}
