/**
 * `signet receipt export NAME` and `signet receipt verify FILE`: a letter's fate in one file, and
 * each link of its chain, checked without a network.
 */
import { keyNumber } from "../codec/keynumber.ts";
import { shortId } from "../codec/names.ts";
import { printSeconds, printTime } from "../codec/time.ts";
import { exits, trouble } from "../wallet/errors.ts";
import { exportEvidence, promisedBy, verifyEvidence, type Evidence } from "../wallet/evidence.ts";
import { pinnedIn } from "../wallet/exchange.ts";
import { findEntry } from "../wallet/outbox.ts";
import { askEveryone, foundHere, keepProofs } from "../wallet/reads.ts";
import { now } from "../wallet/times.ts";
import { accountOf, type CommonOptions, type Context, type Ended } from "./context.ts";
import { readInputText } from "./input.ts";

/** How long a relay may take to give a proof. */
const patienceMs = 5000;

/** `signet receipt export NAME`, `signet receipt verify FILE`. */
export async function receipt(
  context: Context,
  words: readonly string[],
  _options: CommonOptions,
): Promise<Ended> {
  const [act, name] = words;
  if (act === "export" && name !== undefined) return exported(context, name);
  if (act === "verify" && name !== undefined) return verified(context, name);
  return trouble("E100", "Say receipt export NAME or receipt verify FILE.");
}

async function exported(context: Context, name: string): Promise<Ended> {
  const opened = await accountOf(context);
  if (!opened.ok) return opened;
  const account = opened.value;
  const entry = findEntry(context.home, name);
  if (!entry) return trouble("E114", `No letter here is called ${name}.`);
  const { home, exchange } = account;
  const known = foundHere(home, exchange, entry);
  const promised = promisedBy(account, entry) ?? entry.by;
  // A proof that ends at the deadline says nothing yet of promises that ended later.
  const isShort = known?.kind === "void" && known.to <= promised && promised < now();
  if (known === undefined || known.kind === "open" || isShort) {
    const asked = isShort ? { ...entry, by: promised } : entry;
    const { found, troubles } = await askEveryone(exchange, asked, patienceMs);
    for (const lie of troubles) context.say(`✕ ${lie.what}  ${lie.code}`);
    if (found) keepProofs(home, entry.ref, found.proofs);
    else if (!isShort) {
      context.say("◌ no relay has a proof of what was read yet; the file has the receipts");
    }
  }
  const text = exportEvidence(account, entry);
  const data = { ok: true, evidence: text, exit: exits.done };
  return { ok: true, exit: exits.done, lines: text.trimEnd().split("\n"), data };
}

async function verified(context: Context, file: string): Promise<Ended> {
  const text = await readInputText(file);
  if (!text.ok) return text;
  const evidence = await verifyEvidence(text.value);
  if (!evidence.ok) return evidence;
  const { ref, by, receipts, finding, broken, exchange } = evidence.value;
  return {
    ok: true,
    exit: finding === undefined || finding.kind === "open" ? exits.unknown : exits.done,
    lines: [...linkLines(evidence.value, pinnedIn(context.home)), ...fateLines(evidence.value)],
    data: {
      ok: true,
      ref,
      exchange: exchange.fingerprint,
      by: printSeconds(by),
      receipts: receipts.map(({ relay }) => relay),
      state: finding === undefined || finding.kind === "open" ? "not known" : finding.kind,
      promise_broken: broken.map(({ relay }) => relay),
      exit: finding === undefined || finding.kind === "open" ? exits.unknown : exits.done,
    },
  };
}

/** Every link that holds, one a line. */
function linkLines(evidence: Evidence, pinned: string | undefined): readonly string[] {
  const { exchange, ref, at, by, receipts, finding } = evidence;
  const { fingerprint, card, logKey } = exchange;
  const whose =
    fingerprint === pinned
      ? "the one you pinned"
      : "compare it with the number you had from the exchange itself";
  const lines = [
    `● exchange     ${keyNumber(fingerprint)}   ${whose}`,
    `● card         signed by that key; it names ${card.relays.length} relays and the log's key`,
    `○ letter       ref ${shortId(ref)}   written ${printTime(at)}   by ${printSeconds(by)}   ` +
      "(the file's word)",
  ];
  for (const { relay, receipt } of receipts) {
    const { number, at: taken, deliverBy } = receipt;
    lines.push(
      `● receipt      ${relay}, number ${number}, at ${printTime(taken)}, ` +
        `deliver-by ${printTime(deliverBy)}   signature good`,
    );
  }
  if (finding === undefined) return lines;
  lines.push(`● checkpoint   signature by ${logKey.name} good`);
  lines.push("● leaves       each in the log under that checkpoint, each block joins the next");
  return lines;
}

function fateLines({ finding, broken, receipts }: Evidence): readonly string[] {
  if (finding === undefined) return ["◌ not known    the file has no proof of what was read"];
  if (finding.kind === "open") return ["◌ not known    the proof does not reach past the deadline"];
  const span = `${printTime(finding.from)} to ${printTime(finding.to)}`;
  const lines =
    finding.kind === "read"
      ? [`● read         ${span}, leaf ${finding.leaf}`]
      : [
          `✕ void         absent from ${finding.blocks} blocks and hours, ${span}, without a gap`,
          `               in a log of ${finding.size} signed leaves`,
        ];
  for (const { relay, receipt } of broken) {
    lines.push(`✕ promise_broken   ${relay}: deliver-by ${printTime(receipt.deliverBy)} passed`);
  }
  if (broken.length === 0 && receipts.length > 0) {
    lines.push("● promises     no deliver-by is shown to be broken");
  }
  return lines;
}
