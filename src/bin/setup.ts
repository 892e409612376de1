/**
 * `signet setup` and `signet restore`: words, key, the pinned exchange, the account.
 *
 * In this order, so that it can be interrupted anywhere and said again: words shown and checked →
 * the exchange pinned → the key written → REGISTER in the outbox → sent → report 1. A home that has
 * a key but no report 1 goes on from there.
 */
import { time } from "../codec/time.ts";
import { makeKey, registration, type Account } from "../wallet/account.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import {
  fetchVerified,
  pinExchange,
  pinnedIn,
  relayDefault,
  type Exchange,
} from "../wallet/exchange.ts";
import { hasKey } from "../wallet/home.ts";
import { readOutbox, writeLetter, type OutboxEntry } from "../wallet/outbox.ts";
import { restoreAccount } from "../wallet/restore.ts";
import { sendEntry } from "../wallet/send.ts";
import { statementHere } from "../wallet/sync.ts";
import { now } from "../wallet/times.ts";
import { seedOf } from "../wallet/words.ts";
import { keyNumber } from "../codec/keynumber.ts";
import {
  accountOf,
  interruption,
  type CommonOptions,
  type Context,
  type Ended,
} from "./context.ts";
import { called } from "./called.ts";
import { readInputText } from "./input.ts";
import { tellJourney } from "./journey.ts";
import { wordsFor } from "./newwords.ts";
import { ask, askSecret, canAsk } from "./prompt.ts";
import { statementEnding } from "./read.ts";

type SetupOptions = CommonOptions & {
  readonly wordsFile?: string;
  readonly keyNumber?: string;
  readonly yes?: boolean;
};

/** How long the registration is good for. */
const registerMs = 600_000;

/** `signet setup`. */
export async function setup(
  context: Context,
  _words: readonly string[],
  options: SetupOptions,
): Promise<Ended> {
  const { home } = context;
  const started = Date.now();
  let { askPassphrase } = context;
  if (hasKey(home)) {
    if (statementHere(home).asOf !== undefined) {
      return trouble("E705", `There is an account in ${home.dir} already.`);
    }
    context.say("● going on with the setup that was begun here");
  } else {
    const words = await wordsFor(context, options.wordsFile);
    if (!words.ok) return words;
    const made = await makeHome(context, words.value, options);
    if (!made.ok) return made;
    askPassphrase = () => Promise.resolve(made);
  }
  const account = await accountOf({ ...context, askPassphrase });
  if (!account.ok) return account;
  const registered = await register(context, account.value);
  if (!registered.ok) return registered;
  const seconds = Math.round((Date.now() - started) / 1000);
  return ready(account.value, seconds);
}

function ready(account: Account, seconds: number): Ended {
  const number = keyNumber(account.fingerprint);
  const { exchange } = account;
  const asset = exchange.card.assets[0]?.name ?? "BTC";
  return {
    ok: true,
    exit: exits.done,
    lines: [
      `● account open            your key number  ${number}`,
      `  your fingerprint        ${account.fingerprint}`,
      `  Ready in ${seconds} s.   next:  ${called} deposit 0.25 ${asset}`,
    ],
    data: {
      ok: true,
      account: account.fingerprint,
      keyNumber: number,
      exchange: exchange.fingerprint,
      exchangeKeyNumber: exchange.card.keyNumber,
      relays: exchange.urls,
      home: account.home.name,
      exit: exits.done,
    },
  };
}

/**
 * Pins the exchange and writes the key; the key is last, because a home with a key is an account.
 */
async function makeHome(
  context: Context,
  words: string,
  options: SetupOptions,
): Promise<Outcome<string>> {
  const seed = seedOf(words);
  if (!seed.ok) return seed;
  const passphrase = await newPassphrase(context, options);
  if (!passphrase.ok) return passphrase;
  const exchange = await chooseExchange(context, options);
  if (!exchange.ok) return exchange;
  pinExchange(context.home, exchange.value);
  const made = await makeKey(context.home, seed.value, passphrase.value);
  if (!made.ok) return made;
  context.say(`● key made                your key number    ${keyNumber(made.value)}`);
  return passphrase;
}

async function newPassphrase(context: Context, options: SetupOptions): Promise<Outcome<string>> {
  const fromFile = options.passphraseFile ?? process.env["SIGNET_PASSPHRASE_FILE"];
  if (fromFile !== undefined && fromFile !== "") {
    return (await context.askPassphrase()) ?? { ok: true, value: "" };
  }
  if (options.yes === true || !canAsk()) return { ok: true, value: "" };
  const first = (await askSecret("  Passphrase for this computer (Enter = none): ")) ?? "";
  if (first === "") return { ok: true, value: "" };
  const second = await askSecret("  Again: ");
  if (first === second) return { ok: true, value: first };
  return trouble("E702", "The two passphrases differ.", { next: "Say the command again." });
}

