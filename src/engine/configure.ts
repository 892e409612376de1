/** A configuration taking effect: what may change from the one before, and what the log is told. */
import { assert } from "../codec/assert.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { field, op } from "../floor/command.ts";
import type { Listing } from "../floor/market.ts";
import { printLeaf } from "../log/leaf.ts";
import { amountMax } from "../money/amount.ts";
import { printDecimal } from "../money/decimal.ts";
import type { Asset, Market } from "../money/market.ts";
import { forgetWatchers } from "../pool/claims.ts";
import { parseConfiguration, renamedConfiguration, type Configuration } from "./configuration.ts";
import { execute, phaseOf } from "./execution.ts";
import { tellAllWaiting } from "./hands.ts";
import { enterVenue } from "./orders.ts";
import { refreshPhase } from "./phases.ts";
import { assetNumber, balanceOf } from "./purse.ts";
import type { ConfigurationRefusal } from "./refusals.ts";
import { mustStayIn, type RingConfiguration } from "./ringconfiguration.ts";
import { takeBackShared, touchAll } from "./ringfates.ts";
import { tellAllWatched } from "./ringwatch.ts";
import type { State, Venue } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * Whether a configuration may follow the present one. The island asks before it journals a text:
 * what is journaled is applied, and a text that could not be is our mistake.
 */
export function checkConfiguration(
  state: State,
  text: string,
): Verdict<Configuration, ConfigurationRefusal> {
  const parsed = parseConfiguration(text);
  if (!parsed.ok) return parsed;
  for (const asset of state.renamed) {
    const to = state.configuration.reserved.get(asset);
    if (parsed.value.reserved.get(asset) !== to) {
      return refuse("must_stay", `rename ${asset} ${to ?? ""}`);
    }
  }
  const next = renamedConfiguration(parsed.value, state.renamed);
  const { assets, markets, issuers } = next;
  for (const asset of state.configuration.assets.values()) {
    const supply = assets.get(asset.name);
    if (supply?.decimals !== asset.decimals) {
      return refuse("must_stay", `asset ${asset.name} decimals ${asset.decimals}`);
    }
    const inside = -balanceOf(state, "outside", asset.name).total;
    if (supply.supplyMax < inside) {
      const shown = printDecimal(inside, asset.decimals);
      return refuse("must_stay", `asset ${asset.name}: ${shown} are inside, its supply is less`);
    }
    const isBound = inside > 0 || state.issues.has(asset.name);
    if (isBound && state.configuration.issuers.get(asset.name) !== issuers.get(asset.name)) {
      return refuse("must_stay", `the issuer of ${asset.name}`);
    }
  }
  for (const market of state.configuration.markets.values()) {
    const after = markets.get(market.name);
    if (!after || !sameSteps(market, after)) {
      return refuse("must_stay", `market ${market.name} with its lot, step and tick`);
    }
    const why = ordersBeyond(state, market, after);
    if (why !== undefined) return refuse("must_stay", `market ${market.name}: ${why}`);
  }
  // A replacement that could be made quick could be made a theft.
  const { replacementMs } = state.configuration.keyDelays;
  if (state.configuration.text !== "" && next.keyDelays.replacementMs < replacementMs) {
    return refuse("must_stay", "keys: replacement may only become longer");
  }
  const stays = mustStayIn(state.configuration, next);
  return stays === undefined ? accept(next) : refuse("must_stay", stays);
}

/**
 * Why open orders stand in the way of another maximum price: none may be above it, and no sell may
 * come to more than is counted exactly, fees and all, if it fills at the highest price.
 */
function ordersBeyond(state: State, before: Market, after: Market): string | undefined {
  if (after.priceMax === before.priceMax) return undefined;
  for (const order of state.orders.values()) {
    if (order.venue.market.name !== before.name) continue;
    if ((order.price ?? 0) > after.priceMax || (order.trigger ?? 0) > after.priceMax) {
      return "an open order is above the new maximum price";
    }
    const most = 2n * BigInt(order.requested) * BigInt(after.priceMax) * BigInt(after.unit);
    if (order.side === "sell" && most > BigInt(amountMax)) {
      return "an open sell could come to too much at the new maximum price";
    }
  }
  return undefined;
}

/** What open orders were placed in. */
function sameSteps(before: Market, after: Market): boolean {
  const keys = ["lot", "unit", "tick", "priceDecimals"] as const;
  return keys.every((key) => before[key] === after[key]);
}

