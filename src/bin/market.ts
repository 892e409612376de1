/**
 * `signet market [MARKET]`: which markets there are, in which phase and at which prices; of one its
 * book and last trades. The numbers are a relay's word: its public data, not verified here.
 */
import { nameOfUrl } from "../codec/reach.ts";
import { printable } from "../wallet/amounts.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { loadExchange, pinnedIn, relayDefault } from "../wallet/exchange.ts";
import { called } from "./called.ts";
import type { Context, Ended } from "./context.ts";
import {
  bestSaid,
  bookSaid,
  marketsSaid,
  phaseSaid,
  tradesSaid,
  type LevelSaid,
  type MarketSaid,
} from "./marketsaid.ts";
import { table } from "./read.ts";

/** Levels of each side, and trades, that are shown of one market. */
const shownMost = 10;

const nothingAsked = {
  meaning: "Nothing was asked of the exchange; your money and orders are unaffected.",
  next: "Say it again, or give a relay that lives: --relay URL",
};

type Said = { readonly url: string; readonly markets: readonly MarketSaid[] };

/** `signet market [MARKET]`. */
export async function market(context: Context, words: readonly string[]): Promise<Ended> {
  const said = await firstSaid(context);
  if (!said.ok) return said;
  const [name] = words;
  if (name === undefined) return listEnding(said.value);
  const asked = name.toUpperCase();
  const { markets } = said.value;
  const found =
    markets.find((known) => known.name === asked) ??
    markets.find((known) => known.formerly.includes(asked));
  if (found) return marketEnding(said.value.url, found);
  const known = markets.map((each) => each.name).join(", ");
  const what = `There is no market ${printable(name)}. There are: ${known}.`;
  return trouble("E106", what, { next: "signet market" });
}

/** The first relay that answers: those that were named before those of the card. */
async function firstSaid(context: Context): Promise<Outcome<Said>> {
  const urls = [...context.relays];
  if (pinnedIn(context.home) !== undefined) {
    const exchange = await loadExchange(context.home, context.relays);
    if (!exchange.ok) return exchange;
    urls.push(...exchange.value.urls);
  }
  if (urls.length === 0) urls.push(relayDefault);
  for (const url of new Set(urls)) {
    const markets = await marketsSaid(url);
    if (markets) return { ok: true, value: { url, markets } };
  }
  return trouble("E801", "No relay says anything of the markets.", nothingAsked);
}

function wordOf(url: string): string {
  return `  by the word of ${nameOfUrl(url)}; ${called} log verify checks the log behind it`;
}

function sinceOf({ since }: MarketSaid): string {
  return since ?? "always";
}

function formerlyOf({ formerly }: MarketSaid): string {
  return formerly.length === 0 ? "" : `formerly ${formerly.join(", ")}`;
}

async function listEnding({ url, markets }: Said): Promise<Ended> {
  const best = await bestSaid(url);
  const price = (levels: readonly LevelSaid[] | undefined): string | null =>
    levels?.[0]?.price ?? null;
  const rows = markets.map((each) => ({
    ...each,
    buy: price(best.get(each.name)?.buys),
    sell: price(best.get(each.name)?.sells),
  }));
  const cells = rows.map((row) => [
    row.name,
    phaseSaid(row),
    sinceOf(row),
    row.last ?? "–",
    row.buy ?? "–",
    row.sell ?? "–",
    formerlyOf(row),
  ]);
  const head = ["market", "phase", "since", "last", "best buy", "best sell", ""];
  const lines = rows.length === 0 ? ["  no markets"] : table(head, cells);
  return {
    ok: true,
    exit: exits.done,
    lines: [...lines, wordOf(url)],
    data: { ok: true, relay: url, verified: false, markets: rows, exit: exits.done },
  };
}

async function marketEnding(url: string, said: MarketSaid): Promise<Ended> {
  const [book, trades] = await Promise.all([
    bookSaid(url, said.name, shownMost),
    tradesSaid(url, said.name, shownMost),
  ]);
  if (!book || !trades) {
    return trouble("E801", `${nameOfUrl(url)} does not show the book.`, nothingAsked);
  }
  const { buys, sells } = book;
  const many = Math.max(buys.length, sells.length);
  const levels = Array.from({ length: many }, (_, i) => [
    buys[i]?.quantity ?? "",
    buys[i]?.price ?? "",
    sells[i]?.price ?? "",
    sells[i]?.quantity ?? "",
  ]);
  const told = trades.map(({ number, at, side, quantity, price }) => [
    String(number),
    at,
    side,
    quantity,
    price,
  ]);
  const facts = [said.name, phaseSaid(said), `since ${sinceOf(said)}`, formerlyOf(said)];
  const lines = [
    `● ${facts.join("   ").trimEnd()}`,
    ...(many === 0
      ? ["  nothing on the book"]
      : table(["quantity", "buy", "sell", "quantity"], levels)),
    ...(told.length === 0
      ? ["  no trades"]
      : table(["trade", "time", "side", "quantity", "price"], told)),
    wordOf(url),
  ];
  const data = { ok: true, relay: url, verified: false, ...said, book, trades, exit: exits.done };
  return { ok: true, exit: exits.done, lines, data };
}
