/**
 * The ring venue's commands (docs/spec/letter.md §3): `RING|ORDERJSON|SIGNATURE|AUTH`,
 * `UNRING|ORDER` and `OBSERVE|BLOCK|KIND|SUBJECT|VALUE`, read and printed.
 *
 * Only the form is judged. Whose signature it is and what the sealed key opens to is looked at
 * where the keys are; the engine hears what was found (`Vetting`).
 */
import { at } from "../codec/assert.ts";
import { fromBase64, fromHex, toHex } from "../codec/bytes.ts";
import { parseHash } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { parseWhole } from "../money/amount.ts";
import { parseFact, printFact } from "../ring/fact.ts";
import { parseOrder, printOrder } from "../ring/json.ts";
import { compactSignature } from "../ring/signature.ts";
import { isOwnId, quoted } from "./atoms.ts";
import type { Command, LineRefusal, RingCommand, RingName } from "./command.ts";
import { ringAuthMax, ringSignatureMax, ringSignatureMin } from "./limits.ts";

type Read = Verdict<Command, LineRefusal>;

/** `0x` and the bytes of a signature in hex, none too short or too long; else `undefined`. */
export function parseSignature(text: string): Uint8Array | undefined {
  const bytes = text.startsWith("0x") ? fromHex(text.slice(2)) : undefined;
  if (bytes === undefined) return undefined;
  return bytes.length >= ringSignatureMin && bytes.length <= ringSignatureMax ? bytes : undefined;
}

/** Prints what `parseSignature` reads. */
export function printSignature(signature: Uint8Array): string {
  return `0x${toHex(signature)}`;
}

/** The fields of RING. */
export function readRing(fields: readonly string[]): Read {
  const order = parseOrder(at(fields, 0));
  if (!order.ok) {
    // What the customer wrote may stand in the detail; a bar would end the field.
    const detail = order.detail.replaceAll("|", "!");
    return refuse("ring_order_malformed", `The order: ${order.name}, ${detail}.`);
  }
  const bytes = parseSignature(at(fields, 1));
  const signature = bytes && compactSignature(bytes);
  if (signature === undefined) {
    return refuse(
      "ring_signature_malformed",
      "A signature is 0x and 64 to 1024 bytes in lower-case hex; of 65, the last is 1b or 1c.",
    );
  }
  const auth = at(fields, 2);
  if (auth === "-") {
    return accept({ kind: "ring", order: order.value, signature, auth: undefined });
  }
  if (auth === "" || auth.length > ringAuthMax || fromBase64(auth) === undefined) {
    const most = `at most ${ringAuthMax} characters`;
    return refuse(
      "ring_auth_malformed",
      `The sealed auth key is not padded base64 of ${most}, and not '-' alone.`,
    );
  }
  return accept({ kind: "ring", order: order.value, signature, auth });
}

/** The field of UNRING. */
export function readUnring(fields: readonly string[]): Read {
  const text = at(fields, 0);
  const hash = parseHash(text);
  if (hash !== undefined) return accept({ kind: "unring", order: { kind: "hash", hash } });
  if (isOwnId(text)) return accept({ kind: "unring", order: { kind: "own", id: text } });
  return refuse(
    "ring_name_malformed",
    "It must be your own id, or the order hash: 0x and 64 lower-case hex digits.",
  );
}

/** The fields of OBSERVE. */
export function readObserve(fields: readonly string[]): Read {
  const block = parseWhole(at(fields, 0));
  if (block === undefined) {
    return refuse("observation_malformed", `${quoted(at(fields, 0))} is not a block's number.`);
  }
  const fact = parseFact(at(fields, 1), at(fields, 2), at(fields, 3));
  if (fact === undefined) {
    return refuse("observation_malformed", `No fact of kind ${quoted(at(fields, 1))} says this.`);
  }
  return accept({ kind: "observe", block, fact });
}

/** The fields that `readRing` reads, with the verb. */
export function printRing({ order, signature, auth }: RingCommand): readonly string[] {
  return ["RING", printOrder(order), printSignature(signature), auth ?? "-"];
}

/** Prints what `readUnring` reads. */
export function printRingName(name: RingName): string {
  return name.kind === "own" ? name.id : name.hash;
}

/** The fields that `readObserve` reads, with the verb. */
export function printObserve(
  command: Extract<Command, { kind: "observe" }>,
): readonly (string | number)[] {
  return ["OBSERVE", command.block, printFact(command.fact)];
}
