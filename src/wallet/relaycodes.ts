/**
 * What can go wrong with the relays as this home knows them and with the way to them: the codes
 * E620 to E629 and E820 to E829, in the form of errors.ts.
 */

/** By code; the exits are those of errors.ts: 3 refused, 6 unverified, 8 unreachable. */
export const relayCodes = {
  E620: {
    title: "A relay lied, and is not asked any more.",
    meaning: "What it said was thrown away. Your money and orders are unaffected.",
    next: "signet relay list     says what it did; signet relay forgive URL     asks it again",
    exit: 6,
  },
  E621: {
    title: "What the relay serves is not signed by the exchange you pinned.",
    meaning: "Nothing of it was believed.",
    next: "Do without it: signet relay remove URL",
    exit: 6,
  },
  E622: {
    title: "What the exchange signed cannot be judged here.",
    meaning: "It was thrown away. The relay may be honest: the clock here or the key may be why.",
    next: "Is your clock right?  timedatectl set-ntp true     A newer program may know more.",
    exit: 6,
  },
  E820: {
    title: "The SOCKS proxy does not do its part.",
    meaning:
      "Nothing was reached through it, and nothing went around it. A letter that was written is saved.",
    next: "Is it running, and at this address?  --socks HOST:PORT     (Tor: 127.0.0.1:9050)",
    exit: 8,
  },
  E821: {
    title: "There is no relay left to ask: each has lied or was removed.",
    meaning: "Nothing was sent. A letter that was written is saved.",
    next: "signet relay list     says why; signet relay add URL, or signet relay forgive URL",
    exit: 8,
  },
  E822: {
    title: "No relay of the exchange's card answers there.",
    meaning: "The list of relays is as it was.",
    next: "The message says who answers; the exchange collects letters from its card's relays only.",
    exit: 3,
  },
  E823: {
    title: "The relays are loaded, and ask for more postage than this program pays.",
    meaning: "Nothing of the letter was taken. It is saved, and the same bytes may go later.",
    next: "In a while: signet outbox retry     signet relay list     says what each relay asks",
    exit: 8,
  },
} as const;
