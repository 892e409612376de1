/**
 * Who the exchange is, from its card. The key number is computed here; that the card is the
 * exchange's own word is checked after the first picture, by OpenPGP, in a part of the program that
 * is loaded for it (cardcheck.ts).
 */
import { isFingerprint, type Fingerprint } from "../../codec/names.ts";
import { keyNumber } from "../../codec/keynumber.ts";
import { accept, refuse, type Verdict } from "../../codec/verdict.ts";
import { parseCard, type Card } from "../../letter/card.ts";
import { cardInside } from "../../letter/cardtext.ts";
import { logOrigin } from "../../log/checkpoint.ts";
import { parseVerifierKey, type Verifier } from "../../log/note.ts";
import type { CardParts } from "./source.ts";

/** What a reader needs to know of an exchange. */
export type Exchange = {
  readonly fingerprint: Fingerprint;
  /** Thirty digits, computed from the fingerprint. */
  readonly keyNumber: string;
  readonly log: Verifier;
  readonly card: Card;
  readonly parts: CardParts;
};

type Known = { readonly fingerprint: string; readonly keyNumber: string };

/** Why `found` is not shown to a customer of `own`; `undefined`: it is the same exchange. */
export function foreignTo(own: Known, found: Known): string | undefined {
  if (own.fingerprint === found.fingerprint) return undefined;
  return (
    `This page came from a relay of another exchange, with the key number ${found.keyNumber}. ` +
    `Your wallet's has ${own.keyNumber}. Nothing of the other's market is shown beside your orders.`
  );
}

/** Reads a card and says whether it agrees with itself. */
export function readExchange(parts: CardParts): Verdict<Exchange, "answer_malformed"> {
  const text = cardInside(parts.card);
  const card = text === undefined ? undefined : parseCard(text);
  if (card?.ok !== true) return refuse("answer_malformed", "its card of the exchange is none");
  const { exchange: fingerprint, log: key } = card.value;
  const log = parseVerifierKey(key);
  const number = keyNumber(fingerprint);
  const agrees = isFingerprint(fingerprint) && number === card.value.keyNumber;
  if (log?.name !== logOrigin(fingerprint) || !agrees) {
    return refuse("answer_malformed", "the card contradicts itself");
  }
  return accept({ fingerprint, keyNumber: number, log, card: card.value, parts });
}
