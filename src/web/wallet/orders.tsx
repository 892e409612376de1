/** Open orders, each with what takes it back, and the trades that orders came to. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAsking, type Ask } from "./calls.ts";
import { Clock } from "./clock.tsx";
import type { AccountView, Draft, FillView, OrderView } from "./core/protocol.ts";
import { DeadManSwitch } from "./deadman.tsx";
import { goToHeading } from "./heading.tsx";
import { Replace } from "./replace.tsx";
import { SignSheet } from "./signsheet.tsx";
import { TroublePlace } from "./troublenote.tsx";

/** What is to be cancelled, one order or all of them, and the letter that would do it. */
type Wish = { readonly order: OrderView | undefined; readonly draft: Draft };

/** Orders that may still trade. */
export function OpenOrders(props: {
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { account, ask } = props;
  const open = account.orders.filter(({ isOpen }) => isOpen);
  const [wish, setWish] = useState<Wish | undefined>(undefined);
  const [changing, setChanging] = useState<OrderView | undefined>(undefined);
  const asking = useAsking();
  const cancel = async (order: OrderView | undefined): Promise<void> => {
    const work =
      order === undefined
        ? ask("cancelAll", { market: undefined })
        : ask("cancel", { order: order.key });
    const draft = await asking.run(work);
    if (draft !== undefined) setWish({ order, draft });
  };
  return (
    <section class="panel" aria-labelledby="orders">
      <div class="head">
        <h2 id="orders">Open orders</h2>
        {open.length > 1 ? (
          <button type="button" onClick={() => cancel(undefined)}>
            Cancel all {open.length}
          </button>
        ) : null}
      </div>
      {open.length === 0 ? <p class="dim">No order is open.</p> : null}
      {open.length === 0 ? null : (
        <OrderTable orders={open} acts={{ cancel, change: setChanging }} />
      )}
      <TroublePlace told={asking.trouble} />
      <DeadManSwitch account={account} ask={ask} />
      {changing === undefined ? null : (
        <Replace
          account={account}
          order={changing}
          ask={ask}
          onSent={() => {
            setChanging(undefined);
            goToHeading("journeys");
          }}
          onBack={() => setChanging(undefined)}
        />
      )}
      {wish === undefined ? null : (
        <SignSheet
          account={account}
          draft={wish.draft}
          title={
            wish.order === undefined ? "Cancel all open orders?" : `Cancel ${wish.order.name}?`
          }
          note={cancelSentence(wish, open.length)}
          ask={ask}
          onSent={() => {
            setWish(undefined);
            goToHeading("journeys");
          }}
          onBack={() => setWish(undefined)}
        />
      )}
    </section>
  );
}

function cancelSentence({ order }: Wish, count: number): string {
  const rest = "What trades before the exchange reads it has traded.";
  const what =
    order === undefined ? `all ${count}` : `${orderWords(order)}, ${order.open} still open`;
  return `This letter takes back ${what}. ${rest}`;
}

/** `buy 120.5 GLD/BTC at 0.04215`. */
function orderWords({ side, quantity, market, price }: OrderView): string {
  return `${side} ${quantity} ${market} ${price === undefined ? "at the market" : `at ${price}`}`;
}

/** What can be done with an order that is open. */
type Acts = {
  readonly cancel: (order: OrderView) => void;
  readonly change: (order: OrderView) => void;
};

/** Orders in a table; on a phone each becomes a block. */
export function OrderTable(props: {
  readonly orders: readonly OrderView[];
  readonly acts?: Acts;
}): JSX.Element {
  const { orders, acts } = props;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">order</th>
          <th scope="col">since (UTC)</th>
          <th scope="col">price</th>
          <th scope="col">quantity</th>
          <th scope="col">filled</th>
          <th scope="col">fee</th>
          <th scope="col">state</th>
          {acts === undefined ? null : (
            <th scope="col">
              <span class="unseen">change or cancel</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => (
          <OrderRow key={order.key} order={order} acts={acts} />
        ))}
      </tbody>
    </table>
  );
}

function OrderRow(props: {
  readonly order: OrderView;
  readonly acts: Acts | undefined;
}): JSX.Element {
  const { order, acts } = props;
  return (
    <tr>
      <th scope="row">
        <span class={order.side}>{order.side}</span> {order.market}{" "}
        <span class="dim small name">{order.name}</span>
      </th>
      <td data-label="since">
        <Clock at={order.since} />
      </td>
      <td data-label="price">
        {order.price ?? "market"}
        {order.terms.length === 0 ? null : <span class="dim small"> {order.terms.join(", ")}</span>}
      </td>
      <td data-label="quantity">{order.quantity}</td>
      <td data-label="filled">
        {order.filled}
        {order.averagePrice === undefined ? null : (
          <span class="dim small"> at {order.averagePrice}</span>
        )}
      </td>
      <td data-label="fee">
        {order.fee === undefined ? "–" : `${order.fee.amount} ${order.fee.asset}`}
      </td>
      <td data-label="state">
        {order.status.replace("_", " ")}
        {order.why === undefined ? null : <span class="dim small">: {order.why}</span>}
      </td>
      {acts === undefined ? null : <OrderActs order={order} acts={acts} />}
    </tr>
  );
}

function OrderActs({
  order,
  acts,
}: {
  readonly order: OrderView;
  readonly acts: Acts;
}): JSX.Element {
  return (
    <td>
      <div class="acts">
        <button
          type="button"
          aria-label={`Change ${order.name}`}
          onClick={() => acts.change(order)}
        >
          Change
        </button>
        <button
          type="button"
          aria-label={`Cancel ${order.name}`}
          onClick={() => acts.cancel(order)}
        >
          Cancel
        </button>
      </div>
    </td>
  );
}

/** Trades in a table. */
export function FillTable(props: { readonly fills: readonly FillView[] }): JSX.Element {
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">trade</th>
          <th scope="col">time (UTC)</th>
          <th scope="col">price</th>
          <th scope="col">quantity</th>
          <th scope="col">amount</th>
          <th scope="col">fee</th>
          <th scope="col">order</th>
        </tr>
      </thead>
      <tbody>
        {props.fills.map((fill) => (
          <tr key={`${fill.trade} ${fill.order}`}>
            <th scope="row">
              <span class={fill.side}>{fill.side === "buy" ? "bought" : "sold"}</span> {fill.market}{" "}
              <span class="dim small">#{fill.trade}</span>
            </th>
            <td data-label="time">
              <Clock at={fill.at} />
            </td>
            <td data-label="price">{fill.price}</td>
            <td data-label="quantity">{fill.quantity}</td>
            <td data-label="amount">
              {fill.amount.amount} {fill.amount.asset}
            </td>
            <td data-label="fee">
              {fill.fee.amount} {fill.fee.asset} <span class="dim small">{fill.role}</span>
            </td>
            <td data-label="order">
              <span class="name">{fill.orderName}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
