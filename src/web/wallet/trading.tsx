/**
 * The open wallet: what to trade, money, history, reports, letters by hand, relays. Which of them
 * is shown stands in the address behind `#`, so that a link leads there and Back goes back.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAsking, type Ask } from "./calls.ts";
import type { AccountView } from "./core/protocol.ts";
import { Balances, Funds } from "./funds.tsx";
import { goToHeading, StepHeading } from "./heading.tsx";
import { History } from "./history.tsx";
import type { Picked } from "../panels/book.tsx";
import { Journeys, News, useForward } from "./journey.tsx";
import { KeyPanel } from "./lock.tsx";
import type { MarketShown } from "./marketroom.tsx";
import { OpenOrders } from "./orders.tsx";
import { CarryLetter } from "./qrcarry.tsx";
import { QrCode } from "./qrcode.tsx";
import { Relays } from "./relays.tsx";
import { Ribbon } from "./ribbon.tsx";
import { Ticket } from "./ticket.tsx";
import type { BookNow } from "./ticketform.ts";
import { TroubleNote, TroublePlace } from "./troublenote.tsx";

const rooms = [
  ["trade", "Trade"],
  ["money", "Money"],
  ["history", "History"],
  ["reports", "Reports"],
  ["carry", "By hand"],
  ["relays", "Key & relays"],
] as const;
type Room = (typeof rooms)[number][0];

function roomIn(hash: string, otherwise: Room): Room {
  return rooms.find(([name]) => `#${name}` === hash)?.[0] ?? otherwise;
}

function useRoom(): Room {
  const [room, setRoom] = useState(() => roomIn(location.hash, "trade"));
  useEffect(() => {
    // `#main` and the like are places on the page, not rooms.
    const follow = (): void => setRoom((before) => roomIn(location.hash, before));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return room;
}

/** `market`: the one to begin with. `panels`: draws a market, where the log can be read. */
export function Trading(props: {
  readonly account: AccountView;
  readonly ask: Ask;
  readonly market: string;
  readonly panels?: (shown: MarketShown) => JSX.Element;
}): JSX.Element {
  const { ask, panels } = props;
  const room = useRoom();
  const [market, setMarket] = useState(props.market);
  const [picked, setPicked] = useState<Picked | undefined>(undefined);
  const [book, setBook] = useState<BookNow | undefined>(undefined);
  const journeys = useForward(props.account.journeys);
  const account = { ...props.account, journeys };
  return (
    <>
      <nav class="rooms" aria-label="Wallet">
        {rooms.map(([name, label]) => (
          <a key={name} href={`#${name}`} aria-current={name === room ? "page" : undefined}>
            {label}
            {name === "reports" && account.reports.some(({ missing }) => missing) ? (
              <span class="warn"> (a gap)</span>
            ) : null}
            {name === "relays" && account.relays.some(({ state }) => state === "lied") ? (
              <span class="sell"> (a lie)</span>
            ) : null}
          </a>
        ))}
      </nav>
      <News journeys={journeys} />
      <main id="main" class={`room room-${room}`}>
        <StepHeading level={1} class="unseen">
          Wallet: {rooms.find(([name]) => name === room)?.[1]}
        </StepHeading>
        {account.troubles.map((told) => (
          <TroubleNote key={`${told.code} ${told.what}`} told={told} mild />
        ))}
        {room === "trade" ? (
          <Desk account={account} ask={ask} market={market} picked={picked} book={book}>
            {panels?.({ account, market, onMarket: setMarket, onPick: setPicked, onBook: setBook })}
          </Desk>
        ) : (
          roomOf(room, account, ask)
        )}
      </main>
    </>
  );
}

/** Ticket and balances beside the market, the letters under way and the open orders. */
function Desk(props: {
  readonly account: AccountView;
  readonly ask: Ask;
  readonly market: string;
  readonly picked: Picked | undefined;
  readonly book: BookNow | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { account, ask, market, children, ...marked } = props;
  return (
    <div class="desk">
      <div class="stack side">
        <Ticket
          key={account.cold ? "carried" : "posted"}
          account={account}
          market={market}
          {...marked}
          ask={ask}
          onSent={() => goToHeading("journeys")}
        />
        <Balances account={account} />
      </div>
      <div class="stack">
        <Journeys account={account} ask={ask} />
        <OpenOrders account={account} ask={ask} />
        {children}
      </div>
    </div>
  );
}

function roomOf(room: Exclude<Room, "trade">, account: AccountView, ask: Ask): JSX.Element {
  switch (room) {
    case "money":
      return (
        <div class="stack">
          <Balances account={account} />
          <Funds account={account} ask={ask} />
          <Journeys account={account} ask={ask} />
        </div>
      );
    case "history":
      return <History account={account} ask={ask} />;
    case "reports":
      return <Ribbon account={account} ask={ask} />;
    case "carry":
      return (
        <div class="stack">
          <Cold account={account} ask={ask} />
          <CarryLetter ask={ask} />
        </div>
      );
    case "relays":
      return (
        <div class="stack">
          <KeyPanel account={account} ask={ask} />
          <Address account={account} />
          <Relays account={account} ask={ask} />
        </div>
      );
  }
}

/** What another customer needs to give this account something. */
function Address(props: { readonly account: AccountView }): JSX.Element {
  const { fingerprint } = props.account;
  return (
    <section class="panel" aria-labelledby="address">
      <h2 id="address">For others to give you something</h2>
      <div class="instructions">
        <QrCode text={fingerprint} label="QR code of your account's 40 digits" most={150} />
        <div>
          <p>Your account, for another customer of this exchange. It is no secret.</p>
          <p class="reference code">{fingerprint}</p>
          <p class="buttons start">
            <button type="button" onClick={() => navigator.clipboard.writeText(fingerprint)}>
              Copy
            </button>
          </p>
        </div>
      </div>
    </section>
  );
}

function Cold(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const asking = useAsking();
  return (
    <section class="panel" aria-labelledby="cold">
      <h2 id="cold">This device&rsquo;s key</h2>
      <p>
        {account.cold
          ? "Nothing is posted from here. Each letter shows itself as a code, and is good for an hour unless you say otherwise; carry it with a device that is on line."
          : "Letters are posted to the relays from here. A device that should never be on line can show them as codes instead."}
      </p>
      <p class="buttons start">
        <button
          type="button"
          aria-pressed={account.cold}
          disabled={asking.busy}
          onClick={() => asking.run(ask("cold", { on: !account.cold }))}
        >
          {account.cold ? "Post letters from here again" : "Post nothing from here"}
        </button>
      </p>
      <TroublePlace told={asking.trouble} />
    </section>
  );
}
