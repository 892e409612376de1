/**
 * What an asset's issuer may say of it (docs/spec/letter.md §5): LIST, DIVIDEND, RATIO, RENAME,
 * DELIST and HOLDERS, read and printed. Who is the issuer is the engine's business.
 */
import { at } from "../codec/assert.ts";
import { digest, isHex64 } from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { amount, parseWhole } from "../money/amount.ts";
import { parseCount, quoted } from "./atoms.ts";
import type { Command, IssuerCommand, LineRefusal } from "./command.ts";
import { printUnix, readAmount, readSeconds, refuseAsset, type Read } from "./fieldgrammar.ts";

/** The fields of LIST. */
export function list(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const asset = at(fields, 0);
  const assetRefused = refuseAsset(asset);
  if (assetRefused) return assetRefused;
  const shares = readAmount(at(fields, 1), "number of shares");
  if (!shares.ok) return shares;
  const hash = at(fields, 2);
  if (!isHex64(hash)) {
    return refuse("hash_malformed", "The contract's SHA-256 is 64 lower-case hex digits.");
  }
  return accept({ kind: "list", asset, shares: shares.value, hash: digest(hash) });
}

/** The fields of DIVIDEND. */
export function dividend(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [asset, pay] = [at(fields, 0), at(fields, 1)];
  const assetRefused = refuseAsset(asset) ?? refuseAsset(pay);
  if (assetRefused) return assetRefused;
  const [totalText, floatText, recordText] = [at(fields, 2), at(fields, 3), fields[4]];
  const record =
    recordText === undefined
      ? accept(undefined)
      : readSeconds(recordText, "record date", "time_malformed");
  if (!record.ok) return record;
  const [total, float] = [readAmount(totalText, "total"), readAmount(floatText, "float")];
  // A malformed number goes before a zero, whichever stands first.
  if (!total.ok && (total.name === "amount_malformed" || float.ok)) return total;
  if (!float.ok) return float;
  if (!total.ok) return total;
  const shared = { total: total.value, float: float.value, record: record.value };
  return accept({ kind: "dividend", asset, pay, ...shared });
}

/** The fields of RATIO. */
export function ratio(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [asset, pay] = [at(fields, 0), at(fields, 3)];
  const assetRefused = refuseAsset(asset) ?? refuseAsset(pay);
  if (assetRefused) return assetRefused;
  const priceText = at(fields, 4);
  const price = parseWhole(priceText);
  if (price === undefined) {
    const what = `so many units of ${pay} for one share`;
    return refuse("price_malformed", `The price ${quoted(priceText)} is not ${what}.`);
  }
  const [numerator, denominator] = [parseCount(at(fields, 1)), parseCount(at(fields, 2))];
  if (numerator === undefined || denominator === undefined || numerator === denominator) {
    return refuse("ratio_malformed", "NEW and OLD are numbers from 1, and not the same.");
  }
  return accept({ kind: "ratio", asset, numerator, denominator, pay, price: amount(price) });
}

/** The fields of RENAME. */
export function rename(fields: readonly string[]): Verdict<Command, LineRefusal> {
  const [asset, to] = [at(fields, 0), at(fields, 1)];
  return refuseAsset(asset) ?? refuseAsset(to) ?? accept({ kind: "rename", asset, to });
}

/** The field of DELIST and HOLDERS. */
export function ofAsset(kind: "delist" | "holders"): Read {
  return (fields) => {
    const asset = at(fields, 0);
    return refuseAsset(asset) ?? accept({ kind, asset });
  };
}

/** The fields that these read, with the verb. */
export function printIssuer(command: IssuerCommand): readonly (string | number)[] {
  const { asset } = command;
  switch (command.kind) {
    case "list":
      return ["LIST", asset, command.shares, command.hash];
    case "dividend": {
      const { pay, total, float, record } = command;
      const fields = ["DIVIDEND", asset, pay, total, float];
      return record === undefined ? fields : [...fields, printUnix(record)];
    }
    case "ratio": {
      const { numerator, denominator, pay, price } = command;
      return ["RATIO", asset, numerator, denominator, pay, price];
    }
    case "rename":
      return ["RENAME", asset, command.to];
    case "delist":
      return ["DELIST", asset];
    case "holders":
      return ["HOLDERS", asset];
  }
}
