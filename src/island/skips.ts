/**
 * A letter that faults stops the island; the operators may pass it over (docs/spec/journal.md §6).
 * Their word is a letter each, `SKIP|RECORD|REASON`, sealed and signed like any other, brought by
 * hand into `skips/` because an island that cannot start reads no letters. M of the n operators
 * must have signed the same line. The files are left where they are: a replay from genesis needs
 * them again.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { fromBase64 } from "../codec/bytes.ts";
import type { Fingerprint } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { State } from "../engine/state.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { sealedBytesMax } from "../letter/limits.ts";
import { parseLetter } from "../letter/parse.ts";
import { readRegisteredCertificate, type Certificate } from "../seal/certificate.ts";
import type { OperatingKeys } from "../seal/keys.ts";
import { openLetter } from "../seal/open.ts";
import { readIfPresent } from "../store/durable.ts";

const filesMax = 1000;

export type SkipContext = {
  readonly dir: string;
  readonly keys: OperatingKeys;
  /** When the operators' signatures are judged: now, at the start that reads them. */
  readonly at: Time;
};

/** Whether enough operators agree to pass over record `number`. */
export async function passedOver(
  context: SkipContext,
  number: number,
  state: State,
): Promise<boolean> {
  const operators = await operatorCertificates(state);
  const bySentence = new Map<string, Set<Fingerprint>>();
  for (const name of readdirSync(join(context.dir, "skips")).sort().slice(0, filesMax)) {
    const bytes = readIfPresent(join(context.dir, "skips", name));
    if (bytes === undefined || bytes.length > 2 * sealedBytesMax) continue;
    const skip = await readSkip(bytes, context, operators, state.exchange);
    if (skip?.record !== number) continue;
    const signers = bySentence.get(skip.evidence) ?? new Set();
    signers.add(skip.signer);
    bySentence.set(skip.evidence, signers);
  }
  const { threshold } = state.configuration;
  return threshold > 0 && [...bySentence.values()].some((signers) => signers.size >= threshold);
}

async function operatorCertificates(state: State): Promise<ReadonlyMap<string, Certificate>> {
  const byKeyId = new Map<string, Certificate>();
  for (const operator of state.configuration.operators) {
    const account = state.accounts.get(operator);
    // Who is frozen speaks for nobody.
    const bytes = fromBase64(account?.frozen === undefined ? (account?.certificate ?? "") : "");
    if (bytes === undefined || bytes.length === 0) continue;
    const certificate = await readRegisteredCertificate(bytes);
    for (const keyId of certificate.keyIds) byKeyId.set(keyId, certificate);
  }
  return byKeyId;
}

type Skip = { readonly record: number; readonly evidence: string; readonly signer: Fingerprint };

async function readSkip(
  bytes: Uint8Array,
  { keys, at }: SkipContext,
  operators: ReadonlyMap<string, Certificate>,
  exchange: Fingerprint,
): Promise<Skip | undefined> {
  const envelope = readEnvelope(bytes);
  if (!envelope.ok) return undefined;
  const opened = await openLetter(envelope.value.binary, {
    keys,
    at,
    certificateOf: (keyId) => operators.get(keyId),
    registrationIn: () => undefined,
  });
  if (opened.kind !== "opened") return undefined;
  const letter = parseLetter(opened.text, exchange);
  if (!letter.ok || letter.value.lines.length !== 1) return undefined;
  const command = letter.value.lines[0]?.command;
  if (command?.ok !== true || command.value.kind !== "skip") return undefined;
  const { record, evidence } = command.value;
  return { record, evidence, signer: opened.signer };
}
