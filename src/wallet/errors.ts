/**
 * Everything that can go wrong on the customer's side, by a stable code. An error is four things,
 * always in this order: what happened · what it means for the money · what to do · the code.
 *
 *   E1xx the input, before anything was signed   E2xx, E4xx the exchange's refusals (rejections.ts)
 *   E5xx not known, gaps                         E6xx a signature did not check
 *   E7xx the local key and home                  E8xx the network   E9xx this computer
 *
 * A trouble is returned: customer or peer was wrong. What this computer fails at is thrown.
 */
import { computerCodes } from "./computercodes.ts";
import { keyCodes } from "./keycodes.ts";
import { rejections } from "./rejections.ts";
import { logCodes } from "./logcodes.ts";
import { orderCodes } from "./ordercodes.ts";
import { pageCodes } from "./pagecodes.ts";
import { relayCodes } from "./relaycodes.ts";

/** What a script learns from the program's end (docs/guide: exit codes). */
export const exits = {
  done: 0,
  broken: 1,
  usage: 2,
  refused: 3,
  rejected: 4,
  unknown: 5,
  unverified: 6,
  key: 7,
  unreachable: 8,
} as const;
/** One of `exits`. */
export type Exit = (typeof exits)[keyof typeof exits];

/** What is said of a code when nobody knows more. */
export type Explanation = {
  readonly title: string;
  readonly meaning: string;
  readonly next: string;
  readonly exit: Exit;
};

const nothingSent = "Nothing was signed or sent.";
const thrownAway = "It was thrown away. Your money and orders are unaffected.";

