/** Amounts of the ring venue as people read them. */
import type { TokenLeaf } from "../../log/ringleaf.ts";
import { printScaled } from "../../market/figures.ts";

const decimalsShown = 6;

/** `1.5 GOLD`; what is finer than six decimals is cut off. */
export function printDecimalUnits(token: TokenLeaf | undefined, units: bigint): string {
  if (token === undefined) return `${units}`;
  const text = printScaled(units, token.decimals);
  const [whole = "", fraction = ""] = text.split(".");
  const shown = fraction.slice(0, decimalsShown).replace(/0+$/, "");
  return `${whole}${shown === "" ? "" : `.${shown}`} ${token.name}`;
}
