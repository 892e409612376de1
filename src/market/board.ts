/**
 * The public markets as a fold over the log's leaves: markets, books, last trades. It is the same
 * fold for a relay and for anybody else who has the leaves.
 *
 * Levels are absolute and trades have numbers, so a leaf that is applied twice changes nothing the
 * second time: an echo is never a second trade. Leaves about a market that was never announced are
 * passed over. Trades in memory are bounded; older ones are the database's.
 */
import type { Time } from "../codec/time.ts";
import type { Leaf, LevelLeaf, MarketLeaf, TradeLeaf } from "../log/leaf.ts";

/** Trades kept in memory for each market. */
export const tradesKept = 200;

/** What rests at one price. */
export type Level = { readonly price: number; readonly quantity: number };

/** One market with all that is public about it. */
export type MarketView = {
  readonly market: MarketLeaf;
  /** Best first: the highest price. */
  readonly buys: readonly Level[];
  /** Best first: the lowest price. */
  readonly sells: readonly Level[];
  /** The last trades, oldest first, at most `tradesKept`. */
  readonly trades: readonly TradeLeaf[];
};

/** The levels of one side, and the same in order as long as nothing changes. */
class Side {
  readonly #levels: Map<number, number>;
  readonly #direction: 1 | -1;
  #sorted: readonly Level[] | undefined;

  constructor(direction: 1 | -1, levels: readonly Level[]) {
    this.#direction = direction;
    this.#levels = new Map(levels.map(({ price, quantity }) => [price, quantity]));
  }

  get count(): number {
    return this.#levels.size;
  }

  /** Best first. */
  best(depth: number): readonly Level[] {
    this.#sorted ??= [...this.#levels]
      .map(([price, quantity]) => ({ price, quantity }))
      .sort((a, b) => this.#direction * (a.price - b.price));
    return this.#sorted.slice(0, depth);
  }

  set(price: number, quantity: number): void {
    if (quantity === 0) this.#levels.delete(price);
    else this.#levels.set(price, quantity);
    this.#sorted = undefined;
  }
}

/** All that a board holds, so that one can be made of it. */
export type BoardState = {
  readonly tick: Time | undefined;
  /** The highest number that a trade had. */
  readonly lastTrade: number;
  /** In the order of their first leaves; all levels. */
  readonly markets: readonly MarketView[];
};

const emptyBoard: BoardState = { tick: undefined, lastTrade: 0, markets: [] };

type Slot = {
  market: MarketLeaf;
  readonly buys: Side;
  readonly sells: Side;
  readonly trades: TradeLeaf[];
};

function slotOf({ market, buys, sells, trades }: MarketView): Slot {
  return { market, buys: new Side(-1, buys), sells: new Side(1, sells), trades: [...trades] };
}

/** The state of the fold. */
export class Board {
  readonly #slots: Map<string, Slot> = new Map();
  #lastTrade: number;
  #tick: Time | undefined;

  constructor({ tick, lastTrade, markets }: BoardState = emptyBoard) {
    this.#tick = tick;
    this.#lastTrade = lastTrade;
    for (const view of markets) this.#slots.set(view.market.name, slotOf(view));
  }

  /** The highest number that a trade had, in whatever market; 0: there was none. */
  get lastTrade(): number {
    return this.#lastTrade;
  }

  /** The exchange's clock, as the last TICK leaf says. */
  get tick(): Time | undefined {
    return this.#tick;
  }

  /** The names of the markets, in the order of their first leaves. */
  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** How many levels the deepest market has, both sides together; 0: there is no market. */
  get deepest(): number {
    let most = 0;
    for (const { buys, sells } of this.#slots.values()) {
      most = Math.max(most, buys.count + sells.count);
    }
    return most;
  }

  apply(leaf: Leaf): void {
    switch (leaf.kind) {
      case "tick":
        this.#tick = leaf.at;
        return;
      case "market":
        this.#setMarket(leaf);
        return;
      case "trade":
        this.#addTrade(leaf);
        return;
      case "level":
        this.#setLevel(leaf);
        return;
      // Reports say nothing in public, and of the ring venue there is a fold of its own.
      default:
        return;
    }
  }

  /** The market with its `depth` best levels of each side; `undefined`: no such market. */
  view(name: string, depth: number): MarketView | undefined {
    const slot = this.#slots.get(name);
    if (slot === undefined) return undefined;
    return {
      market: slot.market,
      buys: slot.buys.best(depth),
      sells: slot.sells.best(depth),
      trades: [...slot.trades],
    };
  }

  /** The market's parameters. */
  market(name: string): MarketLeaf | undefined {
    return this.#slots.get(name)?.market;
  }

  #setMarket(market: MarketLeaf): void {
    const slot = this.#slots.get(market.name);
    if (slot !== undefined) slot.market = market;
    else this.#slots.set(market.name, slotOf({ market, buys: [], sells: [], trades: [] }));
  }

  #addTrade(trade: TradeLeaf): void {
    if (trade.number <= this.#lastTrade) return;
    this.#lastTrade = trade.number;
    const trades = this.#slots.get(trade.market)?.trades;
    trades?.push(trade);
    if (trades !== undefined && trades.length > tradesKept) trades.shift();
  }

  #setLevel(leaf: LevelLeaf): void {
    const slot = this.#slots.get(leaf.market);
    const side = leaf.side === "buy" ? slot?.buys : slot?.sells;
    side?.set(leaf.price, leaf.quantity);
  }
}
