/** The files behind the dots of a letter's way (dots.ts), for the person to keep. */
import { armor } from "../../../letter/armor.ts";
import { trouble, type Outcome } from "../../../wallet/errors.ts";
import { exportEvidence } from "../../../wallet/evidence.ts";
import { readText, type Home } from "../../../wallet/home.ts";
import { sealedOf, textOfLetter } from "../../../wallet/outbox.ts";
import { dotsOf } from "./dots.ts";
import { fateOf } from "./fateviews.ts";
import type { DotView, KeptFile } from "./protocol.ts";
import { answerText, type Way } from "./ways.ts";

/** A file behind one dot, or the one beside it; E114 if nothing is behind it yet. */
export function proofFile(
  way: Way,
  key: DotView["key"],
  which: "proof" | "beside" = "proof",
): Outcome<KeptFile> {
  const dot = dotsOf(way, fateOf(way)).find((known) => known.key === key);
  const name = dot?.[which];
  if (name === undefined) return trouble("E114", "Nothing is behind this dot yet.");
  const text = textBehind(way, name);
  if (text === undefined) return trouble("E114", `${name} is not here.`);
  return { ok: true, value: { name, type: typeOf(name), text } };
}

/** A report as the exchange signed it. */
export function reportFile(home: Home, number: number): Outcome<KeptFile> {
  const text = reportText(home, number);
  if (text === undefined) return trouble("E505", `Report ${number} is missing.`);
  return { ok: true, value: { name: `report-${number}.txt`, type: "text/plain", text } };
}

function typeOf(name: string): string {
  return name.endsWith(".json") ? "application/json" : "text/plain";
}

function textBehind({ account, entry, receipts }: Way, name: string): string | undefined {
  // Armor does not enter a ref.
  if (name.endsWith(".asc")) return armor(sealedOf(account.home, entry));
  if (name.startsWith("letter-")) return textOfLetter(account.home, entry);
  if (name.startsWith("receipts-")) return receipts.map(({ note }) => note).join("\n");
  if (name.startsWith("evidence-")) return exportEvidence(account, entry);
  const number = /^report-(\d+)\.txt$/.exec(name)?.[1];
  return number === undefined
    ? answerText(account, entry)
    : reportText(account.home, Number(number));
}

function reportText(home: Home, number: number): string | undefined {
  return readText(home, "reports", `${String(number).padStart(6, "0")}.txt`);
}
