/**
 * What a watcher says of the chain, one fact a line (docs/spec/ring.md §9): `KIND|SUBJECT|VALUE`.
 * Strict: one text for one fact.
 *
 *   counter OWNER/NONCE    what was filled under that nonce; 2^128 - 1: cancelled
 *   epoch   OWNER          the owner's epoch
 *   funds   OWNER/TOKEN    the smaller of balance and of what the settlement may take
 *   accepts ORDERHASH      1: the owner is a contract and takes the order's signature for its own
 *   clock   -              time of the block, Unix seconds
 *   settled RINGHASH       the transaction in which the ring was settled
 *   fails   SUBMISSION     the name by which it would be refused now; `-`: it would go through
 */
import { type Address, type Hash, parseAddress, parseHash } from "../codec/ethereum.ts";

export type Fact =
  | {
      readonly kind: "counter";
      readonly owner: Address;
      readonly nonce: bigint;
      readonly value: bigint;
    }
  | { readonly kind: "epoch"; readonly owner: Address; readonly value: bigint }
  | {
      readonly kind: "funds";
      readonly owner: Address;
      readonly token: Address;
      readonly value: bigint;
    }
  | { readonly kind: "accepts"; readonly order: Hash; readonly value: bigint }
  | { readonly kind: "clock"; readonly value: bigint }
  | { readonly kind: "settled"; readonly ring: Hash; readonly transaction: Hash }
  | { readonly kind: "fails"; readonly submission: number; readonly name: string };

/** What a fact is about: facts with one key contradict or confirm each other. */
export function factKey(fact: Fact): string {
  return `${fact.kind} ${subjectOf(fact)}`;
}

function subjectOf(fact: Fact): string {
  switch (fact.kind) {
    case "counter":
      return `${fact.owner}/${fact.nonce}`;
    case "epoch":
      return fact.owner;
    case "funds":
      return `${fact.owner}/${fact.token}`;
    case "accepts":
      return fact.order;
    case "clock":
      return "-";
    case "settled":
      return fact.ring;
    case "fails":
      return String(fact.submission);
  }
}

function valueOf(fact: Fact): string {
  if (fact.kind === "settled") return fact.transaction;
  return fact.kind === "fails" ? fact.name : fact.value.toString();
}

/** `KIND|SUBJECT|VALUE`. */
export function printFact(fact: Fact): string {
  return `${fact.kind}|${subjectOf(fact)}|${valueOf(fact)}`;
}

/** The fact that three fields say; `undefined` for anything that is not the one text of a fact. */
export function parseFact(kind: string, subject: string, value: string): Fact | undefined {
  const fact = readFact(kind, subject, value);
  return fact !== undefined && printFact(fact) === `${kind}|${subject}|${value}` ? fact : undefined;
}

function readFact(kind: string, subject: string, value: string): Fact | undefined {
  switch (kind) {
    case "settled": {
      const [ring, transaction] = [parseHash(subject), parseHash(value)];
      return ring && transaction && { kind, ring, transaction };
    }
    case "fails": {
      const submission = /^[1-9]\d{0,14}$/.test(subject) ? Number(subject) : undefined;
      const isName = value === "-" || /^[A-Za-z][A-Za-z0-9]{0,39}$/.test(value);
      return submission !== undefined && isName ? { kind, submission, name: value } : undefined;
    }
    default:
      return readNumber(kind, subject, value);
  }
}

function readNumber(kind: string, subject: string, text: string): Fact | undefined {
  const [first = "", second = ""] = subject.split("/");
  const value = uint(text, 256);
  if (value === undefined) return undefined;
  const owner = parseAddress(first);
  switch (kind) {
    case "counter": {
      const nonce = uint(second, 96);
      return owner && nonce !== undefined ? { kind, owner, nonce, value } : undefined;
    }
    case "epoch":
      return owner && { kind, owner, value };
    case "funds": {
      const token = parseAddress(second);
      return owner && token && { kind, owner, token, value };
    }
    case "accepts": {
      const order = parseHash(subject);
      return order && value <= 1n ? { kind, order, value } : undefined;
    }
    case "clock":
      return { kind, value };
    default:
      return undefined;
  }
}

function uint(text: string, bits: number): bigint | undefined {
  if (!/^(?:0|[1-9]\d{0,77})$/.test(text)) return undefined;
  const number = BigInt(text);
  return number < 1n << BigInt(bits) ? number : undefined;
}
