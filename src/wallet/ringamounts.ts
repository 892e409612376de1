/**
 * Tokens and amounts of the ring venue: people's decimals and the chain's whole units, exactly, by
 * the decimals in the exchange's signed card. `bigint`, below 2^128; nothing is rounded.
 */
import type { Card, CardRing, RingToken } from "../letter/card.ts";
import { amountMax } from "../ring/order.ts";
import { printable, type Steps } from "./amounts.ts";
import { trouble, type Outcome } from "./errors.ts";

/** So much of a token. */
export type TokenSum = { readonly token: RingToken; readonly amount: bigint };

/** The ring venue on the card. */
export function ringOf(card: Card): Outcome<CardRing> {
  return card.ring === undefined ? trouble("E119") : { ok: true, value: card.ring };
}

/** The token of this name on the card, in either case. */
export function tokenOf(ring: CardRing, name: string): Outcome<RingToken> {
  const found = ring.tokens.find((token) => token.name === name.toUpperCase());
  const known = ring.tokens.map((token) => token.name).join(", ");
  return found === undefined
    ? trouble("E120", `There is no token ${printable(name)}. There are: ${known}.`)
    : { ok: true, value: found };
}

/** An amount of a token as people write it. */
export function readTokenAmount(token: RingToken, text: string): Outcome<bigint> {
  const units = parseUnits(text, token.decimals);
  if (units !== undefined && units > 0n) return { ok: true, value: units };
  const why =
    units === 0n
      ? "The amount is zero."
      : /^[0-9.]+$/.test(text)
        ? `at most ${token.decimals} decimals, and below 2^128 units.`
        : "digits and one point only.";
  return trouble("E104", `${printable(text)} ${token.name} cannot be written: ${why}`);
}

/** Whole units of a decimal; `undefined` if malformed, too fine or above 2^128 - 1. */
export function parseUnits(text: string, decimals: number): bigint | undefined {
  const match = /^(0|[1-9][0-9]{0,38})(?:\.([0-9]{1,80}))?$/.exec(text);
  if (!match) return undefined;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return undefined;
  const units = BigInt((match[1] ?? "") + fraction.padEnd(decimals, "0"));
  return units <= amountMax ? units : undefined;
}

/** Units as a decimal without trailing zeros. */
export function printUnits(units: bigint, decimals: number): string {
  const digits = units.toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return digits.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
}

/** Units of a token of this name as people see them. */
export function showUnits(card: Steps, name: string, units: bigint): string {
  const token = card.ring?.tokens.find((known) => known.name === name);
  return token === undefined ? `${units} units` : printUnits(units, token.decimals);
}
