/** One market in a line: which, its last price, its day. */
import type { JSX } from "preact";
import { assetsOf, printPriceAligned } from "../../market/figures.ts";
import { phaseWords } from "../../market/phase.ts";
import type { Seen } from "../view/seen.ts";
import { useDoubt } from "../view/usefreshness.ts";
import { dayAverage, dayChange, dayVolume, type MarketFigures } from "./marketfigures.ts";

export function Summary(props: {
  readonly figures: MarketFigures | undefined;
  readonly names: readonly string[];
  readonly market: string;
  readonly choose: (market: string) => void;
  readonly seen: Seen;
}): JSX.Element {
  const { figures, names, market, choose, seen } = props;
  const isGrey = useDoubt(seen);
  return (
    <div class="summary">
      <label class="unseen" for="market-choice">
        Market
      </label>
      <h1>
        {names.length > 1 ? (
          <select
            id="market-choice"
            value={market}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <span id="market-choice">{market === "" ? "Market" : market}</span>
        )}
      </h1>
      {figures !== undefined && <Phase figures={figures} />}
      {figures !== undefined && (
        <div class={isGrey ? "stale" : ""}>
          <Figures figures={figures} />
        </div>
      )}
    </div>
  );
}

/** The market's phase in words; nothing for one that never had another. */
function Phase({ figures }: { readonly figures: MarketFigures }): JSX.Element {
  const said = phaseWords(figures);
  if (said === undefined) return <></>;
  return (
    <p class="phase">
      <b>{said.word}</b> <span class="dim small">{said.means}</span>
    </p>
  );
}

function changeClass(change: string | undefined): string {
  if (change?.startsWith("+") === true) return "buy";
  return change?.startsWith("\u2212") === true ? "sell" : "";
}

function Figures({ figures }: { readonly figures: MarketFigures }): JSX.Element {
  const { market, trades } = figures;
  const [last, before] = [trades.at(-1), trades.at(-2)];
  const falls = last !== undefined && before !== undefined && last.price < before.price;
  const change = dayChange(figures);
  const average = dayAverage(figures);
  const { base } = assetsOf(market.name);
  if (last === undefined) return <p class="dim">no trade yet</p>;
  return (
    <dl class="figures number">
      <div>
        <dt class="unseen">last price</dt>
        <dd class={`last ${falls ? "sell" : "buy"}`}>{printPriceAligned(market, last.price)}</dd>
      </div>
      <div>
        <dt>24 h</dt>
        <dd class={changeClass(change)}>{change ?? "no trade"}</dd>
      </div>
      {average !== undefined && (
        <div>
          <dt>VWAP</dt>
          <dd>{average}</dd>
        </div>
      )}
      <div>
        <dt>vol</dt>
        <dd>
          {dayVolume(figures)} {base}
        </dd>
      </div>
    </dl>
  );
}
