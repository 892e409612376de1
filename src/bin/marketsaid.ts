/**
 * A relay's public market data (`/v1/markets`, `/v1/ticker`, `/v1/book`, `/v1/trades`) as it says
 * them: decimals and times as texts, harmless to a terminal, believed by nobody.
 */
import { marketPhases } from "../log/leafsecurities.ts";
import { phaseName } from "../market/phase.ts";
import { fetchJson } from "../wallet/client.ts";
import { listOf, numberOf, objectOf, textOf, textsOf, type Json } from "../wallet/json.ts";
import { harmless } from "./reasons.ts";

/** A market, as a relay describes it. */
export type MarketSaid = {
  readonly name: string;
  /** As the relay's data has it, such as `opening_call`. */
  readonly phase: string;
  /** `null`: it never had another. */
  readonly since: string | null;
  readonly delisted: boolean;
  readonly formerly: readonly string[];
  readonly last: string | null;
};

/** A level of a book. */
export type LevelSaid = { readonly price: string; readonly quantity: string };
/** Levels of both sides, best first. */
export type SidesSaid = {
  readonly buys: readonly LevelSaid[];
  readonly sells: readonly LevelSaid[];
};

/** A trade. */
export type TradeSaid = LevelSaid & {
  readonly number: number;
  readonly at: string;
  readonly side: string;
};

async function ask(url: string, path: string): Promise<Json | undefined> {
  const answer = await fetchJson(url, path);
  return answer.kind === "answer" && answer.status === 200 ? answer.value : undefined;
}

function short(value: Json | undefined): string {
  return harmless(textOf(value) ?? "").slice(0, 60);
}

/** All markets; `undefined`: the relay did not say. */
export async function marketsSaid(url: string): Promise<readonly MarketSaid[] | undefined> {
  const answer = await ask(url, "/v1/markets");
  if (answer === undefined) return undefined;
  return listOf(objectOf(answer)["markets"]).map((said) => {
    const fields = objectOf(said);
    const { phaseSince, formerly, last } = fields;
    return {
      name: short(fields["name"]),
      phase: short(fields["phase"]),
      since: textOf(phaseSince) === undefined ? null : short(phaseSince),
      delisted: fields["delisted"] === true,
      formerly: textsOf(formerly).map(short),
      last: textOf(objectOf(last)["price"]) === undefined ? null : short(objectOf(last)["price"]),
    };
  });
}

/** The best buy and sell of every market, by its name. */
export async function bestSaid(url: string): Promise<ReadonlyMap<string, SidesSaid>> {
  const tickers = listOf(objectOf(await ask(url, "/v1/ticker"))["tickers"]).map(objectOf);
  const level = (value: Json | undefined): readonly LevelSaid[] =>
    textOf(objectOf(value)["price"]) === undefined ? [] : [levelSaid(value)];
  return new Map(
    tickers.map(({ market, buy, sell }) => [
      short(market),
      { buys: level(buy), sells: level(sell) },
    ]),
  );
}

function levelSaid(value: Json | undefined): LevelSaid {
  const { price, quantity } = objectOf(value);
  return { price: short(price), quantity: short(quantity) };
}

/** The best levels of a market's book. */
export async function bookSaid(
  url: string,
  market: string,
  depth: number,
): Promise<SidesSaid | undefined> {
  const answer = await ask(url, `/v1/book?market=${encodeURIComponent(market)}&depth=${depth}`);
  if (answer === undefined) return undefined;
  const { buys, sells } = objectOf(answer);
  const side = (value: Json | undefined): readonly LevelSaid[] =>
    listOf(value).slice(0, depth).map(levelSaid);
  return { buys: side(buys), sells: side(sells) };
}

/** A market's last trades, the newest first. */
export async function tradesSaid(
  url: string,
  market: string,
  most: number,
): Promise<readonly TradeSaid[] | undefined> {
  const answer = await ask(url, `/v1/trades?market=${encodeURIComponent(market)}`);
  if (answer === undefined) return undefined;
  const trades = listOf(objectOf(answer)["trades"]).slice(-most).toReversed();
  return trades.map((trade) => {
    const { number, at, side } = objectOf(trade);
    const { price, quantity } = levelSaid(trade);
    return { price, quantity, number: numberOf(number) ?? 0, at: short(at), side: short(side) };
  });
}

/** A phase in words. */
export function phaseSaid({ phase, delisted }: Pick<MarketSaid, "phase" | "delisted">): string {
  if (delisted) return "delisted";
  const known = marketPhases.find((name) => name === phase);
  return known === undefined ? phase : phaseName(known);
}
