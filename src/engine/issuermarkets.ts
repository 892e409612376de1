/** The markets of an asset that its issuer acts upon, and the orders on them. */
import { field, op } from "../floor/command.ts";
import { execute } from "./execution.ts";
import type { EndCause, Order, State, Venue } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The markets that trade an asset, or trade in it, in order of their numbers. */
export function marketsOf(state: State, asset: string): readonly Venue[] {
  return state.markets.filter(({ market }) => market.base === asset || market.quote === asset);
}

/** The open orders on them, oldest first. */
export function ordersOn(state: State, asset: string): readonly Order[] {
  const venues = new Set(marketsOf(state, asset));
  const orders = [...state.orders.values()].filter(({ venue }) => venues.has(venue));
  return orders.sort((a, b) => a.number - b.number);
}

/** Takes all of them out: nobody asked to, and `cause` says why. */
export function takeOrdersOut(turn: Turn, asset: string, cause: EndCause): void {
  for (const { account, number } of ordersOn(turn.state, asset)) {
    const fields = [
      [field.op, op.cancel],
      [field.account, account.number],
      [field.id, number],
    ] as const;
    execute(turn, fields, { cause });
  }
}
