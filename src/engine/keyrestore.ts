/** The lines of a snapshot about accounts' keys: the inverse of what snapshot.ts prints of them. */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { enterChange } from "./keychange.ts";
import { accountOf } from "./orders.ts";
import type { Row } from "./row.ts";
import type { KeyStanding, State } from "./state.ts";

const standings: readonly KeyStanding[] = ["in_force", "coming", "replacing", "retired", "revoked"];

/**
 * Reads a line if it is one of these. Accounts were read before, changes before the keys that they
 * bring.
 */
export function readKeyLine(state: State, kind: string, row: Row): boolean {
  switch (kind) {
    case "keys":
      readKeys(state, row.account(), row);
      return true;
    case "change":
      readChange(state, row.account(), row);
      return true;
    case "key":
      readKey(state, row.account(), row);
      return true;
    default:
      return false;
  }
}

function readKeys(state: State, name: Fingerprint, row: Row): void {
  const account = accountOf(state, name);
  account.key = row.account();
  const frozen = row.maybe();
  assert(
    frozen === undefined || frozen === "letter" || frozen === "revocation",
    "an account is frozen for one of two reasons",
  );
  account.frozen = frozen;
}

function readChange(state: State, name: Fingerprint, row: Row): void {
  const account = accountOf(state, name);
  const kind = row.text();
  assert(kind === "coming" || kind === "replacing", "a change is of one of two kinds");
  const [key, certificate, expiry] = [row.account(), row.text(), time(row.number())];
  enterChange(state, { account, kind, key, certificate, expiry });
}

function readKey(state: State, key: Fingerprint, row: Row): void {
  const account = accountOf(state, row.account());
  const word = row.text();
  const standing = standings.find((each) => each === word);
  assert(standing !== undefined, "a key stands in one of five ways");
  state.keys.set(key, { account, standing });
}
