/** Customers who are registered and have money: where most tests begin. */
import { TestCustomer } from "./customer.ts";
import type { TestExchange } from "./exchange.ts";

export type Funds = Readonly<Record<string, number>>;

/**
 * Registers `count` customers and gives each `funds`, in units, through the operator's own
 * letters.
 */
export async function readyCustomers(
  exchange: TestExchange,
  count: number,
  funds: Funds,
): Promise<readonly TestCustomer[]> {
  const operator = await TestCustomer.operator(exchange.url, exchange.dir);
  const customers: TestCustomer[] = [];
  for (let number = 1; number <= count; number += 1) {
    const customer = await TestCustomer.create(exchange.url, number);
    await customer.register(exchange.url);
    const asks = Object.entries(funds).map(([asset, units]) => `DEPOSIT|${asset}|${units}`);
    const report = await customer.say(exchange.url, asks);
    const credits = report.records.flatMap((entry) =>
      entry.kind === "deposit"
        ? [`CREDIT|${entry.number}|${entry.announced}|slip-${entry.number}`]
        : [],
    );
    await operator.say(exchange.url, credits);
    customers.push(customer);
  }
  return customers;
}
