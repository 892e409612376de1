/**
 * REKEY, the operators' word (docs/spec/keys.md §5): an account whose key is lost or dead gets
 * another certificate, or one that is frozen is frozen no longer. M of n operators must say the
 * same; the log says it at once, and it takes effect after a long delay, unless a letter of the key
 * in force vetoes it.
 */
import { refuse, type Refused } from "../codec/verdict.ts";
import type { Command, Line } from "../letter/command.ts";
import { agreed, operatorsOnly } from "./hands.ts";
import { beginChange, tellRekey } from "./keychange.ts";
import { keyEntry } from "./keys.ts";
import { rejectEntry } from "./records.ts";
import type { rekeyRefusals, rotateRefusals } from "./refusals.ts";
import { checkNewKey, type Vetted } from "./rotate.ts";
import type { Account } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type RekeyRefusal = (typeof rekeyRefusals)[number] | (typeof rotateRefusals)[number];
type RekeyCommand = Extract<Command, { kind: "rekey" }>;

/** One operator's word. */
export function rekey(
  turn: Turn,
  operator: Account,
  line: Line,
  { command, vetting }: Vetted<RekeyCommand>,
): void {
  const { state } = turn;
  const reject = (refusal: Refused<RekeyRefusal>): void => {
    note(turn, operator.fingerprint, rejectEntry(line, refusal));
  };
  if (!state.configuration.operators.includes(operator.fingerprint)) return reject(operatorsOnly);
  const account = state.accounts.get(command.account);
  if (account === undefined) {
    return reject(refuse("account_unknown", `There is no account ${command.account} here.`));
  }
  const { key, certificate } = command;
  if (account.change !== undefined) {
    return reject(refuse("key_change_pending", "A change of this account's key waits already."));
  }
  const checked = checkNewKey(state, account, command, vetting);
  if (!checked.ok) return reject(checked);
  if (key === account.key && account.frozen === undefined) {
    return reject(refuse("key_in_use", "It is in force already, and the account is not frozen."));
  }
  const subject = { subject: "account", number: command.account } as const;
  if (!agreed(turn, operator, line, { ...subject, said: command })) return;

  // From here on it is under way, and all the world can see it.
  const { replacementMs } = state.configuration.keyDelays;
  const begun = { account, kind: "replacing", key, certificate } as const;
  const change = beginChange(turn, begun, replacementMs);
  note(turn, account.fingerprint, keyEntry("replacing", { key, at: change.expiry }));
  tellRekey(turn, change, "begun");
}
