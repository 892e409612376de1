/**
 * RATIO (docs/spec/securities.md §4): a split, or a reverse split. Orders leave the asset's markets
 * first, then every position becomes floor(shares × NEW / OLD), and the issuer pays for the
 * fractions. What comes into being or ceases to be goes through the world's account, so that the
 * asset still sums to zero.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import { field, op } from "../floor/command.ts";
import type { IssuerCommand, Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import { amount, amountMax, type Amount } from "../money/amount.ts";
import { shown, short } from "./admit.ts";
import { isPending, restate, setFree } from "./dividends.ts";
import { execute, phaseOf } from "./execution.ts";
import { sortedByKey } from "./funds.ts";
import { refuseWaiting } from "./hands.ts";
import { holdingsOf, payHolders, sharesOf, type Holding } from "./holders.ts";
import { marketsOf, takeOrdersOut } from "./issuermarkets.ts";
import { largePartOf, partOf, restOf } from "./proportion.ts";
import { balanceOf, freeOf, noteMoved, transfer, waitingFor } from "./purse.ts";
import { actionEntry, labelsOf } from "./records.ts";
import type { issuerRefusals } from "./refusals.ts";
import type { Account, Entitlement, State, Venue } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type RatioCommand = Extract<IssuerCommand, { kind: "ratio" }>;

/** What will become of every position. */
export type Conversion = {
  readonly holdings: readonly Holding[];
  /** The exchange's own. */
  readonly fees: number;
  /** All shares after it. */
  readonly shares: bigint;
  /** For the fractions of holders other than the issuer. */
  readonly cash: readonly Entitlement[];
  readonly sum: bigint;
};

/** Counts what a ratio does, before anything is done. */
export function countRatio(state: State, issuer: Account, command: RatioCommand): Conversion {
  const { asset, numerator, denominator, price } = command;
  const holdings = holdingsOf(state, asset);
  const fees = balanceOf(state, "fees", asset).total;
  let shares = largePartOf(fees, numerator, denominator);
  let sum = 0n;
  const cash: Entitlement[] = [];
  for (const { who, shares: before } of holdings) {
    shares += largePartOf(before, numerator, denominator);
    if (who === issuer.fingerprint) continue;
    const units = partOf(restOf(before, numerator, denominator), price, denominator);
    if (units === 0) continue;
    cash.push({ to: who, shares: before, units });
    sum += BigInt(units);
  }
  return { holdings, fees, shares, cash, sum };
}

/** What stands against a ratio. */
export function checkRatio(
  state: State,
  account: Account,
  command: RatioCommand,
  { shares, sum }: Conversion,
): Refused<(typeof issuerRefusals)[number]> | undefined {
  const { asset, pay } = command;
  const most = state.configuration.assets.get(asset)?.supplyMax ?? 0;
  if (shares > BigInt(most)) {
    return refuse("shares_over_supply", `The supply is ${shown(state, most, asset)} at most.`);
  }
  const open = marketsOf(state, asset).find((venue) => !isStopped(state, venue));
  if (open) {
    const phase = phaseOf(state, open).replaceAll("_", " ");
    return refuse("market_not_stopped", `${open.market.name} is in the phase ${phase}.`);
  }
  if (isPending(state, asset)) {
    return refuse("dividend_pending", `A dividend of ${asset} is not paid yet.`);
  }
  const { unpaid } = state;
  if ([...unpaid.values()].some((each) => each.asset === asset && each.status === "approved")) {
    return refuse("withdrawals_unpaid", `Approved withdrawals of ${asset} are not paid yet.`);
  }
  if (sum > BigInt(amountMax)) {
    return refuse("amount_too_large", `The fractions cost more than ${amountMax} units.`);
  }
  const cost = { asset: pay, amount: Number(sum) };
  return cost.amount <= freeOf(state, account, pay) ? undefined : short(state, account, cost);
}

function isStopped(state: State, venue: Venue): boolean {
  const phase = phaseOf(state, venue);
  return phase === "closed" || phase === "halt";
}

/** A line that was found to be possible. */
export type Division = {
  readonly account: Account;
  readonly line: Line;
  readonly command: RatioCommand;
  readonly counted: Conversion;
};

