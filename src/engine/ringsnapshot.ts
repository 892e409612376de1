/**
 * The ring venue in a snapshot (docs/spec/journal.md §5): nothing at all where there is nothing to
 * say, so that an exchange without rings has the text, and the hash, that it always had.
 *
 *   ringcounts|offers|submissions|rings
 *   offer|number|account|hash|signature|by wallet|failures|rests until|sold|received|
 *         shown to sell|to buy|told|proven|sealed auth key|id|tag|ORDERJSON
 *   submission|number|deadline|settled
 *   ring|number|hash                         of the submission above
 *   part|order|owner|nonce|sold|received     of the ring above
 *   before|owner|nonce|counter|left          of the submission above
 *   takes|owner|token|amount                 of the submission above
 *   claim|thing|watcher|word
 *   untold|order HASH|watch                  in the order in which watchers will be told
 *   takenback|order|account|number|until     oldest first
 *
 * ringrestore.ts reads it.
 */
import { toHex } from "../codec/bytes.ts";
import type { Submitted } from "../pool/pool.ts";
import { printOrder } from "../ring/json.ts";
import { sortedByKey } from "./funds.ts";
import type { RingBook, RingOffer } from "./ringbook.ts";
import { printRow } from "./row.ts";

/** The lines of the ring venue. */
export function ringLines(book: RingBook): readonly string[] {
  const { lastOffer, lastSubmission, lastRing } = book;
  const lines: string[] = [];
  if (lastOffer > 0) lines.push(printRow("ringcounts", lastOffer, lastSubmission, lastRing));
  const offers = [...book.offers.values()].sort((a, b) => a.number - b.number);
  for (const offer of offers) lines.push(offerLine(offer));
  for (const [, submitted] of sortedByKey(book.pool.submissions)) {
    for (const line of submissionLines(submitted)) lines.push(line);
  }
  for (const [key, said] of sortedByKey(book.claims)) {
    for (const [watcher, word] of sortedByKey(said)) {
      lines.push(printRow("claim", key, watcher, word));
    }
  }
  for (const [key, word] of book.untold) lines.push(printRow("untold", key, word));
  for (const { hash, account, number, until } of book.takenBack.orders.values()) {
    lines.push(printRow("takenback", hash, account, number, until));
  }
  return lines;
}

function offerLine(offer: RingOffer): string {
  const { number, account, pooled, sold, received, shown, told, proven, auth, id, tag } = offer;
  const { hash, order, signature, byWallet, failures, restsUntil } = pooled;
  const what = [number, account, hash, toHex(signature), byWallet ? 1 : 0, failures, restsUntil];
  const how = [sold, received, shown.sell, shown.buy, told, proven ? 1 : 0, auth, id, tag];
  return printRow("offer", ...what, ...how, printOrder(order));
}

function submissionLines(submitted: Submitted): readonly string[] {
  const { number, deadline, settled, rings, before, takes } = submitted;
  const lines = [printRow("submission", number, deadline, settled ? 1 : 0)];
  for (const ring of rings) {
    lines.push(printRow("ring", ring.number, ring.hash));
    for (const { order, owner, nonce, sold, received } of ring.parts) {
      lines.push(printRow("part", order, owner, nonce, sold, received));
    }
  }
  for (const { owner, nonce, value, after } of before) {
    lines.push(printRow("before", owner, nonce, value, after));
  }
  for (const { owner, token, amount } of takes) {
    lines.push(printRow("takes", owner, token, amount));
  }
  return lines;
}
