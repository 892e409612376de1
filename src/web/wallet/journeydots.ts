/**
 * A letter's dots between two views: they never move backwards. What was proved stays proved, even
 * if a later view (another tab's, one made while a relay is away) says less; a failure and a fate
 * that is final stand. And what has changed, in sentences for people who do not see the dots.
 */
import type { DotView, FateView, JourneyView } from "./core/protocol.ts";

const finalFates: ReadonlySet<FateView["kind"]> = new Set([
  "filled",
  "cancelled",
  "rejected",
  "done",
  "void",
]);

const ranks: Readonly<Record<DotView["state"], number>> = { todo: 0, now: 1, failed: 2, done: 3 };

/** The newer view, where it does not say less than the older. */
export function forward(before: JourneyView | undefined, after: JourneyView): JourneyView {
  if (before === undefined || before.name !== after.name) return after;
  const dots = after.dots.map((dot) => {
    const known = before.dots.find(({ key }) => key === dot.key);
    return known !== undefined && ranks[known.state] > ranks[dot.state] ? known : dot;
  });
  const isBack = finalFates.has(before.fate.kind) && !finalFates.has(after.fate.kind);
  return { ...after, dots, fate: isBack ? before.fate : after.fate };
}

/** How a journey is called; its letter's number, unless it is on another thread than the first. */
export function titleOf({ id, name }: JourneyView): string {
  return id ?? `letter ${name.replace(/^0-/, "")}`;
}

/** Whether anything more can be heard of it. */
export function isOver({ fate }: JourneyView): boolean {
  return finalFates.has(fate.kind);
}

/** What a listener should hear of the way from one view to the next. */
export function newsOf(before: readonly JourneyView[], after: readonly JourneyView[]): string[] {
  return after.flatMap((journey) => {
    const title = titleOf(journey);
    const known = before.find(({ name }) => name === journey.name);
    if (known === undefined) {
      // What was there when the page opened is no news.
      return before.length === 0 ? [] : [`${title}: written. ${journey.words}`];
    }
    if (known.fate.sentence !== journey.fate.sentence) {
      return [`${title}: ${journey.fate.sentence}`];
    }
    const reached = journey.dots.findLast(
      (dot) => known.dots.find(({ key }) => key === dot.key)?.label !== dot.label,
    );
    return reached === undefined ? [] : [`${title}: ${reached.label}`];
  });
}

/** What stands behind each dot, in one sentence. */
export const proofSentences: Readonly<Record<DotView["key"], string>> = {
  written:
    "The sealed letter itself, as it was posted: its ref is the hash of what is sealed in it. Beside it the text that your key signed.",
  carried:
    "Each relay's signed receipt: I hold these bytes. It does not say that the exchange has read them. The evidence has the same receipts with all that `signet receipt verify` needs to check them.",
  read: "A proof from the public log, signed by the exchange: the letter's ref stands in a block of what it read.",
  matched: "The exchange's own report, numbered, chained to the one before it and signed.",
  final:
    "The report or the proof that ends the letter's way: nothing that comes later can change it.",
};
