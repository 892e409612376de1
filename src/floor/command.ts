/**
 * What the floor is told: one row of float64, which the caller fills and `submit` reads. Every
 * field is a whole number; which of them a command reads is in the table, the others may hold
 * anything.
 *
 *   enter        account market id side tif kind prevention price quantity trigger expiry cap
 *   cancel       account id
 *   replace      account id price quantity trigger        0 keeps what it was
 *   reduce       account id quantity
 *   cancelAll    account market side                      -1: all of them
 *   cancelAfter  account expiry                           0: off
 *   phase        market phase
 *   reference    market price
 *   tick         nothing: what is due by then happens
 *
 * All of them read `time`, in milliseconds, which never goes back.
 */

/** Where a field stands in the row. */
export const field = {
  op: 0,
  time: 1,
  account: 2,
  market: 3,
  id: 4,
  side: 5,
  tif: 6,
  kind: 7,
  prevention: 8,
  price: 9,
  quantity: 10,
  trigger: 11,
  expiry: 12,
  cap: 13,
  phase: 14,
} as const;

export const fieldsMax = 16;

export const op = {
  enter: 1,
  cancel: 2,
  replace: 3,
  reduce: 4,
  cancelAll: 5,
  cancelAfter: 6,
  phase: 7,
  reference: 8,
  tick: 9,
} as const;

export const side = { buy: 0, sell: 1 } as const;

/** Time in force. */
export const tif = { gtc: 0, ioc: 1, fok: 2, postOnly: 3, day: 4, gtd: 5 } as const;

export const kind = { limit: 0, market: 1 } as const;

/** What an incoming order asks for when it meets one of its own account. */
export const prevention = { newest: 0, oldest: 1, both: 2 } as const;

export const phase = {
  closed: 0,
  preOpen: 1,
  openingCall: 2,
  continuous: 3,
  halt: 4,
  volatilityCall: 5,
  closingCall: 6,
} as const;
