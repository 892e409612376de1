/**
 * Whether the exchange read a letter, by proof (docs/spec/log.md §11): asked of relays, and kept;
 * none of them is believed.
 *
 *   proofs/REF.json   {"proofs": ["signet-reads/1 …", …]}   each as a relay gave it, in order
 *
 * A letter cannot have been read before it was written. Clocks differ, so proofs begin an hour
 * earlier, but never more than the longest deadline before `by`: what is read earlier is refused.
 */
import type { Ref } from "../codec/names.ts";
import { printTime, time, type Time } from "../codec/time.ts";
import {
  judgeReads,
  parseReadsProof,
  type ReadsFinding,
  type ReadsProof,
  type ReadsQuestion,
} from "../log/void.ts";
import { fetchText } from "./client.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { keep, readJson, type Home } from "./home.ts";
import { objectOf, textsOf } from "./json.ts";

/** What is asked about. */
export type Asked = { readonly ref: Ref; readonly at: Time; readonly by: Time };

/** What was found, and the texts that prove it. */
export type Found = { readonly finding: ReadsFinding; readonly proofs: readonly string[] };

/** Clocks that differ by less do no harm. */
const clockMs = 3_600_000;
/** The exchange refuses letters whose deadline is further ahead. */
const deadlineMs = 7 * 86_400_000;
/** Parts of one way that are asked for at most. */
const partsMax = 64;

/** The question that proofs have to answer. */
export function questionOf(exchange: Exchange, { ref, at, by }: Asked): ReadsQuestion {
  const from = time(Math.max(at - clockMs, by - deadlineMs));
  const { fingerprint, logKey: log } = exchange;
  return { exchange: fingerprint, ref, from, by, log, verify: verifyEd25519 };
}

/** What texts of proofs say, if all of it holds. */
export function judgeTexts(
  texts: readonly string[],
  question: ReadsQuestion,
): Outcome<ReadsFinding> {
  const proofs: ReadsProof[] = [];
  for (const text of texts) {
    const proof = parseReadsProof(text);
    if (!proof.ok) return doesNotCheck(proof.name, proof.detail);
    proofs.push(proof.value);
  }
  const verdict = judgeReads(proofs, question);
  return verdict.ok
    ? { ok: true, value: verdict.value }
    : doesNotCheck(verdict.name, verdict.detail);
}

function doesNotCheck(name: string, detail: string): Trouble {
  return trouble("E611", `The proof of what was read does not check: ${name}, ${detail}.`);
}

/** Asks a relay; `undefined` if it has no proof, or none that says anything yet. */
export async function askReads(
  exchange: Exchange,
  asked: Asked,
  url: string,
  stop: AbortSignal,
): Promise<Outcome<Found> | undefined> {
  const question = questionOf(exchange, asked);
  const proofs: string[] = [];
  let { from } = question;
  for (let part = 0; part < partsMax; part += 1) {
    const query = `ref=${asked.ref}&from=${printTime(from)}&until=${printTime(asked.by)}`;
    const answer = await fetchText(url, `/v1/reads/proof?${query}`, stop);
    if (answer.kind === "failed" || answer.status !== 200) return undefined;
    proofs.push(answer.text);
    const finding = judgeTexts(proofs, question);
    if (!finding.ok) return finding;
    const { value } = finding;
    if (value.kind !== "open") return { ok: true, value: { finding: value, proofs } };
    // The next part begins where this one ended; if none does, the blocks end here.
    if (value.upTo === undefined || value.upTo <= from || value.upTo > asked.by) return undefined;
    from = value.upTo;
  }
  return undefined;
}

/** Asks relays until one has a proof; those whose proof does not check are named. */
export async function askEveryone(
  exchange: Exchange,
  asked: Asked,
  patienceMs: number,
): Promise<{ readonly found: Found | undefined; readonly troubles: readonly Trouble[] }> {
  const troubles: Trouble[] = [];
  for (const url of exchange.urls) {
    const found = await askReads(exchange, asked, url, AbortSignal.timeout(patienceMs));
    if (found?.ok === true) return { found: found.value, troubles };
    if (found) troubles.push({ ...found, what: `${found.what} (from ${url})` });
  }
  return { found: undefined, troubles };
}

/** Keeps proofs with their letter. */
export function keepProofs(home: Home, ref: Ref, proofs: readonly string[]): void {
  keep(home, `${JSON.stringify({ proofs }, undefined, 2)}\n`, "proofs", `${ref}.json`);
}

/** The proofs that are kept of a letter; none if there are none. */
export function proofsOf(home: Home, ref: Ref): readonly string[] {
  return textsOf(objectOf(readJson(home, "proofs", `${ref}.json`))["proofs"]);
}

/** What the kept proofs say. */
export function foundHere(home: Home, exchange: Exchange, asked: Asked): ReadsFinding | undefined {
  const proofs = proofsOf(home, asked.ref);
  if (proofs.length === 0) return undefined;
  const finding = judgeTexts(proofs, questionOf(exchange, asked));
  return finding.ok ? finding.value : undefined;
}
