/**
 * The checksum of a book (docs/spec/api.md §3): CRC-32 (IEEE 802.3, reflected, polynomial EDB88320)
 * over the best ten levels of each side, in digits alone, as Kraken's second API does it. Who keeps
 * a book from diffs compares it after each and knows at once that a diff was lost.
 */
import type { MarketLeaf } from "../log/leaf.ts";
import type { Level } from "./board.ts";

/** Levels of each side that enter the checksum. */
export const checksumLevels = 10;

const table: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
  return value >>> 0;
});

/** CRC-32 of ASCII text, as an unsigned number. */
export function crc32(text: string): number {
  let value = 0xffff_ffff;
  for (let i = 0; i < text.length; i += 1) {
    value = (value >>> 8) ^ (table[(value ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return (value ^ 0xffff_ffff) >>> 0;
}

/**
 * The digits that are summed: sells from the lowest price up, then buys from the highest down; of
 * each level the price in price units, then the quantity in the base asset's smallest units.
 */
export function checksumText(
  market: Pick<MarketLeaf, "lot">,
  sides: { readonly buys: readonly Level[]; readonly sells: readonly Level[] },
): string {
  const digits = (levels: readonly Level[]): string =>
    levels
      .slice(0, checksumLevels)
      .map(({ price, quantity }) => `${price}${BigInt(quantity) * BigInt(market.lot)}`)
      .join("");
  return digits(sides.sells) + digits(sides.buys);
}
