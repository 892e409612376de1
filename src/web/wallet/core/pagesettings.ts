/**
 * What this page remembers beside the wallet's own files:
 *
 *   page.json   {"compared": …, "cold": …, "thread": N}
 *
 * Whether a person compared the exchange's key number; whether nothing is to be sent from here; and
 * the thread that this copy numbers its letters on. Copies of one wallet do not know of each other:
 * on a thread each, none takes a number that another has signed.
 */
import { keep, readJson, type Home } from "../../../wallet/home.ts";
import { numberOf, objectOf } from "../../../wallet/json.ts";
import { nextNumber } from "../../../wallet/outbox.ts";

/** The settings. */
export type PageSettings = {
  readonly compared: boolean;
  readonly cold: boolean;
  readonly thread: number;
};

/** The command line begins on thread 0, letters by hand are on 255: pages are between. */
const threadsOfPages = { least: 1, most: 254 } as const;

/** As they are kept; nothing is assumed that was not said. */
export function pageSettings(home: Home): PageSettings {
  const fields = objectOf(readJson(home, "page.json"));
  return {
    compared: fields["compared"] === true,
    cold: fields["cold"] === true,
    // Older wallets wrote on thread 0, and go on.
    thread: numberOf(fields["thread"]) ?? 0,
  };
}

/** Keeps them. */
export function keepPageSettings(home: Home, settings: PageSettings): void {
  keep(home, `${JSON.stringify(settings)}\n`, "page.json");
}

/** A thread of this copy's own: one that nobody is known to have used, if there is one. */
export function chooseThread(home: Home): number {
  const { least, most } = threadsOfPages;
  const all = Array.from({ length: most - least + 1 }, (_, index) => least + index);
  const unused = all.filter((thread) => nextNumber(home, thread) === 1);
  const among = unused.length > 0 ? unused : all;
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return among[drawn % among.length] ?? least;
}
