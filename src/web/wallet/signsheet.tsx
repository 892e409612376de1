/**
 * The sheet before a signature: in words what will be signed, what it costs, and the very text, as
 * `send` signs it. If its number was taken meanwhile, the new text is shown and asked about again.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isFingerprint, shortId } from "../../codec/names.ts";
import { orderIdOf } from "../../letter/orderid.ts";
import { useAsking, type Ask } from "./calls.ts";
import type { AccountView, Draft, Money } from "./core/protocol.ts";
import { Dialog } from "./dialog.tsx";
import { GlossedLetter } from "./glossedletter.tsx";
import { TroublePlace } from "./troublenote.tsx";
import { Clock } from "./clock.tsx";

/** `onSent` is told the journey's name. */
export function SignSheet(props: {
  readonly account: AccountView;
  readonly draft: Draft;
  readonly side?: "buy" | "sell" | undefined;
  /** What is asked, if it is not just to read. */
  readonly title?: string;
  /** What else there is to know. */
  readonly note?: string;
  readonly ask: Ask;
  readonly onSent: (name: string) => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { account, ask, onSent, onBack } = props;
  const [draft, setDraft] = useState(props.draft);
  const [isChanged, setChanged] = useState(false);
  const asking = useAsking();
  const sign = async (): Promise<void> => {
    const end = await asking.run(ask("send", { draft: draft.draft }));
    if (end === undefined) return;
    if (end.kind === "sent") return onSent(end.name);
    setDraft(end.draft);
    setChanged(true);
  };
  return (
    <Dialog title={props.title ?? "Read what you sign"} onClose={onBack} wide>
      <p class="saying">{draft.words}</p>
      {props.note === undefined ? null : <p>{props.note}</p>}
      {isChanged ? (
        <p class="note warn" role="alert">
          Nothing was signed: the letter&rsquo;s number was taken meanwhile, or its deadline too
          near. This is the letter now.
        </p>
      ) : null}
      <Costs draft={draft} side={props.side} />
      <h3>Exactly this text is signed</h3>
      <GlossedLetter account={account} text={draft.text} />
      <Whereto account={account} draft={draft} />
      <TroublePlace told={asking.trouble} />
      <div class="buttons">
        <button type="button" onClick={onBack}>
          Back
        </button>
        <button
          type="button"
          class={props.side === "sell" ? "main selling" : "main"}
          disabled={asking.busy}
          onClick={sign}
        >
          {asking.busy ? "Signing…" : account.cold ? "Sign and show as a code" : "Sign and send"}
        </button>
      </div>
    </Dialog>
  );
}

function Costs(props: {
  readonly draft: Draft;
  readonly side: "buy" | "sell" | undefined;
}): JSX.Element | null {
  const { cost, fee, total } = props.draft;
  if (total === undefined) return null;
  const rows: readonly (readonly [string, Money | undefined])[] = [
    ["quantity × price", cost],
    ["fee, at most", fee],
    [props.side === "sell" ? "comes in, at least" : "held, and paid at most", total],
  ];
  return (
    <dl class="costs">
      {rows.map(([name, money]) =>
        money === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">
              {money.amount} {money.asset}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Whereto(props: { readonly account: AccountView; readonly draft: Draft }): JSX.Element {
  const { account, draft } = props;
  const { fingerprint, exchange } = account;
  const relays = account.relays.filter(({ state }) => state !== "removed" && state !== "lied");
  const names = relays.map(({ name }) => name).join(" · ");
  return (
    <dl class="facts">
      <div>
        <dt>order id</dt>
        <dd class="code">
          {isFingerprint(fingerprint) ? shortId(orderIdOf(fingerprint, draft.text)) : ""}
        </dd>
      </div>
      <div>
        <dt>sealed to</dt>
        <dd>
          the exchange, key number <span class="code">{exchange.keyNumber}</span>
        </dd>
      </div>
      <div>
        <dt>goes to</dt>
        <dd>
          {account.cold
            ? "nobody from here: this device shows it as a code, another carries it"
            : `${names} (none of them can read it)`}
        </dd>
      </div>
      <div>
        <dt>good until</dt>
        <dd>
          <Clock at={draft.by} /> UTC; read later than that, it is void
        </dd>
      </div>
    </dl>
  );
}
