/**
 * What the office has to know of customers' certificates, as the engine's state has it: which one
 * an account is sealed to, and which keys sign for it. A key that comes stands under its own
 * fingerprint until it is in force; one that ended is kept there, and signs no more.
 */
import { assert } from "../codec/assert.ts";
import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Account, State } from "../engine/state.ts";
import type { Registration } from "./office.ts";

export class Registrations {
  readonly #state: State;
  /** By account, the key that came when the office was told last. */
  readonly #coming = new Map<Fingerprint, Registration>();

  constructor(state: State) {
    this.#state = state;
  }

  /** Everybody, in the order in which they registered: the first to have a key keeps it. */
  all(): readonly Registration[] {
    return this.#state.customers.flatMap((account) => (account ? this.#of(account) : []));
  }

  /** Those of accounts whose certificates are other ones now. */
  of(accounts: ReadonlySet<Fingerprint>): readonly Registration[] {
    return [...accounts].flatMap((name) => {
      const account = this.#state.accounts.get(name);
      return account ? this.#of(account) : [];
    });
  }

  #of(account: Account): readonly Registration[] {
    const { fingerprint, key, certificate, change } = account;
    const signs = this.#state.keys.get(key)?.standing === "in_force";
    const before = this.#coming.get(fingerprint);
    this.#coming.delete(fingerprint);
    // Before it comes into force a key must be nobody else's.
    const ended = before === undefined ? [] : [{ ...before, signs: false }];
    const now = [...ended, { account: fingerprint, certificate: bytesOf(certificate), signs }];
    if (change?.kind !== "coming") return now;
    const coming = { account: change.key, certificate: bytesOf(change.certificate), signs: true };
    this.#coming.set(fingerprint, coming);
    return before?.account === change.key ? [...now.slice(1), coming] : [...now, coming];
  }
}

function bytesOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  assert(bytes !== undefined, "a registered certificate was read before it was journaled");
  return bytes;
}
