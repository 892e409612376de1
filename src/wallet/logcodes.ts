/** What can be wrong with what is told of the public log: codes in the form of errors.ts. */

/** By code; exits as in errors.ts: 4 not executed, 5 not known, 6 unverified, 8 unreachable. */
export const logCodes = {
  E506: {
    title: "The newest that could be verified of the log is old.",
    meaning: "What happened since then is not known here. Orders and balances are unaffected.",
    next: "Ask other relays: signet log verify --relay URL",
    exit: 5,
  },
  E507: {
    title: "A witness that you named did not cosign.",
    meaning: "The log checks all the same; that this witness saw the same one is not known.",
    next: "The message has the witness's reason; ask again, or ask its operator.",
    exit: 5,
  },
  E508: {
    title: "Void: the exchange did not read this letter by its deadline, which is proved.",
    meaning: "It had no effect and never will. Nothing of it was bought, sold or paid.",
    next: "signet outbox retry NAME     writes it anew with a new deadline, which is safe",
    exit: 4,
  },
  E609: {
    title: "The exchange signed two histories that cannot both be true.",
    meaning: "The file holds the proof, for anybody: signet log fork FILE",
    next: "Send nothing more, and show the file to others, until it is explained.",
    exit: 6,
  },
  E610: {
    title: "What a relay or witness tells of the log does not check.",
    meaning: "It counts for nothing. What others told is unaffected.",
    next: "Leave that one out, and tell whoever runs it.",
    exit: 6,
  },
  E611: {
    title: "A proof of what the exchange read does not check.",
    meaning: "It was thrown away. Your money and orders are unaffected.",
    next: "Another relay may have a true one: signet status NAME",
    exit: 6,
  },
  E808: {
    title: "No relay told the log.",
    meaning: "Nothing was verified. Orders and balances are unaffected.",
    next: "Is the address right and the relay running?  --relay URL",
    exit: 8,
  },
} as const;
