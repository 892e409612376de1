/**
 * How `signet sop` ends when it fails: names and exit codes are those of the stateless OpenPGP
 * command line (draft-dkg-openpgp-stateless-cli), which outside test suites go by.
 */

/** The draft's failures that this program can have, with their exit codes. */
export const sopExits = {
  UNSPECIFIED_FAILURE: 1,
  NO_SIGNATURE: 3,
  UNSUPPORTED_ASYMMETRIC_ALGO: 13,
  CERT_CANNOT_ENCRYPT: 17,
  MISSING_ARG: 19,
  INCOMPLETE_VERIFICATION: 23,
  CANNOT_DECRYPT: 29,
  UNSUPPORTED_OPTION: 37,
  BAD_DATA: 41,
  EXPECTED_TEXT: 53,
  OUTPUT_EXISTS: 59,
  MISSING_INPUT: 61,
  KEY_IS_PROTECTED: 67,
  UNSUPPORTED_SUBCOMMAND: 69,
  UNSUPPORTED_SPECIAL_PREFIX: 71,
  KEY_CANNOT_SIGN: 79,
  UNSUPPORTED_PROFILE: 89,
} as const;
export type SopExit = keyof typeof sopExits;

/** One of the draft's failures, with what was wrong. */
export class SopFailure extends Error {
  readonly exit: SopExit;

  constructor(exit: SopExit, message: string) {
    super(message);
    this.exit = exit;
  }
}
