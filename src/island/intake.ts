/**
 * From sealed bytes to opened letters. Order of checks: size and framing, then the ref (answered
 * already?), then decryption and signature. Nothing is remembered of a letter that did not open
 * except, for a while, the hash of its exact bytes, so that a flood of one broken copy costs one
 * decryption; another copy with the same ref is still opened, because session-key packets are not
 * part of the ref and a mangled copy must never suppress a good one (PROTOCOL §4).
 */
import { assert } from "../codec/assert.ts";
import { sha256, toHex } from "../codec/bytes.ts";
import type { Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { registrationIn } from "../letter/parse.ts";
import type { Office } from "./office.ts";
import type { Opening, Registers } from "./workers/opening.ts";

/** How many broken copies are remembered. */
const brokenMax = 65_536;

export type IntakeContext = {
  readonly office: Pick<Office, "open">;
  knows(ref: Ref): boolean;
  /** For the operator's eyes: why a letter did not open. Never leaves the island. */
  note(sentence: string): void;
};

/** A letter that could be read, with its ref; `unopenable` ones carry nothing else. */
export type Arrival = Opening & { readonly ref: Ref };

type Letter = { readonly binary: Uint8Array; readonly ref: Ref; readonly copy: string };
type Attempt = Letter & { readonly arrival: Arrival };

export class Intake {
  readonly #context: IntakeContext;
  readonly #broken = new Set<string>();

  constructor(context: IntakeContext) {
    this.#context = context;
  }

  /** Opens what is new among `sealed`, in order, at `now`; repeats and known junk disappear. */
  async open(sealed: readonly Uint8Array[], now: Time): Promise<readonly Arrival[]> {
    const letters = sealed.flatMap((bytes) => this.#letter(bytes) ?? []);
    const attempts = await this.#openAll(letters, now, []);
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

  #letter(bytes: Uint8Array): Letter | undefined {
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
    return this.#broken.has(copy) ? undefined : { binary, ref, copy };
  }

  /**
   * A customer's first letters may come in one batch with the one that registers him: what did not
   * open is tried once more with the certificates that the batch itself brought and that passed
   * registration's policy. Such a letter is taken only if it is good in every way and registers
   * nothing itself: a stranger is refused by name to nobody, and has one certificate.
   */
  async #again(attempts: readonly Attempt[], now: Time): Promise<readonly Attempt[]> {
    const brought = attempts.flatMap(({ arrival }) =>
      arrival.kind === "opened" ? (arrival.registers ?? []) : [],
    );
    // Only a certificate more can make a difference to it.
    const again = attempts.filter(({ arrival }) => isStranger(arrival));
    if (brought.length === 0 || again.length === 0) return attempts;
    const retried = await this.#openAll(again, now, brought);
    const counting = new Map(
      retried
        .filter(({ arrival }) => {
          return arrival.kind === "opened" && registrationIn(arrival.text) === undefined;
        })
        .map((attempt) => [attempt.binary, attempt]),
    );
    return attempts.map((attempt) => counting.get(attempt.binary) ?? attempt);
  }

  async #openAll(
    letters: readonly Letter[],
    at: Time,
    brought: readonly Registers[],
  ): Promise<readonly Attempt[]> {
    const binaries = letters.map(({ binary }) => binary);
    const outcomes = await this.#context.office.open(binaries, at, brought);
    return letters.map((letter, i) => {
      const outcome = outcomes[i];
      assert(outcome !== undefined, "what comes of each letter is said");
      return { ...letter, arrival: { ...outcome, ref: letter.ref } };
    });
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

function isStranger(arrival: Arrival): boolean {
  return arrival.kind === "unopenable" && arrival.why.startsWith("signer_unknown");
}
