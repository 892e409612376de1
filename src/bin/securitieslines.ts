/**
 * The dead man's switch and what issuers did, as a person at a terminal reads it and as data: lines
 * of a letter's fate and of the statement.
 */
import { printSeconds, printTime, type Time } from "../codec/time.ts";
import type { Card } from "../letter/card.ts";
import type { ActionEntry, HolderEntry } from "../letter/securitiesentry.ts";
import { showAmount } from "../wallet/amounts.ts";
import type { Statement } from "../wallet/fold.ts";
import type { Data } from "./context.ts";

/** The switch as it stands. */
export function switchLine(at: Time | undefined): string {
  return at === undefined
    ? "● the dead man's switch is off"
    : `◌ all open orders are cancelled at ${printSeconds(at)}, unless you move the switch`;
}

/** The switch as data: its time, or null. */
export function switchData(at: Time | undefined): Data {
  return at === undefined ? null : printSeconds(at);
}

/** A corporate action, to its issuer. */
export function actionLine({ number, action, asset, state }: ActionEntry): string {
  const sign = state === "done" ? "●" : "○";
  return `${sign} corporate action ${number}: ${action} of ${asset} ${state}`;
}

/** An asset's holders in a table, the shares as people write them. */
export function holderLines(
  card: Card,
  asset: string,
  holders: readonly HolderEntry[],
): readonly string[] {
  const rows = holders.map(({ account, shares }) => {
    return `  ${account}   ${showAmount(card, asset, shares)}`;
  });
  const many = holders.length === 1 ? "1 holder" : `${holders.length} holders`;
  return [`● ${many} of ${asset}`, ...rows];
}

/** Holders as data. */
export function holdersData(card: Card, holders: readonly HolderEntry[]): readonly Data[] {
  return holders.map(({ account, asset, shares }) => ({
    account,
    shares: showAmount(card, asset, shares),
  }));
}

/** What of the statement is about the switch and about securities. */
export function securitiesLines(card: Card, statement: Statement): readonly string[] {
  const sum = (asset: string, units: number): string =>
    `${showAmount(card, asset, units)} ${asset}`;
  const lines: string[] = [];
  const at = statement.switch?.until;
  if (at !== undefined) lines.push(switchLine(at));
  for (const { asset, shares, hash } of statement.issues.values()) {
    lines.push(`● you issued ${sum(asset, shares)}   contract ${hash}`);
  }
  for (const action of statement.actions.values()) {
    if (action.state === "scheduled") lines.push(actionLine(action));
  }
  for (const { number, asset, shares, pay, amount } of statement.entitled) {
    lines.push(
      `● corporate action ${number}: ${sum(pay, amount)} for ${sum(asset, shares)} that counted`,
    );
  }
  for (const { asset, shares } of statement.closings.values()) {
    lines.push(`✕ ${asset} was delisted: closing statement of ${sum(asset, shares)}`);
  }
  return lines;
}

/** The same as data. */
export function securitiesData(card: Card, statement: Statement): { readonly [key: string]: Data } {
  return {
    cancelAfter: switchData(statement.switch?.until),
    issues: [...statement.issues.values()].map(({ asset, shares, hash }) => ({
      asset,
      shares: showAmount(card, asset, shares),
      contract: hash,
    })),
    actions: [...statement.actions.values()].map(({ number, action, asset, state, at }) => ({
      number,
      action,
      asset,
      state,
      at: printTime(at),
    })),
    entitled: statement.entitled.map(({ number, asset, shares, pay, amount, at }) => ({
      number,
      asset,
      shares: showAmount(card, asset, shares),
      payAsset: pay,
      amount: showAmount(card, pay, amount),
      at: printTime(at),
    })),
    closings: [...statement.closings.values()].map(({ asset, shares, at }) => ({
      asset,
      shares: showAmount(card, asset, shares),
      at: printTime(at),
    })),
  };
}
