/**
 * The market beside the ticket: verified in this page like on the market's own, with the account's
 * own orders and trades marked. Begun when it is first drawn, once for the page.
 *
 * The wallet pinned its exchange; the log is that of whoever served the page. Nothing is drawn of
 * another exchange's market, nor of one whose card the exchange did not sign.
 */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Badge } from "../panels/badge.tsx";
import type { Picked } from "../panels/book.tsx";
import { marketFigures } from "../panels/marketfigures.ts";
import { MarketPanels } from "../panels/marketpanels.tsx";
import { Notes } from "../panels/notes.tsx";
import { Summary } from "../panels/summary.tsx";
import { beginView } from "../view/begin.ts";
import { foreignTo } from "../view/exchange.ts";
import { useSeen } from "../view/useseen.ts";
import type { VerifiedView } from "../view/verifiedview.ts";
import type { AccountView } from "./core/protocol.ts";
import type { BookNow } from "./ticketform.ts";

/** What is shown of the market, and what a click in it does. */
export type MarketShown = {
  readonly account: AccountView;
  readonly market: string;
  readonly onMarket: (market: string) => void;
  readonly onPick: (picked: Picked) => void;
  /** Told of every new book, for the ticket to reckon with. */
  readonly onBook: (book: BookNow | undefined) => void;
};

let begun: VerifiedView | undefined;

/** One fold of the log for the page, however often the room is left and entered. */
function viewHere(): VerifiedView {
  begun ??= beginView();
  return begun;
}

/** Figures, chart, depth, book and trades of one market. */
export function MarketRoom(props: MarketShown): JSX.Element {
  const { account, market, onMarket, onPick, onBook } = props;
  const seen = useSeen(viewHere());
  const { exchange, card, revision } = seen;
  const foreign = exchange && foreignTo(account.exchange, exchange);
  const isOurs = foreign === undefined && typeof card !== "object";
  const view = isOurs ? seen.view : undefined;
  const figures = useMemo(
    () => (view === undefined ? undefined : marketFigures(view, market)),
    [view, revision, market],
  );
  useEffect(() => onBook(figures), [figures]);
  // A stop that waits is in no book.
  const mine = { ...account, orders: account.orders.filter(({ status }) => status !== "waiting") };
  const names = account.exchange.markets.map(({ name }) => name);
  if (foreign !== undefined) {
    return (
      <section class="panel" aria-label="The market">
        <p class="note bad" role="alert">
          <b>The market is not shown.</b> {foreign}
        </p>
      </section>
    );
  }
  return (
    <div class="stack">
      <div class="markethead">
        <Summary {...{ figures, names, market, seen }} choose={onMarket} />
        <Badge seen={seen} />
      </div>
      <Notes seen={seen} />
      {isOurs && <MarketPanels seen={seen} market={market} mine={mine} onPick={onPick} />}
    </div>
  );
}
