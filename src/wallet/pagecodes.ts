/**
 * What can go wrong with a wallet that lives in a browser, beside what can go wrong with any: the
 * codes E720 to E730, in the form of errors.ts.
 */

const nothing = "Nothing was signed or sent.";

/** By code; the exits are those of errors.ts: 3 refused, 7 key, 1 broken. */
export const pageCodes = {
  E720: {
    title: "Trading is off until the words are checked.",
    meaning: nothing,
    next: "Type the words that are asked for, from the paper.",
    exit: 3,
  },
  E721: {
    title: "The words are not those that were shown.",
    meaning: "Nothing was kept. The key is the same; other words are asked for now.",
    next: "Look at the paper. The words can be shown again until the check has passed.",
    exit: 7,
  },
  E722: {
    title: "The browser did not keep the wallet.",
    meaning: "What was not said to be kept is not kept. Your words rebuild everything.",
    next: "Is there room on the disk, and is storage allowed for this page?",
    exit: 1,
  },
  E723: {
    title: "The passkey gave no secret.",
    meaning: "Nothing was locked with it.",
    next: "This device or browser may lack the PRF extension: choose a passphrase.",
    exit: 7,
  },
  E724: {
    title: "This letter is not the one that was shown.",
    meaning: nothing,
    next: "Fill in the form again and read what it says.",
    exit: 3,
  },
  E725: {
    title: "The wallet is not open.",
    meaning: nothing,
    next: "Open the wallet and try again.",
    exit: 7,
  },
  E726: {
    title: "The wallet was not deleted: the word that confirms it was another.",
    meaning: "Everything is as it was.",
    next: "Type forget, in small letters, if you have your 24 words.",
    exit: 3,
  },
  E727: {
    title: "This device is cold: nothing is sent from here.",
    meaning: "The letter is signed and kept.",
    next: "Show it as a QR code to a device with a network.",
    exit: 3,
  },
  E728: {
    title: "This wallet is in this tab's memory alone.",
    meaning: "To lock it would be to lose it here; your words would rebuild it.",
    next: "Choose a passphrase or a passkey first, or forget it.",
    exit: 7,
  },
  E729: {
    title: "The passphrase is too short: at least 8 characters.",
    meaning: "Nothing was locked.",
    next: "Four words that you did not read anywhere are a good one.",
    exit: 7,
  },
  E730: {
    title: "The exchange has not opened this account yet.",
    meaning: "Nothing can be ordered before it has. Your key is safe.",
    next: "The letter that asks for it is on its way; look at its dots.",
    exit: 3,
  },
} as const;
