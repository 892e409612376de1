/** What of the history is shown: by market, side, state and a word. */
import type { FillView, OrderView } from "./core/protocol.ts";

/** What is wanted; an empty text stands for everything. */
export type Wanted = {
  readonly market: string;
  readonly side: "" | "buy" | "sell";
  readonly status: "" | "open" | "filled" | "over";
  readonly word: string;
};

/** Everything. */
export const everything: Wanted = { market: "", side: "", status: "", word: "" };

function hasWord(texts: readonly (string | undefined)[], word: string): boolean {
  const sought = word.trim().toLowerCase().replace(/^#/, "").replaceAll("-", "");
  return texts.some((text) => text?.toLowerCase().replaceAll("-", "").includes(sought) === true);
}

function isOf(
  { market, side }: Wanted,
  row: { readonly market: string; readonly side: string },
): boolean {
  return (market === "" || row.market === market) && (side === "" || row.side === side);
}

function hasStatus(status: Wanted["status"], order: OrderView): boolean {
  switch (status) {
    case "":
      return true;
    case "open":
      return order.isOpen;
    case "filled":
      return order.status === "filled";
    case "over":
      return !order.isOpen && order.status !== "filled";
  }
}

/** The orders that are wanted. */
export function ordersWanted(wanted: Wanted, orders: readonly OrderView[]): readonly OrderView[] {
  return orders.filter(
    (order) =>
      isOf(wanted, order) &&
      hasStatus(wanted.status, order) &&
      hasWord([order.id, order.name, order.key, `${order.report}`], wanted.word),
  );
}

/** The trades that are wanted; a state says nothing about trades. */
export function fillsWanted(wanted: Wanted, fills: readonly FillView[]): readonly FillView[] {
  return fills.filter(
    (fill) =>
      isOf(wanted, fill) && hasWord([fill.orderName, fill.order, `${fill.trade}`], wanted.word),
  );
}
