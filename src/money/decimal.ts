/**
 * Decimals at the edges: people write `0.04215`, the wire carries whole units. Exact both ways; a
 * decimal that would need rounding is not rounded but refused (`undefined`).
 */
import { assert } from "../codec/assert.ts";

/** Units of 10^-decimals as a decimal without trailing zeros: (4215, 5) is `0.04215`. */
export function printDecimal(units: number, decimals: number): string {
  assert(Number.isSafeInteger(units), "a decimal is printed from a safe integer");
  const digits = String(Math.abs(units)).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, "");
  const sign = units < 0 ? "-" : "";
  return sign + digits.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
}

/** Units of 10^-decimals; `undefined` if malformed, negative, too fine or above 2^53 - 1. */
export function parseDecimal(text: string, decimals: number): number | undefined {
  const match = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (!match) return undefined;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return undefined;
  const units = Number((match[1] ?? "") + fraction.padEnd(decimals, "0"));
  return Number.isSafeInteger(units) ? units : undefined;
}
