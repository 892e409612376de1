/** A record's line from its parts: `NAME|field|…`, then what options it has, then its labels. */
import { assert } from "../codec/assert.ts";

/** The customer's own `id=` and `tag=` of the command that a record is about. */
export type Labels = { readonly id?: string | undefined; readonly tag?: string | undefined };

/** A record taken apart. A field that is `undefined` is printed as `-`. */
export type Printed = {
  readonly name: string;
  readonly fields: readonly (string | number | bigint | undefined)[];
  readonly labels?: Labels;
};

/** The line of a record. */
export function printRow({ name, fields, labels }: Printed): string {
  const parts = [name, ...fields.map((field) => String(field ?? "-"))];
  assert(!parts.some((part) => part.includes("|")), "no field of a record contains a bar");
  if (labels?.id !== undefined) parts.push(`id=${labels.id}`);
  if (labels?.tag !== undefined) parts.push(`tag=${labels.tag}`);
  return parts.join("|");
}
