/**
 * The wallet's Worker: the only place that ever holds the key. One tab of a browser has it; the
 * others wait until that one closes.
 */
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import { carryLetter } from "./carrying.ts";
import { Idle } from "./idle.ts";
import type { OpenWallet } from "./openwallet.ts";
import type {
  AskOf,
  CallName,
  FromPage,
  FromWorker,
  GivesOf,
  Said,
  WalletView,
} from "./protocol.ts";
import { addToList, forgiveInList, removeFromList } from "./relaylist.ts";
import { Session } from "./session.ts";
import { said, told } from "./told.ts";

const lockName = "signet-wallet";

function tell(message: FromWorker): void {
  self.postMessage(message, { transfer: [] });
}

const show = (view: WalletView): void => tell({ view });
const session = new Session(self.location.origin, show);
const idle = new Idle(() => void lockItself());

/** A wallet that lives in memory alone stays open: to lock it would be to lose it. */
async function lockItself(): Promise<void> {
  const locked = await session.lock();
  if (locked.ok) tell({ view: undefined });
  else idle.touch();
}

type Handlers = {
  readonly [Name in CallName]: (
    ask: AskOf<Name>,
  ) => Promise<Outcome<GivesOf<Name>>> | Outcome<GivesOf<Name>>;
};

/** What the open wallet does, if one is open. */
function opened<Ask, Value>(
  work: (wallet: OpenWallet, ask: Ask) => Promise<Outcome<Value>> | Outcome<Value>,
): (ask: Ask) => Promise<Outcome<Value>> | Outcome<Value> {
  return (ask) => {
    const { wallet } = session;
    return wallet.ok ? work(wallet.value, ask) : wallet;
  };
}

const handlers: Handlers = {
  make: (ask) => session.make(ask),
  check: (ask) => session.check(ask),
  lockWith: (ask) => session.lockWith(ask),
  unlock: (ask) => session.unlock(ask),
  lock: () => session.lock(),
  restore: (ask) => session.restore(ask),
  forget: (ask) => session.forget(ask),
  compose: opened((wallet, ask) => wallet.compose(ask)),
  deposit: opened((wallet, ask) => wallet.deposit(ask)),
  withdraw: opened((wallet, ask) => wallet.withdraw(ask)),
  push: opened((wallet, ask) => wallet.push(ask)),
  send: opened((wallet, ask) => wallet.send(ask)),
  cancel: opened((wallet, ask) => wallet.cancel(ask)),
  cancelAll: opened((wallet, ask) => wallet.cancelAll(ask)),
  replace: opened((wallet, ask) => wallet.replace(ask)),
  cancelAfter: opened((wallet, ask) => wallet.cancelAfter(ask)),
  anew: opened((wallet, ask) => wallet.anew(ask)),
  sendAgain: opened((wallet, ask) => wallet.sendAgain(ask)),
  resendReports: opened((wallet) => wallet.resendReports()),
  csv: opened((wallet, ask) => wallet.csv(ask)),
  evidence: opened((wallet, ask) => wallet.evidence(ask)),
  proof: opened((wallet, ask) => wallet.proof(ask)),
  report: opened((wallet, ask) => wallet.report(ask)),
  sealed: opened((wallet, ask) => wallet.sealed(ask)),
  open: opened((wallet, ask) => wallet.open(ask)),
  cold: opened((wallet, ask) => wallet.cold(ask)),
  carry: async ({ sealed }) => {
    const { exchange } = session;
    return exchange.ok ? carryLetter(exchange.value, sealed) : exchange;
  },
  addRelay: opened(async (wallet, { url }) => {
    const wrong = await addToList(wallet.account, url);
    return wrong ?? wallet.relaysChanged();
  }),
  removeRelay: opened((wallet, { url }) => {
    return removeFromList(wallet.account, url) ?? wallet.relaysChanged();
  }),
  forgiveRelay: opened((wallet, { url }) => {
    return forgiveInList(wallet.account, url) ?? wallet.relaysChanged();
  }),
  active: () => {
    const { wallet } = session;
    if (wallet.ok) wallet.value.touch();
    return { ok: true, value: {} };
  },
};

async function answer<Name extends CallName>(
  { name, ask }: { readonly name: Name; readonly ask: AskOf<Name> },
  to: MessagePort | undefined,
): Promise<void> {
  let outcome: Said<GivesOf<Name>>;
  try {
    outcome = said(await handlers[name](ask));
  } catch (cause) {
    // The browser failed: its storage, most likely. What failed is for its console.
    console.error(`the wallet could not ${name}:`, cause);
    const what = cause instanceof Error ? cause.message : "It gave no reason.";
    outcome = told(trouble("E722", `The browser failed: ${what}`));
  }
  to?.postMessage(outcome, []);
}

self.onmessage = ({ data, ports }: MessageEvent<FromPage>) => {
  idle.touch();
  void answer(data, ports[0]);
};

async function hold(): Promise<never> {
  await session.begin();
  idle.touch();
  return new Promise(() => {});
}

async function run(): Promise<void> {
  const isFree = await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    return hold();
  });
  if (isFree) return;
  show({ kind: "elsewhere" });
  await navigator.locks.request(lockName, hold);
}

void run();
