/**
 * What came of a step: rows of 80 bytes in one buffer that is never given up, read by index until
 * the next step begins. A row is 20 × int32, of which the first six are ints and the rest 7 ×
 * float64.
 *
 *   kind       ints: market account other side flags     numbers: id otherId price quantity fee
 *                                                        otherFee number
 *   rejected   market account · op · refusal             id
 *   trade      market, taker's and maker's account,      both ids, price, lots, both fees, the
 *              taker's side · 1 maker done, 2 taker      trade's number
 *              done, 4 uncross: the taker is the buy
 *   rested     market account · side                     id, price, open
 *   waiting    market account · side                     id, trigger, open        a stop waits
 *   triggered  market account · side                     id, trigger
 *   reduced    market account · side                     id, price, open          it kept its place
 *   ended      market account · side · why               id, price, what was still open
 *   phase      market · flags: phase                     price: last trade
 *   uncrossed  market                                    price, lots
 *   switched   account                                   number: when, 0 off
 *   fired      account                                   a switch took its orders out
 */

export const event = {
  rejected: 1,
  trade: 2,
  rested: 3,
  waiting: 4,
  triggered: 5,
  reduced: 6,
  ended: 7,
  phase: 8,
  uncrossed: 9,
  switched: 10,
  fired: 11,
} as const;

/** Why an order ended with something open. */
export const end = {
  cancelled: 1,
  expired: 2,
  /** It may not rest: IOC or market. */
  immediate: 3,
  /** It met one of its own account. */
  ownOrder: 4,
  /** Its cap does not pay for another lot. */
  cap: 5,
  /** A stop that was set off and cannot be paid any more. */
  funds: 6,
} as const;

/** Set in the flags of a trade. */
export const tradeFlag = { makerDone: 1, takerDone: 2, uncross: 4 } as const;

const intsOf = 20;
const numbersOf = 10;

const intAt = { kind: 0, market: 1, account: 2, other: 3, side: 4, flags: 5 } as const;
const numberAt = {
  id: 3,
  otherId: 4,
  price: 5,
  quantity: 6,
  fee: 7,
  otherFee: 8,
  number: 9,
} as const;

/** The events of one step, by index from 0 to `count` - 1. */
export class Events {
  count = 0;
  private numbers: Float64Array = new Float64Array(256 * numbersOf);
  private ints: Int32Array = new Int32Array(this.numbers.buffer);

  kind(index: number): number {
    return this.ints[index * intsOf] ?? 0;
  }

  market(index: number): number {
    return this.ints[index * intsOf + intAt.market] ?? 0;
  }

  account(index: number): number {
    return this.ints[index * intsOf + intAt.account] ?? 0;
  }

  /** Of a trade: the maker's account. */
  other(index: number): number {
    return this.ints[index * intsOf + intAt.other] ?? 0;
  }

  side(index: number): number {
    return this.ints[index * intsOf + intAt.side] ?? 0;
  }

  flags(index: number): number {
    return this.ints[index * intsOf + intAt.flags] ?? 0;
  }

  id(index: number): number {
    return this.numbers[index * numbersOf + numberAt.id] ?? 0;
  }

  /** Of a trade: the maker's id. */
  otherId(index: number): number {
    return this.numbers[index * numbersOf + numberAt.otherId] ?? 0;
  }

  price(index: number): number {
    return this.numbers[index * numbersOf + numberAt.price] ?? 0;
  }

  quantity(index: number): number {
    return this.numbers[index * numbersOf + numberAt.quantity] ?? 0;
  }

  fee(index: number): number {
    return this.numbers[index * numbersOf + numberAt.fee] ?? 0;
  }

  otherFee(index: number): number {
    return this.numbers[index * numbersOf + numberAt.otherFee] ?? 0;
  }

  number(index: number): number {
    return this.numbers[index * numbersOf + numberAt.number] ?? 0;
  }

  /** Room for the next event: its first column in `numbers`; the writer fills it. */
  next(): number {
    const at = this.count * numbersOf;
    if (at === this.numbers.length) this.grow();
    this.count += 1;
    return at;
  }

  /** Adds an event about one order. */
  add(
    what: number,
    market: number,
    account: number,
    side: number,
    id: number,
    price: number,
    quantity: number,
  ): void {
    const at = this.next();
    const { ints, numbers } = this;
    const first = at << 1;
    ints[first + intAt.kind] = what;
    ints[first + intAt.market] = market;
    ints[first + intAt.account] = account;
    ints[first + intAt.other] = 0;
    ints[first + intAt.side] = side;
    ints[first + intAt.flags] = 0;
    numbers[at + numberAt.id] = id;
    numbers[at + numberAt.otherId] = 0;
    numbers[at + numberAt.price] = price;
    numbers[at + numberAt.quantity] = quantity;
  }

  /** Writes the ints of the row at `at`. */
  setInts(at: number, what: number, market: number, account: number, other: number): void {
    const { ints } = this;
    const first = at << 1;
    ints[first + intAt.kind] = what;
    ints[first + intAt.market] = market;
    ints[first + intAt.account] = account;
    ints[first + intAt.other] = other;
  }

  setFlags(at: number, side: number, flags: number): void {
    this.ints[(at << 1) + intAt.side] = side;
    this.ints[(at << 1) + intAt.flags] = flags;
  }

  setIds(at: number, id: number, otherId: number): void {
    this.numbers[at + numberAt.id] = id;
    this.numbers[at + numberAt.otherId] = otherId;
  }

  setTerms(at: number, price: number, quantity: number): void {
    this.numbers[at + numberAt.price] = price;
    this.numbers[at + numberAt.quantity] = quantity;
  }

  setFees(at: number, fee: number, otherFee: number): void {
    this.numbers[at + numberAt.fee] = fee;
    this.numbers[at + numberAt.otherFee] = otherFee;
  }

  setNumber(at: number, number: number): void {
    this.numbers[at + numberAt.number] = number;
  }

  private grow(): void {
    const numbers = new Float64Array(this.numbers.length * 2);
    numbers.set(this.numbers);
    this.numbers = numbers;
    this.ints = new Int32Array(numbers.buffer);
  }
}
