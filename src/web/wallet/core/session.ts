/**
 * The wallet from its first view to its last: what may be asked when, and nothing else.
 *
 *   none → unchecked → choosing → open                 a new key: trading only after the check
 *   none → restoring → choosing → open                 from words
 *   locked → open                                      from this browser
 *   open → (locked)                                    by hand, after 15 minutes, by forgetting
 *
 * The words are in memory between `make` and `check` and nowhere else; nothing is stored or sent
 * before the check has passed.
 */
import { makeKey, openAccount, type Account } from "../../../wallet/account.ts";
import { trouble, type Outcome, type Trouble } from "../../../wallet/errors.ts";
import { fetchVerified, pinExchange, type Exchange } from "../../../wallet/exchange.ts";
import { nameIn } from "../../../wallet/keyring.ts";
import { restoreAccount } from "../../../wallet/restore.ts";
import { now } from "../../../wallet/times.ts";
import { makeWords, seedOf } from "../../../wallet/words.ts";
import { keyNumber } from "../../../codec/keynumber.ts";
import { checkAnswers, drawPlaces } from "./checkback.ts";
import { WalletDatabase } from "./database.ts";
import { Keeping } from "./keeping.ts";
import { OpenWallet } from "./openwallet.ts";
import { chooseThread, keepPageSettings, pageSettings } from "./pagesettings.ts";
import type { AskOf, GivesOf, WalletView } from "./protocol.ts";
import { told } from "./told.ts";
import { exchangeView } from "./view.ts";
import { passkeyRequest, type WrappedKey } from "./waystoopen.ts";
import { askWeather, judgeClock } from "./weather.ts";

/** A passphrase that is shorter is guessed. */
const passphraseLeast = 8;
const askExchangeMs = 3000;
const nothing = {} as const;

type Making = { readonly keeping: Keeping; readonly account: Account };

type State =
  | { readonly kind: "starting" }
  | {
      readonly kind: "none";
      readonly exchange: Exchange | undefined;
      readonly trouble: Trouble | undefined;
    }
  | {
      readonly kind: "locked";
      readonly database: WalletDatabase;
      readonly ways: readonly WrappedKey[];
    }
  | (Making & {
      readonly kind: "unchecked";
      readonly words: readonly string[];
      readonly asked: readonly number[];
    })
  | {
      readonly kind: "restoring";
      readonly exchange: Exchange;
      readonly done: number;
      readonly total: number | undefined;
      readonly trouble: Trouble | undefined;
    }
  | (Making & { readonly kind: "choosing"; readonly restored: boolean })
  | { readonly kind: "open"; readonly wallet: OpenWallet };

export class Session {
  readonly #origin: string;
  readonly #show: (view: WalletView) => void;
  #state: State = { kind: "starting" };
  #ended = false;

  constructor(origin: string, show: (view: WalletView) => void) {
    this.#origin = origin;
    this.#show = show;
  }

  /** Looks whether this browser keeps a wallet. */
  async begin(): Promise<void> {
    const found = await keptHere();
    if (found !== undefined) return this.#become({ kind: "locked", ...found });
    this.#become({ kind: "none", exchange: undefined, trouble: undefined });
    await this.#meetExchange();
  }

