/**
 * How much of the exchange one account may occupy (docs/spec/exchange.md §3), how much one letter
 * may set off, and how much one report says: what others or the clock did to an account has no
 * limit and is cut, so that every text stays below `reportBytesMax` (letter/limits.ts).
 */
import { assert } from "../codec/assert.ts";
import { commandsMax, reportBytesMax, ringSignatureMax, textBytesMax } from "../letter/limits.ts";

export const ordersOpenMax = 4000;
export const depositsAwaitedMax = 100;
export const withdrawalsWaitingMax = 100;
/** Those that are approved and not yet paid are told in every statement, too. */
export const withdrawalsUnpaidMax = 1000;
/**
 * Letters without a number that are remembered. Forgetting one too early does no harm: it only
 * reads, and is answered anew if it comes again.
 */
export const readsMax = 1024;
/** Papers of one key that are remembered: each froze its account, which thaws with a new key. */
export const papersMax = 16;
/** Live ring orders of one account, and of all. */
export const ringOrdersOfAccountMax = 1000;
export const ringOrdersMax = 20_000;
/** Ring orders of one account that were never live: they are free, and each has a place. */
export const ringOrdersUnprovenMax = 50;
/** Dividends of one issuer that were declared and are not paid whole. */
export const dividendsPendingMax = 100;
/** How far ahead a record date may be. */
export const recordAheadMs: number = 100 * 86_400_000;
/** How much of what concerns everybody one input does; the rest is done with the next ones. */
export type Pace = {
  /** Holders whom dividends pay. */
  readonly payments: number;
  /** Accounts that are told what a corporate action did to them (untold.ts). */
  readonly notices: number;
  /** Statements that one tick sends. */
  readonly statements: number;
};
export const usualPace: Pace = { payments: 500, notices: 500, statements: 500 };
/** Records after which a tick sends no further statement. */
export const statementRecordsMax = 8000;
/** A letter that made so many records takes no further line: the work of one letter is bounded. */
export const answerRecordsMax = 8000;
/** What one input has to tell one account is cut into reports of so many records. */
export const reportRecordsMax = 8000;
/** A record of the ring venue counts as several, by its length (`weightOf`). */
export const ringRecordWeight = 2;
export const signatureWeight = 7;

/** A block of reads is at least so long, milliseconds: nobody matches a letter to a trade by it. */
export const readBlockMs = 10_000;
/** A block with so many refs ends at the next tick: they travel in one publication. */
export const readBlockRefs = 32_768;
/** What a READS leaf covers: an hour of blocks, or fewer that have so many refs. */
export const hourMs = 3_600_000;
export const hourRefs = 65_536;

/** The longest REJECT, its verb aside: all verbs together are no longer than their letter. */
const rejectBytesMax = 600;
/** The longest of a single weight, a WITHDRAWAL with address, evidence and labels, bytes. */
const recordBytesMax = 360;
/** STATJSON is one record: the open orders, and what waits for the operators, each in so much. */
const statementBytesMax: number =
  400 * (ordersOpenMax + depositsAwaitedMax + withdrawalsUnpaidMax) +
  200 * dividendsPendingMax +
  560 * ringOrdersOfAccountMax;
/** OFFER and RINGED, with all their amounts and labels; WATCH with a contract's signature. */
assert(ringRecordWeight * recordBytesMax > 520, "OFFER and RINGED weigh what they are");
assert(signatureWeight * recordBytesMax > 300 + 2 * ringSignatureMax, "so does WATCH");
assert(
  reportRecordsMax * recordBytesMax + commandsMax * rejectBytesMax + textBytesMax <
    reportBytesMax - statementBytesMax,
  "a report is one that a customer's software reads",
);
