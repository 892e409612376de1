/** Letters and their ways as a page draws them: a pure function of the home and what was met. */
import { printSeconds, printTime } from "../../../codec/time.ts";
import { parseLetter } from "../../../letter/parse.ts";
import { isNumberTaken } from "../../../wallet/copies.ts";
import type { Exchange } from "../../../wallet/exchange.ts";
import { textOfLetter } from "../../../wallet/outbox.ts";
import type { OrderName } from "../../../letter/command.ts";
import type { Statement } from "../../../wallet/fold.ts";
import { isCalled } from "../../../wallet/orderlines.ts";
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
    words: wordsOfLetter(account.exchange, text, () => way.statement),
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

/** What a letter's text says, read back from the text. `known`: which orders there are. */
export function wordsOfLetter(
  { fingerprint, card }: Exchange,
  text: string,
  known: () => Statement,
): string {
  const letter = parseLetter(text, fingerprint);
  if (!letter.ok) return letter.detail;
  const marketOf = (name: OrderName): string | undefined => marketIn(known(), name);
  return letterWords({ ...card, marketOf }, letter.value).join(" ");
}

function marketIn({ orders }: Statement, name: OrderName): string | undefined {
  return [...orders].find(([key, { id }]) => isCalled({ key, id }, name))?.[1].market;
}

function againOf({ entry, met, now }: Way): JourneyView["again"] {
  if (entry.state === "void" || isNumberTaken(entry))
    return entry.next === undefined ? "anew" : undefined;
  return entry.state === "written" && !met.isFollowed && now <= entry.by ? "same" : undefined;
}
