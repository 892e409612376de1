/**
 * What comes of a letter, in the form in which it crosses from the thread that opened it. It is
 * what `seal/open.ts` says, but for the certificate that a registration brings: that one crosses as
 * its bytes.
 *
 * Packed, each outcome is five strings: kind and signer, text, evidence, name, detail (or why).
 */
import { assert } from "../../codec/assert.ts";
import { fromAscii, fromLatin1, toLatin1 } from "../../codec/bytes.ts";
import { fingerprint, type Fingerprint } from "../../codec/names.ts";
import { signatureRefusals, type SignatureRefusal } from "../../seal/judge.ts";
import { pack, unpack } from "./packed.ts";

/** A certificate that came in a letter and passed registration's policy. */
export type Registers = { readonly keyIds: readonly string[]; readonly binary: Uint8Array };

/** See `Opened` of `seal/open.ts`. */
export type Opening =
  | {
      readonly kind: "opened";
      readonly signer: Fingerprint;
      readonly text: string;
      readonly evidence: Uint8Array;
      readonly registers?: Registers;
    }
  | {
      readonly kind: "refused";
      readonly signer: Fingerprint;
      readonly text: string;
      readonly name: SignatureRefusal;
      readonly detail: string;
    }
  | { readonly kind: "unopenable"; readonly why: string };

/** What an opener says: an outcome, or that the slow worker is to look at the letter. */
export type FastOpening = Opening | { readonly kind: "slow"; readonly why: string };

const stringsPerOutcome = 5;
const codes = { opened: "o", refused: "r", unopenable: "u", slow: "s" } as const;
const nothing = new Uint8Array(0);

/** Packs what an opener says of a batch. */
export function packOpenings(outcomes: readonly FastOpening[]): ArrayBuffer {
  return pack(outcomes.flatMap(stringsOf));
}

function stringsOf(outcome: FastOpening): readonly Uint8Array[] {
  const head = (signer: string): Uint8Array => fromAscii(codes[outcome.kind] + signer);
  if (outcome.kind === "opened") {
    assert(outcome.registers === undefined, "an opener judges no registration");
    const { signer, text, evidence } = outcome;
    return [head(signer), fromLatin1(text), evidence, nothing, nothing];
  }
  if (outcome.kind === "refused") {
    const { signer, text, name, detail } = outcome;
    return [head(signer), fromLatin1(text), nothing, fromAscii(name), fromAscii(detail)];
  }
  return [head(""), nothing, nothing, nothing, Buffer.from(outcome.why)];
}

/** Unpacks them. */
export function unpackOpenings(buffer: ArrayBuffer): readonly FastOpening[] {
  const strings = unpack(buffer);
  const outcomes: FastOpening[] = [];
  for (let i = 0; i < strings.length; i += stringsPerOutcome) {
    outcomes.push(openingOf(strings.slice(i, i + stringsPerOutcome)));
  }
  return outcomes;
}

function openingOf(strings: readonly Uint8Array[]): FastOpening {
  const [head = nothing, text = nothing, evidence = nothing, name = nothing, rest = nothing] =
    strings;
  const kind = toLatin1(head.subarray(0, 1));
  if (kind === codes.unopenable || kind === codes.slow) {
    const why = Buffer.from(rest).toString();
    return { kind: kind === codes.slow ? "slow" : "unopenable", why };
  }
  const signed = { signer: fingerprint(toLatin1(head.subarray(1))), text: toLatin1(text) };
  if (kind === codes.opened) return { kind: "opened", ...signed, evidence };
  const refusal = signatureRefusals.find((known) => known === toLatin1(name));
  assert(kind === codes.refused && refusal !== undefined, "an outcome that was packed here");
  return { kind: "refused", ...signed, name: refusal, detail: toLatin1(rest) };
}
