/** The market page's parts: bar with the summary and the badge, notes, panels, relays, rings. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { printPriceAligned } from "../../market/figures.ts";
import { Bar } from "../frame/bar.tsx";
import { Foot } from "../frame/foot.tsx";
import { Badge } from "../panels/badge.tsx";
import { MarketPanels, useFigures } from "../panels/marketpanels.tsx";
import { Notes } from "../panels/notes.tsx";
import { Panel } from "../panels/panel.tsx";
import { Rekeys } from "../panels/rekeys.tsx";
import { Relays } from "../panels/relays.tsx";
import { Rings } from "../panels/rings.tsx";
import { Summary } from "../panels/summary.tsx";
import { Trades } from "../panels/trades.tsx";
import { useDoubt } from "../view/usefreshness.ts";
import { useSeen } from "../view/useseen.ts";
import type { VerifiedView } from "../view/verifiedview.ts";

/** The market that the address names: `/#GLD/BTC`. */
function named(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    // A link that was cut in the middle of a letter names no market.
    return "";
  }
}

export function MarketPage(props: { readonly view: VerifiedView }): JSX.Element {
  const seen = useSeen(props.view);
  const { view, exchange, relays, source, standing, card } = seen;
  const isGrey = useDoubt(seen);
  const [wish, setWish] = useState(named);
  const names = view?.board.names ?? [];
  const market = names.includes(wish) ? wish : (names[0] ?? "");
  const figures = useFigures(seen, market);
  useEffect(() => {
    const last = figures?.trades.at(-1);
    document.title =
      figures === undefined || last === undefined || standing.kind === "wrong"
        ? "Signet"
        : `${printPriceAligned(figures.market, last.price)} ${market} - Signet`;
  }, [figures, market, standing.kind]);
  useEffect(() => {
    const changed = (): void => setWish(named());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const choose = (name: string): void => {
    location.hash = name;
  };
  return (
    <>
      <Bar here="market" />
      <main id="main">
        <div class="market">
          <Summary {...{ figures, names, market, choose, seen }} />
          <Badge seen={seen} />
        </div>
        <Notes seen={seen} />
        <div class="columns">
          <MarketPanels seen={seen} market={market} hasTrades />
          <aside class="stack" aria-label="About the exchange">
            <About
              keyNumber={exchange?.keyNumber}
              isBelieved={standing.kind !== "wrong" && typeof card !== "object"}
            />
            {figures !== undefined && (
              <div class={isGrey ? "stale" : ""}>
                <Trades figures={figures} />
              </div>
            )}
            <Relays relays={relays} source={source} />
            <Rekeys seen={seen} />
            {view?.rings.venue !== undefined && <Rings seen={seen} />}
          </aside>
        </div>
      </main>
      <Foot keyNumber={exchange?.keyNumber} />
    </>
  );
}

function About(props: {
  readonly keyNumber: string | undefined;
  readonly isBelieved: boolean;
}): JSX.Element {
  return (
    <Panel title="This exchange">
      <p class="dim small">key number</p>
      <p class="keynumber">{props.keyNumber ?? "…"}</p>
      <p class="dim small">
        Compare it with what the exchange's owner gave you. Every number on this page is checked
        against its signature, in your browser; this relay could not change one unseen.
      </p>
      <p class="actions">
        {props.isBelieved && (
          <a class="button main" href="/wallet">
            Open a wallet
          </a>
        )}{" "}
        <a class="button" href="/explain">
          How a letter travels
        </a>
      </p>
    </Panel>
  );
}
