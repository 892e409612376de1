/**
 * The relays as this home knows them beside the card: which were added by hand (exchange.json),
 * which its owner does not want, and which have lied. One that gave a receipt or a reply that did
 * not verify is not asked again, by any command, until its owner forgives it.
 *
 *   relays.json   {"removed": [URL], "lies": {URL: {"at","code","what"}}}
 */
import { parseTime, printTime, type Time } from "../codec/time.ts";
import type { Trouble } from "./errors.ts";
import { keep, readJson, type Home } from "./home.ts";
import { objectOf, textOf, textsOf } from "./json.ts";
import { now } from "./times.ts";

/** What a relay did last that nobody honest does. */
export type Lie = { readonly at: Time; readonly code: string; readonly what: string };

/** An address as the lists have it. */
export function plainUrl(url: string): string {
  return url.replace(/\/+$/, "");
}

/** The relays that lied and were not forgiven, by address. */
export function liesIn(home: Home): ReadonlyMap<string, Lie> {
  const lies = Object.entries(objectOf(objectOf(readJson(home, "relays.json"))["lies"]));
  return new Map(
    lies.flatMap(([url, lie]) => {
      const fields = objectOf(lie);
      const at = parseTime(textOf(fields["at"]) ?? "");
      const [code, what] = [textOf(fields["code"]), textOf(fields["what"])];
      if (at === undefined || code === undefined || what === undefined) return [];
      return [[url, { at, code, what }] as const];
    }),
  );
}

/** Relays of the card that the owner removed. */
export function removedIn(home: Home): readonly string[] {
  return textsOf(objectOf(readJson(home, "relays.json"))["removed"]);
}

/** Those of the addresses that may be asked. */
export function askable(home: Home, urls: readonly string[]): readonly string[] {
  const lies = liesIn(home);
  const removed = new Set(removedIn(home));
  return urls.filter((url) => !lies.has(url) && !removed.has(url));
}

/** Signatures that did not check, or what belongs to somebody else: no relay passes that on. */
const lying: ReadonlySet<string> = new Set(["E601", "E602", "E604", "E607"]);

/** Remembers that a relay lied; troubles that may be the exchange's or this clock's are none. */
export function keepLie(home: Home, url: string, found: Trouble): boolean {
  if (!lying.has(found.code)) return false;
  const lies = new Map(liesIn(home));
  lies.set(url, { at: now(), code: found.code, what: found.what });
  write(home, removedIn(home), lies);
  return true;
}

/** Asks it again from now on; says whether it had lied. */
export function forgive(home: Home, url: string): boolean {
  const lies = new Map(liesIn(home));
  const had = lies.delete(url);
  if (had) write(home, removedIn(home), lies);
  return had;
}

/** A relay beside those of the card, or one of them again. */
export function addRelay(home: Home, url: string): void {
  const fields = objectOf(readJson(home, "exchange.json"));
  const relays = [...new Set([...textsOf(fields["relays"]), url])];
  keep(home, `${JSON.stringify({ ...fields, relays }, undefined, 2)}\n`, "exchange.json");
  const removed = removedIn(home).filter((other) => other !== url);
  write(home, removed, liesIn(home));
}

/** Does without a relay, whoever named it. */
export function removeRelay(home: Home, url: string): void {
  const fields = objectOf(readJson(home, "exchange.json"));
  const relays = textsOf(fields["relays"]).filter((other) => plainUrl(other) !== url);
  write(home, [...new Set([...removedIn(home), url])], liesIn(home));
  keep(home, `${JSON.stringify({ ...fields, relays }, undefined, 2)}\n`, "exchange.json");
}

function write(home: Home, removed: readonly string[], lies: ReadonlyMap<string, Lie>): void {
  const shown = [...lies].map(([url, lie]) => [url, { ...lie, at: printTime(lie.at) }]);
  const text = JSON.stringify({ removed, lies: Object.fromEntries(shown) }, undefined, 2);
  keep(home, `${text}\n`, "relays.json");
}
