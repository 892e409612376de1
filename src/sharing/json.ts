/** Reading JSON that anybody may have written: a field of the wrong type is no field. */

/** Whether the value is an object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text of an object. */
export function textIn(of: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = of[name];
  return typeof value === "string" ? value : undefined;
}

/** A list of texts of an object. */
export function textsIn(
  of: Readonly<Record<string, unknown>>,
  name: string,
): readonly string[] | undefined {
  const value = of[name];
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((one: unknown) => typeof one === "string");
  return texts.length === value.length ? texts : undefined;
}

/** JSON, in which numbers beyond 2^53 are decimal texts. */
export function printJson(value: unknown): string {
  const plain = (_: string, one: unknown): unknown =>
    typeof one === "bigint" ? one.toString() : one;
  return `${JSON.stringify(value, plain, 1)}\n`;
}
