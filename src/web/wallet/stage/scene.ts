/**
 * An account in the middle of things, for the tests of the screens: an order that rests, one that
 * is not known yet, one that is void, a missing report, a relay that lied. Nothing here is shipped.
 */
import { fingerprint } from "../../../codec/names.ts";
import { keyNumber } from "../../../codec/keynumber.ts";
import { amount, price, quantity } from "../../../money/amount.ts";
import { noLimits, type Asset, type Market } from "../../../money/market.ts";
import type { AccountView, DotView, FateView, JourneyView, OrderView } from "../core/protocol.ts";

const exchange = fingerprint("49979888511191774776929750563049979888ab");
const gold: Market = {
  name: "GLD/BTC",
  base: "GLD",
  quote: "BTC",
  lot: amount(1),
  unit: amount(100),
  tick: price(1),
  priceDecimals: 5,
  priceMax: price(10_000_000),
  quantityMin: quantity(1),
  quantityMax: quantity(1_000_000),
  makerRate: 0,
  takerRate: 2000,
  ...noLimits,
};
const assets: readonly Asset[] = [
  { name: "BTC", decimals: 8, supplyMax: amount(2_100_000_000_000_000) },
  { name: "GLD", decimals: 1, supplyMax: amount(1_000_000_000) },
];
const owner = fingerprint("1885085226279871822692468867440515074405");
const day = "2026-11-21T";
const ref = "6d0c44ab".repeat(8);

/** The text of a letter with one command. */
export function letterOf(command: string, seq = 42): string {
  const head = `signet/1 ${exchange}\nseq ${seq}\nby ${day}12:01:00Z`;
  return `${head}\n${command}\npad ${".".repeat(860)}\n`;
}

const labels: Readonly<Record<DotView["key"], string>> = {
  written: "written",
  carried: "carried by 3 of 3",
  read: "read",
  matched: "matched",
  final: "final",
};

function dots(states: readonly DotView["state"][], said: Partial<typeof labels>): DotView[] {
  const keys = ["written", "carried", "read", "matched", "final"] as const;
  return keys.map((key, index) => {
    const state = states[index] ?? "todo";
    return {
      key,
      state,
      label: said[key] ?? labels[key],
      at: state === "done" ? `${day}12:00:0${index}.${index}40Z` : undefined,
      detail: key === "carried" ? "alder 42 ms, birch 61 ms, cedar 180 ms." : "",
      proof: state === "done" ? `${key}.txt` : undefined,
    };
  });
}

function fate(kind: FateView["kind"], sentence: string, more: Partial<FateView> = {}): FateView {
  return { kind, sentence, until: undefined, code: undefined, ...more };
}

const base = { ref, orderId: ref, at: `${day}12:00:00.000Z`, by: `${day}12:01:00Z`, bytes: 1262 };

/** The order that rests, as it comes to be matched. */
export const resting: JourneyView = {
  ...base,
  name: "0-42",
  id: "desk-42",
  words:
    "Buy 120.5 GLD for BTC at 0.04215 each or less, at most 5.08923315 BTC with the fee; until cancelled. You call it desk-42.",
  text: letterOf("BUY|GLD/BTC|1205|4215|id=desk-42"),
  dots: dots(["done", "done", "done", "done", "now"], {
    matched: "40 of 120.5 filled",
    final: "on the book",
  }),
  fate: fate("resting", "Partly filled: 40 of 120.5 at 0.04215; the rest is on the book."),
  again: undefined,
};

/** One of which nobody knows yet. */
export function unknownUntil(until: string): JourneyView {
  return {
    ...base,
    name: "0-43",
    id: "desk-43",
    at: new Date(Date.parse(until) - 60_000).toISOString(),
    by: until,
    words:
      "Sell 10 GLD for BTC at 0.0431 each or more, for at least 0.430138 BTC after the fee; until cancelled. You call it desk-43.",
    text: letterOf("SELL|GLD/BTC|100|4310|id=desk-43", 43),
    dots: dots(["done", "done", "now", "todo", "todo"], {
      carried: "carried by 1 of 3",
      read: "not read yet",
    }),
    fate: fate(
      "unknown",
      "The exchange has not said that it read this. Do not type it again: the same bytes are sent on.",
      { until, code: "E501" },
    ),
    again: "same",
  };
}

/** One that was proved void. */
export const voided: JourneyView = {
  ...base,
  name: "0-41",
  id: "desk-41",
  words:
    "Buy 10 GLD for BTC at 0.0421 each or less, at most 0.421842 BTC with the fee; until cancelled. You call it desk-41.",
  text: letterOf("BUY|GLD/BTC|100|4210|id=desk-41", 41),
  dots: dots(["done", "done", "failed", "todo", "todo"], { read: "never read" }),
  fate: fate(
    "void",
    "Void: the exchange did not read it by its deadline, which is proved. Nothing was bought.",
    {
      code: "E508",
    },
  ),
  again: "anew",
};