/** Fetches and verifies a card, and has the person compare its key number. */
async function chooseExchange(context: Context, options: SetupOptions): Promise<Outcome<Exchange>> {
  const urls = context.relays.length === 0 ? [relayDefault] : context.relays;
  const fetched = await fetchVerified(urls, pinnedIn(context.home));
  if (!fetched.ok) return fetched;
  const { keyNumber: shown, relays } = fetched.value.card;
  context.say(`● the exchange's key      ${shown}`);
  const wanted = options.keyNumber;
  if (wanted !== undefined) {
    if (wanted.replaceAll(/\D/g, "") !== shown.replaceAll(" ", "")) {
      return trouble("E606", `The relay's exchange has the key number ${shown}.`);
    }
  } else if (options.yes === true) {
    context.say("  Trusted on first use: nobody compared it. Compare it when you can.");
  } else {
    const said = await ask(
      "       compare with the number printed where you learnt of the exchange. Same? [y/N] ",
    );
    if (said === undefined) {
      return trouble("E100", "There is nobody to compare the exchange's key number.", {
        next: `Give --key-number '${shown}' if that is the one you were told.`,
      });
    }
    if (!/^y(es)?$/i.test(said)) return trouble("E606", "You said that the key number differs.");
  }
  context.say(`● relays                  ${relays.map((relay) => relay.name).join(" · ")}`);
  return fetched;
}

/** Opens the account: the same letter every time it is tried. */
async function register(context: Context, account: Account): Promise<Outcome<undefined>> {
  const entry = await registrationEntry(account);
  if (!entry.ok) return entry;
  const journey = tellJourney(context, entry.value, account.exchange.urls.length);
  const sent = await sendEntry(account, entry.value, {
    wait: "read",
    stop: interruption(context),
    onStep: journey.onStep,
  });
  journey.end();
  if (sent.kind === "trouble") {
    return { ...sent.trouble, next: "signet setup     goes on from here, with the same letter" };
  }
  if (sent.kind !== "answered") return trouble(sent.kind === "void" ? "E508" : "E501");
  if (sent.refused) return sent.refused;
  const rejected = sent.lines.find((line) => line.kind === "rejected");
  return rejected?.kind === "rejected" ? rejected.trouble : { ok: true, value: undefined };
}

async function registrationEntry(account: Account): Promise<Outcome<OutboxEntry>> {
  const found = readOutbox(account.home).find(
    (entry) => entry.state === "written" && entry.by > now(),
  );
  if (found) return { ok: true, value: found };
  return writeLetter(account, {
    commands: [registration(account)],
    by: time(Math.ceil((now() + registerMs) / 1000) * 1000),
    thread: 0,
    ids: [],
  });
}

/** `signet restore`. */
export async function restore(
  context: Context,
  _words: readonly string[],
  options: SetupOptions,
): Promise<Ended> {
  let { askPassphrase } = context;
  if (!hasKey(context.home)) {
    const words = await wordsBack(options);
    if (!words.ok) return words;
    const made = await makeHome(context, words.value, options);
    if (!made.ok) return made;
    askPassphrase = () => Promise.resolve(made);
  }
  const account = await accountOf({ ...context, askPassphrase });
  if (!account.ok) return account;
  let told = 0;
  const restored = await restoreAccount(account.value, (have, of) => {
    if (!context.live && have < of && Date.now() - told < 2000) return;
    told = Date.now();
    const line = `● reports ${have} of ${of}`;
    if (context.live && have < of) process.stderr.write(`\r\u001b[K${line}`);
    else context.say(context.live ? `\r\u001b[K${line}` : line);
  });
  if (!restored.ok) return restored;
  context.say("● restored: every report is here, and the chain through them holds");
  return statementEnding(account.value.exchange.card, restored.value, []);
}

async function wordsBack(options: SetupOptions): Promise<Outcome<string>> {
  if (options.wordsFile !== undefined) return readInputText(options.wordsFile);
  const typed = await askSecret("  Type your 24 words: ");
  if (typed !== undefined) return { ok: true, value: typed };
  return trouble("E100", "There is nobody to ask for the words.", {
    next: "Give --words-file FILE, or --words-file - for stdin.",
  });
}
