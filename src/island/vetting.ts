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
import { readRegisteredCertificate } from "../seal/certificate.ts";
import { isRevocation, isSignedBy, readNamedCertificate } from "../seal/keylife.ts";
import type { MinerSettings } from "./settings.ts";

/** A letter, and what it is looked at with. */
export type ToVet = {
  readonly text: string;
  readonly signer: Fingerprint;
  readonly at: Time;
  readonly state: State;
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
    const known = bytesOf(certificateOfKey(state, key) ?? "");
    if (known.length === 0) return "revocation_wrong";
    const certificate = await readRegisteredCertificate(known);
    const revokes = await isRevocation(bytesOf(command.revocation), certificate);
    return revokes ? undefined : "revocation_wrong";
  }
  const read = await readNamedCertificate(bytesOf(command.certificate), key, at);
  if (!read.ok) return read.name;
  const { proof } = command;
  if (proof === undefined) return undefined;
  const account = command.kind === "rekey" ? command.account : nameOf(state, signer);
  const text = rotationText(state.exchange, account, key);
  const by = { certificate: read.value, at, us: state.exchange };
  return (await isSignedBy(bytesOf(proof), text, by)) ? undefined : "proof_wrong";
}

/** The line was well-formed. */
function bytesOf(base64: string): Uint8Array {
  return fromBase64(base64) ?? new Uint8Array(0);
}
