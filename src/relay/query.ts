/** The few values that requests carry in paths and queries, read strictly. */

/** One value of the query; `undefined` if it is not there or there twice. */
export function queryValue(query: unknown, name: string): string | undefined {
  const value: unknown =
    typeof query === "object" && query !== null ? Reflect.get(query, name) : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Digits without sign or leading zero; `fallback` if it is not there; `undefined`: malformed. */
export function wholeValue<Fallback>(
  query: unknown,
  name: string,
  fallback: Fallback,
): number | Fallback | undefined {
  const text = queryValue(query, name);
  if (text === undefined) return fallback;
  return /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
