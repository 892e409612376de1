/** Another quantity, price or stop for an open order: what is changed, then the sheet to sign. */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useAsking, type Ask } from "./calls.ts";
import type { AccountView, Draft, OrderView } from "./core/protocol.ts";
import { Dialog } from "./dialog.tsx";
import { SignSheet } from "./signsheet.tsx";
import { TroublePlace } from "./troublenote.tsx";

type Props = {
  readonly account: AccountView;
  readonly order: OrderView;
  readonly ask: Ask;
  readonly onSent: () => void;
  readonly onBack: () => void;
};

/** What it says now, where it is not what the order says already. */
function changed(typed: string, was: string | undefined): string | undefined {
  const text = typed.trim();
  return text === "" || text === was ? undefined : text;
}

/** Asks for the changes, shows the letter, and tells when it is on its way. */
export function Replace({ account, order, ask, onSent, onBack }: Props): JSX.Element {
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  if (draft !== undefined) {
    return (
      <SignSheet
        account={account}
        draft={draft}
        title={`Change ${order.name}?`}
        note="At its price, and for no more than before, it keeps its place in the queue. If it is refused, it stays as it is."
        side={order.side}
        ask={ask}
        onSent={onSent}
        onBack={onBack}
      />
    );
  }
  return <Changes order={order} ask={ask} onDraft={setDraft} onBack={onBack} />;
}

function Changes(props: {
  readonly order: OrderView;
  readonly ask: Ask;
  readonly onDraft: (draft: Draft) => void;
  readonly onBack: () => void;
}): JSX.Element {
  const { order, ask, onDraft, onBack } = props;
  const [base = "", quote = ""] = order.market.split("/");
  const [quantity, setQuantity] = useState(order.quantity);
  const [price, setPrice] = useState(order.price ?? "");
  const [stop, setStop] = useState(order.stop ?? "");
  const [postOnly, setPostOnly] = useState(false);
  const asking = useAsking();
  const isWaiting = order.status === "waiting";
  const look = async (event: Event): Promise<void> => {
    event.preventDefault();
    const change = {
      order: order.key,
      quantity: changed(quantity, order.quantity),
      price: changed(price, order.price),
      stop: isWaiting ? changed(stop, order.stop) : undefined,
      postOnly,
    };
    const draft = await asking.run(ask("replace", change));
    if (draft !== undefined) onDraft(draft);
  };
  return (
    <Dialog title={`Change ${order.name}`} onClose={onBack}>
      <form class="stack" onSubmit={look}>
        <Text
          label={`Quantity in ${base}, with the ${order.filled} that are filled`}
          text={quantity}
          onText={setQuantity}
        />
        {order.price === undefined ? null : (
          <Text label={`Price in ${quote} for one ${base}`} text={price} onText={setPrice} />
        )}
        {isWaiting ? <Text label="Stop" text={stop} onText={setStop} /> : null}
        {isWaiting ? null : (
          <label class="tick">
            <input
              type="checkbox"
              checked={postOnly}
              onChange={(event) => setPostOnly(event.currentTarget.checked)}
            />{" "}
            Refuse the change if it would trade at once
          </label>
        )}
        <TroublePlace told={asking.trouble} />
        <div class="buttons">
          <button type="button" onClick={onBack}>
            Back
          </button>
          <button type="submit" class="main" disabled={asking.busy}>
            Look at the letter
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Text(props: {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        value={props.text}
        inputMode="decimal"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </div>
  );
}
