/**
 * From 24 words and any relay to the whole account: the key from the words, everything else from
 * the exchange. STAT says how many reports there are, the hash of the last, the numbers used and
 * where the mail lies; RESEND brings every report; the chain must end in that hash.
 *
 * It may be interrupted anywhere and run again: what was fetched is kept, and only the rest is
 * asked for.
 */
import { printCommand } from "../letter/print.ts";
import type { Report } from "../letter/report.ts";
import type { Account } from "./account.ts";
import { loadArchive } from "./archive.ts";
import { askExchange, askReports } from "./ask.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import { foldReports, type Statement } from "./fold.ts";
import { nameIn, signingKey } from "./keyring.ts";
import { learnNumbers } from "./outbox.ts";
import { keepMailboxStart, rangesOf } from "./sync.ts";
import { now } from "./times.ts";

/** Told as reports come in. */
export type RestoreProgress = (have: number, of: number) => void;

/**
 * Fetches everything of an account whose key lies here; in a home that has most of it, the rest:
 * what another copy of this wallet did, whose direct replies lie in nobody's mail.
 */
export async function restoreAccount(
  opened: Account,
  onProgress?: RestoreProgress,
): Promise<Outcome<Statement>> {
  const stat = await askStatement(opened);
  if (!stat.ok) {
    if (stat.code !== "E503") return goOn(stat);
    return trouble(
      "E503",
      "The exchange could not open the letter: it knows no account of this key.",
      {
        meaning:
          "Nothing to restore under these words; an account's newest key has words of its own.",
        next: "signet setup     opens the account; or check the exchange's key number",
      },
    );
  }
  const { records, to: fingerprint } = stat.value;
  const account = { ...opened, fingerprint };
  const last = records.find((record) => record.kind === "last");
  if (!last) return trouble("E604", "The statement does not say which report is the last.");
  const threads = records.flatMap((record) =>
    record.kind === "seq" ? [[record.thread, record.highest] as const] : [],
  );
  learnNumbers(account.home, new Map(threads));
  const fetched = await fetchReports(account, last.report, onProgress);
  if (!fetched.ok) return fetched;
  const statement = foldReports(loadArchive(account.home));
  if (last.report > 0) {
    const upTo = loadArchive(account.home).reports.find((kept) => kept.number === last.report);
    const hash = upTo && foldReports({ reports: [upTo], missing: [] }).asOf?.hash;
    if (hash !== last.hash) {
      return trouble("E605", `Report ${last.report} is not the one that the statement names.`);
    }
  }
  const mailbox = records.find((record) => record.kind === "mailbox");
  if (mailbox) keepMailboxStart(account.home, mailbox.next);
  await account.home.settled();
  return { ok: true, value: statement };
}

/**
 * STAT by the key that signs, and by any other of the home if it does not open: the key may have
 * been changed elsewhere. Of an empty home the account's name, too, is what the exchange says.
 */
async function askStatement(account: Account): Promise<Outcome<Report>> {
  const { home, keys } = account;
  const anyName = nameIn(home) === undefined && loadArchive(home).reports.length === 0;
  const commands = [printCommand({ kind: "stat" })];
  const signs = signingKey(account, now());
  const others = keys.filter((key) => !signs.ok || key !== signs.value);
  let stat: Outcome<Report> = trouble("E712");
  for (const by of signs.ok ? [signs.value, ...others] : others) {
    stat = await askExchange(account, commands, { by, anyName });
    if (stat.ok || stat.code !== "E503") return stat;
  }
  return stat;
}

/** Nothing of a restore is a letter that could be sent again: it is said again, and goes on. */
function goOn(found: Trouble): Trouble {
  if (!/^E[58]/.test(found.code)) return found;
  return {
    ...found,
    meaning: "Nothing was changed. What was fetched so far is kept.",
    next: "signet restore     goes on from here",
  };
}

async function fetchReports(
  account: Account,
  count: number,
  onProgress?: RestoreProgress,
): Promise<Outcome<undefined>> {
  const here = new Set(loadArchive(account.home).reports.map((kept) => kept.number));
  const wanted = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !here.has(n));
  let have = count - wanted.length;
  onProgress?.(have, count);
  for (const range of rangesOf(wanted)) {
    const resent = await askReports(account, range, () => {
      have += 1;
      onProgress?.(have, count);
    });
    if (resent.trouble) return goOn(resent.trouble);
  }
  return { ok: true, value: undefined };
}
