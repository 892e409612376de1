/**
 * The journal once more, for whoever checks it: the fold of a start-up (recovery.ts) over a store
 * that is only looked at. Nothing is written, locked or mended; an island may run beside it.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Input, Output } from "../engine/input.ts";
import { MarksSeen, type Numbered } from "../journal/replay.ts";
import { openSegments } from "../store/segments.ts";
import { foldWithSkips, type FoldedJournal, type PassedOver } from "./recovery.ts";

export type ReplayOptions = {
  /** The folder with the segments. */
  readonly journal: string;
  /** The island's folder, where `snapshots/` may be. */
  readonly dir: string;
  /** Asked when all records were seen. */
  readonly exchange: () => Fingerprint;
  readonly passedOver: PassedOver;
  readonly fromGenesis: boolean;
  readonly until?: number | undefined;
  /** Every record while it is checked, before anything is folded. */
  readonly onRecord?: (record: Numbered) => void;
  readonly onOutput?: (output: Output, number: number, input: Input) => void;
  readonly restart?: () => void;
  /** Before the first record: how many there are, and how many bytes of a torn write. */
  readonly begin?: (records: number, tornBytes: number) => void;
  readonly pause?: (number: number) => Promise<boolean>;
};

/** Folds a journal; gives the state after the last record that was folded. */
export async function replayJournal(options: ReplayOptions): Promise<FoldedJournal> {
  const marks = new MarksSeen();
  const onRecord = (record: Numbered): void => {
    marks.see(record);
    options.onRecord?.(record);
  };
  const journal = await openSegments(options.journal, { readOnly: true, onRecord });
  try {
    options.begin?.(journal.last, journal.tornBytes);
    const { dir, passedOver, onOutput, restart, pause } = options;
    const until = Math.min(options.until ?? journal.last, journal.last);
    const recovery = { dir, exchange: options.exchange(), passedOver };
    return await foldWithSkips(recovery, journal, {
      upTo: options.fromGenesis ? 0 : until,
      until,
      skips: new Set([...marks.skips].filter((skip) => skip <= until)),
      onOutput: onOutput ?? (() => undefined),
      restart: restart ?? (() => undefined),
      ...(pause === undefined ? {} : { pause }),
    });
  } finally {
    await journal.close();
  }
}
