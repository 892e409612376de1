/**
 * The terms of an order as `key=value` (docs/spec/letter.md §4): `tif=`, `stop=`, `own=`, `cap=`,
 * in this order when we print them, in letters and in records alike. What goes without saying is
 * never printed: an order with an expiry is good till then, one without a price is `IOC`, any other
 * `GTC`; `own=newest`.
 */
import { assert } from "../codec/assert.ts";
import type { Time } from "../codec/time.ts";
import type { Amount, Price } from "../money/amount.ts";
import type { OwnMode, Tif } from "./command.ts";

/** An order's terms. */
export type Terms = {
  readonly price: Price | undefined;
  readonly expiry: Time | undefined;
  readonly tif: Tif;
  readonly trigger: Price | undefined;
  readonly own: OwnMode;
  readonly cap: Amount | undefined;
};

/** Good till its expiry has no word: the expiry says it. */
const tifWords: ReadonlyMap<string, Tif> = new Map<string, Tif>([
  ["GTC", "gtc"],
  ["DAY", "day"],
  ["IOC", "ioc"],
  ["FOK", "fok"],
  ["POST_ONLY", "post_only"],
]);

/** The time in force of that word. */
export function parseTif(text: string): Tif | undefined {
  return tifWords.get(text);
}

/** Reads what an order asks for when it meets another of its account. */
export function parseOwn(text: string): OwnMode | undefined {
  return (["newest", "oldest", "both"] as const).find((mode) => mode === text);
}

/** The time in force that goes without saying. */
export function impliedTif(terms: Pick<Terms, "price" | "expiry">): Tif {
  if (terms.expiry !== undefined) return "gtd";
  return terms.price === undefined ? "ioc" : "gtc";
}

/** What has to be said of the terms beyond price and expiry. */
export function printTerms(terms: Terms): readonly string[] {
  const { tif, trigger, own, cap } = terms;
  const said = [];
  if (tif !== impliedTif(terms)) {
    const word = [...tifWords].find(([, known]) => known === tif)?.[0];
    assert(word !== undefined && terms.expiry === undefined, "good till then goes with an expiry");
    said.push(`tif=${word}`);
  }
  if (trigger !== undefined) said.push(`stop=${trigger}`);
  if (own !== "newest") said.push(`own=${own}`);
  if (cap !== undefined) said.push(`cap=${cap}`);
  return said;
}
