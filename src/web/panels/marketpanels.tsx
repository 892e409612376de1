/**
 * All panels of one market, for every page that shows one. `mine` marks the reader's own orders and
 * fills; an account's view (wallet/core/protocol.ts) can be given as it is.
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Seen } from "../view/seen.ts";
import { useDoubt } from "../view/usefreshness.ts";
import { Book, type Picked } from "./book.tsx";
import { DepthChart } from "./depthchart.tsx";
import { marketFigures, type MarketFigures } from "./marketfigures.ts";
import type { Mine } from "./mine.ts";
import { PriceChart } from "./pricechart.tsx";
import { Contract, Events } from "./securities.tsx";
import { Trades } from "./trades.tsx";

/** The market's figures, computed anew when the fold has moved. */
export function useFigures({ view, revision }: Seen, market: string): MarketFigures | undefined {
  return useMemo(
    () => (view === undefined ? undefined : marketFigures(view, market)),
    [view, revision, market],
  );
}

/**
 * `onPick` makes the book's prices buttons, for a ticket to take them. A page that has room beside
 * them shows the trades there (trades.tsx), `hasTrades` then.
 */
export function MarketPanels(props: {
  readonly seen: Seen;
  readonly market: string;
  readonly mine?: Mine | undefined;
  readonly onPick?: ((picked: Picked) => void) | undefined;
  readonly hasTrades?: boolean;
}): JSX.Element {
  const { seen, market, mine, onPick, hasTrades = false } = props;
  const { revision } = seen;
  const figures = useFigures(seen, market);
  const isGrey = useDoubt(seen);
  if (figures === undefined) return <Waiting seen={seen} />;
  return (
    <div class={`stack ${isGrey ? "stale" : ""}`}>
      <PriceChart figures={figures} mine={mine} revision={revision} />
      <DepthChart figures={figures} mine={mine} />
      <Book figures={figures} mine={mine} onPick={onPick} />
      {!hasTrades && <Trades figures={figures} mine={mine} />}
      <Contract figures={figures} />
      <Events figures={figures} />
    </div>
  );
}

function Waiting({ seen }: { readonly seen: Seen }): JSX.Element {
  const { standing, view } = seen;
  if (standing.kind === "wrong") return <div class="stack" />;
  const { done, total } = standing.kind === "starting" ? standing : { done: 0, total: undefined };
  return (
    <section class="panel waiting" aria-label="The market">
      {view === undefined ? (
        <>
          <p>Verifying the exchange's log in your browser …</p>
          <progress {...(total === undefined ? {} : { value: done, max: total })}>{done}</progress>
        </>
      ) : (
        <p>There is no market yet.</p>
      )}
    </section>
  );
}
