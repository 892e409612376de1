/**
 * From sealed bytes to opened letters. Order of checks: size and framing, then the ref (answered
 * already?), then decryption and signature. Nothing is remembered of a letter that did not open
 * except, for a while, the hash of its exact bytes, so that a flood of one broken copy costs one
 * decryption; another copy with the same ref is still opened, because session-key packets are not
 * part of the ref and a mangled copy must never suppress a good one (PROTOCOL §4).
 */
import { sha256, toHex } from "../codec/bytes.ts";
import type { Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { registrationIn } from "../letter/parse.ts";
import type { Certificate } from "../seal/certificate.ts";
import type { OperatingKeys } from "../seal/keys.ts";
import { openLetter, type Opened } from "../seal/open.ts";

/** How many broken copies are remembered. */
const brokenMax = 65_536;
/**
 * Letters opened at once: the OpenPGP work of several overlaps on the thread pool; order is kept.
 */
const opensMax = 16;

export type IntakeContext = {
  readonly keys: OperatingKeys;
  certificateOf(keyId: string): Certificate | undefined;
  knows(ref: Ref): boolean;
  /** For the operator's eyes: why a letter did not open. Never leaves the island. */
  note(sentence: string): void;
};

/** A letter that could be read, with its ref; `unopenable` ones carry nothing else. */
export type Arrival = Opened & { readonly ref: Ref };

type Attempt = { readonly arrival: Arrival; readonly binary: Uint8Array; readonly copy: string };

export class Intake {
  readonly #context: IntakeContext;
  readonly #broken = new Set<string>();

  constructor(context: IntakeContext) {
    this.#context = context;
  }

  /** Opens what is new among `sealed`, in order, at `now`; repeats and known junk disappear. */
  async open(sealed: readonly Uint8Array[], now: Time): Promise<readonly Arrival[]> {
    const attempts: Attempt[] = [];
    for (let i = 0; i < sealed.length; i += opensMax) {
      const some = sealed.slice(i, i + opensMax);
      const opened = await Promise.all(some.map((bytes) => this.#first(bytes, now)));
      attempts.push(...opened.filter((attempt) => attempt !== undefined));
    }
    const arrivals: Arrival[] = [];
    const taken = new Set<Ref>();
    for (const { arrival, copy } of await this.#again(attempts, now)) {
      // Two relays may bring one letter in the same batch: it takes effect once.
      if (taken.has(arrival.ref)) continue;
      if (arrival.kind === "unopenable") this.#remember(copy, arrival);
      else taken.add(arrival.ref);
      arrivals.push(arrival);
    }
    return arrivals;
  }

  async #first(bytes: Uint8Array, now: Time): Promise<Attempt | undefined> {
    const envelope = readEnvelope(bytes);
    // No ref can be given to what is not even an envelope; a relay that passes it on broke its
    // rules.
    if (!envelope.ok) {
      this.#context.note(`a relay passed on what is no letter (${envelope.name})`);
      return undefined;
    }
    const { binary, ref } = envelope.value;
    if (this.#context.knows(ref)) return undefined;
    const copy = toHex(sha256(binary).subarray(0, 16));
    if (this.#broken.has(copy)) return undefined;
    return { arrival: await this.#openOne(binary, ref, now, new Map()), binary, copy };
  }

  /**
   * A customer's first letters may come in one batch with the one that registers him: what did not
   * open is tried once more with the certificates that the batch itself brought and that passed
   * registration's policy. Such a letter is taken only if it is good in every way and registers
   * nothing itself: a stranger is refused by name to nobody, and has one certificate.
   */
  async #again(attempts: readonly Attempt[], now: Time): Promise<readonly Attempt[]> {
    const brought = new Map<string, Certificate>();
    for (const { arrival } of attempts) {
      if (arrival.kind !== "opened" || arrival.registers === undefined) continue;
      for (const keyId of arrival.registers.keyIds) brought.set(keyId, arrival.registers);
    }
    if (brought.size === 0) return attempts;
    return Promise.all(
      attempts.map(async (attempt) => {
        if (attempt.arrival.kind !== "unopenable") return attempt;
        const arrival = await this.#openOne(attempt.binary, attempt.arrival.ref, now, brought);
        const counts = arrival.kind === "opened" && registrationIn(arrival.text) === undefined;
        return counts ? { ...attempt, arrival } : attempt;
      }),
    );
  }

  async #openOne(
    binary: Uint8Array,
    ref: Ref,
    at: Time,
    brought: ReadonlyMap<string, Certificate>,
  ): Promise<Arrival> {
    const { keys } = this.#context;
    const certificateOf = (keyId: string): Certificate | undefined =>
      this.#context.certificateOf(keyId) ?? brought.get(keyId);
    return { ...(await openLetter(binary, { keys, at, certificateOf, registrationIn })), ref };
  }

  #remember(copy: string, { ref, why }: Extract<Arrival, { kind: "unopenable" }>): void {
    this.#context.note(`unopenable ${ref.slice(0, 20)}: ${why}`);
    if (this.#broken.size >= brokenMax) {
      for (const oldest of this.#broken) {
        this.#broken.delete(oldest);
        break;
      }
    }
    this.#broken.add(copy);
  }
}
