/**
 * The reports as beads on a ribbon: the newest, every one that is missing, and the runs between
 * them that are folded away so that a long history stays one look.
 */
import type { ReportView } from "./core/protocol.ts";

/** A bead, or a run of reports that are here and not drawn. */
export type Bead =
  | { readonly kind: "report"; readonly report: ReportView }
  | { readonly kind: "missing"; readonly number: number }
  | { readonly kind: "folded"; readonly from: number; readonly to: number };

/** At most `newest` beads of reports at the end; before them only what is missing. */
export function beadsOf(reports: readonly ReportView[], newest: number): readonly Bead[] {
  const beads: Bead[] = [];
  const from = Math.max(0, reports.length - newest);
  for (const [index, report] of reports.entries()) {
    const last = beads.at(-1);
    if (report.missing) beads.push({ kind: "missing", number: report.number });
    else if (index >= from) beads.push({ kind: "report", report });
    else if (last?.kind === "folded") beads[beads.length - 1] = { ...last, to: report.number };
    else beads.push({ kind: "folded", from: report.number, to: report.number });
  }
  return beads;
}

/** What is missing, in a sentence; `undefined` if nothing is. */
export function gapSentence(reports: readonly ReportView[]): string | undefined {
  const missing = reports.filter((report) => report.missing).map(({ number }) => number);
  if (missing.length === 0) return undefined;
  const shown = missing.slice(0, 6).join(", ");
  const more = missing.length > 6 ? ` and ${missing.length - 6} more` : "";
  return missing.length === 1
    ? `Report ${shown} is missing.`
    : `Reports ${shown}${more} are missing.`;
}
