/**
 * What makes a letter happen once (docs/spec/letter.md §2): a window of sequence numbers per
 * account and thread, and, for letters without a number, their order ids until their `by`, the
 * newest of them; of a FREEZE without a number, as long as the key that signed it is in force.
 */
import type { OrderId } from "../codec/names.ts";
import { printSeconds, type Time } from "../codec/time.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import type { Letter, LetterRefusal } from "../letter/command.ts";
import { byAheadMax, seqWindow } from "../letter/limits.ts";
import { papersMax, readsMax } from "./limits.ts";
import type { Account } from "./state.ts";

/** A letter as the engine meets it: read, and named. */
export type Heard = { readonly letter: Letter; readonly orderId: OrderId; readonly at: Time };

export type Standing =
  /** Not seen before and in order. */
  | { readonly kind: "new" }
  /** The same letter again: the first answer is sent again. */
  | { readonly kind: "repeat" }
  | { readonly kind: "refused"; readonly refusal: Refused<LetterRefusal> };

/** Where a letter stands, in the order of `letterRefusals`. Changes nothing. */
export function standing(account: Account, heard: Heard): Standing {
  const { letter, orderId, at } = heard;
  const isPaper = isPaperFreeze(letter);
  if (letter.seq) {
    const taken = numberStanding(account, letter.seq, orderId);
    if (taken.kind !== "new") return taken;
  } else if (isPaper) {
    if (account.freezes.has(orderId)) return { kind: "repeat" };
  } else if (account.reads.has(orderId) && at <= letter.by) {
    return { kind: "repeat" };
  }
  if (letter.by > at + byAheadMax && !isPaper) {
    return refused("by_too_far", `by is more than 7 days after ${printSeconds(at)}.`);
  }
  if (at > letter.by) {
    const detail = `by was ${printSeconds(letter.by)} and it is ${printSeconds(at)}.`;
    return refused("late", `The letter came too late: ${detail}`);
  }
  if (isPaper && account.freezes.size >= papersMax) {
    return refused("papers_limit", `${papersMax} of this key froze the account before.`);
  }
  return { kind: "new" };
}

/**
 * A letter of nothing but FREEZE and without a number: it lies on paper for years, when nobody
 * knows what number it will come to, nor when.
 */
export function isPaperFreeze({ seq, lines }: Letter): boolean {
  return seq === undefined && lines.length === 1 && lines[0]?.verb === "FREEZE";
}

function numberStanding(
  account: Account,
  seq: { readonly number: number; readonly thread: number },
  orderId: OrderId,
): Standing {
  const thread = account.threads.get(seq.thread);
  const high = thread?.high ?? 0;
  if (seq.number <= high - seqWindow) {
    const least = high - seqWindow + 1;
    return refused("seq_passed", `seq ${seq.number} is below the window; the least is ${least}.`);
  }
  const first = thread?.taken.get(seq.number);
  if (first === orderId) return { kind: "repeat" };
  if (first !== undefined) {
    return refused("seq_reused", `seq ${seq.number} was taken by another letter.`);
  }
  if (seq.number > high + seqWindow) {
    const most = high + seqWindow;
    return refused("seq_jumped", `seq ${seq.number} is too far ahead; the most is ${most}.`);
  }
  return { kind: "new" };
}

function refused(name: LetterRefusal, detail: string): Standing {
  return { kind: "refused", refusal: refuse(name, detail) };
}

/**
 * Remembers a letter that is new: its number is taken, and what fell out of the window is
 * forgotten.
 */
export function remember(account: Account, heard: Heard): void {
  const { letter, orderId, at } = heard;
  if (isPaperFreeze(letter)) account.freezes.add(orderId);
  else if (!letter.seq) account.reads.set(orderId, letter.by);
  forgetReads(account, at);
  if (!letter.seq) return;
  const { number, thread: name } = letter.seq;
  const thread = account.threads.get(name) ?? { high: 0, taken: new Map<number, OrderId>() };
  account.threads.set(name, thread);
  thread.taken.set(number, orderId);
  if (number <= thread.high) return;
  const passed = thread.high - seqWindow;
  thread.high = number;
  // At most one window's width of numbers can fall out at once.
  for (let old = Math.max(passed, 0); old <= number - seqWindow; old += 1) thread.taken.delete(old);
}

/**
 * Forgets letters without a number, from the oldest on: those whose time is up, and one if there
 * are too many. Looks no further than the first that stays, so that a letter does not cost the more
 * the more were remembered before it.
 */
function forgetReads(account: Account, at: Time): void {
  for (const [read, by] of account.reads) {
    if (by >= at && account.reads.size <= readsMax) return;
    account.reads.delete(read);
  }
}
