/** The newest leaves of a few kinds that the fold does not keep, for who wants to see them. */
import type { Digest } from "../../codec/names.ts";
import type { RekeyLeaf } from "../../log/keyleaf.ts";
import type { Leaf, ReadsLeaf } from "../../log/leaf.ts";

/** A leaf and its number in the log. */
export type Numbered<Of> = { readonly leaf: Of; readonly number: number };

export type Lately = {
  /** The newest block of letters that were read. */
  readonly reads: Numbered<ReadsLeaf> | undefined;
  /** The newest hash of a sealed report. */
  readonly report: Numbered<Digest> | undefined;
  /** The newest about lost keys, the newest first. */
  readonly rekeys: readonly Numbered<RekeyLeaf>[];
};

const rekeysKept = 5;

export const nothingLately: Lately = { reads: undefined, report: undefined, rekeys: [] };

/** What is newest after these leaves, the first of which has the number `from`. */
export function lately(before: Lately, leaves: readonly Leaf[], from: number): Lately {
  let { reads, report, rekeys } = before;
  for (const [index, leaf] of leaves.entries()) {
    const number = from + index;
    if (leaf.kind === "reads" && leaf.span === "block") reads = { leaf, number };
    if (leaf.kind === "report") report = { leaf: leaf.digest, number };
    if (leaf.kind === "rekey") rekeys = [{ leaf, number }, ...rekeys].slice(0, rekeysKept);
  }
  return { reads, report, rekeys };
}
