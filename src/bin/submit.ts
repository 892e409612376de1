/** `signet submit FILE`: a broker's orders, each row its own letter, none of them twice. */
import { toLatin1 } from "../codec/bytes.ts";
import { parseWhole } from "../money/amount.ts";
import { exits, trouble, type Exit } from "../wallet/errors.ts";
import { readRows, submitRows, type RowFate } from "../wallet/submit.ts";
import { readDuration } from "../wallet/times.ts";
import {
  accountOf,
  interruption,
  type CommonOptions,
  type Context,
  type Data,
  type Ended,
} from "./context.ts";
import { orderData } from "./fates.ts";
import { readInput } from "./input.ts";

type SubmitOptions = CommonOptions & { readonly threads?: string; readonly by?: string };

/** `signet submit FILE [--threads N]`. */
export async function submit(
  context: Context,
  words: readonly string[],
  options: SubmitOptions,
): Promise<Ended> {
  const [file = "-"] = words;
  const threads = parseWhole(options.threads ?? "4");
  if (threads === undefined || threads < 1 || threads > 255) {
    return trouble("E100", "--threads is a number from 1 to 255.");
  }
  const by = readDuration(options.by ?? "10m");
  if (!by.ok) return by;
  const account = await accountOf(context);
  if (!account.ok) return account;
  const input = await readInput(file);
  if (!input.ok) return input;
  const rows = readRows(account.value, toLatin1(input.value));
  if (!rows.ok) return rows;
  const started = Date.now();
  let done = 0;
  let told = started;
  await context.lookForCard(account.value);
  const fates = await submitRows(account.value, rows.value, {
    threads,
    byMs: by.value,
    stop: interruption(context),
    onRow: (fate) => {
      done += 1;
      if (fate.kind === "unknown") {
        context.say(`◌ row ${fate.row.number} ${fate.row.identity}: ${fate.trouble.what}`);
      }
      if (Date.now() - told > 2000) {
        told = Date.now();
        const rate = Math.round((done * 1000) / (told - started));
        context.say(`○ ${done} of ${rows.value.length} rows · ${rate} a second`);
      }
    },
  });
  if (!fates.ok) return fates;
  return ending(account.value.exchange.card, rows.value.length, fates.value);
}

function ending(
  card: Parameters<typeof orderData>[0],
  rows: number,
  fates: readonly RowFate[],
): Ended {
  const count = (kind: RowFate["kind"]): number =>
    fates.filter((fate) => fate.kind === kind).length;
  const accepted = count("accepted");
  const rejected = count("rejected");
  const unknown = rows - accepted - rejected;
  const exit: Exit = unknown > 0 ? exits.unknown : rejected > 0 ? exits.rejected : exits.done;
  const sums = `${accepted} accepted · ${rejected} rejected · ${unknown} not known`;
  const lines = [`${unknown > 0 ? "◌" : "●"} ${rows} rows: ${sums}`];
  for (const fate of fates) {
    if (fate.kind === "rejected")
      lines.push(`✕ row ${fate.row.number} ${fate.row.identity}: ${whyNot(fate)}`);
  }
  if (unknown > 0)
    lines.push("  Say the same command again: rows that have their answer are not sent again.");
  const data: Data = {
    ok: exit === exits.done,
    rows,
    accepted,
    rejected,
    unknown,
    fates: fates.map((fate) => rowData(card, fate)),
    exit,
  };
  return { ok: true, exit, lines, data };
}

function whyNot(fate: Exclude<RowFate, { kind: "unknown" }>): string {
  if (fate.refused) return `${fate.refused.what}  ${fate.refused.code}`;
  const line = fate.lines.find((found) => found.kind === "rejected");
  if (line?.kind === "rejected") return `${line.trouble.what}  ${line.trouble.code}`;
  return "nothing of it took effect";
}

function rowData(card: Parameters<typeof orderData>[0], fate: RowFate): Data {
  const { number, identity } = fate.row;
  if (fate.kind === "unknown") {
    return { row: number, identity, state: "not known", code: fate.trouble.code };
  }
  const [first] = fate.lines;
  const order = first?.kind === "order" ? orderData(card, first.order, first.fills) : undefined;
  if (fate.refused) return { row: number, identity, state: fate.kind, code: fate.refused.code };
  const why = first?.kind === "rejected" ? { name: first.name, code: first.trouble.code } : {};
  return { row: number, identity, state: fate.kind, order, ...why };
}
