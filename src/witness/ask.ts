/**
 * The asking side of C2SP tlog-witness: brings a checkpoint to witnesses and comes back with their
 * cosignatures. What proves the way from what a witness knows is made from a relay's tiles.
 */
import { printAddCheckpoint } from "../log/addcheckpoint.ts";
import { openCosignature } from "../log/cosignature.ts";
import { decodeNote, encodeNote, type Verifier } from "../log/note.ts";
import { whole } from "../log/numbers.ts";
import { consistencyProof, consistencySubtrees } from "../log/proof.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { fetchBounded, type Fetched } from "./fetch.ts";
import type { Head, LogSource } from "./source.ts";

/** A witness as its user knows it. */
export type Witness = { readonly url: string; readonly key: Verifier };

/** What became of asking one. */
export type WitnessAnswer = { readonly witness: Witness } & (
  | { readonly kind: "cosigned"; readonly seconds: number; readonly lines: string }
  /** It has cosigned a larger tree than the one that was brought. */
  | { readonly kind: "ahead"; readonly size: number }
  /** It has cosigned another root hash of this very size. */
  | { readonly kind: "differs" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "silent"; readonly why: string }
);

const answerBytesMax = 65_536;

/** Asks every witness; the note with the cosignatures that hold, and what each said. */
export async function collectCosignatures(
  head: Head,
  source: LogSource,
  witnesses: readonly Witness[],
): Promise<{ readonly note: string; readonly answers: readonly WitnessAnswer[] }> {
  const answers = await Promise.all(witnesses.map((witness) => askOne(witness, head, source)));
  const lines = answers.flatMap((answer) => (answer.kind === "cosigned" ? [answer.lines] : []));
  return { note: head.note + lines.join(""), answers };
}

/** Twice: a witness that knows something says what, to whoever does not. */
async function askOne(witness: Witness, head: Head, source: LogSource): Promise<WitnessAnswer> {
  const { size } = head.checkpoint;
  const first = await post(witness, { old: 0, hashes: [], checkpoint: head.note });
  if (first.kind === "failed") return { witness, kind: "silent", why: first.why };
  if (first.status !== 409) return read(witness, head, first);
  const old = whole(textOf(first)?.replace(/\n$/, ""));
  if (old === undefined) return { witness, kind: "refused", why: "it does not say what it knows" };
  if (old > size) return { witness, kind: "ahead", size: old };
  const hashes = await source.reader(consistencySubtrees(old, size), size);
  if (!hashes.ok) return { witness, kind: "refused", why: `${source.url}: ${hashes.detail}` };
  const proof = consistencyProof(old, size, hashes.value);
  const second = await post(witness, { old, hashes: proof, checkpoint: head.note });
  if (second.kind === "failed") return { witness, kind: "silent", why: second.why };
  // At the size that it knows only the root hash is left to differ.
  if (second.status === 409 && old === size) return { witness, kind: "differs" };
  if (second.status === 409) {
    return { witness, kind: "refused", why: "somebody else was quicker: ask again" };
  }
  return read(witness, head, second);
}

function post(
  witness: Witness,
  request: Parameters<typeof printAddCheckpoint>[0],
): Promise<Fetched> {
  const body = encodeNote(printAddCheckpoint(request));
  const url = `${witness.url.replace(/\/+$/, "")}/add-checkpoint`;
  return fetchBounded(url, { bytesMax: answerBytesMax, body });
}

function textOf(answer: Fetched & { readonly kind: "answer" }): string | undefined {
  return decodeNote(answer.body);
}

/** The line of this witness in its answer; others may stand beside it and are left out. */
function read(
  witness: Witness,
  head: Head,
  answer: Fetched & { readonly kind: "answer" },
): WitnessAnswer {
  const text = textOf(answer) ?? "";
  if (answer.status !== 200) {
    const why = text.split("\n", 1)[0]?.slice(0, 100) ?? "";
    return { witness, kind: "refused", why: why === "" ? `status ${answer.status}` : why };
  }
  const own = text.split("\n").filter((line) => line.startsWith(`\u2014 ${witness.key.name} `));
  for (const line of own) {
    const lines = `${line}\n`;
    const held = openCosignature(head.note + lines, witness.key, verifyEd25519);
    if (held.ok) return { witness, kind: "cosigned", seconds: held.value, lines };
  }
  return { witness, kind: "refused", why: "no cosignature by its key that holds" };
}
