/** What the exchange refuses of an account's keys (docs/spec/keys.md), as rows of rejections.ts. */

/** Code, name on the wire, what it means, what to do. */
type Row = readonly [string, string, string, string];

const exportAnew = "gpg --export --export-options export-minimal";
const another = "Make another key.";

/** In the order of the page of refusals. */
export const keyRejections: readonly Row[] = [
  ["E270", "key_not_in_force", "The key does not sign for this account.", "signet statement"],
  ["E271", "proof_malformed", "The proof is malformed.", "signet key rotate --help"],
  ["E272", "revocation_malformed", "The revocation is malformed.", "signet key revoke --help"],
  [
    "E273",
    "account_frozen",
    "The account is frozen.",
    "signet key rotate     a new key thaws it after the delay",
  ],
  ["E274", "key_change_pending", "A change of the key waits already.", "signet key veto"],
  ["E275", "key_in_use", "The new key is, or was, somebody's here.", another],
  ["E276", "proof_missing", "A new key has to sign, too.", "signet key rotate --help"],
  ["E277", "certificate_too_large", "The certificate is too large.", exportAnew],
  ["E278", "certificate_version", "The key is not of version 4.", another],
  ["E279", "certificate_algorithm", "A key is of a kind that is not taken.", another],
  ["E280", "certificate_weak_point", "A key is weak.", another],
  ["E281", "certificate_of_another", "The certificate is another key's.", exportAnew],
  ["E282", "certificate_revoked", "The certificate is revoked.", another],
  ["E283", "certificate_expired", "The certificate has expired.", "Prolong it first."],
  ["E284", "certificate_cannot_sign", "No key in it may sign.", another],
  ["E285", "certificate_cannot_encrypt", "No key in it can be sealed to.", another],
  ["E286", "proof_wrong", "The proof is not the new key's signature.", "signet key rotate --help"],
  [
    "E287",
    "revocation_dropped",
    "A revocation that the certificate had is missing.",
    "Export it from where it was revoked.",
  ],
  ["E288", "no_key_change", "No change of the key waits.", "signet statement"],
  [
    "E289",
    "revocation_wrong",
    "It revokes no key that is in use here.",
    "signet key revoke --help",
  ],
  ["E290", "account_unknown", "There is no such account.", "Name it by its first fingerprint."],
  ["E291", "certificate_older", "The account's certificate is newer.", exportAnew],
];
