/**
 * The commands about an account's keys (docs/spec/keys.md §2): ROTATE, REVOKE and the operators'
 * REKEY, read and printed.
 *
 * Only the form is judged. What certificate, proof and revocation are worth is looked at where
 * OpenPGP is; the engine hears what was found (`Vetting`).
 */
import { at } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import { accept, refuse, type Refused, type Verdict } from "../codec/verdict.ts";
import type { Command, KeyCommand, LineRefusal } from "./command.ts";
import { readFingerprint, refuseRemark } from "./fieldgrammar.ts";

type Read = Verdict<Command, LineRefusal>;

/** Refuses what is no padded base64. */
export function refuseCertificate(text: string): Refused<LineRefusal> | undefined {
  return refuseBase64(text, "certificate_malformed", "certificate");
}

function refuseBase64(
  text: string,
  name: "certificate_malformed" | "proof_malformed" | "revocation_malformed",
  what: string,
): Refused<LineRefusal> | undefined {
  const bytes = fromBase64(text);
  if (bytes !== undefined && bytes.length > 0) return undefined;
  return refuse(name, `The ${what} is not padded base64 on one line.`);
}

/** `-`: none. */
function proofOf(text: string): string | undefined {
  return text === "-" ? undefined : text;
}

function refuseCarried(certificate: string, proof: string): Refused<LineRefusal> | undefined {
  const malformed = refuseCertificate(certificate);
  if (malformed || proof === "-") return malformed;
  return refuseBase64(proof, "proof_malformed", "proof");
}

/** The fields of ROTATE. */
export function rotate(fields: readonly string[]): Read {
  const key = readFingerprint(at(fields, 0));
  if (!key.ok) return key;
  const [certificate, proof] = [at(fields, 1), at(fields, 2)];
  const refused = refuseCarried(certificate, proof);
  return refused ?? accept({ kind: "rotate", key: key.value, certificate, proof: proofOf(proof) });
}

/** The fields of REKEY. */
export function rekey(fields: readonly string[]): Read {
  const account = readFingerprint(at(fields, 0));
  if (!account.ok) return account;
  const key = readFingerprint(at(fields, 1));
  if (!key.ok) return key;
  const [certificate, proof, evidence] = [at(fields, 2), at(fields, 3), at(fields, 4)];
  const refused = refuseRemark(evidence, "evidence_malformed") ?? refuseCarried(certificate, proof);
  const said = { account: account.value, key: key.value, certificate, evidence };
  return refused ?? accept({ kind: "rekey", ...said, proof: proofOf(proof) });
}

/** The fields of REVOKE. */
export function revoke(fields: readonly string[]): Read {
  const key = readFingerprint(at(fields, 0));
  if (!key.ok) return key;
  const revocation = at(fields, 1);
  const refused = refuseBase64(revocation, "revocation_malformed", "revocation certificate");
  return refused ?? accept({ kind: "revoke", key: key.value, revocation });
}

/** Prints what is read above. */
export function printKeyCommand(command: KeyCommand): readonly string[] {
  switch (command.kind) {
    case "rotate":
      return ["ROTATE", command.key, command.certificate, command.proof ?? "-"];
    case "rekey": {
      const { account, key, certificate, proof, evidence } = command;
      return ["REKEY", account, key, certificate, proof ?? "-", evidence];
    }
    case "revoke":
      return ["REVOKE", command.key, command.revocation];
    case "freeze":
      return ["FREEZE"];
    case "veto":
      return ["VETO"];
  }
}

/**
 * What the holder of a new key signs with it, so that nobody moves an account to a key that is not
 * theirs to give: one line, with its LF.
 */
export function rotationText(exchange: string, account: string, key: string): string {
  return `signet-rotate/1 ${exchange} ${account} ${key}\n`;
}
