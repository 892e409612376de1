/** What the exchange's answer says became of each line of a letter. */
import type { Entry, FillEntry, OrderEntry } from "../letter/entry.ts";
import type { Hash } from "../codec/ethereum.ts";
import { printKey } from "../letter/orderid.ts";
import type { Report } from "../letter/report.ts";
import type { OfferEntry, RingedEntry } from "../letter/ringentry.ts";
import type { HolderEntry } from "../letter/securitiesentry.ts";
import { rejected, type Trouble } from "./errors.ts";
import { ringsOf, type Statement } from "./fold.ts";

/** A line placed its order, or acted on one that was there. */
export type OrderAct = "placed" | "replaced" | "cancelled";

/** What became of a letter, line by line. */
export type LineFate =
  | {
      readonly line: number;
      readonly kind: "order";
      readonly order: OrderEntry;
      /** The order's trades, as far as the same reports tell them. */
      readonly fills: readonly FillEntry[];
      /** What the line did to it. */
      readonly act: OrderAct;
    }
  | {
      readonly line: number;
      readonly kind: "ring";
      readonly offer: OfferEntry;
      readonly rings: readonly RingedEntry[];
    }
  /** An asset's holders, to its issuer; their records name no line. */
  | {
      readonly line: number;
      readonly kind: "holders";
      readonly asset: string;
      readonly holders: readonly HolderEntry[];
    }
  | {
      readonly line: number;
      readonly kind: "accepted";
      readonly verb: string;
      readonly entry: Entry;
    }
  | {
      readonly line: number;
      readonly kind: "rejected";
      readonly trouble: Trouble;
      readonly name: string;
    };

/** What a report says of the lines of the letter that it answers. */
export function fatesOf(report: Report): {
  readonly lines: readonly LineFate[];
  readonly refused: Trouble | undefined;
} {
  const lines: LineFate[] = [];
  let refused: Trouble | undefined;
  for (const entry of report.records) {
    if (entry.kind === "refused") refused = rejected(entry.name, entry.sentence);
    const fate = fateOf(entry, report);
    if (fate) lines.push(fate);
  }
  for (const [asset, holders] of Map.groupBy(holdersIn(report), (entry) => entry.asset)) {
    lines.push({ line: 0, kind: "holders", asset, holders });
  }
  return { lines: lines.sort((a, b) => a.line - b.line), refused };
}

function fateOf(entry: Entry, report: Report): LineFate | undefined {
  switch (entry.kind) {
    case "order": {
      // Orders of earlier letters that this one's orders met are told too, as line 0.
      const { line, key } = entry;
      if (line === 0) return undefined;
      return {
        line,
        kind: "order",
        order: entry,
        fills: fillsOf(key, fillsIn(report)),
        act: actOf(entry, key.letter === report.answers?.orderId && key.line === line),
      };
    }
    case "offer": {
      const { line, hash } = entry;
      return line === 0
        ? undefined
        : { line, kind: "ring", offer: entry, rings: ringedIn(report, hash) };
    }
    case "reject": {
      const { line, name, sentence } = entry;
      return { line, kind: "rejected", name, trouble: rejected(name, sentence) };
    }
    case "done":
    case "push":
    case "approval":
      return { line: entry.line, kind: "accepted", verb: verbOf(entry), entry };
    case "key":
    case "frozen":
    case "switch":
    case "action": {
      // The switch that went off, a day that came, a key whose time came, are of no line.
      const { line } = entry;
      return line === 0 ? undefined : { line, kind: "accepted", verb: verbOf(entry), entry };
    }
    case "deposit":
    case "withdrawal":
      return { line: 0, kind: "accepted", verb: entry.kind.toUpperCase(), entry };
    default:
      return undefined;
  }
}

/** What ends without a reason was cancelled by the line itself. */
function actOf({ status, why }: OrderEntry, placed: boolean): OrderAct {
  if (placed) return "placed";
  return status === "cancelled" && why === undefined ? "cancelled" : "replaced";
}

function holdersIn(report: Report): readonly HolderEntry[] {
  return report.records.filter((entry) => entry.kind === "holder");
}

const keyVerbs = {
  in_force: "ROTATE",
  renewed: "ROTATE",
  coming: "ROTATE",
  replacing: "REKEY",
  vetoed: "VETO",
  dismissed: "REVOKE",
  revoked: "REVOKE",
} as const;

function verbOf(entry: Entry): string {
  if (entry.kind === "switch") return "CANCELAFTER";
  if (entry.kind === "key") return keyVerbs[entry.state];
  if (entry.kind === "frozen") return "FREEZE";
  if (entry.kind === "action") return entry.action.toUpperCase();
  return "verb" in entry ? entry.verb : entry.kind.toUpperCase();
}

function ringedIn(report: Report, hash: Hash): readonly RingedEntry[] {
  const ringed = report.records.filter((entry) => entry.kind === "ringed");
  return ringed.filter((entry) => entry.hash === hash);
}

function fillsIn(report: Report): readonly FillEntry[] {
  return report.records.filter((entry) => entry.kind === "fill");
}

/** The trades of one order. */
export function fillsOf(key: OrderEntry["key"], fills: readonly FillEntry[]): readonly FillEntry[] {
  return fills.filter((fill) => fill.key.letter === key.letter && fill.key.line === key.line);
}

/** Lines as they stand by the newest reports, where the answer says how they stood then. */
export function standing(lines: readonly LineFate[], statement: Statement): readonly LineFate[] {
  return lines.map((fate) => {
    if (fate.kind === "ring") {
      const { hash } = fate.offer;
      const offer = statement.offers.get(hash);
      return offer ? { ...fate, offer, rings: ringsOf(statement, hash) } : fate;
    }
    if (fate.kind !== "order") return fate;
    const order = statement.orders.get(printKey(fate.order.key));
    return order ? { ...fate, order, fills: fillsOf(order.key, statement.fills) } : fate;
  });
}

/**
 * Whether anything of the letter took effect: a market order that found nobody did not; a limit
 * order that is not open was cancelled by this letter, or it would have been filled. Nor did a
 * replacement that ended its order before it traded, whatever was filled earlier.
 */
export function tookEffect(lines: readonly LineFate[]): boolean {
  return lines.some(
    (fate) =>
      fate.kind === "accepted" ||
      fate.kind === "ring" ||
      fate.kind === "holders" ||
      (fate.kind === "order" && orderTookEffect(fate)),
  );
}

function orderTookEffect({ act, order, fills }: Extract<LineFate, { kind: "order" }>): boolean {
  if (act === "cancelled" || order.open > 0 || order.status === "filled") return true;
  return act === "placed" ? order.filled > 0 : fills.length > 0;
}

/** An order's name as a person may give it back: its own id, or short order id and line. */
export function nameOf(order: OrderEntry): string {
  return order.id ?? printKey(order.key).replace(/^(.{20}).*(\.\d+)$/, "$1$2");
}