  /** The open wallet; E725, or why trading is off. */
  get wallet(): Outcome<OpenWallet> {
    const { kind } = this.#state;
    if (this.#state.kind === "open") return { ok: true, value: this.#state.wallet };
    if (kind === "unchecked") return trouble("E720");
    if (kind === "choosing") {
      return trouble("E725", "Say first how the wallet is to be kept.");
    }
    return trouble("E725");
  }

  /** The exchange as far as it is known: for letters that are only carried. */
  get exchange(): Outcome<Exchange> {
    const { wallet } = this;
    if (wallet.ok) return { ok: true, value: wallet.value.account.exchange };
    if (this.#state.kind === "none" && this.#state.exchange !== undefined) {
      return { ok: true, value: this.#state.exchange };
    }
    return trouble("E803");
  }

  async make(ask: AskOf<"make">): Promise<Outcome<GivesOf<"make">>> {
    const state = this.#state;
    if (state.kind !== "none" && state.kind !== "unchecked") return trouble("E705");
    const exchange = state.kind === "none" ? state.exchange : state.account.exchange;
    if (exchange === undefined) return trouble("E803");
    if (state.kind === "unchecked") await state.keeping.wipe();
    const words = makeWords().split(" ");
    const made = await makeAccount(exchange, words.join(" "), ask.compared);
    if (!made.ok) return made;
    this.#become({ kind: "unchecked", ...made.value, words, asked: drawPlaces(words.length) });
    return { ok: true, value: { words } };
  }

  async check({ answers }: AskOf<"check">): Promise<Outcome<GivesOf<"check">>> {
    const state = this.#state;
    if (state.kind !== "unchecked") return trouble("E725", "There are no words to check.");
    const checked = checkAnswers(state.words, state.asked, answers);
    if (!checked.ok) {
      // Others, so that all must be on paper.
      this.#become({ ...state, asked: drawPlaces(state.words.length) });
      return checked;
    }
    const { keeping, account } = state;
    this.#become({ kind: "choosing", keeping, account, restored: false });
    return { ok: true, value: nothing };
  }

  async restore(ask: AskOf<"restore">): Promise<Outcome<GivesOf<"restore">>> {
    const state = this.#state;
    const mayBegin =
      state.kind === "none" || (state.kind === "restoring" && state.trouble !== undefined);
    if (!mayBegin) return trouble("E705");
    const { exchange } = state;
    if (exchange === undefined) return trouble("E803");
    const made = await makeAccount(exchange, ask.words, ask.compared);
    if (!made.ok) return made;
    const progress = (done: number, total: number | undefined, found?: Trouble): void =>
      this.#become({ kind: "restoring", exchange, done, total, trouble: found });
    progress(0, undefined);
    const restored = await restoreAccount(made.value.account, progress);
    const isNew = !restored.ok && restored.code === "E503";
    if (!restored.ok && !isNew) {
      await made.value.keeping.wipe();
      progress(0, undefined, restored);
      return restored;
    }
    // Now the threads are known that other copies of this wallet number their letters on.
    const { home, fingerprint } = made.value.account;
    keepPageSettings(home, { ...pageSettings(home), thread: chooseThread(home) });
    // The exchange knows no account of these words: one is opened, as for a new key.
    const { keeping } = made.value;
    const account = { ...made.value.account, fingerprint: nameIn(home) ?? fingerprint };
    this.#become({ kind: "choosing", keeping, account, restored: !isNew });
    return { ok: true, value: nothing };
  }

  async lockWith(lock: AskOf<"lockWith">): Promise<Outcome<GivesOf<"lockWith">>> {
    const state = this.#state;
    if (state.kind !== "choosing" && state.kind !== "open") return this.#closed();
    if (lock.kind === "passphrase" && [...lock.passphrase].length < passphraseLeast) {
      return trouble("E729");
    }
    const { keeping } = state.kind === "open" ? state.wallet : state;
    if (lock.kind !== "memory") {
      try {
        await keeping.lockWith(lock);
      } catch (cause) {
        console.error("the wallet was not kept:", cause);
        return trouble("E722");
      }
    }
    if (state.kind === "choosing") await this.#open(keeping, state.account);
    else await state.wallet.draw();
    return { ok: true, value: nothing };
  }

  async unlock(opening: AskOf<"unlock">): Promise<Outcome<GivesOf<"unlock">>> {
    const state = this.#state;
    if (state.kind !== "locked") return trouble("E725", "There is nothing to open.");
    const opened = await Keeping.open(state.database, opening);
    if (!opened.ok) return opened;
    const account = await openAccount(opened.value.home, {
      ask: () => Promise.resolve(undefined),
      relays: [],
    });
    // By a clock that is behind, what the exchange signed since is not valid yet.
    if (!account.ok) return (await clockTrouble(this.#origin)) ?? account;
    await this.#open(opened.value, account.value);
    return { ok: true, value: nothing };
  }

  /** Overwrites the key; the Worker is to be ended after this. */
  async lock(): Promise<Outcome<GivesOf<"lock">>> {
    const { wallet } = this;
    if (!wallet.ok) return wallet;
    if (!wallet.value.keeping.isKept) return trouble("E728");
    this.#ended = true;
    await wallet.value.close();
    this.#state = { kind: "starting" };
    return { ok: true, value: nothing };
  }

  async forget({ typed }: AskOf<"forget">): Promise<Outcome<GivesOf<"forget">>> {
    if (typed.trim() !== "forget") return trouble("E726");
    const state = this.#state;
    this.#ended = true;
    if (state.kind === "open") await state.wallet.close();
    if (state.kind === "unchecked" || state.kind === "choosing") await state.keeping.wipe();
    if (state.kind === "locked") state.database.close();
    this.#state = { kind: "starting" };
    await WalletDatabase.remove();
    return { ok: true, value: nothing };
  }

  async #open(keeping: Keeping, account: Account): Promise<void> {
    const wallet = new OpenWallet(keeping, account, (view) => {
      if (!this.#ended) this.#show({ kind: "open", account: view });
    });
    this.#state = { kind: "open", wallet };
    await wallet.begin();
  }

  #closed(): Trouble {
    const { wallet } = this;
    return wallet.ok ? trouble("E725") : wallet;
  }

  #become(state: State): void {
    if (this.#ended) return;
    this.#state = state;
    this.#show(viewOf(state));
  }

  /** Asks the relay that served the page until its card is here. */
  async #meetExchange(): Promise<void> {
    while (this.#state.kind === "none" && this.#state.exchange === undefined && !this.#ended) {
      const met = await meet(this.#origin);
      if (this.#state.kind !== "none") return;
      const exchange = met.ok ? met.value : undefined;
      this.#become({ kind: "none", exchange, trouble: met.ok ? undefined : met });
      if (met.ok) return;
      await new Promise((resolve) => setTimeout(resolve, askExchangeMs));
    }
  }
}

/** The wallet that this browser keeps; none if it gives no storage, which leaves one for a tab. */
async function keptHere(): Promise<
  { readonly database: WalletDatabase; readonly ways: readonly WrappedKey[] } | undefined
> {
  try {
    if (!(await WalletDatabase.isThere())) return undefined;
    const database = await WalletDatabase.open();
    const ways = await database.ways();
    if (ways.length > 0) return { database, ways };
    database.close();
  } catch (cause) {
    console.error("the browser gives no storage:", cause);
  }
  return undefined;
}

/** The exchange as the page's own relay has it. Signatures have dates: the clock is looked at. */
async function meet(origin: string): Promise<Outcome<Exchange>> {
  return (await clockTrouble(origin)) ?? fetchVerified([origin], undefined);
}

async function clockTrouble(origin: string): Promise<Trouble | undefined> {
  return judgeClock(await askWeather([origin]), undefined, now()).trouble;
}

async function makeAccount(
  exchange: Exchange,
  words: string,
  compared: boolean,
): Promise<Outcome<Making>> {
  const seed = seedOf(words);
  if (!seed.ok) return seed;
  const keeping = Keeping.empty();
  const { home } = keeping;
  pinExchange(home, exchange);
  keepPageSettings(home, { compared, cold: false, thread: chooseThread(home) });
  const made = await makeKey(home, seed.value, "");
  seed.value.fill(0);
  if (!made.ok) return made;
  const account = await openAccount(home, { ask: () => Promise.resolve(undefined), relays: [] });
  return account.ok ? { ok: true, value: { keeping, account: account.value } } : account;
}

function viewOf(state: State): WalletView {
  switch (state.kind) {
    case "starting":
    case "open":
      return { kind: "starting" };
    case "none":
      return {
        kind: "none",
        exchange: state.exchange && exchangeView(state.exchange),
        trouble: state.trouble && told(state.trouble),
      };
    case "locked":
      return {
        kind: "locked",
        ways: state.ways.map(({ way }) => way).toSorted(),
        passkey: passkeyRequest(state.ways),
      };
    case "unchecked": {
      const { account, asked } = state;
      return { kind: "unchecked", keyNumber: keyNumber(account.fingerprint), ask: asked };
    }
    case "restoring":
      return {
        kind: "restoring",
        done: state.done,
        total: state.total,
        sentence: restoringSentence(state.done, state.total),
        trouble: state.trouble && told(state.trouble),
      };
    case "choosing": {
      const { account, restored } = state;
      return { kind: "choosing", keyNumber: keyNumber(account.fingerprint), restored };
    }
  }
}

function restoringSentence(done: number, total: number | undefined): string {
  if (total === undefined) return "Asking the exchange how many reports there are.";
  return `${done} of ${total} reports are here, each verified.`;
}
