/**
 * A letter's way, from the outbox to its fate: posted to every relay, each receipt verified, and
 * the reply fetched by its ref until one opens, is signed by the pinned exchange and answers this
 * letter.
 *
 *   written → carried k of n → answered        or: not known until the deadline, then
 *                                              void, if a relay has the proof; or read
 *
 * Every relay is followed on its own; one that gives a bad receipt or a bad reply is named and not
 * asked again until its owner forgives it (relays.ts). A receipt is on disk before it is counted, a
 * report before it is told.
 */
import type { Fingerprint, OrderId, Ref } from "../codec/names.ts";
import { nameOfUrl } from "../codec/reach.ts";
import { time, type Time } from "../codec/time.ts";
import type { Report } from "../letter/report.ts";
import { openNote } from "../log/note.ts";
import { parseNotice } from "../log/notice.ts";
import { openReceipt, openRefusal, type Receipt } from "../log/receipt.ts";
import { signatureRefusals } from "../seal/judge.ts";
import type { Account } from "./account.ts";
import { keepReport, readReport } from "./archive.ts";
import { fetchReply, type Fetched } from "./client.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { trouble, type Outcome, type Trouble } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { keep } from "./home.ts";
import { askReads, keepProofs, type Found } from "./reads.ts";
import { NewestCard } from "./newest.ts";
import { pause } from "./pause.ts";
import { Payer, type Paying } from "./postage.ts";
import { relayCodes } from "./relaycodes.ts";
import { askable, keepLie } from "./relays.ts";
import { openSealed } from "./sealed.ts";

/** A sealed letter on its way. */
export type Travelling = {
  readonly ref: Ref;
  readonly orderId: OrderId;
  readonly sealed: Uint8Array;
  readonly by: Time;
  /** When it was written; `undefined` for letters that only read, of which no proof is wanted. */
  readonly at: Time | undefined;
  /** The order id that it has if the account has this name, while that is not known here. */
  readonly idFor?: (name: Fingerprint) => OrderId;
};

/** What happened on the way, as it happens. */
export type Step =
  | {
      readonly kind: "carried";
      readonly relay: string;
      readonly receipt: Receipt;
      readonly ms: number;
    }
  | { readonly kind: "refused"; readonly relay: string; readonly why: string }
  /** Said at every attempt. */
  | { readonly kind: "silent"; readonly relay: string; readonly why: string }
  /** The relay is loaded and is paid. */
  | { readonly kind: "paying"; readonly relay: string; readonly paying: Paying }
  /** The relay, which carried the letter before, gave its receipt again. */
  | { readonly kind: "again"; readonly relay: string }
  | { readonly kind: "dropped"; readonly relay: string; readonly trouble: Trouble }
  | { readonly kind: "unopenable"; readonly relay: string }
  /** The relay proved that the exchange read the letter in this span of time. */
  | { readonly kind: "read"; readonly relay: string; readonly from: Time; readonly to: Time };

/** Where it ended, for now. */
export type Fate =
  | {
      readonly kind: "answered";
      readonly report: Report;
      readonly text: string;
      readonly ms: number;
    }
  | { readonly kind: "carried" }
  /** Not read by its deadline, which is proved. */
  | { readonly kind: "void"; readonly proofs: readonly string[] }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

/** How far to follow. */
export type Following = {
  readonly wait: "carried" | "read";
  /** Give up then; by default, when the deadline has passed and a little. */
  readonly until?: Time;
  readonly stop?: AbortSignal;
  readonly onStep?: (step: Step) => void;
  /**
   * How long the slower relays may take once the letter has its answer, milliseconds. What they
   * give after the fate was told is judged, kept and a step all the same; by default there is none.
   */
  readonly lingerMs?: number;
};

/** After the deadline the answer, or the proof that there is none, may be on its way this long. */
const graceMs = 14_000;
/** Between two questions for the proof. */
const proofMs = 1000;
/** A notice that a copy did not open is believed after this long without an answer. */
const noticeMs = 3000;
/** How long the fate waits for receipts and replies under way once the answer is here. */
const strayMs = 400;
const pollMs = { first: 30, most: 500 } as const;
const againMs = 2000;

type Way = {
  readonly account: Account;
  readonly letter: Travelling;
  readonly following: Following;
  readonly started: number;
  readonly stop: AbortController;
  /** Ends what is still under way when the letter needs it no more. */
  readonly strays: AbortController;
  readonly payer: Payer;
  readonly carriers: Set<string>;
  carried: number;
  refusals: string[];
  /** How many of the refusals are about postage. */
  unpaid: number;
  silent: string[];
  proxyFailed: string | undefined;
  dropped: Trouble[];
  unopenable: boolean;
  /** A relay proved that the letter was read. */
  read: boolean;
  answer: Fate | undefined;
};

