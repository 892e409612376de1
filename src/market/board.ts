/**
 * The public markets as a fold over the log's leaves: markets, their phases, books, last trades,
 * and what issuers did. It is the same fold for a relay and for anybody else who has the leaves.
 *
 * Levels are absolute and trades have numbers, so a leaf that is applied twice changes nothing the
 * second time: an echo is never a second trade. Leaves about a market that was never announced are
 * passed over. Trades in memory are bounded; older ones are the database's. When an asset is
 * renamed its markets go on under their new names; what stood under those before gives way.
 */
import type { Time } from "../codec/time.ts";
import type { Leaf, LevelLeaf, MarketLeaf, TradeLeaf } from "../log/leaf.ts";
import {
  isSecurityLeaf,
  type PhaseLeaf,
  type RenamedLeaf,
  type SecurityLeaf,
} from "../log/leafsecurities.ts";
import { assetsOf } from "./figures.ts";
import { renameMarket, Securities, type Told } from "./securities.ts";

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
  /** `undefined`: none was ever told, so it is continuous. */
  readonly phase: PhaseLeaf | undefined;
  /** An asset of it was delisted: closed for ever. */
  readonly isDelisted: boolean;
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
  /** How many leaves it has seen. */
  readonly size: number;
  readonly tick: Time | undefined;
  /** The highest number that a trade had. */
  readonly lastTrade: number;
  /** In the order of their first leaves; all levels. */
  readonly markets: readonly Omit<MarketView, "isDelisted">[];
  /** What issuers did, oldest first. */
  readonly told: readonly Told[];
};

const emptyBoard: BoardState = { size: 0, tick: undefined, lastTrade: 0, markets: [], told: [] };

type Slot = {
  market: MarketLeaf;
  readonly buys: Side;
  readonly sells: Side;
  readonly trades: TradeLeaf[];
  phase: PhaseLeaf | undefined;
};

function slotOf({ market, buys, sells, trades, phase }: BoardState["markets"][number]): Slot {
  const sides = { buys: new Side(-1, buys), sells: new Side(1, sells) };
  return { market, ...sides, trades: [...trades], phase };
}

/** The state of the fold. */
export class Board {
  readonly #slots: Map<string, Slot> = new Map();
  /** What issuers did. */
  readonly securities: Securities;
  #size: number;
  #lastTrade: number;
  #tick: Time | undefined;

  constructor({ size, tick, lastTrade, markets, told }: BoardState = emptyBoard) {
    this.securities = new Securities(told);
    this.#size = size;
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
    const number = this.#size;
    this.#size += 1;
    if (isSecurityLeaf(leaf)) return this.#tell(number, leaf);
    switch (leaf.kind) {
      case "phase":
        this.#setPhase(leaf);
        return;
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
      phase: slot.phase,
      isDelisted: this.securities.isDelisted(name),
    };
  }

  /** Decimals of an asset, as its markets have them; `undefined`: it is in none. */
  decimals(asset: string): number | undefined {
    for (const [name, { market }] of this.#slots) {
      const { base, quote } = assetsOf(name);
      if (base === asset) return market.baseDecimals;
      if (quote === asset) return market.quoteDecimals;
    }
    return undefined;
  }

  /** The names of the markets that have the asset, as they are and as they will be. */
  namesWith(renamed: RenamedLeaf): ReadonlyMap<string, string> {
    const names = this.names.map((name) => [name, renameMarket(name, renamed)] as const);
    return new Map(names.filter(([before, after]) => before !== after));
  }

  /** The market's parameters. */
  market(name: string): MarketLeaf | undefined {
    return this.#slots.get(name)?.market;
  }

  #setMarket(market: MarketLeaf): void {
    const slot = this.#slots.get(market.name);
    if (slot !== undefined) slot.market = market;
    else {
      const nothing = { buys: [], sells: [], trades: [], phase: undefined };
      this.#slots.set(market.name, slotOf({ market, ...nothing }));
    }
  }

  #setPhase(phase: PhaseLeaf): void {
    const slot = this.#slots.get(phase.market);
    if (slot !== undefined) slot.phase = phase;
  }

  #tell(number: number, leaf: SecurityLeaf): void {
    if (leaf.kind === "renamed") {
      const names = this.namesWith(leaf);
      // A new name that comes again, or is one for nothing, changes nothing.
      if (names.size === 0) return;
      this.#rename(names);
    }
    this.securities.add({ number, at: this.#tick, leaf });
  }

  /** Each market keeps its place, its book, its trades; parameters told for the new name stay. */
  #rename(names: ReadonlyMap<string, string>): void {
    const before = new Map(this.#slots);
    const taken = new Set(names.values());
    this.#slots.clear();
    for (const [name, slot] of before) {
      const now = names.get(name);
      if (now === undefined) {
        if (!taken.has(name)) this.#slots.set(name, slot);
        continue;
      }
      const market = before.get(now)?.market ?? { ...slot.market, name: now };
      const trades = slot.trades.map((trade) => ({ ...trade, market: now }));
      const phase = slot.phase && { ...slot.phase, market: now };
      this.#slots.set(now, { ...slot, market, trades, phase });
    }
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
