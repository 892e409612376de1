/**
 * `signet ring find ORDERS.json`: the rings among orders in a file, found as the exchange's own
 * rounds find them, and checked before they are shown. Nothing is sent, no key is used.
 *
 *   {"tokens": [{"id", "price"}], "orders": [{"id", "sell", "buy", "sellAmount", "buyAmount"}]}
 *
 * Amounts are whole numbers as texts, in smallest units; a price is what one of those is worth.
 * With `--json`: {"rings": [{"orders": [{"id", "sold", "received"}]}], "surplus"}; the surplus is
 * at the given prices, before gas.
 */
import { assert } from "../codec/assert.ts";
import { checkRings, surplusOf } from "../finder/checker.ts";
import type { FoundRing, Offer, Token } from "../finder/offer.ts";
import { findRings } from "../finder/round.ts";
import { openSolver } from "../miner/highs.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import type { CommonOptions, Context, Data, Ended } from "./context.ts";
import { readInput } from "./input.ts";
import { harmless } from "./reasons.ts";

type RingFindOptions = CommonOptions & { readonly gasPerOrder?: string };

const inputBytesMax = 64 * 1024 * 1024;
const tokensMax = 10_000;
const ordersMax = 200_000;
const shownMax = 40;

/** What the file holds. */
type Orders = { readonly tokens: readonly Token[]; readonly offers: readonly Offer[] };

/** `signet ring find ORDERS.json [--gas-per-order X]`. */
export async function ringFind(
  context: Context,
  words: readonly string[],
  options: RingFindOptions,
): Promise<Ended> {
  const [file = "-"] = words;
  const gas = options.gasPerOrder ?? "0";
  if (!/^\d{1,15}(?:\.\d{1,18})?$/.test(gas)) {
    return trouble("E100", "--gas-per-order is a number from 0 on, such as 0.2.");
  }
  const input = await readInput(file);
  if (!input.ok) return input;
  const orders = readOrders(input.value);
  if (!orders.ok) return orders;
  const { tokens, offers } = orders.value;
  if (!context.json) context.say(`○ ${offers.length} orders in ${tokens.length} tokens`);
  const solve = await openSolver();
  let told = performance.now();
  const rings = findRings(tokens, offers, {
    gasPerOrder: Number(gas),
    solve,
    onProgress: ({ pass, size, rings: found }) => {
      if (context.json || performance.now() - told < 1000) return;
      told = performance.now();
      context.say(`○ pass ${pass}, rings of ${size}: ${found} found`);
    },
  });
  const checked = checkRings(offers, rings);
  assert(checked.ok, "found rings pass the checker");
  const surplus = surplusOf(tokens, offers, rings);
  return {
    ok: true,
    exit: exits.done,
    lines: lines(orders.value, rings, surplus),
    data: dataOf(rings, surplus),
  };
}

function dataOf(rings: readonly FoundRing[], surplus: number): Data {
  return {
    rings: rings.map(({ orders }) => ({
      orders: orders.map(({ id, sold, received }) => ({
        id,
        sold: sold.toString(),
        received: received.toString(),
      })),
    })),
    surplus,
  };
}

function lines(
  { tokens, offers }: Orders,
  rings: readonly FoundRing[],
  surplus: number,
): readonly string[] {
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  const shown: string[] = [];
  for (const [number, ring] of rings.slice(0, shownMax).entries()) {
    const worth = surplusOf(tokens, offersOf(byId, ring), [ring]).toPrecision(6);
    shown.push(`● ring ${number + 1}, of ${ring.orders.length} orders   surplus ${worth}`);
    for (const { id, sold, received } of ring.orders) {
      const offer = byId.get(id);
      shown.push(`    ${id}   sells ${sold} ${offer?.sell}   gets ${received} ${offer?.buy}`);
    }
  }
  const hidden = rings.length - shownMax;
  const more = hidden > 0 ? [`  … and ${hidden} more: --json has them all`] : [];
  const places = rings.reduce((sum, { orders }) => sum + orders.length, 0);
  const head = `${rings.length} rings, ${places} places   surplus ${surplus.toPrecision(6)}`;
  return [...shown, ...more, `  ${rings.length === 0 ? "no ring is worth its places" : head}`];
}

function offersOf(byId: ReadonlyMap<string, Offer>, { orders }: FoundRing): readonly Offer[] {
  return orders.flatMap(({ id }) => byId.get(id) ?? []);
}

