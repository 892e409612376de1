/**
 * What issuers did, as it is told of a market: a sentence for people, and `/v1/events`
 * (docs/spec/api.md §1). Amounts of an asset that is in no market are in its smallest unit.
 */
import { printTime } from "../codec/time.ts";
import { printLeaf } from "../log/leaf.ts";
import type { Board } from "./board.ts";
import { printScaled } from "./figures.ts";
import type { Told } from "./securities.ts";

/** One event of `/v1/events`. */
export type EventJson = {
  /** The number of its leaf. */
  readonly leaf: number;
  /** The exchange's clock then. */
  readonly at: string | null;
  readonly kind: Told["leaf"]["kind"];
  /** As it was called then. */
  readonly asset: string;
  /** The leaf itself. */
  readonly line: string;
  readonly says: string;
};

function eventJson(board: Board, told: Told): EventJson {
  const { number, at, leaf } = told;
  return {
    leaf: number,
    at: at === undefined ? null : printTime(at),
    kind: leaf.kind,
    asset: leaf.asset,
    line: printLeaf(leaf),
    says: eventWords(board, told),
  };
}

/** What issuers did with the market's assets, newest first. */
export function marketEvents(board: Board, name: string): readonly EventJson[] {
  return board.securities
    .of(name)
    .map((told) => eventJson(board, told))
    .toReversed();
}

/** An amount of what `asset` was the name of at that leaf. */
function amountWords(board: Board, told: Told, asset: string, amount: number): string {
  const decimals = board.decimals(board.securities.assetNow(asset, told.number));
  if (decimals === undefined) return `${amount} units of ${asset}`;
  return `${printScaled(BigInt(amount), decimals)} ${asset}`;
}

/** How a ratio is written: `1:10`, where ten shares came of one. */
export function ratioMark(leaf: {
  readonly numerator: number;
  readonly denominator: number;
}): string {
  return `${leaf.denominator}:${leaf.numerator}`;
}

/** The event in a sentence, without a full stop. */
function eventWords(board: Board, told: Told): string {
  const { leaf } = told;
  const shares = (asset: string, amount: number): string => amountWords(board, told, asset, amount);
  switch (leaf.kind) {
    case "listing":
      return `${leaf.asset} was listed: ${shares(leaf.asset, leaf.shares)}`;
    case "dividend": {
      const { asset, pay, total, float, record } = leaf;
      const what = `${shares(pay, total)} for ${shares(asset, float)}`;
      const whom = `to who holds them on ${printTime(record).slice(0, 16).replace("T", " ")} UTC`;
      return `dividend ${leaf.number}: ${what}, ${whom}`;
    }
    case "ratio": {
      const { numerator, denominator } = leaf;
      const what = `${numerator} new ${leaf.asset} for ${denominator} old`;
      return `ratio ${ratioMark(leaf)}: ${what}; prices before it are as they were`;
    }
    case "renamed":
      return `${leaf.asset} is called ${leaf.to} now`;
    case "delisted":
      return `${leaf.asset} was delisted: its markets are closed for ever`;
  }
}
