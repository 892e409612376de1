/**
 * What this page remembers beside the wallet's own files:
 *
 *   page.json   {"compared": …, "cold": …}   whether a person compared the exchange's key number;
 *                                            whether nothing is to be sent from here
 */
import { keep, readJson, type Home } from "../../../wallet/home.ts";
import { objectOf } from "../../../wallet/json.ts";

/** The settings. */
export type PageSettings = { readonly compared: boolean; readonly cold: boolean };

/** As they are kept; nothing is assumed that was not said. */
export function pageSettings(home: Home): PageSettings {
  const fields = objectOf(readJson(home, "page.json"));
  return { compared: fields["compared"] === true, cold: fields["cold"] === true };
}

/** Keeps them. */
export function keepPageSettings(home: Home, settings: PageSettings): void {
  keep(home, `${JSON.stringify(settings)}\n`, "page.json");
}
