/** What is in the way of a home that follows a rotation, in the form of errors.ts. */

/** By code; the exit is that of errors.ts: 7 key. */
export const keyCodes = {
  E712: {
    title: "The account's key in force is not in this home.",
    meaning: "Nothing was signed or sent. What this home holds still opens older reports.",
    next: "signet restore in another home, with that key's words; or sign with gpg: docs/spec/keys.md",
    exit: 7,
  },
} as const;
