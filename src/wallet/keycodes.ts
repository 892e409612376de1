/** What is in the way of a change of the key, or after one, in the form of errors.ts. */

/** By code; the exits are those of errors.ts: 3 refused, 7 key. */
export const keyCodes = {
  E133: {
    title: "This is the key in force; nothing changes.",
    meaning: "Nothing was signed or sent.",
    next: "For another expiry: signet key renew",
    exit: 3,
  },
  E712: {
    title: "The account's key in force is not in this home.",
    meaning: "Nothing was signed or sent. What this home holds still opens older reports.",
    next: "signet restore in another home, with that key's words; or sign with gpg: docs/spec/keys.md",
    exit: 7,
  },
  E713: {
    title: "The new key is locked by a passphrase of its own.",
    meaning: "Nothing was signed or sent; the account's key is as it was.",
    next: "Give --key-passphrase-file FILE, or answer at a terminal. It is the one that gpg asks for.",
    exit: 7,
  },
  E714: {
    title: "The account's key is revoked: it signs nothing more.",
    meaning: "Nothing was signed or sent. The money stays in the account, which is frozen.",
    next: "Make another key and ask the operators to replace this one: docs/guide/compromise.md",
    exit: 7,
  },
} as const;
