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
  const parts = [name];
  for (const field of fields) {
    const part = String(field ?? "-");
    // A number has none.
    const isWhole = typeof field !== "string" || !part.includes("|");
    assert(isWhole, "no field of a record contains a bar");
    parts.push(part);
  }
  if (labels?.id !== undefined) parts.push(`id=${labels.id}`);
  if (labels?.tag !== undefined) parts.push(`tag=${labels.tag}`);
  return parts.join("|");
}
