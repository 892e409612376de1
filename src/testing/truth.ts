/**
 * What really happened, according to the journal of a stopped exchange and nothing else: the fold
 * with everything that the engine said on the way. What customers came to believe is held against
 * it.
 */
import { join } from "node:path";

import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { apply } from "../engine/apply.ts";
import { newState, type State } from "../engine/state.ts";
import { fold } from "../journal/replay.ts";
import { parseReport, type Report } from "../letter/report.ts";
import { parseLeaf, type Leaf } from "../log/leaf.ts";
import { openSegments } from "../store/segments.ts";

export type Truth = {
  readonly state: State;
  /** Every numbered report, in order, by account. */
  readonly reports: ReadonlyMap<Fingerprint, readonly Report[]>;
  readonly trades: readonly Extract<Leaf, { kind: "trade" }>[];
};

/** Folds the journal of a stopped exchange from its first record. */
export async function truthOf(dir: string, exchange: Fingerprint): Promise<Truth> {
  const journal = await openSegments(join(dir, "island/journal"), { readOnly: true });
  const state = newState(exchange);
  const reports = new Map<Fingerprint, Report[]>();
  const trades: Extract<Leaf, { kind: "trade" }>[] = [];
  fold({
    records: journal.read(1),
    state,
    apply,
    skips: new Set(),
    onOutput: ({ leaves, documents }) => {
      for (const line of leaves) {
        const leaf = parseLeaf(line);
        if (leaf?.kind === "trade") trades.push(leaf);
      }
      for (const { to, report: number, text } of documents) {
        if (number === undefined) continue;
        const report = parseReport(text);
        assert(report.ok, "what the engine says is a report");
        reports.set(to, [...(reports.get(to) ?? []), report.value]);
      }
    },
  });
  await journal.close();
  return { state, reports, trades };
}
