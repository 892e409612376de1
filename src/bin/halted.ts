/**
 * What came of an operator's HALT or RESUME: the signatures that it has are in the exchange's
 * answer; whether the market changed its phase is what a relay shows before and after.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { haltsOf } from "../hands/halts.ts";
import type { Decision } from "../hands/letters.ts";
import { subjectOf } from "../hands/letters.ts";
import type { Account } from "../wallet/account.ts";
import { exits } from "../wallet/errors.ts";
import { statementHere } from "../wallet/sync.ts";
import type { Ended } from "./context.ts";
import { marketsSaid, phaseSaid, type MarketSaid } from "./marketsaid.ts";

type HaltDecision = Extract<Decision, { readonly market: string }>;

/** How often, and every how many milliseconds, a relay is asked that may be behind. */
const looks = { most: 10, everyMs: 200 };

/** Follows the letter, and adds what became of the market. */
export async function withPhase(
  account: Account,
  decision: HaltDecision,
  follow: () => Promise<Ended>,
): Promise<Ended> {
  const market = subjectOf(decision);
  const before = await marketSaid(account, market);
  const ended = await follow();
  if (!ended.ok || ended.exit !== exits.done) return ended;
  const verb = decision.verb.toUpperCase();
  const isWaiting = haltsOf(statementHere(account.home)).some(
    (asked) => asked.market === market && asked.verb === verb,
  );
  if (isWaiting) return ended;
  const after = await phaseAfter(account, decision);
  const line = haltedLine(decision.verb, before, after);
  return line === undefined ? ended : { ...ended, lines: [...ended.lines, `  ${line}`] };
}

/** What happened, in words; nothing, if no relay shows that it did. */
export function haltedLine(
  verb: HaltDecision["verb"],
  before: MarketSaid | undefined,
  after: MarketSaid | undefined,
): string | undefined {
  if (!after) return undefined;
  const wasHalted = before?.phase === "halt";
  if (verb === "halt") {
    if (after.phase === "closed") {
      return "the market is closed; when its day would begin, it is halted";
    }
    if (after.phase !== "halt") return undefined;
    if (before === undefined) return "halted";
    return wasHalted && before.since === after.since ? "was halted already" : "halted now";
  }
  if (after.phase === "halt") return undefined;
  const now = `it is ${phaseSaid(after)}`;
  if (wasHalted) return `resumed now: ${now}`;
  // Whether a closed market was halted is not shown.
  if (before === undefined || before.phase === "closed") return `not halted now: ${now}`;
  return `was not halted: ${now}`;
}

/** The market as a relay shows it; one that is behind is asked again for a while. */
async function phaseAfter(
  account: Account,
  decision: HaltDecision,
): Promise<MarketSaid | undefined> {
  for (let look = 1; ; look += 1) {
    const said = await marketSaid(account, subjectOf(decision));
    const fits =
      decision.verb === "halt"
        ? said?.phase === "halt" || said?.phase === "closed"
        : said !== undefined && said.phase !== "halt";
    if (fits || look === looks.most) return said;
    await sleep(looks.everyMs);
  }
}

async function marketSaid(account: Account, name: string): Promise<MarketSaid | undefined> {
  for (const url of account.exchange.urls) {
    const found = (await marketsSaid(url))?.find((market) => market.name === name);
    if (found) return found;
  }
  return undefined;
}
