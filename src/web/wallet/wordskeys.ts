/**
 * What is said about an account's keys (docs/spec/keys.md) in plain English: commands before they
 * are signed, records afterwards.
 */
import { keyNumber } from "../../codec/keynumber.ts";
import type { KeyCommand } from "../../letter/command.ts";
import type { KeyEntry, KeysEntry } from "../../letter/keyentry.ts";
import { instantWords } from "./wordsorders.ts";

/** A command as a sentence without its full stop. */
export function keyCommandWords(command: KeyCommand): string {
  switch (command.kind) {
    case "rotate":
      return `Let key number ${keyNumber(command.key)} sign for this account from now on`;
    case "rekey": {
      const { account, key } = command;
      return `Move account ${keyNumber(account)} to key number ${keyNumber(key)} after the delay`;
    }
    case "revoke":
      return `Revoke key number ${keyNumber(command.key)} for ever`;
    case "freeze":
      return "Freeze this account: no order, payment or withdrawal until its key is another";
    case "veto":
      return "Stop the change of this account's key that is under way";
  }
}

/** A record as a sentence. */
export function keyEntryWords(entry: KeysEntry): string {
  switch (entry.kind) {
    case "key":
      return keyWords(entry);
    case "frozen":
      return entry.why === "no"
        ? "The account is not frozen any more."
        : "The account is frozen: only reading, and what changes its keys, is left.";
    case "rekey": {
      const { account, key, state, at } = entry;
      const change = `Account ${keyNumber(account)} to key number ${keyNumber(key)}`;
      return `${change}: ${state}, ${instantWords(at)}.`;
    }
  }
}

function keyWords({ key, state, at }: KeyEntry): string {
  const named = `Key number ${keyNumber(key)}`;
  const when = at === undefined ? "" : ` at ${instantWords(at)}`;
  switch (state) {
    case "in_force":
      return `${named} is the key of this account.`;
    case "renewed":
      return `${named} is renewed.`;
    case "coming":
      return `${named} signs from now on, and becomes the only key${when} unless you veto it.`;
    case "replacing":
      return `${named} is to become this account's, the operators say${when}, unless you veto it.`;
    case "vetoed":
      return `${named} does not become this account's: that was vetoed.`;
    case "dismissed":
      return `${named} does not become this account's: a key was revoked.`;
    case "revoked":
      return `${named} is revoked.`;
  }
}
