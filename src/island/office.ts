/**
 * Where letters are opened and documents sealed. There are two offices with one door: the one
 * below does all of it on the island's own thread by OpenPGP.js, and is what everything is measured
 * against; `workers/office.ts` has threads and the fast path.
 */
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { registrationIn } from "../letter/parse.ts";
import { readRegisteredCertificate, type Certificate } from "../seal/certificate.ts";
import type { OperatingKeys } from "../seal/keys.ts";
import { openLetter } from "../seal/open.ts";
import { sealReport } from "../seal/seal.ts";
import type { Certificates } from "./certificates.ts";
import type { Opening, Registers } from "./workers/opening.ts";

/** An account, or a key that is to be one's, and its certificate, binary. */
export type Registration = {
  readonly account: Fingerprint;
  readonly certificate: Uint8Array;
  /** Whether letters may be signed with it; it is sealed to in any case. */
  readonly signs: boolean;
};

/** A text, one character a byte, and to whom it is sealed. */
export type ToBeSealed = { readonly to: Fingerprint; readonly text: string };

export type Office = {
  /** Letters that are taken in at once: more would only wait. */
  readonly lettersMax: number;
  /** Takes accounts' certificates as they are now, in the order in which they were registered. */
  readonly learn: (accounts: readonly Registration[]) => Promise<void>;
  /**
   * Opens binary letters at the instant of their receipt; what comes of each stands in its place.
   * `brought`: certificates that came in the same batch, found good.
   */
  readonly open: (
    letters: readonly Uint8Array[],
    at: Time,
    brought: readonly Registers[],
  ) => Promise<readonly Opening[]>;
  /**
   * Seals, each in its place; `undefined` where it cannot be done to that certificate. The exchange
   * itself may be who it goes to.
   */
  readonly seal: (
    documents: readonly ToBeSealed[],
    at: Time,
  ) => Promise<readonly (Uint8Array | undefined)[]>;
  readonly close: () => Promise<void>;
};

/** Done at once: the OpenPGP work of several overlaps on the machine's own threads. */
const atOnce = 16;

export class ReferenceOffice implements Office {
  readonly lettersMax = 64;
  readonly #keys: OperatingKeys;
  readonly #certificates: Certificates;

  constructor(keys: OperatingKeys, certificates: Certificates) {
    this.#keys = keys;
    this.#certificates = certificates;
  }

  async learn(accounts: readonly Registration[]): Promise<void> {
    for (const one of accounts) await this.#certificates.take(one);
  }

  async open(
    letters: readonly Uint8Array[],
    at: Time,
    brought: readonly Registers[],
  ): Promise<readonly Opening[]> {
    const guests = await Promise.all(
      brought.map(({ binary }) => readRegisteredCertificate(binary)),
    );
    const certificateOf = (keyId: string): Certificate | undefined =>
      this.#certificates.byKeyId(keyId) ?? guests.find(({ keyIds }) => keyIds.includes(keyId));
    const options = { keys: this.#keys, at, certificateOf, registrationIn };
    return inPortions(letters, (letter) => openLetter(letter, options));
  }

  async seal(
    documents: readonly ToBeSealed[],
    at: Time,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return inPortions(documents, async ({ to, text }) => {
      const ours = this.#certificates.exchange;
      const certificate = to === ours.fingerprint ? ours : this.#certificates.of(to);
      if (certificate === undefined) return undefined;
      return sealReport(text, { keys: this.#keys, to: certificate, at }).catch(() => undefined);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function inPortions<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Promise<Made>,
): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (let i = 0; i < items.length; i += atOnce) {
    made.push(...(await Promise.all(items.slice(i, i + atOnce).map(make))));
  }
  return made;
}
