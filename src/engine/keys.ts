/**
 * Whose a key is, and how it stands (docs/spec/keys.md §1). An account goes by the fingerprint of
 * its first certificate for ever; its keys come and go.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { refuse, type Refused } from "../codec/verdict.ts";
import type { Letter, LetterRefusal } from "../letter/command.ts";
import type { Entry } from "../letter/entry.ts";
import type { KeyState } from "../letter/keyentry.ts";
import { isPaperFreeze } from "./seq.ts";
import type { Account, Labels, State } from "./state.ts";

/** Whose a key is: of what is no account's key, nobody's. */
export function ownerOf({ keys }: State, key: Fingerprint): Account | undefined {
  return keys.get(key)?.account;
}

/**
 * Whose a key is for ever. What is to come may be nobody's again, and until then what waits for it
 * waits.
 */
export function customerOf({ keys }: State, key: Fingerprint): Account | undefined {
  const known = keys.get(key);
  if (known?.standing === "coming" || known?.standing === "replacing") return undefined;
  return known?.account;
}

/** The account's name, whichever of its keys signed; a stranger is called by the key. */
export function nameOf(state: State, signer: Fingerprint): Fingerprint {
  return ownerOf(state, signer)?.fingerprint ?? signer;
}

/**
 * Refuses what was signed by a key that may not sign, or not yet. A paper counts by the key in
 * force alone: so all of them are void, and forgotten, once another is in force.
 */
export function refuseKey(
  { keys }: State,
  signer: Fingerprint,
  letter: Letter,
): Refused<LetterRefusal> | undefined {
  const key = keys.get(signer);
  if (key === undefined || key.standing === "in_force") return undefined;
  if (key.standing === "coming" && !isPaperFreeze(letter)) return undefined;
  return refuse("key_not_in_force", `The key ${signer} does not sign for this account now.`);
}

/** What happened to a key, for its customer; labels are those of the line that did it. */
export function keyEntry(
  state: KeyState,
  {
    key,
    at,
    line = 0,
    labels,
  }: {
    readonly key: Fingerprint;
    readonly at?: Time;
    readonly line?: number;
    readonly labels?: Labels;
  },
): Entry {
  const { id, tag } = labels ?? { id: undefined, tag: undefined };
  return { kind: "key", line, state, key, at, id, tag };
}

/** The certificate of a key that is somebody's now, or is to be: base64. */
export function certificateOfKey(state: State, key: Fingerprint): string | undefined {
  const account = ownerOf(state, key);
  if (account === undefined) return undefined;
  if (key === account.key) return account.certificate;
  return account.change?.key === key ? account.change.certificate : undefined;
}
