/**
 * What can go wrong with the relays as this home knows them and with the way to them: the codes
 * E620 to E629 and E820 to E829, in the form of errors.ts.
 */

/** By code; the exits are those of errors.ts: 3 refused, 6 unverified, 8 unreachable. */
export const relayCodes = {
  E820: {
    title: "The SOCKS proxy does not do its part.",
    meaning:
      "Nothing was reached through it, and nothing went around it. A letter that was written is saved.",
    next: "Is it running, and at this address?  --socks HOST:PORT     (Tor: 127.0.0.1:9050)",
    exit: 8,
  },
} as const;
