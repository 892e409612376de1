/**
 * Whose a signing key is. A letter says who signed it by the id of a key, and a key may stand in
 * two certificates: so no certificate comes in with a signing key that another account has.
 *
 * An account has the primary keys that are or were its own, and the signing keys in its certificate
 * in force and in the one that waits to be. That is a function of the engine's state alone, and so
 * the same before and after a restart. Ids are taken from the packets, which costs little, also
 * those of subkeys that sign nothing; only where one of them is met is the certificate read whole,
 * because else anybody could put a stranger's key into their own and keep the stranger out.
 *
 * Within a batch nothing has taken effect yet: whoever brings a key first has it until the next.
 */
import { fromBase64, toHex } from "../codec/bytes.ts";
import { sha1 } from "../codec/hashes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Account, State } from "../engine/state.ts";
import { readRegisteredCertificate, type Certificate } from "../seal/certificate.ts";
import { hashed } from "../seal/certify.ts";
import { readPackets, tags } from "../seal/packets.ts";
import { certificatePacketsMax } from "../seal/policy.ts";

/** A certificate of an account, and the ids of its keys that may sign, once somebody asked. */
type Held = {
  readonly account: Fingerprint;
  readonly certificate: string;
  readonly ids: ReadonlySet<string>;
  signing: Promise<readonly string[]> | undefined;
};

/** What a certificate brings: the ids of keys in it that may sign. */
type Brings = Pick<Certificate, "binary" | "keyIds">;

/** Why a certificate may not come in. */
type NotFree = "taken" | "brought" | "unclear";

export class KeyIds {
  readonly #state: State;
  readonly #byAccount = new Map<Fingerprint, readonly Held[]>();
  readonly #byKeyId = new Map<string, readonly Held[]>();
  /** Primary keys that were seen in the state; whose they are, if still anybody's, it says. */
  readonly #primary = new Map<string, Fingerprint>();
  readonly #brought = new Map<string, Fingerprint>();
  /** By account, when the newest renewal of this batch was signed. */
  readonly #renewed = new Map<Fingerprint, number>();

  constructor(state: State) {
    this.#state = state;
    for (const key of state.keys.keys()) this.#primary.set(key.slice(-16), key);
    for (const account of state.accounts.values()) this.take(account);
  }

  /** Takes an account's certificates as they are now. */
  take({ fingerprint: account, key, certificate, change }: Account): void {
    const before = this.#byAccount.get(account) ?? [];
    for (const held of before) {
      for (const id of held.ids) this.#put(id, without(this.#byKeyId.get(id), held));
    }
    this.#primary.set(key.slice(-16), key);
    if (change !== undefined) this.#primary.set(change.key.slice(-16), change.key);
    // Who is to be thawed only keeps the certificate.
    const isOther = change !== undefined && change.key !== key;
    const texts = new Set([certificate, ...(isOther ? [change.certificate] : [])]);
    const now = [...texts].map((text): Held => {
      const same = before.find((held) => held.certificate === text);
      const ids = same?.ids ?? idsIn(fromBase64(text) ?? new Uint8Array(0));
      return same ?? { account, certificate: text, ids, signing: undefined };
    });
    for (const held of now) {
      for (const id of held.ids) this.#put(id, [...(this.#byKeyId.get(id) ?? []), held]);
    }
    this.#byAccount.set(account, now);
  }

  /** A batch begins: what the one before brought is in the state by now, or was refused. */
  begin(): void {
    this.#brought.clear();
    this.#renewed.clear();
  }

  /** Renews an account's certificate by one signed then; not behind a newer one of this batch. */
  renew(account: Fingerprint, signed: number): boolean {
    if (signed < (this.#renewed.get(account) ?? 0)) return false;
    this.#renewed.set(account, signed);
    return true;
  }

  /** Brings a certificate for an account; not if one of its signing keys is another's. */
  async bring(account: Fingerprint, { binary, keyIds }: Brings): Promise<NotFree | undefined> {
    // A packet may be written so that its reader sees another key than its bytes are.
    const ids = idsIn(binary);
    if (!keyIds.every((id) => ids.has(id))) return "unclear";
    for (const id of keyIds) if (await this.#isTaken(id, account)) return "taken";
    if (keyIds.some((id) => (this.#brought.get(id) ?? account) !== account)) return "brought";
    for (const id of keyIds) this.#brought.set(id, account);
    return undefined;
  }

  async #isTaken(id: string, account: Fingerprint): Promise<boolean> {
    const primary = this.#primary.get(id);
    const owner = primary && this.#state.keys.get(primary)?.account.fingerprint;
    if (owner !== undefined && owner !== account) return true;
    for (const held of this.#byKeyId.get(id) ?? []) {
      if (held.account === account) continue;
      held.signing ??= signingIn(held.certificate);
      if ((await held.signing).includes(id)) return true;
    }
    return false;
  }

  #put(id: string, held: readonly Held[]): void {
    if (held.length === 0) this.#byKeyId.delete(id);
    else this.#byKeyId.set(id, held);
  }
}

function without(all: readonly Held[] = [], one: Held): readonly Held[] {
  return all.filter((held) => held !== one);
}

async function signingIn(certificate: string): Promise<readonly string[]> {
  try {
    const binary = fromBase64(certificate) ?? new Uint8Array(0);
    return (await readRegisteredCertificate(binary)).keyIds;
  } catch {
    // It signs nothing.
    return [];
  }
}

/** The ids of all keys in a certificate, the ends of their fingerprints. */
function idsIn(binary: Uint8Array): ReadonlySet<string> {
  const packets = readPackets(binary, certificatePacketsMax) ?? [];
  const keys = packets.filter(({ tag }) => tag === tags.publicKey || tag === tags.publicSubkey);
  return new Set(keys.map(({ body }) => toHex(sha1(hashed(body))).slice(-16)));
}
