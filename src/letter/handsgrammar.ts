/**
 * The operators' commands (docs/spec/hands.md §1): CREDIT, APPROVE, REFUSE, PAID, HALT, RESUME and
 * SKIP, read.
 */
import { at } from "../codec/assert.ts";
import { accept, type Verdict } from "../codec/verdict.ts";
import type { Command, LineRefusal } from "./command.ts";
import {
  readFingerprint,
  readNumber,
  readSum,
  refuseMarket,
  refuseRemark,
  type Read,
} from "./fieldgrammar.ts";

/** The fields of CREDIT. */
export function credit(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 2), at(fields, 3));
  if (!sum.ok) return sum;
  const account = readFingerprint(at(fields, 1));
  if (!account.ok) return account;
  const number = readNumber(at(fields, 0), "deposit");
  if (!number.ok) return number;
  const evidence = at(fields, 4);
  const said = { deposit: number.value, account: account.value, ...sum.value, evidence };
  return refuseRemark(evidence, "evidence_malformed") ?? accept({ kind: "credit", ...said });
}

/** The fields of APPROVE. */
export function approve(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const sum = readSum(at(fields, 1), at(fields, 2));
  if (!sum.ok) return sum;
  const address = at(fields, 3);
  const addressRefused = refuseRemark(address, "address_malformed");
  if (addressRefused) return addressRefused;
  const number = readNumber(at(fields, 0), "withdrawal");
  if (!number.ok) return number;
  return accept({ kind: "approve", withdrawal: number.value, ...sum.value, address });
}

/** REFUSE, PAID and SKIP: a number and a piece of evidence. */
function settle(what: string, make: (number: number, evidence: string) => Command): Read {
  return (fields) => {
    const number = readNumber(at(fields, 0), what);
    if (!number.ok) return number;
    const evidence = at(fields, 1);
    const evidenceRefused = refuseRemark(evidence, "evidence_malformed");
    return evidenceRefused ?? accept(make(number.value, evidence));
  };
}

/** The fields of REFUSE. */
export const refuseRead: Read = settle("withdrawal", (withdrawal, evidence) => ({
  kind: "refuse",
  withdrawal,
  evidence,
}));
/** The fields of PAID. */
export const paidRead: Read = settle("withdrawal", (withdrawal, evidence) => ({
  kind: "paid",
  withdrawal,
  evidence,
}));
/** The fields of SKIP. */
export const skipRead: Read = settle("record", (record, evidence) => ({
  kind: "skip",
  record,
  evidence,
}));

/** The fields of HALT and RESUME. */
export function ofMarket(kind: "halt" | "resume"): Read {
  return (fields) => {
    const [market, evidence] = [at(fields, 0), at(fields, 1)];
    const refused = refuseMarket(market) ?? refuseRemark(evidence, "evidence_malformed");
    return refused ?? accept({ kind, market, evidence });
  };
}
