/**
 * How much of the exchange one account may occupy (docs/spec/exchange.md §3), and how much one
 * letter may set off: what is answered must fit into one report (letter/limits.ts,
 * `reportBytesMax`).
 */
import { assert } from "../codec/assert.ts";
import { reportBytesMax } from "../letter/limits.ts";

export const ordersOpenMax = 4000;
export const depositsAwaitedMax = 100;
export const withdrawalsWaitingMax = 100;
/**
 * Letters without a number that are remembered. Forgetting one too early does no harm: it only
 * reads, and is answered anew if it comes again.
 */
export const readsMax = 1024;
/** Resting orders that one order may meet. */
export const fillsMax = 2000;
/** An answer with so many records takes no further line. */
export const answerRecordsMax = 8000;

/** The longest ORDER or FILL, bytes; REJECT may be longer, but there are at most 1,000. */
const recordBytesMax = 300;
/**
 * The most records of one line: every order cancelled and let go, or all fills with their moves.
 */
const recordsOfLineMax = Math.max(2 * ordersOpenMax, 4 * fillsMax) + 2;
assert(
  (answerRecordsMax + recordsOfLineMax) * recordBytesMax < reportBytesMax - 1_048_576,
  "the longest answer fits into a report",
);
