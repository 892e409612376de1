/**
 * FREEZE, and what a revocation does besides (docs/spec/keys.md §4): nothing leaves the account any
 * more. A rotation that waits is dismissed, open orders leave the books, ring orders are taken
 * back, withdrawals that wait are refused, an operator's votes and a watcher's claims are void.
 * What was owed before is paid: a dividend declared, a withdrawal approved, a ring on its way.
 */
import { field, op } from "../floor/command.ts";
import type { Line } from "../letter/command.ts";
import { forgetWatchers } from "../pool/claims.ts";
import { execute } from "./execution.ts";
import { refuseWaiting } from "./hands.ts";
import { dropChange } from "./keychange.ts";
import { labelsOf, orderEntry } from "./records.ts";
import { touchAll } from "./ringfates.ts";
import { unringAll } from "./ringorder.ts";
import type { Account, Labels, Order } from "./state.ts";
import { note, type Turn } from "./turn.ts";

/** The account's own word. */
export function freezeOwn(turn: Turn, account: Account, line: Line): void {
  freeze(turn, account, { why: "letter", line: line.number, labels: labelsOf(line) });
}

/** Freezes an account; one that is frozen stays so, and a revocation is the stronger reason. */
export function freeze(
  turn: Turn,
  account: Account,
  by: {
    readonly why: "letter" | "revocation";
    /** Of the account's own letter; 0: of somebody else's. */
    readonly line: number;
    readonly labels: Labels;
  },
): void {
  const { fingerprint } = account;
  const { why, line, labels } = by;
  account.frozen = why === "revocation" ? why : (account.frozen ?? why);
  // Or a thief's rotation would thaw it. What the operators have begun, only a VETO ends.
  const { change } = account;
  if (change?.kind === "coming") dropChange(turn, change, { state: "dismissed", line: 0 });
  note(turn, fingerprint, { kind: "frozen", line, why: account.frozen, ...labels });
  const ended: Order[] = [];
  const fields = [
    [field.op, op.cancelAll],
    [field.account, account.number],
    [field.market, -1],
    [field.side, -1],
  ] as const;
  execute(turn, fields, { ended });
  for (const order of ended) {
    turn.passive.delete(order);
    note(turn, fingerprint, orderEntry(order, line));
  }
  unringAll(turn, account, line);
  refuseWaiting(turn, (withdrawal) => withdrawal.account === fingerprint, "account frozen");
  for (const [request, votes] of turn.state.votes) {
    if (votes.delete(fingerprint) && votes.size === 0) turn.state.votes.delete(request);
  }
  if (turn.state.configuration.watchers.includes(fingerprint)) {
    forgetWatchers(turn.state.rings.claims, [fingerprint]);
    touchAll(turn);
  }
}
