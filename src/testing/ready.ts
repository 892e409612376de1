/** Customers who are registered and have money: where most tests begin. */
import { TestCustomer } from "./customer.ts";
import type { TestExchange } from "./exchange.ts";
import { at, type WalletCustomer } from "./walletcustomer.ts";

export type Funds = Readonly<Record<string, number>>;

const operators = new WeakMap<TestExchange, Promise<TestCustomer>>();

/** The operator, one for the whole test: whoever writes on a thread must know its last number. */
function operatorOf(exchange: TestExchange): Promise<TestCustomer> {
  const known = operators.get(exchange);
  if (known !== undefined) return known;
  const operator = TestCustomer.operator(exchange.url, exchange.dir);
  operators.set(exchange, operator);
  return operator;
}

/** A deposit that was announced, and what arrived of it, in units. */
type Arrived = {
  readonly number: number | string;
  readonly account: string;
  readonly asset: string;
  readonly units: number;
};

function creditLine({ number, account, asset, units }: Arrived): string {
  return `CREDIT|${number}|${account}|${asset}|${units}|slip-${number}`;
}

/** Credits a deposit. */
export async function credit(exchange: TestExchange, arrived: Arrived): Promise<void> {
  const operator = await operatorOf(exchange);
  await operator.say(exchange.url, [creditLine(arrived)]);
}

/** Has a wallet announce deposits, as people write them and in units, and credits them. */
export async function fundWallet(
  exchange: TestExchange,
  wallet: WalletCustomer,
  funds: Readonly<Record<string, readonly [shown: string, units: number]>>,
): Promise<void> {
  const mine = await wallet.json("card", "mine");
  const account = String(at(mine.data, "fingerprint"));
  for (const [asset, [shown, units]] of Object.entries(funds)) {
    const { data, err } = await wallet.json("deposit", shown, asset);
    const number = at(data, "lines", 0, "number");
    if (typeof number !== "number") throw new Error(`couldn't announce a deposit: ${err}`);
    await credit(exchange, { number, account, asset, units });
  }
}

/**
 * Registers `count` customers and gives each `funds`, in units, through the operator's own
 * letters.
 */
export async function readyCustomers(
  exchange: TestExchange,
  count: number,
  funds: Funds,
): Promise<readonly TestCustomer[]> {
  const operator = await operatorOf(exchange);
  const customers: TestCustomer[] = [];
  for (let number = 1; number <= count; number += 1) {
    const customer = await TestCustomer.create(exchange.url, number);
    await customer.register(exchange.url);
    const asks = Object.entries(funds).map(([asset, units]) => `DEPOSIT|${asset}|${units}`);
    const report = await customer.say(exchange.url, asks);
    const account = customer.key.fingerprint;
    const credits = report.records.flatMap((entry) =>
      entry.kind === "deposit" ? [creditLine({ ...entry, account, units: entry.announced })] : [],
    );
    await operator.say(exchange.url, credits);
    customers.push(customer);
  }
  return customers;
}
