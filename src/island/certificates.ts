/**
 * The registered customers' certificates, parsed once and found by the key id that signed. The
 * truth is the engine's state (an account's certificate is what its REGISTER letter carried); this
 * is its cache.
 */
import { assert } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { readRegisteredCertificate, type Certificate } from "../seal/certificate.ts";

export class Certificates {
  readonly #byAccount = new Map<Fingerprint, Certificate>();
  readonly #byKeyId = new Map<string, Certificate>();
  /** The exchange's own: nobody may sign letters with it. */
  readonly exchange: Certificate;

  constructor(exchange: Certificate) {
    this.exchange = exchange;
  }

  /** Takes an account's certificate (base64, as registered) into the cache. */
  async add(account: Fingerprint, base64: string): Promise<void> {
    if (this.#byAccount.has(account)) return;
    const bytes = fromBase64(base64);
    assert(bytes !== undefined, "a registered certificate was read before it was journaled");
    const certificate = await readRegisteredCertificate(bytes);
    this.#byAccount.set(account, certificate);
    // The first to register a key keeps it: a stranger's certificate cannot take over a known key
    // id.
    for (const keyId of certificate.keyIds) {
      if (!this.#byKeyId.has(keyId)) this.#byKeyId.set(keyId, certificate);
    }
  }

  of(account: Fingerprint): Certificate | undefined {
    return this.#byAccount.get(account);
  }

  byKeyId(keyId: string): Certificate | undefined {
    return this.#byKeyId.get(keyId);
  }
}