/** Sends the letter and follows it. */
export async function follow(
  account: Account,
  letter: Travelling,
  following: Following,
): Promise<Fate> {
  // Only what survives a power cut is sent.
  await account.home.settled();
  const stop = new AbortController();
  const strays = new AbortController();
  const way: Way = {
    account,
    letter,
    following,
    started: Date.now(),
    stop,
    strays,
    payer: new Payer(letter, account.home, { by: letter.by, stop: stop.signal }),
    carriers: new Set(),
    carried: 0,
    refusals: [],
    unpaid: 0,
    silent: [],
    proxyFailed: undefined,
    dropped: [],
    unopenable: false,
    read: false,
    answer: undefined,
  };
  const interrupt = (): void => [stop, strays].forEach((each) => each.abort());
  following.stop?.addEventListener("abort", interrupt, { once: true, signal: strays.signal });
  const { lingerMs = 0 } = following;
  const endStrays = (): unknown =>
    pause(Math.max(strayMs, lingerMs), strays.signal).then(() => strays.abort());
  const stopped = new Promise((resolve) =>
    stop.signal.addEventListener("abort", resolve, { once: true }),
  );
  void stopped.then(endStrays);
  const until = following.until ?? time(letter.by + graceMs);
  const timer = setTimeout(() => stop.abort(), Math.max(0, until - Date.now()));
  const posts: Promise<void>[] = [];
  const urls = askable(account.home, account.exchange.urls);
  const runs = urls.map((url) => followOne(way, url, posts));
  try {
    await Promise.race([Promise.all(runs), stopped]);
    await Promise.race([Promise.all([...runs, ...posts]), pause(strayMs, strays.signal)]);
  } finally {
    clearTimeout(timer);
    stop.abort();
    if (lingerMs === 0) strays.abort();
    else void Promise.allSettled([...runs, ...posts]).then(() => strays.abort());
  }
  if (urls.length === 0)
    return { kind: "trouble", trouble: trouble("E821", undefined, relayCodes.E821) };
  return way.answer ?? fateWithout(way);
}

async function followOne(way: Way, url: string, posts: Promise<void>[]): Promise<void> {
  const { letter, stop, following } = way;
  let posted = await postOnce(way, url, posts);
  let wait: number = pollMs.first;
  let lastPost = Date.now();
  let lastProof = 0;
  while (!stop.signal.aborted && way.answer === undefined && posted !== "over") {
    if (following.wait === "carried" && (posted === "carried" || way.carried === 0)) return;
    // The first round tells whether anybody can be reached; only then is a silent relay asked
    // again.
    if (posted === "silent") {
      await Promise.all(posts);
      if (way.carried === 0 || following.wait === "carried") return;
      await pause(againMs, stop.signal);
      if (stop.signal.aborted) return;
      posted = await postOnce(way, url, posts);
      continue;
    }
    // Nor is this stopped by an answer from elsewhere: what comes a moment later may be a lie.
    const fetched = await fetchReply(url, letter.ref, way.strays.signal);
    if (way.strays.signal.aborted || (await takeReply(way, url, fetched))) return;
    if (stop.signal.aborted) return;
    if (way.unopenable && Date.now() - way.started > noticeMs) return;
    if (Date.now() > letter.by && Date.now() - lastProof > proofMs && !way.read) {
      lastProof = Date.now();
      if (await takeProof(way, url)) return;
    }
    // A relay that forgot the letter (a disk restored from a backup) gets the same bytes again.
    if (Date.now() - lastPost > 10 * againMs) {
      lastPost = Date.now();
      posted = await postOnce(way, url, posts);
    }
    await pause(wait, stop.signal);
    wait = Math.min(wait * 1.5, pollMs.most);
  }
}

type PostResult = "carried" | "silent" | "over";

async function postOnce(way: Way, url: string, posts: Promise<void>[]): Promise<PostResult> {
  const run = post(way, url);
  posts.push(run.then(() => undefined));
  return run;
}

