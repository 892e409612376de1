/** Everything that was ordered and traded, with filters, and files for spreadsheets. */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { saveFile, useAsking, type Ask } from "./calls.ts";
import type { AccountView } from "./core/protocol.ts";
import { everything, fillsWanted, ordersWanted, type Wanted } from "./historyfilter.ts";
import { FillTable, OrderTable } from "./orders.tsx";
import { TroublePlace } from "./troublenote.tsx";

/** Rows that are drawn at once. */
const pageRows = 50;

const files = [
  ["orders", "Orders"],
  ["fills", "Trades"],
  ["funds", "Money in and out"],
] as const;

/** Orders and trades, newest first. */
export function History(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const [wanted, setWanted] = useState(everything);
  const [most, setMost] = useState(pageRows);
  const asking = useAsking();
  const orders = ordersWanted(wanted, account.orders);
  const fills = fillsWanted(wanted, account.fills);
  const set = (change: Partial<Wanted>): void => {
    setWanted({ ...wanted, ...change });
    setMost(pageRows);
  };
  const save = async (kind: "orders" | "fills" | "funds"): Promise<void> => {
    const file = await asking.run(ask("csv", { kind }));
    if (file !== undefined) saveFile(file);
  };
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">History</h2>
      <Filters account={account} wanted={wanted} set={set} />
      <h3>Orders ({orders.length})</h3>
      {orders.length === 0 ? <p class="dim">None.</p> : null}
      {orders.length === 0 ? null : <OrderTable orders={orders.slice(0, most)} />}
      <h3>Trades ({fills.length})</h3>
      {fills.length === 0 ? <p class="dim">None.</p> : null}
      {fills.length === 0 ? null : <FillTable fills={fills.slice(0, most)} />}
      {Math.max(orders.length, fills.length) > most ? (
        <button type="button" class="quiet" onClick={() => setMost(most + pageRows)}>
          Show more
        </button>
      ) : null}
      <h3>Files for a spreadsheet</h3>
      <p class="buttons start">
        {files.map(([kind, label]) => (
          <button key={kind} type="button" disabled={asking.busy} onClick={() => save(kind)}>
            {label} (CSV)
          </button>
        ))}
      </p>
      <TroublePlace told={asking.trouble} />
    </section>
  );
}

function Filters(props: {
  readonly account: AccountView;
  readonly wanted: Wanted;
  readonly set: (change: Partial<Wanted>) => void;
}): JSX.Element {
  const { account, wanted, set } = props;
  const word = useId();
  const markets = account.exchange.markets.map(({ name }) => [name, name] as const);
  return (
    <div class="filters" role="group" aria-label="Show only">
      <Select
        label="Market"
        chosen={wanted.market}
        options={[["", "all"], ...markets]}
        onChoose={(market) => set({ market })}
      />
      <Select
        label="Side"
        chosen={wanted.side}
        options={[
          ["", "both"],
          ["buy", "buy"],
          ["sell", "sell"],
        ]}
        onChoose={(side) => set({ side })}
      />
      <Select
        label="State"
        chosen={wanted.status}
        options={[
          ["", "all"],
          ["open", "open"],
          ["filled", "filled"],
          ["over", "cancelled or expired"],
        ]}
        onChoose={(status) => set({ status })}
      />
      <div class="field">
        <label htmlFor={word}>Name, id, trade or report</label>
        <input
          id={word}
          type="search"
          value={wanted.word}
          onInput={(event) => set({ word: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

/** A list to choose from. */
export function Select<Value extends string>(props: {
  readonly label: string;
  readonly chosen: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChoose: (value: Value) => void;
}): JSX.Element {
  const { label, chosen, options, onChoose } = props;
  const id = useId();
  const choose = (value: string): void => {
    const found = options.find(([option]) => option === value);
    if (found !== undefined) onChoose(found[0]);
  };
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([value, shown]) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  );
}
