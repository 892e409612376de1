/**
 * The order book: buyers and sellers, best price first, each level with what rests up to it as a
 * bar behind it. With `onPick` a price is a button, for a ticket to take.
 */
import type { JSX } from "preact";
import { assetsOf, printPriceAligned, printQuantity } from "../../market/figures.ts";
import { crossedWords, isCrossed } from "../../market/phase.ts";
import { grouped, summed, type MarketFigures, type SummedLevel } from "./marketfigures.ts";
import { openAt, ordersAt, type Mine } from "./mine.ts";
import { Panel } from "./panel.tsx";

/** What a reader picked. */
export type Picked = { readonly side: "buy" | "sell"; readonly price: string };

const levelsShown = 12;

type BookProps = {
  readonly figures: MarketFigures;
  readonly mine?: Mine | undefined;
  readonly onPick?: ((picked: Picked) => void) | undefined;
};

export function Book(props: BookProps): JSX.Element {
  const { figures } = props;
  const buys = summed(figures.buys).slice(0, levelsShown);
  const sells = summed(figures.sells).slice(0, levelsShown);
  const most = Math.max(1, buys.at(-1)?.sum ?? 0, sells.at(-1)?.sum ?? 0);
  return (
    <Panel title="Book" class="book" tools={<span class="dim small">{spread(figures)}</span>}>
      <div class="sides">
        <Side {...props} side="buy" levels={buys} most={most} />
        <Side {...props} side="sell" levels={sells} most={most} />
      </div>
    </Panel>
  );
}

type SideProps = BookProps & {
  readonly side: "buy" | "sell";
  readonly levels: readonly SummedLevel[];
  /** The longest bar. */
  readonly most: number;
};

/** One side, best price first. */
function Side({ figures, mine, onPick, side, levels, most }: SideProps): JSX.Element {
  const { market } = figures;
  const { base, quote } = assetsOf(market.name);
  const open = openAt(mine, market.name);
  const word = side === "buy" ? "Buyers" : "Sellers";
  return (
    <table>
      <caption>
        {word}
        <span class="unseen"> of {market.name}, best price first</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">price {quote}</th>
          <th scope="col">{base}</th>
          <th scope="col">sum</th>
        </tr>
      </thead>
      <tbody>
        {levels.length === 0 && (
          <tr>
            <td class="dim" colSpan={3}>
              nobody yet
            </td>
          </tr>
        )}
        {levels.map((level) => {
          const price = printPriceAligned(market, level.price);
          const own = ordersAt(open, side, price).length > 0;
          return (
            <tr key={level.price} class={own ? "own" : undefined}>
              <td class={side}>
                {onPick === undefined ? (
                  price
                ) : (
                  <button type="button" class="price" onClick={() => onPick({ side, price })}>
                    {price}
                  </button>
                )}
                {own && <span class="mark"> yours</span>}
              </td>
              <td>{grouped(printQuantity(market, level.quantity))}</td>
              <td class="sum">
                <span class={`bar-${side}`} style={{ width: `${(level.sum / most) * 100}%` }} />
                <span class="over">{grouped(printQuantity(market, level.sum))}</span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function spread({ market, buys, sells }: MarketFigures): string {
  const [buy, sell] = [buys[0], sells[0]];
  if (buy === undefined && sell === undefined) return "nobody offers anything yet";
  if (buy === undefined) return "nobody buys";
  if (sell === undefined) return "nobody sells";
  if (isCrossed({ buys, sells })) return crossedWords;
  return `spread ${printPriceAligned(market, sell.price - buy.price)}`;
}
