/**
 * What an asset's issuer says of it, and what its issuer and its holders are told, in plain English
 * (docs/spec/letter.md §5, docs/spec/report.md §3).
 */
import { keyNumber } from "../../codec/keynumber.ts";
import type { IssuerCommand } from "../../letter/command.ts";
import type { SecuritiesEntry } from "../../letter/securitiesentry.ts";
import { showAmount, type Steps } from "../../wallet/amounts.ts";
import { instantWords } from "./wordsorders.ts";

/** LIST, DIVIDEND, RATIO, RENAME, DELIST and HOLDERS. */
export function issuerWords(card: Steps, command: IssuerCommand): string {
  const { asset } = command;
  const sum = (of: string, units: number): string => `${showAmount(card, of, units)} ${of}`;
  switch (command.kind) {
    case "list": {
      const { shares, hash } = command;
      const made = `Bring ${sum(asset, shares)} into being on your account, once`;
      return `${made}, by the contract ${hash}`;
    }
    case "dividend": {
      const { pay, total, float, record } = command;
      const when = record === undefined ? "now" : `at ${instantWords(record)}`;
      return (
        `Pay ${sum(pay, total)} for ${sum(asset, float)}: ` +
        `whoever holds ${when} gets their part, rounded down`
      );
    }
    case "ratio": {
      const { numerator, denominator, pay, price } = command;
      return (
        `Turn every ${denominator} ${asset} into ${numerator}; what is left over is paid at ` +
        `${sum(pay, price)} for ${sum(asset, 1)}, rounded down`
      );
    }
    case "rename":
      return `Give ${asset} the name ${command.to}`;
    case "delist":
      return `Delist ${asset}: end all its orders and close its markets for ever`;
    case "holders":
      return `Ask for the list of holders of ${asset}`;
  }
}

/** ACTION, ENTITLED, HOLDER, ISSUE and CLOSING. */
export function securitiesWords(card: Steps, entry: SecuritiesEntry): string {
  const { asset } = entry;
  const sum = (of: string, units: number): string => `${showAmount(card, of, units)} ${of}`;
  switch (entry.kind) {
    case "action": {
      const { number, action, state } = entry;
      return `Your corporate action ${number}, ${action} of ${asset}, is ${state}.`;
    }
    case "entitled": {
      const { number, shares, pay, amount } = entry;
      return `Corporate action ${number}: ${sum(asset, shares)} counted, for ${sum(pay, amount)}.`;
    }
    case "holder":
      return `Key number ${keyNumber(entry.account)} holds ${sum(asset, entry.shares)}.`;
    case "issue":
      return `You issued ${sum(asset, entry.shares)}, by the contract ${entry.hash}.`;
    case "closing":
      return `${asset} was delisted; you held ${sum(asset, entry.shares)}.`;
  }
}
