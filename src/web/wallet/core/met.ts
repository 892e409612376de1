/**
 * What this wallet has met with on its way since it was opened: relays, the clock, each letter's
 * steps. All else that a page shows is read from the home; this is forgotten with the Worker.
 */
import type { Time } from "../../../codec/time.ts";
import type { Trouble } from "../../../wallet/errors.ts";

/** How a relay last behaved. */
export type RelayMet = {
  readonly state: "good" | "silent" | "refused";
  readonly ms: number | undefined;
  readonly why: string | undefined;
  readonly at: Time;
};

/** What happened to a letter on its way, beside what the home keeps. */
export type LetterMet = {
  /** Relay and reason, of those that refused or lied. */
  readonly refused: ReadonlyMap<string, string>;
  readonly silent: ReadonlyMap<string, string>;
  /** Milliseconds to each receipt. */
  readonly carried: ReadonlyMap<string, number>;
  readonly trouble: Trouble | undefined;
  /** Whether it is being followed now. */
  readonly isFollowed: boolean;
};

/** A letter of which nothing is known yet. */
export const nothingMet: LetterMet = {
  refused: new Map(),
  silent: new Map(),
  carried: new Map(),
  trouble: undefined,
  isFollowed: false,
};

/** All of it. */
export type Met = {
  /** By address. */
  readonly relays: ReadonlyMap<string, RelayMet>;
  /** By letter. */
  readonly letters: ReadonlyMap<string, LetterMet>;
  /** Ours minus the exchange's, milliseconds. */
  readonly clockOffset: number | undefined;
  /** What a relay says of our clock without being believed. */
  readonly clockWarning: Trouble | undefined;
  readonly lastHeard: Time | undefined;
  readonly isSynchronising: boolean;
  readonly troubles: readonly Trouble[];
};
