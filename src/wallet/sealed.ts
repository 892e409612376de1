/**
 * What the exchange sealed to us, and what we seal to it, when its operating keys may have been
 * rotated since its certificate was kept here (docs/spec/exchange.md §1).
 *
 * A report by a key that the kept certificate does not have is no relay's lie yet: the relay that
 * has the report has the card with the new certificate. So the card is asked for, and the report
 * tried once more. And who wrote nothing for days asks before sealing, so that no letter is sealed
 * to a key whose time of grace is over.
 */
import type { Verdict } from "../codec/verdict.ts";
import { openReport, type ReportRefusal } from "../seal/customer.ts";
import type { Account } from "./account.ts";
import { lookedAt, type Exchange } from "./exchange.ts";
import { keysToOpen } from "./keyring.ts";
import { NewestCard } from "./newest.ts";
import { pause } from "./pause.ts";
import { now } from "./times.ts";

/** A card that was last asked for so long ago is asked for again; the least grace is eight days. */
const oldMs = 5 * 86_400_000;
/** How long to wait for it. */
const patienceMs = 3000;
/** Between two questions because of a signer that is not known. */
const againMs = 2000;

type Known = { readonly exchange: Exchange; readonly askedAt: number };

/** What was learnt of an exchange since the account was opened with it. */
const learnt = new WeakMap<Exchange, Known>();

/** The exchange as it is known by now: an account's, or newer. */
function newestKnown({ exchange }: Account): Exchange {
  return learnt.get(exchange)?.exchange ?? exchange;
}

/** The exchange whose certificate a letter is sealed to. */
export async function exchangeToSealTo(account: Account): Promise<Exchange> {
  const looked = lookedAt(account.home);
  const isOld = looked !== undefined && now() - looked > oldMs;
  const asked = learnt.get(account.exchange)?.askedAt;
  return isOld && asked === undefined ? ask(account) : newestKnown(account);
}

/** Opens what the exchange sealed to the account. */
export async function openSealed(
  account: Account,
  sealed: Uint8Array,
): Promise<Verdict<string, ReportRefusal>> {
  let known = newestKnown(account);
  const open = (exchange: Exchange): Promise<Verdict<string, ReportRefusal>> =>
    openWithAny(account, sealed, exchange);
  let opened = await open(known);
  // Another answer may have brought the newer certificate while this one was tried.
  while (!opened.ok && opened.name === "signer_unknown" && newestKnown(account) !== known) {
    known = newestKnown(account);
    opened = await open(known);
  }
  if (opened.ok || opened.name !== "signer_unknown") return opened;
  const askedAt = learnt.get(account.exchange)?.askedAt ?? 0;
  if (Date.now() - askedAt < againMs) return opened;
  const newest = await ask(account);
  return newest === known ? opened : open(newest);
}

/** With the key that it is sealed to: no name of a recipient stands on what we are sent. */
async function openWithAny(
  account: Account,
  sealed: Uint8Array,
  { certificate: exchange }: Exchange,
): Promise<Verdict<string, ReportRefusal>> {
  const [first, ...others] = keysToOpen(account);
  const at = now();
  let opened = await openReport(sealed, { key: first, exchange, at });
  for (const key of others) {
    if (opened.ok || !isToAnother(opened.name)) return opened;
    opened = await openReport(sealed, { key, exchange, at });
  }
  return opened;
}

/** What a wrong key finds, by the algorithm and by chance. */
function isToAnother(name: ReportRefusal): boolean {
  return name === "sealed_to_another" || name === "sealed_damaged";
}

async function ask(account: Account): Promise<Exchange> {
  const known = newestKnown(account);
  const newest = new NewestCard(account.home, known);
  const over = new AbortController();
  await Promise.race([newest.patiently(), pause(patienceMs, over.signal)]);
  over.abort();
  newest.end();
  // Several may have asked at once: what one of them learnt stays.
  const latest = newestKnown(account);
  const best = newest.exchange.card.at > latest.card.at ? newest.exchange : latest;
  learnt.set(account.exchange, { exchange: best, askedAt: Date.now() });
  return best;
}
