/**
 * How a wallet is kept, opened, locked and forgotten. What is true of the browser's storage is
 * said: it is a cache, and the words are the backup.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { useAsking, type Ask } from "./calls.ts";
import type { AccountView, Lock, WalletView } from "./core/protocol.ts";
import { Dialog } from "./dialog.tsx";
import { StepHeading } from "./heading.tsx";
import { KeyNumber } from "./keynumber.tsx";
import { hasPasskeys, makePasskey, secretFrom } from "./passkey.ts";
import { TroublePlace } from "./troublenote.tsx";
import type { Told } from "./core/protocol.ts";

const noSecret: Told = {
  ok: false,
  code: "E723",
  what: "The passkey gave no secret.",
  meaning: "Nothing was locked or opened with it.",
  next: "It was declined, or this device or browser lacks the PRF extension: use a passphrase.",
};

/** Asks the browser not to clear its storage by itself; it may refuse, and the wallet says so. */
async function keepStorage(): Promise<void> {
  await navigator.storage.persist();
}

/** After the check, or after a restore. */
export function ChooseLock(props: {
  readonly view: Extract<WalletView, { kind: "choosing" }>;
  readonly ask: Ask;
}): JSX.Element {
  const { view, ask } = props;
  const asking = useAsking();
  const lockWith = async (lock: Lock): Promise<void> => {
    if (lock.kind !== "memory") await keepStorage();
    await asking.run(ask("lockWith", lock));
  };
  return (
    <section class="panel narrow" aria-labelledby="choose">
      <StepHeading id="choose">Keep it in this browser?</StepHeading>
      <p class="note">
        {view.restored
          ? "Everything is back: every report is here, and the chain through them holds."
          : "✓ The words are on paper. Trading is on as soon as you have chosen."}
      </p>
      <dl class="facts">
        <div>
          <dt>your key number</dt>
          <dd>
            <KeyNumber digits={view.keyNumber} />
          </dd>
        </div>
      </dl>
      <p>
        Encrypted, so that a stolen disk tells nothing. It is a cache: browsers clear storage, and
        your words bring everything back.
      </p>
      <PassphraseForm
        busy={asking.busy}
        onChosen={(passphrase) => lockWith({ kind: "passphrase", passphrase })}
      />
      <PasskeyButton busy={asking.busy} onChosen={lockWith} />
      <div class="buttons start">
        <button type="button" disabled={asking.busy} onClick={() => lockWith({ kind: "memory" })}>
          Only for this tab
        </button>
      </div>
      <p class="dim small">
        Only for this tab: nothing is stored. When the tab closes, the wallet is gone from here, and
        your words bring it back.
      </p>
      <TroublePlace told={asking.trouble} />
    </section>
  );
}

function PassphraseForm(props: {
  readonly busy: boolean;
  readonly onChosen: (passphrase: string) => void;
}): JSX.Element {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const differ = second !== "" && first !== second;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (first === second) props.onChosen(first);
      }}
    >
      <label>
        Passphrase
        <input
          type="password"
          autocomplete="new-password"
          value={first}
          onInput={({ currentTarget }) => setFirst(currentTarget.value)}
        />
      </label>
      <label>
        The same again
        <input
          type="password"
          autocomplete="new-password"
          value={second}
          aria-invalid={differ}
          onInput={({ currentTarget }) => setSecond(currentTarget.value)}
        />
      </label>
      <p class="dim small" role="status">
        {differ ? "These differ." : "At least 8 characters. Four words that you made up are good."}
      </p>
      <div class="buttons start">
        <button
          type="submit"
          class="main"
          disabled={props.busy || first === "" || first !== second}
        >
          {props.busy ? "Locking…" : "Lock with the passphrase"}
        </button>
      </div>
    </form>
  );
}

function PasskeyButton(props: {
  readonly busy: boolean;
  readonly onChosen: (lock: Lock) => void;
}): JSX.Element | null {
  const { busy, onChosen } = props;
  const [trouble, setTrouble] = useState<Told | undefined>(undefined);
  const passkey = async (): Promise<void> => {
    const made = await makePasskey("Signet wallet");
    setTrouble(made === undefined ? noSecret : undefined);
    if (made !== undefined) onChosen({ kind: "passkey", ...made });
  };
  if (!hasPasskeys()) return null;
  return (
    <>
      <div class="buttons start">
        <button type="button" disabled={busy} onClick={passkey}>
          Use a passkey instead
        </button>
      </div>
      <TroublePlace told={trouble} />
    </>
  );
}

