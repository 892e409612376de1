/** What fails on this computer, the exchange's keys included: codes in the form of errors.ts. */

/** By code; the exits are those of errors.ts: 1 broken, 7 key. */
export const computerCodes = {
  E901: {
    title: "Something failed on this computer.",
    meaning: "What was on disk before is whole; what was not said to be done was not done.",
    next: "Put right what failed and say the command again.",
    exit: 1,
  },
  E902: {
    title: "The port is taken.",
    meaning: "The exchange was not started; nothing of it was changed.",
    next: "End the program that listens there, or choose another: signet start --port N",
    exit: 1,
  },
  E903: {
    title: "The exchange's keys cannot be changed so.",
    meaning: "No key and no certificate was changed.",
    next: "signet exchange rotate --help     says what it needs",
    exit: 7,
  },
} as const;
