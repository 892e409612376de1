/**
 * Why the floor refuses a command, in order of precedence (docs/spec/book.md §9). In numbers, a
 * refusal is its place in the list plus one, and 0 is none.
 */
export const floorRefusals = [
  "market_unknown",
  "order_taken",
  "order_not_open",
  "phase_forbids",
  "kind_wrong",
  "price_not_on_tick",
  "price_too_high",
  "price_outside_limits",
  "quantity_too_small",
  "quantity_too_large",
  "expiry_passed",
  "orders_open_limit",
  "amount_too_large",
  "would_cross",
  "funds_short",
  "fok_unfillable",
] as const;

export type FloorRefusal = (typeof floorRefusals)[number];

/** The same in numbers. */
export const refusal = {
  marketUnknown: 1,
  orderTaken: 2,
  orderNotOpen: 3,
  phaseForbids: 4,
  kindWrong: 5,
  priceNotOnTick: 6,
  priceTooHigh: 7,
  priceOutsideLimits: 8,
  quantityTooSmall: 9,
  quantityTooLarge: 10,
  expiryPassed: 11,
  ordersOpenLimit: 12,
  amountTooLarge: 13,
  wouldCross: 14,
  fundsShort: 15,
  fokUnfillable: 16,
} as const;
