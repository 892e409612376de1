/** The newest trades. The side is that of whoever came; it is said in words and drawn in colour. */
import type { JSX } from "preact";
import { printTime } from "../../codec/time.ts";
import { assetsOf, printPriceAligned, printQuantity } from "../../market/figures.ts";
import { grouped, type MarketFigures } from "./marketfigures.ts";
import type { Mine } from "./mine.ts";
import { Panel } from "./panel.tsx";

const tradesShown = 14;
const signs = { buy: "▲", sell: "▼", call: "◆" } as const;
const words = { buy: "bought", sell: "sold", call: "traded in a call" } as const;

export function Trades(props: {
  readonly figures: MarketFigures;
  readonly mine?: Mine | undefined;
}): JSX.Element {
  const { market, trades } = props.figures;
  const { base, quote } = assetsOf(market.name);
  const own = new Set(props.mine?.fills.map(({ trade }) => trade));
  return (
    <Panel title="Recent trades">
      {trades.length === 0 ? (
        <p class="dim">No trade yet.</p>
      ) : (
        <table>
          <caption class="unseen">The newest trades of {market.name}, newest first</caption>
          <thead>
            <tr>
              <th scope="col">time, UTC</th>
              <th scope="col">price {quote}</th>
              <th scope="col">{base}</th>
            </tr>
          </thead>
          <tbody>
            {trades
              .slice(-tradesShown)
              .toReversed()
              .map(({ number, at, taker, price, quantity }) => (
                <tr key={number} class={own.has(number) ? "own" : undefined}>
                  <td class="dim">
                    <time dateTime={printTime(at)} title={`${printTime(at)}, trade ${number}`}>
                      {printTime(at).slice(11, 19)}
                    </time>
                    {own.has(number) && <span class="mark"> yours</span>}
                  </td>
                  <td class={taker}>
                    <span aria-hidden="true">{signs[taker]} </span>
                    <span class="unseen">{words[taker]} at </span>
                    {printPriceAligned(market, price)}
                  </td>
                  <td>{grouped(printQuantity(market, quantity))}</td>
                </tr>
              ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
