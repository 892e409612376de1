/**
 * JSON Schema (2020-12, the part that OpenAPI 3.1 takes) in small pieces, and what a route says of
 * itself: the schemas that its requests are checked by, and what it answers. The checks and the
 * page about them (openapi.ts) are made of the same objects, so that neither can be wrong alone.
 */

/** A schema. */
export type Schema = { readonly [keyword: string]: unknown };

/** One answer of a route. */
export type Answer = {
  readonly says: string;
  /** Its content type; none: no body. */
  readonly type?: string;
  readonly schema?: Schema;
};

/** A route as it is checked and as it is told. */
export type Described = {
  readonly summary: string;
  readonly params?: Schema;
  readonly querystring?: Schema;
  /** What is sent to it: a content type, and what that holds. */
  readonly takes?: { readonly type: string; readonly says: string };
  /** By status; problems (docs/spec/receipt.md §3) by their status alone. */
  readonly answers: { readonly [status: string]: Answer };
  readonly problems?: readonly number[];
};

export const text: Schema = { type: "string" };
export const whole: Schema = { type: "integer", minimum: 0 };
export const truth: Schema = { type: "boolean" };
export const decimal: Schema = { type: "string", pattern: "^(0|[1-9][0-9]*)([.][0-9]+)?$" };
export const rate: Schema = { type: "string", pattern: "^(0|[1-9][0-9]*)([.][0-9]+)?%$" };
export const moment: Schema = {
  type: "string",
  format: "date-time",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$",
};
export const crc: Schema = { type: "integer", minimum: 0, maximum: 4_294_967_295 };

/** Digits that are written as text because a double might not hold them. */
export const digits: Schema = { type: "string", pattern: "^(0|[1-9][0-9]*)$" };

/** `0x` and lower-case hex; `bytes` bytes, or any number of them. */
export function hex(bytes?: number): Schema {
  const count = bytes === undefined ? "*" : `{${bytes * 2}}`;
  return { type: "string", pattern: `^0x[0-9a-f]${count}$` };
}

/** An object with these fields, all of them and no other. */
export function object(properties: { readonly [name: string]: Schema }): Schema {
  const required = Object.keys(properties);
  return { type: "object", properties, required, additionalProperties: false };
}

export function list(items: Schema): Schema {
  return { type: "array", items };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** A whole number in a query or path: digits without sign or leading zero. */
export function number(description: string): Schema {
  return { type: "string", pattern: "^(0|[1-9][0-9]{0,14})$", description };
}

/** The name of a market in a query. */
export const marketName: Schema = {
  type: "string",
  minLength: 3,
  maxLength: 100,
  description: "BASE/QUOTE",
};

/** What a query may have, and of that what it must have. */
export function query(
  properties: { readonly [name: string]: Schema },
  required: readonly string[] = [],
): Schema {
  return { type: "object", properties, required: [...required] };
}

/** An answer in JSON. */
export function json(says: string, schema: Schema): { readonly 200: Answer } {
  return { 200: { says, type: "application/json", schema } };
}

/** An answer in plain text. */
export function plain(says: string, type = "text/plain"): { readonly 200: Answer } {
  return { 200: { says, type } };
}
