/** A floor full of orders and balances, for what memory and snapshots cost. */
import { field, op, phase } from "../src/floor/command.ts";
import { Floor } from "../src/floor/floor.ts";
import { submit } from "../src/floor/steps.ts";
import { accountShift, streamListing } from "../src/floor/streamplay.ts";
import { outsideAccount } from "../src/ledger/balances.ts";
const { continuous: phaseContinuous } = phase;
const {
  account: fieldAccount,
  id: fieldId,
  market: fieldMarket,
  op: fieldOp,
  phase: fieldPhase,
  price: fieldPrice,
  quantity: fieldQuantity,
  side: fieldSide,
} = field;
const { enter: opEnter, phase: opPhase } = op;

/** A floor with resting orders at many prices, and a balance of each account in each asset. */
export function filledFloor(size: {
  readonly markets: number;
  readonly accounts: number;
  readonly orders: number;
}): Floor {
  const floor = new Floor({ ordersOpenMax: size.orders });
  const quote = floor.addAsset(Number.MAX_SAFE_INTEGER);
  const funds = Math.floor(9e15 / size.accounts);
  for (let i = 0; i < size.accounts; i += 1) {
    floor.balances.transfer(quote, outsideAccount, floor.addAccount(), funds);
  }
  const { command } = floor;
  for (let i = 0; i < size.markets; i += 1) {
    const base = floor.addAsset(Number.MAX_SAFE_INTEGER);
    for (let j = 0; j < size.accounts; j += 1) {
      floor.balances.transfer(base, outsideAccount, 2 + j, funds);
    }
    command[fieldMarket] = floor.addMarket({
      ...streamListing,
      base,
      quote,
      limitRate: 0,
      bandRate: 0,
    });
    command[fieldOp] = opPhase;
    command[fieldPhase] = phaseContinuous;
    submit(floor);
  }
  command[fieldOp] = opEnter;
  for (let i = 0; i < size.orders; i += 1) {
    command[fieldId] = i + 1;
    command[fieldMarket] = i % size.markets;
    command[fieldAccount] = accountShift + ((Math.imul(i, 7919) >>> 0) % size.accounts);
    command[fieldSide] = (i >> 7) & 1;
    const away = (Math.imul(i, 2_654_435) >>> 8) % 5000;
    command[fieldPrice] = command[fieldSide] === 0 ? 100_000 - away : 100_001 + away;
    command[fieldQuantity] = 1 + (i % 100);
    submit(floor);
  }
  return floor;
}
