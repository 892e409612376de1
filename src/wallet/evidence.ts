/**
 * One file that tells a letter's fate to anybody, years later and without a network: the exchange's
 * signed card, the relays' receipts, and proofs that the exchange read the letter or did not.
 *
 *   {"format": "signet-evidence/1", "exchange", "certificate", "card", "ref", "at", "by",
 *    "receipts": [NOTE, …], "proofs": [TEXT, …]}
 *
 * What the file cannot show: `by` and `at` are its maker's word, because they are sealed in the
 * letter; and that the key number is the exchange's is for its reader to know.
 */
import { isHex64, ref, type Ref } from "../codec/names.ts";
import { parseTime, printTime, type Time } from "../codec/time.ts";
import { openReceipt, type Receipt } from "../log/receipt.ts";
import type { ReadsFinding } from "../log/void.ts";
import type { Account } from "./account.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { trouble, type Outcome } from "./errors.ts";
import { verifyExchange, type Exchange } from "./exchange.ts";
import { namesIn, readText } from "./home.ts";
import { objectOf, parseJson, textOf, textsOf } from "./json.ts";
import type { OutboxEntry } from "./outbox.ts";
import { judgeTexts, proofsOf, questionOf } from "./reads.ts";

const format = "signet-evidence/1";

/** A receipt that holds, and the relay that signed it. */
export type SignedReceipt = { readonly relay: string; readonly receipt: Receipt };

/** What a file shows, every link of it verified. */
export type Evidence = {
  readonly exchange: Exchange;
  readonly ref: Ref;
  readonly at: Time;
  readonly by: Time;
  readonly receipts: readonly SignedReceipt[];
  /** `undefined` if the file has no proof. */
  readonly finding: ReadsFinding | undefined;
  /** Receipts whose deliver-by passed before the exchange read the letter, if it ever did. */
  readonly broken: readonly SignedReceipt[];
};

function receiptsOf({ home }: Account, entry: OutboxEntry): readonly string[] {
  return namesIn(home, "receipts")
    .filter((name) => name.startsWith(`${entry.ref}.`))
    .flatMap((name) => readText(home, "receipts", name) ?? []);
}

/** Until when relays promised to have handed the letter on: the last of these times. */
export function promisedBy(account: Account, entry: OutboxEntry): Time | undefined {
  const times = receiptsOf(account, entry).flatMap(
    (note) => receiptIn(account.exchange, note, entry.ref)?.receipt.deliverBy ?? [],
  );
  return times.toSorted((a, b) => a - b).at(-1);
}

/** The file about a letter, of what lies in the home. */
export function exportEvidence(account: Account, entry: OutboxEntry): string {
  const { home, exchange } = account;
  const receipts = receiptsOf(account, entry);
  const fields = {
    format,
    exchange: exchange.fingerprint,
    certificate: exchange.armored,
    card: exchange.signedCard,
    ref: entry.ref,
    at: printTime(entry.at),
    by: printTime(entry.by),
    receipts,
    proofs: proofsOf(home, entry.ref),
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Reads and verifies a file; the first link that does not hold is the trouble. */
export async function verifyEvidence(text: string): Promise<Outcome<Evidence>> {
  const fields = objectOf(parseJson(text));
  const name = textOf(fields["ref"]) ?? "";
  const at = parseTime(textOf(fields["at"]) ?? "");
  const by = parseTime(textOf(fields["by"]) ?? "");
  const card = textOf(fields["card"]);
  const certificate = textOf(fields["certificate"]);
  if (fields["format"] !== format || !isHex64(name)) {
    return trouble("E115", `This is no file of the form ${format}.`);
  }
  if (at === undefined || by === undefined || card === undefined || certificate === undefined) {
    return trouble("E115", "The file lacks a time, the card or the certificate.");
  }
  // As it was then: years later a key may have expired.
  const verified = await verifyExchange({ card, certificate, relays: [] }, undefined, at);
  if (!verified.ok) return verified;
  const exchange = verified.value;
  const receipts: SignedReceipt[] = [];
  for (const note of textsOf(fields["receipts"])) {
    const receipt = receiptIn(exchange, note, name);
    if (receipt === undefined) {
      return trouble("E602", "A receipt in the file is not one of the card's relays for this ref.");
    }
    receipts.push(receipt);
  }
  const asked = { ref: ref(name), at, by };
  const proofs = textsOf(fields["proofs"]);
  const finding = judgeTexts(proofs, questionOf(exchange, asked));
  if (!finding.ok) return finding;
  const found = proofs.length === 0 ? undefined : finding.value;
  const broken = receipts.filter(({ receipt }) => isBroken(receipt, found));
  return { ok: true, value: { exchange, ...asked, receipts, finding: found, broken } };
}

function receiptIn(exchange: Exchange, note: string, name: string): SignedReceipt | undefined {
  for (const key of exchange.relayKeys) {
    const opened = openReceipt(note, key, verifyEd25519);
    if (!opened.ok) continue;
    const receipt = opened.value;
    const isOurs = receipt.exchange === exchange.fingerprint && receipt.ref === name;
    return isOurs ? { relay: key.name, receipt } : undefined;
  }
  return undefined;
}

/** The letter was absent past the time by which the dock was to have it. */
function isBroken({ deliverBy }: Receipt, finding: ReadsFinding | undefined): boolean {
  if (finding?.kind === "void") return finding.to > deliverBy;
  return finding?.kind === "read" && finding.from > deliverBy;
}
