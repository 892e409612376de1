/**
 * The notice that letters did not open (docs/spec/report.md §4): signed in clear by the log key,
 * the same for every cause, because a letter that did not open cannot be answered in secret.
 *
 *   signet-unopenable/1 FINGERPRINT
 *   at TIME
 *   REF                                one line each, at least one
 */
import { assert } from "../codec/assert.ts";
import { isFingerprint, isHex64, ref, type Fingerprint, type Ref } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";

export type Notice = {
  readonly exchange: Fingerprint;
  readonly at: Time;
  readonly refs: readonly Ref[];
};

/** How many refs one notice lists at most. */
export const noticeRefsMax = 10_000;

/** The notice's text, to be signed. */
export function printNotice(notice: Notice): string {
  assert(
    notice.refs.length > 0 && notice.refs.length <= noticeRefsMax,
    "a notice lists at least one ref and at most noticeRefsMax",
  );
  const head = `signet-unopenable/1 ${notice.exchange}\nat ${printTime(notice.at)}\n`;
  return head + notice.refs.map((ref) => `${ref}\n`).join("");
}

/** Reads a notice's text; `undefined` for anything but the one text of a notice. */
export function parseNotice(text: string): Notice | undefined {
  if (!text.endsWith("\n")) return undefined;
  const [first, second, ...refs] = text.slice(0, -1).split("\n");
  const exchange = first?.startsWith("signet-unopenable/1 ") ? first.slice(20) : "";
  const at = parseTime(second?.startsWith("at ") ? second.slice(3) : "");
  if (!isFingerprint(exchange) || at === undefined || second !== `at ${printTime(at)}`) {
    return undefined;
  }
  if (refs.length === 0 || refs.length > noticeRefsMax || !refs.every((ref) => isHex64(ref))) {
    return undefined;
  }
  return { exchange, at, refs: refs.map((text) => ref(text)) };
}