const input = {
  E100: {
    title: "The command was not understood.",
    meaning: nothingSent,
    next: "signet --help",
    exit: exits.usage,
  },
  E101: {
    title: "The price is not a multiple of the market's tick.",
    meaning: nothingSent,
    next: "Choose the nearest price that the message names.",
    exit: exits.refused,
  },
  E102: {
    title: "The quantity is not a whole number of lots.",
    meaning: nothingSent,
    next: "Choose the nearest quantity that the message names.",
    exit: exits.refused,
  },
  E103: {
    title: "The quantity or price is outside the market's limits.",
    meaning: nothingSent,
    next: "signet card exchange     says every limit",
    exit: exits.refused,
  },
  E104: {
    title: "The amount is not one: digits, a point, no more decimals than the asset has.",
    meaning: nothingSent,
    next: "signet card exchange     says every asset's decimals",
    exit: exits.refused,
  },
  E105: {
    title: "Your clock and the relays' clocks differ.",
    meaning: "The letter's deadline means another moment to the exchange than to you.",
    next: "Set the clock: timedatectl set-ntp true",
    exit: exits.refused,
  },
  E106: {
    title: "The exchange's card has no such market.",
    meaning: nothingSent,
    next: "signet card exchange     lists the markets",
    exit: exits.refused,
  },
  E107: {
    title: "The exchange's card has no such asset.",
    meaning: nothingSent,
    next: "signet card exchange     lists the assets",
    exit: exits.refused,
  },
  E108: {
    title: "The time was not understood or lies outside what the exchange takes.",
    meaning: nothingSent,
    next: "Write 90s, 10m, 24h, 7d or 2026-11-21T12:00:00Z.",
    exit: exits.refused,
  },
  E109: {
    title: "The id or tag is not 1 to 36 of A-Z a-z 0-9 . _ : / -, or looks like an order id.",
    meaning: nothingSent,
    next: "Choose another; an id is yours alone and must be new for ever.",
    exit: exits.refused,
  },
  E110: {
    title: "This is not a fingerprint: 40 hex digits.",
    meaning: nothingSent,
    next: "The other customer finds it with: signet card mine",
    exit: exits.refused,
  },
  E111: {
    title: "The address or the evidence is not 1 to 100 printable characters without |.",
    meaning: nothingSent,
    next: "Copy it again, without blanks at its ends.",
    exit: exits.refused,
  },
  E112: {
    title: "This id belongs to another letter in your outbox.",
    meaning: nothingSent,
    next: "signet status ID     tells what became of it; for a new order choose a new id",
    exit: exits.refused,
  },
  E113: {
    title: "The file has a row that is no command, or has no identity of its own.",
    meaning: "Nothing of the file was sent.",
    next: "Give every row an id= (or, where a command takes none, a tag=) that no other row has.",
    exit: exits.refused,
  },
  E114: {
    title: "No order, ref or letter of this name is known here.",
    meaning: nothingSent,
    next: "signet orders     lists what is known; signet restore     fetches everything",
    exit: exits.refused,
  },
  E115: {
    title: "The file could not be read as what it should be.",
    meaning: nothingSent,
    next: "Look at the file; the message names the place.",
    exit: exits.refused,
  },
  E116: {
    title: "The letter would be too long.",
    meaning: nothingSent,
    next: "Split it: at most 1,000 commands and 64 KiB.",
    exit: exits.refused,
  },
  E117: {
    title: "The operators have settled this already.",
    meaning: nothingSent,
    next: "signet hands list --all     shows what was done, and on whose word",
    exit: exits.refused,
  },
  E118: {
    title: "A file of that name is there already.",
    meaning: "It was not touched, and nothing more was signed or sent.",
    next: "Name another with --out FILE, or move that one away.",
    exit: exits.refused,
  },
  E119: {
    title: "This exchange has no ring venue.",
    meaning: nothingSent,
    next: "signet card exchange     says what it offers",
    exit: exits.refused,
  },
  E120: {
    title: "The exchange's ring venue has no such token.",
    meaning: nothingSent,
    next: "signet ring venue     lists its tokens",
    exit: exits.refused,
  },
  E121: {
    title: "No contract would settle this ring order.",
    meaning: nothingSent,
    next: "Sell one token for another; margin and shares are 0 to 100 percent.",
    exit: exits.refused,
  },
  E122: {
    title: "The signer did not sign.",
    meaning: "No order exists. What the signer may have shown was not sent.",
    next: "Is it unlocked, and does it speak eth_signTypedData_v4?  --signer URL --owner 0x…",
    exit: exits.refused,
  },
  E123: {
    title: "The signature is not the owner's key's.",
    meaning:
      "Nothing was sent. It would count only if the owner is a contract that accepts it (ERC-1271).",
    next: "Choose the right account: --owner 0x…; or, for a contract wallet, say --contract-wallet",
    exit: exits.refused,
  },
  E124: {
    title: "This is no address: 0x and 40 hex digits, with the right capitals or none.",
    meaning: nothingSent,
    next: "Copy it again.",
    exit: exits.refused,
  },
  E125: {
    title: "The node is of another chain than the exchange's ring venue.",
    meaning: nothingSent,
    next: "signet ring venue     says which chain; give a node of it: --chain URL",
    exit: exits.refused,
  },
  E126: {
    title: "This works on a development chain only.",
    meaning: "Nothing was sent. Tokens of a real chain must be bought or received.",
    next: "signet ring address     is where they are to be sent",
    exit: exits.refused,
  },
  E127: {
    title: "No node of the venue's chain is known.",
    meaning: nothingSent,
    next: "Give one with --chain URL, or set SIGNET_CHAIN.",
    exit: exits.refused,
  },
  E128: {
    title: "The ring order is over already.",
    meaning: nothingSent,
    next: "signet ring list --all     says what became of it",
    exit: exits.refused,
  },
} as const satisfies Record<string, Explanation>;

const gaps = {
  E501: {
    title: "Not known yet: the exchange has not said that it read this letter.",
    meaning: "It may still take effect until its deadline. Do not type it again.",
    next: "signet outbox retry     sends the same bytes again, which is always safe",
    exit: exits.unknown,
  },
  E502: {
    title: "The deadline has passed, and no answer is here.",
    meaning:
      "If the exchange did not read it in time it never will; if it did, the answer is on its way. Not known which.",
    next: "signet status NAME     asks again; the same bytes never take effect twice",
    exit: exits.unknown,
  },
  E503: {
    title: "The exchange says that a copy of this letter did not open.",
    meaning: "That copy had no effect. A better copy may still be read until the deadline.",
    next: "signet outbox retry     the same bytes again; if the key was changed: signet restore",
    exit: exits.unknown,
  },
  E505: {
    title: "A report is missing.",
    meaning: "Your balance below may be out of date; nothing is lost, the exchange keeps it.",
    next: "signet statement     fetches it as soon as the exchange can be reached",
    exit: exits.unknown,
  },
} as const satisfies Record<string, Explanation>;

