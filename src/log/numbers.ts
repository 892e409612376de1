/** Numbers of the public log's lines: digits without sign, point or leading zero. */

/** A whole number of at most 2^53 - 1; else `undefined`. */
export function whole(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** As `whole`, and not zero. */
export function positive(text: string | undefined): number | undefined {
  const value = whole(text);
  return value === 0 ? undefined : value;
}
