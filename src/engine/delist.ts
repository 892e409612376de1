/**
 * DELIST (docs/spec/securities.md §6): all orders out, the asset's markets closed for ever, and
 * everybody is told what they held. What they hold stays theirs.
 */
import type { Line } from "../letter/command.ts";
import { assert } from "../codec/assert.ts";
import { printLeaf } from "../log/leaf.ts";
import { holdingsOf, noteHolders } from "./holders.ts";
import { marketsOf, takeOrdersOut } from "./issuermarkets.ts";
import { refreshPhase } from "./phases.ts";
import { actionEntry, labelsOf } from "./records.ts";
import type { Account } from "./state.ts";
import { note, notesOf, type Turn } from "./turn.ts";

/** Ends an asset's listing. */
export function delist(turn: Turn, account: Account, line: Line, asset: string): void {
  const { state } = turn;
  const issue = state.issues.get(asset);
  assert(issue !== undefined, "it was seen to be listed");
  state.actions += 1;
  const said = { number: state.actions, action: "delist", asset, state: "done" } as const;
  note(turn, account.fingerprint, actionEntry(said, line.number, labelsOf(line)));
  turn.concerns = "all";
  turn.leaves.push(printLeaf({ kind: "delisted", asset }));
  takeOrdersOut(turn, asset, "delisted");
  issue.delisted = true;
  for (const venue of marketsOf(state, asset)) refreshPhase(turn, venue);
  for (const { who, shares } of holdingsOf(state, asset)) {
    note(turn, who, { kind: "closing", asset, shares });
    notesOf(turn, who).touched.add(asset);
  }
  noteHolders(turn, account, asset);
}