const signatures = {
  E601: {
    title: "This reply is not signed by the exchange you pinned.",
    meaning: thrownAway,
    next: "The relay that delivered it is not asked again: signet relay list",
    exit: exits.unverified,
  },
  E602: {
    title: "This receipt is not signed by the relay that gave it.",
    meaning: "It counts for nothing. The letter may have been carried all the same.",
    next: "Other relays carry it; this one is not asked again: signet relay list",
    exit: exits.unverified,
  },
  E603: {
    title: "The exchange's card does not check.",
    meaning: "Nothing it says was believed.",
    next: "Ask another relay: signet card exchange --relay URL",
    exit: exits.unverified,
  },
  E604: {
    title: "This reply answers another letter.",
    meaning: thrownAway,
    next: "The relay that delivered it is not asked again: signet relay list",
    exit: exits.unverified,
  },
  E605: {
    title: "Two reports of one number contradict each other, both signed by the exchange.",
    meaning: "Both are kept: together they prove that the exchange told two stories.",
    next: "Send nothing more until the operators have explained it.",
    exit: exits.unverified,
  },
  E606: {
    title: "The key number is not the one you gave.",
    meaning: "The relay serves another exchange, or lies. Nothing was pinned.",
    next: "Compare all thirty digits with the number you got from the exchange itself.",
    exit: exits.unverified,
  },
  E607: {
    title: "What the file holds is not sealed to this key and signed by the exchange you pinned.",
    meaning: thrownAway,
    next: "Fetch the file again.",
    exit: exits.unverified,
  },
  E608: {
    title: "Two requests of one number contradict each other, both signed by the exchange.",
    meaning: "Nothing was signed. The reports that hold them prove that it told two stories.",
    next: "Compare with the other operators; sign nothing more until it is explained.",
    exit: exits.unverified,
  },
} as const satisfies Record<string, Explanation>;

const home = {
  E701: {
    title: "There is no account here.",
    meaning: nothingSent,
    next: "signet setup     makes one; signet restore     rebuilds one from its 24 words",
    exit: exits.key,
  },
  E702: {
    title: "The passphrase does not open the key.",
    meaning: nothingSent,
    next: "Try again. Without the passphrase, the 24 words rebuild everything: signet restore",
    exit: exits.key,
  },
  E703: {
    title: "Your key has expired. (It is present; this is not “no public key”.)",
    meaning: "Money and open orders stay as they are, and answers still open with this key.",
    next: "Prolong it with gpg; a subkey that lives can sign the renewal: docs/spec/keys.md. Else write to the operators.",
    exit: exits.key,
  },
  E704: {
    title: "These are not 24 words of an account.",
    meaning: "Nothing was made or changed.",
    next: "Look for a word misread or swapped: the last word checks the others.",
    exit: exits.key,
  },
  E705: {
    title: "There is an account here already.",
    meaning: "It was not touched.",
    next: "Choose another place: --home DIR or --profile NAME",
    exit: exits.key,
  },
  E706: {
    title: "Another program has been writing to this home for a long while.",
    meaning: nothingSent,
    next: "Wait for it, or end it; the lock of a dead program is taken over by itself.",
    exit: exits.key,
  },
  E707: {
    title: "The key is locked, and there is nobody to ask for its passphrase.",
    meaning: nothingSent,
    next: "Give --passphrase-file FILE or set SIGNET_PASSPHRASE_FILE.",
    exit: exits.key,
  },
  E708: {
    title: "The home folder holds something that does not fit together.",
    meaning: nothingSent,
    next: "Move it away and run signet restore: the 24 words rebuild everything.",
    exit: exits.key,
  },
  E709: {
    title: "There is no Ethereum key in this home.",
    meaning: nothingSent,
    next: "signet ring key --words-file FILE     or another wallet's: --signer URL",
    exit: exits.key,
  },
  E710: {
    title: "The home's Ethereum key is not one that this home kept.",
    meaning: "It was not used. Nothing was signed or sent.",
    next: "signet ring key --words-file FILE --replace     brings back the one of your 24 words",
    exit: exits.key,
  },
  E711: {
    title: "There is another Ethereum key in this home already.",
    meaning: "It was not touched: it owns the orders that were signed with it.",
    next: "To put the new one in its place nevertheless: --replace",
    exit: exits.key,
  },
} as const satisfies Record<string, Explanation>;

