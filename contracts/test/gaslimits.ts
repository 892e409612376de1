/**
 * What gas may be: the promises (`must`) and wishes (`goal`) of `contracts/snapshots/limits.json`,
 * and the last figures that were looked at and kept, `contracts/snapshots/gas.json`.
 *
 * A figure is a cost, and may be at most its limit; but what a second ring saves is a saving, and
 * must be at least its limit.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Figures } from "./gas.ts";

const folder = join(import.meta.dirname, "..", "snapshots");
const snapshotFile = join(folder, "gas.json");

export type Limits = { readonly must: Figures; readonly goal: Figures };

export function readLimits(): Limits {
  return JSON.parse(readFileSync(join(folder, "limits.json"), "utf8")) as Limits;
}

export function readSnapshot(): Figures {
  return JSON.parse(readFileSync(snapshotFile, "utf8")) as Figures;
}

export function writeSnapshot(figures: Figures): void {
  writeFileSync(snapshotFile, `${JSON.stringify(figures, undefined, 2)}\n`);
}

/** Whether more is better. */
export function isSaving(name: string): boolean {
  return name.startsWith("second-ring");
}

/** Whether a figure keeps within a limit. */
export function keeps(name: string, value: number, limit: number): boolean {
  return isSaving(name) ? value >= limit : value <= limit;
}

/** By what part of itself a figure may get worse without anybody looking: one two-hundredth. */
const tolerated = 200;

/** What is worse than it was, or is not what was measured then; in sentences. */
export function regressions(figures: Figures, snapshot: Figures): readonly string[] {
  const names = [...new Set([...Object.keys(figures), ...Object.keys(snapshot)])];
  return names.flatMap((name) => {
    const [now, before] = [figures[name], snapshot[name]];
    if (before === undefined) return [`${name} is not in the snapshot`];
    if (now === undefined) return [`${name} is in the snapshot and was not measured`];
    const worse = isSaving(name) ? before - now : now - before;
    return worse * tolerated > before ? [`${name} was ${before} and is ${now}`] : [];
  });
}

/** Which limits are not kept; in sentences. */
export function missed(figures: Figures, limits: Figures): readonly string[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const value = figures[name] ?? Number.NaN;
    if (keeps(name, value, limit)) return [];
    return [`${name} is ${value}; ${isSaving(name) ? "at least" : "at most"} ${limit}`];
  });
}
