/**
 * What can be wrong with an order's terms, or with what an issuer is about to do, before anything
 * is signed: the codes E129 to E132, in the form of errors.ts.
 */

const nothing = "Nothing was signed or sent.";

/** By code; the exits are those of errors.ts: 2 usage, 3 refused. */
export const orderCodes = {
  E129: {
    title: "There is no such kind of order: its terms do not go together.",
    meaning: nothing,
    next: "docs/spec/book.md has every kind of order, with an example.",
    exit: 3,
  },
  E130: {
    title: "The order would stay as it is.",
    meaning: nothing,
    next: "Say what is to change: signet replace ORDER QUANTITY @ PRICE",
    exit: 3,
  },
  E131: {
    title: "Nobody said yes to what cannot be undone.",
    meaning: nothing,
    next: "Say it again and answer the question, or say --yes.",
    exit: 3,
  },
  E132: {
    title: "The market of this order is not known here, and so its decimals are not.",
    meaning: nothing,
    next: "Name it: --market GLD/BTC     or fetch what is known: signet orders",
    exit: 3,
  },
} as const;
