/**
 * What was really paid against what the ledger says: every difference, in words. The file is
 * written from the bank's or the chain's own records, never from the exchange's:
 *
 *   kind,number,asset,amount,evidence
 *   deposit,1,BTC,0.25,tx 5c1e…            money that arrived under the reference of deposit 1
 *   withdrawal,3,BTC,0.1,tx 90ab…          money that was paid for withdrawal 3
 *
 * Open requests are no difference. A withdrawal that is approved and not paid is one: the ledger
 * says that the money is gone.
 */
import { parseDecimal } from "../money/decimal.ts";
import { parseWhole } from "../money/amount.ts";
import type { Card } from "../letter/card.ts";
import { assetOf, printable, showAmount } from "../wallet/amounts.ts";
import { trouble, type Outcome } from "../wallet/errors.ts";
import type { Task } from "./tasks.ts";

/** A real payment. */
export type Payment = {
  readonly row: number;
  readonly kind: "deposit" | "withdrawal";
  readonly number: number;
  readonly asset: string;
  readonly amount: number;
  readonly evidence: string;
};

/** Where world and ledger differ. */
export type Difference = {
  readonly kind: Payment["kind"];
  readonly number: number;
  readonly name:
    | "unannounced"
    | "paid_twice"
    | "evidence_reused"
    | "asset_differs"
    | "amount_differs"
    | "not_credited"
    | "not_recorded"
    | "not_approved"
    | "payment_missing"
    | "refused_but_paid";
  readonly sentence: string;
};

const rowsMax = 100_000;
const header = "kind,number,asset,amount,evidence";

/** Reads the payments; one bad row refuses the file. */
export function readPayments(card: Card, text: string): Outcome<readonly Payment[]> {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines.length > rowsMax) return trouble("E115", `The file has more than ${rowsMax} rows.`);
  if (lines[0] !== header) return trouble("E115", `The first row is not \`${header}\`.`);
  const payments: Payment[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === "") continue;
    const payment = readPayment(card, line, index + 1);
    if (!payment.ok) return payment;
    payments.push(payment.value);
  }
  return { ok: true, value: payments };
}

function readPayment(card: Card, line: string, row: number): Outcome<Payment> {
  const cells = splitCells(line);
  const [kind, numberText = "", assetName = "", amountText = "", evidence = "", ...more] = cells;
  if (more.length > 0 || cells.length < 5) {
    return trouble("E115", `Row ${row} has ${cells.length} cells; five are wanted.`);
  }
  if (kind !== "deposit" && kind !== "withdrawal") {
    return trouble(
      "E115",
      `Row ${row}: ${printable(kind ?? "")} is neither deposit nor withdrawal.`,
    );
  }
  const number = parseWhole(numberText);
  if (number === undefined || number === 0) {
    return trouble("E115", `Row ${row}: ${printable(numberText)} is no number.`);
  }
  const asset = assetOf(card, assetName);
  if (!asset.ok) return { ...asset, what: `Row ${row}: ${asset.what}` };
  const amount = parseDecimal(amountText, asset.value.decimals);
  if (amount === undefined) {
    return trouble(
      "E115",
      `Row ${row}: ${printable(amountText)} is no amount of ${asset.value.name}.`,
    );
  }
  return { ok: true, value: { row, kind, number, asset: asset.value.name, amount, evidence } };
}

/**
 * Cells of one row: quotes around a cell, doubled inside (RFC 4180, without line ends in cells).
 */
function splitCells(line: string): readonly string[] {
  const cells: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
  for (const match of line.matchAll(pattern)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
  }
  return cells;
}

