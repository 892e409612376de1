/**
 * What a thread of the fast path knows of customers: by account, and by the ids of the keys that
 * sign. Which account owns a key id was decided before: the first that registered it.
 */
import type { Fingerprint } from "../../codec/names.ts";
import type { DigestedCertificate } from "../../seal/fast/digest.ts";

/** What a fast thread is told; without a digest this customer is served slowly. */
export type Known = {
  readonly account: Fingerprint;
  readonly keyIds: readonly string[];
  readonly digest: DigestedCertificate | undefined;
};

export class KnownCustomers {
  readonly #byAccount = new Map<Fingerprint, Known>();
  readonly #byKeyId = new Map<string, Known>();

  /** Takes the place of what was known of the account. */
  hear(known: Known): void {
    for (const keyId of this.#byAccount.get(known.account)?.keyIds ?? []) {
      this.#byKeyId.delete(keyId);
    }
    this.#byAccount.set(known.account, known);
    for (const keyId of known.keyIds) this.#byKeyId.set(keyId, known);
  }

  of(account: Fingerprint): Known | undefined {
    return this.#byAccount.get(account);
  }

  byKeyId(keyId: string): Known | undefined {
    return this.#byKeyId.get(keyId);
  }
}
