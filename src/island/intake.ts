/**
 * From sealed bytes to opened letters. Order of checks: size and framing, then the ref (answered
 * already?), then decryption and signature. Nothing is remembered of a letter that did not open
 * except, for a while, the hash of its exact bytes, so that a flood of one broken copy costs one
 * decryption; another copy with the same ref is still opened, because session-key packets are not
 * part of the ref and a mangled copy must never suppress a good one (PROTOCOL §4). What did not
 * open only because of who was known is forgotten when that changes.
 *
 * What registers is journaled only if this batch judged the certificate, and neither its primary
 * key nor one of its signing keys is known already: in the engine nothing else may make a stranger
 * a customer, whatever happens to keys in the letters before it.
 */
import { assert } from "../codec/assert.ts";
import { sha256, toHex } from "../codec/bytes.ts";
import type { Fingerprint, Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { State } from "../engine/state.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { registrationIn } from "../letter/parse.ts";
import type { KeyIds } from "./keyids.ts";
import type { Office } from "./office.ts";
import type { Opening, Registers } from "./workers/opening.ts";

/** How many broken copies are remembered. */
const brokenMax = 65_536;

export type IntakeContext = {
  readonly office: Pick<Office, "open">;
  /** As the batches before left it. */
  readonly state: Pick<State, "keys">;
  readonly keyIds: Pick<KeyIds, "begin" | "bring">;
  knows(ref: Ref): boolean;
  /** For the operator's eyes: why a letter did not open. Never leaves the island. */
  note(sentence: string): void;
};

/** A letter that could be read, with its ref; `unopenable` ones carry nothing else. */
export type Arrival = Opening & { readonly ref: Ref };

type Letter = { readonly binary: Uint8Array; readonly ref: Ref; readonly copy: string };
type Attempt = Letter & {
  readonly arrival: Arrival;
  /** What came of it may be otherwise when others are known, or in another batch. */
  readonly depends?: "on_who_is_known" | "on_the_batch" | undefined;
};

export class Intake {
  readonly #context: IntakeContext;
  readonly #broken = new Set<string>();
  /** Those that would open, or not, if others were known. */
  readonly #strange = new Set<string>();

  constructor(context: IntakeContext) {
    this.#context = context;
  }

  /** Opens what is new among `sealed`, in order, at `now`; repeats and known junk disappear. */
  async open(sealed: readonly Uint8Array[], now: Time): Promise<readonly Arrival[]> {
    const letters = sealed.flatMap((bytes) => this.#letter(bytes) ?? []);
    const attempts = await this.#allowed(await this.#openAll(letters, now, []));
    const arrivals: Arrival[] = [];
    const taken = new Set<Ref>();
    for (const attempt of await this.#again(attempts, now)) {
      const { arrival } = attempt;
      // Two relays may bring one letter in the same batch: it takes effect once.
      if (taken.has(arrival.ref)) continue;
      if (arrival.kind === "unopenable") this.#remember(attempt, arrival);
      else taken.add(arrival.ref);
      arrivals.push(arrival);
    }
    return arrivals;
  }

  /** Other keys are known from now on. */
  learned(): void {
    this.#strange.clear();
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
    const isJunk = this.#broken.has(copy) || this.#strange.has(copy);
    return isJunk ? undefined : { binary, ref, copy };
  }

  /** Without the registrations that may not be; in order: the first to bring a key has it. */
  async #allowed(attempts: readonly Attempt[]): Promise<readonly Attempt[]> {
    this.#context.keyIds.begin();
    const allowed: Attempt[] = [];
    for (const attempt of attempts) allowed.push(await this.#allow(attempt));
    return allowed;
  }

  async #allow(attempt: Attempt): Promise<Attempt> {
    const { arrival } = attempt;
    if (arrival.kind !== "opened") return attempt;
    const { signer, registers, ref, text } = arrival;
    const broken = (why: string, depends: Attempt["depends"]): Attempt => {
      return { ...attempt, arrival: { kind: "unopenable", ref, why }, depends };
    };
    const known = this.#context.state.keys.get(signer);
    if (registers === undefined) {
      // A key in force stays its account's for ever; one that comes may be nobody's before the
      // batch ends, and what it registers was judged by nobody.
      if (known?.standing === "in_force" || registrationIn(text) === undefined) return attempt;
      return broken(`it registers, and ${signer} is not in force`, "on_who_is_known");
    }
    if (known !== undefined) return broken(`${signer} is registered`, "on_who_is_known");
    const fault = await this.#context.keyIds.bring(signer, registers);
    if (fault === undefined) return attempt;
    const depends = fault === "brought" ? "on_the_batch" : "on_who_is_known";
    return broken(`a signing key of ${signer} is not free: ${fault}`, depends);
  }

  /**
   * A customer's first letters may come in one batch with the one that registers him: what did not
   * open is tried once more with the certificates that the batch itself brought and that passed
   * registration's policy. Such a letter is taken only if it is good in every way and registers
   * nothing itself: a stranger is refused by name to nobody, and has one certificate.
   */
  async #again(attempts: readonly Attempt[], now: Time): Promise<readonly Attempt[]> {
    const bySigner = new Map<Fingerprint, Registers>();
    for (const { arrival } of attempts) {
      if (arrival.kind !== "opened" || arrival.registers === undefined) continue;
      // One registration in many copies is one guest, and the first is what registers.
      if (!bySigner.has(arrival.signer)) bySigner.set(arrival.signer, arrival.registers);
    }
    const brought = [...bySigner.values()];
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

  #remember(
    { copy, arrival, depends }: Attempt,
    { ref, why }: Extract<Arrival, { kind: "unopenable" }>,
  ): void {
    this.#context.note(`unopenable ${ref.slice(0, 20)}: ${why}`);
    if (depends === "on_the_batch") return;
    const isStrange = depends === "on_who_is_known" || isStranger(arrival);
    const remembered = isStrange ? this.#strange : this.#broken;
    if (remembered.size >= brokenMax) {
      for (const oldest of remembered) {
        remembered.delete(oldest);
        break;
      }
    }
    remembered.add(copy);
  }
}

function isStranger(arrival: Arrival): boolean {
  return arrival.kind === "unopenable" && arrival.why.startsWith("signer_unknown");
}
