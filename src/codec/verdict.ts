/**
 * The second of the three failures: the customer or a peer was wrong. A refusal is a returned value
 * with a stable name and the facts behind it; it is never thrown and never an assertion.
 */

export type Refused<Name extends string> = {
  readonly ok: false;
  readonly name: Name;
  /** One ASCII sentence with the facts: what was wrong and, where it helps, what would be right. */
  readonly detail: string;
};

export type Verdict<Value, Name extends string> =
  | { readonly ok: true; readonly value: Value }
  | Refused<Name>;

export function refuse<Name extends string>(name: Name, detail: string): Refused<Name> {
  return { ok: false, name, detail };
}

export function accept<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}
