/** The order ticket: what to buy or sell, checked while it is typed, then the sheet to sign. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Picked } from "../panels/book.tsx";
import { useAsking, type Ask } from "./calls.ts";
import type { AccountView, Draft, Money, Told } from "./core/protocol.ts";
import { SignSheet } from "./signsheet.tsx";
import { Choice, Field, type TicketPart } from "./ticketfields.tsx";
import { Advanced, More } from "./ticketmore.tsx";
import {
  checkTicket,
  emptyTicket,
  limitsOf,
  whyOff,
  estimateOf,
  type BookNow,
  type TicketCheck,
  type TicketCost,
  type TicketFields,
} from "./ticketform.ts";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";
import { nowHere } from "./wordstime.ts";

/** `market`: the one that the page shows. `onSent` is told the journey's name. */
export function Ticket(props: {
  readonly account: AccountView;
  readonly market: string;
  /** A price of the book that was clicked. */
  readonly picked?: Picked | undefined;
  readonly book?: BookNow | undefined;
  readonly ask: Ask;
  readonly onSent: (name: string) => void;
}): JSX.Element {
  const { account, market, picked, book, ask } = props;
  const [typed, setTyped] = useState(() => emptyTicket(market, account.cold));
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const asking = useAsking();
  useEffect(() => {
    // Who clicks what is offered wants to buy it; who clicks a bid, to sell.
    if (picked === undefined) return;
    const side = picked.side === "sell" ? "buy" : "sell";
    setTyped((before) => ({ ...before, side, isLimit: true, price: picked.price }));
  }, [picked]);
  const fields: TicketFields = { ...typed, market };
  const off = whyOff(account);
  const check = checkTicket(account.exchange, account.balances, fields, nowHere());
  const set = (change: Partial<TicketFields>): void => setTyped({ ...typed, ...change });
  const compose = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (check.form === undefined || off !== undefined) return;
    const made = await asking.run(ask("compose", check.form));
    if (made !== undefined) setDraft(made);
  };
  const sent = (name: string): void => {
    setDraft(undefined);
    setTyped({ ...emptyTicket(market), side: typed.side, by: typed.by });
    props.onSent(name);
  };
  return (
    <section class="panel ticket" aria-labelledby="ticket">
      <h2 id="ticket">Order</h2>
      {off === undefined ? null : <TroubleNote told={off} />}
      <form onSubmit={compose}>
        <Terms fields={fields} complaints={check.complaints} set={set} />
        <p class="dim small">{limitsOf(account.exchange, market)}</p>
        <Advanced fields={fields} complaints={check.complaints} set={set} />
        <More fields={fields} complaints={check.complaints} set={set} />
        <Comes cost={check.cost} side={fields.side} />
        <p class="small" role="status">
          {book && estimateOf(account.exchange, fields, book)}
        </p>
        {check.shortage === undefined ? null : <TroubleNote told={check.shortage} mild />}
        <TroublePlace told={asking.trouble} />
        <Look side={fields.side} check={check} off={off} busy={asking.busy} />
      </form>
      {draft === undefined ? null : (
        <SignSheet
          account={account}
          draft={draft}
          side={fields.side}
          ask={ask}
          onSent={sent}
          onBack={() => setDraft(undefined)}
        />
      )}
    </section>
  );
}

function Terms({ fields, complaints, set }: TicketPart): JSX.Element {
  const [base = "", quote = ""] = fields.market.split("/");
  return (
    <>
      <Choice
        label="Side"
        chosen={fields.side}
        options={[
          ["buy", `Buy ${base}`],
          ["sell", `Sell ${base}`],
        ]}
        onChoose={(side) => set({ side })}
      />
      <Choice
        label="Price"
        chosen={fields.isLimit ? "limit" : "market"}
        options={[
          ["limit", "At my price"],
          ["market", "At the market"],
        ]}
        onChoose={(kind) => set({ isLimit: kind === "limit" })}
      />
      <Field
        name="quantity"
        label={`Quantity in ${base}`}
        text={fields.quantity}
        complaint={complaints.get("quantity")}
        onText={(quantity) => set({ quantity })}
      />
      {fields.isLimit ? (
        <Field
          name="price"
          label={`Price in ${quote} for one ${base}`}
          text={fields.price}
          complaint={complaints.get("price")}
          onText={(price) => set({ price })}
        />
      ) : (
        <p class="dim small">{marketSentence(fields)}</p>
      )}
    </>
  );
}

function marketSentence({ cap, stop }: TicketFields): string {
  const when = stop.trim() === "" ? "Takes" : "Once the last trade is at its stop, takes";
  const what = `${when} what the book has, best price first; what finds nobody is dropped.`;
  return cap.trim() === "" ? `${what} There is no limit to the price.` : what;
}

function Look(props: {
  readonly side: "buy" | "sell";
  readonly check: TicketCheck;
  readonly off: Told | undefined;
  readonly busy: boolean;
}): JSX.Element {
  const { side, check, off, busy } = props;
  const isUnfinished = check.form === undefined;
  return (
    <>
      <button
        type="submit"
        class={side === "sell" ? "main selling" : "main"}
        disabled={isUnfinished || off !== undefined || busy}
        aria-describedby="ticket-why"
      >
        Look at the letter
      </button>
      <p id="ticket-why" class="dim small">
        {whyNot(off, isUnfinished, check.complaints.size > 0)}
      </p>
    </>
  );
}

function whyNot(off: Told | undefined, isUnfinished: boolean, isWrong: boolean): string {
  if (off !== undefined) return `Off: ${off.what}`;
  if (isWrong) return "Something above cannot be ordered yet.";
  return isUnfinished
    ? "Nothing is signed before you have read it."
    : "You will read every line before it is signed.";
}

function Comes(props: {
  readonly cost: TicketCost | undefined;
  readonly side: "buy" | "sell";
}): JSX.Element | null {
  const { cost, side } = props;
  if (cost === undefined) return null;
  const { notional, feeMost, bound, held, heldWhile } = cost;
  const rows: readonly (readonly [string, Money | undefined])[] = [
    ["quantity × price", notional],
    ["fee, at most", feeMost],
    [side === "buy" ? "costs at most" : "brings at least", bound],
    [heldWords[heldWhile], held],
  ];
  return (
    <dl class="costs" aria-live="polite">
      {rows.map(([name, money]) =>
        money === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={money === bound ? "number strong" : "number"}>
              {money.amount} {money.asset}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

const heldWords = {
  resting: "held while it rests",
  waiting: "held while it waits",
  "no time": "must be free",
} as const;
