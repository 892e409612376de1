/**
 * The customer's everyday act: write a letter, send it, follow it, say what became of it. The same
 * path sends a new letter and a letter from the outbox again; only the first step differs.
 */
import type { Report } from "../letter/report.ts";
import type { Account } from "./account.ts";
import type { Trouble } from "./errors.ts";
import { fatesOf, type LineFate } from "./fates.ts";
import { follow, type Following } from "./follow.ts";
import { sealedOf, settleVoid, type OutboxEntry } from "./outbox.ts";
import { settle } from "./sync.ts";

/** The end of following a letter, for now. */
export type Sent =
  | {
      readonly kind: "answered";
      readonly entry: OutboxEntry;
      readonly report: Report;
      readonly lines: readonly LineFate[];
      /** The refusal of the letter as a whole. */
      readonly refused: Trouble | undefined;
      readonly ms: number;
    }
  | { readonly kind: "carried"; readonly entry: OutboxEntry }
  /** Not read by its deadline, which is proved; the proof is kept. */
  | { readonly kind: "void"; readonly entry: OutboxEntry }
  | { readonly kind: "trouble"; readonly entry: OutboxEntry; readonly trouble: Trouble };

/** Sends a letter of the outbox, the same bytes as ever, and follows it. */
export async function sendEntry(
  account: Account,
  entry: OutboxEntry,
  following: Following,
): Promise<Sent> {
  const sealed = sealedOf(account.home, entry);
  const { ref, orderId, by, at } = entry;
  const fate = await follow(account, { ref, orderId, by, at, sealed }, following);
  if (fate.kind === "carried") return { kind: "carried", entry };
  if (fate.kind === "trouble") return { kind: "trouble", entry, trouble: fate.trouble };
  if (fate.kind === "void") {
    const settled = settleVoid(account.home, entry);
    await account.home.settled();
    return { kind: "void", entry: settled };
  }
  settle(account, entry, fate.report, fate.text);
  await account.home.settled();
  return { kind: "answered", entry, report: fate.report, ...fatesOf(fate.report), ms: fate.ms };
}