const network = {
  E801: {
    title: "No relay answered.",
    meaning:
      "The letter is saved and signed. Should a relay have it after all, it may still be read until its deadline.",
    next: "signet outbox retry     or give a relay that lives: --relay URL",
    exit: exits.unreachable,
  },
  E802: {
    title: "Every relay refused the letter.",
    meaning: "The letter is saved. Should a relay have it, it may be read until its deadline.",
    next: "The message has the relays' reason; put that right, then: signet outbox retry",
    exit: exits.unreachable,
  },
  E803: {
    title: "No relay gave the exchange's card.",
    meaning: nothingSent,
    next: "Is the address right and the relay running?  --relay URL",
    exit: exits.unreachable,
  },
  E804: {
    title: "The Ethereum node or signer did not answer.",
    meaning: "Nothing was sent to the exchange.",
    next: "Is the address right and the node running?  --chain URL, --signer URL",
    exit: exits.unreachable,
  },
  E805: {
    title: "The Ethereum node refused what it was asked.",
    meaning: "Nothing was sent to the exchange. A transaction that it refused changed nothing.",
    next: "The message has the node's reason; put that right and say the command again.",
    exit: exits.refused,
  },
  E806: {
    title: "The transaction was mined and failed.",
    meaning: "It changed nothing but cost its gas.",
    next: "Look at the transaction; then say the command again.",
    exit: exits.rejected,
  },
  E807: {
    title: "Not known yet: the transaction was sent and is not mined.",
    meaning: "It may still be mined.",
    next: "Look at the transaction before sending another.",
    exit: exits.unknown,
  },
} as const satisfies Record<string, Explanation>;

const others = { ...orderCodes, ...logCodes, ...relayCodes, ...pageCodes, ...keyCodes };
const local = {
  ...input,
  ...gaps,
  ...signatures,
  ...home,
  ...network,
  ...others,
  ...computerCodes,
};

/** A code of the customer's side. */
export type LocalCode = keyof typeof local;

/** Something that a customer or a peer got wrong: said once, at the end, in four lines. */
export type Trouble = {
  readonly ok: false;
  readonly code: string;
  /** What happened. */
  readonly what: string;
  /** What it means for the money, if not what the code says. */
  readonly meaning?: string;
  /** What to do, if not what the code says. */
  readonly next?: string;
};

/** A value, or the trouble that there is none. */
export type Outcome<Value> = { readonly ok: true; readonly value: Value } | Trouble;

/** A trouble with the facts; `what` defaults to the code's title. */
export function trouble(
  code: LocalCode,
  what?: string,
  more?: { readonly meaning?: string; readonly next?: string },
): Trouble {
  return { ok: false, code, what: what ?? local[code].title, ...more };
}

/** The trouble that an engine's or a letter's refusal is, with the exchange's own sentence. */
export function rejected(name: string, sentence: string): Trouble {
  const known = rejections.get(name);
  const what = `Rejected by the exchange: ${sentence} (${name})`;
  return { ok: false, code: known?.code ?? "E499", what };
}

/** Every code with its explanation, in order. */
export function allExplanations(): ReadonlyMap<string, Explanation & { readonly name?: string }> {
  const all = new Map<string, Explanation & { readonly name?: string }>(Object.entries(local));
  for (const [name, { code, title, next }] of rejections) {
    const meaning = "Final. It had no effect; the exchange's signed answer is kept.";
    all.set(code, { title, meaning, next, exit: exits.rejected, name });
  }
  all.set("E499", {
    title: "The exchange refused, by a name that this program does not know.",
    meaning: "Final. It had no effect; the exchange's signed answer is kept.",
    next: "Read the exchange's own sentence; a newer program may know more.",
    exit: exits.rejected,
  });
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The explanation of a code, by the code or by a refusal's name. */
export function explain(codeOrName: string): (Explanation & { readonly code: string }) | undefined {
  const code = rejections.get(codeOrName)?.code ?? codeOrName.toUpperCase();
  const found = allExplanations().get(code);
  return found && { ...found, code };
}

/** What the program ends with after this trouble. */
export function exitOf(found: Trouble): Exit {
  return explain(found.code)?.exit ?? exits.broken;
}

/** The four lines, without a sign before them. */
export function troubleLines(found: Trouble): readonly string[] {
  const known = explain(found.code);
  return [found.what, found.meaning ?? known?.meaning ?? "", found.next ?? known?.next ?? ""];
}
