/**
 * The five dots of a letter's way. No dot is done unless its proof lies in the home:
 *
 *   written   the sealed letter, and its text       carried   receipts, each verified when it came
 *   read      the exchange's answer, or a proof     matched   the report that says what came of it
 *   final     the newest word of a report, or the proof that the letter is void
 */
import { shortId } from "../../../codec/names.ts";
import { printSeconds, printTime, type Time } from "../../../codec/time.ts";
import type { LineFate } from "../../../wallet/fates.ts";
import { entryWords } from "../wordsrecords.ts";
import type { DotView, FateView } from "./protocol.ts";
import type { KeptReceipt, Way } from "./ways.ts";

/** All five, in order. */
export function dotsOf(way: Way, fate: FateView): readonly DotView[] {
  return [writtenDot(way), carriedDot(way), readDot(way), matchedDot(way), finalDot(way, fate)];
}

/** A time of day, UTC. */
export function clock(at: Time): string {
  return printSeconds(at).slice(11, 19);
}

function named({ entry }: Way, what: string, ending: string): string {
  const name = entry.ids[0]?.replaceAll(/[^\w.-]/g, "_") ?? entry.name;
  return `${what}-${name}.${ending}`;
}

function writtenDot(way: Way): DotView {
  const { entry } = way;
  return {
    key: "written",
    state: "done",
    label: "signed and sealed",
    at: printTime(entry.at),
    detail: `ref ${shortId(entry.ref)}, ${entry.bytes} bytes`,
    proof: named(way, "letter", "asc"),
    beside: named(way, "letter", "txt"),
  };
}

function carriedDot(way: Way): DotView {
  const { account, met, receipts } = way;
  const of = Math.max(account.exchange.card.relays.length, receipts.length);
  const others = [...met.refused, ...met.silent].map(([relay, why]) => `${relay}: ${why}`);
  const first = receipts[0];
  const isOver = way.entry.state !== "written" || met.trouble !== undefined;
  const parts = [...receipts.map((kept) => carriedBy(kept, way)), ...others];
  return {
    key: "carried",
    // An answer proves that somebody carried it, whoever kept the receipt.
    state: first !== undefined || way.report !== undefined ? "done" : isOver ? "failed" : "now",
    label: first === undefined ? "carried" : `carried by ${receipts.length} of ${of} relays`,
    at: first && printTime(first.receipt.at),
    detail: parts.join(" · "),
    proof: first && named(way, "receipts", "txt"),
    // The same notes with all that it takes to verify them.
    beside: first && named(way, "evidence", "json"),
  };
}

function carriedBy({ relay, receipt }: KeptReceipt, { met }: Way): string {
  const ms = met.carried.get(relay);
  return ms === undefined ? `${relay}, its number ${receipt.number}` : `${relay} ${ms} ms`;
}

function readDot(way: Way): DotView {
  const { found, report, entry } = way;
  const base = { key: "read", label: "read by the exchange", at: undefined } as const;
  const evidence = named(way, "evidence", "json");
  if (found?.kind === "read") {
    const detail = `proved in public: between ${clock(found.from)} and ${clock(found.to)} UTC`;
    return {
      ...base,
      state: "done",
      at: printTime(report?.at ?? found.to),
      detail,
      proof: evidence,
    };
  }
  if (report !== undefined) {
    const after = ((report.at - entry.at) / 1000).toFixed(1);
    const detail = `${after} s after it was written; the public proof follows within half a minute`;
    return { ...base, state: "done", at: printTime(report.at), detail, proof: answerName(way) };
  }
  if (found?.kind === "void") {
    const detail = `absent from ${found.blocks} blocks of reads, without a gap`;
    return { ...base, label: "never read", state: "failed", detail, proof: evidence };
  }
  const state = way.receipts.length > 0 ? "now" : "todo";
  return { ...base, state, detail: `not known until ${clock(entry.by)} UTC`, proof: undefined };
}

function matchedDot(way: Way): DotView {
  const { report, account, lines, refused } = way;
  const base = { key: "matched", label: "decided", at: undefined, detail: "" } as const;
  if (report === undefined) {
    return { ...base, state: "todo", proof: undefined };
  }
  const [line] = lines;
  const answered = { ...base, at: printTime(report.at), proof: answerName(way) } as const;
  if (refused !== undefined || line?.kind === "rejected") {
    return { ...answered, state: "failed", label: "refused" };
  }
  const { card } = account.exchange;
  if (line?.kind === "order") {
    const detail = entryWords(card, line.order);
    return { ...answered, state: "done", label: orderLabel(line), detail };
  }
  const detail = line?.kind === "accepted" ? entryWords(card, line.entry) : "";
  return { ...answered, state: "done", detail };
}

function orderLabel({ order, act }: Extract<LineFate, { kind: "order" }>): string {
  if (act === "cancelled") return "taken back";
  if (act === "replaced") return "changed";
  if (order.status === "waiting") return "waits for its stop";
  if (order.filled === 0) return order.open > 0 ? "on the book" : "met nobody";
  return order.filled === order.requested ? "matched" : "matched in part";
}

function finalDot(way: Way, fate: FateView): DotView {
  const base = { key: "final", at: undefined, detail: "" } as const;
  switch (fate.kind) {
    case "travelling":
    case "unknown":
      return { ...base, state: "todo", label: "over", proof: undefined };
    case "resting":
      return { ...base, state: "now", label: "open", detail: fate.sentence, proof: undefined };
    case "filled":
    case "done":
    case "cancelled":
      return { ...base, state: "done", label: fate.kind, proof: newestName(way) };
    case "rejected":
      return { ...base, state: "failed", label: "rejected", proof: answerName(way) };
    case "void":
      return { ...base, state: "failed", label: "void", proof: named(way, "evidence", "json") };
  }
}

/** The file of the answer. */
function answerName(way: Way): string {
  return reportName(way.report?.report) ?? named(way, "answer", "txt");
}

/** The file of the report that spoke of the order last. */
function newestName(way: Way): string {
  const [line] = way.lines;
  const said = line?.kind === "order" && "report" in line.order ? line.order.report : undefined;
  return typeof said === "number" ? (reportName(said) ?? answerName(way)) : answerName(way);
}

function reportName(number: number | undefined): string | undefined {
  return number === undefined ? undefined : `report-${number}.txt`;
}