async function post(way: Way, url: string): Promise<PostResult> {
  const { account, letter, following } = way;
  const relay = relayAt(account, url);
  // Not stopped by an answer from elsewhere: the slower relays may finish giving their receipts.
  const answer = await way.payer.post(url, way.strays.signal, (paying) =>
    following.onStep?.({ kind: "paying", relay, paying }),
  );
  if (answer.kind === "failed") {
    if (way.strays.signal.aborted) return "silent";
    way.silent.push(`${relay}: ${answer.why}`);
    if (answer.proxy) way.proxyFailed = answer.why;
    following.onStep?.({ kind: "silent", relay, why: answer.why });
    return "silent";
  }
  if (answer.kind === "refused") {
    const signed = refusalBy(account, answer.note ?? "");
    const why = signed === undefined ? answer.reason : `${answer.reason} (${signed}, signed)`;
    way.refusals.push(`${relay}: ${why}`);
    if (answer.bits !== undefined) way.unpaid += 1;
    following.onStep?.({ kind: "refused", relay, why });
    return "over";
  }
  const receipt =
    receiptBy(account.exchange, letter, answer.note) ??
    // Signed by a relay, or with a key, that the card here does not know yet?
    receiptBy(await newestOf(account), letter, answer.note);
  if (receipt === undefined) {
    drop(way, url, trouble("E602", `The receipt from ${relay} does not check.`));
    return "over";
  }
  // Names of keys may have a slash, as those of Go's logs do; files' names may not.
  const file = `${letter.ref}.${receipt.name.replaceAll(/[/\\]/g, "_")}`;
  keep(account.home, answer.note, "receipts", file);
  await account.home.settled();
  if (way.carriers.has(receipt.name)) {
    following.onStep?.({ kind: "again", relay });
    return "carried";
  }
  way.carriers.add(receipt.name);
  way.carried += 1;
  const ms = Date.now() - way.started;
  following.onStep?.({ kind: "carried", relay: receipt.name, receipt: receipt.receipt, ms });
  return "carried";
}

async function newestOf(account: Account): Promise<Exchange> {
  const newest = new NewestCard(account.home, account.exchange);
  const exchange = await newest.patiently();
  newest.end();
  return exchange;
}

function drop(way: Way, url: string, found: Trouble): void {
  way.dropped.push(found);
  keepLie(way.account.home, url, found);
  const relay = relayAt(way.account, url);
  way.following.onStep?.({ kind: "dropped", relay, trouble: found });
}

/** The name under which the card has this address; for one added by hand, its host. */
function relayAt(account: Account, url: string): string {
  const { relays } = account.exchange.card;
  return relays.find((relay) => relay.url.replace(/\/+$/, "") === url)?.name ?? nameOfUrl(url);
}

/** Whoever of the card's relays signed it: a proxy may stand before any of them. */
function receiptBy(
  exchange: Exchange,
  letter: Travelling,
  note: string,
): { readonly name: string; readonly receipt: Receipt } | undefined {
  for (const key of exchange.relayKeys) {
    const receipt = openReceipt(note, key, verifyEd25519);
    if (!receipt.ok) continue;
    const isOurs = receipt.value.exchange === exchange.fingerprint;
    if (isOurs && receipt.value.ref === letter.ref)
      return { name: key.name, receipt: receipt.value };
  }
  return undefined;
}

function refusalBy(account: Account, note: string): string | undefined {
  for (const key of account.exchange.relayKeys) {
    const refusal = openRefusal(note, key, verifyEd25519);
    if (refusal.ok && refusal.value.exchange === account.exchange.fingerprint) return key.name;
  }
  return undefined;
}

/** Whether this relay need not be asked any more. */
async function takeReply(way: Way, url: string, fetched: Fetched): Promise<boolean> {
  const { account, letter } = way;
  const relay = relayAt(account, url);
  if (fetched.kind === "unopenable") {
    if (!way.unopenable && isNotice(account, letter.ref, fetched.note)) {
      way.unopenable = true;
      way.following.onStep?.({ kind: "unopenable", relay });
    }
    return false;
  }
  if (fetched.kind !== "reply") return false;
  const opened = await openAnswer(account, letter, fetched.sealed);
  if (!opened.ok) {
    drop(way, url, { ...opened, next: `Relay ${relay} delivered it: signet relay list` });
    return true;
  }
  const { records } = opened.value.report;
  // Late: a proof of that says the same to everybody, not to us alone.
  const isLate = records.some((record) => record.kind === "refused" && record.name === "late");
  if (isLate && (await takeProof(way, url))) return true;
  const kept = keepReport(account.home, opened.value.report, opened.value.text);
  await account.home.settled();
  way.answer ??= kept.ok
    ? { kind: "answered", ...opened.value, ms: Date.now() - way.started }
    : { kind: "trouble", trouble: kept };
  way.stop.abort();
  return true;
}

