/**
 * The letters of the benchmarks. Everybody trades GLD/BTC of the default configuration, prices in
 * steps of 0.00001 BTC around 0.042, one lot an order.
 *
 *   trading   each pair of letters, by two customers, is a sale and a purchase at one price: the
 *             first rests, the second takes it, so that the book stays as empty as it was
 *   resting   purchases below and sales above the market: nothing trades, everything rests
 *
 * The spread between the sides of `resting` is around the price of `trading`: the two do not meet.
 */
import { at } from "../src/codec/assert.ts";
import { parseReport } from "../src/letter/report.ts";
import type { SentLetter, TestCustomer } from "../src/testing/customer.ts";

export const market = "GLD/BTC";
const middle = 4200;
const depth = 200;

/** What every customer of a benchmark begins with, in units. */
export const funds = { BTC: 1_000_000_000_000, GLD: 10_000_000 } as const;

/** The command of letter `i` in a flow that trades. */
export function tradingOrder(i: number): string {
  return `${i % 2 === 0 ? "SELL" : "BUY"}|${market}|1|${middle}`;
}

/** Order `i` of those that rest. */
export function restingOrder(i: number): string {
  const away = 100 + (Math.floor(i / 2) % depth);
  return i % 2 === 0 ? `SELL|${market}|1|${middle + away}` : `BUY|${market}|1|${middle - away}`;
}

/** A letter and who wrote it, so that its answer can be opened. */
export type FlowLetter = SentLetter & { readonly by: TestCustomer };

/** Seals `count` letters beforehand, by all customers in turn; letter `i` holds `commands(i)`. */
export async function writeLetters(
  customers: readonly TestCustomer[],
  count: number,
  commands: (i: number) => readonly string[],
): Promise<readonly FlowLetter[]> {
  const letters: FlowLetter[] = [];
  for (let i = 0; i < count; i += 1) {
    const by = at(customers, i % customers.length);
    letters.push({ ...(await by.write(commands(i), 3_600_000)), by });
  }
  return letters;
}

/** Opens an answer as its customer would and insists that the letter did what it was for. */
export async function readAnswer(letter: FlowLetter, answer: Uint8Array): Promise<string> {
  const { text } = await letter.by.open(answer);
  const report = parseReport(text);
  if (!report.ok || report.value.kind !== "report") {
    throw new Error(`couldn't use an answer: it is no report\n${text.slice(0, 1000)}`);
  }
  if (report.value.answers?.orderId !== letter.orderId) {
    throw new Error("couldn't use an answer: it is to another letter");
  }
  if (report.value.records.some(({ kind }) => kind === "reject")) {
    throw new Error(`couldn't use an answer: a line was rejected\n${text.slice(0, 1000)}`);
  }
  return text;
}
