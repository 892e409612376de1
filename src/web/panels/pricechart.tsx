/**
 * Candles and volume. The chart is TradingView's Lightweight Charts, loaded after the numbers; its
 * mark would bring a style sheet of its own, which the page's policy forbids, so the link to its
 * makers stands under it instead. The table behind it says the same in text.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { printTime } from "../../codec/time.ts";
import { printPriceAligned, printVolume } from "../../market/figures.ts";
import type { ChartHandle } from "./chart.ts";
import {
  chartIntervals,
  grouped,
  type ChartInterval,
  type MarketFigures,
} from "./marketfigures.ts";
import type { Mine } from "./mine.ts";
import { Panel } from "./panel.tsx";

const rowsShown = 30;

export function PriceChart(props: {
  readonly figures: MarketFigures;
  readonly mine?: Mine | undefined;
  readonly revision: number;
}): JSX.Element {
  const { figures, mine, revision } = props;
  const [interval, setInterval] = useState<ChartInterval>("15m");
  const [isTable, setTable] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle | undefined>(undefined);
  const [ready, setReady] = useState(0);
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const { makeChart } = await import("./chart.ts");
      if (gone || place.current === null) return;
      chart.current = makeChart(place.current);
      setReady((before) => before + 1);
    };
    void load();
    return () => {
      gone = true;
      chart.current?.remove();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    chart.current?.show(figures, interval, mine);
  }, [ready, revision, interval, figures.market.name, mine]);
  const hasTraded = figures.candles(interval).length > 0;
  const tools = (
    <div class="choices" role="group" aria-label="Length of a candle">
      {chartIntervals.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === interval}
          onClick={() => setInterval(name)}
        >
          {name}
        </button>
      ))}
      <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
        table
      </button>
    </div>
  );
  return (
    <Panel
      title={hasTraded ? `Price, ${interval}` : "Price"}
      tools={hasTraded && tools}
      class="price-panel"
    >
      <div class="chart" ref={place} aria-hidden="true" hidden={isTable || !hasTraded} />
      {hasTraded ? (
        <CandleTable figures={figures} interval={interval} isShown={isTable} />
      ) : (
        <p class="dim">No trade yet. The first one begins the chart.</p>
      )}
      <p class="dim credit">
        Chart: <a href="https://www.tradingview.com/">TradingView Lightweight Charts</a>, Copyright
        2025 TradingView, Inc.
      </p>
    </Panel>
  );
}

function CandleTable(props: {
  readonly figures: MarketFigures;
  readonly interval: ChartInterval;
  readonly isShown: boolean;
}): JSX.Element {
  const { market } = props.figures;
  const rows = props.figures.candles(props.interval).slice(-rowsShown).toReversed();
  return (
    <div class={props.isShown ? "scroll" : "unseen"} tabIndex={props.isShown ? 0 : undefined}>
      <table>
        <caption>
          The last {rows.length} candles of {market.name}, {props.interval}, newest first
        </caption>
        <thead>
          <tr>
            {["from, UTC", "open", "high", "low", "close", "volume"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, candle }) => (
            <tr key={from}>
              <td>{printTime(from).slice(0, 16).replace("T", " ")}</td>
              {[candle.open, candle.high, candle.low, candle.close].map((price, index) => (
                <td key={index}>{printPriceAligned(market, price)}</td>
              ))}
              <td>{grouped(printVolume(market, candle.quantity))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
