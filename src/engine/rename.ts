/**
 * RENAME (docs/spec/securities.md §5): an asset takes the name that the configuration reserves for
 * it, wherever the state says its name. Nothing is created or ended by it; holders' books go on
 * under the new name, by records that bring the old one to zero.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { HoldCause, MoveCause } from "../letter/entry.ts";
import type { IssuerCommand, Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import { renamedConfiguration } from "./configuration.ts";
import { heldFor, issuerOf } from "./dividends.ts";
import { holdingsOf } from "./holders.ts";
import { ordersOn } from "./issuermarkets.ts";
import { noteMoved } from "./purse.ts";
import { actionEntry, heldAsset, holdEntry, labelsOf } from "./records.ts";
import type { Account, State, Venue } from "./state.ts";
import { note, notesOf, type Turn } from "./turn.ts";

type RenameCommand = Extract<IssuerCommand, { kind: "rename" }>;

/** Gives the asset its new name. */
export function rename(turn: Turn, account: Account, line: Line, command: RenameCommand): void {
  const { state } = turn;
  const { asset, to } = command;
  state.actions += 1;
  const number = state.actions;
  turn.concerns = "all";
  turn.leaves.push(printLeaf({ kind: "renamed", asset, to }));
  tellHolders(turn, command, { kind: "rename", number });
  for (const order of ordersOn(state, asset)) turn.passive.add(order);
  renameState(state, asset, to);
  const said = { number, action: "rename", asset: to, state: "done" } as const;
  note(turn, account.fingerprint, actionEntry(said, line.number, labelsOf(line)));
}

/** Everything that somebody has of the asset goes from the old name to the new one. */
function tellHolders(turn: Turn, { asset, to }: RenameCommand, cause: MoveCause): void {
  const { state } = turn;
  const holds = holdsOf(state, asset);
  for (const { who, shares } of holdingsOf(state, asset)) {
    noteMoved(turn, who, { asset, change: -shares, total: 0, cause });
    noteMoved(turn, who, { asset: to, change: shares, total: shares, cause });
    const notes = notesOf(turn, who);
    const mine = holds.get(who) ?? [];
    let left = mine.reduce((all, { units }) => all + units, 0);
    let taken = 0;
    for (const { units, cause: why } of mine) {
      left -= units;
      taken += units;
      notes.holds.push(holdEntry({ asset, change: -units, held: left, cause: why }));
      notes.holds.push(holdEntry({ asset: to, change: units, held: taken, cause: why }));
    }
  }
}

type Held = { readonly units: number; readonly cause: HoldCause };

/** What everybody holds of an asset, hold by hold. */
function holdsOf(state: State, asset: string): ReadonlyMap<Fingerprint, readonly Held[]> {
  const holds = new Map<Fingerprint, Held[]>();
  const add = (who: Fingerprint, units: number, cause: HoldCause): void => {
    if (units === 0) return;
    const mine = holds.get(who) ?? [];
    mine.push({ units, cause });
    holds.set(who, mine);
  };
  for (const order of ordersOn(state, asset)) {
    if (heldAsset(order) !== asset) continue;
    add(order.account.fingerprint, order.held, { kind: "order", key: order.key });
  }
  for (const { number, account, asset: of, amount, status } of state.unpaid.values()) {
    if (of === asset && status === "waiting") add(account, amount, { kind: "withdrawal", number });
  }
  for (const dividend of state.dividends.values()) {
    if (dividend.pay !== asset) continue;
    const { fingerprint } = issuerOf(state, dividend.asset);
    add(fingerprint, heldFor(dividend), { kind: "dividend", number: dividend.number });
  }
  return holds;
}

/** Every place that says the name. */
function renameState(state: State, asset: string, to: string): void {
  const first = [...state.configuration.reserved].find(([, reserved]) => reserved === to)?.[0];
  assert(first === asset, "an asset is renamed once, to the name reserved for it");
  renameVotes(state, asset, to);
  state.renamed.add(asset);
  state.configuration = renamedConfiguration(state.configuration, state.renamed);
  rekey(state.assets, asset, to);
  rekey(state.issues, asset, to);
  const venues = state.markets.map((venue): readonly [string, Venue] => {
    const market = state.configuration.markets.get(newName(venue, asset, to));
    assert(market !== undefined, "a market stays");
    venue.market = market;
    return [market.name, venue];
  });
  state.venues.clear();
  for (const [name, venue] of venues) state.venues.set(name, venue);
  for (const waiting of state.waiting.values()) rekey(waiting, asset, to);
  for (const [number, deposit] of state.awaited) {
    if (deposit.asset === asset) state.awaited.set(number, { ...deposit, asset: to });
  }
  for (const [number, withdrawal] of state.unpaid) {
    if (withdrawal.asset === asset) state.unpaid.set(number, { ...withdrawal, asset: to });
  }
  for (const [number, dividend] of state.dividends) {
    const [of, pay] = [dividend.asset, dividend.pay].map((name) => (name === asset ? to : name));
    assert(of !== undefined && pay !== undefined, "two names stay two");
    state.dividends.set(number, { ...dividend, asset: of, pay });
  }
}

/** Another key, in the same place. */
function rekey<Value>(map: Map<string, Value>, from: string, to: string): void {
  if (!map.has(from)) return;
  const entries = [...map];
  map.clear();
  for (const [key, value] of entries) map.set(key === from ? to : key, value);
}

function newName({ market }: Venue, asset: string, to: string): string {
  const { base, quote } = market;
  return `${base === asset ? to : base}/${quote === asset ? to : quote}`;
}

/** Where a line that operators sign says an asset or a market, by its verb. */
const assetFields: ReadonlyMap<string, number> = new Map([
  ["CREDIT", 3],
  ["APPROVE", 2],
]);

/** What operators have said so far counts on, as if it had been said with the new name. */
function renameVotes(state: State, asset: string, to: string): void {
  const renamed = [...state.votes].map(([request, votes]) => {
    const [subject = "", name = ""] = request.split(" ");
    const venue = subject === "market" ? state.venues.get(name) : undefined;
    const after = venue ? `${subject} ${newName(venue, asset, to)}` : request;
    const said = new Map<Fingerprint, string>();
    for (const [operator, line] of votes) {
      said.set(operator, renameLine(state, line, { asset, to }));
    }
    return [after, said] as const;
  });
  state.votes.clear();
  for (const [request, votes] of renamed) state.votes.set(request, votes);
}

function renameLine(
  state: State,
  line: string,
  { asset, to }: { readonly asset: string; readonly to: string },
): string {
  const fields = line.split("|");
  const [verb = "", subject = ""] = fields;
  const at = assetFields.get(verb);
  if (at !== undefined && fields[at] === asset) fields[at] = to;
  const venue = verb === "HALT" || verb === "RESUME" ? state.venues.get(subject) : undefined;
  if (venue) fields[1] = newName(venue, asset, to);
  return fields.join("|");
}
