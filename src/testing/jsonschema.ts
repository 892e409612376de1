/**
 * A strict little JSON Schema: the keywords that our schemas use and no others, so that a schema
 * that says something unknown is wrong, not ignored. Says where a value does not fit.
 */

const known = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "enum",
  "pattern",
  "format",
  "anyOf",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "description",
]);

type Keywords = Readonly<Record<string, unknown>>;

function keywords(schema: unknown): Keywords {
  if (typeof schema !== "object" || schema === null) throw new Error("couldn't read a schema");
  const found = Object.fromEntries(Object.entries(schema));
  const strange = Object.keys(found).find((name) => !known.has(name));
  if (strange !== undefined) throw new Error(`couldn't read the keyword ${strange}`);
  return found;
}

/** Where and why the value does not fit the schema; nothing if it fits. */
export function misfit(value: unknown, schema: unknown, at = "$"): string | undefined {
  const said = keywords(schema);
  const { anyOf, type } = said;
  if (Array.isArray(anyOf)) {
    const faults = anyOf.map((each) => misfit(value, each, at));
    return faults.includes(undefined) ? undefined : faults.join(" and ");
  }
  if (type !== undefined && !isOf(value, type)) return `${at} is no ${String(type)}`;
  if (Array.isArray(said["enum"]) && !said["enum"].includes(value)) return `${at} is not listed`;
  if (typeof value === "string") return textMisfit(value, said, at);
  if (typeof value === "number") {
    const { minimum = -Infinity, maximum = Infinity } = said;
    return value < Number(minimum) || value > Number(maximum)
      ? `${at} is out of bounds`
      : undefined;
  }
  if (Array.isArray(value)) {
    const faults = value.map((each, i) => misfit(each, said["items"] ?? {}, `${at}[${i}]`));
    return faults.find((fault) => fault !== undefined);
  }
  if (typeof value === "object" && value !== null) return objectMisfit(value, said, at);
  return undefined;
}

function isOf(value: unknown, type: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function textMisfit(value: string, said: Keywords, at: string): string | undefined {
  const { pattern } = said;
  if (pattern === undefined || new RegExp(String(pattern), "u").test(value)) return undefined;
  return `${at} is ${JSON.stringify(value)}, not ${String(pattern)}`;
}

function objectMisfit(value: object, said: Keywords, at: string): string | undefined {
  const { required = [], additionalProperties: rest = true } = said;
  const properties = Object.entries(said["properties"] ?? {});
  const missing = Array.isArray(required) && required.find((name) => !Object.hasOwn(value, name));
  if (typeof missing === "string") return `${at}.${missing} is missing`;
  for (const [name, each] of Object.entries(value)) {
    const schema = properties.find(([known]) => known === name)?.[1] ?? rest;
    if (schema === false) return `${at}.${name} is not documented`;
    if (schema === true) continue;
    const fault = misfit(each, schema, `${at}.${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