/** Puts a configuration into effect. */
export function configure(turn: Turn, text: string): void {
  const { state } = turn;
  const checked = checkConfiguration(state, text);
  assert(checked.ok, "a journaled configuration was checked before");
  const before = state.configuration;
  state.configuration = checked.value;
  for (const asset of checked.value.assets.values()) takeAsset(state, asset);
  for (const market of checked.value.markets.values()) takeMarket(turn, market);
  for (const operator of checked.value.operators) {
    const account = state.accounts.get(operator);
    if (account && !before.operators.includes(operator)) tellAllWaiting(turn, account);
  }
  configureRings(turn, before);
}

function takeAsset({ assets, floor }: State, { name, supplyMax }: Asset): void {
  const number = assets.get(name);
  if (number !== undefined) floor.balances.setSupply(number, supplyMax);
  else assets.set(name, floor.addAsset(supplyMax));
}

/** A market begins, or goes on with other fees, limits and hours. */
function takeMarket(turn: Turn, market: Market): void {
  const { state } = turn;
  const known = state.venues.get(market.name);
  const before = known?.market;
  const leaf = marketLeaf(state, market);
  if (before === undefined || marketLeaf(state, before) !== leaf) turn.leaves.push(leaf);
  const listing = listingOf(state, market);
  const venue = known ?? enterVenue(state, market, state.floor.addMarket(listing));
  if (known) {
    venue.market = market;
    state.floor.relist(venue.number, listing);
  }
  // Said again, a reference price does not undo what the market found since.
  const { reference } = market;
  if (reference !== 0 && reference !== before?.reference) setReference(turn, venue);
  const leaves = turn.leaves.length;
  refreshPhase(turn, venue);
  if (known) return;
  // Of a new market the log says what it is in, if it is not what every reader expects.
  turn.leaves.length = leaves;
  const phase = phaseOf(state, venue);
  if (phase === "continuous") return;
  turn.leaves.push(printLeaf({ kind: "phase", market: market.name, phase, at: turn.at }));
}

function setReference(turn: Turn, { number, market }: Venue): void {
  const refusal = execute(turn, [
    [field.op, op.reference],
    [field.market, number],
    [field.price, market.reference],
  ]);
  assert(refusal === 0, "a reference price is on the tick, and not above the highest");
}

/** The market as the floor lists it. */
function listingOf(state: State, market: Market): Listing {
  const { lot, unit, tick, priceMax, quantityMin, quantityMax, makerRate, takerRate } = market;
  const { collarRate, limitRate, bandRate } = market;
  const assets = {
    base: assetNumber(state, market.base),
    quote: assetNumber(state, market.quote),
  };
  const steps = { lot, unit, tick, priceMax, quantityMin, quantityMax };
  return { ...assets, ...steps, makerRate, takerRate, collarRate, limitRate, bandRate };
}

/** The log is told of what is new; of watchers, those count that are named now. */
function configureRings(turn: Turn, before: Configuration): void {
  const { configuration, rings, accounts } = turn.state;
  const { ring, watchers, watchersNeeded } = configuration;
  if (ring === undefined) return;
  const leaf = venueLeaf(ring);
  if (before.ring === undefined || venueLeaf(before.ring) !== leaf) turn.leaves.push(leaf);
  for (const { name, address, decimals } of ring.tokens.values()) {
    if (before.ring?.tokens.has(name)) continue;
    turn.leaves.push(printLeaf({ kind: "token", name, address, decimals }));
  }
  const gone = before.watchers.filter((watcher) => !watchers.includes(watcher));
  forgetWatchers(rings.claims, gone);
  const come = watchers.filter((watcher) => !before.watchers.includes(watcher));
  if (gone.length > 0 || watchersNeeded !== before.watchersNeeded) touchAll(turn);
  for (const watcher of come) {
    const account = accounts.get(watcher);
    if (account) tellAllWatched(turn, account);
  }
  if (before.ring !== undefined && before.ring.miner !== ring.miner) takeBackShared(turn);
}

function venueLeaf({ domain, miner, feeRecipient }: RingConfiguration): string {
  return printLeaf({ kind: "venue", ...domain, miner, feeRecipient });
}

function marketLeaf(state: State, market: Market): string {
  const { assets } = state.configuration;
  const baseDecimals = assets.get(market.base)?.decimals;
  const quoteDecimals = assets.get(market.quote)?.decimals;
  assert(baseDecimals !== undefined && quoteDecimals !== undefined, "a market's assets are there");
  const { name, lot, unit, tick, priceDecimals, priceMax, quantityMin, quantityMax } = market;
  const { makerRate, takerRate } = market;
  const steps = { name, lot, unit, tick, priceDecimals, priceMax, quantityMin, quantityMax };
  const rest = { ...steps, makerRate, takerRate };
  return printLeaf({ kind: "market", ...rest, baseDecimals, quoteDecimals });
}
