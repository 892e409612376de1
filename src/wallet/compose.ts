/**
 * From words on a command line to a line of a letter: money in, out and across. Orders are in
 * orderlines.ts, what issuers say in issuerlines.ts. Everything is checked against the exchange's
 * signed card, before anything is signed: what the exchange would refuse for certain is not sent.
 */
import { isOwnId, isLabel, isRemark, parseFingerprint } from "../letter/atoms.ts";
import type { Card } from "../letter/card.ts";
import type { Command } from "../letter/command.ts";
import { printCommand } from "../letter/print.ts";
import { assetOf, printable, readAmount } from "./amounts.ts";
import { trouble, type Outcome } from "./errors.ts";

/** A command's line, with the id that it gives. */
export type Line = { readonly text: string; readonly ids: readonly string[] };

/** The customer's names for a command. */
export type Names = { readonly id?: string | undefined; readonly tag?: string | undefined };

/** A command's line, with the customer's names for it. */
export function lineOf(command: Command, names: Names): Outcome<Line> {
  if (names.id !== undefined && !isOwnId(names.id)) {
    return trouble("E109", `The id ${printable(names.id)} is malformed.`);
  }
  if (names.tag !== undefined && !isLabel(names.tag)) {
    return trouble("E109", `The tag ${printable(names.tag)} is malformed.`);
  }
  const text = printCommand(command, names);
  return { ok: true, value: { text, ids: names.id === undefined ? [] : [names.id] } };
}

/** DEPOSIT: announces a payment. */
export function depositLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  return lineOf({ kind: "deposit", asset: asset.value.name, amount: amount.value }, names);
}

/** WITHDRAW: asks the operators to pay. */
export function withdrawLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string; readonly address: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  const { address } = asked;
  if (!isRemark(address)) {
    return trouble("E111", "The address is not 1 to 100 printable characters without |.");
  }
  const what = { asset: asset.value.name, amount: amount.value, address };
  return lineOf({ kind: "withdraw", ...what }, names);
}

/** PUSH: to another customer. */
export function pushLine(
  card: Card,
  asked: { readonly amount: string; readonly asset: string; readonly to: string },
  names: Names,
): Outcome<Line> {
  const asset = assetOf(card, asked.asset);
  if (!asset.ok) return asset;
  const amount = readAmount(asset.value, asked.amount);
  if (!amount.ok) return amount;
  const to = parseFingerprint(asked.to.replaceAll(" ", ""));
  if (to === undefined) return trouble("E110", `${printable(asked.to)} is not a fingerprint.`);
  return lineOf({ kind: "push", asset: asset.value.name, to, amount: amount.value }, names);
}

/** Splits `to WHERE` from the end of a payment's words. */
export function placeIn(words: readonly string[]): Outcome<string> {
  const [to, ...where] = words;
  if (to !== "to" || where.length === 0) {
    return trouble("E100", "Say where to: AMOUNT ASSET to ADDRESS");
  }
  return { ok: true, value: where.join(" ") };
}
