/** What the account has, and money's ways in and out. */
import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { parseTime } from "../../codec/time.ts";
import { keyNumber } from "../../codec/keynumber.ts";
import { parseFingerprint } from "../../letter/atoms.ts";
import { useAsking, type Ask } from "./calls.ts";
import { Clock, useNow } from "./clock.tsx";
import type { AccountView, DepositView, Draft, Said, WithdrawalView } from "./core/protocol.ts";
import { goToHeading } from "./heading.tsx";
import { Select } from "./history.tsx";
import { QrCode } from "./qrcode.tsx";
import { SignSheet } from "./signsheet.tsx";
import { isLess, whyOff } from "./ticketform.ts";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";
import { lastsWords } from "./wordstime.ts";

/** Balances by asset: in all, free, held. */
export function Balances(props: { readonly account: AccountView }): JSX.Element {
  const { balances, reports } = props.account;
  const last = reports.findLast(({ missing }) => !missing);
  const hasGap = reports.some(({ missing }) => missing);
  return (
    <section class="panel" aria-labelledby="balances">
      <h2 id="balances">Balances</h2>
      {balances.length === 0 ? <p class="dim">Nothing yet. Deposit something to begin.</p> : null}
      {balances.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">asset</th>
              <th scope="col">in all</th>
              <th scope="col">free</th>
              <th scope="col">held</th>
            </tr>
          </thead>
          <tbody>
            {balances.map(({ asset, total, free, held }) => (
              <tr key={asset}>
                <th scope="row">{asset}</th>
                <td class="strong">{total}</td>
                <td>{free}</td>
                <td class={isLess("0", held) ? "mine" : "dim"}>{held}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Heard at={props.account.lastHeard} />
      {last === undefined ? null : (
        <p class="dim small">
          As report {last.number} of <Clock at={last.at} /> UTC says
          {hasGap ? (
            <span class="warn">, and a report is missing.</span>
          ) : (
            ", the last that is known here; none before it is missing."
          )}
        </p>
      )}
    </section>
  );
}

/** Older than this is worth a colour. */
const oldMs = 60_000;
/** Wallets ask every few seconds: what is younger is as new as can be. */
const justNowMs = 5000;

/** When a relay last answered: the age of everything here. */
function Heard(props: { readonly at: string | undefined }): JSX.Element {
  const { at } = props;
  const now = useNow(true);
  const heard = at === undefined ? undefined : parseTime(at);
  if (heard === undefined) return <p class="warn small">No relay has answered yet.</p>;
  const age = Math.max(0, now - heard);
  return (
    <p class={age > oldMs ? "warn small" : "dim small"}>
      Last heard from a relay {age < justNowMs ? "just now" : `${lastsWords(age)} ago`}.
    </p>
  );
}

/** Deposit and withdraw, and what became of each. */
export function Funds(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  // The forms of the next round are empty.
  const [round, setRound] = useState(0);
  const newest = Math.max(0, ...account.deposits.map(({ number }) => number));
  // While a deposit's reference is awaited: the newest deposit before it.
  const [before, setBefore] = useState<number | undefined>(undefined);
  const isAwaited = before !== undefined && before === newest;
  useEffect(() => {
    if (before === undefined) return;
    // Who already types elsewhere is left there.
    if (!(document.activeElement instanceof HTMLInputElement)) goToHeading("deposits");
    if (newest > before) setBefore(undefined);
  }, [before, newest]);
  const sent = (): void => {
    const isDeposit = draft !== undefined && /^DEPOSIT\|/m.test(draft.text);
    setDraft(undefined);
    setRound(round + 1);
    if (isDeposit && !account.cold) setBefore(newest);
    else goToHeading("journeys");
  };
  return (
    <>
      <div class="pair" key={round}>
        <DepositForm account={account} ask={ask} onDraft={setDraft} />
        <WithdrawForm account={account} ask={ask} onDraft={setDraft} />
      </div>
      <PushForm account={account} ask={ask} onDraft={setDraft} key={`push ${round}`} />
      <Deposits deposits={account.deposits} isAwaited={isAwaited} />
      <Withdrawals account={account} />
      {draft === undefined ? null : (
        <SignSheet
          account={account}
          draft={draft}
          ask={ask}
          onSent={sent}
          onBack={() => setDraft(undefined)}
        />
      )}
    </>
  );
}

type FormProps = {
  readonly account: AccountView;
  readonly ask: Ask;
  readonly onDraft: (draft: Draft) => void;
};

function DepositForm({ account, ask, onDraft }: FormProps): JSX.Element {
  const [asset, setAsset] = useState(account.exchange.assets[0]?.name ?? "");
  const [amount, setAmount] = useState("");
  return (
    <MoneyForm
      id="deposit"
      title="Deposit"
      account={account}
      ready={amount.trim() !== ""}
      compose={() => ask("deposit", { asset, amount: amount.trim() })}
      onDraft={onDraft}
    >
      <p class="dim small">
        You announce the payment; the exchange answers, sealed to you alone, with the reference to
        write on it. Nothing is shown that it did not sign.
      </p>
      <Assets account={account} asset={asset} onChoose={setAsset} />
      <Typed label={amountLabel(account, asset)} text={amount} isNumber onText={setAmount} />
    </MoneyForm>
  );
}

function WithdrawForm({ account, ask, onDraft }: FormProps): JSX.Element {
  const [asset, setAsset] = useState(account.exchange.assets[0]?.name ?? "");
  const [amount, setAmount] = useState("");
  const [to, setTo] = useState("");
  const free = freeOf(account, asset);
  return (
    <MoneyForm
      id="withdraw"
      title="Withdraw"
      account={account}
      ready={amount.trim() !== "" && to.trim() !== ""}
      compose={() => ask("withdraw", { asset, amount: amount.trim(), to: to.trim() })}
      onDraft={onDraft}
    >
      <p class="dim small">
        Each payment takes the hands of {handsWords(account)}, and as long as people take. Until
        then the amount is held, and yours.
      </p>
      <Assets account={account} asset={asset} onChoose={setAsset} />
      <Typed label={amountLabel(account, asset)} text={amount} isNumber onText={setAmount}>
        <button type="button" class="quiet" onClick={() => setAmount(free)}>
          all that is free: {free}
        </button>
      </Typed>
      <Short account={account} asset={asset} amount={amount} />
      <Typed label="To address" text={to} onText={setTo} />
    </MoneyForm>
  );
}

function PushForm({ account, ask, onDraft }: FormProps): JSX.Element {
  const [asset, setAsset] = useState(account.exchange.assets[0]?.name ?? "");
  const [amount, setAmount] = useState("");
  const [to, setTo] = useState("");
  const receiver = parseFingerprint(to.replaceAll(" ", ""));
  return (
    <MoneyForm
      id="push"
      title="Give to another customer"
      account={account}
      ready={amount.trim() !== "" && receiver !== undefined}
      compose={() => ask("push", { asset, amount: amount.trim(), to: receiver ?? "" })}
      onDraft={onDraft}
    >
      <p class="dim small">
        From account to account, at once and without a fee. It cannot be taken back. Whoever has no
        account yet finds it there when they open one with that key.
      </p>
      <div class="pair">
        <Assets account={account} asset={asset} onChoose={setAsset} />
        <Typed label={amountLabel(account, asset)} text={amount} isNumber onText={setAmount} />
      </div>
      <Short account={account} asset={asset} amount={amount} />
      <Typed
        label="To account: 40 digits, which the other finds under Key & relays"
        text={to}
        onText={setTo}
      />
      <p class="small" role="status">
        {receiver === undefined
          ? to.trim() === ""
            ? ""
            : "These are not the 40 digits of an account: 0 to 9 and a to f."
          : `Key number ${keyNumber(receiver)}: is it the one that they gave you?`}
      </p>
    </MoneyForm>
  );
}

function freeOf({ balances }: AccountView, asset: string): string {
  return balances.find((balance) => balance.asset === asset)?.free ?? "0";
}

/** Says, while it is typed, that there is less than that. */
function Short(props: {
  readonly account: AccountView;
  readonly asset: string;
  readonly amount: string;
}): JSX.Element {
  const { account, asset } = props;
  const amount = props.amount.trim();
  const free = freeOf(account, asset);
  const isShort = /^\d{1,40}(\.\d{1,40})?$/.test(amount) && isLess(free, amount);
  return (
    <p class="warn small" role="status">
      {isShort ? `Only ${free} ${asset} is free: the exchange would refuse it.` : ""}
    </p>
  );
}

function amountLabel({ exchange }: AccountView, name: string): string {
  const decimals = exchange.assets.find((asset) => asset.name === name)?.decimals ?? 0;
  return `Amount in ${name}${decimals === 0 ? ", whole" : `, up to ${decimals} decimals`}`;
}

function MoneyForm(props: {
  readonly id: string;
  readonly title: string;
  readonly account: AccountView;
  readonly ready: boolean;
  readonly compose: () => Promise<Said<Draft>>;
  readonly onDraft: (draft: Draft) => void;
  readonly children: JSX.Element[];
}): JSX.Element {
  const { id, title, ready, compose, onDraft } = props;
  const asking = useAsking();
  const off = whyOff(props.account);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!ready || off !== undefined) return;
    const draft = await asking.run(compose());
    if (draft !== undefined) onDraft(draft);
  };
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {off === undefined ? null : <TroubleNote told={off} />}
      <form onSubmit={submit}>
        {props.children}
        <TroublePlace told={asking.trouble} />
        <button type="submit" class="main" disabled={!ready || off !== undefined || asking.busy}>
          Look at the letter
        </button>
      </form>
    </section>
  );
}

function Assets(props: {
  readonly account: AccountView;
  readonly asset: string;
  readonly onChoose: (asset: string) => void;
}): JSX.Element {
  const options = props.account.exchange.assets.map(({ name }) => [name, name] as const);
  return <Select label="Asset" chosen={props.asset} options={options} onChoose={props.onChoose} />;
}

function Typed(props: {
  readonly label: string;
  readonly text: string;
  readonly isNumber?: boolean;
  readonly onText: (text: string) => void;
  readonly children?: JSX.Element;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        value={props.text}
        inputMode={props.isNumber === true ? "decimal" : "text"}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
      {props.children}
    </div>
  );
}

/** What to pay and how to name it: only what came sealed and was verified is ever in here. */
function Deposits(props: {
  readonly deposits: readonly DepositView[];
  /** Whether the answer with another one's reference is under way. */
  readonly isAwaited: boolean;
}): JSX.Element | null {
  const { deposits, isAwaited } = props;
  if (deposits.length === 0 && !isAwaited) return null;
  return (
    <section class="panel" aria-labelledby="deposits">
      <h2 id="deposits" tabIndex={-1}>
        Deposits
      </h2>
      <p role="status">
        {isAwaited ? "Announced. The exchange answers with what to write on the payment…" : ""}
      </p>
      <ul class="cards">
        {deposits.map((deposit) => (
          <li key={deposit.number} class={deposit.state}>
            {deposit.state === "awaited" ? (
              <Awaited deposit={deposit} />
            ) : (
              <p>
                <span class="buy" aria-hidden="true">
                  ●
                </span>{" "}
                <b>
                  {deposit.credited} {deposit.asset}
                </b>{" "}
                credited <Clock at={deposit.at} /> UTC{" "}
                <span class="dim">
                  · deposit {deposit.number} · report {deposit.report}
                </span>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Awaited(props: { readonly deposit: DepositView }): JSX.Element {
  const { number, announced, asset, reference, report } = props.deposit;
  return (
    <div class="instructions">
      <QrCode text={reference} label={`QR code of the reference ${reference}`} most={150} />
      <div>
        <p>
          Pay{" "}
          <b>
            {announced} {asset}
          </b>{" "}
          and write on the payment exactly:
        </p>
        <p class="reference code">{reference}</p>
        <p class="buttons start">
          <button type="button" onClick={() => navigator.clipboard.writeText(reference)}>
            Copy
          </button>
        </p>
        <p class="dim small">
          Deposit {number}, for your key only. These words came sealed in report {report}; the
          exchange&rsquo;s signature is good. It is credited once its operators have seen the
          payment.
        </p>
        <details class="more">
          <summary>Where does the money go?</summary>
          <p>
            To where this exchange&rsquo;s operators take {asset}: they tell it where they tell the
            exchange&rsquo;s key number. This page does not know it, and shows no address that the
            exchange did not sign.
          </p>
          <p>
            With play money nothing is paid. Whoever runs the exchange credits it with{" "}
            <code>
              npx signet hands credit {number} {announced} &apos;seen&apos; --home signet-data/hands
              --send
            </code>
          </p>
        </details>
      </div>
    </div>
  );
}

const withdrawalSteps = ["waiting", "approved", "paid"] as const;

function Withdrawals(props: { readonly account: AccountView }): JSX.Element | null {
  const { withdrawals } = props.account;
  if (withdrawals.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="withdrawals">
      <h2 id="withdrawals">Withdrawals</h2>
      <ul class="cards">
        {withdrawals.map((withdrawal) => (
          <li key={withdrawal.number} class={withdrawal.state}>
            <p>
              <b>
                {withdrawal.amount} {withdrawal.asset}
              </b>{" "}
              to <span class="code">{withdrawal.address}</span>
            </p>
            <p class={withdrawal.state === "refused" ? "sell" : "dim"}>
              {stateWords(withdrawal, handsWords(props.account))}
            </p>
            <p class="dim small">
              withdrawal {withdrawal.number} · report {withdrawal.report} ·{" "}
              <Clock at={withdrawal.at} /> UTC
            </p>
            {withdrawal.state === "refused" ? null : (
              <progress
                max={withdrawalSteps.length}
                value={withdrawalSteps.findIndex((step) => step === withdrawal.state) + 1}
                aria-label={`Withdrawal ${withdrawal.number}: ${withdrawal.state}`}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function handsWords({ exchange }: AccountView): string {
  const { need, of } = exchange.operators;
  return of === 1 ? "an operator" : `${need} of ${of} operators`;
}

function stateWords({ state }: WithdrawalView, hands: string): string {
  switch (state) {
    case "waiting":
      return `○ Waits for the hands of ${hands}. The amount is held, and yours.`;
    case "approved":
      return `◐ Approved by ${hands}. It has left the account and is being paid.`;
    case "paid":
      return "● Paid.";
    case "refused":
      return "✕ Refused. The amount is free again.";
  }
}