/** Reads the file, whatever it holds; says where it is wrong. */
export function readOrders(bytes: Uint8Array): Outcome<Orders> {
  if (bytes.length > inputBytesMax) return wrong(`The file is longer than ${inputBytesMax} bytes.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    return wrong(`The file is not JSON in UTF-8${placeIn(cause)}.`);
  }
  if (!isRecord(parsed)) return wrong('The file is not an object {"tokens": […], "orders": […]}.');
  const tokens = readTokens(parsed["tokens"]);
  if (!tokens.ok) return tokens;
  const offers = readOffers(parsed["orders"], new Set(tokens.value.map(({ id }) => id)));
  if (!offers.ok) return offers;
  return { ok: true, value: { tokens: tokens.value, offers: offers.value } };
}

/** Where the parser stopped, if it says so. */
function placeIn(cause: unknown): string {
  const message = cause instanceof SyntaxError ? cause.message : "";
  if (/end of JSON input|unterminated/i.test(message)) return ": it ends too early";
  const [, position, place] =
    /at position (\d+)(?: \((line \d+ column \d+)\))?/.exec(message) ?? [];
  if (position !== undefined) return `: look at ${place ?? `character ${position}`}`;
  // Of a stray character the engine tells what stands around it.
  return message === "" ? "" : `: ${harmless(message.replace(/ is not valid JSON$/, ""))}`;
}

function readTokens(list: unknown): Outcome<readonly Token[]> {
  if (!Array.isArray(list) || list.length > tokensMax) {
    return wrong(`"tokens" is not a list of at most ${tokensMax}.`);
  }
  const tokens = new Map<string, Token>();
  for (const [number, item] of list.entries()) {
    const where = `Token ${number}`;
    if (!isRecord(item)) return wrong(`${where} is not an object.`);
    const { id, price } = item;
    if (!isId(id)) return wrong(`${where}: "id" is not a text of 1 to 100 characters.`);
    if (tokens.has(id)) return wrong(`${where}: there is another of its id.`);
    if (typeof price !== "number" || !(price >= 1e-60 && price <= 1e60)) {
      return wrong(`${where}: "price" is not a number from 1e-60 to 1e60.`);
    }
    tokens.set(id, { id, price });
  }
  return { ok: true, value: [...tokens.values()] };
}

function readOffers(list: unknown, tokens: ReadonlySet<string>): Outcome<readonly Offer[]> {
  if (!Array.isArray(list) || list.length > ordersMax) {
    return wrong(`"orders" is not a list of at most ${ordersMax}.`);
  }
  const offers = new Map<string, Offer>();
  for (const [number, item] of list.entries()) {
    const where = `Order ${number}`;
    if (!isRecord(item)) return wrong(`${where} is not an object.`);
    const { id, sell, buy } = item;
    if (!isId(id)) return wrong(`${where}: "id" is not a text of 1 to 100 characters.`);
    if (offers.has(id)) return wrong(`${where}: there is another of its id.`);
    if (!isId(sell) || !tokens.has(sell)) return wrong(`${where}: "sell" is none of the tokens.`);
    if (!isId(buy) || !tokens.has(buy)) return wrong(`${where}: "buy" is none of the tokens.`);
    if (sell === buy) return wrong(`${where}: it sells what it buys.`);
    const sellAmount = readAmount(item["sellAmount"]);
    const buyAmount = readAmount(item["buyAmount"]);
    if (sellAmount === undefined) return wrong(`${where}: "sellAmount" ${noAmount}`);
    if (buyAmount === undefined) return wrong(`${where}: "buyAmount" ${noAmount}`);
    offers.set(id, { id, sell, buy, sellAmount, buyAmount, sellMax: sellAmount });
  }
  return { ok: true, value: [...offers.values()] };
}

const noAmount = "is not a whole number from 1 below 2^128, as a text of digits.";

function readAmount(value: unknown): bigint | undefined {
  if (typeof value !== "string" || !/^[1-9]\d{0,38}$/.test(value)) return undefined;
  const amount = BigInt(value);
  return amount < 2n ** 128n ? amount : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[^\p{Cc}]{1,100}$/u.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(what: string): ReturnType<typeof trouble> {
  return trouble("E115", what, { meaning: "No ring was looked for." });
}