/** Every difference between the payments and the tasks, by kind and number. */
export function reconcile(
  card: Card,
  payments: readonly Payment[],
  tasks: readonly Task[],
): readonly Difference[] {
  const differences: Difference[] = [];
  const byName = new Map<string, Payment>();
  const byEvidence = new Map<string, Payment>();
  for (const payment of payments) {
    const name = `${payment.kind} ${payment.number}`;
    const earlier = byName.get(name);
    if (earlier) {
      const sentence = `rows ${earlier.row} and ${payment.row} both pay ${name}`;
      differences.push(difference(payment, "paid_twice", sentence));
      continue;
    }
    byName.set(name, payment);
    const twin = payment.evidence === "" ? undefined : byEvidence.get(payment.evidence);
    if (twin) {
      const same = printable(payment.evidence);
      const sentence = `rows ${twin.row} and ${payment.row} name the same evidence ${same}`;
      differences.push(difference(payment, "evidence_reused", sentence));
    }
    byEvidence.set(payment.evidence, payment);
  }
  const known = new Map(tasks.map((task) => [`${task.subject} ${task.number}`, task]));
  for (const [name, payment] of byName) {
    const task = known.get(name);
    const found = task
      ? compare(card, payment, task)
      : difference(payment, "unannounced", `money moved for ${name}, which no report knows`);
    if (found) differences.push(found);
  }
  for (const task of tasks) {
    const found = byName.has(`${task.subject} ${task.number}`) ? undefined : unpaid(card, task);
    if (found) differences.push(found);
  }
  return differences.sort(
    (a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) || a.number - b.number,
  );
}

function difference(
  about: { readonly kind: Payment["kind"]; readonly number: number },
  name: Difference["name"],
  sentence: string,
): Difference {
  return { kind: about.kind, number: about.number, name, sentence };
}

function compare(card: Card, payment: Payment, task: Task): Difference | undefined {
  const name = `${task.subject} ${task.number}`;
  if (payment.asset !== task.asset) {
    const sentence = `${name} is in ${task.asset}, the payment in ${payment.asset}`;
    return difference(payment, "asset_differs", sentence);
  }
  const paid = `${showAmount(card, payment.asset, payment.amount)} ${payment.asset}`;
  const said = `${showAmount(card, task.asset, task.amount)} ${task.asset}`;
  if (task.state === "refused") {
    return difference(payment, "refused_but_paid", `${name} was refused, and ${paid} was paid`);
  }
  if (task.state === "open") {
    return task.subject === "deposit"
      ? difference(payment, "not_credited", `${paid} arrived for ${name}, which is not credited`)
      : difference(payment, "not_approved", `${paid} was paid for ${name}, which is not approved`);
  }
  if (payment.amount !== task.amount) {
    const verb = task.subject === "deposit" ? "credited" : "approved";
    const sentence = `${name}: ${paid} really moved, ${said} was ${verb}`;
    return difference(payment, "amount_differs", sentence);
  }
  if (task.state === "approved") {
    const next = `signet hands paid ${task.number} EVIDENCE`;
    const sentence = `${name} was paid, and the ledger does not know: ${next}`;
    return difference(payment, "not_recorded", sentence);
  }
  return undefined;
}

function unpaid(card: Card, task: Task): Difference | undefined {
  const about = { kind: task.subject, number: task.number };
  const name = `${task.subject} ${task.number}`;
  const amount = `${showAmount(card, task.asset, task.amount)} ${task.asset}`;
  switch (task.state) {
    case "open":
    case "refused":
      return undefined;
    case "credited":
      return difference(
        about,
        "payment_missing",
        `${name}: ${amount} was credited, nothing arrived`,
      );
    case "approved":
      return difference(about, "payment_missing", `${name}: ${amount} is approved and not paid`);
    case "paid":
      return difference(
        about,
        "payment_missing",
        `${name} is recorded as paid, and nothing was paid`,
      );
  }
}

/** Sums of what really moved and of what the ledger says, per asset. */
export function totals(
  payments: readonly Payment[],
  tasks: readonly Task[],
): ReadonlyMap<string, { readonly world: number; readonly ledger: number }> {
  const sums = new Map<string, { world: number; ledger: number }>();
  const of = (asset: string): { world: number; ledger: number } => {
    const found = sums.get(asset) ?? { world: 0, ledger: 0 };
    sums.set(asset, found);
    return found;
  };
  for (const { kind, asset, amount } of payments) {
    of(asset).world += kind === "deposit" ? amount : -amount;
  }
  for (const { state, asset, amount } of tasks) {
    if (state === "credited") of(asset).ledger += amount;
    if (state === "approved" || state === "paid") of(asset).ledger -= amount;
  }
  return sums;
}
