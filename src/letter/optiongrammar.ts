/**
 * The options at the end of a command (docs/spec/letter.md §3): `key=value`, each at most once, in
 * any order; which of them a verb takes is in its row of `grammar.ts`.
 */
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { amount, price, type Amount, type Price } from "../money/amount.ts";
import { isLabel, isOwnId, looksLikeKey, parseCount, quoted } from "./atoms.ts";
import type { LineRefusal, OwnMode, Tif } from "./command.ts";
import { parseOwn, parseTif } from "./terms.ts";

/** What options a verb takes; every verb takes `tag`. */
export type OptionSet = {
  readonly keys: readonly ("id" | "tag" | "tif" | "stop" | "own" | "cap")[];
  /** Of `tif=`. */
  readonly tifs: readonly Tif[];
};

/** What options were given. */
export type Options = {
  readonly id: string | undefined;
  readonly tag: string | undefined;
  readonly tif: Tif | undefined;
  readonly stop: Price | undefined;
  readonly own: OwnMode | undefined;
  readonly cap: Amount | undefined;
};

const none: Verdict<Options, never> = accept({
  id: undefined,
  tag: undefined,
  tif: undefined,
  stop: undefined,
  own: undefined,
  cap: undefined,
});

type Refusing = Verdict<undefined, LineRefusal>;

/** Reads options of which those in `known` are taken. */
export function readOptions(
  known: OptionSet,
  texts: readonly string[],
): Verdict<Options, LineRefusal> {
  // As nearly all commands have it.
  if (texts.length === 0) return none;
  const given = texts.map((text) => {
    const equals = text.indexOf("=");
    return { key: text.slice(0, equals), value: text.slice(equals + 1) };
  });
  const unknown = given.find(({ key }) => !known.keys.some((option) => option === key));
  if (unknown !== undefined) {
    const use = known.keys.map((key) => `${key}=`).join(", ");
    return refuse("option_unknown", `${quoted(unknown.key)} is not an option here; use ${use}.`);
  }
  if (new Set(given.map(({ key }) => key)).size < given.length) {
    return refuse("option_repeated", "An option may be given once.");
  }
  const texted = new Map(given.map(({ key, value }) => [key, value]));
  const labels = checkLabels(texted.get("id"), texted.get("tag"));
  return labels.ok ? readTerms(known, texted) : labels;
}

function checkLabels(id: string | undefined, tag: string | undefined): Refusing {
  const label = "1 to 36 of A-Z a-z 0-9 . _ : / -";
  if (id !== undefined && looksLikeKey(id)) {
    return refuse("id_malformed", "An own id cannot look like an order id and line.");
  }
  if (id !== undefined && !isOwnId(id)) {
    return refuse("id_malformed", `${quoted(id)} is not ${label}.`);
  }
  if (tag !== undefined && !isLabel(tag)) {
    return refuse("tag_malformed", `${quoted(tag)} is not ${label}.`);
  }
  return accept(undefined);
}

function readTerms(
  known: OptionSet,
  given: ReadonlyMap<string, string>,
): Verdict<Options, LineRefusal> {
  const [tifText, stopText] = [given.get("tif"), given.get("stop")];
  const [ownText, capText] = [given.get("own"), given.get("cap")];
  const tif = tifText === undefined ? undefined : parseTif(tifText);
  if (tifText !== undefined && (tif === undefined || !known.tifs.includes(tif))) {
    const words = known.tifs.map((taken) => taken.toUpperCase()).join(" or ");
    return refuse("tif_malformed", `${quoted(tifText)} is not ${words}.`);
  }
  const stop = stopText === undefined ? undefined : parseCount(stopText);
  if (stopText !== undefined && stop === undefined) {
    return refuse("stop_malformed", `${quoted(stopText)} is not a whole price above zero.`);
  }
  const own = ownText === undefined ? undefined : parseOwn(ownText);
  if (ownText !== undefined && own === undefined) {
    return refuse("own_malformed", `${quoted(ownText)} is not newest, oldest or both.`);
  }
  const cap = capText === undefined ? undefined : parseCount(capText);
  if (capText !== undefined && cap === undefined) {
    return refuse("cap_malformed", `${quoted(capText)} is not a whole amount above zero.`);
  }
  return accept({
    id: given.get("id"),
    tag: given.get("tag"),
    tif,
    stop: stop === undefined ? undefined : price(stop),
    own,
    cap: cap === undefined ? undefined : amount(cap),
  });
}
