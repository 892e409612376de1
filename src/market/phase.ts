/**
 * What a market's phase is called, and what it means for who reads it (docs/spec/phases.md). A
 * market of which no PHASE leaf came is continuous always, and nothing is said of it.
 */
import type { MarketPhase, PhaseLeaf } from "../log/leafsecurities.ts";
import type { Level } from "./board.ts";

type Standing = { readonly phase: PhaseLeaf | undefined; readonly isDelisted: boolean };

/** A word for people, and a sentence about it. */
export type PhaseWords = { readonly word: string; readonly means: string };

const collects = "Orders are collected; when it ends, all that can trade trades at one price.";

const words: { readonly [Phase in MarketPhase]: PhaseWords } = {
  closed: { word: "closed", means: "No new orders now; those that rest can be cancelled." },
  pre_open: {
    word: "pre-open",
    means: "No new orders yet; those that are here can be changed or cancelled.",
  },
  opening_call: { word: "opening call", means: collects },
  continuous: { word: "continuous", means: "Orders trade as they come." },
  halt: {
    word: "halted",
    means: "The operators stopped this market: no new orders; those here can be cancelled.",
  },
  volatility_call: {
    word: "volatility call",
    means: `The price moved too far at once. ${collects}`,
  },
  closing_call: { word: "closing call", means: collects },
};

const delisted: PhaseWords = { word: "delisted", means: "This market is closed for ever." };

/** The market's phase now. */
export function phaseOf({ phase, isDelisted }: Standing): MarketPhase {
  return isDelisted ? "closed" : (phase?.phase ?? "continuous");
}

/** What to say of it; `undefined`: nothing, it never had another phase. */
export function phaseWords({ phase, isDelisted }: Standing): PhaseWords | undefined {
  if (isDelisted) return delisted;
  return phase === undefined ? undefined : words[phase.phase];
}

/** The phase's name in words: `opening call`. */
export function phaseName(phase: MarketPhase): string {
  return words[phase].word;
}

/** What is said where a spread would stand, if the best buy reaches the best sell. */
export const crossedWords = "collecting, the book is crossed";

/** Whether the best buy reaches the best sell, as it may while orders are collected. */
export function isCrossed(sides: {
  readonly buys: readonly Level[];
  readonly sells: readonly Level[];
}): boolean {
  const [buy, sell] = [sides.buys[0], sides.sells[0]];
  return buy !== undefined && sell !== undefined && buy.price >= sell.price;
}