function order(change: Partial<OrderView>): OrderView {
  return {
    key: `${"5c1e".repeat(16)}.1`,
    name: "desk-42",
    id: "desk-42",
    market: "GLD/BTC",
    side: "buy",
    quantity: "120.5",
    price: "0.04215",
    filled: "40",
    open: "80.5",
    status: "partly_filled",
    isOpen: true,
    stop: undefined,
    terms: [],
    why: undefined,
    averagePrice: "0.04215",
    fee: { amount: "0.003372", asset: "BTC" },
    expiry: undefined,
    since: `${day}12:00:02.340Z`,
    at: `${day}12:00:03.340Z`,
    report: 17,
    ...change,
  };
}

const over = { isOpen: false, open: "0" } as const;

/** The account that is shown. */
export const account: AccountView = {
  keyNumber: keyNumber(owner),
  fingerprint: owner,
  registered: true,
  isCompared: true,
  registration: { kind: "done" },
  cold: false,
  storage: { kind: "kept", ways: ["passphrase"], persistent: false },
  exchange: {
    keyNumber: keyNumber(exchange),
    fingerprint: exchange,
    name: "alder.example",
    markets: [gold],
    assets,
    operators: { need: 2, of: 3 },
    at: `${day}11:00:00.000Z`,
  },
  clock: { offsetMs: 300 },
  relays: [
    {
      name: "alder",
      url: "https://alder.example",
      state: "good",
      ms: 42,
      why: undefined,
      code: undefined,
      at: undefined,
      isOnCard: true,
    },
    {
      name: "birch",
      url: "https://birch.example",
      state: "lied",
      ms: undefined,
      why: "It gave a reply that is signed by another key.",
      code: "E601",
      at: `${day}11:59:00Z`,
      isOnCard: true,
    },
    {
      name: "cedar",
      url: "https://cedar.example",
      state: "silent",
      ms: undefined,
      why: "No answer for 4 minutes.",
      code: undefined,
      at: undefined,
      isOnCard: true,
    },
  ],
  balances: [
    { asset: "BTC", total: "8.2483", free: "4.855294", held: "3.393006" },
    { asset: "GLD", total: "40", free: "40", held: "0" },
  ],
  journeys: [resting],
  orders: [
    order({}),
    order({
      key: "a.1",
      name: "desk-40",
      id: "desk-40",
      side: "sell",
      price: "0.0431",
      filled: "0",
      open: "25",
      quantity: "25",
      status: "resting",
      averagePrice: undefined,
      fee: undefined,
      report: 16,
    }),
    order({
      key: "e.1",
      name: "guard-1",
      id: "guard-1",
      side: "sell",
      price: undefined,
      filled: "0",
      open: "40",
      quantity: "40",
      status: "waiting",
      stop: "0.0415",
      terms: ["stop 0.0415", "day"],
      averagePrice: undefined,
      fee: undefined,
      report: 16,
    }),
    order({
      ...over,
      key: "b.1",
      name: "5c1e-77d0-12ab-90fe-3310.1",
      id: undefined,
      filled: "120.5",
      status: "filled",
      since: "2026-11-20T09:30:00Z",
      report: 12,
    }),
    order({
      ...over,
      key: "c.1",
      name: "desk-30",
      id: "desk-30",
      price: undefined,
      status: "cancelled",
      terms: ["cap 0.1 BTC"],
      why: "its cap pays for no more",
      since: "2026-11-19T09:30:00Z",
      report: 9,
    }),
  ],
  cancelAfter: `${day}18:00:00Z`,
  fills: [1, 2, 3].map((trade) => ({
    trade: 880 + trade,
    order: `${"5c1e".repeat(16)}.1`,
    orderName: "desk-42",
    market: "GLD/BTC",
    side: trade === 2 ? "sell" : "buy",
    quantity: `${trade}0`,
    price: "0.04215",
    amount: { amount: "0.4215", asset: "BTC" },
    fee: { amount: "0.000843", asset: "BTC" },
    role: trade === 1 ? "maker" : "taker",
    at: `${day}12:00:03.340Z`,
    report: 17,
  })),
  deposits: [
    {
      number: 4,
      asset: "BTC",
      announced: "0.25",
      credited: "0",
      state: "awaited",
      reference: "deposit 4",
      at: `${day}11:58:00Z`,
      report: 15,
    },
    {
      number: 3,
      asset: "BTC",
      announced: "8",
      credited: "8",
      state: "credited",
      reference: "deposit 3",
      at: "2026-11-20T11:58:00Z",
      report: 3,
    },
  ],
  withdrawals: [
    {
      number: 2,
      asset: "BTC",
      amount: "0.1",
      address: "bc1q7d3k9w0xq5ve",
      state: "waiting",
      at: `${day}11:58:30Z`,
      report: 16,
    },
    {
      number: 1,
      asset: "BTC",
      amount: "0.05",
      address: "bc1q7d3k9w0xq5ve",
      state: "refused",
      at: "2026-11-20T12:58:30Z",
      report: 7,
    },
  ],
  reports: Array.from({ length: 17 }, (_, index) => ({
    number: index + 1,
    at: `${day}11:5${index % 10}:00Z`,
    missing: index === 13,
    what: index === 13 ? "" : `Order desk-${index + 25} rests on the book.`,
  })),
  lastHeard: `${day}12:00:05Z`,
  isSynchronising: false,
  troubles: [],
};
