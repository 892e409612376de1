/**
 * What an asset's issuer may say of it (docs/spec/securities.md): LIST, DIVIDEND, RATIO, RENAME,
 * DELIST, HOLDERS. Here is what they have in common, and LIST and HOLDERS; each of the others has
 * its own file.
 */
import { refuse, type Refused } from "../codec/verdict.ts";
import type { IssuerCommand, Line } from "../letter/command.ts";
import { printLeaf } from "../log/leaf.ts";
import { shown } from "./admit.ts";
import { delist } from "./delist.ts";
import { checkDividend, declare } from "./dividends.ts";
import { noteHolders, sharesOf } from "./holders.ts";
import { marketsOf } from "./issuermarkets.ts";
import { refreshPhase } from "./phases.ts";
import { transfer } from "./purse.ts";
import { checkRatio, countRatio, divide } from "./ratio.ts";
import { actionEntry, doneEntry, labelsOf, rejectEntry } from "./records.ts";
import type { issuerRefusals } from "./refusals.ts";
import { rename } from "./rename.ts";
import type { Account, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type Wrong = Refused<(typeof issuerRefusals)[number]>;
type ListCommand = Extract<IssuerCommand, { kind: "list" }>;

/** The line in hand, and the letter that it stands in. */
export type IssuerLine = {
  readonly account: Account;
  readonly line: Line;
  readonly lines: readonly Line[];
};

/** Does what an issuer's line asks, or says why not. */
export function act(turn: Turn, said: IssuerLine, command: IssuerCommand): void {
  const { account, line } = said;
  const wrong = checkAsset(turn.state, said, command) ?? perform(turn, said, command);
  if (wrong) note(turn, account.fingerprint, rejectEntry(line, wrong));
}

/** What no command of an issuer passes over. */
function checkAsset(
  state: State,
  { account, line, lines }: IssuerLine,
  command: IssuerCommand,
): Wrong | undefined {
  const { kind, asset } = command;
  const { assets, issuers } = state.configuration;
  // Each looks at every account there is.
  const once = looksAtAll(line);
  if (
    once &&
    lines.some(
      (other) => other.number < line.number && other.verb === line.verb && looksAtAll(other),
    )
  ) {
    return refuse("action_repeated", `One ${line.verb} in a letter is enough.`);
  }
  const pay = "pay" in command ? command.pay : asset;
  const unknown = [asset, pay].find((name) => !assets.has(name));
  if (unknown !== undefined) {
    return refuse("asset_unknown", `There is no asset ${unknown} here.`);
  }
  if (kind === "ratio" && pay === asset) {
    return refuse("asset_unknown", "Fractions of shares are paid in another asset.");
  }
  const issuer = issuers.get(asset);
  if (issuer === undefined) {
    return refuse("asset_not_issued", `${asset} is not issued by anybody.`);
  }
  if (issuer !== account.fingerprint) {
    return refuse("not_the_issuer", `This account is not the issuer of ${asset}.`);
  }
  const issue = state.issues.get(asset);
  // Its holders may still be paid, and be listed.
  const isOver = issue?.delisted === true && kind !== "dividend" && kind !== "holders";
  if (isOver) return refuse("already_delisted", `${asset} is delisted.`);
  if (kind === "list") {
    return issue ? refuse("already_listed", `${asset} is listed.`) : undefined;
  }
  return issue ? undefined : refuse("asset_not_listed", `${asset} is not listed yet.`);
}

/** A dividend of a later day looks when that has come; whatever is malformed does not. */
function looksAtAll({ command }: Line): boolean {
  if (!command.ok) return false;
  const { value } = command;
  const { kind } = value;
  return (
    kind === "ratio" || kind === "holders" || (kind === "dividend" && value.record === undefined)
  );
}

function perform(
  turn: Turn,
  { account, line }: IssuerLine,
  command: IssuerCommand,
): Wrong | undefined {
  const { state } = turn;
  switch (command.kind) {
    case "list": {
      const wrong = checkList(state, command);
      if (!wrong) list(turn, account, line, command);
      return wrong;
    }
    case "dividend": {
      const wrong = checkDividend(turn, account, command);
      if (!wrong) declare(turn, account, line, command);
      return wrong;
    }
    case "ratio": {
      const counted = countRatio(state, account, command);
      const wrong = checkRatio(state, account, command, counted);
      if (!wrong) divide(turn, { account, line, command, counted });
      return wrong;
    }
    case "rename": {
      const wrong = checkRename(state, command);
      if (!wrong) rename(turn, account, line, command);
      return wrong;
    }
    case "delist":
      delist(turn, account, line, command.asset);
      return undefined;
    case "holders":
      noteHolders(turn, account, command.asset);
      note(turn, account.fingerprint, doneEntry(line));
      return undefined;
  }
}

function checkList(state: State, { asset, shares }: ListCommand): Wrong | undefined {
  const most = state.configuration.assets.get(asset)?.supplyMax ?? 0;
  const left = Math.max(most - sharesOf(state, asset), 0);
  if (shares <= left) return undefined;
  const room = shown(state, left, asset);
  return refuse("shares_over_supply", `Within the supply there is room for ${room}.`);
}

/** The shares come into being, and the asset's markets do what their calendars say. */
function list(turn: Turn, account: Account, line: Line, command: ListCommand): void {
  const { state } = turn;
  const { asset, shares, hash } = command;
  state.actions += 1;
  const number = state.actions;
  state.issues.set(asset, { contract: hash, delisted: false });
  const { fingerprint } = account;
  turn.leaves.push(printLeaf({ kind: "listing", asset, issuer: fingerprint, shares, hash }));
  const cause = { kind: "list", number } as const;
  transfer(turn, { asset, from: "outside", to: account, amount: shares, cause });
  const said = { number, action: "list", asset, state: "done" } as const;
  note(turn, fingerprint, actionEntry(said, line.number, labelsOf(line)));
  note(turn, fingerprint, { kind: "issue", asset, shares: sharesOf(state, asset), hash });
  for (const venue of marketsOf(state, asset)) refreshPhase(turn, venue);
}

function checkRename(
  state: State,
  { asset, to }: Extract<IssuerCommand, { kind: "rename" }>,
): Wrong | undefined {
  const reserved = state.configuration.reserved.get(asset);
  if (reserved === to) return undefined;
  const sentence = reserved === undefined ? "No name is" : `The name ${reserved} is`;
  return refuse("name_not_reserved", `${sentence} reserved for ${asset}.`);
}
