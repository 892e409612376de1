/**
 * Looking at what a letter's lines carry before it is journaled: sealed auth keys of ring orders,
 * certificates and revocations. The keys and the OpenPGP that this takes are on the island and not
 * in the journal, so what was found is journaled with the letter and never looked at again
 * (docs/spec/journal.md §3).
 */
import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { vettedCommand, type KeyFault, type VettedCommand, type Vetting } from "../engine/input.ts";
import { certificateOfKey, nameOf } from "../engine/keys.ts";
import type { State } from "../engine/state.ts";
import type { RingCommand } from "../letter/command.ts";
import { rotationText } from "../letter/keygrammar.ts";
import { parseLetter } from "../letter/parse.ts";
import { vetOrder } from "../miner/vet.ts";
import type { Domain } from "../ring/digest.ts";
import {
  newestSelfSignature,
  readRegisteredCertificate,
  type Certificate,
} from "../seal/certificate.ts";
import { isRevocation, isSignedBy, readNamedCertificate } from "../seal/keylife.ts";
import type { KeyIds } from "./keyids.ts";
import type { MinerSettings } from "./settings.ts";

/** A letter, and what it is looked at with. */
export type ToVet = {
  readonly text: string;
  readonly signer: Fingerprint;
  readonly at: Time;
  readonly state: State;
  /** What certificates brought that came in this batch before, too. */
  readonly keyIds: Pick<KeyIds, "bring" | "renew">;
  /** Without a venue ring orders are all refused. */
  readonly venue: { readonly domain: Domain; readonly miner: MinerSettings } | undefined;
};

type KeyCommand = Exclude<VettedCommand, RingCommand>;

/** What is known of every line that is vetted, in order. */
export async function vetLetter(letter: ToVet): Promise<readonly Vetting[]> {
  // Nearly no letter has one, and reading it costs as much as everything else.
  if (!/\n(?:RING|ROTATE|REKEY|REVOKE)\|/.test(letter.text)) return [];
  const parsed = parseLetter(letter.text, letter.state.exchange);
  if (!parsed.ok) return [];
  const found: Vetting[] = [];
  for (const line of parsed.value.lines) {
    const command = vettedCommand(line);
    if (command === undefined) continue;
    const isRing = command.kind === "ring";
    found.push(
      isRing ? await vetRing(letter, command) : ((await faultIn(letter, command)) ?? "good"),
    );
  }
  return found;
}

async function vetRing({ venue }: ToVet, command: RingCommand): Promise<Vetting> {
  if (venue === undefined) return "ring_auth_unreadable";
  const vetted = await vetOrder(venue.domain, venue.miner.keys, command);
  // Whether a key must come at all, the engine knows as well.
  return vetted === "ring_auth_missing" ? "good" : vetted;
}

async function faultIn(letter: ToVet, command: KeyCommand): Promise<KeyFault | undefined> {
  const { at, state, signer } = letter;
  const { key } = command;
  if (command.kind === "revoke") {
    const certificate = await readKept(certificateOfKey(state, key));
    if (certificate === undefined) return "revocation_wrong";
    const revokes = await isRevocation(bytesOf(command.revocation), certificate);
    return revokes ? undefined : "revocation_wrong";
  }
  const read = await readNamedCertificate(bytesOf(command.certificate), key, at);
  if (!read.ok) return read.name;
  const { proof } = command;
  const account = command.kind === "rekey" ? command.account : nameOf(state, signer);
  const isRenewal = command.kind === "rotate" && state.accounts.get(account)?.key === key;
  if (isRenewal && (await isOlder(letter, account, read.value))) return "certificate_older";
  if (proof !== undefined) {
    const text = rotationText(state.exchange, account, key);
    const by = { certificate: read.value, at, us: state.exchange };
    if (!(await isSignedBy(bytesOf(proof), text, by))) return "proof_wrong";
  }
  // Of a key that is an account's for ever the engine says so by its own name.
  const standing = state.keys.get(key)?.standing;
  const isWaiting = standing === undefined || standing === "coming" || standing === "replacing";
  if (!isWaiting && !isRenewal) return undefined;
  const isFree = (await letter.keyIds.bring(account, read.value)) === undefined;
  return isFree ? undefined : "certificate_of_another";
}

/**
 * Whether the certificate that an account has is newer: an older copy must not bring back a subkey
 * that was dropped since.
 */
async function isOlder(
  { state, keyIds }: ToVet,
  account: Fingerprint,
  renewed: Certificate,
): Promise<boolean> {
  const before = await readKept(certificateOfKey(state, renewed.fingerprint));
  const signed = await newestSelfSignature(renewed);
  if (before !== undefined && signed < (await newestSelfSignature(before))) return true;
  return !keyIds.renew(account, signed);
}

/** A certificate of the state's; none if it cannot be read, which may stop nothing here. */
async function readKept(base64: string | undefined): Promise<Certificate | undefined> {
  if (base64 === undefined) return undefined;
  try {
    return await readRegisteredCertificate(bytesOf(base64));
  } catch {
    return undefined;
  }
}

/** The line was well-formed. */
function bytesOf(base64: string): Uint8Array {
  return fromBase64(base64) ?? new Uint8Array(0);
}