/** A wallet is here, and closed. */
export function Unlock(props: {
  readonly view: Extract<WalletView, { kind: "locked" }>;
  readonly ask: Ask;
}): JSX.Element {
  const { view, ask } = props;
  const [passphrase, setPassphrase] = useState("");
  const [trouble, setTrouble] = useState<Told | undefined>(undefined);
  const asking = useAsking();
  const { passkey } = view;
  const withPasskey = async (): Promise<void> => {
    const secret = passkey && (await secretFrom(passkey));
    setTrouble(secret === undefined ? noSecret : undefined);
    if (secret !== undefined) await asking.run(ask("unlock", { kind: "passkey", secret }));
  };
  return (
    <section class="panel narrow" aria-labelledby="unlock">
      <StepHeading id="unlock">Open your wallet</StepHeading>
      {view.ways.includes("passphrase") ? (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void asking.run(ask("unlock", { kind: "passphrase", passphrase }));
          }}
        >
          <label>
            Passphrase
            <input
              type="password"
              autocomplete="current-password"
              value={passphrase}
              onInput={({ currentTarget }) => setPassphrase(currentTarget.value)}
            />
          </label>
          <div class="buttons start">
            <button type="submit" class="main" disabled={asking.busy || passphrase === ""}>
              {asking.busy ? "Opening…" : "Open"}
            </button>
          </div>
        </form>
      ) : null}
      {passkey === undefined ? null : (
        <div class="buttons start">
          <button type="button" disabled={asking.busy} onClick={withPasskey}>
            Open with the passkey
          </button>
        </div>
      )}
      <TroublePlace told={trouble ?? asking.trouble} />
      <Forget ask={ask} />
    </section>
  );
}

/** Where the wallet lies, and the ways to close it. */
export function KeyPanel(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const [adding, setAdding] = useState(false);
  const asking = useAsking();
  const { storage, registration } = account;
  const lockWith = async (lock: Lock): Promise<void> => {
    await keepStorage();
    if ((await asking.run(ask("lockWith", lock))) !== undefined) setAdding(false);
  };
  return (
    <section class="panel" aria-labelledby="yourkey">
      <h2 id="yourkey">Your key (this device only)</h2>
      <KeyFacts account={account} />
      <TroublePlace told={registration.kind === "failed" ? registration.trouble : undefined} />
      <div class="buttons start">
        {storage.kind === "kept" ? (
          <button type="button" disabled={asking.busy} onClick={() => asking.run(ask("lock", {}))}>
            Lock
          </button>
        ) : null}
        <button type="button" onClick={() => setAdding(true)}>
          {storage.kind === "kept" ? "Another way to open it" : "Keep it in this browser"}
        </button>
        <Forget ask={ask} />
      </div>
      {adding ? (
        <Dialog title="How is it to be opened?" onClose={() => setAdding(false)}>
          <PassphraseForm
            busy={asking.busy}
            onChosen={(passphrase) => lockWith({ kind: "passphrase", passphrase })}
          />
          <PasskeyButton busy={asking.busy} onChosen={lockWith} />
          <TroublePlace told={asking.trouble} />
        </Dialog>
      ) : null}
    </section>
  );
}

function KeyFacts(props: { readonly account: AccountView }): JSX.Element {
  const { account } = props;
  const { storage, registration } = account;
  return (
    <dl class="facts">
      <div>
        <dt>key number</dt>
        <dd>
          <KeyNumber digits={account.keyNumber} />
        </dd>
      </div>
      <div>
        <dt>account</dt>
        <dd>
          {account.registered
            ? "open at the exchange"
            : registration.kind === "failed"
              ? "not open yet"
              : "being opened: the letter is on its way"}
        </dd>
      </div>
      <div>
        <dt>the exchange’s</dt>
        <dd>
          <span class="number">{account.exchange.keyNumber}</span>
          <br />
          <span class="dim small">
            {account.isCompared
              ? "you compared it"
              : "trusted on first use: compare it with the one printed where you learnt of it"}
          </span>
        </dd>
      </div>
      <div>
        <dt>backup</dt>
        <dd>your 24 words, checked</dd>
      </div>
      <div>
        <dt>kept</dt>
        <dd>{storageWords(storage)}</dd>
      </div>
    </dl>
  );
}

function storageWords(storage: AccountView["storage"]): string {
  if (storage.kind === "memory") {
    return "in this tab’s memory only: closed with the tab, back from your words";
  }
  const opened = storage.ways.join(" or ");
  const promise = storage.persistent
    ? "the browser promised not to clear it by itself"
    : "the browser may clear it by itself; your words bring it back";
  return `in this browser, opened by ${opened}; ${promise}`;
}

function Forget(props: { readonly ask: Ask }): JSX.Element {
  const { ask } = props;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const asking = useAsking();
  return (
    <>
      <button type="button" class="quiet" onClick={() => setOpen(true)}>
        Forget the wallet
      </button>
      {open ? (
        <Dialog title="Forget the wallet in this browser?" onClose={() => setOpen(false)}>
          <p>
            Nothing happens to your money or your orders, but only your 24 words bring the wallet
            back. Do you have them?
          </p>
          <form
            class="form"
            autocomplete="off"
            onSubmit={(event) => {
              event.preventDefault();
              void asking.run(ask("forget", { typed }));
            }}
          >
            <label>
              Type forget
              <input
                type="text"
                autocomplete="off"
                autocapitalize="none"
                value={typed}
                onInput={({ currentTarget }) => setTyped(currentTarget.value)}
              />
            </label>
            <TroublePlace told={asking.trouble} />
            <div class="buttons start">
              <button type="button" onClick={() => setOpen(false)}>
                Keep it
              </button>
              <button type="submit" disabled={asking.busy}>
                Forget it
              </button>
            </div>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
