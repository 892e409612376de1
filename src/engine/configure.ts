/** A configuration taking effect: what may change from the one before, and what the log is told. */
import { assert } from "../codec/assert.ts";
import { refuse, type Verdict } from "../codec/verdict.ts";
import { printLeaf } from "../log/leaf.ts";
import type { Market } from "../money/market.ts";
import { parseConfiguration, type Configuration } from "./configuration.ts";
import { tellAllWaiting } from "./hands.ts";
import type { ConfigurationRefusal } from "./refusals.ts";
import { mustStayIn, type RingConfiguration } from "./ringconfiguration.ts";
import { takeBackShared, touchAll } from "./ringfates.ts";
import { tellAllWatched } from "./ringwatch.ts";
import { newVenue, type State } from "./state.ts";
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
  const { assets, markets } = parsed.value;
  for (const asset of state.configuration.assets.values()) {
    if (assets.get(asset.name)?.decimals !== asset.decimals) {
      return refuse("must_stay", `asset ${asset.name} decimals ${asset.decimals}`);
    }
  }
  for (const market of state.configuration.markets.values()) {
    const next = markets.get(market.name);
    if (!next || !sameSteps(market, next)) {
      return refuse("must_stay", `market ${market.name} with its lot, step and tick`);
    }
  }
  const stays = mustStayIn(state.configuration, parsed.value);
  return stays === undefined ? parsed : refuse("must_stay", stays);
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
  for (const market of checked.value.markets.values()) {
    const venue = state.venues.get(market.name);
    const leaf = marketLeaf(state, market);
    const same = venue !== undefined && marketLeaf(state, venue.market) === leaf;
    if (venue) venue.market = market;
    else state.venues.set(market.name, newVenue(market));
    if (!same) turn.leaves.push(leaf);
  }
  for (const operator of checked.value.operators) {
    const account = state.accounts.get(operator);
    if (account && !before.operators.includes(operator)) tellAllWaiting(turn, account);
  }
  configureRings(turn, before);
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
  for (const [key, said] of rings.claims) {
    for (const watcher of gone) said.delete(watcher);
    if (said.size === 0) rings.claims.delete(key);
  }
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
  const { base: _base, quote: _quote, ...rest } = market;
  return printLeaf({ kind: "market", ...rest, baseDecimals, quoteDecimals });
}