/** Whether the relay need not be asked any more: the letter is proved void, or the relay lied. */
async function takeProof(way: Way, url: string): Promise<boolean> {
  const { account, letter } = way;
  const { ref, at, by } = letter;
  if (at === undefined) return false;
  const relay = relayAt(account, url);
  const asked = await askReads(account.exchange, { ref, at, by }, url, way.stop.signal);
  if (asked === undefined || way.answer !== undefined) return way.answer !== undefined;
  if (!asked.ok) {
    drop(way, url, asked);
    return true;
  }
  return takeFound(way, relay, asked.value);
}

async function takeFound(way: Way, relay: string, found: Found): Promise<boolean> {
  const { finding, proofs } = found;
  if (finding.kind === "open") return false;
  keepProofs(way.account.home, way.letter.ref, proofs);
  await way.account.home.settled();
  if (finding.kind === "void") {
    way.answer = { kind: "void", proofs };
    way.stop.abort();
    return true;
  }
  if (!way.read) {
    way.following.onStep?.({ kind: "read", relay, from: finding.from, to: finding.to });
  }
  way.read = true;
  return false;
}

function isNotice(account: Account, ref: Ref, note: string): boolean {
  const text = openNote(note, account.exchange.logKey, verifyEd25519);
  const notice = text.ok ? parseNotice(text.value) : undefined;
  return notice?.exchange === account.exchange.fingerprint && notice.refs.includes(ref);
}

/** What the exchange's key or this computer's clock may be the reason of: no relay's lie. */
export function isAnothersFault(name: string): boolean {
  return name !== "signature_for_another" && signatureRefusals.some((other) => other === name);
}

/** Opens a reply and checks that it is the exchange's answer to this letter and to us. */
export async function openAnswer(
  account: Account,
  letter: Pick<Travelling, "ref" | "orderId" | "idFor">,
  sealed: Uint8Array,
): Promise<Outcome<{ readonly report: Report; readonly text: string }>> {
  const { exchange, fingerprint } = account;
  const opened = await openSealed(account, sealed);
  if (!opened.ok) {
    if (isAnothersFault(opened.name)) return trouble("E622", `${opened.detail}`);
    const pinned = `the exchange you pinned (${exchange.card.keyNumber.slice(0, 11)} …)`;
    return trouble("E601", `This reply does not check as one by ${pinned}: ${opened.detail}`);
  }
  const { idFor } = letter;
  const parties = {
    exchange: exchange.fingerprint,
    account: idFor === undefined ? fingerprint : undefined,
  };
  const report = readReport(opened.value, parties);
  if (!report.ok) return report;
  const { to, answers } = report.value;
  const orderId = idFor === undefined ? letter.orderId : idFor(to);
  // The ref may be another copy's: the order id is what binds, the text being the same.
  if (answers?.orderId !== orderId) return trouble("E604");
  return { ok: true, value: { report: report.value, text: opened.value } };
}

function fateWithout(way: Way): Fate {
  const { following, letter } = way;
  if (way.carried > 0 && following.wait === "carried") return { kind: "carried" };
  return { kind: "trouble", trouble: troubleWithout(way, letter) };
}

function troubleWithout(way: Way, letter: Travelling): Trouble {
  if (way.carried === 0) {
    const bad = way.dropped[0];
    if (bad) return bad;
    if (way.unpaid > 0 && way.unpaid === way.refusals.length) {
      const why = way.refusals.join("; ");
      return trouble("E823", `No relay takes the letter for such postage. ${why}`, relayCodes.E823);
    }
    if (way.refusals.length > 0) {
      return trouble("E802", `No relay carries the letter. ${way.refusals.join("; ")}`);
    }
    if (way.proxyFailed !== undefined) {
      return trouble("E820", `No relay was reached: ${way.proxyFailed}.`, relayCodes.E820);
    }
    if (way.silent.length > 0)
      return trouble("E801", `No relay answered. ${way.silent.join("; ")}`);
  }
  if (way.unopenable) return trouble("E503");
  // Only when every relay that carried it lies is there nobody left to wait for.
  const lies = way.dropped.filter(({ code }) => code !== "E602" && code !== "E611");
  const worst = lies[0];
  if (worst && lies.length >= way.carried) return worst;
  return Date.now() > letter.by ? trouble("E502") : trouble("E501");
}