/** Divides or joins all shares. */
export function divide(turn: Turn, { account, line, command, counted }: Division): void {
  const { state } = turn;
  state.actions += 1;
  const number = state.actions;
  const { asset, numerator, denominator, pay } = command;
  turn.concerns = "all";
  turn.leaves.push(printLeaf({ kind: "ratio", number, asset, numerator, denominator }));
  takeOrdersOut(turn, asset, "ratio");
  refuseWaiting(turn, (each) => each.asset === asset, `ratio ${number}`);
  const paying = setFree(turn, asset);
  for (const { who, account: holder, shares } of counted.holdings) {
    if (holder) convert(turn, command, holder, shares);
    else convertWaiting(turn, command, who);
  }
  convert(turn, command, "fees", counted.fees);
  restate(turn, paying, (units) => partOf(units, numerator, denominator));
  const cause = { kind: "ratio", number } as const;
  payHolders(turn, { issuer: account, asset, pay, cause }, counted.cash);
  for (const venue of marketsOf(state, asset)) restatePrices(turn, venue, command);
  const said = { number, action: "ratio", asset, state: "done" } as const;
  note(turn, account.fingerprint, actionEntry(said, line.number, labelsOf(line)));
  const issue = state.issues.get(asset);
  assert(issue !== undefined, "only what is listed is divided");
  const shares = sharesOf(state, asset);
  note(turn, account.fingerprint, { kind: "issue", asset, shares, hash: issue.contract });
}

/** One position; the caller's own number of the action is the newest. */
function convert(
  turn: Turn,
  { asset, numerator, denominator }: RatioCommand,
  holder: Account | "fees",
  before: number,
): void {
  const change = partOf(before, numerator, denominator) - before;
  const cause = { kind: "ratio", number: turn.state.actions } as const;
  const [from, to] = change > 0 ? (["outside", holder] as const) : ([holder, "outside"] as const);
  transfer(turn, { asset, from, to, amount: Math.abs(change), cause });
}

/**
 * What waits for somebody: floored as a whole. By payer, in order of their fingerprints, each has
 * what the sum up to theirs is floored to beyond the sum before.
 */
function convertWaiting(turn: Turn, command: RatioCommand, who: Fingerprint): void {
  const { state } = turn;
  const { asset, numerator, denominator } = command;
  const waiting = state.waiting.get(who);
  const payers = waiting?.get(asset);
  assert(waiting !== undefined && payers !== undefined, "something waits for a holder");
  const before = waitingFor(state, who, asset);
  let [old, given] = [0, 0];
  const after = new Map<Fingerprint, Amount>();
  for (const [payer, units] of sortedByKey(payers)) {
    old += units;
    const upTo = partOf(old, numerator, denominator);
    if (upTo > given) after.set(payer, amount(upTo - given));
    given = upTo;
  }
  if (after.size > 0) waiting.set(asset, after);
  else waiting.delete(asset);
  const change = given - before;
  const cause = { kind: "ratio", number: state.actions } as const;
  const [from, to] =
    change > 0 ? (["outside", "waiting"] as const) : (["waiting", "outside"] as const);
  transfer(turn, { asset, from, to, amount: Math.abs(change), cause });
  if (change !== 0) noteMoved(turn, who, { asset, change, total: given, cause });
}

/**
 * Last and reference price are those of the shares that are there now: rounded down to the tick, at
 * least one, at most the highest price.
 */
function restatePrices(turn: Turn, venue: Venue, command: RatioCommand): void {
  const { state } = turn;
  const market = state.floor.markets[venue.number];
  assert(market !== undefined, "a market stays");
  const { asset, numerator, denominator } = command;
  const [times, by] =
    venue.market.base === asset ? [denominator, numerator] : [numerator, denominator];
  const restated = (ticks: number): number => {
    if (ticks === 0) return 0;
    const exact = largePartOf(ticks, times, by);
    return Math.max(1, exact < BigInt(market.ticksMax) ? Number(exact) : market.ticksMax);
  };
  market.last = restated(market.last);
  const refusal = execute(turn, [
    [field.op, op.reference],
    [field.market, venue.number],
    [field.price, restated(market.reference) * market.tick],
  ]);
  assert(refusal === 0, "a reference price is on the tick, and not above the highest");
}
