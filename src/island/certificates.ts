/**
 * The registered customers' certificates, parsed once and found by the key id that signed. The
 * truth is the engine's state (registrations.ts says what of it); this is its cache.
 */
import { equalBytes } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import { readRegisteredCertificate, type Certificate } from "../seal/certificate.ts";
import type { Registration } from "./office.ts";

type Held = { readonly certificate: Certificate; readonly keyIds: readonly string[] };

export class Certificates {
  readonly #byAccount = new Map<Fingerprint, Held>();
  readonly #byKeyId = new Map<string, Certificate>();
  /** The exchange's own: nobody may sign letters with it. */
  readonly exchange: Certificate;
  readonly #note: (sentence: string) => void;

  constructor(exchange: Certificate, note: (sentence: string) => void) {
    this.exchange = exchange;
    this.#note = note;
  }

  /** Takes an account's certificate as it is now. */
  async take({ account, certificate: binary, signs }: Registration): Promise<void> {
    const before = this.#byAccount.get(account);
    const isKnown = before !== undefined && equalBytes(before.certificate.binary, binary);
    const certificate = isKnown ? before.certificate : await this.#read(account, binary);
    for (const keyId of before?.keyIds ?? []) this.#byKeyId.delete(keyId);
    if (certificate === undefined) {
      this.#byAccount.delete(account);
      return;
    }
    // The first to register a key keeps it: a stranger's certificate cannot take over a known key
    // id.
    const free = signs ? certificate.keyIds.filter((keyId) => !this.#byKeyId.has(keyId)) : [];
    for (const keyId of free) this.#byKeyId.set(keyId, certificate);
    this.#byAccount.set(account, { certificate, keyIds: free });
  }

  /** Who cannot be read signs with nothing and gets nothing; the others are served. */
  async #read(account: Fingerprint, binary: Uint8Array): Promise<Certificate | undefined> {
    try {
      return await readRegisteredCertificate(binary);
    } catch (error) {
      this.#note(`ALARM: the certificate of ${account} cannot be read: ${String(error)}`);
      return undefined;
    }
  }

  of(account: Fingerprint): Certificate | undefined {
    return this.#byAccount.get(account)?.certificate;
  }

  byKeyId(keyId: string): Certificate | undefined {
    return this.#byKeyId.get(keyId);
  }
}
