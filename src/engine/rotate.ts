/**
 * ROTATE, VETO and REVOKE (docs/spec/keys.md §2, §3): the customer's own word about the account's
 * keys. Certificates, proofs and revocations were vetted before they were journaled.
 */
import { assert } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import type { Command, Line } from "../letter/command.ts";
import { revocationsIn } from "../letter/certificate.ts";
import { freeze } from "./freeze.ts";
import type { KeyFault, Vetting } from "./input.ts";
import { beginChange, dropChange, endChange, takeOver, tellRekey } from "./keychange.ts";
import { keyEntry } from "./keys.ts";
import { doneEntry, labelsOf, rejectEntry } from "./records.ts";
import type { revokeRefusals, rotateRefusals, vetoRefusals } from "./refusals.ts";
import type { Account, KeyChange, Labels, State } from "./state.ts";
import { note, type Turn } from "./turn.ts";

type RotateCommand = Extract<Command, { kind: "rotate" }>;
type RevokeCommand = Extract<Command, { kind: "revoke" }>;
/** A command with what was found of what it carries. */
export type Vetted<Of extends Command> = { readonly command: Of; readonly vetting: Vetting };

/** Replaces the account's certificate after a delay, or renews it at once. */
export function rotate(
  turn: Turn,
  account: Account,
  line: Line,
  { command, vetting }: Vetted<RotateCommand>,
): void {
  const { fingerprint } = account;
  const isRenewal = command.key === account.key;
  if (isRenewal && vetting === "certificate_revoked") {
    return revokeKey(turn, account, command.key, { line: line.number, labels: labelsOf(line) });
  }
  const checked = checkNewKey(turn.state, account, command, vetting);
  if (!checked.ok) return note(turn, fingerprint, rejectEntry(line, checked));
  const said = { key: command.key, line: line.number, labels: labelsOf(line) };
  if (isRenewal) {
    account.certificate = command.certificate;
    turn.keys.add(fingerprint);
    return note(turn, fingerprint, keyEntry("renewed", said));
  }
  const { key, certificate } = command;
  const { rotationMs } = turn.state.configuration.keyDelays;
  const begun = { account, kind: "coming", key, certificate } as const;
  const { expiry } = beginChange(turn, begun, rotationMs);
  note(turn, fingerprint, keyEntry("coming", { ...said, at: expiry }));
}

/** What stands in the way of another certificate for an account. */
export function checkNewKey(
  state: State,
  account: Account,
  said: {
    readonly key: Fingerprint;
    readonly certificate: string;
    readonly proof: string | undefined;
  },
  vetting: Vetting,
): Verdict<undefined, (typeof rotateRefusals)[number]> {
  const { key, certificate, proof } = said;
  const stays = key === account.key;
  if (account.change !== undefined && !stays) {
    return refuse("key_change_pending", "A change of this account's key waits already.");
  }
  if (!stays && proof === undefined) {
    return refuse("proof_missing", "A new key has to sign, too.");
  }
  const fault = keyFault(vetting);
  if (fault) return fault;
  if (stays && dropsRevocation(account.certificate, certificate)) {
    return refuse("revocation_dropped", "What the certificate has revoked stays revoked.");
  }
  // Last, and so only to whoever has the key: who is a customer is nobody else's business.
  const isRevoked = state.keys.get(key)?.standing === "revoked";
  if (stays ? isRevoked : state.keys.has(key)) {
    return refuse("key_in_use", `The key ${key} is, or was, in use here.`);
  }
  return accept(undefined);
}

function keyFault(vetting: Vetting): Refused<CertificateFault> | undefined {
  if (vetting === "good") return undefined;
  assert(isCertificateFault(vetting), "a certificate was vetted");
  return refuse(vetting, `What was found of it: ${vetting.replaceAll("_", " ")}.`);
}

type CertificateFault = Exclude<KeyFault, "revocation_wrong">;

function isCertificateFault(vetting: Vetting): vetting is CertificateFault {
  return vetting === "proof_wrong" || vetting.startsWith("certificate_");
}

/** An older copy of a certificate must not bring back a subkey that was revoked. */
function dropsRevocation(before: string, after: string): boolean {
  const kept = revocationsIn(after);
  return [...revocationsIn(before)].some((revocation) => !kept.has(revocation));
}

/** Ends the change that waits, whoever began it. */
export function veto(turn: Turn, account: Account, line: Line): void {
  const { change, fingerprint } = account;
  if (change === undefined) {
    const name: (typeof vetoRefusals)[number] = "no_key_change";
    const refusal = refuse(name, "No change of this account's key waits.");
    return note(turn, fingerprint, rejectEntry(line, refusal));
  }
  dropChange(turn, change, { state: "vetoed", line: line.number, labels: labelsOf(line) });
}

/** Anybody's letter may carry a revocation of any key: it proves itself. */
export function revoke(
  turn: Turn,
  sender: Account,
  line: Line,
  { command, vetting }: Vetted<RevokeCommand>,
): void {
  const known = turn.state.keys.get(command.key);
  if (known === undefined || known.standing === "retired" || vetting !== "good") {
    // The same for a key that is not known here: who is a customer is nobody's business.
    const name: (typeof revokeRefusals)[number] = "revocation_wrong";
    const refusal = refuse(name, `It revokes no key ${command.key} that is in use here.`);
    return note(turn, sender.fingerprint, rejectEntry(line, refusal));
  }
  const { account } = known;
  const isOwn = account === sender;
  if (!isOwn || known.standing === "revoked") note(turn, sender.fingerprint, doneEntry(line));
  if (known.standing === "revoked") return;
  const labels = isOwn ? labelsOf(line) : { id: undefined, tag: undefined };
  revokeKey(turn, account, command.key, { line: isOwn ? line.number : 0, labels });
}

function revokeKey(
  turn: Turn,
  account: Account,
  key: Fingerprint,
  by: { readonly line: number; readonly labels: Labels },
): void {
  const { fingerprint, change } = account;
  const known = turn.state.keys.get(key);
  assert(known?.account === account, "the account's own key");
  if (change !== undefined && endsWith(account, change, key)) {
    if (change.key === key && key !== account.key) {
      endChange(turn, change);
      takeOver(turn, account, key);
      if (change.kind === "replacing") tellRekey(turn, change, "dismissed");
    } else dropChange(turn, change, { state: "dismissed", line: 0 });
  }
  const hadPower = known.standing !== "replacing";
  known.standing = "revoked";
  turn.keys.add(fingerprint);
  note(turn, fingerprint, keyEntry("revoked", { key, ...by }));
  if (hadPower) freeze(turn, account, { why: "revocation", ...by });
}

/**
 * A rotation ends with either of its keys; a replacement only with the key that it brings: that the
 * old one is revoked is why there is one.
 */
function endsWith(account: Account, change: KeyChange, key: Fingerprint): boolean {
  return change.key === key || (change.kind === "coming" && key === account.key);
}
