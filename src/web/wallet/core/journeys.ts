/** Letters and their ways as a page draws them: a pure function of the home and what was met. */
import { printSeconds, printTime } from "../../../codec/time.ts";
import { parseLetter } from "../../../letter/parse.ts";
import { isNumberTaken } from "../../../wallet/copies.ts";
import type { Exchange } from "../../../wallet/exchange.ts";
import { textOfLetter } from "../../../wallet/outbox.ts";
import { letterWords } from "../words.ts";
import { dotsOf } from "./dots.ts";
import { fateOf } from "./fateviews.ts";
import type { JourneyView } from "./protocol.ts";
import type { Way } from "./ways.ts";

/** A letter's way as it stands. */
export function journeyOf(way: Way): JourneyView {
  const { account, entry } = way;
  const text = textOfLetter(account.home, entry);
  const fate = fateOf(way);
  return {
    name: entry.name,
    id: entry.ids[0],
    words: wordsOfLetter(account.exchange, text),
    text,
    ref: entry.ref,
    orderId: entry.orderId,
    at: printTime(entry.at),
    by: printSeconds(entry.by),
    bytes: entry.bytes,
    dots: dotsOf(way, fate),
    fate,
    again: againOf(way),
  };
}

/** What a letter's text says, read back from the text. */
export function wordsOfLetter({ fingerprint, card }: Exchange, text: string): string {
  const letter = parseLetter(text, fingerprint);
  return letter.ok ? letterWords(card, letter.value).join(" ") : letter.detail;
}

function againOf({ entry, met, now }: Way): JourneyView["again"] {
  if (entry.state === "void" || isNumberTaken(entry))
    return entry.next === undefined ? "anew" : undefined;
  return entry.state === "written" && !met.isFollowed && now <= entry.by ? "same" : undefined;
}
