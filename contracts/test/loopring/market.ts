/**
 * A venue with tokens by symbol, for replays: who holds what is set and read by name.
 */
import type { Address } from "../../../src/codec/ethereum.ts";
import type { Deployed } from "../evm.ts";
import { openVenue, type Venue } from "../venue.ts";

export class Market {
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly #tokens: ReadonlyMap<string, Deployed>;

  constructor(venue: Venue, tokens: ReadonlyMap<string, Deployed>) {
    this.venue = venue;
    this.#tokens = tokens;
    this.symbols = [...tokens.keys()];
  }

  token(symbol: string): Deployed {
    const token = this.#tokens.get(symbol);
    if (token === undefined) throw new Error(`no token ${symbol}`);
    return token;
  }

  addressOf(symbol: string): Address {
    return this.token(symbol).address;
  }

  /** Approves all of these tokens, without limit. */
  async approve(owner: Address, symbols: Iterable<string>): Promise<void> {
    for (const symbol of new Set(symbols)) await this.venue.approve(this.token(symbol), owner);
  }

  mint(symbol: string, to: Address, amount: bigint): Promise<void> {
    return this.venue.mint(this.token(symbol), to, amount);
  }

  balance(symbol: string, of: Address): Promise<bigint> {
    return this.venue.balance(this.token(symbol), of);
  }
}

/** A fresh venue with these tokens. */
export async function openMarket(symbols: readonly string[]): Promise<Market> {
  const venue = await openVenue();
  const tokens = new Map<string, Deployed>();
  for (const symbol of symbols) tokens.set(symbol, await venue.token());
  return new Market(venue, tokens);
}
