/**
 * Halts and resumptions of markets that operators have begun to sign (docs/spec/hands.md §1), from
 * one operator's own verified reports: what is collected for a market is gone once either verb has
 * the signatures that it needs.
 */
import type { Statement } from "../wallet/fold.ts";

/** Signatures of one verb about one market. */
export type HaltAsked = {
  readonly verb: string;
  readonly market: string;
  readonly have: number;
  readonly need: number;
};

/** What is collected and does not suffice yet, the market heard of last at the end. */
export function haltsOf(statement: Statement): readonly HaltAsked[] {
  const markets = new Map<string, Map<string, HaltAsked>>();
  for (const { verb, number: market, have, need } of statement.approvals) {
    if (typeof market === "number" || (verb !== "HALT" && verb !== "RESUME")) continue;
    const verbs = markets.get(market) ?? new Map<string, HaltAsked>();
    verbs.set(verb, { verb, market, have, need });
    if (have < need) markets.set(market, verbs);
    else markets.delete(market);
  }
  return [...markets.values()].flatMap((verbs) => Array.from(verbs.values()));
}

/** The same in words, with the command that signs it too. */
export function haltLines(
  halts: readonly HaltAsked[],
  program: string,
  homeOption: string,
): readonly string[] {
  return halts.flatMap(({ verb, market, have, need }) => {
    const command = `${program} hands ${verb.toLowerCase()} ${market} REASON${homeOption}`;
    return [
      `○ ${verb} ${market}   signed by ${have} of ${need}`,
      `    agreed, with the very same reason?  ${command}`,
    ];
  });
}
