/**
 * `signet log verify`: what relays tell of the public log, compared with each other, with what was
 * seen here the last time and with what witnesses cosigned. `signet log fork` checks the proof of
 * two histories. Neither needs an account: the log's key is enough.
 *
 * The checkpoint that was verified is kept before anything is said; if we die before that, the next
 * run goes on from the one before.
 */
import { join } from "node:path";

import { toBase64 } from "../codec/bytes.ts";
import { openCheckpoint } from "../log/checkpoint.ts";
import { parseWitnessKey } from "../log/cosignature.ts";
import { openFork } from "../log/fork.ts";
import { encodeNote, parseVerifierKey, verifierKey, type Verifier } from "../log/note.ts";
import { parseTlogProof } from "../log/tlogproof.ts";
import { exits, trouble, type Outcome } from "../wallet/errors.ts";
import { loadExchange, relayDefault } from "../wallet/exchange.ts";
import { keep, readText } from "../wallet/home.ts";
import { readDuration } from "../wallet/times.ts";
import { collectCosignatures, type Witness } from "../witness/ask.ts";
import { compareRelays, type Claim } from "../witness/compare.ts";
import { verifyEd25519 } from "../witness/ed25519.ts";
import type { CommonOptions, Context, Ended } from "./context.ts";
import { readInputText } from "./input.ts";
import { told } from "./logtold.ts";

export type LogOptions = CommonOptions & {
  readonly vkey?: string;
  readonly from?: string;
  readonly witness?: readonly string[];
  readonly old?: string;
};

/** The log that is meant, and where it is told. */
type Asked = { readonly log: Verifier; readonly urls: readonly string[] };

/** `signet log verify`. */
export async function verifyLog(
  context: Context,
  _words: readonly string[],
  options: LogOptions,
): Promise<Ended> {
  const asked = await askedFor(context, options);
  if (!asked.ok) return asked;
  const old = readDuration(options.old ?? "60s");
  if (!old.ok) return old;
  const witnesses = readWitnesses(options.witness ?? []);
  if (!witnesses.ok) return witnesses;
  const { log, urls } = asked.value;
  const keptAs = `${verifierKey(log.name, log.publicKey).split("+")[1] ?? ""}.checkpoint`;
  const known = await knownClaims(context, { log, keptAs, from: options.from });
  if (!known.ok) return known;
  const compared = await compareRelays(urls, log, known.value);
  const { newest } = compared;
  const asking = newest && (await collectCosignatures(newest.head, newest.source, witnesses.value));
  const files = compared.forks.map(({ size, text }, at) => {
    const name = `fork-${size}${at === 0 ? "" : `-${at}`}`;
    keep(context.home, encodeNote(text), "log", name);
    return join(context.home.dir, "log", name);
  });
  if (asking !== undefined && compared.forks.length === 0 && compared.ahead.length === 0) {
    keep(context.home, encodeNote(asking.note), "log", keptAs);
  }
  const answers = asking?.answers ?? [];
  return told({ log, compared, files, answers, known: known.value, oldMs: old.value });
}

/** The key of the option, or of the pinned exchange. */
async function askedFor(context: Context, options: LogOptions): Promise<Outcome<Asked>> {
  if (options.vkey !== undefined) {
    const log = parseVerifierKey(options.vkey);
    if (log === undefined) return trouble("E100", "--vkey takes a key: NAME+ID+BASE64.");
    const urls = context.relays.length === 0 ? [relayDefault] : context.relays;
    return { ok: true, value: { log, urls: unique(urls) } };
  }
  const exchange = await loadExchange(context.home, context.relays);
  if (!exchange.ok) return exchange;
  const { logKey, urls } = exchange.value;
  return { ok: true, value: { log: logKey, urls: unique([...context.relays, ...urls]) } };
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => url.replace(/\/+$/, "")))];
}

function readWitnesses(texts: readonly string[]): Outcome<readonly Witness[]> {
  const witnesses: Witness[] = [];
  for (const text of texts) {
    const [, url, keyText = ""] = /^(https?:\/\/[^=]+)=(.+)$/.exec(text) ?? [];
    const key = parseWitnessKey(keyText);
    if (url === undefined || key === undefined) {
      return trouble("E100", "--witness takes URL=KEY, the key as the witness prints it.");
    }
    witnesses.push({ url, key });
  }
  return { ok: true, value: witnesses };
}

/** The checkpoints that the log must go on from: what was kept here, and what was handed in. */
async function knownClaims(
  context: Context,
  about: { readonly log: Verifier; readonly keptAs: string; readonly from: string | undefined },
): Promise<Outcome<readonly Claim[]>> {
  const { log, keptAs, from } = about;
  const claims: Claim[] = [];
  const kept = readText(context.home, "log", keptAs);
  if (kept !== undefined) {
    const claim = claimIn(kept, log, "what was seen here before");
    if (claim === undefined) {
      const path = join(context.home.dir, "log", keptAs);
      return trouble("E115", `${path} is no checkpoint of ${log.name}.`);
    }
    claims.push(claim);
  }
  if (from === undefined) return { ok: true, value: claims };
  const read = await readInputText(from);
  if (!read.ok) return read;
  const claim = claimIn(read.value, log, from);
  if (claim === undefined) {
    return trouble("E115", `${from} holds no checkpoint that ${log.name} signed.`);
  }
  return { ok: true, value: [...claims, claim] };
}

/** The checkpoint in a text: alone, or under a leaf's proof. */
function claimIn(text: string, log: Verifier, from: string): Claim | undefined {
  const proof = parseTlogProof(text);
  const note = proof.ok ? proof.value.checkpoint : text;
  const opened = openCheckpoint(note, log, verifyEd25519);
  return opened.ok ? { from, note, checkpoint: opened.value } : undefined;
}

/** `signet log fork`. */
export async function verifyFork(
  context: Context,
  words: readonly string[],
  options: LogOptions,
): Promise<Ended> {
  const asked = await askedFor(context, options);
  if (!asked.ok) return asked;
  const [file = "-"] = words;
  const read = await readInputText(file);
  if (!read.ok) return read;
  const { log } = asked.value;
  const opened = openFork(read.value, log, verifyEd25519);
  if (!opened.ok)
    return trouble("E115", `${file} proves nothing: ${opened.name}, ${opened.detail}.`);
  const [first, second] = opened.value.map(({ size, root }) => ({ size, root: toBase64(root) }));
  const lines = [
    `✓ ${log.name} signed both, and both cannot be true:`,
    `  ${first?.size} leaves, root hash ${first?.root}`,
    `  ${second?.size} leaves, root hash ${second?.root}`,
  ];
  const data = { ok: true, log: log.name, first, second, exit: exits.done };
  return { ok: true, exit: exits.done, lines, data };
}
